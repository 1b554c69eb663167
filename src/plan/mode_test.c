/* Levels that follow from values are the best moves; all moves are tried where they are not. */
#include "plan/test_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#define TRIES 400
#define MOVES 1200

/* Energy that is worth less, the more there is. */
static struct plan_row convex_value(uint64_t *seed, float step)
{
	struct plan_row row = {{0}};
	float slope = 0.5f;

	for (int k = 1; k < PLAN_POINTS; k++) {
		slope -= 0.05f * test_random(seed);
		row.at[k] = row.at[k - 1] - slope * step;
	}
	return row;
}

static float cost_of_move(const struct plan_row *row, const struct plan_reach *reach, float energy,
			  float move, float net, struct plan_price price)
{
	struct plan_flow flow = plan_settle(reach, &energy, move, net, price);

	return flow.bill + flow.wear + plan_row_at(row, reach->step_kwh, energy);
}

static float best_of_many(const struct plan_row *row, const struct plan_reach *reach, float energy,
			  float net, struct plan_price price)
{
	float best = INFINITY;

	for (int i = 0; i <= MOVES; i++) {
		float move = ((float)i / MOVES * 2 - 1) * reach->room_kwh;

		best = fminf(best, cost_of_move(row, reach, energy, move, net, price));
	}
	return best;
}

static void check(uint64_t seed, const struct plan_battery *battery, float buy, float sell)
{
	for (int i = 0; i < TRIES; i++) {
		struct plan_reach reach = plan_reach_of(battery, 1, 1, 1);
		struct plan_row row = convex_value(&seed, reach.step_kwh), cost;
		struct plan_price price = {buy * test_random(&seed), sell * test_random(&seed)};
		float net = test_random(&seed) * 10 - 5;
		struct plan_mode mode = plan_mode_of(&row, &reach, price);
		int k = (int)(test_random(&seed) * PLAN_POINTS);
		float energy = (float)k * reach.step_kwh;
		float move = plan_mode_act(&mode, &row, &reach, energy, net, price);

		plan_mode_backup(&mode, &row, &reach, net, price, &cost);
		assert_float_equal(cost_of_move(&row, &reach, energy, move, net, price), cost.at[k],
				   1e-4);
		assert_true(cost.at[k] <= best_of_many(&row, &reach, energy, net, price) + 2e-4f);
	}
}

static void levels_are_the_best_moves(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	check(1, &battery, 0.5f, 0);
	battery.wear = 0.04f;
	battery.charge_kw = 1.5f;
	check(2, &battery, 0.3f, 0);
}

static void levels_keep_to_the_grids_limits(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	battery.import_max_kw = 3.5f;
	battery.export_max_kw = 2.5f;
	check(3, &battery, 0.5f, 0);
}

static void all_moves_are_tried_where_selling_pays_more(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	check(4, &battery, 0.2f, 0.4f);
	battery.wear = 0.02f;
	check(5, &battery, 0, 0.3f);
}

static void by_relays_the_moves_are_the_best_that_relays_can_do(void **state)
{
	struct plan_battery battery = test_battery();

	(void)state;
	battery.charge_kw = battery.discharge_kw = 3;
	battery.paths = PATHS_INDEPENDENT;
	check(8, &battery, 0.5f, 0.1f);
	battery.paths = PATHS_EXCLUSIVE;
	check(9, &battery, 0.5f, 0.1f);
	check(10, &battery, 0.2f, 0.4f);
}

static void case_j1_paid_for_importing_the_battery_does_not_feed_the_house(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_reach reach = plan_reach_of(&battery, 1, 1, 1);
	uint64_t seed = 6;
	struct plan_row row = convex_value(&seed, reach.step_kwh);
	struct plan_price price = {-0.4f, -0.45f};
	struct plan_mode mode = plan_mode_of(&row, &reach, price);

	(void)state;
	assert_true(plan_mode_act(&mode, &row, &reach, 3.84f, 3, price) > 0);
}

/* Without a relay to the house there is nothing to keep, whatever it were worth later. */
static void a_house_on_the_battery_draws_on_it_by_mode_and_by_rule(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_price price = {0.1f, 0};
	struct plan_rule_view cheap = {.is_cheap = true, .fill_slots = 2};
	struct plan_row row;
	struct plan_reach reach;
	float e = battery.efficiency;

	(void)state;
	battery.paths = PATHS_INDEPENDENT;
	for (int k = 0; k < PLAN_POINTS; k++)
		row.at[k] = -0.3f * (float)k;
	for (int i = 0; i < 2; i++) {
		struct plan_mode mode;

		battery.always_serves = i == 1;
		reach = plan_reach_of(&battery, 1, 0, 1);
		mode = plan_mode_of(&row, &reach, price);
		assert_float_equal(plan_mode_act(&mode, &row, &reach, 3, 1, price),
				   i == 1 ? -1 / e : 0, 1e-5);
		assert_float_equal(plan_rule_act(RULE_TOU, 1, &cheap, &reach, 3, 1),
				   i == 1 ? -1 / e : 0, 1e-5);
		assert_float_equal(plan_rule_act(RULE_TOPUP, 1, &cheap, &reach, 3, 1),
				   i == 1 ? 1.7f - 1 / e : 1.7f, 1e-5);
		assert_float_equal(plan_rule_act(RULE_NONE, 1, &cheap, &reach, 3, 1), 0, 1e-5);
	}
	/* And what charges, charges on top of it. */
	reach = plan_reach_of(&battery, 1, 0.2f, 1);
	assert_float_equal(
	    plan_mode_act(&(struct plan_mode){.buy_to = 6}, &row, &reach, 3, 1, price), e - 1 / e,
	    1e-4);
}

static void below_the_reserve_the_way_leads_back(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_row row = {{0}};
	struct plan_price price = {5, 0};
	struct plan_reach reach;
	struct plan_mode mode;
	float energy = -1.5f;

	(void)state;
	battery.floor_kwh = 2;
	reach = plan_reach_of(&battery, 0.25f, 1, 1);
	mode = plan_mode_of(&row, &reach, price);
	for (int i = 0; i < 2; i++)
		plan_settle(&reach, &energy, plan_mode_act(&mode, &row, &reach, energy, 1, price),
			    1, price);
	assert_float_equal(energy, 0, 1e-4);
}

static void above_the_ceiling_nothing_goes_in(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_reach reach = plan_reach_of(&battery, 1, 1, 1);
	uint64_t seed = 7;
	struct plan_row row = convex_value(&seed, reach.step_kwh);
	struct plan_price price = {-1, -1};
	struct plan_mode mode = plan_mode_of(&row, &reach, price);
	float energy = 6.464f; /* 101 % */

	(void)state;
	plan_settle(&reach, &energy, plan_mode_act(&mode, &row, &reach, energy, -2, price), -2,
		    price);
	assert_float_equal(energy, 6.464f, 1e-4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(levels_are_the_best_moves),
	    cmocka_unit_test(levels_keep_to_the_grids_limits),
	    cmocka_unit_test(all_moves_are_tried_where_selling_pays_more),
	    cmocka_unit_test(by_relays_the_moves_are_the_best_that_relays_can_do),
	    cmocka_unit_test(case_j1_paid_for_importing_the_battery_does_not_feed_the_house),
	    cmocka_unit_test(a_house_on_the_battery_draws_on_it_by_mode_and_by_rule),
	    cmocka_unit_test(below_the_reserve_the_way_leads_back),
	    cmocka_unit_test(above_the_ceiling_nothing_goes_in),
	};

	return cmocka_run_group_tests_name("plan-mode", tests, NULL, NULL);
}
