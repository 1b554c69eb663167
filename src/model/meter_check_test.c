/* Which meter cannot be right, and that a house which merely wobbles is left in peace. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/meter_check.h"

static struct meter_check check;

/* `minutes` of a house, a look a second; grid, pv and load are what the meters say. */
static int look(int minutes, double grid_w, double pv_w, double load_w, double battery_w)
{
	const double power_w[METER_COUNT] = {
	    [METER_GRID] = grid_w, [METER_PV] = pv_w, [METER_LOAD] = load_w};
	int verdicts = 0;

	for (int second = 0; second < minutes * 60; second++)
		verdicts += meter_check_add(&check, power_w, battery_w, 1000);
	return verdicts;
}

static int begin(void **state)
{
	(void)state;
	memset(&check, 0, sizeof(check));
	return 0;
}

static void says(const char *expected)
{
	char words[160] = "";
	struct text text = text_in(words, sizeof(words));

	meter_check_format(&check, &text);
	assert_string_equal(words, expected);
}

static void a_house_whose_meters_agree_is_left_in_peace(void **state)
{
	(void)state;
	assert_int_equal(look(60, 800, 0, 800, 0), 0);
	assert_int_equal(look(60, -1500, 3000, 500, 1000), 0);
	assert_int_equal(look(60, -700, 0, 300, -1000), 0);
	assert_int_equal(look(60, 0, 0, 0, 0), 0);
	assert_int_equal(check.fault, METER_FAULT_NONE);
	says("");
}

static void a_turned_grid_is_named_after_ten_minutes_and_not_before(void **state)
{
	(void)state;
	assert_int_equal(look(9, -800, 0, 800, 0), 0);
	assert_int_equal(check.fault, METER_FAULT_NONE);
	assert_int_equal(look(1, -800, 0, 800, 0), 1);
	assert_int_equal(check.fault, METER_GRID_IS_TURNED);
	assert_int_equal(meter_fault_kind(check.fault), METER_GRID);
	says("grid: its sign is turned: it says -800 W, the others come to 800 W");
	assert_int_equal(look(30, -900, 0, 900, 0), 0);
	assert_int_equal(look(10, 900, 0, 900, 0), 1);
	assert_int_equal(check.fault, METER_FAULT_NONE);
}

static void it_is_seen_while_the_sun_shines_and_the_battery_charges_too(void **state)
{
	(void)state;
	assert_int_equal(look(10, 1500, 3000, 500, 1000), 1);
	assert_int_equal(check.fault, METER_GRID_IS_TURNED);
}

static void kilowatts_are_named_with_their_meter(void **state)
{
	(void)state;
	assert_int_equal(look(10, 0.8, 0, 800, 0), 1);
	says("grid: it sends kW in place of W: it says 0.8 W, the others come to 800 W");
	begin(NULL);
	assert_int_equal(look(10, -1500, 3, 500, 1000), 1);
	assert_int_equal(check.fault, METER_PV_IS_KW);
	begin(NULL);
	assert_int_equal(look(10, 1800, 0, 0.8, 1000), 1);
	says("load: it sends kW in place of W: it says 0.8 W, the others come to 800 W");
}

static void what_no_single_fault_explains_names_nobody(void **state)
{
	(void)state;
	assert_int_equal(look(60, 2000, 0, 800, 0), 0); /* a load behind another meter */
	assert_int_equal(look(60, 300, 0, 500, 0), 0);  /* meters that do not measure at once */
	assert_int_equal(look(60, -120, 0, 120, 0), 0); /* too little to tell */
	assert_int_equal(check.fault, METER_FAULT_NONE);
}

static void a_short_contradiction_among_agreement_is_none(void **state)
{
	(void)state;
	assert_int_equal(look(8, 800, 0, 800, 0), 0);
	assert_int_equal(look(1, -800, 0, 800, 0), 0);
	assert_int_equal(look(1, 800, 0, 800, 0), 0);
	assert_int_equal(check.fault, METER_FAULT_NONE);
}

static void whether_it_balances_is_known_after_ten_minutes(void **state)
{
	(void)state;
	look(9, 800, 0, 300, 0);
	assert_false(check.is_judged);
	look(1, 800, 0, 300, 0);
	assert_true(check.is_judged && check.is_off);
	look(10, 800, 0, 600, 0);
	assert_true(check.is_judged && !check.is_off);
	look(10, -800, 0, 800, 0);
	assert_true(check.fault == METER_GRID_IS_TURNED && !check.is_off);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(a_house_whose_meters_agree_is_left_in_peace, begin),
	    cmocka_unit_test_setup(a_turned_grid_is_named_after_ten_minutes_and_not_before, begin),
	    cmocka_unit_test_setup(it_is_seen_while_the_sun_shines_and_the_battery_charges_too,
				   begin),
	    cmocka_unit_test_setup(kilowatts_are_named_with_their_meter, begin),
	    cmocka_unit_test_setup(what_no_single_fault_explains_names_nobody, begin),
	    cmocka_unit_test_setup(a_short_contradiction_among_agreement_is_none, begin),
	    cmocka_unit_test_setup(whether_it_balances_is_known_after_ten_minutes, begin),
	};

	return cmocka_run_group_tests_name("meter_check", tests, NULL, NULL);
}
