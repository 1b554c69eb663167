/*
 * What the journal does for itself while nobody waits for it: rollups, the end
 * of what is too old, and giving space back. Part of journal, on its thread, in
 * steps of a few milliseconds: a batch never waits for more than one.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "adapt/journal.h"
#include "base/result.h"
#include "base/text.h"

struct journal_upkeep;

/*
 * Allocates; `keep` and `path` are copied. Returns 0 or -ENOMEM.
 */
int journal_upkeep_new(struct journal_upkeep **out, const char *path,
		       const struct store_keep *keep, rollup_offset *offset_s) MUST_CHECK;

/* NULL is fine. */
void journal_upkeep_free(struct journal_upkeep *upkeep);

/*
 * One step. `has_more` says whether another should follow soon. Writes how
 * large the journal is into `size` where that is known. Returns an SQLite
 * result; a step that failed changed nothing.
 */
int journal_upkeep_step(struct journal_upkeep *upkeep, sqlite3 *db,
			const struct journal_circumstances *circumstances,
			struct journal_size *size, bool *has_more) MUST_CHECK;
