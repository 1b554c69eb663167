/*
 * From a plan's decision to relays: what the battery is to do right now, with
 * what the house really needs, and what that decision is in one word.
 *
 * Relays know on and off. What a decision would move within a slot is done at
 * full power until the battery is where the decision wants it; what follows the
 * house begins at a certain surplus or need and ends at less of it, so that
 * clouds and kettles do not switch.
 */
#pragma once

#include "model/decision.h"
#include "model/planned.h"
#include "plan/planner.h"

/* The state of charge that the planner's floor and energies stand for. */
struct follow_scale {
	float capacity_kwh, floor_kwh;
};

/* What of the house counts now. */
struct follow_view {
	float energy_kwh;   /* above the floor */
	float net_kw;       /* load less PV, as follow_net() smoothed it */
	enum intent intent; /* what was wished last */
};

/* What is wished, and why: the numbers of `reason` are those of its code. */
struct follow_wish {
	enum intent intent;
	struct reason reason;
};

/* A smoothed power of the house; zero to begin with. */
struct follow_net {
	bool is_known;
	float kw;
};

/* The house needed `net_kw` for the last `seconds`; a NaN says that nobody knows. */
void follow_net(struct follow_net *net, float net_kw, float seconds);

/* Energy above the floor at a state of charge, and back; beyond the ends too. */
float follow_energy(const struct follow_scale *scale, int32_t soc_bp);
int32_t follow_soc_bp(const struct follow_scale *scale, float energy_kwh);

/*
 * What `decision`, made for the slot that runs, wants now; `slot_hours` is its length. Writes all
 * of `wish`.
 */
void follow_act(const struct plan_decision *decision, const struct plan_reach *reach,
		const struct follow_scale *scale, float slot_hours, const struct follow_view *view,
		struct follow_wish *wish);

/* With the level that it leads to, in kWh above the floor: where it stays with PLANNED_HOLD. */
enum planned_mode follow_mode_of(const struct plan_decision *decision,
				 const struct plan_reach *reach, float energy_kwh,
				 float *level_kwh);
