/*
 * A decision of the planner: four levels of energy, and the battery follows
 * the real house within the slot.
 *
 *     buy_to     below it, charge, from the grid too
 *     keep_to    below it, charge from surplus
 *     serve_to   above it, feed the house
 *     sell_to    above it, feed the grid too; PLAN_UNLIMITED where that pays nowhere
 *
 * They follow from the value of the energy that is left at the end of the
 * slot: one more kWh is bought while it is worth more than it costs, and so
 * on. For a value without dents that is the best there is, whatever load and
 * PV turn out to be; where selling pays more than buying costs, all moves are
 * tried instead.
 */
#pragma once

#include "plan/battery.h"

struct plan_mode {
	float buy_to, keep_to, serve_to, sell_to; /* kWh, 0..room */
	bool tries_all;
};

/* The mode for a slot at `price` after which energy has the value `row`. */
struct plan_mode plan_mode_of(const struct plan_row *row, const struct plan_reach *reach,
			      struct plan_price price);

/* The move in kWh of the cells under `mode` from `energy_kwh` with `net_kwh`; not settled yet. */
float plan_mode_act(const struct plan_mode *mode, const struct plan_row *row,
		    const struct plan_reach *reach, float energy_kwh, float net_kwh,
		    struct plan_price price);

/*
 * One step back in time: for each energy at the start of a slot with `net_kwh`, the slot's cost
 * and the value after it. `cost` is written, `row` only read; they do not overlap.
 */
void plan_mode_backup(const struct plan_mode *mode, const struct plan_row *restrict row,
		      const struct plan_reach *reach, float net_kwh, struct plan_price price,
		      struct plan_row *restrict cost);

/* The value at `energy_kwh`: between the points as on a line, beyond the ends as at them. */
float plan_row_at(const struct plan_row *row, float step_kwh, float energy_kwh);
