/*
 * The simple rules that a home battery usually runs by, in the clock's hours.
 * They are what the planner has to beat, and what its guard falls back on.
 */
#pragma once

#include "plan/battery.h"

enum plan_rule {
	RULE_NONE,     /* the battery rests */
	RULE_SELF_USE, /* surplus in, deficit out */
	RULE_TOU,      /* the same, but gives nothing while the price is not above the day's mean */
	RULE_TOPUP,    /* RULE_TOU that also fills up, from the grid, in the two hours before dear
			  ones,    and while cheap keeps what it has only from 6 to 16 */
	RULE_COUNT,
};

/* What the rules see of a slot: prices only. */
struct plan_rule_view {
	bool is_cheap;  /* not above the day's mean */
	int fill_slots; /* slots from this one on until a dear one, within two hours; 0: not so */
	float hour;     /* of the clock, 0..24 */
};

/* Follows the prices of the day, slot by slot. Zero to begin with. */
struct plan_rule_day {
	int32_t day;
	int count;
	float sum;
};

/*
 * What the rules see of `slots[0]`, which begins now, with the prices of `count` slots from it on.
 * Call it once for each slot, in order.
 */
struct plan_rule_view plan_rule_look(struct plan_rule_day *day, const struct plan_slot *slots,
				     int count, int slots_per_day);

/*
 * The move under `rule` in kWh of the cells from `energy_kwh` with `net_kwh`, not settled yet;
 * RULE_TOPUP fills up to `level` (0..1) of the room.
 */
float plan_rule_act(enum plan_rule rule, float level, const struct plan_rule_view *view,
		    const struct plan_reach *reach, float energy_kwh, float net_kwh);
