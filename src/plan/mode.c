/*
 * Levels from values, and what they make of a slot. The formulas for a point
 * of the grid (backup) and for the battery itself (act) are one: levels_move().
 */
#include "plan/mode.h"

#include <math.h>

#include "plan/vector.h"

#define IN_HAND 1e-3f /* more must later use be worth than use now */
#define TIE 1e-6f     /* per kWh: what is equal but for rounding is left as it is */

static inline float smaller(float a, float b)
{
	return a < b ? a : b;
}

static inline float larger(float a, float b)
{
	return a > b ? a : b;
}

PLAN_WIDE struct plan_mode plan_mode_of(const struct plan_row *row, const struct plan_reach *reach,
					struct plan_price price)
{
	const float e = reach->efficiency, step = reach->step_kwh;
	const float to_buy = (price.buy + TIE) / e * step, to_keep = (price.sell - TIE) / e * step;
	const float served = (price.buy - reach->wear) * e;
	const float to_serve = (served + larger(served, 0) * IN_HAND) * step;
	const float to_sell = ((price.sell - reach->wear) * e - TIE) * step;
	int buy = 0, keep = 0, serve = 0, sell = 0;
	struct plan_mode mode = {.tries_all = price.sell > price.buy || reach->exclusive_kwh > 0};

	/* Each level lies where so many of the next kWh are worth what they must be. */
	for (int k = 0; k < PLAN_CELLS; k++) {
		float worth = row->at[k] - row->at[k + 1];

		buy += worth > to_buy;
		keep += worth > to_keep;
		serve += worth >= to_serve;
		sell += worth >= to_sell;
	}
	mode.buy_to = (float)buy * step;
	mode.keep_to = larger((float)keep * step, mode.buy_to);
	mode.serve_to = reach->always_serves ? 0 : larger((float)serve * step, mode.buy_to);
	mode.sell_to = (float)sell * step;
	/* Nothing is worth selling: not what lies above the ceiling either. */
	mode.sell_to = sell >= PLAN_CELLS ? PLAN_UNLIMITED : larger(mode.sell_to, mode.keep_to);
	return mode;
}

/* What of a slot is the same for every energy. */
struct frame {
	float buy_to, keep_to, serve_to, sell_to;
	float need, surplus; /* of the house, in kWh of the cells; one is 0 */
	float forced;        /* to be given for the import limit, or taken for the export limit */
	float grid_in, grid_out; /* room at the meter, in kWh of the cells */
	float discharge, room;
};

static struct frame frame_of(const struct plan_mode *mode, const struct plan_reach *reach,
			     float net)
{
	float e = reach->efficiency;
	float over = net > 0 ? (net - reach->import_kwh) / e : (-net - reach->export_kwh) * e;

	return (struct frame){
	    .buy_to = mode->buy_to,
	    .keep_to = mode->keep_to,
	    .serve_to = mode->serve_to,
	    .sell_to = mode->sell_to,
	    .need = larger(net, 0) / e,
	    .surplus = larger(-net, 0) * e,
	    .forced = larger(over, 0),
	    .grid_in = larger(reach->import_kwh - larger(net, 0), 0) * e,
	    .grid_out = reach->sells ? larger(reach->export_kwh - larger(-net, 0), 0) / e : 0,
	    .discharge = reach->discharge_kwh,
	    .room = reach->room_kwh,
	};
}

/* Of a house that needs: buy, else feed it, then the grid. */
static inline float move_in_need(const struct frame *f, float energy, float charge)
{
	float in = smaller(larger(f->buy_to - energy, 0), smaller(charge, f->grid_in));
	float serve =
	    smaller(smaller(larger(energy - f->serve_to, f->forced), f->need), f->discharge);
	float sell;

	serve = larger(smaller(serve, energy), 0);
	sell = smaller(larger(energy - serve - f->sell_to, 0),
		       smaller(f->discharge - serve, f->grid_out));
	return in - serve - sell;
}

/* Of a house with surplus: keep it, buy more, or sell. */
static inline float move_in_surplus(const struct frame *f, float energy, float charge)
{
	float most = larger(smaller(charge, f->room - energy), 0);
	float kept = smaller(smaller(larger(f->keep_to - energy, f->forced), f->surplus), most);
	float bought =
	    smaller(larger(f->buy_to - energy - kept, 0), smaller(most - kept, f->grid_in));
	float sold = smaller(larger(energy - f->sell_to, 0), smaller(f->discharge, f->grid_out));

	return kept + bought - sold;
}

/* What a move costs at the meter and in wear: plan_settle() says why. */
static inline float cost_of(float move, float net, const struct plan_reach *reach,
			    struct plan_price price)
{
	float e = reach->efficiency, inverse = 1 / e;
	float in = larger(move, 0) * inverse, out = larger(-move, 0) * e;
	float grid = net + in - out, import = larger(grid, 0), export = larger(-grid, 0);

	if (reach->exclusive_kwh > 0 && net < 0) {
		float share = smaller(in / reach->exclusive_kwh, 1);
		float taken = smaller(-net, reach->exclusive_kwh);

		import = share * (reach->exclusive_kwh - taken);
		export = -net - share * taken + out;
	}
	return import * price.buy - smaller(export, reach->export_kwh) * price.sell +
	       out * reach->wear;
}

float plan_row_at(const struct plan_row *row, float step_kwh, float energy_kwh)
{
	float place = smaller(larger(energy_kwh / step_kwh, 0), PLAN_CELLS);
	int at = place >= PLAN_CELLS ? PLAN_CELLS - 1 : (int)place;

	return row->at[at] + (row->at[at + 1] - row->at[at]) * (place - (float)at);
}

/* ---- where selling pays more than buying costs ---- */

struct best {
	float move, cost;
};

static void try_move(struct best *best, float wish, float energy, float net,
		     const struct plan_row *row, const struct plan_reach *reach,
		     struct plan_price price)
{
	float after = energy;
	struct plan_flow flow = plan_settle(reach, &after, wish, net, price);
	float cost = flow.bill + flow.wear + plan_row_at(row, reach->step_kwh, after);

	if (cost < best->cost - 1e-7f)
		*best = (struct best){wish, cost};
}

static struct best best_of_all(const struct plan_row *row, const struct plan_reach *reach,
			       float energy, float net, struct plan_price price)
{
	struct best best = {0, PLAN_UNLIMITED};
	float follow = net > 0 ? -net / reach->efficiency : -net * reach->efficiency;

	try_move(&best, follow, energy, net, row, reach, price);
	try_move(&best, 0, energy, net, row, reach, price);
	try_move(&best, reach->room_kwh, energy, net, row, reach, price);
	try_move(&best, -reach->room_kwh, energy, net, row, reach, price);
	for (int k = 0; k < PLAN_POINTS; k++)
		try_move(&best, (float)k * reach->step_kwh - energy, energy, net, row, reach,
			 price);
	return best;
}

/* ---- */

float plan_mode_act(const struct plan_mode *mode, const struct plan_row *row,
		    const struct plan_reach *reach, float energy_kwh, float net_kwh,
		    struct plan_price price)
{
	float charge = plan_charge_limit(reach, energy_kwh);
	struct frame frame = frame_of(mode, reach, net_kwh);

	if (energy_kwh < 0) /* the way back to the reserve, whatever it costs */
		return smaller(-energy_kwh, charge);
	if (mode->tries_all)
		return best_of_all(row, reach, energy_kwh, net_kwh, price).move;
	return net_kwh > 0 ? move_in_need(&frame, energy_kwh, charge)
			   : move_in_surplus(&frame, energy_kwh, charge);
}

/* Adds to each cost the value at the energy to which the move leads. */
static inline void add_after(const float *restrict value, const float *restrict after,
			     float per_step, float *restrict cost)
{
	float rise[PLAN_POINTS], share[PLAN_POINTS], low[PLAN_POINTS], slope[PLAN_POINTS];
	int at[PLAN_POINTS];

	for (int k = 0; k < PLAN_CELLS; k++)
		rise[k] = value[k + 1] - value[k];
	rise[PLAN_CELLS] = 0;
	for (int k = 0; k < PLAN_POINTS; k++) {
		float place = smaller(larger(after[k] * per_step, 0), PLAN_CELLS);

		at[k] = (int)place;
		share[k] = place - (float)at[k];
	}
	for (int k = 0; k < PLAN_POINTS; k++) {
		low[k] = value[at[k]];
		slope[k] = rise[at[k]];
	}
	for (int k = 0; k < PLAN_POINTS; k++)
		cost[k] += low[k] + slope[k] * share[k];
}

/* A move that bends the costs, from every energy, as far as battery and grid let it (battery.c). */
static inline void try_bend(const float *restrict value, const struct plan_reach *reach,
			    const float *restrict charge, float wish, float net,
			    struct plan_price price, float *restrict cost)
{
	float step = reach->step_kwh, room = reach->room_kwh, e = reach->efficiency;
	float most = (reach->import_kwh - net) * e, least = -(reach->export_kwh + net) / e;
	float after[PLAN_POINTS], own[PLAN_POINTS];

	if (net > reach->import_kwh)
		most = most / e / e;
	if (-net > reach->export_kwh)
		least = least * e * e;
	if (!reach->sells)
		least = larger(least, -larger(net, 0) / e);
	wish = smaller(larger(wish, least), most);
	for (int k = 0; k < PLAN_POINTS; k++) {
		float energy = (float)k * step;
		float move = smaller(larger(wish, -smaller(reach->discharge_kwh, energy)),
				     smaller(charge[k], room - energy));

		after[k] = energy + move;
		own[k] = cost_of(move, net, reach, price);
	}
	add_after(value, after, 1 / step, own);
	for (int k = 0; k < PLAN_POINTS; k++)
		cost[k] = smaller(cost[k], own[k]);
}

/* Moves by whole points, each from all energies at once; then those at which the costs bend. */
PLAN_WIDE static void backup_of_all(const float *restrict value, const struct plan_reach *reach,
				    const float *restrict charge, float net,
				    struct plan_price price, float *restrict cost)
{
	float step = reach->step_kwh, e = reach->efficiency;

	for (int k = 0; k < PLAN_POINTS; k++)
		cost[k] = PLAN_UNLIMITED;
	for (int d = -PLAN_CELLS; d <= PLAN_CELLS; d++) {
		float move = (float)d * step, own = cost_of(move, net, reach, price);
		float grid = net + (move > 0 ? move / e : move * e);

		if (-move > reach->discharge_kwh || (!reach->sells && -move * e > larger(net, 0)) ||
		    (d > 0 && grid > reach->import_kwh) || (d < 0 && -grid > reach->export_kwh))
			continue;
		for (int k = d < 0 ? -d : 0; k < PLAN_POINTS - (d > 0 ? d : 0); k++) {
			if (charge[k] >= move)
				cost[k] = smaller(cost[k], value[k + d] + own);
		}
	}
	try_bend(value, reach, charge, net > 0 ? -net / e : -net * e, net, price, cost);
	try_bend(value, reach, charge, reach->room_kwh, net, price, cost);
	try_bend(value, reach, charge, -reach->room_kwh, net, price, cost);
}

PLAN_WIDE static void backup(const struct frame *frame, const float *restrict value,
			     const struct plan_reach *reach, const float *restrict charge,
			     float net, struct plan_price price, float *restrict cost)
{
	const struct frame f = *frame;
	const float step = reach->step_kwh, wear = reach->wear, e = reach->efficiency;
	const float inverse = 1 / e, export = -reach->export_kwh;
	float after[PLAN_POINTS], move[PLAN_POINTS], own[PLAN_POINTS];

	if (net > 0) {
		for (int k = 0; k < PLAN_POINTS; k++)
			move[k] = move_in_need(&f, (float)k * step, charge[k]);
	} else {
		for (int k = 0; k < PLAN_POINTS; k++)
			move[k] = move_in_surplus(&f, (float)k * step, charge[k]);
	}
	for (int k = 0; k < PLAN_POINTS; k++) {
		float out = larger(-move[k], 0) * e;
		float grid = net + larger(move[k], 0) * inverse - out;

		after[k] = (float)k * step + move[k];
		own[k] = larger(grid, 0) * price.buy +
			 larger(smaller(grid, 0), export) * price.sell + out * wear;
	}
	add_after(value, after, 1 / step, own);
	for (int k = 0; k < PLAN_POINTS; k++)
		cost[k] = own[k];
}

void plan_mode_backup(const struct plan_mode *mode, const struct plan_row *restrict row,
		      const struct plan_reach *reach, float net_kwh, struct plan_price price,
		      struct plan_row *restrict cost)
{
	struct frame frame = frame_of(mode, reach, net_kwh);

	if (mode->tries_all)
		backup_of_all(row->at, reach, reach->charge_kwh, net_kwh, price, cost->at);
	else
		backup(&frame, row->at, reach, reach->charge_kwh, net_kwh, price, cost->at);
}
