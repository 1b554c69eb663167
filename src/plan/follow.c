/* Acting on a decision by relays, see follow.h. It asks planner_act() and adds what relays need. */
#include "plan/follow.h"

#include <math.h>

#include "plan/vector.h"

#define SMOOTH_SECONDS 90 /* of what the house needs */
#define STEP_SHARE 0.01f  /* of the room: less is not worth beginning */
#define START_SHARE 0.03f /* of the battery's power: from so much surplus or need on */
#define STOP_SHARE 0.01f  /* and down to that it goes on */
#define START_LEAST_KW 0.05f
#define LEAST_KWH 1e-4f
#define PROBE_KWH 20.0f /* more than any house: what would be done of it */
#define HALVINGS 10

void follow_net(struct follow_net *net, float net_kw, float seconds)
{
	float share = 1 - plan_exp(-fmaxf(seconds, 0) / SMOOTH_SECONDS);

	if (isnan(net_kw)) {
		*net = (struct follow_net){0};
		return;
	}
	net->kw = net->is_known ? net->kw + share * (net_kw - net->kw) : net_kw;
	net->is_known = true;
}

float follow_energy(const struct follow_scale *scale, int32_t soc_bp)
{
	return scale->capacity_kwh * (float)soc_bp / SOC_BP_MAX - scale->floor_kwh;
}

int32_t follow_soc_bp(const struct follow_scale *scale, float energy_kwh)
{
	float share = (energy_kwh + scale->floor_kwh) / scale->capacity_kwh;

	return (int32_t)(fminf(fmaxf(share, 0), 1) * SOC_BP_MAX + 0.5f);
}

/* What a slot with that need of the house would move. */
static float moved(const struct plan_decision *decision, const struct plan_reach *reach,
		   float energy_kwh, float net_kwh)
{
	float after = energy_kwh, wish = planner_act(decision, reach, energy_kwh, net_kwh);

	return plan_settle(reach, &after, wish, net_kwh, decision->price).move_kwh;
}

/* Up to where `bought`, of this slot, is on its way. */
static float buy_level(const struct plan_decision *decision, float energy_kwh, float bought)
{
	float level = decision->is_rule ? 0 : decision->mode.buy_to;

	return fmaxf(energy_kwh + bought, level);
}

/* Power at the meter that a slot's whole charging, or feeding, comes to. */
static float charge_kw(const struct plan_reach *reach, float energy_kwh, float slot_hours)
{
	return plan_charge_limit(reach, fmaxf(energy_kwh, 0)) / reach->efficiency / slot_hours;
}

static float discharge_kw(const struct plan_reach *reach, float slot_hours)
{
	return reach->discharge_kwh * reach->efficiency / slot_hours;
}

static float start_kw(float power_kw, bool has_begun)
{
	return has_begun ? STOP_SHARE * power_kw : fmaxf(START_SHARE * power_kw, START_LEAST_KW);
}

/* The least surplus with which it charges; `surplus_kw` is enough. */
static float least_surplus(const struct plan_decision *decision, const struct plan_reach *reach,
			   float energy_kwh, float slot_hours, float surplus_kw)
{
	float no = 0, yes = surplus_kw;

	for (int i = 0; i < HALVINGS; i++) {
		float kw = (no + yes) / 2;

		if (moved(decision, reach, energy_kwh, -kw * slot_hours) > LEAST_KWH)
			yes = kw;
		else
			no = kw;
	}
	return yes;
}

static int64_t watts(float kw)
{
	return (int64_t)floorf(kw * 1000 + 0.5f);
}

/* What there is to act on, all of one slot. */
struct case_of {
	const struct plan_decision *decision;
	const struct plan_reach *reach;
	const struct follow_scale *scale;
	const struct follow_view *view;
	float slot_hours;
	float bought, moved; /* kWh of the cells without the house, and with it */
};

/* With both paths closed the battery covers what the house needs more in between, too. */
static bool feeds_meanwhile(const struct case_of *of)
{
	return of->reach->closes_both &&
	       moved(of->decision, of->reach, of->view->energy_kwh, PROBE_KWH) < -LEAST_KWH;
}

static struct follow_wish charge(const struct case_of *of)
{
	int64_t soc_bp = follow_soc_bp(of->scale, of->view->energy_kwh);
	float surplus = -of->view->net_kw;

	if (of->bought > LEAST_KWH)
		return (struct follow_wish){
		    INTENT_CHARGE,
		    {REASON_PLAN_CHARGE, soc_bp,
		     follow_soc_bp(of->scale,
				   buy_level(of->decision, of->view->energy_kwh, of->bought))}};
	return (struct follow_wish){
	    feeds_meanwhile(of) ? INTENT_BOTH : INTENT_CHARGE,
	    {REASON_PLAN_SUN, watts(surplus),
	     watts(least_surplus(of->decision, of->reach, of->view->energy_kwh, of->slot_hours,
				 surplus))}};
}

static struct follow_wish discharge(const struct case_of *of)
{
	float level = of->decision->is_rule ? 0 : of->decision->mode.serve_to;
	float least = start_kw(discharge_kw(of->reach, of->slot_hours), false);

	if (level > STEP_SHARE * of->reach->room_kwh)
		return (struct follow_wish){INTENT_DISCHARGE,
					    {REASON_PLAN_DISCHARGE,
					     follow_soc_bp(of->scale, of->view->energy_kwh),
					     follow_soc_bp(of->scale, level)}};
	return (struct follow_wish){INTENT_DISCHARGE,
				    {REASON_PLAN_SERVE, watts(of->view->net_kw), watts(least)}};
}

static struct follow_wish rest(const struct case_of *of, float start)
{
	int64_t soc_bp = follow_soc_bp(of->scale, of->view->energy_kwh);

	if (fabsf(of->moved) > LEAST_KWH)
		return (struct follow_wish){
		    INTENT_SAFE, {REASON_PLAN_REST, watts(fabsf(of->view->net_kw)), watts(start)}};
	return (struct follow_wish){INTENT_SAFE, {REASON_PLAN_KEEP, soc_bp, soc_bp}};
}

void follow_act(const struct plan_decision *decision, const struct plan_reach *reach,
		const struct follow_scale *scale, float slot_hours, const struct follow_view *view,
		struct follow_wish *wish)
{
	bool charges = view->intent == INTENT_CHARGE || view->intent == INTENT_BOTH;
	bool feeds = view->intent == INTENT_DISCHARGE;
	float step = STEP_SHARE * reach->room_kwh, energy = view->energy_kwh, start;
	struct case_of of = {decision, reach, scale, view, slot_hours, 0, 0};

	of.bought = moved(decision, reach, energy, 0);
	of.moved = moved(decision, reach, energy, view->net_kw * slot_hours);
	/* To a level: as far as it goes once it has begun, else only for a step worth it. */
	if (of.bought > (charges ? LEAST_KWH : step)) {
		*wish = charge(&of);
	} else if (of.moved > LEAST_KWH && of.bought <= LEAST_KWH) {
		start = start_kw(charge_kw(reach, energy, slot_hours), charges);
		*wish = -view->net_kw >= start && (charges || energy < reach->room_kwh - step)
			    ? charge(&of)
			    : rest(&of, start);
	} else if (of.moved < -LEAST_KWH) {
		float level = decision->is_rule ? 0 : decision->mode.serve_to;

		start = start_kw(discharge_kw(reach, slot_hours), feeds);
		*wish = view->net_kw >= start && (feeds || energy > level + step)
			    ? discharge(&of)
			    : rest(&of, start);
	} else {
		of.moved = 0;
		*wish = rest(&of, 0);
	}
}

/* ---- one word for it ---- */

/* Up to where surplus is kept, and down to where the house is fed. */
static float keep_level(const struct plan_decision *decision, const struct plan_reach *reach)
{
	return decision->is_rule || decision->mode.tries_all ? reach->room_kwh
							     : decision->mode.keep_to;
}

static float serve_level(const struct plan_decision *decision)
{
	return decision->is_rule ? 0 : decision->mode.serve_to;
}

enum planned_mode follow_mode_of(const struct plan_decision *decision,
				 const struct plan_reach *reach, float energy_kwh, float *level_kwh)
{
	float least = STEP_SHARE * reach->room_kwh / 10;
	float bought = moved(decision, reach, energy_kwh, 0);
	bool serves = moved(decision, reach, energy_kwh, PROBE_KWH) < -least;
	bool keeps = moved(decision, reach, energy_kwh, -PROBE_KWH) > least;

	*level_kwh = energy_kwh;
	if (bought > least) {
		*level_kwh = buy_level(decision, energy_kwh, bought);
		return PLANNED_CHARGE_TO;
	}
	if (bought < -least) {
		*level_kwh = decision->is_rule ? 0 : fminf(decision->mode.sell_to, energy_kwh);
		return PLANNED_DISCHARGE_TO;
	}
	if (serves) {
		*level_kwh = serve_level(decision);
		return PLANNED_SELF_CONSUME;
	}
	if (keeps) {
		*level_kwh = keep_level(decision, reach);
		return PLANNED_CHARGE_FROM_SUN;
	}
	return PLANNED_HOLD;
}
