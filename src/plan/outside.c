/* Sums over what was said and what came; see outside.h. */
#include "plan/outside.h"

#include <math.h>
#include <string.h>

#include "plan/vector.h"

#define FORGET_DAYS 10
#define SUN_HOURS 10.0 /* of sun that make a day of comparing */
#define DAYS_LEAST 3.0 /* of that before it counts */
#define DOUBT_DAYS 2.0 /* of that its share is held back by as much as if it had been no better */
#define SHARE_LEAST 0.05f /* less is none */
#define FACTOR_LEAST 0.5f /* of what it makes of the roof; beyond it is another roof */
#define FACTOR_MOST 2.0f
#define PEAK_TIMES 1.5f  /* of the most that the roof has given: more cannot be */
#define NIGHT_SHARE 0.1f /* of what it foresees that may be at hours when there never was any */
#define KNOWN_DAYS 3     /* of the roof before it is known what cannot be */
#define DARK_KWH 0.005f  /* a slot below that is dark */

static const int HOURS[OUTSIDE_LEADS] = {1, 6, 24};

static int slots_of(const struct outside *outside, int lead)
{
	return HOURS[lead] * outside->slots_per_day / 24;
}

void outside_init(struct outside *outside, int slots_per_day)
{
	memset(outside, 0, sizeof(*outside));
	outside->slots_per_day = slots_per_day;
}

void outside_hear(struct outside *outside, const float *said_kwh, int count)
{
	outside->heard_count = count < LATTICE_STAGES_MAX ? count : LATTICE_STAGES_MAX;
	memcpy(outside->heard_kwh, said_kwh, sizeof(*said_kwh) * (size_t)outside->heard_count);
}

/* ---- what it is worth ---- */

static double days_of(const struct outside *outside, const struct outside_fit *fit)
{
	return fit->weight * 24 / outside->slots_per_day / SUN_HOURS;
}

/* What it is to be multiplied by, to be of this roof. */
static float factor_of(const struct outside *outside)
{
	if (days_of(outside, &outside->fit[0]) < DAYS_LEAST || !(outside->said_kwh > 0))
		return 1;
	return (float)(outside->truth_kwh / outside->said_kwh);
}

static float share_at(const struct outside *outside, int lead)
{
	const struct outside_fit *fit = &outside->fit[lead];
	double days = days_of(outside, fit);

	if (days < DAYS_LEAST || !(fit->square > 0))
		return 0;
	return fminf(fmaxf((float)(fit->product / fit->square * days / (days + DOUBT_DAYS)), 0), 1);
}

/* Of the slot `ahead` slots on: on lines between the leads. */
static float share_of(const float at[OUTSIDE_LEADS], const struct outside *outside, int ahead)
{
	for (int lead = 0; lead < OUTSIDE_LEADS; lead++) {
		int to = slots_of(outside, lead), from;

		if (ahead + 1 > to)
			continue;
		if (lead == 0)
			return at[0];
		from = slots_of(outside, lead - 1);
		return at[lead - 1] +
		       (at[lead] - at[lead - 1]) * (float)(ahead + 1 - from) / (float)(to - from);
	}
	return at[OUTSIDE_LEADS - 1];
}

/* ---- what can be ---- */

/* The most that any slot of the last weeks had, and whether slots at `place` ever had any. */
static float most_of(const struct plan_past *past, int32_t day, bool *has_sun, int *days)
{
	float most = 0;

	memset(has_sun, 0, PLAN_SLOTS_PER_DAY_MAX * sizeof(*has_sun));
	*days = 0;
	for (int j = 0; j < LATTICE_LOADS; j++) {
		bool is_known = false;

		for (int place = 0; place < past->slots_per_day; place++) {
			const struct plan_moment *moment = plan_past_at(past, day - j, place);

			if (moment == NULL || isnan(moment->pv_kwh))
				continue;
			is_known = true;
			has_sun[place] |= moment->pv_kwh > DARK_KWH;
			most = fmaxf(most, moment->pv_kwh);
		}
		*days += is_known;
	}
	return most;
}

/* Sun just after the last light of yesterday and just before the first is no more than the season.
 */
static bool is_dark(const bool *has_sun, int place, int per_day)
{
	int hour = per_day / 24, before = (place + per_day - hour) % per_day;

	return !has_sun[place] && !has_sun[(place + hour) % per_day] && !has_sun[before];
}

static bool can_be(const struct outside *outside, const struct plan_past *past,
		   const struct plan_slot *slots, int count)
{
	bool has_sun[PLAN_SLOTS_PER_DAY_MAX];
	float most, all = 0, dark = 0, factor = factor_of(outside);
	int days;

	if (factor < FACTOR_LEAST || factor > FACTOR_MOST)
		return false;
	most = most_of(past, slots[0].when.day, has_sun, &days);
	for (int i = 0; i < count; i++) {
		if (isnan(outside->said[i]))
			continue;
		if (days >= KNOWN_DAYS && outside->said[i] > PEAK_TIMES * most + DARK_KWH)
			return false;
		all += outside->said[i];
		if (is_dark(has_sun, slots[i].when.place, past->slots_per_day))
			dark += outside->said[i];
	}
	return days < KNOWN_DAYS || dark <= NIGHT_SHARE * all + DARK_KWH;
}

/* ---- a look ---- */

static bool has_said(struct outside *outside, int count)
{
	int known = 0;

	for (int i = 0; i < count; i++) {
		if (i >= outside->heard_count || !(outside->heard_kwh[i] >= 0))
			outside->heard_kwh[i] = NAN;
		outside->said[i] = outside->heard_kwh[i];
		outside->share[i] = 0;
		known += !isnan(outside->said[i]);
	}
	return known > 0;
}

static enum planned_sun judge(struct outside *outside, const struct plan_past *past,
			      const struct plan_slot *slots, int count)
{
	float at[OUTSIDE_LEADS], best = 0, factor = factor_of(outside);

	if (!has_said(outside, count))
		return PLANNED_SUN_STALE;
	for (int i = 0; i < count; i++)
		outside->said[i] *= factor;
	if (!can_be(outside, past, slots, count))
		return PLANNED_SUN_ODD;
	if (days_of(outside, &outside->fit[0]) < DAYS_LEAST)
		return PLANNED_SUN_LEARNING;
	for (int lead = 0; lead < OUTSIDE_LEADS; lead++) {
		at[lead] = share_at(outside, lead);
		best = fmaxf(best, at[lead]);
	}
	if (best < SHARE_LEAST)
		return PLANNED_SUN_NO_BETTER;
	for (int i = 0; i < count; i++)
		outside->share[i] = isnan(outside->said[i]) ? 0 : share_of(at, outside, i);
	return PLANNED_SUN_USED;
}

void outside_look(struct outside *outside, const struct plan_past *past,
		  const struct plan_slot *slots, int count)
{
	outside->sun = judge(outside, past, slots, count);
	outside->heard_count = 0;
}

/* ---- learning ---- */

static struct outside_promise *place_of(struct outside *outside, int lead, struct plan_when when)
{
	int64_t number = (int64_t)when.day * outside->slots_per_day + when.place;
	int room = slots_of(outside, lead), first = 0;

	for (int i = 0; i < lead; i++)
		first += slots_of(outside, i);
	return &outside->promises[first + (int)((number % room + room) % room)];
}

void outside_expect(struct outside *outside, int ahead, struct plan_when when, float own_kwh)
{
	if (ahead >= LATTICE_STAGES_MAX || isnan(outside->heard_kwh[ahead]))
		return;
	for (int lead = 0; lead < OUTSIDE_LEADS; lead++) {
		if (ahead + 1 == slots_of(outside, lead))
			*place_of(outside, lead, when) = (struct outside_promise){
			    true, when, own_kwh, outside->heard_kwh[ahead]};
	}
}

static void learn(struct outside *outside, struct outside_fit *fit,
		  const struct outside_promise *promise, float value, double keep)
{
	double said = (double)(promise->said_kwh * factor_of(outside));
	double departs = said - (double)promise->own_kwh;

	fit->product = fit->product * keep + departs * (double)(value - promise->own_kwh);
	fit->square = fit->square * keep + departs * departs;
	fit->own_off_kwh = fit->own_off_kwh * keep + fabs((double)(value - promise->own_kwh));
	fit->said_off_kwh = fit->said_off_kwh * keep + fabs((double)value - said);
	fit->weight = fit->weight * keep + 1;
}

void outside_take(struct outside *outside, const struct plan_slot *slot)
{
	/* Of slots with sun only, so a day of them is some ten hours. */
	double keep = (double)plan_exp(-24.0f / (float)outside->slots_per_day /
				       (FORGET_DAYS * (float)SUN_HOURS));

	for (int lead = 0; lead < OUTSIDE_LEADS; lead++) {
		struct outside_promise *promise = place_of(outside, lead, slot->when);
		bool is_of_it = promise->is_made && promise->when.day == slot->when.day &&
				promise->when.place == slot->when.place;

		if (!is_of_it || isnan(slot->pv_kwh))
			continue;
		promise->is_made = false;
		if (fmaxf(fmaxf(slot->pv_kwh, promise->own_kwh), promise->said_kwh) <= DARK_KWH)
			continue;
		learn(outside, &outside->fit[lead], promise, slot->pv_kwh, keep);
		if (lead > 0)
			continue;
		outside->truth_kwh = outside->truth_kwh * keep + (double)slot->pv_kwh;
		outside->said_kwh = outside->said_kwh * keep + (double)promise->said_kwh;
	}
}

/* ---- for people ---- */

void outside_tell(const struct outside *outside, struct planned_outside *out)
{
	const struct outside_fit *fit = &outside->fit[1];
	float share = 0, sun = 0;
	double to_w = outside->slots_per_day / 24.0 * 1000 / fmax(fit->weight, 1);

	for (int i = 0; i < outside->slots_per_day; i++) {
		if (isnan(outside->said[i]))
			continue;
		share += outside->share[i] * outside->said[i];
		sun += outside->said[i];
	}
	*out = (struct planned_outside){
	    .sun = outside->sun,
	    .share_pct = sun > 0 ? (int32_t)lroundf(100 * share / sun) : 0,
	    .days = (int32_t)lround(days_of(outside, fit)),
	    .own_off_w = (int32_t)lround(fit->own_off_kwh * to_w),
	    .said_off_w = (int32_t)lround(fit->said_off_kwh * to_w),
	};
}
