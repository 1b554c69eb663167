/*
 * How much a day resembles others at one place on the clock: weights over past
 * days, from how the home had been going just before (past.h), how long ago
 * each day was, and whether it was a working day too.
 *
 * A Laplace kernel on traits that are scaled by their spread, times a
 * local-linear factor that moves the weighted mean of the traits to the
 * target's own; small weights are dropped (docs/planner.md).
 */
#pragma once

#include "plan/past.h"

#define LIKENESS_DAYS 20 /* the most that are compared */
#define LIKENESS_TRAITS 3

struct likeness_kind {
	int trait_count;
	enum plan_trait trait[LIKENESS_TRAITS];
	float width[LIKENESS_TRAITS]; /* of the kernel, in spreads */
	int days;
	float forget_days; /* a day so long ago counts 1/e */
	float other_type;  /* what a weekend counts on a working day, and the other way round */
};

/* Days beside each other at one place: made by likeness_prepare(). */
struct likeness {
	int trait_count, count;
	int day[LIKENESS_DAYS]; /* which of the days, 0 is the day before */
	float prior[LIKENESS_DAYS], prior_sum;
	float trait[LIKENESS_TRAITS][LIKENESS_DAYS], scale[LIKENESS_TRAITS];
};

/*
 * Takes the days before `of` (day 0 is the one before) that were measured at its place. With
 * `is_before` traits are those of the slot one earlier, `at`: today has not come further yet.
 */
void likeness_prepare(struct likeness *likeness, const struct likeness_kind *kind,
		      const struct plan_past *past, struct plan_when of, struct plan_when at);

/*
 * Writes a weight for each of `count` days (they sum to 1) of being how a home goes on whose
 * traits are `trait` (TRAIT_COUNT of them), or NULL: nothing is known of it.
 */
void likeness_weigh(const struct likeness *likeness, const struct likeness_kind *kind,
		    const float *trait, float weight[LIKENESS_DAYS]);
