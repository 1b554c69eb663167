/*
 * Forecasters of load and PV that others plan by, beside the planner's own days (lattice.h). Each
 * says one course of the day ahead and no more; what energy is worth under it comes of a dynamic
 * programme along that one course. They compete on paper (panel.h) by what each would have cost
 * this home, not by how near it came.
 */
#pragma once

#include "plan/lattice.h"
#include "plan/rls.h"

enum rival {
	RIVAL_NAIVE,   /* load as a week ago, PV as the day before */
	RIVAL_PROFILE, /* means of that time of the day, on days of that type */
	RIVAL_LAGS,    /* a ridge regression on the days before, and how today departs from it */
	RIVAL_COUNT
};

/* What a slot ahead is expected to bring. */
struct rival_course {
	float load_kwh[LATTICE_STAGES_MAX], pv_kwh[LATTICE_STAGES_MAX];
};

/* A regression on lags, and what it was off by just now. */
struct rival_fit {
	struct rls line;
	float off_kw; /* a mean that forgets in three hours */
};

struct rivals {
	struct rival_fit load, pv;
	bool is_known; /* there is a day to go by */
	int count;     /* slots of each course, the first is the one that begins now */
	struct rival_course course[RIVAL_COUNT];
};

/* "naive", … */
const char *rival_name(enum rival rival);

void rivals_init(struct rivals *rivals, int slots_per_day);

/* Says the course of `count` slots ahead. */
void rivals_look(struct rivals *rivals, const struct plan_past *past, const struct plan_slot *slots,
		 int count);

/*
 * What energy is worth after the first slot of `rival`'s course, with `end` after the last; `reach`
 * as of struct lattice_ahead.
 */
void rival_value(const struct rivals *rivals, enum rival rival, const struct plan_slot *slots,
		 const struct plan_reach *reach, int reach_step, const struct plan_row *end,
		 struct plan_row *value);

/* A slot is over; before the past takes it. */
void rivals_take(struct rivals *rivals, const struct plan_past *past, const struct plan_slot *slot);
