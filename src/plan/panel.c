/*
 * Experts and guard. An expert shifts the value by so much energy and blurs it
 * by so much: the plan's levels move up or down, or grow more careful. Another
 * forecaster counts only while it would have cost less than any of these, by a
 * margin as the rules have it.
 */
#include "plan/panel.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "plan/vector.h"

#define FORGET_HOURS (60 * 24)
#define DAY_FORGET_HOURS (30 * 24)
#define TEMPERATURE 0.1f /* of a day's cost: how soon the better outweighs the good */
#define RULES_AFTER_HOURS (14 * 24)
#define LEAD_BELOW 0.25f /* of a day's cost: a rule so much better leads */
#define LEAD_UNTIL 0.3f  /* of that */
#define COST_LEAST 1e-3f
#define RIVAL_PRIOR 0.5f /* of another forecaster, while it is cheaper than all of EXPERTS */

/* Shift and blur as shares of the capacity, and how much it counts before anything is known. */
static const struct expert {
	float shift, blur, prior;
} EXPERTS[PANEL_READINGS] = {
    {0, 0, 1},
    {0, 0.4f / 6.4f, 1},
    {0, 0.8f / 6.4f, 0.5f},
    {0.3f / 6.4f, 0, 0.3f},
    {0.3f / 6.4f, 0.6f / 6.4f, 0.5f},
    {0.6f / 6.4f, 0.8f / 6.4f, 0.3f},
    {1 / 6.4f, 1 / 6.4f, 0.15f},
    {-0.2f / 6.4f, 0.3f / 6.4f, 0.2f},
    {1.6f / 6.4f, 1 / 6.4f, 0.1f},
};

static const struct {
	enum plan_rule rule;
	float level;
} RULES[PANEL_RULES] = {
    {RULE_SELF_USE, 1}, {RULE_TOU, 1},      {RULE_TOPUP, 1},
    {RULE_TOPUP, 0.8f}, {RULE_TOPUP, 0.6f}, {RULE_TOPUP, 0.4f},
};

void panel_init(struct panel *panel)
{
	memset(panel, 0, sizeof(*panel));
	panel->share[0] = 1;
	panel->leader = -1;
}

enum plan_rule panel_rule(int rule, float *level)
{
	*level = RULES[rule].level;
	return RULES[rule].rule;
}

/* Between the points as on a line, and beyond the ends too. */
static float extended_at(const struct plan_row *row, float place)
{
	int at = place < 0 ? 0 : place > PLAN_CELLS - 1 ? PLAN_CELLS - 1 : (int)place;

	return row->at[at] + (row->at[at + 1] - row->at[at]) * (place - (float)at);
}

static void read_shifted(const struct plan_row *value, float shift, float blur,
			 struct plan_row *reading)
{
	for (int k = 0; k < PLAN_POINTS; k++) {
		float place = (float)k - shift;

		reading->at[k] =
		    0.5f * (extended_at(value, place - blur) + extended_at(value, place + blur));
	}
}

static float prior_of(int expert)
{
	return expert < PANEL_READINGS ? EXPERTS[expert].prior : RIVAL_PRIOR;
}

void panel_read(struct panel *panel, const struct plan_row *value,
		const struct plan_row rivals[RIVAL_COUNT], const struct plan_reach *reach,
		float capacity_kwh, struct plan_row *mixed)
{
	float points = capacity_kwh / reach->step_kwh;

	*mixed = (struct plan_row){{0}};
	for (int e = 0; e < PANEL_EXPERTS; e++) {
		struct plan_row *reading = &panel->readings[e];

		if (e < PANEL_READINGS)
			read_shifted(value, EXPERTS[e].shift * points, EXPERTS[e].blur * points,
				     reading);
		else
			*reading = rivals ? rivals[e - PANEL_READINGS] : *value;
		for (int k = 0; k < PLAN_POINTS; k++)
			mixed->at[k] +=
			    panel->share[e] * (reading->at[k] - reading->at[PLAN_CELLS]);
	}
}

/* What is settled in a slot, for all who settle. */
struct account {
	const struct plan_reach *reach;
	struct plan_price price;
	float net_kwh;
	double keep;
};

static void pay(struct paper_battery *battery, float move, const struct account *account)
{
	struct plan_flow flow = plan_settle(account->reach, &battery->energy_kwh, move,
					    account->net_kwh, account->price);

	battery->cost = battery->cost * account->keep + (double)flow.bill + (double)flow.wear;
	battery->paid += (double)flow.bill + (double)flow.wear;
}

/* What a paper battery has cost, and what is in it still saves. */
static double worth(const struct paper_battery *battery, const struct plan_row *mixed,
		    const struct plan_reach *reach)
{
	return battery->cost + (double)extended_at(mixed, battery->energy_kwh / reach->step_kwh);
}

static void weigh_experts(struct panel *panel, const struct plan_row *mixed,
			  const struct account *account)
{
	double cost[PANEL_EXPERTS], least = INFINITY, own = INFINITY, sum = 0;
	double temperature = (double)(TEMPERATURE * panel->day_cost / panel->weight + COST_LEAST);
	double margin = (double)(LEAD_BELOW * panel->day_cost / panel->weight);

	for (int e = 0; e < PANEL_EXPERTS; e++) {
		struct paper_battery *paper = &panel->experts[e];
		struct plan_mode mode =
		    plan_mode_of(&panel->readings[e], account->reach, account->price);

		pay(paper,
		    plan_mode_act(&mode, &panel->readings[e], account->reach, paper->energy_kwh,
				  account->net_kwh, account->price),
		    account);
		cost[e] = worth(paper, mixed, account->reach);
		least = fmin(least, cost[e]);
		own = e < PANEL_READINGS ? least : own;
	}
	for (int e = 0; e < PANEL_EXPERTS; e++) {
		bool counts = e < PANEL_READINGS ||
			      (panel->hours > RULES_AFTER_HOURS && cost[e] < own - margin);

		cost[e] =
		    counts
			? (double)(prior_of(e) * plan_exp((float)((least - cost[e]) / temperature)))
			: 0;
		sum += cost[e];
	}
	for (int e = 0; e < PANEL_EXPERTS; e++)
		panel->share[e] = (float)(cost[e] / sum);
}

static void choose_leader(struct panel *panel, const struct plan_row *mixed,
			  const struct plan_rule_view *view, const struct account *account)
{
	double margin = (double)(LEAD_BELOW * panel->day_cost / panel->weight);
	double of_mix = worth(&panel->mix, mixed, account->reach), best = INFINITY;
	int best_rule = 0;

	for (int r = 0; r < PANEL_RULES; r++) {
		struct paper_battery *paper = &panel->rules[r];
		double cost;

		pay(paper,
		    plan_rule_act(RULES[r].rule, RULES[r].level, view, account->reach,
				  paper->energy_kwh, account->net_kwh),
		    account);
		cost = worth(paper, mixed, account->reach);
		if (cost < best) {
			best = cost;
			best_rule = r;
		}
	}
	if (panel->hours <= RULES_AFTER_HOURS)
		return;
	if (panel->leader < 0)
		panel->leader = best < of_mix - margin ? best_rule : -1;
	else
		panel->leader = best < of_mix - (double)LEAD_UNTIL * margin ? best_rule : -1;
}

void panel_take(struct panel *panel, const struct plan_mode *mode, const struct plan_row *mixed,
		const struct plan_rule_view *view, const struct plan_reach *reach, float slot_hours,
		float net_kwh, struct plan_price price)
{
	struct account account = {reach, price, net_kwh,
				  (double)plan_exp(-slot_hours / FORGET_HOURS)};
	float bill = net_kwh > 0 ? net_kwh * price.buy : net_kwh * price.sell;
	float keep = plan_exp(-slot_hours / DAY_FORGET_HOURS);

	panel->day_cost = panel->day_cost * keep + fabsf(bill) * 24 / slot_hours * (1 - keep);
	panel->weight = panel->weight * keep + 1 - keep;
	weigh_experts(panel, mixed, &account);
	pay(&panel->mix, plan_mode_act(mode, mixed, reach, panel->mix.energy_kwh, net_kwh, price),
	    &account);
	choose_leader(panel, mixed, view, &account);
	panel->hours += slot_hours;
}
