/* Quarters of the forecast against slots of the plan, see warmth.h. */
#include "plan/warmth.h"

#include <math.h>

static bool is_within(float value, float low, float high)
{
	return value >= low && value <= high;
}

/* The forecast for the quarter that begins at `at_s`; NaN where there is none. */
static float likely_at(const struct foresight_view *view, int64_t at_s)
{
	int64_t i = (at_s - view->from_s) / DIARY_SECONDS;

	return at_s >= view->from_s && i < view->count ? view->steps[i].temp_c[CONTEST_P50] : NAN;
}

bool warmth_shares(const struct foresight_view *view, const struct warmth_limits *limits,
		   const struct warmth_slots *slots, struct plan_share *shares)
{
	int quarters = slots->step_s / DIARY_SECONDS;
	bool is_any = false;

	for (int i = 0; i < slots->count; i++) {
		int charges = 0, gives = 0;

		for (int q = 0; q < quarters; q++) {
			float c = likely_at(view, slots->from_s + (int64_t)i * slots->step_s +
						      (int64_t)q * DIARY_SECONDS);

			charges +=
			    isnan(c) || is_within(c, limits->charge_min_c, limits->charge_max_c);
			gives += isnan(c) ||
				 is_within(c, limits->discharge_min_c, limits->discharge_max_c);
		}
		shares[i].charge *= (float)charges / (float)quarters;
		shares[i].discharge *= (float)gives / (float)quarters;
		is_any = is_any || charges < quarters || gives < quarters;
	}
	return is_any;
}

/* The planned state of charge at `at_s`: between the slots' ends as on a line. */
static float planned_at_s(const struct warmth_slots *slots, float soc_now_pct, const float *soc_pct,
			  int64_t at_s)
{
	int64_t i = (at_s - slots->from_s) / slots->step_s;
	float before,
	    share = (float)((at_s - slots->from_s) % slots->step_s) / (float)slots->step_s;

	if (at_s <= slots->from_s)
		return soc_now_pct;
	if (i >= slots->count)
		return soc_pct[slots->count - 1];
	before = i > 0 ? soc_pct[i - 1] : soc_now_pct;
	return before + (soc_pct[i] - before) * share;
}

void warmth_course(const struct foresight *foresight, const struct foresight_view *view,
		   const struct warmth_slots *slots, float soc_now_pct, const float *soc_pct,
		   float *temp_c)
{
	float soc[FORESIGHT_STEPS], warm[FORESIGHT_STEPS];
	bool is_warm;

	for (int i = 0; i < FORESIGHT_STEPS; i++)
		soc[i] = planned_at_s(slots, soc_now_pct, soc_pct,
				      view->from_s + (int64_t)(i + 1) * DIARY_SECONDS);
	is_warm = foresight_warm(foresight, soc, FORESIGHT_STEPS, warm);
	for (int i = 0; i < slots->count; i++) {
		int64_t last_s = slots->from_s + (int64_t)(i + 1) * slots->step_s - DIARY_SECONDS;
		int64_t quarter = (last_s - view->from_s) / DIARY_SECONDS;

		temp_c[i] = likely_at(view, last_s);
		if (is_warm && last_s >= view->from_s && quarter < FORESIGHT_STEPS)
			temp_c[i] = warm[quarter];
	}
}
