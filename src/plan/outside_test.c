/* A forecast of the sun from outside: gone by as far as it was right, and never where it cannot be.
 */
#include "plan/outside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "plan/course.h"
#include "plan/test_home.h"

#define DAYS 40
#define PER_DAY 24

static struct test_home home;
static struct planner planner;

/* What is said at slot `now` of slot `at`, in kWh. */
typedef float foresee(int now, int at);

static float truth(int now, int at)
{
	(void)now;
	return home.slots[at].pv_kwh;
}

/* Off by a third either way, otherwise each day. */
static float nearly(int now, int at)
{
	uint64_t seed = (uint64_t)(at / PER_DAY) * 7919 + 5;

	test_random(&seed);
	return truth(now, at) * (0.67f + 0.66f * test_random(&seed));
}

/* The day of somebody else: as much sun, but on other days. */
static float elsewhere(int now, int at)
{
	return truth(now, (at + 17 * PER_DAY) % home.count);
}

static float half_as_much_again(int now, int at)
{
	return 1.5f * truth(now, at);
}

static float three_times(int now, int at)
{
	return 3 * truth(now, at);
}

/* A zone that is twelve hours off. */
static float at_night(int now, int at)
{
	return truth(now, (at + PER_DAY / 2) % home.count);
}

static float nothing(int now, int at)
{
	(void)now;
	(void)at;
	return NAN;
}

/* Good until the last day, and then not of this world. */
static float good_then_ten_times(int now, int at)
{
	return truth(now, at) * (now >= (DAYS - 1) * PER_DAY ? 10 : 1);
}

static void hear(int now, foresee *says)
{
	float said[LATTICE_STAGES_MAX];
	int count = planner_slots_ahead(&planner);

	for (int i = 0; i < count; i++)
		said[i] = now + i < home.count ? says(now, now + i) : NAN;
	outside_hear(&planner.outside, said, count);
}

/* Runs all days but the last hours, and returns what they cost; `says` NULL: nobody is asked. */
static double run(foresee *says, struct plan_decision *last)
{
	struct plan_battery battery = test_battery();
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	struct plan_decision decision;
	float energy = 0;
	double cost = 0;

	planner_init(&planner, &battery, PER_DAY);
	for (int t = 0; t < home.count - PER_DAY; t++) {
		float net = home.slots[t].load_kwh - home.slots[t].pv_kwh;
		struct plan_flow flow;

		test_home_ahead(&home, t, ahead);
		if (says != NULL)
			hear(t, says);
		planner_decide(&planner, ahead, false, &decision);
		flow = plan_settle(&planner.reach, &energy,
				   planner_act(&decision, &planner.reach, energy, net), net,
				   decision.price);
		cost += (double)flow.bill + (double)flow.wear;
		planner_take(&planner, &decision, &home.slots[t]);
	}
	test_home_ahead(&home, home.count - PER_DAY, ahead);
	if (says != NULL)
		hear(home.count - PER_DAY, says);
	planner_decide(&planner, ahead, true, last);
	return cost;
}

static struct planned_outside told(void)
{
	struct planned_outside out;

	outside_tell(&planner.outside, &out);
	return out;
}

static int setup(void **state)
{
	(void)state;
	test_home_make(&home, 71, DAYS, PER_DAY, true);
	return 0;
}

static void one_that_is_right_is_gone_by_and_saves(void **state)
{
	struct plan_decision decision;
	double without = run(NULL, &decision), with = run(truth, &decision);

	(void)state;
	assert_int_equal(told().sun, PLANNED_SUN_USED);
	assert_in_range(told().share_pct, 75, 100);
	assert_true(told().said_off_w == 0 && told().own_off_w > 100);
	assert_true(with < without - 0.003 * fabs(without));
}

static void one_that_is_nearly_right_is_gone_by_in_part(void **state)
{
	struct plan_decision decision;
	double without = run(NULL, &decision), with = run(nearly, &decision);

	(void)state;
	assert_int_equal(told().sun, PLANNED_SUN_USED);
	assert_in_range(told().share_pct, 25, 95);
	assert_true(told().said_off_w < told().own_off_w);
	assert_true(with < without + 0.001 * fabs(without));
}

static void one_of_another_place_is_hardly_heard_and_does_no_harm(void **state)
{
	struct plan_decision decision;
	double without = run(NULL, &decision), with = run(elsewhere, &decision);

	(void)state;
	assert_in_range(told().share_pct, 0, 30);
	assert_true(with < without + 0.003 * fabs(without));
}

static void what_it_makes_of_the_roof_is_put_right(void **state)
{
	struct plan_decision decision;
	int noon = home.count - PER_DAY + 12;

	(void)state;
	run(half_as_much_again, &decision);
	assert_int_equal(told().sun, PLANNED_SUN_USED);
	assert_in_range(told().share_pct, 60, 100);
	assert_float_equal(planner.outside.said[12], home.slots[noon].pv_kwh, 0.02);
}

static void another_roof_or_sun_at_night_changes_no_decision(void **state)
{
	static foresee *const odd[] = {three_times, at_night, nothing};
	static const enum planned_sun as[] = {PLANNED_SUN_ODD, PLANNED_SUN_ODD, PLANNED_SUN_STALE};
	struct plan_decision own, decision;
	double without = run(NULL, &own);

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(odd); i++) {
		assert_true(run(odd[i], &decision) == without);
		assert_int_equal(told().sun, as[i]);
		assert_int_equal(told().share_pct, 0);
		assert_memory_equal(&decision.value, &own.value, sizeof(own.value));
	}
}

/* It had counted much, and is not gone by for one bad day. */
static void what_cannot_be_is_left_out_at_once(void **state)
{
	struct plan_decision decision;

	(void)state;
	run(good_then_ten_times, &decision);
	assert_int_equal(told().sun, PLANNED_SUN_ODD);
	assert_int_equal(told().share_pct, 0);
}

static void it_counts_only_after_some_days(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	struct plan_decision decision;
	int used = -1;

	(void)state;
	planner_init(&planner, &battery, PER_DAY);
	for (int t = 0; t < 12 * PER_DAY && used < 0; t++) {
		test_home_ahead(&home, t, ahead);
		hear(t, truth);
		planner_decide(&planner, ahead, false, &decision);
		planner_take(&planner, &decision, &home.slots[t]);
		if (told().sun == PLANNED_SUN_USED)
			used = t / PER_DAY;
		else
			assert_int_equal(told().sun, PLANNED_SUN_LEARNING);
	}
	assert_in_range(used, 3, 6);
}

/* A plan shows what was said beside what it goes by, which lies between that and its own. */
static void a_plan_shows_what_was_said(void **state)
{
	static struct course_work work;
	static struct planned plan;
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	struct follow_scale scale = {6.4f, 0};
	struct plan_decision decision;
	struct course_of of = {&planner, &decision, ahead, &scale, 2, 0};

	(void)state;
	run(truth, &decision);
	test_home_ahead(&home, home.count - PER_DAY, ahead);
	course_write(&of, &work, &plan);
	assert_int_equal(plan.outside.sun, PLANNED_SUN_USED);
	for (int i = 0; i < plan.count; i++) {
		int32_t real_w =
		    (int32_t)lroundf(1000 * home.slots[home.count - PER_DAY + i].pv_kwh);
		int32_t own_w = (int32_t)lroundf(1000 * work.outlook.slots[i].own_pv_kwh);
		int32_t off_w = plan.slots[i].pv_w[PLANNED_P50] - real_w;

		assert_in_range(plan.slots[i].said_w - real_w + 30, 0, 60);
		if (real_w > 1000 && i > 1)
			assert_true(off_w <
				    60 + (own_w > real_w ? own_w - real_w : real_w - own_w));
	}
	run(NULL, &decision);
	course_write(&of, &work, &plan);
	assert_int_equal(plan.slots[12].said_w, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(one_that_is_right_is_gone_by_and_saves),
	    cmocka_unit_test(one_that_is_nearly_right_is_gone_by_in_part),
	    cmocka_unit_test(one_of_another_place_is_hardly_heard_and_does_no_harm),
	    cmocka_unit_test(what_it_makes_of_the_roof_is_put_right),
	    cmocka_unit_test(another_roof_or_sun_at_night_changes_no_decision),
	    cmocka_unit_test(what_cannot_be_is_left_out_at_once),
	    cmocka_unit_test(it_counts_only_after_some_days),
	    cmocka_unit_test(a_plan_shows_what_was_said),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
