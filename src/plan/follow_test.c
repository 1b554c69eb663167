/* Relays do what the decision wants with the house as it is, and do not flutter. */
#include "plan/follow.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>
#include <math.h>

static const struct follow_scale scale = {10, 1};
static const struct plan_battery battery = {
    .capacity_kwh = 10,
    .floor_kwh = 1,
    .ceiling_kwh = 9,
    .charge_kw = 3,
    .discharge_kw = 3,
    .efficiency = 0.95f,
    .import_max_kw = INFINITY,
    .export_max_kw = INFINITY,
    .taper_kwh = 10,
    .paths = PATHS_EXCLUSIVE,
};

/* A value that falls by `worth` per kWh up to `level`, and by nothing above. */
static struct plan_decision valued(float worth, float level, float buy, float sell)
{
	struct plan_reach reach = plan_reach_of(&battery, 0.25f, 1, 1);
	struct plan_decision decision = {.price = {buy, sell}};

	for (int k = 0; k < PLAN_POINTS; k++)
		decision.value.at[k] = -worth * fminf((float)k * reach.step_kwh, level);
	decision.mode = plan_mode_of(&decision.value, &reach, decision.price);
	return decision;
}

static struct follow_wish act_with(enum plan_paths paths, const struct plan_decision *decision,
				   int32_t soc_bp, float net_kw, enum intent before)
{
	struct plan_battery joined = battery;
	struct plan_reach reach;
	struct follow_view view = {follow_energy(&scale, soc_bp), net_kw, before};
	struct follow_wish wish;

	joined.paths = paths;
	reach = plan_reach_of(&joined, 0.25f, 1, 1);
	follow_act(decision, &reach, &scale, 0.25f, &view, &wish);
	return wish;
}

static struct follow_wish act(const struct plan_decision *decision, int32_t soc_bp, float net_kw,
			      enum intent before)
{
	return act_with(PATHS_EXCLUSIVE, decision, soc_bp, net_kw, before);
}

static void charging_to_a_level_begins_below_it_and_ends_there(void **state)
{
	/* Worth 0.50 up to eight steps of the grid, 52.67 %, bought for 0.20. */
	struct plan_decision decision = valued(0.5f, 8 * 8.0f / 15, 0.2f, 0.05f);
	struct follow_wish wish = act(&decision, 3000, 0.5f, INTENT_SAFE);

	(void)state;
	assert_int_equal(wish.intent, INTENT_CHARGE);
	assert_int_equal(wish.reason.code, REASON_PLAN_CHARGE);
	assert_int_equal(wish.reason.value, 3000);
	assert_int_equal(wish.reason.limit, 5267);
	/* Just below the level nothing begins, and what has begun goes on. */
	assert_int_equal(act(&decision, 5240, 0.5f, INTENT_SAFE).intent, INTENT_SAFE);
	assert_int_equal(act(&decision, 5240, 0.5f, INTENT_CHARGE).intent, INTENT_CHARGE);
	assert_int_equal(act(&decision, 5280, 0.5f, INTENT_CHARGE).intent, INTENT_SAFE);
}

static void the_house_is_fed_while_it_needs_enough(void **state)
{
	/* Nothing is worth keeping at 0.40. */
	struct plan_decision decision = valued(0.1f, 8, 0.4f, 0.05f);
	struct follow_wish wish = act(&decision, 6000, 1.2f, INTENT_SAFE);

	(void)state;
	assert_int_equal(wish.intent, INTENT_DISCHARGE);
	assert_int_equal(wish.reason.code, REASON_PLAN_SERVE);
	assert_int_equal(wish.reason.value, 1200);
	/* 90 W begin it, 30 W keep it: between them it stays as it is. */
	assert_int_equal(act(&decision, 6000, 0.06f, INTENT_SAFE).intent, INTENT_SAFE);
	assert_int_equal(act(&decision, 6000, 0.06f, INTENT_SAFE).reason.code, REASON_PLAN_REST);
	assert_int_equal(act(&decision, 6000, 0.06f, INTENT_DISCHARGE).intent, INTENT_DISCHARGE);
	assert_int_equal(act(&decision, 6000, 0.02f, INTENT_DISCHARGE).intent, INTENT_SAFE);
	assert_int_equal(act(&decision, 6000, 0.1f, INTENT_SAFE).intent, INTENT_DISCHARGE);
	/* At the floor there is nothing to give. */
	assert_int_equal(act(&decision, 1000, 1.2f, INTENT_DISCHARGE).intent, INTENT_SAFE);
}

static void what_is_worth_more_later_is_kept(void **state)
{
	struct plan_decision decision = valued(0.35f, 8, 0.3f, 0.05f);
	struct follow_wish wish = act(&decision, 6000, 1.2f, INTENT_SAFE);

	(void)state;
	decision.price.buy = 0.34f; /* too dear to buy, too cheap to use */
	decision.mode = plan_mode_of(
	    &decision.value, &(struct plan_reach){.efficiency = 0.95f, .step_kwh = 8.0f / 15},
	    decision.price);
	wish = act(&decision, 6000, 1.2f, INTENT_DISCHARGE);
	assert_int_equal(wish.intent, INTENT_SAFE);
	assert_int_equal(wish.reason.code, REASON_PLAN_KEEP);
	assert_int_equal(wish.reason.value, 6000);
}

static void surplus_charges_only_where_it_is_worth_what_the_charger_takes_besides(void **state)
{
	/* Worth 0.30, sold for 0.05, bought for 0.36: 3 kW take the rest of it from the grid. */
	struct plan_decision decision = valued(0.3f, 8, 0.36f, 0.05f);
	struct follow_wish wish = act(&decision, 5000, -2.5f, INTENT_SAFE);

	(void)state;
	assert_int_equal(wish.intent, INTENT_CHARGE);
	assert_int_equal(wish.reason.code, REASON_PLAN_SUN);
	assert_int_equal(wish.reason.value, 2500);
	assert_in_range(wish.reason.limit, 300, 2500);
	/* The limit that is told is the one that holds. */
	assert_int_equal(
	    act(&decision, 5000, -(float)(wish.reason.limit + 20) / 1000, INTENT_SAFE).intent,
	    INTENT_CHARGE);
	assert_int_equal(
	    act(&decision, 5000, -(float)(wish.reason.limit - 20) / 1000, INTENT_SAFE).intent,
	    INTENT_SAFE);
}

/* Import at -0.40, export at -0.45, 3 kW needed, 60 % full: r2 stays open, and it charges. */
static void case_j1_paid_for_importing_the_relay_of_the_load_stays_open(void **state)
{
	struct plan_decision decision = valued(0.2f, 8, -0.4f, -0.45f);

	(void)state;
	assert_int_equal(act(&decision, 6000, 3, INTENT_SAFE).intent, INTENT_CHARGE);
	assert_int_equal(act(&decision, 6000, 3, INTENT_DISCHARGE).intent, INTENT_CHARGE);
	/* Full, it rests rather than feed. */
	assert_int_equal(act(&decision, 9000, 3, INTENT_SAFE).intent, INTENT_SAFE);
	assert_int_equal(act_with(PATHS_INDEPENDENT, &decision, 9000, 3, INTENT_SAFE).intent,
			 INTENT_SAFE);
}

/* So the house is covered in between too; where what there is is to be kept, it is not. */
static void independent_paths_are_both_closed_while_the_sun_charges(void **state)
{
	struct plan_decision use = valued(0.2f, 8, 0.3f, 0.05f);
	struct plan_decision keep = valued(0.34f, 8, 0.34f, 0.05f);

	(void)state;
	assert_int_equal(act_with(PATHS_INDEPENDENT, &use, 5000, -1, INTENT_SAFE).intent,
			 INTENT_BOTH);
	assert_int_equal(act_with(PATHS_INDEPENDENT, &use, 5000, -1, INTENT_SAFE).reason.code,
			 REASON_PLAN_SUN);
	assert_int_equal(act_with(PATHS_INDEPENDENT, &keep, 5000, -1, INTENT_SAFE).intent,
			 INTENT_CHARGE);
	assert_int_equal(act_with(PATHS_EXCLUSIVE, &use, 5000, -3.2f, INTENT_SAFE).intent,
			 INTENT_CHARGE);
	/* Once begun it goes on down to 30 W, and then feeds the house alone. */
	assert_int_equal(act_with(PATHS_INDEPENDENT, &use, 5000, -0.06f, INTENT_BOTH).intent,
			 INTENT_BOTH);
	assert_int_equal(act_with(PATHS_INDEPENDENT, &use, 5000, -0.06f, INTENT_SAFE).intent,
			 INTENT_SAFE);
	assert_int_equal(act_with(PATHS_INDEPENDENT, &use, 5000, 0.5f, INTENT_BOTH).intent,
			 INTENT_DISCHARGE);
}

static void below_the_reserve_it_charges_whatever_the_price(void **state)
{
	struct plan_decision decision = valued(0.1f, 8, 5, 0.05f);

	(void)state;
	assert_int_equal(act(&decision, 500, 1, INTENT_SAFE).intent, INTENT_CHARGE);
}

static void a_kettle_does_not_switch(void **state)
{
	struct follow_net net = {0};

	(void)state;
	follow_net(&net, -1, 10);
	assert_float_equal(net.kw, -1, 1e-6);
	for (int i = 0; i < 3; i++)
		follow_net(&net, 1.2f, 10); /* half a minute */
	assert_true(net.kw < 0);
	for (int i = 0; i < 60; i++)
		follow_net(&net, 1.2f, 10);
	assert_float_equal(net.kw, 1.2f, 0.01);
	follow_net(&net, NAN, 10);
	assert_false(net.is_known);
}

static void each_decision_has_a_name_and_a_level(void **state)
{
	struct plan_reach reach = plan_reach_of(&battery, 0.25f, 1, 1);
	struct plan_decision decision = valued(0.5f, 8 * 8.0f / 15, 0.2f, 0.05f);
	float level;

	(void)state;
	assert_int_equal(follow_mode_of(&decision, &reach, 2, &level), PLANNED_CHARGE_TO);
	assert_int_equal(follow_soc_bp(&scale, level), 5267);
	decision = valued(0.1f, 8, 0.4f, 0.05f);
	assert_int_equal(follow_mode_of(&decision, &reach, 5, &level), PLANNED_SELF_CONSUME);
	assert_float_equal(level, 0, 1e-3);
	decision = valued(0.3f, 8, 0.36f, 0.05f);
	assert_int_equal(follow_mode_of(&decision, &reach, 8, &level), PLANNED_SELF_CONSUME);
	decision = valued(0.35f, 8, 0.36f, 0.05f);
	assert_int_equal(follow_mode_of(&decision, &reach, 5, &level), PLANNED_CHARGE_FROM_SUN);
	decision = (struct plan_decision){.is_rule = true, .rule = RULE_SELF_USE};
	assert_int_equal(follow_mode_of(&decision, &reach, 5, &level), PLANNED_SELF_CONSUME);
	decision.rule = RULE_NONE;
	assert_int_equal(follow_mode_of(&decision, &reach, 5, &level), PLANNED_HOLD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(charging_to_a_level_begins_below_it_and_ends_there),
	    cmocka_unit_test(the_house_is_fed_while_it_needs_enough),
	    cmocka_unit_test(what_is_worth_more_later_is_kept),
	    cmocka_unit_test(surplus_charges_only_where_it_is_worth_what_the_charger_takes_besides),
	    cmocka_unit_test(case_j1_paid_for_importing_the_relay_of_the_load_stays_open),
	    cmocka_unit_test(independent_paths_are_both_closed_while_the_sun_charges),
	    cmocka_unit_test(below_the_reserve_it_charges_whatever_the_price),
	    cmocka_unit_test(a_kettle_does_not_switch),
	    cmocka_unit_test(each_decision_has_a_name_and_a_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
