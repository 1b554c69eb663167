/* What a battery's log tells of a home that nobody measures. */
#include "plan/seen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <math.h>

#define FIRST_DAY 20000 /* 2024-10-04, a Friday */

static struct seen seen;

static struct seen_slot slot(int day, int hour, float risen_kwh, float source, float load)
{
	return (struct seen_slot){{FIRST_DAY + day, hour}, risen_kwh, source, load};
}

static float take(int day, int hour, float risen_kwh, float source, float load)
{
	struct seen_slot one = slot(day, hour, risen_kwh, source, load);

	return seen_take(&seen, &one);
}

static float draw_at(int day, int hour)
{
	return seen_draw_kw(&seen, (struct plan_when){FIRST_DAY + day, hour});
}

static float charge_at(int day, int hour)
{
	return seen_charge_kw(&seen, (struct plan_when){FIRST_DAY + day, hour});
}

static void what_was_never_seen_is_not_known(void **state)
{
	(void)state;
	seen_init(&seen, 24);
	assert_true(isnan(draw_at(0, 12)) && isnan(charge_at(0, 12)));
	assert_true(isnan(seen_charge_best_kw(&seen)) && isnan(seen_charge_mean_kw(&seen)));
	assert_false(seen_is_by_hour(&seen));
	/* A battery that rests tells nothing; nor does a gap. */
	assert_true(isnan(take(0, 1, 0, 0, 0)));
	assert_true(isnan(take(0, 2, NAN, 0, 1)));
	assert_true(isnan(draw_at(0, 1)));
	assert_int_equal(seen.measured, 1);
}

static void the_house_is_seen_while_it_is_fed(void **state)
{
	(void)state;
	seen_init(&seen, 24);
	assert_float_equal(take(0, 18, -1.2f, 0, 1), 1.2f, 1e-6);
	assert_float_equal(draw_at(0, 18), 1.2f, 1e-6);
	/* Half of a slot tells, as if it had been all of it; a tenth does not. */
	assert_float_equal(take(1, 3, -0.2f, 0, 0.5f), 0.4f, 1e-6);
	assert_true(isnan(take(1, 4, -0.1f, 0, 0.1f)));
	/* Hours of which nothing is known are as the others are on the mean. */
	assert_in_range((int)(1000 * draw_at(0, 12)), 780, 820);
	for (int day = 2; day < 30; day++)
		(void)take(day, 18, -2, 0, 1);
	assert_in_range((int)(1000 * draw_at(0, 18)), 1900, 2000);
	/* A battery that rises by itself is a gauge that drifts: never a house that gives. */
	assert_float_equal(take(30, 6, 0.1f, 0, 1), 0, 1e-6);
}

static void slots_of_a_quarter_are_of_their_hour(void **state)
{
	(void)state;
	seen_init(&seen, 96);
	assert_float_equal(take(0, 72, -0.3f, 0, 1), 0.3f, 1e-6);
	assert_float_equal(draw_at(0, 75), 1.2f, 1e-6);
}

static void weekends_are_days_of_their_own(void **state)
{
	(void)state;
	seen_init(&seen, 24);
	for (int day = 0; day < 70; day++)
		(void)take(day, 10, plan_is_weekend(FIRST_DAY + day) ? -2 : -0.5f, 0, 1);
	for (int day = 0; day < 7; day++)
		assert_float_equal(draw_at(day, 10), plan_is_weekend(FIRST_DAY + day) ? 2 : 0.5f,
				   0.15f);
}

static void the_source_is_seen_while_its_relay_is_closed(void **state)
{
	(void)state;
	seen_init(&seen, 24);
	assert_true(isnan(take(0, 12, 2, 1, 0)));
	assert_float_equal(charge_at(0, 12), 2, 1e-6);
	assert_true(isnan(charge_at(0, 13)));
	/* Closed for half of it, it brought as much in half the time. */
	(void)take(0, 13, 0.5f, 0.5f, 0);
	assert_float_equal(charge_at(0, 13), 1, 1e-6);
	(void)take(0, 14, 0.4f, 0.2f, 0);
	assert_true(isnan(charge_at(0, 14)));
	/* At night it brings nothing, and what the battery loses is not counted against it. */
	(void)take(0, 2, -0.05f, 1, 0);
	assert_float_equal(charge_at(0, 2), 0, 1e-6);
	assert_float_equal(seen_charge_best_kw(&seen), 2, 1e-6);
	assert_true(seen_is_by_hour(&seen));
}

static void what_a_house_on_the_battery_draws_meanwhile_went_in_too(void **state)
{
	(void)state;
	seen_init(&seen, 24);
	for (int hour = 0; hour < 24; hour++)
		(void)take(0, hour, -0.5f, 0, 1);
	(void)take(1, 12, 1.5f, 1, 1);
	assert_float_equal(charge_at(1, 12), 2, 1e-3);
	(void)take(2, 12, 0.75f, 0.5f, 1);
	assert_float_equal(charge_at(1, 12), 2.25f, 0.3f);
}

static void a_source_that_is_always_the_same_is_not_by_hour(void **state)
{
	(void)state;
	seen_init(&seen, 24);
	for (int hour = 0; hour < 23; hour++)
		(void)take(0, hour, 2 + 0.1f * (float)(hour % 3), 1, 0);
	/* One hour in which it was never tried may be anything. */
	assert_true(seen_is_by_hour(&seen));
	(void)take(0, 23, 2, 1, 0);
	assert_false(seen_is_by_hour(&seen));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_was_never_seen_is_not_known),
	    cmocka_unit_test(the_house_is_seen_while_it_is_fed),
	    cmocka_unit_test(slots_of_a_quarter_are_of_their_hour),
	    cmocka_unit_test(weekends_are_days_of_their_own),
	    cmocka_unit_test(the_source_is_seen_while_its_relay_is_closed),
	    cmocka_unit_test(what_a_house_on_the_battery_draws_meanwhile_went_in_too),
	    cmocka_unit_test(a_source_that_is_always_the_same_is_not_by_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
