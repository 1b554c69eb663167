/*
 * Readings that come late and have a time of their own: what a sensor, a bridge
 * or a broker kept back and now hands over at once, oldest first. Each is newer
 * than the one before, and only the newest says how the battery is.
 */
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
	scene_set(&scene, PARAMETER_STALE_AFTER, 900 * MS_PER_SECOND);
	scene_set(&scene, PARAMETER_CHARGE_BELOW, 3000);
	scene_set(&scene, PARAMETER_CHARGE_UNTIL, 3100);
	return 0;
}

/* Arrives now, and was measured so long ago. */
static void say_late(double soc_pct, double temp_c, int64_t age_ms)
{
	struct event event = scene_reading(soc_pct, temp_c);

	event.reading.reading.has_time = true;
	event.reading.reading.measured.ms = scene.now.wall.ms - age_ms;
	scene_give(&scene, &event);
}

static void say_now(double soc_pct, double temp_c)
{
	say_late(soc_pct, temp_c, 0);
}

/* One each 10 s, as a sensor does. */
static void say_live(double soc_pct, double temp_c, int count)
{
	for (int i = 0; i < count; i++) {
		scene_pass(&scene, 10 * MS_PER_SECOND);
		say_now(soc_pct, temp_c);
	}
}

/*
 * Nothing comes for `silence_ms`; then all that was measured meanwhile, each 10 s,
 * comes within 1 ms each, the newest left out. Halfway the state of charge is `by_way_pct`.
 */
static void hand_over(double from_pct, double by_way_pct, double to_pct, int64_t silence_ms)
{
	int64_t count = silence_ms / (10 * MS_PER_SECOND);

	scene_pass(&scene, silence_ms);
	for (int64_t i = 1; i < count; i++) {
		double part = 2 * (double)i / (double)count;
		double soc_pct = part < 1 ? from_pct + (by_way_pct - from_pct) * part
					  : by_way_pct + (to_pct - by_way_pct) * (part - 1);

		scene.now.mono.ms++;
		scene.now.wall.ms++;
		say_late(soc_pct, 20, silence_ms - 10000 * i);
	}
}

/* Halfway it would have charged, had it known; now it is as full as charging makes it. */
static void a_queue_of_late_readings_closes_no_relay_on_its_way_to_the_newest(void **state)
{
	(void)state;
	say_live(30.5, 20, 3);
	hand_over(30.5, 29, 31, 890 * MS_PER_SECOND);
	say_now(31, 20);
	assert_int_equal(scene.closings[SOURCE], 0);
	assert_int_equal(scene_battery(&scene)->reading.soc_bp, 3100);
	assert_int_equal(scene_reason(&scene), REASON_BETWEEN);
}

static void the_newest_of_a_queue_closes_it_once(void **state)
{
	(void)state;
	say_live(30.5, 20, 3);
	hand_over(30.5, 30, 29, 600 * MS_PER_SECOND);
	assert_int_equal(scene.closings[SOURCE], 0);
	say_now(29, 20);
	assert_true(scene_charges(&scene));
	say_live(29, 20, 6);
	assert_int_equal(scene.closings[SOURCE], 1);
}

/* The newest came first; what follows is older than it and changes nothing. */
static void what_is_older_than_the_one_held_neither_opens_nor_closes(void **state)
{
	(void)state;
	say_live(29, 20, 3);
	assert_true(scene_charges(&scene));
	for (int64_t age_ms = 5000; age_ms < 900000; age_ms += 7000) {
		say_late(41, 4, age_ms);
		assert_true(scene_charges(&scene));
	}
	assert_int_equal(scene.closings[SOURCE], 1);
}

/* It renews by the age of its measurement, and so holds closed what is closed. */
static void a_queue_of_late_readings_keeps_a_closed_relay_closed(void **state)
{
	(void)state;
	say_live(29, 20, 3);
	hand_over(29, 29.5, 30, 600 * MS_PER_SECOND);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene_battery(&scene)->decision.age_ms, 10 * MS_PER_SECOND);
	assert_int_equal(scene.closings[SOURCE], 1);
}

/* It was too cold, or full enough, on the way: that opens at once, and the newest closes again. */
static void a_late_reading_opens_and_lets_no_limit_go(void **state)
{
	(void)state;
	say_live(29, 8, 3);
	assert_true(scene_charges(&scene));
	scene_pass(&scene, 600 * MS_PER_SECOND);
	say_late(29, 4.9, 300 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_CHARGE_COLD);
	scene.now.mono.ms++;
	say_late(29, 7.1, 10 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_CHARGE_COLD_LATCHED);
	scene.now.mono.ms++;
	say_late(29, 7.1, 10 * MS_PER_SECOND - 2); /* the next was not measured yet */
	assert_true(scene_charges(&scene));
}

/* After silence it takes two good readings, and late ones are none of them. */
static void after_silence_late_readings_are_not_the_two_good_ones(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_STALE_AFTER, 90 * MS_PER_SECOND);
	say_live(29, 20, 3);
	hand_over(29, 29, 29, 600 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_SETTLING);
	say_now(29, 20);
	assert_false(scene_charges(&scene));
	say_live(29, 20, 1);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene.closings[SOURCE], 2);
}

/* The sun did it, in hours; that it comes at once is no charging through an open relay. */
static void a_slow_rise_that_comes_at_once_is_no_charging_through_an_open_relay(void **state)
{
	(void)state;
	say_live(50, 20, 20);
	hand_over(50, 52, 54, 4 * (int64_t)MS_PER_HOUR);
	say_live(54, 20, 3);
	assert_null(scene_alert(&scene, ALERT_STILL_CHARGING));
	assert_null(scene_alert(&scene, ALERT_LOCKED_OUT));
	hand_over(54, 56, 58, MS_PER_HOUR);
	say_now(58, 20);
	assert_non_null(scene_alert(&scene, ALERT_STILL_CHARGING));
}

/* What the first of a queue shows is the effect of its first seconds only. */
static void charging_has_an_effect_though_its_readings_come_late(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_STALE_AFTER, 3000 * MS_PER_SECOND);
	scene_set(&scene, PARAMETER_CHARGE_UNTIL, 9000);
	scene.relays[SOURCE].has_power = true; /* so little that the silence is no frozen sensor */
	scene.relays[SOURCE].power_w = 100;
	say_live(29, 20, 3);
	hand_over(29, 32, 35, 1500 * MS_PER_SECOND);
	say_now(35, 20);
	assert_int_equal(scene.notes[NOTE_ALERT], 0);
	for (int i = 0; i < 200; i++)
		say_live(35, 20 + i % 2 * 0.1, 1);
	assert_non_null(scene_alert(&scene, ALERT_NO_EFFECT));
}

/* A cloud, or a clock that is slow: always as late, so nothing newer is about to come. */
static void a_sensor_that_is_always_late_by_as_much_drives_control(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		scene_pass(&scene, 10 * MS_PER_SECOND);
		say_late(29, 20, (600 + i % 2 * 4) * MS_PER_SECOND);
	}
	assert_true(scene_charges(&scene));
	for (int i = 0; i < 60; i++) {
		scene_pass(&scene, 10 * MS_PER_SECOND);
		say_late(29.5, 20, (600 + i % 2 * 4) * MS_PER_SECOND);
	}
	assert_int_equal(scene.closings[SOURCE], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(
		a_queue_of_late_readings_closes_no_relay_on_its_way_to_the_newest, begin),
	    cmocka_unit_test_setup(the_newest_of_a_queue_closes_it_once, begin),
	    cmocka_unit_test_setup(what_is_older_than_the_one_held_neither_opens_nor_closes, begin),
	    cmocka_unit_test_setup(a_queue_of_late_readings_keeps_a_closed_relay_closed, begin),
	    cmocka_unit_test_setup(a_late_reading_opens_and_lets_no_limit_go, begin),
	    cmocka_unit_test_setup(after_silence_late_readings_are_not_the_two_good_ones, begin),
	    cmocka_unit_test_setup(
		a_slow_rise_that_comes_at_once_is_no_charging_through_an_open_relay, begin),
	    cmocka_unit_test_setup(charging_has_an_effect_though_its_readings_come_late, begin),
	    cmocka_unit_test_setup(a_sensor_that_is_always_late_by_as_much_drives_control, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
