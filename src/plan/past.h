/*
 * What the planner remembers of its home: the last months by day and place on
 * the clock, and at each slot how the home had been going just before.
 *
 * A slot that was not measured is not there (never 0): it is left out where
 * days are compared, and running means stand still.
 */
#pragma once

#include "plan/slot.h"

#define PLAN_DAYS 104 /* kept: the regression looks 90 days back and from there a week */

/* How a home has been going: means of power that forget with a time constant, in kW. */
enum plan_trait {
	TRAIT_LOAD,       /* 3 h */
	TRAIT_LOAD_LONG,  /* 33 h */
	TRAIT_LOAD_SHORT, /* 0.7 h */
	TRAIT_SUN,        /* 9 h */
	TRAIT_SUN_LONG,   /* 24 h */
	TRAIT_SUN_LAST,   /* the last hour */
	TRAIT_COUNT,
};

/* A slot of the past: `trait` from what was measured before it. */
struct plan_moment {
	float load_kwh, pv_kwh;             /* NaN where not measured */
	float load_ahead_kwh, pv_ahead_kwh; /* of the six hours after this slot; NaN: not known */
	float trait[TRAIT_COUNT];
};

struct plan_past {
	int32_t slots_per_day;
	float slot_hours;
	bool is_empty;
	int32_t first_day;
	struct plan_when last;      /* the newest slot */
	float trait[TRAIT_COUNT];   /* as of now */
	float load_mean_kw, weight; /* of all that was measured */
	int32_t day_of[PLAN_DAYS];
	struct plan_moment moments[PLAN_DAYS][PLAN_SLOTS_PER_DAY_MAX];
};

/* Begins without any day. `slots_per_day` is 24 * 60 / the minutes of a slot. */
void plan_past_init(struct plan_past *past, int slots_per_day);

/* Takes a slot that is over. Slots come in the order of time. */
void plan_past_take(struct plan_past *past, const struct plan_slot *slot);

/* The slot at `place` of `day`, or NULL where it is not remembered. */
const struct plan_moment *plan_past_at(const struct plan_past *past, int32_t day, int32_t place);

/* Whether that slot's load and PV were measured. */
bool plan_past_has(const struct plan_past *past, int32_t day, int32_t place);
