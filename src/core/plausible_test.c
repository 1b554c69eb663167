/* What a battery can do, by its size and power. */
#include "core/judge.h"
#include "core/plausible.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void soc_may_move_by_a_point_and_half_again_what_power_moves(void **state)
{
	static const struct {
		int32_t capacity_wh, power_w;
		int64_t elapsed_ms;
		int32_t most_bp;
	} rows[] = {
	    {10000, 5000, 0, 100},
	    {10000, 5000, 10 * MS_PER_MINUTE, 100 + 1250},
	    {10000, 5000, MS_PER_HOUR, 100 + 7500},
	    {10000, 5000, MS_PER_DAY, SOC_BP_MAX},
	    {10000, 5000, INT64_MAX, SOC_BP_MAX},
	    {INT32_MAX, 1, MS_PER_DAY, 100},
	    {1, INT32_MAX, INT64_MAX, SOC_BP_MAX},
	    {0, 5000, 0, SOC_BP_MAX}, /* unknown: anything goes, and nothing is commanded */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		assert_int_equal(
		    plausible_soc_step_bp(rows[i].capacity_wh, rows[i].power_w, rows[i].elapsed_ms),
		    rows[i].most_bp);
}

static void temperature_may_move_by_what_all_power_would_heat(void **state)
{
	(void)state;
	assert_int_equal(plausible_temp_step_mc(10000, 5000, 0), 5000);
	assert_int_equal(plausible_temp_step_mc(10000, 5000, MS_PER_MINUTE), 8000);
	assert_int_equal(plausible_temp_step_mc(1, INT32_MAX, INT64_MAX), 210000);
}

static void time_for_a_move_is_capacity_over_power(void **state)
{
	(void)state;
	assert_int_equal(plausible_time_ms(10000, 5000, 500), 6 * MS_PER_MINUTE);
	assert_int_equal(plausible_time_ms(10000, 1000, 500), 30 * MS_PER_MINUTE);
}

static struct reading electric(int64_t mv, int64_t ma, int64_t mw)
{
	return (struct reading){.has_voltage = true,
				.has_current = true,
				.has_power = true,
				.voltage_mv = mv,
				.current_ma = ma,
				.power_mw = mw};
}

static void power_contradicts_only_beyond_both_bounds(void **state)
{
	static const struct {
		int64_t mv, ma, mw;
		bool is_found;
	} rows[] = {
	    {50000, 20000, 1000000, false}, {50000, 20000, 834000, false},
	    {50000, 20000, 833000, true},   {50000, 20000, -1000000, true},
	    {50000, 1000, 0, false},        {50000, 1001, 0, true},
	    {50000, 1000, 100000, false},   {INT64_MAX, INT64_MIN, INT64_MIN, true},
	};
	struct reading reading;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		reading = electric(rows[i].mv, rows[i].ma, rows[i].mw);
		assert_int_equal(plausible_power(&reading).is_found, rows[i].is_found);
	}
	reading = electric(50000, 20000, -1000000);
	reading.has_current = false;
	assert_false(plausible_power(&reading).is_found);
}

static void cells_contradict_beyond_five_percent(void **state)
{
	static const struct {
		int64_t mv;
		bool is_found;
	} rows[] = {{13200, false}, {12571, true}, {12572, false}, {13894, false}, {13895, true}};
	struct reading reading = {.has_voltage = true, .cell_count = 4};

	(void)state;
	for (int i = 0; i < 4; i++)
		reading.cell_mv[i] = 3300;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		reading.voltage_mv = rows[i].mv;
		assert_int_equal(plausible_cells(&reading).is_found, rows[i].is_found);
	}
	reading.cell_count = 0;
	assert_false(plausible_cells(&reading).is_found);
}

/* What the SoC should have moved by, said of a current that ran for `hours`. */
static int64_t expected_after(int64_t mv, int64_t ma, int hours)
{
	struct battery_config config = {.capacity_wh = 10000, .power_w = 5000};
	struct battery_state battery = {0};
	struct reading reading = electric(mv, ma, 0);
	struct mono_time at = {0};
	struct verdict verdict;

	reading.soc_bp = 6000;
	for (int i = 0; i < hours; i++) {
		assert_int_equal(judge_trend(&battery, &config, &reading, at).code, ALERT_NONE);
		at = mono_add(at, MS_PER_HOUR);
	}
	reading.soc_bp = ma > 0 ? 5000 : 7000;
	verdict = judge_trend(&battery, &config, &reading, at);
	assert_int_equal(verdict.code, ALERT_SIGN_CONTRADICTION);
	return verdict.limit;
}

static void the_expected_move_keeps_its_sign_whatever_a_sensor_sends(void **state)
{
	(void)state;
	assert_int_equal(expected_after(50000, 20000, 1), 1000);
	assert_true(expected_after(1000000, INT64_MAX, 300) > 0);
	assert_true(expected_after(1000000, -INT64_MAX, 300) < 0);
	assert_int_equal(expected_after(INT64_MIN, INT64_MAX, 300), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(soc_may_move_by_a_point_and_half_again_what_power_moves),
	    cmocka_unit_test(temperature_may_move_by_what_all_power_would_heat),
	    cmocka_unit_test(time_for_a_move_is_capacity_over_power),
	    cmocka_unit_test(power_contradicts_only_beyond_both_bounds),
	    cmocka_unit_test(cells_contradict_beyond_five_percent),
	    cmocka_unit_test(the_expected_move_keeps_its_sign_whatever_a_sensor_sends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
