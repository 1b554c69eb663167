#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/result.h"
#include "sim/physics.h"

#define STEP_S 1.0
#define HOUR_STEPS 3600

static const struct battery_drive CHARGE = {.offer_w = 5000, .ambient_c = 20};
static const struct battery_drive DISCHARGE = {.demand_w = 5000, .ambient_c = 20};
static const struct battery_drive REST = {.ambient_c = 20};

static struct battery battery_at(const struct battery_traits *traits, double soc_pct)
{
	return (struct battery){traits->capacity_wh * soc_pct / 100, 20};
}

static void physics_keeps_the_energy_balance(void **state)
{
	const struct battery_drive *drives[] = {&CHARGE, &DISCHARGE, &REST};
	struct battery_traits traits = battery_traits(5000, 5000);

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(drives); i++) {
		struct battery battery = battery_at(&traits, 60);
		double in_wh = 0, lost_wh = 0;

		for (int step = 0; step < 2 * HOUR_STEPS; step++) {
			struct battery_flow flow =
			    battery_step(&traits, &battery, drives[i], STEP_S);

			assert_true(flow.loss_w >= 0);
			in_wh += flow.power_w * STEP_S / 3600;
			lost_wh += flow.loss_w * STEP_S / 3600;
		}
		assert_true(fabs(battery.stored_wh - 3000 - in_wh + lost_wh) < 1e-6);
	}
}

static void physics_never_leaves_0_to_100_percent(void **state)
{
	struct battery_traits traits = battery_traits(100, 5000);
	struct battery battery = battery_at(&traits, 50);

	(void)state;
	for (int step = 0; step < 2 * HOUR_STEPS; step++) {
		battery_step(&traits, &battery, &CHARGE, STEP_S);
		assert_in_range((int)battery.stored_wh, 0, 100);
		assert_true(battery.stored_wh <= traits.capacity_wh);
	}
	assert_true(battery_soc_pct(&traits, &battery) > 99);
	for (int step = 0; step < 2 * HOUR_STEPS; step++) {
		battery_step(&traits, &battery, &DISCHARGE, STEP_S);
		assert_true(battery.stored_wh >= 0);
	}
	assert_true(battery_soc_pct(&traits, &battery) < 0.1);
}

static void physics_gives_back_what_the_round_trip_leaves(void **state)
{
	struct battery_traits traits = battery_traits(5000, 5000);
	double in_wh = 0, out_wh = 0;

	(void)state;
	traits.standby_w = 0;
	struct battery battery = battery_at(&traits, 20);

	for (int step = 0; step < HOUR_STEPS / 2; step++)
		in_wh += battery_step(&traits, &battery, &CHARGE, STEP_S).power_w / 3600;
	while (battery_soc_pct(&traits, &battery) > 20)
		out_wh -= battery_step(&traits, &battery, &DISCHARGE, STEP_S).power_w / 3600;
	assert_true(fabs(out_wh / in_wh - traits.efficiency) < 0.001);
}

static void physics_tapers_the_charge_near_full(void **state)
{
	static const struct {
		double soc_pct, limit_w;
	} CASES[] = {{0, 5000}, {89.9, 5000}, {90, 5000}, {95, 2625}, {100, 250}};
	struct battery_traits traits = battery_traits(5000, 5000);

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct battery battery = battery_at(&traits, CASES[i].soc_pct);

		assert_true(fabs(battery_charge_limit_w(&traits, &battery) - CASES[i].limit_w) <
			    1e-6);
	}
}

/* What a meter shows of it does not hang on when it was looked at before. */
static void physics_shows_a_full_battery_no_peaks_in_short_steps(void **state)
{
	struct battery_traits traits = battery_traits(10000, 5000);
	struct battery battery = battery_at(&traits, 100);

	(void)state;
	for (int step = 0; step < 100; step++) {
		battery_step(&traits, &battery, &CHARGE, 30);
		assert_true(battery_step(&traits, &battery, &CHARGE, 0.01).power_w < 10);
	}
	assert_true(battery_soc_pct(&traits, &battery) > 99.9);
}

static void physics_takes_no_more_than_its_power_or_the_offer(void **state)
{
	static const struct {
		double offer_w, demand_w, power_w;
	} CASES[] = {{9000, 0, 5000}, {1200, 0, 1200}, {0, 9000, -5000}, {0, 700, -700}, {0, 0, 0}};
	struct battery_traits traits = battery_traits(5000, 5000);

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct battery battery = battery_at(&traits, 50);
		struct battery_drive drive = {
		    .offer_w = CASES[i].offer_w, .demand_w = CASES[i].demand_w, .ambient_c = 20};

		assert_true(fabs(battery_step(&traits, &battery, &drive, STEP_S).power_w -
				 CASES[i].power_w) < 1e-6);
	}
}

static void physics_settles_where_heat_in_equals_heat_out(void **state)
{
	struct battery_traits traits = battery_traits(5000, 5000);
	struct battery battery = battery_at(&traits, 50);
	struct battery_drive drive = REST;
	double heat_w = 10 * traits.heat_loss_w_per_k - traits.standby_w;

	(void)state;
	drive.extra_heat_w = heat_w;
	for (int step = 0; step < 24 * HOUR_STEPS; step++)
		battery_step(&traits, &battery, &drive, STEP_S);
	assert_true(fabs(battery.temp_c - 30) < 0.05);
	for (int step = 0; step < 24 * HOUR_STEPS; step++)
		battery_step(&traits, &battery, &REST, STEP_S);
	assert_true(fabs(battery.temp_c - 20 - traits.standby_w / traits.heat_loss_w_per_k) < 0.05);
}

static void physics_takes_long_steps_like_short_ones(void **state)
{
	struct battery_traits traits = battery_traits(5000, 5000);
	struct battery fine = battery_at(&traits, 30), coarse = fine;

	(void)state;
	for (int step = 0; step < 600; step++)
		battery_step(&traits, &fine, &CHARGE, 1);
	for (int step = 0; step < 10; step++)
		battery_step(&traits, &coarse, &CHARGE, 60);
	assert_true(fabs(fine.stored_wh - coarse.stored_wh) < 1e-6);
	assert_true(fabs(fine.temp_c - coarse.temp_c) < 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(physics_keeps_the_energy_balance),
	    cmocka_unit_test(physics_never_leaves_0_to_100_percent),
	    cmocka_unit_test(physics_gives_back_what_the_round_trip_leaves),
	    cmocka_unit_test(physics_tapers_the_charge_near_full),
	    cmocka_unit_test(physics_shows_a_full_battery_no_peaks_in_short_steps),
	    cmocka_unit_test(physics_takes_no_more_than_its_power_or_the_offer),
	    cmocka_unit_test(physics_settles_where_heat_in_equals_heat_out),
	    cmocka_unit_test(physics_takes_long_steps_like_short_ones),
	};

	return cmocka_run_group_tests_name("physics", tests, NULL, NULL);
}
