/* What is expected of load and PV: in order, from what was, and right as often as it says. */
#include "plan/outlook.h"
#include "plan/test_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

static struct test_home home;
static struct planner planner;

/* Goes through the home; calls `look` before each slot. */
static void go(int slots_per_day, void (*look)(int at, const struct outlook *outlook))
{
	struct plan_battery battery = test_battery();
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	struct plan_decision decision;
	struct outlook outlook;

	planner_init(&planner, &battery, slots_per_day);
	for (int t = 0; t < home.count; t++) {
		test_home_ahead(&home, t, ahead);
		planner_decide(&planner, ahead, false, &decision);
		planner_outlook(&planner, home.slots[t].when, &outlook);
		look(t, &outlook);
		planner_take(&planner, &decision, &home.slots[t]);
	}
}

static void check_order(int at, const struct outlook *outlook)
{
	int per_day = home.slots_per_day;

	assert_int_equal(outlook->count, per_day);
	for (int i = 0; i < outlook->count; i++) {
		const struct outlook_slot *slot = &outlook->slots[i];

		assert_int_equal(slot->when.place, (at + i) % per_day);
		assert_int_equal(slot->is_known, at + i >= per_day && at > 0);
		if (!slot->is_known)
			continue;
		assert_true(slot->load_kwh[OUTLOOK_P10] <= slot->load_kwh[OUTLOOK_P50] &&
			    slot->load_kwh[OUTLOOK_P50] <= slot->load_kwh[OUTLOOK_P90]);
		assert_true(slot->pv_kwh[OUTLOOK_P10] >= 0 &&
			    slot->pv_kwh[OUTLOOK_P10] <= slot->pv_kwh[OUTLOOK_P90]);
	}
}

static void quantiles_are_in_order_at_each_slot_of_a_day(void **state)
{
	(void)state;
	test_home_make(&home, 91, 8, 24, true);
	go(24, check_order);
	test_home_make(&home, 92, 3, 96, true);
	go(96, check_order);
}

static int inside, scored;

static void count_inside(int at, const struct outlook *outlook)
{
	for (int i = 0; i < outlook->count && at + i < home.count && at > 25 * 24; i++) {
		const struct outlook_slot *slot = &outlook->slots[i];
		float load = home.slots[at + i].load_kwh;

		scored++;
		inside +=
		    load >= slot->load_kwh[OUTLOOK_P10] && load <= slot->load_kwh[OUTLOOK_P90];
	}
}

static void eight_of_ten_lie_between_the_outer_quantiles(void **state)
{
	(void)state;
	inside = scored = 0;
	test_home_make(&home, 93, 50, 24, false);
	go(24, count_inside);
	assert_float_equal((float)inside / (float)scored, 0.8, 0.04);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(quantiles_are_in_order_at_each_slot_of_a_day),
	    cmocka_unit_test(eight_of_ten_lie_between_the_outer_quantiles),
	};

	return cmocka_run_group_tests_name("plan-outlook", tests, NULL, NULL);
}
