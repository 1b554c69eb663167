/* Hindsight, one slot at a time. The caller keeps the rows (backtest keeps every so many). */
#include "plan/perfect.h"

#include <math.h>
#include <string.h>

#include "plan/vector.h"

#define FORBIDDEN 1e9f
#define BEYOND_LIMIT 1e3f /* per kWh that the import limit is passed by */

bool plan_slot_is_known(const struct plan_slot *slot)
{
	return isfinite(slot->load_kwh) && isfinite(slot->pv_kwh) && isfinite(slot->price.buy) &&
	       isfinite(slot->price.sell);
}

static float net_of(const struct plan_slot *slot)
{
	return slot->load_kwh - slot->pv_kwh;
}

void perfect_init(struct perfect *perfect, const struct plan_reach *reach)
{
	perfect->reach = *reach;
	perfect->step_kwh = reach->room_kwh / PERFECT_CELLS;
	for (int k = 0; k < PERFECT_POINTS; k++)
		perfect->charge_kwh[k] = plan_charge_limit(reach, (float)k * perfect->step_kwh);
}

/* What a move costs, whatever the energy; FORBIDDEN where the grid does not allow it. */
static float move_cost(const struct plan_slot *slot, const struct plan_reach *reach, float move)
{
	float out = fmaxf(-move, 0) * reach->efficiency, net = net_of(slot);
	float in = fmaxf(move, 0) / reach->efficiency, grid = net + in - out;
	float over = grid - reach->import_kwh, import = fmaxf(grid, 0), export = fmaxf(-grid, 0);

	if ((move > 0 && over > 1e-6f) || (move < 0 && -grid > reach->export_kwh + 1e-6f) ||
	    (!reach->sells && out > fmaxf(net, 0) + 1e-6f))
		return FORBIDDEN;
	if (reach->exclusive_kwh > 0 && net < 0) {
		float share = fminf(in / reach->exclusive_kwh, 1);
		float taken = fminf(-net, reach->exclusive_kwh);

		import = share * (reach->exclusive_kwh - taken);
		export = -net - share * taken;
	}
	return import * slot->price.buy - fminf(export, reach->export_kwh) * slot->price.sell +
	       out * reach->wear + (over > 0 ? over * BEYOND_LIMIT : 0);
}

static float value_at(const struct perfect_row *row, float place)
{
	int at = place < 0 ? 0 : place > PERFECT_CELLS - 1 ? PERFECT_CELLS - 1 : (int)place;

	return row->at[at] + (row->at[at + 1] - row->at[at]) * (place - (float)at);
}

static inline float smaller(float a, float b)
{
	return a < b ? a : b;
}

static inline float larger(float a, float b)
{
	return a > b ? a : b;
}

/* The move, as far as the grid's limits let it, or demand it. */
static float limited_by_grid(const struct plan_reach *reach, float net, float move)
{
	float e = reach->efficiency;

	if (!reach->sells)
		move = larger(move, -larger(net, 0) / e);
	if (net > reach->import_kwh)
		return smaller(move, (reach->import_kwh - net) / e);
	if (-net > reach->export_kwh)
		return larger(move, (-net - reach->export_kwh) * e);
	return smaller(larger(move, -(reach->export_kwh + net) / e), (reach->import_kwh - net) * e);
}

/* Moves by whole steps: for each, all energies from which it is possible, side by side. */
PLAN_WIDE static void lower(float *restrict best, const float *restrict after, int count,
			    float cost)
{
	for (int k = 0; k < count; k++) {
		float candidate = after[k] + cost;

		best[k] = candidate < best[k] ? candidate : best[k];
	}
}

static void try_steps(const struct perfect *perfect, const struct plan_slot *slot,
		      const struct perfect_row *after, struct perfect_row *best)
{
	float step = perfect->step_kwh;
	int down = (int)fminf(perfect->reach.discharge_kwh / step + 1e-4f, PERFECT_CELLS);

	for (int d = -down; d <= PERFECT_CELLS; d++) {
		float cost = move_cost(slot, &perfect->reach, (float)d * step);
		int from = d < 0 ? -d : 0, to = d > 0 ? PERFECT_CELLS - d : PERFECT_CELLS;

		/* Charging slows down as the battery fills: possible up to some energy. */
		while (d > 0 && to >= from && perfect->charge_kwh[to] < (float)d * step - 1e-5f)
			to--;
		if (d > 0 && to < from)
			break;
		if (cost < FORBIDDEN)
			lower(&best->at[from], &after->at[from + d], to - from + 1, cost);
	}
}

/* A move that bends the costs, from every energy, as far as it is possible from there. */
PLAN_WIDE static void try_bend(const struct perfect *perfect, const struct plan_slot *slot,
			       const float *restrict after, float move, float *restrict best)
{
	const struct plan_reach *reach = &perfect->reach;
	float step = perfect->step_kwh, per_step = 1 / step, net = net_of(slot);
	float e = reach->efficiency, inverse = 1 / e, room = reach->room_kwh, wear = reach->wear;
	float buy = slot->price.buy, sell = slot->price.sell, export = -reach->export_kwh;
	float over = reach->import_kwh < net ? BEYOND_LIMIT : 0, import = reach->import_kwh;

	move = limited_by_grid(reach, net, move);
	if (reach->exclusive_kwh > 0 && net < 0 && move > 0)
		return; /* in a share of the slot: such costs do not bend */
	for (int k = 0; k < PERFECT_POINTS; k++) {
		float energy = (float)k * step;
		float most = smaller(perfect->charge_kwh[k], room - energy);
		float made = smaller(larger(move, -smaller(reach->discharge_kwh, energy)), most);
		float out = larger(-made, 0) * e, grid = net + larger(made, 0) * inverse - out;
		float place = smaller(larger((energy + made) * per_step, 0), PERFECT_CELLS);
		int at = (int)smaller(place, PERFECT_CELLS - 1);
		float cost = larger(grid, 0) * buy + larger(smaller(grid, 0), export) * sell +
			     out * wear + (over > 0 ? larger(grid - import, 0) * over : 0);

		cost += after[at] + (after[at + 1] - after[at]) * (place - (float)at);
		best[k] = smaller(best[k], cost);
	}
}

static float follow_of(float net, const struct plan_reach *reach)
{
	return net > 0 ? -net / reach->efficiency : -net * reach->efficiency;
}

void perfect_back(const struct perfect *perfect, const struct plan_slot *slot,
		  const struct perfect_row *after, struct perfect_row *before)
{
	struct perfect_row relative, best;
	float room = perfect->reach.room_kwh;

	if (!plan_slot_is_known(slot)) {
		if (before != after)
			*before = *after;
		return;
	}
	for (int k = 0; k < PERFECT_POINTS; k++) {
		relative.at[k] = after->at[k] - after->at[PERFECT_CELLS];
		best.at[k] = FORBIDDEN;
	}
	try_steps(perfect, slot, &relative, &best);
	try_bend(perfect, slot, relative.at, follow_of(net_of(slot), &perfect->reach), best.at);
	try_bend(perfect, slot, relative.at, room, best.at);
	try_bend(perfect, slot, relative.at, -room, best.at);
	*before = best;
}

struct found {
	float move, cost;
};

static void try_move(const struct perfect *perfect, const struct plan_slot *slot,
		     const struct perfect_row *after, float energy, float move, struct found *best)
{
	float then = energy, cost;
	struct plan_flow flow =
	    plan_settle(&perfect->reach, &then, move, net_of(slot), slot->price);

	cost = flow.bill + flow.wear + value_at(after, then / perfect->step_kwh) -
	       after->at[PERFECT_CELLS];
	if (cost < best->cost - 1e-7f)
		*best = (struct found){move, cost};
}

float perfect_act(const struct perfect *perfect, const struct plan_slot *slot,
		  const struct perfect_row *after, float energy_kwh)
{
	struct found best = {0, INFINITY};
	const struct plan_reach *reach = &perfect->reach;
	float step = perfect->step_kwh;

	if (!plan_slot_is_known(slot))
		return 0;
	if (energy_kwh < 0)
		return -energy_kwh;
	try_move(perfect, slot, after, energy_kwh, 0, &best);
	try_move(perfect, slot, after, energy_kwh, follow_of(net_of(slot), reach), &best);
	try_move(perfect, slot, after, energy_kwh, reach->room_kwh, &best);
	try_move(perfect, slot, after, energy_kwh, -reach->room_kwh, &best);
	for (int k = 0; k < PERFECT_POINTS; k++)
		try_move(perfect, slot, after, energy_kwh, (float)k * step - energy_kwh, &best);
	return best.move;
}
