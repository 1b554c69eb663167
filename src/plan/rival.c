/* Three courses of the day ahead, and the plain dynamic programme along each. */
#include "plan/rival.h"

#include <math.h>
#include <string.h>

#include "plan/vector.h"

#define INPUTS 5
#define FORGET_DAYS 45
#define OFF_HOURS 3.0f
#define PROFILE_DAYS 28
#define PROFILE_FORGET 10.0f /* days */
#define SUN_FORGET 5.0f
#define OTHER_TYPE 0.1f /* what a weekend counts on a working day, and the other way round */

const char *rival_name(enum rival rival)
{
	static const char *const names[RIVAL_COUNT] = {"naive", "profile", "lags"};

	return names[rival];
}

void rivals_init(struct rivals *rivals, int slots_per_day)
{
	double keep = 1 - 1.0 / (FORGET_DAYS * slots_per_day);

	memset(rivals, 0, sizeof(*rivals));
	rls_init(&rivals->load.line, INPUTS, keep);
	rls_init(&rivals->pv.line, INPUTS, keep);
}

/* ---- days before ---- */

static float value_on(const struct plan_past *past, struct plan_when when, int days, bool is_sun)
{
	const struct plan_moment *moment = plan_past_at(past, when.day - days, when.place);

	return moment == NULL ? NAN : is_sun ? moment->pv_kwh : moment->load_kwh;
}

/* The first that is known. */
static float either(float first, float second)
{
	return isnan(first) ? second : first;
}

static float naive(const struct plan_past *past, struct plan_when when, bool is_sun)
{
	float yesterday = either(value_on(past, when, 1, is_sun), value_on(past, when, 2, is_sun));

	return is_sun ? yesterday : either(value_on(past, when, 7, is_sun), yesterday);
}

static float profile(const struct plan_past *past, struct plan_when when, bool is_sun)
{
	float sum = 0, weights = 0, forget = is_sun ? SUN_FORGET : PROFILE_FORGET;

	for (int day = 1; day <= PROFILE_DAYS; day++) {
		float value = value_on(past, when, day, is_sun),
		      weight = plan_exp(-(float)day / forget);

		if (isnan(value))
			continue;
		if (!is_sun && plan_is_weekend(when.day) != plan_is_weekend(when.day - day))
			weight *= OTHER_TYPE;
		sum += weight * value;
		weights += weight;
	}
	return weights > 0 ? sum / weights : NAN;
}

/* In kW. False: a day to go by is lacking. */
static bool inputs_of(const struct plan_past *past, struct plan_when when, bool is_sun,
		      double input[INPUTS])
{
	float mean = profile(past, when, is_sun), hours = past->slot_hours;
	float one = value_on(past, when, 1, is_sun), two = value_on(past, when, 2, is_sun);
	float seven = value_on(past, when, 7, is_sun);

	if (isnan(mean) || isnan(one))
		return false;
	input[0] = 1;
	input[1] = (double)(mean / hours);
	input[2] = (double)(one / hours);
	input[3] = (double)(either(two, mean) / hours);
	input[4] = (double)(either(seven, mean) / hours);
	return true;
}

/* `ahead` slots from now; NaN: cannot say. */
static float lags(const struct rival_fit *fit, const struct plan_past *past, struct plan_when when,
		  bool is_sun, int ahead)
{
	double input[INPUTS];
	float keep = plan_exp(-(float)(ahead + 1) * past->slot_hours / OFF_HOURS);

	if (!inputs_of(past, when, is_sun, input))
		return NAN;
	return fmaxf(((float)rls_say(&fit->line, input) + keep * fit->off_kw) * past->slot_hours,
		     0);
}

/* ---- courses ---- */

void rivals_look(struct rivals *rivals, const struct plan_past *past, const struct plan_slot *slots,
		 int count)
{
	rivals->count = count;
	rivals->is_known = true;
	for (int i = 0; i < count; i++) {
		struct plan_when when = slots[i].when;
		float mean_load = profile(past, when, false), mean_sun = profile(past, when, true);
		struct rival_course *course = rivals->course;

		rivals->is_known &= !isnan(mean_load) && !isnan(mean_sun);
		course[RIVAL_PROFILE].load_kwh[i] = mean_load;
		course[RIVAL_PROFILE].pv_kwh[i] = mean_sun;
		course[RIVAL_NAIVE].load_kwh[i] = either(naive(past, when, false), mean_load);
		course[RIVAL_NAIVE].pv_kwh[i] = either(naive(past, when, true), mean_sun);
		course[RIVAL_LAGS].load_kwh[i] =
		    either(lags(&rivals->load, past, when, false, i), mean_load);
		course[RIVAL_LAGS].pv_kwh[i] =
		    mean_sun > 0 ? either(lags(&rivals->pv, past, when, true, i), mean_sun) : 0;
	}
}

void rival_value(const struct rivals *rivals, enum rival rival, const struct plan_slot *slots,
		 const struct plan_reach *reach, int reach_step, const struct plan_row *end,
		 struct plan_row *value)
{
	const struct rival_course *course = &rivals->course[rival];
	struct plan_row after = *end;

	for (int i = rivals->count - 1; i >= 1; i--) {
		const struct plan_reach *own = &reach[i * reach_step];
		struct plan_price price = slots[i].price;
		struct plan_mode mode = plan_mode_of(&after, own, price);

		plan_mode_backup(&mode, &after, own, course->load_kwh[i] - course->pv_kwh[i], price,
				 value);
		after = *value;
	}
	*value = after;
}

/* ---- learning ---- */

static void learn(struct rival_fit *fit, const struct plan_past *past, struct plan_when when,
		  bool is_sun, float value)
{
	float keep = plan_exp(-past->slot_hours / OFF_HOURS), kw = value / past->slot_hours;
	double input[INPUTS];

	if (isnan(value) || !inputs_of(past, when, is_sun, input))
		return;
	fit->off_kw = keep * fit->off_kw + (1 - keep) * (kw - (float)rls_say(&fit->line, input));
	if (!is_sun || input[1] > 0)
		rls_take(&fit->line, input, (double)kw);
}

void rivals_take(struct rivals *rivals, const struct plan_past *past, const struct plan_slot *slot)
{
	learn(&rivals->load, past, slot->when, false, slot->load_kwh);
	learn(&rivals->pv, past, slot->when, true, slot->pv_kwh);
}
