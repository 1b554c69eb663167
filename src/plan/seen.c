/*
 * Means of what the log shows, see seen.h. A slot tells of the house where the source relay was
 * open, and of the source where that was closed for half of it and more.
 */
#include "plan/seen.h"

#include <math.h>
#include <string.h>

#define KEEP 0.96f         /* of a mean, for each slot that is new: some 25 of them count */
#define ENOUGH_SHARE 0.5f  /* of a slot that a relay must have been closed, to tell */
#define LITTLE_SHARE 0.02f /* and at most, to be taken for open */
#define PRIOR_WEIGHT 1.0f  /* of other days and hours, against each slot of this one */
#define LITTLE_OF_BEST 0.5f

void seen_init(struct seen *seen, int slots_per_day)
{
	memset(seen, 0, sizeof(*seen));
	seen->slots_per_day = slots_per_day;
	seen->slot_hours = 24.0f / (float)slots_per_day;
}

static void add(struct seen_mean *mean, float value)
{
	mean->sum = KEEP * mean->sum + value;
	mean->weight = KEEP * mean->weight + 1;
}

static float mean_of(const struct seen_mean *mean)
{
	return mean->weight > 0 ? mean->sum / mean->weight : NAN;
}

static int hour_of(const struct seen *seen, struct plan_when when)
{
	return when.place * SEEN_HOURS / seen->slots_per_day;
}

float seen_take(struct seen *seen, const struct seen_slot *slot)
{
	int type = plan_is_weekend(slot->when.day), hour = hour_of(seen, slot->when);
	float draw_kw = seen_draw_kw(seen, slot->when), charge_kw;

	if (isnan(slot->risen_kwh) || isnan(slot->source_share) || isnan(slot->load_share))
		return NAN;
	seen->measured++;
	if (slot->source_share <= LITTLE_SHARE && slot->load_share >= ENOUGH_SHARE) {
		draw_kw = fmaxf(-slot->risen_kwh, 0) / (slot->load_share * seen->slot_hours);
		add(&seen->draw[type][hour], draw_kw);
		add(&seen->all_draw, draw_kw);
		return draw_kw * seen->slot_hours;
	}
	if (slot->source_share < ENOUGH_SHARE)
		return NAN;
	/* What the house drew meanwhile went in too. */
	charge_kw = slot->risen_kwh / (slot->source_share * seen->slot_hours);
	if (!isnan(draw_kw))
		charge_kw += draw_kw * slot->load_share / slot->source_share;
	add(&seen->charge[type][hour], fmaxf(charge_kw, 0));
	add(&seen->all_charge, fmaxf(charge_kw, 0));
	return NAN;
}

/* That hour's mean, on days of that type, drawn to those of both, and these to `all` unless NaN. */
static float drawn(const struct seen_mean means[2][SEEN_HOURS], int type, int hour, float all)
{
	struct seen_mean both = {means[0][hour].sum + means[1][hour].sum,
				 means[0][hour].weight + means[1][hour].weight};
	float of_both = mean_of(&both);

	if (both.weight <= 0)
		return all;
	if (!isnan(all))
		of_both = (both.sum + PRIOR_WEIGHT * all) / (both.weight + PRIOR_WEIGHT);
	return (means[type][hour].sum + PRIOR_WEIGHT * of_both) /
	       (means[type][hour].weight + PRIOR_WEIGHT);
}

float seen_draw_kw(const struct seen *seen, struct plan_when when)
{
	return drawn(seen->draw, plan_is_weekend(when.day), hour_of(seen, when),
		     mean_of(&seen->all_draw));
}

float seen_charge_kw(const struct seen *seen, struct plan_when when)
{
	return drawn(seen->charge, plan_is_weekend(when.day), hour_of(seen, when), NAN);
}

static float charge_at(const struct seen *seen, int hour)
{
	return drawn(seen->charge, 0, hour, NAN);
}

float seen_charge_best_kw(const struct seen *seen)
{
	float best = NAN;

	for (int hour = 0; hour < SEEN_HOURS; hour++)
		best = fmaxf(best, charge_at(seen, hour));
	return best;
}

float seen_charge_mean_kw(const struct seen *seen)
{
	return mean_of(&seen->all_charge);
}

bool seen_is_by_hour(const struct seen *seen)
{
	float best = seen_charge_best_kw(seen);

	for (int hour = 0; hour < SEEN_HOURS && best > 0; hour++) {
		float charge_kw = charge_at(seen, hour);

		if (isnan(charge_kw) || charge_kw <= LITTLE_OF_BEST * best)
			return true;
	}
	return false;
}
