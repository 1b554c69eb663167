/* The planner as a whole: what it may know, what it never does, and what it is worth. */
#include "plan/test_home.h"
#include "plan/perfect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct test_home home, other;
static float course[TEST_SLOTS_MAX], again[TEST_SLOTS_MAX];

/* Makes all that is measured from `from` on different. */
static void scramble(struct test_home *scrambled, int from, uint64_t seed)
{
	for (int i = from; i < scrambled->count; i++) {
		scrambled->slots[i].load_kwh = test_random(&seed) * 4;
		scrambled->slots[i].pv_kwh = test_random(&seed) * 4;
	}
}

static void check_causality(uint64_t seed, int days, int slots_per_day, bool is_dynamic)
{
	struct plan_battery battery = test_battery();

	test_home_make(&home, seed, days, slots_per_day, is_dynamic);
	test_home_run(&home, &battery, 0, course);
	for (int i = 0; i < 2; i++) {
		int from = (int)(test_random(&seed) * (float)home.count);

		other = home;
		scramble(&other, from, seed);
		test_home_run(&other, &battery, 0, again);
		assert_memory_equal(course, again, sizeof(*course) * (size_t)from);
	}
}

static void what_is_measured_later_changes_no_decision(void **state)
{
	(void)state;
	check_causality(21, 15, 24, false);
	check_causality(22, 6, 48, true);
	check_causality(23, 3, 96, true);
}

static void a_record_that_ends_changes_no_decision_of_before(void **state)
{
	struct plan_battery battery = test_battery();
	int cut;

	(void)state;
	test_home_make(&home, 24, 16, 24, true);
	test_home_run(&home, &battery, 0, course);
	cut = 24 * 11 + 7;
	other = home;
	other.count = cut;
	test_home_run(&other, &battery, 0, again);
	/* The prices of the last 24 h before the cut reached beyond it. */
	assert_memory_equal(course, again, sizeof(*course) * (size_t)(cut - 24));
}

static double cost_of_hindsight(const struct test_home *of, const struct plan_battery *battery)
{
	struct plan_reach reach = plan_reach_of(battery, 24.0f / (float)of->slots_per_day, 1, 1);
	struct perfect_row *rows = calloc((size_t)of->count + 1, sizeof(*rows));
	struct perfect perfect;
	double cost = 0;
	float energy = 0;

	assert_non_null(rows);
	perfect_init(&perfect, &reach);
	for (int i = of->count; i-- > 0;)
		perfect_back(&perfect, &of->slots[i], &rows[i + 1], &rows[i]);
	for (int i = 0; i < of->count; i++) {
		const struct plan_slot *slot = &of->slots[i];
		float move = perfect_act(&perfect, slot, &rows[i + 1], energy);
		struct plan_flow flow =
		    plan_settle(&reach, &energy, move, slot->load_kwh - slot->pv_kwh, slot->price);

		cost += (double)flow.bill + (double)flow.wear;
	}
	free(rows);
	return cost;
}

static double cost_of_rest(const struct test_home *of)
{
	double cost = 0;

	for (int i = 0; i < of->count; i++) {
		float net = of->slots[i].load_kwh - of->slots[i].pv_kwh;

		cost +=
		    (double)(net * (net > 0 ? of->slots[i].price.buy : of->slots[i].price.sell));
	}
	return cost;
}

static void the_plan_saves_most_of_what_hindsight_would(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	for (int i = 0; i < 4; i++) {
		double rest, best, plan;

		test_home_make(&home, 31 + (uint64_t)i, 40, 24, i % 2 == 1);
		battery.wear = i % 2 == 1 ? 0.02f : 0;
		rest = cost_of_rest(&home);
		best = cost_of_hindsight(&home, &battery);
		plan = test_home_run(&home, &battery, 0, NULL);
		assert_true(plan >= best - 1e-3);
		assert_true(rest - plan > 0.85 * (rest - best));
	}
}

static void hindsight_buys_before_the_price_rises_and_no_more_than_is_needed(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	home = (struct test_home){.slots_per_day = 24, .count = 2};
	home.slots[0] = (struct plan_slot){{0, 0}, {0.1f, 0}, 1, 0};
	home.slots[1] = (struct plan_slot){{0, 1}, {0.4f, 0}, 2, 0};
	/* 1 kWh for the house and 2 / 0.9 for later, at 0.1 */
	assert_float_equal(cost_of_hindsight(&home, &battery), 0.1 * (1 + 2 / 0.9), 3e-3);
}

static void the_reserve_is_never_given(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	battery.floor_kwh = 2;
	battery.ceiling_kwh = 6;
	for (int i = 0; i < 3; i++) {
		test_home_make(&home, 41 + (uint64_t)i, 15, 24, i % 2 == 1);
		test_home_run(&home, &battery, 0, course);
		for (int t = 0; t < home.count; t++)
			assert_true(course[t] >= -1e-4f && course[t] <= 4 + 1e-4f);
	}
}

static void out_of_bounds_the_battery_comes_back(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	battery.floor_kwh = 2;
	test_home_make(&home, 51, 3, 24, false);
	test_home_run(&home, &battery, -2, course);
	assert_true(course[0] >= -1e-4f);
	test_home_run(&home, &battery, 4.5f, course);
	assert_true(course[home.count - 1] <= 4.4f + 1e-4f);
}

/* Holes, prices that stop, a clock that jumps: nothing of it may make a move that is no number. */
static void damage(struct test_home *damaged, uint64_t seed)
{
	for (int i = 0; i < damaged->count; i++) {
		struct plan_slot *slot = &damaged->slots[i];
		float dice = test_random(&seed);

		if (dice < 0.1f)
			slot->load_kwh = NAN;
		else if (dice < 0.15f)
			slot->pv_kwh = NAN;
		if (test_random(&seed) < 0.2f)
			slot->price.buy = NAN;
		if (dice > 0.995f)
			slot->load_kwh = 90;
	}
	for (int i = damaged->count / 3;
	     i < damaged->count / 3 + 13 * damaged->slots_per_day && i < damaged->count; i++)
		damaged->slots[i].load_kwh = NAN;
}

static void whatever_is_missing_the_plan_is_possible(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	for (int i = 0; i < 4; i++) {
		test_home_make(&home, 61 + (uint64_t)i, 30, 24, i % 2 == 1);
		damage(&home, 61 + (uint64_t)i);
		assert_true(isfinite(test_home_run(&home, &battery, 0, course)));
		for (int t = 0; t < home.count; t++)
			assert_true(course[t] >= -1e-4f && course[t] <= 6.4f + 1e-4f);
	}
}

/* In spring the clock leaves out an hour, in autumn it shows one twice. */
static void days_of_23_and_25_hours_pass(void **state)
{
	struct plan_battery battery = test_battery();
	int spring = 24 * 10 + 2, autumn = 24 * 20 + 2;

	(void)state;
	test_home_make(&home, 71, 30, 24, false);
	memmove(&home.slots[spring], &home.slots[spring + 1],
		sizeof(home.slots[0]) * (size_t)(home.count - spring - 1));
	memmove(&home.slots[autumn + 1], &home.slots[autumn],
		sizeof(home.slots[0]) * (size_t)(home.count - autumn - 1));
	assert_true(isfinite(test_home_run(&home, &battery, 0, course)));
	for (int t = 0; t < home.count; t++)
		assert_true(course[t] >= -1e-4f && course[t] <= 6.4f + 1e-4f);
}

static void case_j2_room_is_kept_for_the_hours_in_which_exporting_costs(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	home = (struct test_home){.slots_per_day = 24, .count = 20 * 24};
	for (int i = 0; i < home.count; i++) {
		int hour = i % 24;
		bool is_noon = hour >= 11 && hour < 15;

		home.slots[i] = (struct plan_slot){{20332 + i / 24, hour},
						   {0.3f, is_noon ? -0.05f : 0.05f},
						   0.4f,
						   hour >= 8 && hour < 17 ? 2.5f : 0};
	}
	test_home_run(&home, &battery, 0, course);
	/* Once it knows such days: not full before 11, full after. */
	assert_true(course[19 * 24 + 10] < 2);
	assert_true(course[19 * 24 + 14] > 6.3f);
}

/*
 * Dear from 17 to 21, cheapest from 2 to 5: but then there is no power to charge with, as in the
 * cold. So it charges before, at a price at which it would else wait.
 */
static void it_does_not_count_on_charging_in_hours_that_have_no_power(void **state)
{
	static struct planner planner;
	struct plan_battery battery = test_battery();
	struct plan_share shares[LATTICE_STAGES_MAX];
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	struct plan_decision decision;
	float energy = 0, at_five = 0, at_two = 0;

	(void)state;
	test_home_make(&home, 31, 12, 24, false);
	for (int i = 0; i < home.count; i++) {
		int place = home.slots[i].when.place;

		home.slots[i].price = (struct plan_price){place < 2                   ? 0.1f
							  : place < 5                 ? 0.05f
							  : place >= 17 && place < 21 ? 0.5f
										      : 0.3f,
							  0};
		home.slots[i].load_kwh = 0.4f;
		home.slots[i].pv_kwh = 0;
	}
	battery.charge_kw = 2.5f;
	planner_init(&planner, &battery, 24);
	for (int t = 0; t < home.count; t++) {
		float net = home.slots[t].load_kwh;

		test_home_ahead(&home, t, ahead);
		for (int i = 0; i < planner_slots_ahead(&planner); i++) {
			bool is_cold = ahead[i].when.place >= 2 && ahead[i].when.place < 5;

			shares[i] = (struct plan_share){is_cold ? 0 : 1, 1};
		}
		planner_expect(&planner, shares);
		planner_decide(&planner, ahead, false, &decision);
		plan_settle(&planner.reach, &energy,
			    planner_act(&decision, &planner.reach, energy, net), net,
			    decision.price);
		planner_take(&planner, &decision, &home.slots[t]);
		if (home.slots[t].when.place == 1)
			at_two = energy;
		if (home.slots[t].when.place == 4)
			at_five = energy;
	}
	assert_true(at_two > 4);
	assert_true(at_five <= at_two);
}

/* At one price, with surplus that earns less, self-consumption is the best there is. */
static void where_a_rule_is_perfect_the_plan_is_no_worse(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	test_home_make(&home, 81, 50, 24, false);
	for (int i = 0; i < home.count; i++)
		home.slots[i].price = (struct plan_price){0.3f, 0.08f};
	for (int i = 0; i < 4; i++) /* it begins while all are asleep */
		home.slots[i].load_kwh = 0;
	assert_float_equal(test_home_run(&home, &battery, 0, NULL),
			   cost_of_hindsight(&home, &battery), 0.05);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_measured_later_changes_no_decision),
	    cmocka_unit_test(a_record_that_ends_changes_no_decision_of_before),
	    cmocka_unit_test(the_plan_saves_most_of_what_hindsight_would),
	    cmocka_unit_test(hindsight_buys_before_the_price_rises_and_no_more_than_is_needed),
	    cmocka_unit_test(it_does_not_count_on_charging_in_hours_that_have_no_power),
	    cmocka_unit_test(where_a_rule_is_perfect_the_plan_is_no_worse),
	    cmocka_unit_test(the_reserve_is_never_given),
	    cmocka_unit_test(out_of_bounds_the_battery_comes_back),
	    cmocka_unit_test(whatever_is_missing_the_plan_is_possible),
	    cmocka_unit_test(days_of_23_and_25_hours_pass),
	    cmocka_unit_test(case_j2_room_is_kept_for_the_hours_in_which_exporting_costs),
	};

	return cmocka_run_group_tests_name("plan-planner", tests, NULL, NULL);
}
