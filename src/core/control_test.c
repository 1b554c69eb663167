/* The threshold rule at its four thresholds, and the local second of day. */
#include "core/control.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct settings thresholds(void)
{
	struct settings settings = {0};

	settings.value[PARAMETER_CHARGE_BELOW].number = 3000;
	settings.value[PARAMETER_CHARGE_UNTIL].number = 8000;
	settings.value[PARAMETER_DISCHARGE_ABOVE].number = 6000;
	settings.value[PARAMETER_DISCHARGE_UNTIL].number = 3500;
	return settings;
}

static void the_rule_has_hysteresis_and_charging_wins(void **state)
{
	static const struct {
		int32_t soc_bp;
		bool charge, discharge;
	} rows[] = {
	    {5000, false, false}, {5999, false, false}, {6000, false, true},  {3501, false, true},
	    {3500, false, false}, {5999, false, false}, {3000, false, false}, {2999, true, false},
	    {3000, true, false},  {6000, true, false},  {7999, true, false},  {8000, false, true},
	    {2999, true, false},
	};
	struct settings settings = thresholds();
	struct battery_state battery = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		control_follow(&battery, &settings, rows[i].soc_bp, true);
		assert_int_equal(battery.wants_charge, rows[i].charge);
		assert_int_equal(battery.wants_discharge, rows[i].discharge);
	}
}

static void the_second_of_day_is_the_houses_not_the_processes(void **state)
{
	static const struct {
		int64_t wall_ms;
		int32_t offset_s, second;
	} rows[] = {
	    {0, 0, 0},
	    {-1, 0, 86399},
	    {86399999, 0, 86399},
	    {86400000, 0, 0},
	    {0, 3600, 3600},
	    {0, -3600, 82800},
	    {23 * (int64_t)MS_PER_HOUR, 19800, 16200},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct now now = {.wall = {rows[i].wall_ms}, .utc_offset_s = rows[i].offset_s};

		assert_int_equal(control_second_of_day(now), rows[i].second);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_rule_has_hysteresis_and_charging_wins),
	    cmocka_unit_test(the_second_of_day_is_the_houses_not_the_processes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
