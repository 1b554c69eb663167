/*
 * What the planner expects of load and PV, with quantiles: its own days,
 * weighed as now resembles them, and from slot to slot as they turn into one
 * another (lattice.h). It is what the plan rests on, laid open; its ends are stretched to where
 * one value in ten lies beyond each (gauge.h).
 */
#pragma once

#include "plan/planner.h"

#define OUTLOOK_HOURS 24
#define OUTLOOK_SLOTS_MAX (OUTLOOK_HOURS * PLAN_SLOTS_PER_DAY_MAX / 24)

enum outlook_quantile { OUTLOOK_P10, OUTLOOK_P50, OUTLOOK_P90, OUTLOOK_QUANTILES };

struct outlook_slot {
	struct plan_when when;
	bool is_known; /* some day was measured at its place */
	float load_kwh[OUTLOOK_QUANTILES], pv_kwh[OUTLOOK_QUANTILES];
	float
	    own_pv_kwh; /* what the days alone would say in the mean, without others (outside.h) */
};

struct outlook {
	int count;
	struct outlook_slot slots[OUTLOOK_SLOTS_MAX]; /* the first is the one that begins now */
};

/* After planner_decide(), for the same slot; `now` is its place. Reads the planner only. */
void planner_outlook(const struct planner *planner, struct plan_when now, struct outlook *outlook);

/*
 * Keeps what is said of the slots from `now` on, to be compared once they are over: planner_take()
 * does that, before it learns from the slot. Nothing where no decision was made for `now`.
 */
void outlook_promise(struct planner *planner, struct plan_when now);
