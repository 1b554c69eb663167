/*
 * A forecast of PV from outside, and how far the plan goes by it.
 *
 * It is compared with the planner's own days where both said something of the same slot at the
 * same time, 1, 6 and 24 hours ahead. What it makes of the roof is put right by one factor; then
 * each slot's PV is moved towards what it says by the share that would have come nearest to the
 * roof on the last days (the least squares of Bates and Granger, Operational Research Quarterly 20
 * (1969) 451-468, with the own forecast as the one that counts where little is known). Days keep
 * what they differ by, in proportion. What cannot be is not gone by at all.
 */
#pragma once

#include "model/planned.h"
#include "plan/lattice.h"

#define OUTSIDE_LEADS 3
#define OUTSIDE_PROMISES (31 * 4) /* slots of all leads together, at most */

/* Sums that forget, over slots in which there was sun or somebody foresaw it. */
struct outside_fit {
	double product, square; /* of how the other departs from own: with the truth, with itself */
	double own_off_kwh, said_off_kwh, weight;
};

struct outside_promise {
	bool is_made;
	struct plan_when when;
	float own_kwh, said_kwh; /* as it was said */
};

struct outside {
	int32_t slots_per_day;
	int32_t heard_count;
	float heard_kwh[LATTICE_STAGES_MAX]; /* of the slots that are decided; NaN: nothing */
	double truth_kwh, said_kwh;          /* that forget: the factor */
	struct outside_fit fit[OUTSIDE_LEADS];
	struct outside_promise promises[OUTSIDE_PROMISES];
	/* of the last look */
	enum planned_sun sun;
	float said[LATTICE_STAGES_MAX];  /* that, put right */
	float share[LATTICE_STAGES_MAX]; /* that it counts */
};

void outside_init(struct outside *outside, int slots_per_day);

/* What is foreseen of the coming `count` slots, in kWh, NaN where nothing is. Copied. */
void outside_hear(struct outside *outside, const float *said_kwh, int count);

/* Judges what was heard, for the `count` slots ahead of `past`; it counts for this look alone. */
void outside_look(struct outside *outside, const struct plan_past *past,
		  const struct plan_slot *slots, int count);

/* What the planner's own days expect of the slot `ahead` slots after the one that begins. */
void outside_expect(struct outside *outside, int ahead, struct plan_when when, float own_kwh);

/* A slot is over. */
void outside_take(struct outside *outside, const struct plan_slot *slot);

/* How it does, for people; `sun` as of the last look, and the share as far as it looked. */
void outside_tell(const struct outside *outside, struct planned_outside *out);
