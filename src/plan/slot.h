/*
 * Time as the planner sees it: slots of one length, each known by the day and
 * the place within it that a clock of the house shows. Past days are compared
 * at the same place, so days of 23 and 25 hours need no rule of their own.
 *
 * Energies are kWh here and prices are per kWh, in one currency.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define PLAN_SLOT_MINUTES_MIN 15 /* finer steps act within such a slot */
#define PLAN_SLOT_MINUTES_MAX 60
#define PLAN_SLOTS_PER_DAY_MAX (24 * 60 / PLAN_SLOT_MINUTES_MIN)

/* Where a slot stands on the clock of the house. */
struct plan_when {
	int32_t day;   /* local days since 1970-01-01 (a Thursday) */
	int32_t place; /* slot of that day, 0.. */
};

struct plan_price {
	float buy, sell; /* of the grid, per kWh; either may be negative */
};

/* What is known of a slot: of one that is over everything, ahead only where and the price. */
struct plan_slot {
	struct plan_when when;
	struct plan_price price;
	float load_kwh, pv_kwh; /* NaN where nothing was measured */
};

/* Saturday or Sunday. */
static inline bool plan_is_weekend(int32_t day)
{
	int32_t from_thursday = (day % 7 + 7) % 7;

	return from_thursday == 2 || from_thursday == 3;
}
