/*
 * Minutes of a meter: power held from one value to the next, summed up in the
 * minute where it flowed. What is not known has no part in it.
 */
#include "model/meter_minute.h"

#include <math.h>

/* Both clocks may differ by so much between two looks; more is a clock that was set. */
#define CLOCK_SLACK_MS 2000

static int64_t minute_of(int64_t wall_ms)
{
	int64_t over = wall_ms % MS_PER_MINUTE;

	return wall_ms - over - (over < 0 ? MS_PER_MINUTE : 0);
}

static void open_minute(struct meter_sum *sum, struct wall_time wall)
{
	sum->minute = (struct meter_minute){.from = {minute_of(wall.ms)},
					    .quality = QUALITY_GOOD,
					    .mean_w = NAN,
					    .min_w = NAN,
					    .max_w = NAN,
					    .last_w = NAN};
	sum->is_open = true;
}

static bool close_minute(struct meter_sum *sum, struct meter_minute *ended)
{
	bool has_any = sum->is_open && (sum->minute.count > 0 || sum->minute.known_ms > 0);

	if (has_any)
		*ended = sum->minute;
	sum->is_open = false;
	return has_any;
}

/* `power_w` was there for `took_ms` more of the minute. */
static void count_time(struct meter_minute *minute, double power_w, int64_t took_ms)
{
	double energy_wh = power_w * (double)took_ms / MS_PER_HOUR;

	if (took_ms <= 0)
		return;
	minute->min_w = fmin(minute->min_w, power_w);
	minute->max_w = fmax(minute->max_w, power_w);
	minute->last_w = power_w;
	if (minute->known_ms == 0)
		minute->mean_w = 0;
	minute->known_ms += (int32_t)took_ms;
	minute->mean_w += (power_w - minute->mean_w) * (double)took_ms / minute->known_ms;
	if (energy_wh > 0)
		minute->imported_wh += energy_wh;
	else
		minute->exported_wh -= energy_wh;
}

static void note_quality(struct meter_minute *minute, enum quality quality)
{
	if (quality < minute->quality)
		minute->quality = quality;
}

/* Counts from where it stands to `to` of the wall clock, in one minute. */
static void count_to(struct meter_sum *sum, struct wall_time to)
{
	int64_t took_ms = to.ms - sum->counted_to.ms;
	int64_t held_ms = mono_since(sum->counted_at, sum->heard_at);
	int64_t left_ms = METER_HOLD_MS - held_ms;

	if (sum->has_value) {
		count_time(&sum->minute, sum->value_w, took_ms < left_ms ? took_ms : left_ms);
		note_quality(&sum->minute, sum->quality);
		sum->has_value = took_ms < left_ms;
	}
	sum->counted_to = to;
	sum->counted_at.ms += took_ms;
}

static bool was_set(const struct meter_sum *sum, struct mono_time mono, struct wall_time wall)
{
	int64_t passed_ms = mono_since(mono, sum->counted_at);
	int64_t differs_ms = wall.ms - sum->counted_to.ms - passed_ms;

	return differs_ms > CLOCK_SLACK_MS || differs_ms < -CLOCK_SLACK_MS;
}

/* Where nothing is being counted, time passes at once; likewise where a clock was set. */
static void move_to(struct meter_sum *sum, struct mono_time mono, struct wall_time wall)
{
	sum->has_value = sum->has_value && mono_since(mono, sum->heard_at) < (int64_t)METER_HOLD_MS;
	sum->counted_at = mono;
	sum->counted_to = wall;
	open_minute(sum, wall);
}

bool meter_sum_advance(struct meter_sum *sum, struct mono_time mono, struct wall_time wall,
		       struct meter_minute *ended)
{
	while (sum->is_open && !was_set(sum, mono, wall)) {
		struct wall_time end = {sum->minute.from.ms + MS_PER_MINUTE};

		/* A clock that is being slowed may stand a little behind. */
		if (wall.ms < sum->counted_to.ms)
			return false;
		if (wall.ms < end.ms) {
			count_to(sum, wall);
			sum->counted_at = mono;
			return false;
		}
		count_to(sum, end);
		if (close_minute(sum, ended)) {
			if (sum->has_value)
				open_minute(sum, end);
			return true;
		}
		if (sum->has_value)
			open_minute(sum, end);
	}
	if (close_minute(sum, ended))
		return true;
	move_to(sum, mono, wall);
	return false;
}

void meter_sum_add(struct meter_sum *sum, double power_w, enum quality quality,
		   struct mono_time mono)
{
	sum->value_w = power_w;
	sum->has_value = true;
	sum->quality = quality;
	sum->heard_at = mono;
	sum->minute.count++;
	sum->minute.last_w = power_w;
	note_quality(&sum->minute, quality);
	sum->minute.min_w = fmin(sum->minute.min_w, power_w);
	sum->minute.max_w = fmax(sum->minute.max_w, power_w);
}

void meter_sum_change(struct meter_sum *sum, double power_w, enum quality quality)
{
	sum->value_w = power_w;
	sum->quality = quality;
}

bool meter_sum_end(struct meter_sum *sum, struct meter_minute *ended)
{
	bool has_any = close_minute(sum, ended);

	sum->has_value = false;
	return has_any;
}
