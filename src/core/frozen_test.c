/* Sensors that stand still, rightly and wrongly, in simulated time. */
#include "core/test_house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct scene scene;

static int begin(void **state)
{
	(void)state;
	scene_begin(&scene);
	return 0;
}

/* The relay measures its power. */
static void measure(size_t relay, double power_w)
{
	scene.relays[relay].has_power = true;
	scene.relays[relay].power_w = power_w;
}

/* Says `soc_pct` for as many minutes, and is good all the time, but frozen in the minute after. */
static void assert_frozen_after(double soc_pct, int minutes)
{
	scene_say_times(&scene, soc_pct, 20, minutes * 6 - 1);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_GOOD);
	scene_say_times(&scene, soc_pct, 20, 6);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_FROZEN);
	assert_false(scene_charges(&scene) || scene_discharges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_FROZEN);
}

/* A whole percent of 10 kWh is 100 Wh; an idle house is taken to need 100 W of the 5 kW. */
static void a_coarse_sensor_beside_an_idle_house_may_stand_still_for_two_hours(void **state)
{
	(void)state;
	scene_say_times(&scene, 61, 20, 2);
	assert_true(scene_discharges(&scene));
	assert_frozen_after(61, 120);
}

/* A source that charges is taken to give a fifth: 1 kW. */
static void a_coarse_sensor_that_is_charged_must_move_in_twelve_minutes(void **state)
{
	char words[256];
	struct text text = text_in(words, sizeof(words));

	(void)state;
	scene_charge(&scene);
	assert_frozen_after(20, 12);
	alert_format(scene_alert(&scene, ALERT_SENSOR_FROZEN), &text);
	assert_string_equal(words,
			    "b1: the sensor's values have stood still for 12 min although the "
			    "state of charge should have moved by 2 %; restart the sensor");
}

static void a_sensor_that_shows_tenths_must_move_with_the_second_tenth(void **state)
{
	(void)state;
	scene_ramp(&scene, 61, 60.5, 20);
	assert_true(scene_discharges(&scene));
	assert_frozen_after(60.5, 12);
}

static void nothing_is_frozen_within_ten_minutes(void **state)
{
	(void)state;
	scene_say_times(&scene, 61, 20, 2);
	scene_say_times(&scene, 60.99, 20, 1);
	assert_frozen_after(60.99, 10);
}

static void what_the_relay_measures_is_counted(void **state)
{
	(void)state;
	measure(LOAD, 50);
	scene_say_times(&scene, 61, 20, 2);
	assert_frozen_after(61, 240);
	scene_begin(&scene);
	measure(SOURCE, 5000);
	scene_say_times(&scene, 20, 20, 2);
	assert_frozen_after(20, 10);
}

/* 3.9 W are not 3: 0.87 Wh take 13.4 min, not 17.4. */
static void a_few_watts_count_to_the_milliwatt(void **state)
{
	(void)state;
	scene.house.batteries[0].capacity_wh = 4344;
	measure(SOURCE, 3.9);
	scene_say_times(&scene, 20, 20, 2);
	scene_say_times(&scene, 20.01, 20, 1);
	assert_true(scene_charges(&scene));
	assert_frozen_after(20.01, 13);
}

/* The relay shows 1100 W for 29 s of 30, and none as the readings come. */
static void what_flowed_until_a_relay_says_otherwise_counts(void **state)
{
	(void)state;
	scene_charge(&scene);
	for (int i = 0; i < 24; i++) {
		measure(SOURCE, 1100);
		scene_read(&scene, SOURCE);
		scene.now.mono.ms += 29 * MS_PER_SECOND;
		measure(SOURCE, 0);
		scene_read(&scene, SOURCE);
		scene.now.mono.ms += MS_PER_SECOND;
		scene_say(&scene, 20, 20);
	}
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_FROZEN);
}

static void without_power_nothing_has_to_move(void **state)
{
	(void)state;
	measure(LOAD, 0);
	scene_say_times(&scene, 61, 20, 12 * 360);
	assert_true(scene_discharges(&scene));
}

/* Both relays are found closed again and again, for that many minutes. */
static void flow_both_ways(double soc_pct, int minutes)
{
	for (int i = 0; i < minutes * 6; i++) {
		scene_switch(&scene, SOURCE, true);
		scene_switch(&scene, LOAD, true);
		scene_say_times(&scene, soc_pct, 20, 1);
	}
}

static void what_flows_in_and_out_at_once_moves_nothing(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	measure(SOURCE, 800);
	measure(LOAD, 800);
	flow_both_ways(61, 60);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_GOOD);
}

/* The house may need just the 800 W that the source gives, and the battery rests. */
static void a_load_that_is_not_measured_may_take_all_that_the_source_gives(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	measure(SOURCE, 800);
	flow_both_ways(61, 180);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_GOOD);
}

/* An hour of 110 W beside an idle house's 100 W is no 10 Wh that the house's next 20 make up for.
 */
static void what_flowed_both_ways_hides_nothing_of_what_flows_one_way_after(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	scene_say_times(&scene, 61, 20, 2);
	scene_say_times(&scene, 60.9, 20, 1);
	measure(SOURCE, 110);
	flow_both_ways(60.9, 60);
	measure(SOURCE, 0);
	flow_both_ways(60.9, 11);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_GOOD);
	flow_both_ways(60.9, 2);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_FROZEN);
}

/* A fifth of 5 kW is charged at the least, and 800 W are taken: 200 Wh in an hour. */
static void what_the_source_surely_gives_beyond_the_load_counts(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	measure(LOAD, 800);
	flow_both_ways(61, 59);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_GOOD);
	flow_both_ways(61, 2);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_FROZEN);
}

static void what_flowed_before_the_values_moved_does_not_count(void **state)
{
	(void)state;
	measure(LOAD, 1000);
	scene_say_times(&scene, 61, 20, 70);
	scene_say_times(&scene, 60, 20, 1);
	assert_frozen_after(60, 12);
}

static void a_sensor_that_was_frozen_is_believed_once_it_moves(void **state)
{
	(void)state;
	scene_say_times(&scene, 20, 20, 2);
	assert_frozen_after(20, 12);
	scene_say_times(&scene, 20, 20, 30);
	assert_false(scene_charges(&scene));
	assert_non_null(scene_alert(&scene, ALERT_SENSOR_FROZEN));
	scene_say_times(&scene, 20.1, 20, 1);
	assert_false(scene_charges(&scene));
	scene_say_times(&scene, 20.1, 20, 1);
	assert_true(scene_charges(&scene));
	assert_null(scene_alert(&scene, ALERT_SENSOR_FROZEN));
}

/* stale_after_s may be an hour: its silence is no value that stands still. */
static void a_silent_sensor_is_not_frozen_until_it_says_the_same_again(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_STALE_AFTER, 3600 * MS_PER_SECOND);
	scene_charge(&scene);
	scene_pass(&scene, 40 * MS_PER_MINUTE);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_GOOD);
	assert_null(scene_alert(&scene, ALERT_SENSOR_FROZEN));
	scene_say_times(&scene, 20, 20, 1);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_FROZEN);
	scene_say_times(&scene, 20.1, 20, 2);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_GOOD);
}

/* Good, absurd, and good again a tenth lower. */
static void a_step_is_shown_by_the_good_readings_about_a_suspect_one(void **state)
{
	(void)state;
	scene_say_times(&scene, 61, 20, 2);
	scene_say_times(&scene, 0, 20, 1);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_SUSPECT);
	scene_say_times(&scene, 60.9, 20, 2);
	assert_true(scene_discharges(&scene));
	assert_frozen_after(60.9, 12);
}

static void a_suspect_reading_shows_no_step(void **state)
{
	(void)state;
	scene_say_times(&scene, 61, 20, 2);
	scene_say_times(&scene, 60.9, 70, 1);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_SUSPECT);
	scene_say_times(&scene, 61, 20, 2);
	assert_true(scene_discharges(&scene));
	assert_frozen_after(61, 120);
}

static void a_suspect_reading_between_does_not_make_a_frozen_sensor_move(void **state)
{
	(void)state;
	scene_say_times(&scene, 20, 20, 2);
	assert_frozen_after(20, 12);
	scene_say_times(&scene, 20, 70, 1);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_SUSPECT);
	scene_say_times(&scene, 20, 20, 6);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_FROZEN);
	assert_non_null(scene_alert(&scene, ALERT_SENSOR_FROZEN));
	scene_say_times(&scene, 20.1, 20, 2);
	assert_true(scene_charges(&scene));
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(a_coarse_sensor_beside_an_idle_house_may_stand_still_for_two_hours),
	    ROW(a_coarse_sensor_that_is_charged_must_move_in_twelve_minutes),
	    ROW(a_sensor_that_shows_tenths_must_move_with_the_second_tenth),
	    ROW(nothing_is_frozen_within_ten_minutes),
	    ROW(what_the_relay_measures_is_counted),
	    ROW(a_few_watts_count_to_the_milliwatt),
	    ROW(what_flowed_until_a_relay_says_otherwise_counts),
	    ROW(without_power_nothing_has_to_move),
	    ROW(what_flows_in_and_out_at_once_moves_nothing),
	    ROW(a_load_that_is_not_measured_may_take_all_that_the_source_gives),
	    ROW(what_flowed_both_ways_hides_nothing_of_what_flows_one_way_after),
	    ROW(what_the_source_surely_gives_beyond_the_load_counts),
	    ROW(what_flowed_before_the_values_moved_does_not_count),
	    ROW(a_sensor_that_was_frozen_is_believed_once_it_moves),
	    ROW(a_silent_sensor_is_not_frozen_until_it_says_the_same_again),
	    ROW(a_step_is_shown_by_the_good_readings_about_a_suspect_one),
	    ROW(a_suspect_reading_shows_no_step),
	    ROW(a_suspect_reading_between_does_not_make_a_frozen_sensor_move),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
