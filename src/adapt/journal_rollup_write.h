/* How what was added is written: to the row of its minute, quarter or day, or as a new one. */
#pragma once

#include <sqlite3.h>

#include "adapt/journal_between.h"
#include "base/result.h"
#include "model/ident.h"
#include "model/rollup.h"

/* Parameters: name, level in minutes, from, to in ms; then the readings, or seconds on, closings.
 */
extern const char journal_rollup_add_readings_sql[], journal_rollup_add_relay_sql[];

/* From the fifth parameter on. */
void journal_rollup_bind_readings(sqlite3_stmt *statement, const struct rollup_readings *readings);

/* Adds energy to a node's minute, quarter or day where that is there. Returns an SQLite result. */
int journal_rollup_add_energy(sqlite3 *db, const struct ident *node, enum rollup_level level,
			      struct wall_time from,
			      const struct journal_energy *energy) MUST_CHECK;

/* How far the rows are rolled up. */
struct journal_rollup_position {
	int64_t after_reading, after_relay;
	int64_t imported_from, imported_to; /* rows that were imported are among these */
};

int journal_rollup_read_position(sqlite3 *db, struct journal_rollup_position *out) MUST_CHECK;
int journal_rollup_write_position(sqlite3 *db,
				  const struct journal_rollup_position *position) MUST_CHECK;
