/* Slots ahead from the lattice's values, and the past days played through them; see course.h. */
#include "plan/course.h"

#include <math.h>
#include <string.h>

#define PATHS LATTICE_LOADS

/* The home's days as they go on from now, each a path of its own. */
struct paths {
	int32_t day;
	float may_give[PATHS]; /* on it, by the plan, in kWh of the cells */
	float kept_kwh;        /* of that, for dearer hours */
	float weight[PATHS];
	int slots[PATHS]; /* that it was measured in */
	float energy[PATHS], rule_energy[PLANNED_RULES][PATHS];
	double bill[PATHS], rule_bill[PLANNED_RULES][PATHS];
	/* with paths that may be closed together, where they may not */
	float free_energy[PATHS], free_own_energy[PATHS];
	double free_bill[PATHS], free_own_bill[PATHS];
};

static const enum plan_rule RULE_OF[PLANNED_RULES] = {RULE_NONE, RULE_SELF_USE, RULE_TOU,
						      RULE_TOPUP};

/* What is left after slot `i`: as decided for the first, then by the lattice, days weighed alike.
 */
static bool value_after(const struct course_of *of, const struct paths *paths, int i,
			struct plan_row *value)
{
	const struct lattice *lattice = &of->planner->lattice;
	int stage = of->planner->stage + i;
	float sum = 0;

	if (i == 0) {
		*value = of->decision->value;
		return true;
	}
	if (stage >= lattice->stages)
		return false;
	*value = (struct plan_row){{0}};
	for (int j = 0; j < PATHS; j++) {
		if (paths->weight[j] <= 0)
			continue;
		sum += paths->weight[j];
		for (int k = 0; k < PLAN_POINTS; k++)
			value->at[k] += paths->weight[j] * lattice->joint[stage][j].at[k];
	}
	for (int k = 0; k < PLAN_POINTS && sum > 0; k++)
		value->at[k] /= sum;
	return sum > 0;
}

/* Prices that are not known, as the planner takes them: those of the day before. */
static void know_prices(const struct course_of *of, struct plan_slot *slots, int count)
{
	const struct planner *planner = of->planner;
	int day = planner->past.slots_per_day;

	memcpy(slots, of->ahead, sizeof(*slots) * (size_t)count);
	slots[0].price = of->decision->price;
	for (int i = 1; i < count; i++) {
		int place = slots[i].when.place;

		if (!isnan(slots[i].price.buy) && !isnan(slots[i].price.sell))
			continue;
		slots[i].price = i >= day                    ? slots[i - day].price
				 : planner->has_price[place] ? planner->last_price[place]
							     : planner->any_price;
	}
}

/* What day `j` before had at the place of `when`; false where it was not measured. */
static bool net_of(const struct planner *planner, struct plan_when when, int i, int j,
		   float *net_kwh)
{
	const struct plan_past *past = &planner->past;
	int32_t day = when.day - 1 - j;

	if (!plan_past_has(past, day, when.place))
		return false;
	*net_kwh = plan_past_at(past, day, when.place)->load_kwh -
		   lattice_pv(&planner->lattice, planner->stage + i - 1,
			      plan_past_at(past, day, when.place)->pv_kwh);
	return true;
}

static double play(const struct plan_decision *decision, const struct plan_reach *reach,
		   float *energy_kwh, float net_kwh)
{
	float wish = planner_act(decision, reach, *energy_kwh, net_kwh);
	struct plan_flow flow = plan_settle(reach, energy_kwh, wish, net_kwh, decision->price);

	return (double)flow.bill + (double)flow.wear;
}

/* The value between `from` and `to`, as money: positive where the later is worth more. */
static double worth_more(const struct plan_row *value, const struct plan_reach *reach, float from,
			 float to)
{
	return (double)plan_row_at(value, reach->step_kwh, from) -
	       (double)plan_row_at(value, reach->step_kwh, to);
}

struct sample {
	float value, weight;
};

static void quantiles(struct sample *samples, int count, float out[PLANNED_QUANTILES])
{
	static const float shares[PLANNED_QUANTILES] = {0.1f, 0.5f, 0.9f};
	float sum = 0, before = 0;
	int at = 0;

	for (int i = 1; i < count; i++) {
		for (int j = i; j > 0 && samples[j].value < samples[j - 1].value; j--) {
			struct sample other = samples[j];

			samples[j] = samples[j - 1];
			samples[j - 1] = other;
		}
	}
	for (int i = 0; i < count; i++)
		sum += samples[i].weight;
	for (int q = 0; q < PLANNED_QUANTILES; q++) {
		while (at + 1 < count && before + samples[at].weight < shares[q] * sum)
			before += samples[at++].weight;
		out[q] = samples[at].value;
	}
}

static int32_t watts(float kwh, float slot_hours)
{
	return (int32_t)floorf(kwh / slot_hours * 1000 + 0.5f);
}

/* What each mode would cost in this slot, load and PV being at their medians. */
static void compare(const struct plan_decision *decision, const struct plan_reach *reach,
		    float energy_kwh, float net_kwh, struct planned_slot *slot)
{
	float follow = net_kwh > 0 ? -net_kwh / reach->efficiency : -net_kwh * reach->efficiency;
	const float moves[PLANNED_MODES] = {
	    [PLANNED_HOLD] = 0,
	    [PLANNED_SELF_CONSUME] = follow,
	    [PLANNED_CHARGE_FROM_SUN] = fmaxf(follow, 0),
	    [PLANNED_CHARGE_TO] = reach->room_kwh,
	    [PLANNED_DISCHARGE_TO] = reach->sells ? -reach->room_kwh : NAN,
	};
	float given = reach->always_serves && net_kwh > 0 ? -follow : 0;
	float best = INFINITY;

	for (int mode = 0; mode < PLANNED_MODES; mode++) {
		float after = energy_kwh;
		struct plan_flow flow;

		slot->more[mode] = NAN;
		if (isnan(moves[mode]))
			continue;
		flow = plan_settle(reach, &after,
				   mode == PLANNED_SELF_CONSUME ? follow : moves[mode] - given,
				   net_kwh, decision->price);
		slot->more[mode] =
		    flow.bill + flow.wear + plan_row_at(&decision->value, reach->step_kwh, after);
		best = fminf(best, slot->more[mode]);
	}
	for (int mode = 0; mode < PLANNED_MODES; mode++)
		slot->more[mode] -= best;
}

static void tell(const struct course_of *of, const struct outlook_slot *outlook,
		 const struct plan_decision *decision, const struct plan_reach *reach,
		 float median_kwh, float said_kwh, struct planned_slot *slot)
{
	float hours = of->planner->past.slot_hours, level;

	slot->mode = follow_mode_of(decision, reach, median_kwh, &level);
	slot->level_bp = follow_soc_bp(of->scale, level);
	slot->buy = decision->price.buy;
	slot->sell = decision->price.sell;
	slot->price_is_assumed = decision->price_is_assumed;
	slot->is_known = outlook->is_known;
	slot->said_w = isnan(said_kwh) ? -1 : watts(said_kwh, hours);
	for (int q = 0; q < PLANNED_QUANTILES; q++) {
		slot->load_w[q] = watts(outlook->load_kwh[q], hours);
		slot->pv_w[q] = watts(outlook->pv_kwh[q], hours);
	}
	compare(decision, reach, median_kwh,
		outlook->load_kwh[OUTLOOK_P50] - outlook->pv_kwh[OUTLOOK_P50], slot);
}

/* The plan's own way through a slot, held to what path `j` may give in it (ration.h). */
static double play_held(const struct plan_decision *decision, const struct plan_reach *reach,
			struct paths *paths, int j, float net_kwh)
{
	struct plan_decision held = *decision;
	float before = paths->energy[j];
	double cost;

	held.give_to = fmaxf(before - fmaxf(paths->may_give[j] - paths->kept_kwh, 0), 0);
	cost = play(&held, reach, &paths->energy[j], net_kwh);
	paths->may_give[j] = fmaxf(paths->may_give[j] - fmaxf(before - paths->energy[j], 0), 0);
	return cost;
}

/* What the day's cap leaves as slot `i` begins: at midnight all of it is there again. */
static void look_at_ration(const struct planner *planner, const struct plan_slot *slots, int i,
			   struct paths *paths)
{
	int count = planner_slots_ahead(planner) - i;

	if (planner->ration.most_kwh <= 0)
		return;
	paths->kept_kwh = ration_kept(&planner->past, planner_reach(planner, i), &slots[i], count);
	if (slots[i].when.day == paths->day)
		return;
	paths->day = slots[i].when.day;
	for (int j = 0; j < PATHS; j++)
		paths->may_give[j] = planner->ration.most_kwh;
}

/*
 * What a slot would come to if charging could follow the sun: by the same values of energy, so that
 * a plan that is made for such paths is better still.
 */
static void go_on_free(const struct plan_decision *decision, const struct plan_reach *as_it_is,
		       int j, float net_kwh, struct paths *paths)
{
	struct plan_reach reach = *as_it_is;
	struct plan_decision free = *decision;

	if (reach.exclusive_kwh <= 0)
		return;
	reach.exclusive_kwh = 0;
	free.mode = plan_mode_of(&decision->value, &reach, decision->price);
	paths->free_bill[j] += play(&free, &reach, &paths->free_energy[j], net_kwh);
	free.is_rule = true;
	free.rule = RULE_SELF_USE;
	free.level = 1;
	paths->free_own_bill[j] += play(&free, &reach, &paths->free_own_energy[j], net_kwh);
}

/* One slot over for all paths, by the plan and by each rule. */
static void go_on(const struct course_of *of, const struct plan_decision *decision,
		  const struct plan_reach *reach, struct plan_when when, int i,
		  struct paths *paths, struct planned_slot *slot)
{
	struct plan_decision ruled = *decision;
	struct sample samples[PATHS];
	float soc[PLANNED_QUANTILES] = {0}, sum = 0;
	double bill = 0;
	int count = 0;

	ruled.is_rule = true;
	ruled.level = 1;
	for (int j = 0; j < PATHS; j++) {
		float net;
		double own;

		if (paths->weight[j] <= 0 || !net_of(of->planner, when, i, j, &net))
			continue;
		paths->slots[j]++;
		own = play_held(decision, reach, paths, j, net);
		go_on_free(decision, reach, j, net, paths);
		paths->bill[j] += own;
		bill += own * (double)paths->weight[j];
		sum += paths->weight[j];
		for (int rule = 0; rule < PLANNED_RULES; rule++) {
			ruled.rule = RULE_OF[rule];
			paths->rule_bill[rule][j] +=
			    play(&ruled, reach, &paths->rule_energy[rule][j], net);
		}
		samples[count++] = (struct sample){paths->energy[j], paths->weight[j]};
	}
	if (count > 0)
		quantiles(samples, count, soc);
	for (int q = 0; q < PLANNED_QUANTILES; q++)
		slot->soc_bp[q] = follow_soc_bp(of->scale, count > 0 ? soc[q] : of->energy_kwh);
	slot->bill = sum > 0 ? (float)(bill / (double)sum) : 0;
}

static float median_of(const struct paths *paths)
{
	struct sample samples[PATHS];
	float out[PLANNED_QUANTILES] = {0};
	int count = 0;

	for (int j = 0; j < PATHS; j++)
		if (paths->weight[j] > 0)
			samples[count++] = (struct sample){paths->energy[j], paths->weight[j]};
	if (count > 0)
		quantiles(samples, count, out);
	return out[PLANNED_P50];
}

static void begin(const struct course_of *of, struct paths *paths)
{
	float sun[LATTICE_LOADS];

	memset(paths, 0, sizeof(*paths));
	lattice_mix(&of->planner->past, of->ahead[0].when, of->ahead[0].when, paths->weight, sun);
	for (int j = 0; j < PATHS; j++) {
		paths->energy[j] = paths->free_energy[j] = paths->free_own_energy[j] =
		    of->energy_kwh;
		for (int rule = 0; rule < PLANNED_RULES; rule++)
			paths->rule_energy[rule][j] = of->energy_kwh;
		paths->may_give[j] = of->planner->ration.most_kwh > 0
					 ? of->planner->ration.most_kwh - of->given_kwh
					 : PLAN_UNLIMITED;
	}
	paths->day = of->ahead[0].when.day;
}

/* What was paid on path `j`, less what is left in the battery and was not there before. */
static double cost_on(int j, const double *bill, const float *energy, const struct course_of *of,
		      const struct plan_row *end)
{
	return bill[j] - worth_more(end, &of->planner->reach, of->energy_kwh, energy[j]);
}

/* The same in the mean of all paths. */
static float cost_of(const struct paths *paths, const double *bill, const float *energy,
		     const struct course_of *of, const struct plan_row *end)
{
	double sum = 0, weights = 0;

	for (int j = 0; j < PATHS; j++) {
		if (paths->weight[j] <= 0)
			continue;
		weights += (double)paths->weight[j];
		sum += (double)paths->weight[j] * cost_on(j, bill, energy, of, end);
	}
	return weights > 0 ? (float)(sum / weights) : 0;
}

static struct planned_between between(struct sample *samples, int count)
{
	float out[PLANNED_QUANTILES];

	if (count < PLANNED_BETWEEN_DAYS)
		return (struct planned_between){NAN, NAN};
	quantiles(samples, count, out);
	return (struct planned_between){out[PLANNED_P10], out[PLANNED_P90]};
}

/* How far the days that are known whole lie apart. */
static void spread(const struct course_of *of, const struct paths *paths,
		   const struct plan_row *end, struct planned *plan)
{
	struct sample bill[PATHS], saved[PATHS];
	int count = 0;

	for (int j = 0; j < PATHS; j++) {
		double own, without;

		if (paths->weight[j] <= 0 || paths->slots[j] < plan->count)
			continue;
		own = cost_on(j, paths->bill, paths->energy, of, end);
		without = cost_on(j, paths->rule_bill[PLANNED_RULE_NONE],
				  paths->rule_energy[PLANNED_RULE_NONE], of, end);
		bill[count] = (struct sample){(float)own, paths->weight[j]};
		saved[count++] = (struct sample){(float)(without - own), paths->weight[j]};
	}
	plan->bill_between = between(bill, count);
	plan->saved_between = between(saved, count);
}

static void sum_up(const struct course_of *of, const struct paths *paths,
		   const struct plan_row *end, struct planned *plan)
{
	for (int rule = 0; rule < PLANNED_RULES; rule++)
		plan->rule_bill[rule] =
		    cost_of(paths, paths->rule_bill[rule], paths->rule_energy[rule], of, end);
	plan->bill = cost_of(paths, paths->bill, paths->energy, of, end);
	plan->free_bill = plan->free_self_use = NAN;
	if (of->planner->reach.exclusive_kwh > 0) {
		plan->free_bill = fminf(
		    cost_of(paths, paths->free_bill, paths->free_energy, of, end), plan->bill);
		plan->free_self_use =
		    cost_of(paths, paths->free_own_bill, paths->free_own_energy, of, end);
	}
	plan->saved = plan->rule_bill[PLANNED_RULE_NONE] - plan->bill;
	spread(of, paths, end, plan);
	plan->is_by_rule = of->decision->is_rule;
	plan->days_known = 0;
	for (int i = 0; i < PLAN_DAYS; i++)
		plan->days_known += of->planner->past.day_of[i] != INT32_MIN;
}

void course_write(const struct course_of *of, struct course_work *work, struct planned *plan)
{
	int per_day = of->planner->past.slots_per_day;
	struct plan_decision decision = *of->decision; /* its cap is that of each path */
	struct plan_rule_day day = of->planner->rule_day;
	struct plan_row value = {{0}};
	struct paths paths;

	know_prices(of, work->slots, planner_slots_ahead(of->planner));
	planner_outlook(of->planner, of->ahead[0].when, &work->outlook);
	begin(of, &paths);
	decision.give_to = 0;
	plan->count = 0;
	for (int i = 0; i < per_day && i < work->outlook.count; i++) {
		const struct plan_reach *reach = planner_reach(of->planner, i);
		struct planned_slot *slot = &plan->slots[i];

		if (!value_after(of, &paths, i, &decision.value))
			break;
		value = decision.value;
		if (i > 0) {
			decision.price = work->slots[i].price;
			decision.price_is_assumed =
			    isnan(of->ahead[i].price.buy) || isnan(of->ahead[i].price.sell);
			decision.mode = plan_mode_of(&decision.value, reach, decision.price);
			decision.view = plan_rule_look(
			    &day, &work->slots[i], planner_slots_ahead(of->planner) - i, per_day);
		}
		tell(of, &work->outlook.slots[i], &decision, reach, median_of(&paths),
		     of->planner->outside.heard_kwh[i], slot);
		look_at_ration(of->planner, work->slots, i, &paths);
		go_on(of, &decision, reach, work->slots[i].when, i, &paths, slot);
		plan->count++;
	}
	sum_up(of, &paths, &value, plan);
	outside_tell(&of->planner->outside, &plan->outside);
}
