/*
 * What a meter came to over a minute, however often it reports: this is what is
 * stored of it. Minutes are of UTC. Signs are quantity.h's: grid + is import.
 *
 * A value holds until the next one, and for METER_HOLD_MS at most: then the meter
 * is silent, and what flows is not known. Means are over the time that is known.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/time.h"
#include "model/quantity.h"

/* A meter that is silent for longer has no value any more. */
#define METER_HOLD_MS (90 * MS_PER_SECOND)

struct meter_minute {
	struct wall_time from; /* the minute's beginning */
	int32_t count;         /* values that came in it */
	int32_t known_ms;      /* for so long of its 60,000 there was a value */
	enum quality quality;  /* the worst of the values that it came to be from */
	double mean_w;         /* by time; NaN where known_ms is 0 */
	double min_w, max_w, last_w;
	double imported_wh, exported_wh; /* what was positive, and what was negative; both >= 0 */
};

/* A meter whose minute is being summed up; all 0 is one that was not heard yet. */
struct meter_sum {
	bool is_open, has_value;
	enum quality quality; /* of the value */
	double value_w;
	struct mono_time heard_at;   /* when the value came */
	struct mono_time counted_at; /* up to here its time is counted, by both clocks */
	struct wall_time counted_to;
	struct meter_minute minute;
};

/*
 * Counts the time up to now. Returns whether a minute ended, which is in `ended`
 * then: call it again until it returns false. A clock that was set ends the minute
 * where it was; two pieces of the same minute may come of that. Pure.
 */
bool meter_sum_advance(struct meter_sum *sum, struct mono_time mono, struct wall_time wall,
		       struct meter_minute *ended) MUST_CHECK;

/* The meter says `power_w` now; meter_sum_advance() has counted up to here. */
void meter_sum_add(struct meter_sum *sum, double power_w, enum quality quality,
		   struct mono_time mono);

/* What it says has become this, without a word from it: one of several has fallen silent. */
void meter_sum_change(struct meter_sum *sum, double power_w, enum quality quality);

/* Ends the minute as far as it came, at a stop. Returns whether there is anything of it. */
bool meter_sum_end(struct meter_sum *sum, struct meter_minute *ended) MUST_CHECK;
