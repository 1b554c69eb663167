/* Cases from the field (docs/cases.md), kind O: counters that dip, slip to 0 and begin anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/result.h"
#include "model/meter_counter.h"

#define KWH 1000.0
#define STEP_MS 10000

/* What `count` values in kWh, one each 10 s, come to. */
static double counted_kwh(const double *values_kwh, size_t count)
{
	struct meter_counter counter = {0};
	double sum_wh = 0;

	for (size_t i = 0; i < count; i++) {
		struct meter_counted counted = meter_counter_add(
		    &counter, values_kwh[i] * KWH, (struct mono_time){1000 + (int64_t)i * STEP_MS});

		if (counted.is_known) {
			assert_true(counted.energy_wh >= 0);
			assert_true(counted.took_ms > 0);
			sum_wh += counted.energy_wh;
		}
	}
	return sum_wh / KWH;
}

#define IS(expected, ...)                                                           \
	do {                                                                        \
		const double values[] = {__VA_ARGS__};                              \
		double sum = counted_kwh(values, ARRAY_LENGTH(values));             \
		if (fabs(sum - (expected)) > 1e-6)                                  \
			fail_msg("%.6f kWh and not %.6f", sum, (double)(expected)); \
	} while (0)

static void case_o1_a_dip_is_no_reset(void **state)
{
	(void)state;
	IS(0.2, 215.6, 215.7, 215.6, 215.8);
	IS(0.2, 215.6, 215.7, 215.6, 215.6, 215.6, 215.8);
	IS(0.1, 215.6, 215.7, 215.6, 215.5);
	IS(0, 215.6, 215.5, 215.6, 215.5);
}

static void case_o2_a_single_zero_counts_nothing_again(void **state)
{
	(void)state;
	IS(0.2, 1250.0, 0, 1250.2);
	IS(0.4, 1250.0, 0, 1250.2, 0, 1250.4);
	IS(0, 1250.0, 0);
}

static void case_o2_a_true_reset_is_counted_from_its_zero(void **state)
{
	(void)state;
	IS(0.2, 1250.0, 0, 0.1, 0.2);
	IS(0.3, 1249.9, 1250.0, 0, 0.1, 0.2);
	IS(0.2, 1250.0, 0, 0, 0, 0.1, 0.2);
}

static void a_counter_of_the_day_begins_anew_each_midnight_however_small_it_was(void **state)
{
	(void)state;
	IS(0.3, 0.2, 0.3, 0, 0.1, 0.2);
	IS(20.4, 0, 0.9, 1.8, 1.9, 0, 0, 0.1, 0.2, 18.5);
}

static void another_meter_in_its_place_is_counted_from_where_it_stands(void **state)
{
	(void)state;
	IS(0.3, 1250.0, 1250.1, 830.0, 830.1, 830.2);
	IS(0.2, 100, 100.1, 90000, 90000.1);
}

static void a_zero_before_the_first_true_value_is_not_the_whole_counter(void **state)
{
	(void)state;
	IS(0.2, 0, 1250.0, 1250.1, 1250.2);
}

static void what_was_counted_in_an_outage_is_counted_when_it_is_over(void **state)
{
	struct meter_counter counter = {0};
	struct meter_counted counted;

	(void)state;
	(void)meter_counter_add(&counter, 1000, (struct mono_time){0});
	counted = meter_counter_add(&counter, 41000, (struct mono_time){MS_PER_DAY});
	assert_true(counted.is_known && counted.energy_wh == 40000);
	assert_true(counted.took_ms == MS_PER_DAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case_o1_a_dip_is_no_reset),
	    cmocka_unit_test(case_o2_a_single_zero_counts_nothing_again),
	    cmocka_unit_test(case_o2_a_true_reset_is_counted_from_its_zero),
	    cmocka_unit_test(a_counter_of_the_day_begins_anew_each_midnight_however_small_it_was),
	    cmocka_unit_test(another_meter_in_its_place_is_counted_from_where_it_stands),
	    cmocka_unit_test(a_zero_before_the_first_true_value_is_not_the_whole_counter),
	    cmocka_unit_test(what_was_counted_in_an_outage_is_counted_when_it_is_over),
	};

	return cmocka_run_group_tests_name("meter_counter", tests, NULL, NULL);
}
