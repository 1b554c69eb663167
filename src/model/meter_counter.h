/*
 * A counter of energy that only grows, as far as it can be believed: what was counted
 * between its values, whatever dips, single zeros and resets there are among them.
 *
 * A value a little below the greatest is a dip: nothing is counted until it is passed again. One
 * far below may be a counter that began anew, or a slip; and one that rose by more than any meter
 * can carry is a slip or another counter. Which it is, the next value says: nothing is counted
 * twice.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

struct meter_counter {
	bool is_known;
	double value_wh;             /* up to here it is counted */
	struct mono_time counted_at; /* when that was said */
	bool has_candidate;          /* a value that the next one must confirm */
	double candidate_wh;
	struct mono_time candidate_at;
};

/* What a value adds. */
struct meter_counted {
	bool is_known; /* else it is not known yet what it adds, and the rest means nothing */
	double energy_wh;
	int64_t took_ms; /* since the value that it is counted from */
};

/* The counter says `value_wh` (>= 0) now. Pure. */
struct meter_counted meter_counter_add(struct meter_counter *counter, double value_wh,
				       struct mono_time mono);
