/*
 * How warm a battery gets: a first-order model of it, fitted to its log as it goes.
 *
 *     T(t + 1 h) - T(t) = k (A(t) - T(t)) + heat
 *
 * k is the share of the distance to its surroundings that it goes in an hour. What those are
 * like nobody measures, so that A is a profile of the day (a mean and two harmonics). Heat
 * follows how much the state of charge moved, and how fast. All eight numbers are fitted by
 * recursive least squares with forgetting (rls.h), on spans of an hour: in a shorter one a cheap
 * sensor's steps are as large as what they measure.
 */
#pragma once

#include <stdbool.h>

#include "plan/rls.h"

/* What a battery did within an hour, as its state of charge tells. */
struct thermal_work {
	float moved_pct; /* up and down added up */
	float hard;      /* the sum of the squares of moves in a quarter, %² */
};

struct thermal {
	struct rls fit;
};

void thermal_init(struct thermal *thermal);

/* An hour is over: `quarter` is the place on the clock at its beginning, 0..95. */
void thermal_take(struct thermal *thermal, int quarter, float before_c, float after_c,
		  struct thermal_work work);

/* Whether the fit describes a battery: after some days, and where warmth leaks out, not in. */
bool thermal_is_known(const struct thermal *thermal);

/* The temperature an hour after `temp_c`; thermal_is_known() first. */
float thermal_step(const struct thermal *thermal, int quarter, float temp_c,
		   struct thermal_work work);

/*
 * Whether a battery gets as warm or cold as that, -40 to 80 °C: what lies beyond, far from all
 * that was measured, is the fit's and not the battery's, and the course that leads there is none.
 */
bool thermal_can_be(float temp_c);

/* The share k; and what the battery would come to if it rested from `quarter` on forever, °C. */
float thermal_leak(const struct thermal *thermal);
float thermal_ambient_c(const struct thermal *thermal, int quarter);
