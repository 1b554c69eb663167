/* Quarters and days of meters, from their minutes. Part of journal_rollup. */
#pragma once

#include <sqlite3.h>

#include "base/result.h"
#include "model/rollup.h"

/*
 * Adds up to `limit` minutes that are new to their quarter and day, within the
 * transaction that is open; `count` says how many there were. Returns an SQLite
 * result.
 */
int journal_rollup_meters(sqlite3 *db, rollup_offset *offset_s, int limit, int *count) MUST_CHECK;
