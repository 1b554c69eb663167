/* Cycles counted as ASTM E1049 counts them. */
#include "plan/test_home.h"
#include "plan/wear.h"
#include "base/result.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

/* The standard's own example (figure 6), a unit being a bit more than a twentieth. */
static void the_standards_example_comes_out(void **state)
{
	static const float LOADS[] = {-2, 1, -3, 5, -1, 3, -4, 4, -2};
	static const struct {
		int range;
		double cycles;
	} rows[] = {{3, 0.5}, {4, 1.5}, {6, 0.5}, {8, 1}, {9, 0.5}, {1, 0}, {5, 0}, {7, 0}};
	struct wear_count count = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(LOADS); i++)
		wear_take(&count, 0.5f + LOADS[i] * 0.0505f, 1);
	count = wear_close(&count);
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		assert_float_equal(count.cycles[rows[i].range], rows[i].cycles, 1e-9);
}

static void all_cycles_together_are_the_way_that_was_gone(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct wear_count count = {0};
		double way = 0;
		float share = 0;

		for (int i = 0; i < 3000; i++) {
			float next = test_random(&seed) < 0.2f ? share : test_random(&seed);

			way += i > 0 ? (double)fabsf(next - share) : 0;
			wear_take(&count, next, 1);
			share = next;
		}
		assert_true(count.count <= WEAR_POINTS_MAX);
		count = wear_close(&count);
		assert_float_equal(count.efc, way / 2, 1e-2);
	}
}

static void cycles_that_widen_forever_need_no_more_memory(void **state)
{
	struct wear_count count = {0};

	(void)state;
	for (int i = 0; i < 1000; i++) /* ever narrower: none closes */
		wear_take(&count, 0.5f + (i % 2 ? 0.4f : -0.4f) * (1 - (float)i / 1000), 1);
	assert_true(count.count <= WEAR_POINTS_MAX);
	assert_true(count.efc > 0);
}

static void standing_high_is_counted_in_hours(void **state)
{
	struct wear_count count = {0};

	(void)state;
	wear_take(&count, 0.8f, 5);
	wear_take(&count, 0.81f, 2);
	wear_take(&count, 0.2f, 1);
	assert_float_equal(count.high_hours, 2, 1e-9);
	assert_float_equal(count.mean / count.hours, (4 + 1.62 + 0.2) / 8, 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_standards_example_comes_out),
	    cmocka_unit_test(all_cycles_together_are_the_way_that_was_gone),
	    cmocka_unit_test(cycles_that_widen_forever_need_no_more_memory),
	    cmocka_unit_test(standing_high_is_counted_in_hours),
	};

	return cmocka_run_group_tests_name("plan-wear", tests, NULL, NULL);
}
