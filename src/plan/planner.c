/*
 * The order of a decision: prices, the lattice where it is old, its root as of
 * now, the panel's reading of it, and the levels that follow.
 */
#include "plan/planner.h"

#include <math.h>
#include <string.h>

#include "plan/outlook.h"
#include "plan/patience.h"
#include "plan/trend.h"

void planner_init(struct planner *planner, const struct plan_battery *battery, int slots_per_day)
{
	memset(planner, 0, sizeof(*planner));
	planner->battery = *battery;
	planner->reach = plan_reach_of(battery, 24.0f / (float)slots_per_day, 1, 1);
	plan_past_init(&planner->past, slots_per_day);
	panel_init(&planner->panel);
	rivals_init(&planner->rivals, slots_per_day);
	gauge_init(&planner->gauge, slots_per_day);
	outside_init(&planner->outside, slots_per_day);
	ration_init(&planner->ration, battery);
}

int planner_slots_ahead(const struct planner *planner)
{
	return LATTICE_HOURS * planner->past.slots_per_day / 24;
}

void planner_expect(struct planner *planner, const struct plan_share *shares)
{
	for (int i = 0; i < planner_slots_ahead(planner); i++)
		planner->reaches[i] = plan_reach_of(&planner->battery, planner->past.slot_hours,
						    shares[i].charge, shares[i].discharge);
	planner->reach = planner->reaches[0];
	planner->has_shares = true;
}

const struct plan_reach *planner_reach(const struct planner *planner, int i)
{
	return planner->has_shares ? &planner->reaches[i] : &planner->reach;
}

/* ---- prices ---- */

static bool is_known(struct plan_price price)
{
	return isfinite(price.buy) && isfinite(price.sell);
}

/* What a price that is not known is taken to be: the day before at the same place, else any. */
static struct plan_price assume(const struct planner *planner, const struct plan_slot *slots, int i)
{
	int day = planner->past.slots_per_day, place = slots[i].when.place;

	if (i >= day)
		return slots[i - day].price;
	if (planner->has_price[place])
		return planner->last_price[place];
	return planner->any_price;
}

static void know_prices(struct planner *planner, const struct plan_slot *ahead, int count,
			struct plan_slot *slots)
{
	memcpy(slots, ahead, sizeof(*slots) * (size_t)count);
	if (is_known(ahead[0].price)) {
		planner->last_price[ahead[0].when.place] = ahead[0].price;
		planner->has_price[ahead[0].when.place] = true;
		planner->any_price = ahead[0].price;
	}
	for (int i = 0; i < count; i++) {
		if (!is_known(slots[i].price))
			slots[i].price = assume(planner, slots, i);
	}
}

/* ---- value ---- */

/* The value at the end of what is looked ahead: that of the same place when it was last decided. */
static struct plan_row end_value(const struct planner *planner, const struct plan_slot *slots,
				 int count)
{
	int place = (slots[count - 1].when.place + 1) % planner->past.slots_per_day;
	struct plan_row end = {{0}};

	for (int k = 0; k < PLAN_POINTS && planner->is_saved[place]; k++)
		end.at[k] = planner->saved[place].at[k] - planner->saved[place].at[PLAN_CELLS];
	return end;
}

static void build(struct planner *planner, const struct plan_slot *slots, int count)
{
	struct plan_row end = end_value(planner, slots, count - 1);
	struct lattice_ahead ahead = {.slots = slots,
				      .reach = planner_reach(planner, 0),
				      .reach_step = planner->has_shares,
				      .count = count - 1,
				      .said = planner->outside.said,
				      .share = planner->outside.share};

	lattice_build(&planner->lattice, &planner->past, &ahead, &end);
	planner->stage = 1;
}

/* Where others say how the sun will be, the own word on how today departs counts for less. */
static void share_shift(const struct planner *planner, struct lattice_shift *shift)
{
	const struct lattice *lattice = &planner->lattice;
	int slots = TREND_HOURS * planner->past.slots_per_day / 24;
	float share = 0, sun = 0;

	for (int i = planner->stage; i < planner->stage + slots && i < lattice->stages; i++) {
		if (lattice->share[i] <= 0)
			continue;
		share += lattice->share[i] * lattice->said[i];
		sun += lattice->said[i];
	}
	for (int j = 0; j < LATTICE_LOADS && share > 0; j++)
		shift->sun[j] *= 1 - share / sun;
}

static void value_after(struct planner *planner, struct plan_when now, struct plan_row *value)
{
	struct lattice_shift shift;
	int place = planner->lattice.when[planner->stage].place;

	trend_shift(&planner->past, now, &shift);
	share_shift(planner, &shift);
	lattice_root(&planner->lattice, &planner->past, now, planner->stage, &planner->reach,
		     &shift, value);
	planner->saved[place] = *value;
	planner->is_saved[place] = true;
}

/* Reads the value in all ways, those of the other forecasters included. */
static void read_all(struct planner *planner, const struct plan_slot *slots, int count,
		     const struct plan_row *value, struct plan_row *mixed)
{
	struct plan_row end = end_value(planner, slots, count), rows[RIVAL_COUNT];
	struct rivals *rivals = &planner->rivals;

	rivals_look(rivals, &planner->past, slots, count);
	for (enum rival rival = 0; rival < RIVAL_COUNT && rivals->is_known; rival++)
		rival_value(rivals, rival, slots, planner_reach(planner, 0), planner->has_shares,
			    &end, &rows[rival]);
	panel_read(&planner->panel, value, rivals->is_known ? rows : NULL, &planner->reach,
		   planner->battery.capacity_kwh, mixed);
}

void planner_decide(struct planner *planner, const struct plan_slot *ahead, bool is_news,
		    struct plan_decision *decision)
{
	struct plan_slot slots[LATTICE_STAGES_MAX];
	int count = planner_slots_ahead(planner);
	int reuse = LATTICE_REUSE_HOURS * planner->past.slots_per_day / 24;
	struct plan_row value;

	know_prices(planner, ahead, count, slots);
	outside_look(&planner->outside, &planner->past, slots, count);
	ration_look(&planner->ration, &planner->past, &planner->reach, slots, count);
	if (is_news || planner->stage == 0 || planner->stage >= reuse)
		build(planner, slots, count);
	else
		planner->stage++;
	value_after(planner, slots[0].when, &value);
	read_all(planner, slots, count - reuse, &value, &decision->value);
	decision->price = slots[0].price;
	decision->price_is_assumed = !is_known(ahead[0].price);
	decision->mode = plan_mode_of(&decision->value, &planner->reach, decision->price);
	decision->mode.keep_to =
	    fmaxf(patience_keep_to(&planner->past, slots, count, &planner->battery, &planner->reach,
				   decision->mode.keep_to),
		  decision->mode.buy_to);
	decision->view =
	    plan_rule_look(&planner->rule_day, slots, count, planner->past.slots_per_day);
	decision->give_to = 0;
	decision->is_rule = planner->panel.leader >= 0;
	if (decision->is_rule)
		decision->rule = panel_rule(planner->panel.leader, &decision->level);
}

void planner_decide_rule(struct planner *planner, const struct plan_slot *ahead,
			 enum plan_rule rule, struct plan_decision *decision)
{
	struct plan_slot slots[LATTICE_STAGES_MAX];
	int count = planner_slots_ahead(planner);

	know_prices(planner, ahead, count, slots);
	ration_look(&planner->ration, &planner->past, &planner->reach, slots, count);
	*decision = (struct plan_decision){
	    .view = plan_rule_look(&planner->rule_day, slots, count, planner->past.slots_per_day),
	    .price = slots[0].price,
	    .price_is_assumed = !is_known(ahead[0].price),
	    .is_rule = true,
	    .rule = rule,
	    .level = 1,
	};
}

void planner_hold(const struct planner *planner, float energy_kwh, float given_kwh,
		  struct plan_decision *decision)
{
	float left = fmaxf(ration_left(&planner->ration) - given_kwh, 0);

	decision->give_to = fmaxf(energy_kwh - left, 0);
}

void planner_give(struct planner *planner, float kwh)
{
	ration_give(&planner->ration, kwh);
}

static float wished_move(const struct plan_decision *decision, const struct plan_reach *reach,
			 float energy_kwh, float net_kwh)
{
	if (decision->is_rule && energy_kwh >= 0)
		return plan_rule_act(decision->rule, decision->level, &decision->view, reach,
				     energy_kwh, net_kwh);
	return plan_mode_act(&decision->mode, &decision->value, reach, energy_kwh, net_kwh,
			     decision->price);
}

float planner_act(const struct plan_decision *decision, const struct plan_reach *reach,
		  float energy_kwh, float net_kwh)
{
	float move = wished_move(decision, reach, energy_kwh, net_kwh);

	if (decision->give_to <= 0 || move >= 0)
		return move;
	return fminf(fmaxf(move, decision->give_to - energy_kwh), 0);
}

void planner_take(struct planner *planner, const struct plan_decision *decision,
		  const struct plan_slot *slot)
{
	float net = slot->load_kwh - slot->pv_kwh;

	if (!isnan(net))
		panel_take(&planner->panel, &decision->mode, &decision->value, &decision->view,
			   &planner->reach, planner->past.slot_hours, net, decision->price);
	outlook_promise(planner, slot->when);
	rivals_take(&planner->rivals, &planner->past, slot);
	gauge_take(&planner->gauge, slot);
	outside_take(&planner->outside, slot);
	plan_past_take(&planner->past, slot);
}
