/*
 * Rollups: what many readings, or a relay's states, come to over a minute, a
 * quarter of an hour or a day, so that years stay small and quick to show.
 *
 * Minutes and quarters are of UTC; a day is the house's, from midnight to
 * midnight, and has 23 or 25 hours when the clocks change.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/time.h"

enum rollup_level { ROLLUP_MINUTE, ROLLUP_QUARTER, ROLLUP_DAY, ROLLUP_LEVELS };

/* "1min", "15min", "1day": as on the command line and in the API. */
const char *rollup_level_name(enum rollup_level level);

/* Returns 0, or -EINVAL where no level has that name. */
int rollup_level_find(enum rollup_level *out, const char *name) MUST_CHECK;

/* 1, 15, 1440: as in the journal's tables. A day is 1440 also where it has 23 hours. */
int rollup_level_minutes(enum rollup_level level);

/* What to add to UTC at `wall` to get the house's local time, in seconds. */
typedef int32_t rollup_offset(struct wall_time wall);

struct rollup_span {
	struct wall_time from, to; /* from <= t < to */
};

/* The minute, quarter or day that `at` is in. */
struct rollup_span rollup_span_of(enum rollup_level level, struct wall_time at,
				  rollup_offset *offset_s);

/* One quantity. Without a value (count 0) the others mean nothing. */
struct rollup_value {
	int64_t count;
	double min, mean, max;
	double last; /* that of the latest, not of the one that came last */
};

/* What the readings of one node came to. */
struct rollup_readings {
	int64_t count;
	struct wall_time last; /* of the latest */
	struct rollup_value soc_pct;
	struct rollup_value temp_c; /* min and mean of the coldest sensor, max of the hottest */
	struct rollup_value power_w; /* + is charging */
	double charged_wh, discharged_wh; /* as far as it is known: see rollup_energy() */
};

/* A reading as far as a rollup needs it; NaN where absent. */
struct rollup_sample {
	struct wall_time at;
	double soc_pct, temp_c, temp_max_c, power_w, interval_s;
	bool is_doubted; /* its power may have the wrong sign, or be of another time */
};

void rollup_add(struct rollup_readings *rollup, const struct rollup_sample *sample);

/* Makes of `rollup` what both came to; they are of the same node and have no reading in common. */
void rollup_merge(struct rollup_readings *rollup, const struct rollup_readings *other);

/*
 * Adds the energy between two readings of a node that follow each other: the
 * power of the first, held until the second. Where that took longer than three
 * of the node's intervals (five minutes where it does not say one) nobody knows
 * what flowed, and nothing is added; nor where the first is doubted.
 */
void rollup_energy(struct rollup_readings *rollup, const struct rollup_sample *before,
		   const struct rollup_sample *sample);

/* A relay that is on is noted at least this often, so that a gap is not taken for on. */
#define ROLLUP_RELAY_NOTED_MS (60 * MS_PER_SECOND)

/*
 * Until when a relay that was on at `from` is taken to have been on, where the
 * next that is known of it is at `to`: to that time, but not over a gap.
 */
struct wall_time rollup_on_until(struct wall_time from, struct wall_time to);
