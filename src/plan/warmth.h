/*
 * Where a battery's own forecast of temperature leaves it power: a plan does not count on charging
 * when its cells will be too cold or too hot, and says how warm it will be along its own course.
 */
#pragma once

#include "plan/battery.h"
#include "plan/foresight.h"

/* Within these it may charge and discharge, °C. */
struct warmth_limits {
	float charge_min_c, charge_max_c, discharge_min_c, discharge_max_c;
};

/* The slots of a plan: `count` of `step_s`, the first from `from_s` on, local as in foresight.h. */
struct warmth_slots {
	int64_t from_s;
	int32_t step_s, count;
};

/*
 * Takes from each share as many of the slot's quarters as are likely beyond the limits; a quarter
 * of which nothing is forecast is taken to be within them. Returns whether any was.
 */
bool warmth_shares(const struct foresight_view *view, const struct warmth_limits *limits,
		   const struct warmth_slots *slots, struct plan_share *shares);

/*
 * °C at each slot's end, with the state of charge `soc_pct` there and `soc_now_pct` now: by the
 * thermal model, or, while that is not known, as is forecast without a plan; NaN where nothing is.
 */
void warmth_course(const struct foresight *foresight, const struct foresight_view *view,
		   const struct warmth_slots *slots, float soc_now_pct, const float *soc_pct,
		   float *temp_c);
