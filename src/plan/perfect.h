/*
 * Hindsight: the cheapest that the battery could have done, had all load, PV
 * and prices been known. A measure for the others, and nothing that anybody
 * can follow.
 *
 * Dynamic programming on a fine grid. Between its points values lie on a line,
 * and of that problem the solution is exact: besides every point it tries all
 * moves at which the costs bend.
 */
#pragma once

#include <stddef.h>

#include "plan/battery.h"

#define PERFECT_CELLS 256
#define PERFECT_POINTS (PERFECT_CELLS + 1)

struct perfect_row {
	float at[PERFECT_POINTS];
};

/* What holds for all slots of a record. */
struct perfect {
	struct plan_reach reach;
	float step_kwh;
	float charge_kwh[PERFECT_POINTS]; /* taken in at most in a slot, from each point on */
};

void perfect_init(struct perfect *perfect, const struct plan_reach *reach);

/*
 * The value before a slot from that after it, which it may overwrite (`before` == `after`). A slot
 * in which something is not known changes nothing.
 */
void perfect_back(const struct perfect *perfect, const struct plan_slot *slot,
		  const struct perfect_row *after, struct perfect_row *before);

/* The best move in kWh of the cells, with the value that the energy has after the slot. */
float perfect_act(const struct perfect *perfect, const struct plan_slot *slot,
		  const struct perfect_row *after, float energy_kwh);

/* Whether a slot's load, PV and prices are all known. */
bool plan_slot_is_known(const struct plan_slot *slot);
