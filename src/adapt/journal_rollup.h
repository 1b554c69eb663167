/*
 * Keeps the journal's rollups: reads the rows that came since the last step and
 * adds what they come to. Part of journal, on its thread.
 *
 * The rows and how far they were read change in one transaction, so that each
 * row counts once, whatever happens between two steps.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>

#include "base/result.h"
#include "model/rollup.h"

struct journal_rollup;

/* Allocates. `offset_s` says the house's local time. Returns 0 or -ENOMEM. */
int journal_rollup_new(struct journal_rollup **out, rollup_offset *offset_s) MUST_CHECK;

/* NULL is fine. */
void journal_rollup_free(struct journal_rollup *rollup);

/*
 * Rolls up some thousand rows at most, in a transaction of its own, and says in
 * `has_more` whether there are others. Returns an SQLite result; where it is not
 * SQLITE_OK nothing was changed, and the next step does the same again.
 */
int journal_rollup_step(struct journal_rollup *rollup, sqlite3 *db, bool *has_more) MUST_CHECK;
