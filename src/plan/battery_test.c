/* What a battery can do in a slot, and what that costs. */
#include "plan/test_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

#define NEAR 1e-4

static const struct plan_price PRICE = {0.3f, 0.1f};

static void a_battery_that_cannot_be_is_named(void **state)
{
	struct plan_battery good = test_battery(), bad;

	(void)state;
	assert_null(plan_battery_fault(&good));
	bad = good, bad.capacity_kwh = 0;
	assert_non_null(plan_battery_fault(&bad));
	bad = good, bad.ceiling_kwh = 6.5f;
	assert_non_null(plan_battery_fault(&bad));
	bad = good, bad.floor_kwh = bad.ceiling_kwh;
	assert_non_null(plan_battery_fault(&bad));
	bad = good, bad.efficiency = 1.01f;
	assert_non_null(plan_battery_fault(&bad));
	bad = good, bad.charge_kw = NAN;
	assert_non_null(plan_battery_fault(&bad));
	bad = good, bad.import_max_kw = -1;
	assert_non_null(plan_battery_fault(&bad));
	bad = good, bad.efficiency = 1;
	assert_null(plan_battery_fault(&bad));
}

static void losses_are_paid_on_both_ways(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_reach reach = plan_reach_of(&battery, 1, 1, 1);
	float energy = 1;
	struct plan_flow in = plan_settle(&reach, &energy, 1, 0, PRICE);
	struct plan_flow out = plan_settle(&reach, &energy, -1, 2, PRICE);

	(void)state;
	assert_float_equal(in.grid_kwh, 1 / battery.efficiency, NEAR);
	assert_float_equal(out.grid_kwh, 2 - battery.efficiency, NEAR);
	assert_float_equal(energy, 1, NEAR);
}

static void wear_is_counted_on_what_is_given_back(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_reach reach;
	float energy = 3;

	(void)state;
	battery.wear = 0.04f;
	reach = plan_reach_of(&battery, 1, 1, 1);
	assert_float_equal(plan_settle(&reach, &energy, 1, 0, PRICE).wear, 0, NEAR);
	assert_float_equal(plan_settle(&reach, &energy, -2, 3, PRICE).wear,
			   2 * battery.efficiency * 0.04f, NEAR);
}

static void no_wish_leads_out_of_the_bounds(void **state)
{
	struct plan_battery battery = test_battery();
	uint64_t seed = 11;

	(void)state;
	battery.floor_kwh = 1;
	battery.ceiling_kwh = 6;
	battery.import_max_kw = 4;
	battery.export_max_kw = 3;
	for (int i = 0; i < 20000; i++) {
		float hours = test_random(&seed) < 0.5f ? 1 : 0.25f;
		struct plan_reach reach = plan_reach_of(&battery, hours, 1, 1);
		float before = test_random(&seed) * 7 - 1, energy = before;
		float wish = test_random(&seed) * 20 - 10, net = test_random(&seed) * 12 - 6;
		struct plan_flow flow = plan_settle(&reach, &energy, wish, net * hours, PRICE);

		assert_true(isfinite(flow.bill) && isfinite(energy));
		assert_true(energy >= fminf(before, 0) - (float)NEAR);
		assert_true(energy <= fmaxf(before, reach.room_kwh) + (float)NEAR);
		assert_true(fabsf(flow.move_kwh) <= 5 / battery.efficiency * hours + (float)NEAR);
		if (flow.move_kwh > 0)
			assert_true(flow.grid_kwh <= 4 * hours + (float)NEAR ||
				    net * hours > 4 * hours);
		if (flow.move_kwh < 0)
			assert_true(-flow.grid_kwh <= 3 * hours + (float)NEAR);
	}
}

static void a_load_above_the_import_limit_is_fed_from_the_battery(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_reach reach;
	float energy = 4;

	(void)state;
	battery.import_max_kw = 3;
	reach = plan_reach_of(&battery, 1, 1, 1);
	assert_float_equal(plan_settle(&reach, &energy, 2, 4.5f, PRICE).grid_kwh, 3, NEAR);
}

static void what_is_above_the_export_limit_is_kept_or_earns_nothing(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_reach reach;
	float energy = 0, full = 6.4f;

	(void)state;
	battery.export_max_kw = 1;
	reach = plan_reach_of(&battery, 1, 1, 1);
	assert_float_equal(plan_settle(&reach, &energy, 0, -3, PRICE).grid_kwh, -1, NEAR);
	assert_float_equal(plan_settle(&reach, &full, 0, -3, PRICE).bill, -0.1f, NEAR);
}

/* By small steps along the falling power. */
static double tapered(const struct plan_battery *battery, double energy, double hours)
{
	double step = hours / 20000, start = energy;

	for (int i = 0; i < 20000; i++) {
		double over = fmax(energy - (double)battery->taper_kwh, 0);
		double share = over / (double)(battery->capacity_kwh - battery->taper_kwh);
		double less = (double)(battery->charge_kw - battery->taper_kw) * share;

		energy += ((double)battery->charge_kw - less) * (double)battery->efficiency * step;
	}
	return energy - start;
}

static void charging_slows_down_above_the_taper(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_reach reach;

	(void)state;
	battery.taper_kwh = 5;
	battery.taper_kw = 1;
	battery.charge_kw = 3;
	reach = plan_reach_of(&battery, 0.5f, 1, 1);
	for (int k = 0; k < PLAN_POINTS; k++)
		assert_float_equal(reach.charge_kwh[k],
				   (float)tapered(&battery, k * (double)reach.step_kwh, 0.5), 2e-3);
}

static void by_relays_the_battery_feeds_no_grid(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_reach reach;
	float energy = 4;

	(void)state;
	battery.paths = PATHS_INDEPENDENT;
	reach = plan_reach_of(&battery, 1, 1, 1);
	assert_float_equal(plan_settle(&reach, &energy, -3, 1, PRICE).grid_kwh, 0, NEAR);
	assert_float_equal(plan_settle(&reach, &energy, -3, -1, PRICE).move_kwh, 0, NEAR);
}

/* Half an hour at 4 kW with 1 kW of surplus: 1.5 kWh bought, and 0.5 kWh sold in the other half. */
static void with_exclusive_paths_charging_does_not_follow_the_surplus(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_reach reach;
	struct plan_flow flow;
	float energy = 0;

	(void)state;
	battery.charge_kw = 4;
	battery.paths = PATHS_EXCLUSIVE;
	reach = plan_reach_of(&battery, 1, 1, 1);
	flow = plan_settle(&reach, &energy, 2 * battery.efficiency, -1, PRICE);
	assert_float_equal(flow.bill, 1.5f * 0.3f - 0.5f * 0.1f, NEAR);
	assert_float_equal(flow.grid_kwh, 1, NEAR);
}

static void a_cold_battery_gives_but_takes_nothing(void **state)
{
	struct plan_battery battery = test_battery();
	struct plan_reach reach = plan_reach_of(&battery, 1, 0, 1);
	float energy = 3;

	(void)state;
	assert_float_equal(plan_settle(&reach, &energy, 2, -3, PRICE).move_kwh, 0, NEAR);
	assert_float_equal(plan_settle(&reach, &energy, -2, 3, PRICE).move_kwh, -2, NEAR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_battery_that_cannot_be_is_named),
	    cmocka_unit_test(losses_are_paid_on_both_ways),
	    cmocka_unit_test(wear_is_counted_on_what_is_given_back),
	    cmocka_unit_test(no_wish_leads_out_of_the_bounds),
	    cmocka_unit_test(a_load_above_the_import_limit_is_fed_from_the_battery),
	    cmocka_unit_test(what_is_above_the_export_limit_is_kept_or_earns_nothing),
	    cmocka_unit_test(charging_slows_down_above_the_taper),
	    cmocka_unit_test(by_relays_the_battery_feeds_no_grid),
	    cmocka_unit_test(with_exclusive_paths_charging_does_not_follow_the_surplus),
	    cmocka_unit_test(a_cold_battery_gives_but_takes_nothing),
	};

	return cmocka_run_group_tests_name("plan-battery", tests, NULL, NULL);
}
