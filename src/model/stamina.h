/*
 * How much a battery takes in and gives back, learned from measured power beside its state of
 * charge: each charge or discharge that goes on for long enough is a run, and says how much energy
 * a per cent is. Made of its rollups of a quarter of an hour, one after the other. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/rollup.h"

#define STAMINA_RUN_PCT 20.0 /* a shorter run says more of the gauge's steps than of the battery \
			      */
#define STAMINA_RUNS_LEAST 5 /* below it is not enough data */
#define STAMINA_SURE 0.1     /* from low to high: what is less certain is not planned with */
#define STAMINA_LEAST 0.5    /* in and out again: less is a gauge or a meter that is off */

/* Runs of one direction. */
struct stamina_runs {
	int32_t count;
	double wh, pct;      /* of all together */
	double wh2, pct2, x; /* sums of wh², pct² and wh times pct, for the interval */
};

/* All zero is the beginning. */
struct stamina {
	struct stamina_runs charges, discharges;
	bool has_last;
	struct wall_time last_to;
	double last_soc_pct;
	int direction; /* of the run that goes on: 1 charges, -1 discharges, 0 none */
	double run_wh, run_pct;
};

/* Adds a span, later than those before. */
void stamina_add(struct stamina *stamina, struct rollup_span span,
		 const struct rollup_readings *readings);

/* A value, and between what about nine of ten would lie that were learned so. */
struct stamina_value {
	bool is_known; /* false: not enough data */
	double value, low, high;
};

struct stamina_learned {
	struct stamina_value takes_wh, gives_wh; /* from empty to full, and from full to empty */
	struct stamina_value efficiency;         /* in and out again, 0..1 */
	struct stamina_value capacity_wh;        /* in the cells, half of the loss on each way */
	int32_t charges, discharges;             /* runs that it rests on */
};

/* With the run that goes on, if that is long enough already. */
struct stamina_learned stamina_learn(const struct stamina *stamina);

/*
 * The efficiency of one way to plan with: the root of what was learned, where its interval is no
 * wider than STAMINA_SURE and it can be one; else `otherwise`.
 */
float stamina_one_way(const struct stamina_learned *learned, float otherwise);
