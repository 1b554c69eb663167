/* Where a battery has lived, and how much it was cycled. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/life.h"

#define QUARTER_MS (15 * MS_PER_MINUTE)
#define CLOSE 1e-9

static struct life life;

static int begin(void **state)
{
	(void)state;
	memset(&life, 0, sizeof(life));
	return 0;
}

/* A quarter of an hour in which SoC went from `from` to `to`, straight. */
static void quarter(double from, double to, double temp_c)
{
	struct rollup_readings readings = {
	    .count = 2,
	    .soc_pct = {2, from < to ? from : to, (from + to) / 2, from < to ? to : from, to},
	    .temp_c = {2, temp_c, temp_c, temp_c, temp_c},
	};

	life_add(&life, (struct rollup_span){{0}, {QUARTER_MS}}, &readings);
}

static double hours(int soc_pct, int temp_c)
{
	return (double)life
		   .ms[soc_pct / LIFE_SOC_STEP_PCT][(temp_c - LIFE_TEMP_MIN_C) / LIFE_TEMP_STEP_C] /
	       (double)MS_PER_HOUR;
}

static void hours_are_where_it_was_on_average(void **state)
{
	(void)state;
	quarter(54.9, 54.9, 21.9);
	quarter(55, 55, 22);
	quarter(59.9, 59.9, 23.9);
	assert_float_equal(hours(50, 20), 0.25, CLOSE);
	assert_float_equal(hours(55, 22), 0.5, CLOSE);
	assert_int_equal(life.measured_ms, 3 * QUARTER_MS);
}

static void the_ends_of_what_can_be_have_their_place(void **state)
{
	(void)state;
	quarter(0, 0, LIFE_TEMP_MIN_C);
	quarter(100, 100, LIFE_TEMP_MAX_C);
	quarter(100, 100, -0.1);
	assert_float_equal(hours(0, LIFE_TEMP_MIN_C), 0.25, CLOSE);
	assert_float_equal(hours(95, LIFE_TEMP_MAX_C - LIFE_TEMP_STEP_C), 0.25, CLOSE);
	assert_float_equal(hours(95, -2), 0.25, CLOSE);
}

static void a_way_down_and_up_again_is_one_full_cycle(void **state)
{
	struct life_cycles cycles;

	(void)state;
	quarter(100, 100, 20);
	for (int soc = 100; soc > 0; soc -= 10)
		quarter(soc, soc - 10, 20);
	for (int soc = 0; soc < 100; soc += 10)
		quarter(soc, soc + 10, 20);
	cycles = life_cycles(&life);
	assert_float_equal(cycles.efc, 1, CLOSE);
	assert_float_equal(cycles.high, 1, CLOSE);
	assert_float_equal(cycles.low, 1 - 20 * LIFE_NOISE_PCT / 200, CLOSE);
}

static void noise_is_no_cycle_and_may_have_been_one(void **state)
{
	struct life_cycles cycles;

	(void)state;
	quarter(50, 50, 20);
	for (int i = 0; i < 100; i++)
		quarter(50 + (i % 2) * LIFE_NOISE_PCT, 50 + (i % 2) * LIFE_NOISE_PCT, 20);
	cycles = life_cycles(&life);
	assert_float_equal(cycles.efc, 0, CLOSE);
	assert_float_equal(cycles.low, 0, CLOSE);
	assert_true(cycles.high > 0);
	quarter(50.61, 50.61, 20);
	assert_true(life_cycles(&life).efc > 0);
}

static void what_went_to_and_fro_within_a_quarter_is_only_the_most(void **state)
{
	struct rollup_readings swing = {
	    .count = 3, .soc_pct = {3, 40, 45, 60, 50}, .temp_c = {3, 20, 20, 20, 20}};

	(void)state;
	quarter(50, 50, 20);
	life_add(&life, (struct rollup_span){{0}, {QUARTER_MS}}, &swing);
	assert_float_equal(life_cycles(&life).efc, 0, CLOSE);
	assert_float_equal(life_cycles(&life).high, 0.1, CLOSE);
}

static void a_span_without_a_value_is_not_measured(void **state)
{
	struct rollup_readings none = {0}, warm = {.temp_c = {1, 20, 20, 20, 20}},
			       charged = {.soc_pct = {1, 80, 80, 80, 80}};
	struct rollup_span span = {{0}, {QUARTER_MS}};

	(void)state;
	quarter(50, 50, 20);
	life_add(&life, span, &none);
	life_add(&life, span, &warm);
	assert_float_equal(life_cycles(&life).efc, 0, CLOSE);
	/* Its charge counts over the gap, without a temperature too. */
	life_add(&life, span, &charged);
	assert_float_equal(life_cycles(&life).efc, 0.15, CLOSE);
	assert_int_equal(life.measured_ms, QUARTER_MS);
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup(rule, begin)
	const struct CMUnitTest tests[] = {
	    CASE(hours_are_where_it_was_on_average),
	    CASE(the_ends_of_what_can_be_have_their_place),
	    CASE(a_way_down_and_up_again_is_one_full_cycle),
	    CASE(noise_is_no_cycle_and_may_have_been_one),
	    CASE(what_went_to_and_fro_within_a_quarter_is_only_the_most),
	    CASE(a_span_without_a_value_is_not_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
