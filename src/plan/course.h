/*
 * A plan, written out: what each of the coming slots would be decided as of now,
 * and what comes of that.
 *
 * The planner decides one slot, and has a value for what is left after each of
 * the next. From these come the modes of the slots ahead; the home's own past
 * days, weighed as now resembles them, are then played through them, each with
 * its own load and PV, so that the state of charge has quantiles too. Nothing
 * acts on this: it is for people, and says what a decision rests on.
 */
#pragma once

#include "model/planned.h"
#include "plan/follow.h"
#include "plan/outlook.h"

/* All that is read. `decision` is planner_decide()'s for `ahead[0]`, with the same `ahead`. */
struct course_of {
	const struct planner *planner;
	const struct plan_decision *decision;
	const struct plan_slot
	    *ahead; /* planner_slots_ahead() of them, NaN where a price is not known */
	const struct follow_scale *scale;
	float energy_kwh; /* now */
	float given_kwh;  /* of the cells, on the day of ahead[0] until now; where there is a cap */
};

/* What writing it out takes besides; the caller's, some 10 KB. Nothing in it lasts. */
struct course_work {
	struct outlook outlook;
	struct plan_slot slots[LATTICE_STAGES_MAX];
};

/*
 * Writes slots, `count`, `days_known`, bills, between what they will likely be, and `is_by_rule` of
 * `plan`; the rest is the caller's. Takes a few ms: 20 days through 96 slots.
 */
void course_write(const struct course_of *of, struct course_work *work, struct planned *plan);
