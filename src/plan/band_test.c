/* Ends of a forecast come to hold one value in ten, however wrong they were believed to lie. */
#include "plan/band.h"
#include "plan/test_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* How many of the later half of 20,000 even values from `low` to `high` lie below and above. */
static void run(float low, float high, float believed, float outside[2])
{
	struct band band;
	uint64_t seed = 7;
	int count = 20000;

	band_init(&band, 4);
	outside[0] = outside[1] = 0;
	for (int i = 0; i < count; i++) {
		float value = low + (high - low) * test_random(&seed);

		if (i >= count / 2) {
			outside[0] += value < -band.low * believed;
			outside[1] += value > band.high * believed;
		}
		band_take(&band, 0, believed, believed, value);
	}
	outside[0] /= (float)count / 2;
	outside[1] /= (float)count / 2;
}

static void each_end_comes_to_leave_out_a_tenth(void **state)
{
	static const float believed[] = {0.2f, 1, 3};
	float outside[2];

	(void)state;
	for (int i = 0; i < 3; i++) {
		run(-1, 1, believed[i], outside);
		assert_float_equal(outside[0], 0.1, 0.012);
		assert_float_equal(outside[1], 0.1, 0.012);
	}
}

static void ends_need_not_lie_alike(void **state)
{
	float outside[2];

	(void)state;
	run(-0.5f, 2, 1, outside);
	assert_float_equal(outside[0], 0.1, 0.012);
	assert_float_equal(outside[1], 0.1, 0.012);
}

static void what_was_in_no_doubt_teaches_nothing(void **state)
{
	struct band band, before;

	(void)state;
	band_init(&band, 1);
	before = band;
	for (int i = 0; i < 100; i++)
		band_take(&band, 0, 0, 0, 0);
	assert_float_equal(band.low, before.low, 0);
	assert_float_equal(band.high, before.high, 0);
}

static void a_factor_stays_within_bounds(void **state)
{
	struct band band;

	(void)state;
	band_init(&band, 1);
	for (int i = 0; i < 2000; i++)
		band_take(&band, 0, 1, 1, 1e6f);
	assert_true(band.high <= 20 && band.low >= 0.05f);
	assert_true(band.high > 19 && band.low < 0.06f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_end_comes_to_leave_out_a_tenth),
	    cmocka_unit_test(ends_need_not_lie_alike),
	    cmocka_unit_test(what_was_in_no_doubt_teaches_nothing),
	    cmocka_unit_test(a_factor_stays_within_bounds),
	};

	return cmocka_run_group_tests_name("plan-band", tests, NULL, NULL);
}
