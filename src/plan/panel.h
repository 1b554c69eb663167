/*
 * Readings of one value in several ways, those of other forecasters (rival.h) and the simple
 * rules beside them, each with a battery of its own that exists on paper only: what each would
 * have cost this home over the last weeks decides how much it counts, and
 * whether a rule leads for a while in place of the plan.
 */
#pragma once

#include "plan/mode.h"
#include "plan/rival.h"
#include "plan/rule.h"

#define PANEL_READINGS 9 /* of the planner's own value; the first is as it stands */
#define PANEL_EXPERTS (PANEL_READINGS + RIVAL_COUNT)
#define PANEL_RULES 6

struct paper_battery {
	float energy_kwh;
	double cost; /* forgotten with time */
	double paid; /* all of it, since the beginning */
};

struct panel {
	struct paper_battery experts[PANEL_EXPERTS], rules[PANEL_RULES], mix;
	float share[PANEL_EXPERTS];
	struct plan_row readings[PANEL_EXPERTS]; /* of the slot that runs */
	float day_cost,
	    weight;  /* what a day costs without a battery, and of how much it is the mean */
	float hours; /* seen so far */
	int leader;  /* a rule, or -1: the plan */
};

void panel_init(struct panel *panel);

/*
 * Reads `value` in all ways; `rivals` are the values of the other forecasters, or NULL while they
 * cannot say. Writes what is to be acted on: the mean by what each has been worth.
 */
void panel_read(struct panel *panel, const struct plan_row *value,
		const struct plan_row rivals[RIVAL_COUNT], const struct plan_reach *reach,
		float capacity_kwh, struct plan_row *mixed);

/* The rule numbered `rule`, as panel->leader numbers them, and the level that it fills up to. */
enum plan_rule panel_rule(int rule, float *level);

/* The slot is over: pays each paper battery's bill. `mode` and `mixed` are what was acted on. */
void panel_take(struct panel *panel, const struct plan_mode *mode, const struct plan_row *mixed,
		const struct plan_rule_view *view, const struct plan_reach *reach, float slot_hours,
		float net_kwh, struct plan_price price);
