/*
 * Physics and money of one slot. What is decided here is only what is possible
 * and what it costs; what is wanted comes from a mode, a rule or hindsight.
 */
#include "plan/battery.h"

#include <math.h>
#include <stddef.h>

#include "plan/vector.h"

static bool is_share(float value)
{
	return value > 0 && value <= 1;
}

static bool is_amount(float value)
{
	return value >= 0 && isfinite(value);
}

const char *plan_battery_fault(const struct plan_battery *battery)
{
	if (!(battery->capacity_kwh > 0) || !isfinite(battery->capacity_kwh))
		return "the capacity must be above 0";
	if (!(battery->floor_kwh >= 0 && battery->floor_kwh < battery->ceiling_kwh &&
	      battery->ceiling_kwh <= battery->capacity_kwh))
		return "the reserve must lie below the ceiling, and both within the capacity";
	if (!is_amount(battery->charge_kw) || !is_amount(battery->discharge_kw))
		return "the power must be 0 or above";
	if (!is_share(battery->efficiency))
		return "the efficiency must be above 0 and at most 1";
	if (!is_amount(battery->wear))
		return "the wear must be 0 or above";
	if (!is_amount(battery->cycles_per_day))
		return "cycles a day must be 0 or above";
	if (!(battery->import_max_kw >= 0) || !(battery->export_max_kw >= 0))
		return "a limit of the grid must be 0 or above";
	if (!is_amount(battery->taper_kw))
		return "the power of a full battery must be 0 or above";
	return NULL;
}

/* Into the cells within `hours` from `energy_kwh` (in the cells) on, on the slope of the taper too.
 */
static float charge_from(const struct plan_battery *battery, float energy_kwh, float hours)
{
	float most_kw = battery->charge_kw * battery->efficiency;
	float least_kw = battery->taper_kw * battery->efficiency;
	float span_kwh = battery->capacity_kwh - battery->taper_kwh;
	float before_h, rate, start_kwh, fallen;

	if (span_kwh <= 0 || least_kw >= most_kw)
		return most_kw * hours;
	start_kwh = energy_kwh > battery->taper_kwh ? energy_kwh : battery->taper_kwh;
	before_h = (start_kwh - energy_kwh) / most_kw;
	if (before_h >= hours)
		return most_kw * hours;
	/* power = most - rate (e - taper): the energy nears most / rate above the knee. */
	rate = (most_kw - least_kw) / span_kwh;
	fallen = most_kw / rate - (start_kwh - battery->taper_kwh);
	return start_kwh - energy_kwh + fallen * (1 - plan_exp(-rate * (hours - before_h)));
}

struct plan_reach plan_reach_of(const struct plan_battery *battery, float hours, float charge_share,
				float discharge_share)
{
	struct plan_reach reach = {
	    .efficiency = battery->efficiency,
	    .wear = battery->wear,
	    .room_kwh = battery->ceiling_kwh - battery->floor_kwh,
	    .step_kwh = (battery->ceiling_kwh - battery->floor_kwh) / PLAN_CELLS,
	    .discharge_kwh = battery->discharge_kw / battery->efficiency * hours * discharge_share,
	    .import_kwh = fminf(battery->import_max_kw * hours, PLAN_UNLIMITED),
	    .export_kwh = fminf(battery->export_max_kw * hours, PLAN_UNLIMITED),
	};

	reach.sells = battery->paths == PATHS_CONTINUOUS && !battery->always_serves;
	reach.always_serves = battery->always_serves;
	reach.closes_both = battery->paths == PATHS_INDEPENDENT && !battery->always_serves;
	if (battery->paths == PATHS_EXCLUSIVE)
		reach.exclusive_kwh = battery->charge_kw * hours * charge_share;
	for (int k = 0; k < PLAN_POINTS; k++) {
		float energy = battery->floor_kwh + (float)k * reach.step_kwh;

		reach.charge_kwh[k] = charge_from(battery, energy, hours * charge_share);
	}
	return reach;
}

float plan_charge_limit(const struct plan_reach *reach, float energy_kwh)
{
	float place = energy_kwh / reach->step_kwh;
	int at = place >= PLAN_CELLS ? PLAN_CELLS - 1 : (int)fmaxf(place, 0);
	float share = fminf(fmaxf(place - (float)at, 0), 1);

	return reach->charge_kwh[at] + (reach->charge_kwh[at + 1] - reach->charge_kwh[at]) * share;
}

/* The wish, within what battery and grid allow. */
static float possible_move(const struct plan_reach *reach, float energy, float move, float net)
{
	float most = fminf(plan_charge_limit(reach, energy), reach->room_kwh - energy);
	float least = -fminf(reach->discharge_kwh, energy);
	float import_left = (reach->import_kwh - net) * reach->efficiency;
	float export_left = (reach->export_kwh + net) / reach->efficiency;

	most = fmaxf(fminf(most, import_left), 0);
	least = fminf(least, 0);
	if (!reach->sells)
		least = fmaxf(least, -fmaxf(net, 0) / reach->efficiency);
	if (net > reach->import_kwh)
		move = fminf(move, (reach->import_kwh - net) / reach->efficiency);
	if (-net > reach->export_kwh)
		move = fmaxf(move, (-net - reach->export_kwh) * reach->efficiency);
	else if (move < 0)
		move = fmaxf(move, -fmaxf(export_left, 0));
	return fminf(fmaxf(move, least), most);
}

/*
 * Charging by a relay with surplus about: for a share of the slot it takes its power, from the grid
 * what the surplus lacks; for the rest the surplus goes out.
 */
static void settle_exclusive(const struct plan_reach *reach, float in, float surplus,
			     struct plan_price price, struct plan_flow *flow)
{
	float share = fminf(in / reach->exclusive_kwh, 1);
	float taken = fminf(surplus, reach->exclusive_kwh);
	float import = share * (reach->exclusive_kwh - taken), export = surplus - share * taken;

	flow->grid_kwh = import - export;
	flow->bill = import * price.buy - fminf(export, reach->export_kwh) * price.sell;
}

struct plan_flow plan_settle(const struct plan_reach *reach, float *energy_kwh, float move_kwh,
			     float net_kwh, struct plan_price price)
{
	struct plan_flow flow = {.move_kwh = possible_move(reach, *energy_kwh, move_kwh, net_kwh)};
	float in = fmaxf(flow.move_kwh, 0), out = fmaxf(-flow.move_kwh, 0) * reach->efficiency;

	flow.grid_kwh = net_kwh + in / reach->efficiency - out;
	flow.bill = flow.grid_kwh > 0 ? flow.grid_kwh * price.buy
				      : fmaxf(flow.grid_kwh, -reach->export_kwh) * price.sell;
	if (in > 0 && net_kwh < 0 && reach->exclusive_kwh > 0)
		settle_exclusive(reach, in / reach->efficiency, -net_kwh, price, &flow);
	flow.wear = out * reach->wear;
	*energy_kwh += flow.move_kwh;
	return flow;
}
