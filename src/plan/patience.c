/* Whether the rest of the day fills the battery too, on each day that is remembered. */
#include "plan/patience.h"

#include <math.h>

#define DAYS LATTICE_LOADS
#define DAYS_LEAST 10
#define SURELY 2.0f /* times what is needed */
#define TIE 1e-6f
#define HOURS 14 /* ahead: the sun is gone by then */

/* What day `day` back would put into the cells after the first slot; NaN where much is not known.
 */
static float filled_on(const struct plan_past *past, const struct plan_slot *slots, int count,
		       const struct plan_reach *reach, float most, int day)
{
	float sum = 0;
	int known = 0;

	for (int i = 1; i < count; i++) {
		struct plan_when when = {slots[i].when.day - day, slots[i].when.place};
		const struct plan_moment *moment;
		float surplus;

		if (!plan_past_has(past, when.day, when.place))
			continue;
		known++;
		moment = plan_past_at(past, when.day, when.place);
		surplus = moment->pv_kwh - moment->load_kwh;
		if (surplus > 0 && slots[i].price.sell <= slots[0].price.sell + TIE)
			sum += fminf(surplus * reach->efficiency, most);
	}
	return known * 2 > count ? sum : NAN;
}

float patience_keep_to(const struct plan_past *past, const struct plan_slot *slots, int count,
		       const struct plan_battery *battery, const struct plan_reach *reach,
		       float keep_to)
{
	float high = PATIENCE_HIGH * battery->capacity_kwh - battery->floor_kwh;
	float room = keep_to - high, most = plan_charge_limit(reach, high);
	int ahead = HOURS * past->slots_per_day / 24, days = 0;

	if (room <= 0 || high <= 0 || reach->exclusive_kwh > 0)
		return keep_to;
	for (int day = 1; day <= DAYS; day++) {
		float filled =
		    filled_on(past, slots, ahead < count ? ahead : count, reach, most, day);

		if (isnan(filled))
			continue;
		if (filled < SURELY * room)
			return keep_to;
		days++;
	}
	return days >= DAYS_LEAST ? high : keep_to;
}
