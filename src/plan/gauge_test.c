/* Ends of load and PV: as wide as what comes, at each lead of its own. */
#include "plan/gauge.h"
#include "plan/test_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>

static struct gauge gauge;

/* Hours of load that are 1 +- `spread`, of which `believed` is said an hour and a day ahead. */
static void run(int days, float spread, float believed)
{
	uint64_t seed = 11;

	for (int t = 0; t < days * 24; t++) {
		float load = 1 + spread * (2 * test_random(&seed) - 1);
		struct plan_slot slot = {.when = {t / 24, t % 24}, .load_kwh = load, .pv_kwh = 0};

		for (int ahead = 0; ahead < 24; ahead += 23) {
			struct gauge_promise promise = {
			    .is_made = true,
			    .when = {(t + ahead) / 24, (t + ahead) % 24},
			    .load = {1 - believed, 1, 1 + believed},
			};

			gauge_expect(&gauge, ahead, &promise);
		}
		gauge_take(&gauge, &slot);
	}
}

static struct gauge_ends stretched(int ahead, struct gauge_ends ends)
{
	struct gauge_ends pv = {0, 0, 0};

	gauge_stretch(&gauge, ahead, &ends, &pv);
	assert_float_equal(pv.low, 0, 0);
	assert_float_equal(pv.high, 0, 0);
	return ends;
}

static void ends_that_lie_too_close_are_moved_out_and_too_far_in(void **state)
{
	static const float believed[] = {0.1f, 0.4f};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct gauge_ends ends;

		gauge_init(&gauge, 24);
		run(300, 0.3f, believed[i]);
		for (int ahead = 0; ahead < 24; ahead += 23) {
			ends = stretched(ahead,
					 (struct gauge_ends){1 - believed[i], 1, 1 + believed[i]});
			assert_float_equal(ends.low, 1 - 0.8f * 0.3f, 0.05);
			assert_float_equal(ends.high, 1 + 0.8f * 0.3f, 0.05);
		}
	}
}

static void before_anything_was_seen_ends_stay_where_they_are(void **state)
{
	struct gauge_ends ends;

	(void)state;
	gauge_init(&gauge, 96);
	ends = stretched(50, (struct gauge_ends){1, 2, 4});
	assert_float_equal(ends.low, 1, 1e-6);
	assert_float_equal(ends.high, 4, 1e-6);
}

static void no_end_is_below_0(void **state)
{
	(void)state;
	gauge_init(&gauge, 24);
	run(100, 0.9f, 0.05f);
	assert_float_equal(stretched(0, (struct gauge_ends){0.05f, 0.3f, 0.6f}).low, 0, 0);
}

static void what_was_not_measured_teaches_nothing(void **state)
{
	struct gauge_promise promise = {.is_made = true, .load = {1, 2, 3}, .pv = {1, 2, 3}};
	struct plan_slot slot = {.load_kwh = NAN, .pv_kwh = NAN};

	(void)state;
	gauge_init(&gauge, 24);
	gauge_expect(&gauge, 0, &promise);
	gauge_take(&gauge, &slot);
	assert_float_equal(gauge.load[0].low, 1, 0);
	assert_float_equal(gauge.pv[0].high, 1, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(ends_that_lie_too_close_are_moved_out_and_too_far_in),
	    cmocka_unit_test(before_anything_was_seen_ends_stay_where_they_are),
	    cmocka_unit_test(no_end_is_below_0),
	    cmocka_unit_test(what_was_not_measured_teaches_nothing),
	};

	return cmocka_run_group_tests_name("plan-gauge", tests, NULL, NULL);
}
