/*
 * Energy for readings of the past: which stored readings of its node come just
 * before and after one, and what it changes of the energy between them. Part of
 * the journal's rollups, on its thread.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>

#include "base/result.h"
#include "model/rollup.h"

/* One that came later than this after it was measured has no part in the energy. */
#define JOURNAL_BETWEEN_LATE_MS 60000

/* Of all zeros: nothing is prepared yet. */
struct journal_between {
	sqlite3_stmt *before, *after;
};

/* A reading's neighbours, by time and number. */
struct journal_neighbours {
	bool has_before, has_after;
	struct rollup_sample before, after;
};

/*
 * Finds them among the rows up to `last_row`, which are rolled up already. What came late is none:
 * it has a time of its own, and no part in the energy. Returns an SQLite result.
 */
int journal_between_find(struct journal_between *between, sqlite3 *db, const char *node,
			 struct wall_time at, int64_t row, int64_t last_row,
			 struct journal_neighbours *out) MUST_CHECK;

/* NULLs what was prepared. */
void journal_between_finish(struct journal_between *between);

struct journal_energy {
	double charged_wh, discharged_wh;
};

/* The energy that the row after `sample` has more, now that `sample` is between the two. */
struct journal_energy journal_between_energy(const struct journal_neighbours *neighbours,
					     const struct rollup_sample *sample);
