/* What broke in other people's plans (docs/cases.md), played on the planner. */
#include "plan/follow.h"
#include "plan/test_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#define FIRST_DAY 20332

static struct test_home home;
static float course[TEST_SLOTS_MAX];

/* Days that are all alike: `of` makes the slot at an hour. */
static void repeat(int days, int slots_per_day, struct plan_slot (*of)(float hour))
{
	home.slots_per_day = slots_per_day;
	home.count = days * slots_per_day;
	for (int i = 0; i < home.count; i++) {
		int place = i % slots_per_day;

		home.slots[i] = of((float)place * 24 / (float)slots_per_day);
		home.slots[i].when = (struct plan_when){FIRST_DAY + i / slots_per_day, place};
	}
}

/* How much energy came into the battery between two hours of the day `day`. */
static float taken(int day, int from, int to)
{
	int at = day * home.slots_per_day;
	int first = at + from * home.slots_per_day / 24, last = at + to * home.slots_per_day / 24;

	return course[last - 1] - course[first - 1];
}

static struct plan_slot flat(float hour)
{
	(void)hour;
	return (struct plan_slot){.price = {0.3f, 0.05f}, .load_kwh = 0.5f};
}

static void case_i1_a_price_that_is_not_published_is_not_the_cheapest(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	repeat(12, 24, flat);
	for (int i = 11 * 24 + 20; i < home.count; i++)
		home.slots[i].price = (struct plan_price){NAN, NAN};
	test_home_run(&home, &battery, 0, course);
	for (int t = 0; t < home.count; t++)
		assert_float_equal(course[t], 0, 1e-4);
}

static void case_i1_an_assumed_price_is_that_of_the_day_before_and_says_so(void **state)
{
	static struct planner planner;
	struct plan_battery battery = test_battery();
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	struct plan_decision decision;

	(void)state;
	repeat(3, 24, flat);
	home.slots[5].price.buy = 0.17f;
	home.slots[24 + 5].price = (struct plan_price){NAN, NAN};
	planner_init(&planner, &battery, 24);
	for (int t = 0; t < 24 + 6; t++) {
		test_home_ahead(&home, t, ahead);
		planner_decide(&planner, ahead, false, &decision);
		planner_take(&planner, &decision, &home.slots[t]);
		assert_int_equal(decision.price_is_assumed, t == 24 + 5);
	}
	assert_float_equal(decision.price.buy, 0.17f, 1e-6);
}

static void case_i3_each_slot_costs_for_as_long_as_it_lasts(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_reach quarter = plan_reach_of(&battery, 0.25f, 1, 1);
	float energy = 0, wish = 0.75f * battery.efficiency;

	(void)state;
	assert_float_equal(
	    plan_settle(&quarter, &energy, wish, 0, (struct plan_price){0.4f, 0}).bill,
	    0.75f * 0.4f, 1e-5);
}

static struct plan_slot sun_from_ten_to_four(float hour)
{
	bool is_sunny = hour >= 10 && hour < 16;

	return (struct plan_slot){
	    .price = {0.3f, 0.05f}, .load_kwh = 0.1f, .pv_kwh = is_sunny ? 0.6f : 0};
}

static void case_k1_full_with_a_gauge_that_trembles_it_switches_at_most_twice(void **state)
{
	static struct planner planner;
	struct plan_battery battery = test_battery();
	struct plan_reach reach;
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	struct plan_decision decision;
	struct follow_scale scale = {10, 0};
	struct follow_view view = {.net_kw = -2};
	struct follow_wish wish;
	uint64_t seed = 23;
	int switches = 0, from = 8 * 96 + 10 * 4;

	(void)state;
	battery.capacity_kwh = battery.taper_kwh = 10;
	battery.ceiling_kwh = 9.5f;
	repeat(9, 96, sun_from_ten_to_four);
	reach = plan_reach_of(&battery, 0.25f, 1, 1);
	planner_init(&planner, &battery, 96);
	for (int t = 0; t < from + 6 * 4; t++) {
		test_home_ahead(&home, t, ahead);
		for (int five = 0; five < (t < from ? 1 : 3); five++) {
			planner_decide(&planner, ahead, five > 0, &decision);
			/* on its way there first, and then up and down within two tenths of a % */
			view.energy_kwh = follow_energy(
			    &scale, t == from ? 9000 : 9480 + (int32_t)(21 * test_random(&seed)));
			follow_act(&decision, &reach, &scale, 0.25f, &view, &wish);
			switches += t >= from && wish.intent != view.intent;
			view.intent = wish.intent;
		}
		if (t == from)
			assert_int_equal(view.intent, INTENT_CHARGE);
		planner_take(&planner, &decision, &home.slots[t]);
	}
	assert_int_equal(view.intent, INTENT_SAFE);
	assert_true(switches <= 2);
}

static struct plan_slot two_cheap_times(float hour)
{
	float buy = hour >= 15 && hour < 18 ? 0.285f
		    : hour >= 2 && hour < 4 ? 0.255f
		    : hour >= 6 && hour < 9 ? 0.4f
					    : 0.35f;

	return (struct plan_slot){.price = {buy, 0},
				  .load_kwh = hour >= 6 && hour < 9 ? 4.0f / 3 : 0};
}

static void case_k2_it_waits_for_the_cheaper_time_before_the_need(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	repeat(14, 24, two_cheap_times);
	test_home_run(&home, &battery, 0, course);
	assert_float_equal(taken(12, 15, 18), 0, 0.05);
	assert_float_equal(taken(13, 2, 4), 4 / battery.efficiency, 0.45);
	assert_float_equal(taken(13, 6, 9), -4 / battery.efficiency, 0.45);
}

static struct plan_slot alternating(float hour)
{
	bool is_even = (int)(hour * 2 + 0.5f) % 2 == 0;

	return (struct plan_slot){.price = {is_even ? 0.1f : 0.125f, 0}, .load_kwh = 0.25f};
}

static void case_k3_what_pays_less_than_the_wear_is_not_cycled(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	battery.wear = 0.03f;
	repeat(8, 48, alternating);
	test_home_run(&home, &battery, 0, course);
	for (int t = 0; t < home.count; t++)
		assert_float_equal(course[t], 0, 1e-4);
}

/* Cheap and dear by turns, dearest in the evening, and more is always needed than it can give. */
static struct plan_slot alternating_far(float hour)
{
	bool is_even = (int)(hour * 2 + 0.5f) % 2 == 0, is_evening = hour >= 18 && hour < 21;

	return (struct plan_slot){
	    .price = {is_even ? 0.1f : is_evening ? 0.6f : 0.4f, 0}, .load_kwh = 2.2f};
}

/* What the battery gave on a day, as equivalent full cycles; of that in the evening, in kWh. */
static double given_on(int day, float capacity_kwh, double *in_evening)
{
	double given = 0;

	*in_evening = 0;
	for (int place = 0; place < home.slots_per_day; place++) {
		int t = day * home.slots_per_day + place;
		double out = fmax((double)(course[t - 1] - course[t]), 0);

		given += out;
		if (place >= 36 && place < 42)
			*in_evening += out;
	}
	return given / (double)capacity_kwh;
}

static void case_k3_a_cap_on_cycles_holds_on_each_day_and_goes_to_the_dearest_hours(void **state)
{
	struct plan_battery battery = test_battery();
	double in_evening;

	(void)state;
	repeat(24, 48, alternating_far);
	test_home_run(&home, &battery, 0, course);
	assert_true(given_on(20, battery.capacity_kwh, &in_evening) > 5);
	battery.cycles_per_day = 2;
	test_home_run(&home, &battery, 0, course);
	for (int day = 1; day < 24; day++)
		assert_true(given_on(day, battery.capacity_kwh, &in_evening) <= 2 + 1e-3);
	assert_true(given_on(23, battery.capacity_kwh, &in_evening) > 1.5);
	/* As much as the load takes then: three dear half hours. */
	assert_float_equal(in_evening, 3 * 2.2 / (double)battery.efficiency, 0.1);
}

static struct plan_slot dear_evening(float hour)
{
	bool is_dear = hour >= 17 && hour < 21;

	return (struct plan_slot){.price = {is_dear ? 0.6f : 0.55f, 0},
				  .load_kwh = 1,
				  .pv_kwh = hour >= 12 && hour < 13 ? 1.55f : 0};
}

static void case_k4_the_reserve_is_kept_and_what_is_above_it_is_spent(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	battery.capacity_kwh = battery.ceiling_kwh = battery.taper_kwh = 10;
	battery.floor_kwh = 4.5f;
	repeat(12, 24, dear_evening);
	test_home_run(&home, &battery, 0.5f, course);
	for (int t = 0; t < home.count; t++)
		assert_true(course[t] >= -1e-4f);
	assert_float_equal(course[11 * 24 + 16], 0.55f * battery.efficiency, 1e-3);
	assert_float_equal(course[11 * 24 + 20], 0, 1e-4);
}

static float sell_at_noon;

/* 15 kWh more than the house needs from 8 to 18 h, and 3 kWh needed from 20 to 6 h. */
static struct plan_slot summer(float hour)
{
	bool is_day = hour >= 8 && hour < 18, is_night = hour >= 20 || hour < 6;

	return (struct plan_slot){.price = {0.3f, sell_at_noon},
				  .load_kwh = is_night ? 0.3f : 0,
				  .pv_kwh = is_day ? 1.5f : 0};
}

/* Hours above 80 % and the bill of the last three days, under the plan or a rule. */
static double high_hours(bool is_rule, double *bill)
{
	struct plan_battery battery = test_battery();
	struct plan_reach reach = plan_reach_of(&battery, 1, 1, 1);
	struct plan_rule_view view = {0};
	struct plan_slot *slots = home.slots;
	float energy = 0;
	double hours = 0;

	test_home_run(&home, &battery, 0, course);
	*bill = 0;
	for (int t = home.count - 4 * 24; t < home.count; t++) {
		float net = slots[t].load_kwh - slots[t].pv_kwh, move = course[t] - energy;

		if (is_rule)
			move = plan_rule_act(RULE_SELF_USE, 1, &view, &reach, energy, net);
		else if (t == home.count - 4 * 24)
			energy = course[t - 1], move = course[t] - energy;
		if (t < home.count - 3 * 24)
			plan_settle(&reach, &energy, move, net, slots[t].price);
		else {
			*bill +=
			    (double)plan_settle(&reach, &energy, move, net, slots[t].price).bill;
			hours += energy > 0.8f * battery.capacity_kwh;
		}
	}
	return hours;
}

static void case_k5_of_plans_that_cost_the_same_it_takes_the_one_with_fewer_hours_high(void **state)
{
	static const float sells[] = {0, 0.05f};

	(void)state;
	for (int i = 0; i < 2; i++) {
		double planned, ruled, hours, of_rule;

		sell_at_noon = sells[i];
		repeat(21, 24, summer);
		hours = high_hours(false, &planned);
		of_rule = high_hours(true, &ruled);
		assert_true(planned < ruled + 0.001);
		assert_true(of_rule >= 3 * 14);
		assert_true(hours <= 0.6 * of_rule);
	}
}

static void case_k5_where_the_sun_may_fail_it_does_not_wait(void **state)
{
	struct plan_battery battery = test_battery();
	int last = 20 * 24;

	(void)state;
	sell_at_noon = 0.05f;
	repeat(21, 24, summer);
	test_home_run(&home, &battery, 0, course);
	assert_true(course[last + 12] < 0.81f * battery.capacity_kwh);
	for (int hour = 11; hour < 18; hour++)
		home.slots[14 * 24 + hour].pv_kwh = 0;
	test_home_run(&home, &battery, 0, course);
	assert_true(course[last + 12] > 0.95f * battery.capacity_kwh);
	assert_float_equal(course[last + 18], battery.capacity_kwh, 0.01);
}

static struct plan_slot busy_night(float hour)
{
	bool is_night = hour >= 2 && hour < 9;

	return (struct plan_slot){.price = {is_night ? 0.5f : 0.2f, 0},
				  .load_kwh = is_night ? 0.7f : 0.2f};
}

/* What a kWh more is worth at 1 h on the eighth day, where 2 to 9 h of three days read `load`. */
static float worth_at_one(float load)
{
	static struct planner planner;
	struct plan_battery battery = test_battery();
	struct plan_slot ahead[LATTICE_STAGES_MAX];
	struct plan_decision decision;

	repeat(9, 24, busy_night);
	for (int day = 4; day < 7; day++) {
		for (int hour = 2; hour < 9; hour++)
			home.slots[day * 24 + hour].load_kwh = load;
	}
	planner_init(&planner, &battery, 24);
	for (int t = 0; t <= 7 * 24 + 1; t++) {
		test_home_ahead(&home, t, ahead);
		planner_decide(&planner, ahead, false, &decision);
		planner_take(&planner, &decision, &home.slots[t]);
	}
	return decision.value.at[PLAN_CELLS / 2] - decision.value.at[PLAN_CELLS / 2 + 1];
}

static void case_l2_a_hole_in_the_history_is_filled_from_other_days_and_never_0(void **state)
{
	float whole = worth_at_one(0.7f), holes = worth_at_one(NAN), zeros = worth_at_one(0);

	(void)state;
	assert_true(fabsf(zeros - whole) > 0.01f);
	assert_true(fabsf(holes - whole) < 0.2f * fabsf(zeros - whole));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case_i1_a_price_that_is_not_published_is_not_the_cheapest),
	    cmocka_unit_test(case_i1_an_assumed_price_is_that_of_the_day_before_and_says_so),
	    cmocka_unit_test(case_i3_each_slot_costs_for_as_long_as_it_lasts),
	    cmocka_unit_test(case_k1_full_with_a_gauge_that_trembles_it_switches_at_most_twice),
	    cmocka_unit_test(case_k2_it_waits_for_the_cheaper_time_before_the_need),
	    cmocka_unit_test(case_k3_what_pays_less_than_the_wear_is_not_cycled),
	    cmocka_unit_test(
		case_k3_a_cap_on_cycles_holds_on_each_day_and_goes_to_the_dearest_hours),
	    cmocka_unit_test(case_k4_the_reserve_is_kept_and_what_is_above_it_is_spent),
	    cmocka_unit_test(
		case_k5_of_plans_that_cost_the_same_it_takes_the_one_with_fewer_hours_high),
	    cmocka_unit_test(case_k5_where_the_sun_may_fail_it_does_not_wait),
	    cmocka_unit_test(case_l2_a_hole_in_the_history_is_filled_from_other_days_and_never_0),
	};

	return cmocka_run_group_tests_name("plan-cases", tests, NULL, NULL);
}
