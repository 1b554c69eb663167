#include "model/rollup.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define ENERGY_GAP_MS (5 * MS_PER_MINUTE)
#define ENERGY_GAP_INTERVALS 3
#define RELAY_GAP_MS (3 * ROLLUP_RELAY_NOTED_MS)

static const struct {
	const char *name;
	int minutes;
} levels[ROLLUP_LEVELS] = {
    [ROLLUP_MINUTE] = {"1min", 1}, [ROLLUP_QUARTER] = {"15min", 15}, [ROLLUP_DAY] = {"1day", 1440}};

const char *rollup_level_name(enum rollup_level level)
{
	return levels[level].name;
}

int rollup_level_find(enum rollup_level *out, const char *name)
{
	for (int i = 0; i < ROLLUP_LEVELS; i++) {
		if (strcmp(levels[i].name, name) != 0)
			continue;
		*out = (enum rollup_level)i;
		return 0;
	}
	return -EINVAL;
}

int rollup_level_minutes(enum rollup_level level)
{
	return levels[level].minutes;
}

/* --- spans ---------------------------------------------------------------- */

/* The greatest multiple of `step` that is not above `ms`, before 1970 too. */
static int64_t floor_to(int64_t ms, int64_t step)
{
	int64_t over = ms % step;

	return ms - over - (over < 0 ? step : 0);
}

/* When the house's clocks show `local_ms`; asked twice, since that may be another time of year. */
static struct wall_time wall_of_local(int64_t local_ms, int32_t near_offset_s,
				      rollup_offset *offset_s)
{
	struct wall_time near = {local_ms - near_offset_s * (int64_t)MS_PER_SECOND};

	return (struct wall_time){local_ms - offset_s(near) * (int64_t)MS_PER_SECOND};
}

struct rollup_span rollup_span_of(enum rollup_level level, struct wall_time at,
				  rollup_offset *offset_s)
{
	int64_t step = levels[level].minutes * (int64_t)MS_PER_MINUTE;
	int32_t offset;
	int64_t midnight;

	if (level != ROLLUP_DAY) {
		int64_t from = floor_to(at.ms, step);

		return (struct rollup_span){{from}, {from + step}};
	}
	offset = offset_s(at);
	midnight = floor_to(at.ms + offset * (int64_t)MS_PER_SECOND, step);
	return (struct rollup_span){wall_of_local(midnight, offset, offset_s),
				    wall_of_local(midnight + step, offset, offset_s)};
}

/* --- readings ------------------------------------------------------------- */

static void value_add(struct rollup_value *value, double low, double middle, double high,
		      bool is_latest)
{
	if (!isfinite(middle))
		return;
	if (value->count == 0)
		*value = (struct rollup_value){0, low, 0, high, middle};
	value->count++;
	value->min = fmin(value->min, low);
	value->max = fmax(value->max, high);
	value->mean += (middle - value->mean) / (double)value->count;
	if (is_latest)
		value->last = middle;
}

void rollup_add(struct rollup_readings *rollup, const struct rollup_sample *sample)
{
	bool is_latest = rollup->count == 0 || sample->at.ms >= rollup->last.ms;
	double hottest = isfinite(sample->temp_max_c) ? sample->temp_max_c : sample->temp_c;

	rollup->count++;
	if (is_latest)
		rollup->last = sample->at;
	value_add(&rollup->soc_pct, sample->soc_pct, sample->soc_pct, sample->soc_pct, is_latest);
	value_add(&rollup->temp_c, sample->temp_c, sample->temp_c, hottest, is_latest);
	value_add(&rollup->power_w, sample->power_w, sample->power_w, sample->power_w, is_latest);
}

static void value_merge(struct rollup_value *value, const struct rollup_value *other,
			bool is_later)
{
	if (other->count == 0)
		return;
	if (value->count == 0) {
		*value = *other;
		return;
	}
	value->count += other->count;
	value->min = fmin(value->min, other->min);
	value->max = fmax(value->max, other->max);
	value->mean += (other->mean - value->mean) * (double)other->count / (double)value->count;
	if (is_later)
		value->last = other->last;
}

void rollup_merge(struct rollup_readings *rollup, const struct rollup_readings *other)
{
	bool is_later = rollup->count == 0 || other->last.ms >= rollup->last.ms;

	value_merge(&rollup->soc_pct, &other->soc_pct, is_later);
	value_merge(&rollup->temp_c, &other->temp_c, is_later);
	value_merge(&rollup->power_w, &other->power_w, is_later);
	rollup->count += other->count;
	rollup->charged_wh += other->charged_wh;
	rollup->discharged_wh += other->discharged_wh;
	if (is_later)
		rollup->last = other->last;
}

void rollup_energy(struct rollup_readings *rollup, const struct rollup_sample *before,
		   const struct rollup_sample *sample)
{
	int64_t took_ms = sample->at.ms - before->at.ms;
	double gap_ms = isfinite(before->interval_s)
			    ? before->interval_s * MS_PER_SECOND * ENERGY_GAP_INTERVALS
			    : ENERGY_GAP_MS;
	double energy_wh;

	if (before->is_doubted || !isfinite(before->power_w) || took_ms <= 0 ||
	    (double)took_ms > gap_ms)
		return;
	energy_wh = before->power_w * (double)took_ms / MS_PER_HOUR;
	if (energy_wh > 0)
		rollup->charged_wh += energy_wh;
	else
		rollup->discharged_wh -= energy_wh;
}

/* --- relays --------------------------------------------------------------- */

struct wall_time rollup_on_until(struct wall_time from, struct wall_time to)
{
	if (to.ms <= from.ms)
		return from;
	return to.ms - from.ms <= RELAY_GAP_MS
		   ? to
		   : (struct wall_time){from.ms + ROLLUP_RELAY_NOTED_MS};
}
