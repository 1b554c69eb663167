/* What is told of the slots ahead is what the planner would do there, as far as it can be known. */
#include "plan/course.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <math.h>

#include "plan/test_home.h"

#define PER_DAY 24
#define UNEVEN_DAYS 0xb4d2a6 /* a bit each: no day tells of the next */

static struct test_home home;
static struct planner planner;
static struct planned plan;
static struct course_work work;
static struct plan_slot ahead[LATTICE_STAGES_MAX];
static struct plan_decision decision;

/*
 * Dear from 17 to 21, else cheap; the house needs 0.2 kW, and 1.2 in the dear hours, on some days
 * `uneven` times as much. No sun.
 */
static void learn_days(int days, int hour, float uneven)
{
	struct plan_battery battery = test_battery();

	battery.paths = PATHS_EXCLUSIVE;
	home.slots_per_day = PER_DAY;
	home.count = (days + 2) * PER_DAY;
	for (int i = 0; i < home.count; i++) {
		int place = i % PER_DAY;
		bool is_dear = place >= 17 && place < 21;

		home.slots[i] = (struct plan_slot){.when = {20332 + i / PER_DAY, place},
						   .price = {is_dear ? 0.5f : 0.1f, 0.02f},
						   .load_kwh = is_dear ? 1.2f : 0.2f,
						   .pv_kwh = 0};
		if (is_dear && UNEVEN_DAYS >> i / PER_DAY & 1)
			home.slots[i].load_kwh *= uneven;
	}
	planner_init(&planner, &battery, PER_DAY);
	for (int i = 0; i <= days * PER_DAY + hour; i++) {
		test_home_ahead(&home, i, ahead);
		planner_decide(&planner, ahead, false, &decision);
		if (i < days * PER_DAY + hour)
			planner_take(&planner, &decision, &home.slots[i]);
	}
}

static void learn(int days, int hour)
{
	learn_days(days, hour, 1);
}

static void learn_uneven(int days, int hour)
{
	learn_days(days, hour, 3);
}

static void write(float energy_kwh)
{
	struct follow_scale scale = {6.4f, 0};
	struct course_of of = {&planner, &decision, ahead, &scale, energy_kwh, 0};

	memset(&plan, 0xa5, sizeof(plan));
	course_write(&of, &work, &plan);
}

static void it_fills_in_cheap_hours_and_is_used_in_dear_ones(void **state)
{
	int charged = 0;

	(void)state;
	learn(12, 10);
	write(1);
	assert_int_equal(plan.count, PER_DAY);
	assert_in_range(plan.days_known, 12, 13);
	for (int i = 0; i < plan.count; i++) {
		const struct planned_slot *slot = &plan.slots[i];
		int hour = (10 + i) % 24;
		bool is_dear = hour >= 17 && hour < 21;

		assert_true(slot->is_known);
		assert_int_equal(slot->load_w[PLANNED_P50], is_dear ? 1200 : 200);
		assert_float_equal(slot->buy, is_dear ? 0.5f : 0.1f, 1e-6);
		assert_true(slot->soc_bp[PLANNED_P10] <= slot->soc_bp[PLANNED_P90]);
		charged += hour < 17 && slot->mode == PLANNED_CHARGE_TO;
		if (is_dear)
			assert_int_equal(slot->mode, PLANNED_SELF_CONSUME);
		if (is_dear && hour < 20)
			assert_true(slot->more[PLANNED_HOLD] > 0.1f &&
				    slot->more[PLANNED_SELF_CONSUME] < 0.01f);
	}
	assert_true(charged >= 1);
	/* Just before the dear hours it holds what they need, and after them little. */
	assert_true(plan.slots[6].soc_bp[PLANNED_P50] > 7000);
	assert_true(plan.slots[10].soc_bp[PLANNED_P50] < 2500);
	/* What it saves is about 4.8 kWh bought for 0.1 and not for 0.5, less losses. */
	assert_true(plan.saved > 1 && plan.saved < 2.5f);
	assert_true(plan.rule_bill[PLANNED_RULE_NONE] > plan.bill);
	assert_true(plan.bill <= plan.rule_bill[PLANNED_RULE_SELF_USE] + 0.02f);
}

/* Some evenings need three times as much: money lies between that of either kind of day. */
static void what_differs_from_day_to_day_is_between_what_money_will_be(void **state)
{
	struct planned_between bill;

	(void)state;
	learn(12, 10);
	write(1);
	assert_float_equal(plan.bill_between.low, plan.bill, 0.01);
	assert_float_equal(plan.bill_between.high, plan.bill, 0.01);
	assert_float_equal(plan.saved_between.low, plan.saved, 0.01);
	learn_uneven(12, 10);
	write(1);
	bill = plan.bill_between;
	assert_true(bill.low < plan.bill - 0.05f && plan.bill + 0.05f < bill.high);
	assert_true(plan.saved_between.low <= plan.saved && plan.saved <= plan.saved_between.high);
}

static void with_few_days_it_does_not_say_between_what_money_will_be(void **state)
{
	(void)state;
	learn(PLANNED_BETWEEN_DAYS - 2, 10);
	write(1);
	assert_true(isnan(plan.bill_between.low) && isnan(plan.saved_between.high));
	learn(PLANNED_BETWEEN_DAYS + 1, 10);
	write(1);
	assert_false(isnan(plan.bill_between.low) || isnan(plan.saved_between.high));
}

static void the_first_slot_is_what_was_decided(void **state)
{
	float level;

	(void)state;
	for (int hour = 0; hour < PER_DAY; hour += 5) {
		learn(8, hour);
		write(3);
		assert_int_equal(plan.slots[0].mode,
				 follow_mode_of(&decision, &planner.reach, 3, &level));
		assert_float_equal(plan.slots[0].buy, decision.price.buy, 1e-6);
	}
}

static void it_changes_nothing_of_the_planner(void **state)
{
	static struct planner before;

	(void)state;
	learn(8, 10);
	before = planner;
	write(2);
	assert_memory_equal(&before, &planner, sizeof(planner));
}

static void with_a_day_of_the_past_it_says_what_it_does_not_know(void **state)
{
	(void)state;
	learn(0, 3);
	write(2);
	for (int i = 0; i < plan.count; i++)
		assert_false(isnan(plan.slots[i].bill));
	assert_in_range(plan.days_known, 0, 1);
	assert_true(plan.count > 10 && !plan.slots[10].is_known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_fills_in_cheap_hours_and_is_used_in_dear_ones),
	    cmocka_unit_test(what_differs_from_day_to_day_is_between_what_money_will_be),
	    cmocka_unit_test(with_few_days_it_does_not_say_between_what_money_will_be),
	    cmocka_unit_test(the_first_slot_is_what_was_decided),
	    cmocka_unit_test(it_changes_nothing_of_the_planner),
	    cmocka_unit_test(with_a_day_of_the_past_it_says_what_it_does_not_know),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
