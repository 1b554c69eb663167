/*
 * The value of energy over the next day, from the home's own past days.
 *
 * A stochastic dynamic programme whose state is the energy in the battery and
 * the past day that today is like. From slot to slot one day turns into
 * another as far as they resemble each other (likeness.h), so that a cloudy
 * morning makes a cloudy noon and yet no day must repeat itself whole. Two of
 * them: in the joint one a day brings its load and its PV, in the factored
 * one load and PV are of days of their own.
 *
 * Built every few hours; in between only the root is weighed anew, from how
 * the home has been going until now.
 */
#pragma once

#include "plan/likeness.h"
#include "plan/mode.h"

#define LATTICE_LOADS LIKENESS_DAYS /* days of load, and joint days */
#define LATTICE_SUNS 10             /* days of PV */
#define LATTICE_REUSE_HOURS 6       /* how long a lattice is used */
#define LATTICE_HOURS (24 + LATTICE_REUSE_HOURS)
#define LATTICE_STAGES_MAX (LATTICE_HOURS * PLAN_SLOTS_PER_DAY_MAX / 24)

/* What a day turns into: those of the other days that have any weight. */
struct lattice_turn {
	uint8_t count;
	uint8_t day[LATTICE_LOADS];
	float weight[LATTICE_LOADS];
};

/* How days turn into others at a stage, by day. */
struct lattice_turns {
	struct lattice_turn joint[LATTICE_LOADS], load[LATTICE_LOADS], sun[LATTICE_SUNS];
	struct plan_when when;
	bool is_final; /* all that it compares is over: it holds until its slot comes */
};

struct lattice {
	struct plan_when built_at;
	int stages;
	struct plan_when when[LATTICE_STAGES_MAX];
	float said[LATTICE_STAGES_MAX], share[LATTICE_STAGES_MAX]; /* as it was built with */
	struct plan_row joint[LATTICE_STAGES_MAX][LATTICE_LOADS];
	struct plan_row factored[LATTICE_STAGES_MAX][LATTICE_LOADS][LATTICE_SUNS];
	struct lattice_turns turns[LATTICE_STAGES_MAX]; /* a ring by slot */
	/* work of a build */
	struct plan_row joint_value[LATTICE_LOADS];
	struct plan_row value[LATTICE_LOADS][LATTICE_SUNS];
	struct plan_row half[LATTICE_LOADS][LATTICE_SUNS];
};

/* What the coming slots are like; each has its place on the clock, its price and its reach. */
struct lattice_ahead {
	const struct plan_slot *slots;  /* the first is the one that begins now */
	const struct plan_reach *reach; /* of each slot, or one for all: see reach_step */
	int reach_step;                 /* 1: an array; 0: one for all */
	int count;
	/* PV that others foresee of each slot, in kWh, and how much that counts: 0, not at all.
	 * NULL where nobody does. */
	const float *said, *share;
};

/* The PV of a past day as it counts at a slot of the lattice: moved to what others foresee. */
float lattice_pv(const struct lattice *lattice, int stage, float pv_kwh);

/* How days turn into others at a slot of the lattice but its first two. */
const struct lattice_turns *lattice_turns_of(const struct lattice *lattice,
					     const struct plan_past *past, struct plan_when when);

/*
 * Weights by day, summing to 1, of being how load and PV go on from `now` at the slot `of`, which
 * is the one that begins now or the next.
 */
void lattice_mix(const struct plan_past *past, struct plan_when of, struct plan_when now,
		 float load[LATTICE_LOADS], float sun[LATTICE_LOADS]);

/* Builds both over `ahead`, with the value `end` after its last slot. */
void lattice_build(struct lattice *lattice, const struct plan_past *past,
		   const struct lattice_ahead *ahead, const struct plan_row *end);

/* Whether the slot after `now`, `stage` slots after the build, is one of the lattice's. */
bool lattice_reaches(const struct lattice *lattice, int stage);

/* How far today is expected to depart from each day until six hours from now, in kWh. */
struct lattice_shift {
	float load[LATTICE_LOADS], sun[LATTICE_LOADS];
};

/*
 * The value after the slot that begins now, at `now`; `stage` is how many slots after the build
 * the next one begins.
 */
void lattice_root(const struct lattice *lattice, const struct plan_past *past, struct plan_when now,
		  int stage, const struct plan_reach *reach, const struct lattice_shift *shift,
		  struct plan_row *value);
