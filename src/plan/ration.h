/*
 * A cap on what a battery gives in a day of the home, so that many small gains do not wear it out.
 * What is spent is gone until midnight. So of what is left as much is kept back as the house
 * is likely to take in the dearer hours that are still to come, and what the cap cannot cover
 * falls to the cheapest of them.
 */
#pragma once

#include "plan/battery.h"
#include "plan/past.h"

struct plan_ration {
	float most_kwh; /* of the cells, in a day; 0: no cap */
	bool has_day;
	int32_t day;
	float given_kwh; /* on that day */
	float kept_kwh;  /* for the hours of it that are dearer than the slot that is decided */
};

void ration_init(struct plan_ration *ration, const struct plan_battery *battery);

/* slots[0] is decided; prices are known, or assumed, in all `count`. */
void ration_look(struct plan_ration *ration, const struct plan_past *past,
		 const struct plan_reach *reach, const struct plan_slot *slots, int count);

/* So much was given on the day that was looked at last. */
void ration_give(struct plan_ration *ration, float kwh);

/* What it may give in the slot; PLAN_UNLIMITED without a cap. */
float ration_left(const struct plan_ration *ration);

/* What is to be kept for later on slots[0]'s day. */
float ration_kept(const struct plan_past *past, const struct plan_reach *reach,
		  const struct plan_slot *slots, int count);
