/* Which meter is found frozen, and which may stand still. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "model/meter_still.h"

static struct meter_still still;
static struct mono_time mono;

static int begin(void **state)
{
	(void)state;
	memset(&still, 0, sizeof still);
	mono.ms = 1000;
	return 0;
}

/* It says so every ten seconds; returns after how many minutes it was found frozen, or -1. */
static int says(double power_w, int minutes, enum meter_kind kind, enum meter_witness witness)
{
	int found = -1;

	for (int i = 0; i < minutes * 6; i++) {
		mono.ms += 10 * MS_PER_SECOND;
		meter_still_hear(&still, power_w, mono);
		if (meter_still_judge(&still, kind, witness) && found < 0)
			found = (int)(meter_still_ms(&still) / MS_PER_MINUTE);
	}
	return found;
}

/* Hours of a load that moves every `minutes` minutes. */
static void lives(int hours, int minutes, enum meter_witness witness)
{
	for (int i = 0; i < hours * 60 / minutes; i++)
		assert_int_equal(says(300 + i % 7, minutes, METER_LOAD, witness), -1);
}

static void one_that_the_others_contradict_is_found_after_half_an_hour(void **state)
{
	(void)state;
	lives(1, 2, METER_WITNESS_AGREES);
	assert_int_equal(says(640, 60, METER_LOAD, METER_WITNESS_CONTRADICTS), 30);
	assert_true(still.is_frozen);
	/* It moves: it is believed again, and that it stood is no measure of what is usual. */
	assert_int_equal(says(641, 1, METER_LOAD, METER_WITNESS_CONTRADICTS), -1);
	assert_false(still.is_frozen);
	assert_int_equal(says(640, 60, METER_LOAD, METER_WITNESS_CONTRADICTS), 30);
}

static void one_that_the_others_agree_with_may_stand_for_days(void **state)
{
	(void)state;
	lives(30, 2, METER_WITNESS_AGREES);
	assert_int_equal(says(100, 3 * 1440, METER_LOAD, METER_WITNESS_AGREES), -1);
}

/*
 * Resolving 100 W it says the same from midnight to six, and what nobody measures, a second roof
 * say, may put the balance out then.
 */
static void a_coarse_one_at_night_is_left_in_peace(void **state)
{
	(void)state;
	for (int day = 0; day < 5; day++) {
		assert_int_equal(says(100, 6 * 60, METER_LOAD, METER_WITNESS_NONE), -1);
		lives(18, 15, METER_WITNESS_NONE);
	}
	assert_int_equal(says(100, 6 * 60, METER_LOAD, METER_WITNESS_CONTRADICTS), -1);
	assert_int_equal(says(100, 17 * 60, METER_LOAD, METER_WITNESS_NONE), -1);
	assert_in_range(says(100, 61, METER_LOAD, METER_WITNESS_NONE), 24 * 60 - 1, 24 * 60);
}

static void alone_a_load_is_found_after_three_hours_and_a_day_that_is_known(void **state)
{
	(void)state;
	lives(20, 2, METER_WITNESS_NONE);
	assert_int_equal(says(640, 60 * 3 + 50, METER_LOAD, METER_WITNESS_NONE), -1);
	assert_int_equal(says(640, 20, METER_LOAD, METER_WITNESS_NONE), 60 * 4);
	begin(NULL);
	lives(30, 2, METER_WITNESS_NONE);
	assert_int_equal(says(640, 60 * 4, METER_LOAD, METER_WITNESS_NONE), 60 * 3);
}

static void sun_and_grid_are_found_by_the_others_only_and_sun_at_night_never(void **state)
{
	(void)state;
	lives(30, 2, METER_WITNESS_NONE);
	assert_int_equal(says(4600, 60 * 12, METER_PV, METER_WITNESS_NONE), -1);
	begin(NULL);
	assert_int_equal(says(4600, 60, METER_PV, METER_WITNESS_CONTRADICTS), 30);
	begin(NULL);
	assert_int_equal(says(0, 60 * 12, METER_PV, METER_WITNESS_CONTRADICTS), -1);
	begin(NULL);
	assert_int_equal(says(-500, 60, METER_GRID, METER_WITNESS_CONTRADICTS), 30);
}

static void silence_is_not_standing_still(void **state)
{
	(void)state;
	assert_int_equal(says(640, 25, METER_LOAD, METER_WITNESS_CONTRADICTS), -1);
	mono.ms += 2 * MS_PER_MINUTE;
	assert_int_equal(says(640, 25, METER_LOAD, METER_WITNESS_CONTRADICTS), -1);
	assert_int_equal(meter_still_ms(&still), 25 * MS_PER_MINUTE - 10 * MS_PER_SECOND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(one_that_the_others_contradict_is_found_after_half_an_hour,
				   begin),
	    cmocka_unit_test_setup(one_that_the_others_agree_with_may_stand_for_days, begin),
	    cmocka_unit_test_setup(a_coarse_one_at_night_is_left_in_peace, begin),
	    cmocka_unit_test_setup(alone_a_load_is_found_after_three_hours_and_a_day_that_is_known,
				   begin),
	    cmocka_unit_test_setup(sun_and_grid_are_found_by_the_others_only_and_sun_at_night_never,
				   begin),
	    cmocka_unit_test_setup(silence_is_not_standing_still, begin),
	};

	return cmocka_run_group_tests_name("meter_still", tests, NULL, NULL);
}
