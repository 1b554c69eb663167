/* A day's cap on what is given; see ration.h. */
#include "plan/ration.h"

#include <math.h>

#define NEED_DAYS 7  /* of the past: what the house takes at a time of the day */
#define DEARER 0.01f /* of the price: less is the same */

void ration_init(struct plan_ration *ration, const struct plan_battery *battery)
{
	*ration = (struct plan_ration){.most_kwh = battery->cycles_per_day * battery->capacity_kwh};
}

/* What the house is likely to want from the cells there. */
static float need_at(const struct plan_past *past, const struct plan_reach *reach,
		     struct plan_when when)
{
	float sum = 0;
	int known = 0;

	for (int day = 1; day <= NEED_DAYS; day++) {
		const struct plan_moment *moment;

		if (!plan_past_has(past, when.day - day, when.place))
			continue;
		moment = plan_past_at(past, when.day - day, when.place);
		sum += fmaxf(moment->load_kwh - moment->pv_kwh, 0);
		known++;
	}
	return known > 0 ? sum / (float)known / reach->efficiency : 0;
}

float ration_kept(const struct plan_past *past, const struct plan_reach *reach,
		  const struct plan_slot *slots, int count)
{
	float dearer = slots[0].price.buy + DEARER * fabsf(slots[0].price.buy);
	float kept = 0, at_once = 0; /* between two slots in which it could be filled up again */

	for (int i = 1; i < count && slots[i].when.day == slots[0].when.day; i++) {
		bool sells = reach->sells && slots[i].price.sell > dearer;
		float wanted;

		if (!sells && !(slots[i].price.buy > dearer)) {
			at_once = 0;
			continue;
		}
		wanted = sells ? reach->discharge_kwh
			       : fminf(need_at(past, reach, slots[i].when), reach->discharge_kwh);
		wanted = fminf(wanted, reach->room_kwh - at_once);
		at_once += wanted;
		kept += wanted;
	}
	return kept;
}

void ration_look(struct plan_ration *ration, const struct plan_past *past,
		 const struct plan_reach *reach, const struct plan_slot *slots, int count)
{
	if (ration->most_kwh <= 0)
		return;
	if (!ration->has_day || ration->day != slots[0].when.day)
		ration->given_kwh = 0;
	ration->has_day = true;
	ration->day = slots[0].when.day;
	ration->kept_kwh = ration_kept(past, reach, slots, count);
}

void ration_give(struct plan_ration *ration, float kwh)
{
	ration->given_kwh += kwh;
}

float ration_left(const struct plan_ration *ration)
{
	return ration->most_kwh > 0
		   ? fmaxf(ration->most_kwh - ration->given_kwh - ration->kept_kwh, 0)
		   : PLAN_UNLIMITED;
}
