/* Other forecasters: what they say of the day ahead, and that they count only where they are
 * cheaper. */
#include "plan/rival.h"
#include "plan/test_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#define FIRST_DAY 20332 /* a Monday */

static struct test_home home;
static struct planner planner;

static void a_line_is_found_again(void **state)
{
	struct rls rls;
	uint64_t seed = 5;

	(void)state;
	rls_init(&rls, 3, 0.999);
	for (int i = 0; i < 2000; i++) {
		double x[] = {1, (double)test_random(&seed), (double)test_random(&seed)};

		rls_take(&rls, x, 0.5 - 2 * x[1] + 3 * x[2] + 0.1 * (double)test_random(&seed));
	}
	assert_float_equal(rls.fit[0], 0.55, 0.02);
	assert_float_equal(rls.fit[1], -2, 0.02);
	assert_float_equal(rls.fit[2], 3, 0.02);
}

/* Hours at a flat price but for a dear evening; `load_at` says what is needed. */
static void make(int days, float (*load_at)(int day, int hour))
{
	home.slots_per_day = 24;
	home.count = days * 24;
	for (int i = 0; i < home.count; i++) {
		int day = i / 24, hour = i % 24;

		home.slots[i] = (struct plan_slot){
		    .when = {FIRST_DAY + day, hour},
		    .price = {hour >= 17 && hour < 21 ? 0.5f : 0.2f, 0},
		    .load_kwh = load_at(day, hour),
		};
	}
}

static void run(void)
{
	struct plan_battery battery = test_battery();
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	struct plan_decision decision;

	planner_init(&planner, &battery, 24);
	for (int t = 0; t < home.count; t++) {
		test_home_ahead(&home, t, ahead);
		planner_decide(&planner, ahead, false, &decision);
		planner_take(&planner, &decision, &home.slots[t]);
	}
}

/* On one evening of the week far more than on others, whatever went before. */
static float on_wednesdays(int day, int hour)
{
	bool is_evening = hour >= 17 && hour < 21;

	return is_evening && day % 7 == 2 ? 1.5f : 0.25f;
}

static void each_says_what_it_is_named_after(void **state)
{
	struct plan_slot ahead[LATTICE_STAGES_MAX];

	(void)state;
	make(37, on_wednesdays); /* ends with a Tuesday */
	run();
	make(44, on_wednesdays);
	test_home_ahead(&home, 37 * 24, ahead);
	rivals_look(&planner.rivals, &planner.past, ahead, 24);
	assert_true(planner.rivals.is_known);
	assert_float_equal(planner.rivals.course[RIVAL_NAIVE].load_kwh[18], 1.5, 1e-6);
	assert_true(planner.rivals.course[RIVAL_PROFILE].load_kwh[18] > 0.3f &&
		    planner.rivals.course[RIVAL_PROFILE].load_kwh[18] < 0.9f);
	assert_float_equal(planner.rivals.course[RIVAL_LAGS].load_kwh[10], 0.25, 0.05);
	assert_float_equal(planner.rivals.course[RIVAL_LAGS].pv_kwh[12], 0, 0);
}

/* Hours, cheap and dear by turns, in which a home needs 1 kWh: who believes that energy is worth
 * `own` and `other` per kWh. */
static float share_of_other(int hours, float own, float other)
{
	static struct panel panel;
	struct plan_battery battery = test_battery();
	struct plan_reach reach = plan_reach_of(&battery, 1, 1, 1);
	struct plan_row value, rows[RIVAL_COUNT], mixed;
	struct plan_rule_view view = {0};

	panel_init(&panel);
	for (int k = 0; k < PLAN_POINTS; k++) {
		value.at[k] = -own * reach.step_kwh * (float)k;
		for (int rival = 0; rival < RIVAL_COUNT; rival++)
			rows[rival].at[k] = -other * reach.step_kwh * (float)k;
	}
	for (int i = 0; i < hours; i++) {
		struct plan_price price = {i % 2 ? 0.5f : 0.1f, 0};
		struct plan_mode mode;

		panel_read(&panel, &value, rows, &reach, battery.capacity_kwh, &mixed);
		mode = plan_mode_of(&mixed, &reach, price);
		panel_take(&panel, &mode, &mixed, &view, &reach, 1, 1, price);
	}
	return panel.share[PANEL_READINGS];
}

static void who_would_have_cost_less_counts_after_two_weeks(void **state)
{
	(void)state;
	assert_float_equal(share_of_other(13 * 24, 0, 0.3f), 0, 0);
	assert_true(share_of_other(16 * 24, 0, 0.3f) > 0.3f);
}

static void who_would_have_cost_as_much_or_more_does_not(void **state)
{
	(void)state;
	assert_float_equal(share_of_other(30 * 24, 0.3f, 0), 0, 0);
	assert_float_equal(share_of_other(30 * 24, 0.3f, 0.3f), 0, 0);
	test_home_make(&home, 77, 60, 24, false);
	run();
	for (int rival = 0; rival < RIVAL_COUNT; rival++)
		assert_float_equal(planner.panel.share[PANEL_READINGS + rival], 0, 0);
}

static void without_a_day_to_go_by_nobody_says_anything(void **state)
{
	struct plan_slot ahead[LATTICE_STAGES_MAX];

	(void)state;
	make(2, on_wednesdays);
	home.count = 0;
	run();
	home.count = 48;
	test_home_ahead(&home, 0, ahead);
	rivals_look(&planner.rivals, &planner.past, ahead, 24);
	assert_false(planner.rivals.is_known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_line_is_found_again),
	    cmocka_unit_test(each_says_what_it_is_named_after),
	    cmocka_unit_test(who_would_have_cost_less_counts_after_two_weeks),
	    cmocka_unit_test(who_would_have_cost_as_much_or_more_does_not),
	    cmocka_unit_test(without_a_day_to_go_by_nobody_says_anything),
	};

	return cmocka_run_group_tests_name("plan-rival", tests, NULL, NULL);
}
