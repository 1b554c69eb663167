/* A home of nobody, for tests: made from a seed, with days that are alike and clouds that last. */
#pragma once

#include "plan/planner.h"

#define TEST_SLOTS_MAX (60 * 96)

struct test_home {
	int slots_per_day, count;
	struct plan_slot slots[TEST_SLOTS_MAX];
};

/* The next number of a sequence, 0 <= x < 1. */
float test_random(uint64_t *seed);

/* Fills `days` days from 2025-09-01 on; `is_dynamic` makes prices that move by the hour. */
void test_home_make(struct test_home *home, uint64_t seed, int days, int slots_per_day,
		    bool is_dynamic);

/* The battery of the bench: 6.4 kWh, 5 kW. */
struct plan_battery test_battery(void);

/* What planner_decide() is given at slot `at`: places, and prices for 24 h as far as there are any.
 */
void test_home_ahead(const struct test_home *home, int at, struct plan_slot *ahead);

/*
 * Runs the plan over the home with `energy_kwh` to begin with, and writes the energy after each
 * slot to `course` unless it is NULL. Returns bill and wear.
 */
double test_home_run(const struct test_home *home, const struct plan_battery *battery,
		     float energy_kwh, float *course);
