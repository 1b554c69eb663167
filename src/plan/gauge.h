/*
 * Quantiles of load and PV that hold what they say. The planner's own days are few, and the ends
 * that they give lie too close: a gauge remembers what was said at some leads, and stretches the
 * ends by what it learns of each lead once the slot is over (band.h).
 */
#pragma once

#include "plan/band.h"
#include "plan/slot.h"

#define GAUGE_LEADS 6           /* 1, 2, 3, 6, 12 and 24 hours to the end of a slot */
#define GAUGE_PROMISES (48 * 4) /* slots of all leads together, at most */

/* Quantiles 0.1, 0.5 and 0.9. */
struct gauge_ends {
	float low, middle, high;
};

struct gauge_promise {
	bool is_made;
	struct plan_when when;
	struct gauge_ends load, pv;
};

struct gauge {
	int32_t slots_per_day;
	struct band load[GAUGE_LEADS], pv[GAUGE_LEADS];
	struct gauge_promise promises[GAUGE_PROMISES];
};

void gauge_init(struct gauge *gauge, int slots_per_day);

/*
 * What the days say of the slot `ahead` slots after the one that begins (0: that one); kept where
 * that is one of the leads. The last word counts.
 */
void gauge_expect(struct gauge *gauge, int ahead, const struct gauge_promise *promise);

/* A slot is over. */
void gauge_take(struct gauge *gauge, const struct plan_slot *slot);

/* Stretches the ends of what the days say of the slot `ahead` slots after the one that begins. */
void gauge_stretch(const struct gauge *gauge, int ahead, struct gauge_ends *load,
		   struct gauge_ends *pv);
