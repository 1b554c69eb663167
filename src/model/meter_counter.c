/* What a counter's value adds to the one before, and when it is better to wait for the next. */
#include "model/meter_counter.h"

#include <math.h>

#define DIP_SHARE 0.01 /* of the counter: by so much it may fall without having begun anew */
#define DIP_LEAST_WH 500
#define POWER_W_MAX 10e6   /* more flows through no meter: wire/meter_message.h */
#define RISE_LEAST_WH 1000 /* a counter may have waited with it */

static bool is_dip(double value_wh, double high_wh)
{
	double fall_wh = high_wh - value_wh;

	return fall_wh > 0 && value_wh >= high_wh / 2 &&
	       fall_wh <= fmax(DIP_LEAST_WH, high_wh * DIP_SHARE);
}

/* Whether so much can have been counted in that time. */
static bool is_possible(double rise_wh, int64_t took_ms)
{
	return rise_wh >= 0 &&
	       rise_wh <= fmax(RISE_LEAST_WH, POWER_W_MAX * (double)took_ms / MS_PER_HOUR);
}

static struct meter_counted count_from(struct meter_counter *counter, double from_wh,
				       struct mono_time from_at, double value_wh,
				       struct mono_time mono)
{
	struct meter_counted counted = {true, value_wh - from_wh, mono_since(mono, from_at)};

	counter->is_known = true;
	counter->value_wh = value_wh;
	counter->counted_at = mono;
	counter->has_candidate = false;
	return counted;
}

struct meter_counted meter_counter_add(struct meter_counter *counter, double value_wh,
				       struct mono_time mono)
{
	int64_t took_ms = mono_since(mono, counter->counted_at);

	if (!counter->is_known) {
		(void)count_from(counter, value_wh, mono, value_wh, mono);
		return (struct meter_counted){0};
	}
	if (is_possible(value_wh - counter->value_wh, took_ms))
		return count_from(counter, counter->value_wh, counter->counted_at, value_wh, mono);
	if (is_dip(value_wh, counter->value_wh)) {
		counter->has_candidate = false;
		return (struct meter_counted){0};
	}
	/* It went on from the value that nobody believed: the counter had begun anew there. */
	if (counter->has_candidate &&
	    is_possible(value_wh - counter->candidate_wh, mono_since(mono, counter->candidate_at)))
		return count_from(counter, counter->candidate_wh, counter->candidate_at, value_wh,
				  mono);
	counter->has_candidate = true;
	counter->candidate_wh = value_wh;
	counter->candidate_at = mono;
	return (struct meter_counted){0};
}
