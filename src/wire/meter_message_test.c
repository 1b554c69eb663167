/* A meter's plain number: never a prefix of one, never 0 for nothing. */
#include "wire/meter_message.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void meter_message_takes_whole_numbers_only(void **state)
{
	static const struct {
		const char *payload;
		enum meter_kind kind;
		enum refusal why;
		double power_w;
	} rows[] = {
	    {"812.5", METER_GRID, REFUSAL_NONE, 812.5},
	    {"-812.5", METER_GRID, REFUSAL_NONE, -812.5},
	    {" 0\r\n", METER_LOAD, REFUSAL_NONE, 0},
	    {"1e3", METER_PV, REFUSAL_NONE, 1000},
	    {"23,9", METER_GRID, REFUSAL_WRONG_TYPE, 0},
	    {"12abc", METER_GRID, REFUSAL_WRONG_TYPE, 0},
	    {"12 13", METER_GRID, REFUSAL_WRONG_TYPE, 0},
	    {"0x10", METER_GRID, REFUSAL_WRONG_TYPE, 0},
	    {"{\"W\":5}", METER_GRID, REFUSAL_WRONG_TYPE, 0},
	    {"", METER_GRID, REFUSAL_EMPTY, 0},
	    {" \n", METER_GRID, REFUSAL_EMPTY, 0},
	    {"nan", METER_GRID, REFUSAL_NOT_FINITE, 0},
	    {"-Infinity", METER_GRID, REFUSAL_NOT_FINITE, 0},
	    {"1e999", METER_GRID, REFUSAL_NOT_FINITE, 0},
	    {"10000000", METER_PV, REFUSAL_NONE, 1e7},
	    {"10000001", METER_PV, REFUSAL_OUT_OF_RANGE, 0},
	    {"-10000001", METER_GRID, REFUSAL_OUT_OF_RANGE, 0},
	    {"-3", METER_PV, REFUSAL_NONE, 0}, /* an inverter at night */
	    {"-50", METER_LOAD, REFUSAL_NONE, 0},
	    {"-50.1", METER_PV, REFUSAL_OUT_OF_RANGE, 0},
	    {"-50.1", METER_LOAD, REFUSAL_OUT_OF_RANGE, 0},
	    {"-3", METER_GRID, REFUSAL_NONE, -3},
	    {"0000000000000000000000000000000000000000000000000000000000000000001", METER_PV,
	     REFUSAL_TOO_LARGE, 0},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		double power_w = 4711;

		assert_int_equal(meter_message_parse(&power_w, rows[i].kind, rows[i].payload,
						     strlen(rows[i].payload), NULL),
				 rows[i].why);
		assert_true(power_w == (rows[i].why == REFUSAL_NONE ? rows[i].power_w : 4711));
	}
}

static void meter_message_comes_back_as_it_was_written(void **state)
{
	static const double numbers[] = {0, -0.1, 812.5, 1e6, 33.333333333333336};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++) {
		char data[METER_MESSAGE_MAX];
		struct text text = text_in(data, sizeof data);
		double again;

		meter_message_format(&text, numbers[i]);
		assert_int_equal(meter_message_parse(&again, METER_GRID, data, text.length, NULL),
				 REFUSAL_NONE);
		assert_true(again == numbers[i]);
	}
}

static void a_counter_is_a_number_from_0_on(void **state)
{
	static const struct {
		const char *payload;
		enum refusal refusal;
		double energy_wh;
	} rows[] = {
	    {"0", REFUSAL_NONE, 0},
	    {" 1250000.5\n", REFUSAL_NONE, 1250000.5},
	    {"1e12", REFUSAL_NONE, 1e12},
	    {"1.01e12", REFUSAL_OUT_OF_RANGE, 0},
	    {"-0.1", REFUSAL_OUT_OF_RANGE, 0},
	    {"1250,5", REFUSAL_WRONG_TYPE, 0},
	    {"nan", REFUSAL_NOT_FINITE, 0},
	    {"", REFUSAL_EMPTY, 0},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		double energy_wh = -1;

		assert_int_equal(meter_counter_parse(&energy_wh, rows[i].payload,
						     strlen(rows[i].payload), NULL),
				 rows[i].refusal);
		assert_true(energy_wh ==
			    (rows[i].refusal == REFUSAL_NONE ? rows[i].energy_wh : -1));
	}
}

static void meter_kind_is_found_by_its_name(void **state)
{
	enum meter_kind kind;
	(void)state;

	for (int i = 0; i < METER_COUNT; i++) {
		assert_int_equal(meter_kind_find(&kind, meter_kind_name((enum meter_kind)i)), 0);
		assert_int_equal(kind, i);
	}
	assert_int_equal(meter_kind_find(&kind, "water"), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(meter_message_takes_whole_numbers_only),
	    cmocka_unit_test(meter_message_comes_back_as_it_was_written),
	    cmocka_unit_test(a_counter_is_a_number_from_0_on),
	    cmocka_unit_test(meter_kind_is_found_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
