/* Weights of past days. See likeness.h, and docs/planner.md for the formulas. */
#include "plan/likeness.h"

#include <math.h>
#include <stddef.h>

#include "plan/vector.h"

#define SPREAD_LEAST 1e-3f
#define LOCAL_LINEAR 0.8f
#define FACTOR_MAX 4
#define DROPPED_BELOW 3e-3f
#define VANISHED 1e-9f

static void scale_trait(struct likeness *likeness, int t, float width)
{
	float mean = 0, spread = 0, *value = likeness->trait[t];

	for (int q = 0; q < likeness->count; q++)
		mean += likeness->prior[q] * value[q];
	mean /= likeness->prior_sum;
	for (int q = 0; q < likeness->count; q++)
		spread += likeness->prior[q] * (value[q] - mean) * (value[q] - mean);
	likeness->scale[t] = 1 / (width * sqrtf(spread / likeness->prior_sum) + SPREAD_LEAST);
	for (int q = 0; q < likeness->count; q++)
		value[q] *= likeness->scale[t];
}

void likeness_prepare(struct likeness *likeness, const struct likeness_kind *kind,
		      const struct plan_past *past, struct plan_when of, struct plan_when at)
{
	bool is_weekend = plan_is_weekend(of.day);

	likeness->count = 0;
	likeness->prior_sum = 0;
	likeness->trait_count = kind->trait_count;
	for (int j = 0; j < kind->days; j++) {
		int32_t day = of.day - 1 - j;
		const struct plan_moment *moment = plan_past_at(past, at.day - 1 - j, at.place);
		int q = likeness->count;

		if (!plan_past_has(past, day, of.place))
			continue;
		likeness->day[q] = j;
		likeness->prior[q] = plan_exp(-(float)(j + 1) / kind->forget_days) *
				     (plan_is_weekend(day) != is_weekend ? kind->other_type : 1);
		likeness->prior_sum += likeness->prior[q];
		for (int t = 0; t < kind->trait_count; t++)
			likeness->trait[t][q] = moment ? moment->trait[kind->trait[t]] : 0;
		likeness->count++;
	}
	for (int t = 0; t < kind->trait_count && likeness->count > 0; t++)
		scale_trait(likeness, t, kind->width[t]);
}

static void take_priors(const struct likeness *likeness, float *weight)
{
	for (int q = 0; q < likeness->count; q++)
		weight[q] = likeness->prior[q] / likeness->prior_sum;
}

static inline float weigh_by_distance(const struct likeness *likeness, const float *target,
				      float *weight)
{
	float distance[LIKENESS_DAYS] = {0}, sum = 0;

	for (int t = 0; t < likeness->trait_count; t++) {
		for (int q = 0; q < likeness->count; q++) {
			float d = likeness->trait[t][q] - target[t];

			distance[q] += d * d;
		}
	}
	for (int q = 0; q < likeness->count; q++) {
		weight[q] = likeness->prior[q] * plan_exp(-sqrtf(distance[q]));
		sum += weight[q];
	}
	return sum;
}

/* The factor that leans the days towards where the target's traits lie. Returns the new sum. */
static inline float lean(const struct likeness *likeness, const float *target, float *weight,
			 float sum)
{
	float factor[LIKENESS_DAYS], inverse = 1 / sum, leaned = 0;

	for (int q = 0; q < likeness->count; q++)
		factor[q] = 1;
	for (int t = 0; t < likeness->trait_count; t++) {
		const float *value = likeness->trait[t];
		float mean = 0, spread = 0, slope;

		for (int q = 0; q < likeness->count; q++)
			mean += weight[q] * value[q];
		mean *= inverse;
		for (int q = 0; q < likeness->count; q++)
			spread += weight[q] * (value[q] - mean) * (value[q] - mean);
		slope = LOCAL_LINEAR * (target[t] - mean) / (spread * inverse + 0.1f);
		for (int q = 0; q < likeness->count; q++)
			factor[q] += slope * (value[q] - mean);
	}
	for (int q = 0; q < likeness->count; q++) {
		factor[q] = fminf(fmaxf(factor[q], 0), FACTOR_MAX);
		leaned += weight[q] * factor[q];
	}
	if (!(leaned > VANISHED * likeness->prior_sum))
		return sum;
	for (int q = 0; q < likeness->count; q++)
		weight[q] *= factor[q];
	return leaned;
}

static void drop_small(const struct likeness *likeness, float *weight, float sum)
{
	float kept = 0;

	for (int q = 0; q < likeness->count; q++) {
		if (weight[q] < DROPPED_BELOW * sum)
			weight[q] = 0;
		kept += weight[q];
	}
	for (int q = 0; q < likeness->count; q++)
		weight[q] /= kept;
}

PLAN_WIDE void likeness_weigh(const struct likeness *likeness, const struct likeness_kind *kind,
			      const float *trait, float weight[LIKENESS_DAYS])
{
	float target[LIKENESS_TRAITS], sum = 0;

	if (trait != NULL) {
		for (int t = 0; t < likeness->trait_count; t++)
			target[t] = trait[kind->trait[t]] * likeness->scale[t];
		sum = weigh_by_distance(likeness, target, weight);
	}
	if (!(sum > VANISHED * likeness->prior_sum)) {
		take_priors(likeness, weight);
		return;
	}
	sum = lean(likeness, target, weight, sum);
	drop_small(likeness, weight, sum);
}
