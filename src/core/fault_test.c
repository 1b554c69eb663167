/* Sensors that lie, fall silent or go out of range, and limits that trip, in simulated time. */
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

static void a_silent_sensor_opens_when_its_reading_expires(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene_pass(&scene, 89 * MS_PER_SECOND);
	assert_null(scene_alert(&scene, ALERT_SENSOR_STALE));
	scene_pass(&scene, 2 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_STALE);
	assert_non_null(scene_alert(&scene, ALERT_SENSOR_STALE));
	scene_say(&scene, 20, 20);
	assert_false(scene_charges(&scene));
	assert_null(scene_alert(&scene, ALERT_SENSOR_STALE));
	scene_say_times(&scene, 20, 20, 1);
	assert_true(scene_charges(&scene));
}

static void a_sensor_never_heard_is_told_of(void **state)
{
	(void)state;
	scene_pass(&scene, 95 * MS_PER_SECOND);
	assert_non_null(scene_alert(&scene, ALERT_SENSOR_STALE));
	assert_int_equal(scene_reason(&scene), REASON_NO_READING);
}

static void a_device_that_says_that_it_is_gone_opens_at_once(void **state)
{
	struct event gone = {.kind = EVENT_READING_REFUSED,
			     .refused = {REFUSAL_UNAVAILABLE, 0, "its device"}};

	(void)state;
	scene_charge(&scene);
	scene_give(&scene, &gone);
	assert_false(scene_charges(&scene));
	assert_non_null(scene_alert(&scene, ALERT_SENSOR_STALE));
	assert_null(scene_alert(&scene, ALERT_READING_CONTRADICTORY));
	scene_say_times(&scene, 20, 20, 1);
	assert_null(scene_alert(&scene, ALERT_SENSOR_STALE));
}

static void a_refused_message_opens_at_once_and_renews_nothing(void **state)
{
	struct mono_time measured;

	(void)state;
	scene_charge(&scene);
	measured = scene_battery(&scene)->measured_at;
	scene_pass(&scene, 10 * MS_PER_SECOND);
	scene_refuse(&scene);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_REFUSED);
	assert_int_equal(scene_battery(&scene)->measured_at.ms, measured.ms);
	assert_string_equal(scene_alert(&scene, ALERT_READING_OUT_OF_RANGE)->detail, "SoC 186");
	assert_int_equal(scene_battery(&scene)->trips_today, 0);
	assert_int_equal(scene.site.relays[SOURCE].switches_today, 0);
	scene_say_times(&scene, 20, 20, 1);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_SETTLING);
	scene_say_times(&scene, 20, 20, 1);
	assert_true(scene_charges(&scene));
	assert_null(scene_alert(&scene, ALERT_READING_OUT_OF_RANGE));
}

static void a_soc_that_leaps_is_suspect_and_opens(void **state)
{
	const struct alert *alert;

	(void)state;
	scene_charge(&scene);
	scene_say_times(&scene, 25, 20, 1);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_SUSPECT);
	alert = scene_alert(&scene, ALERT_SOC_IMPLAUSIBLE);
	assert_non_null(alert);
	assert_int_equal(alert->value, 500);
	assert_in_range(alert->limit, 100, 200);
	scene_say_times(&scene, 20, 20, 2); /* back where it was */
	assert_true(scene_charges(&scene));
	assert_null(scene_alert(&scene, ALERT_SOC_IMPLAUSIBLE));
}

static void a_true_recalibration_is_believed_after_it_stays(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene_say_times(&scene, 26, 20, 2);
	assert_false(scene_charges(&scene));
	scene_say_times(&scene, 26, 20, 1);
	assert_true(scene_charges(&scene));
}

static void a_person_ends_the_distrust(void **state)
{
	(void)state;
	scene_say_times(&scene, 60, 20, 2);
	for (int i = 0; i < 12; i++)
		scene_say_times(&scene, 56 - 4 * i, 20, 1);
	scene_say_times(&scene, 12, 20, 12);
	assert_false(scene_charges(&scene));
	scene_acknowledge(&scene, ALERT_SOC_IMPLAUSIBLE);
	scene_say_times(&scene, 12, 20, 2);
	assert_true(scene_charges(&scene));
}

static void a_temperature_that_leaps_is_suspect_and_one_that_climbs_is_not(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene_say_times(&scene, 20, 24.9, 1);
	assert_true(scene_charges(&scene));
	scene_say_times(&scene, 20, 32, 1);
	assert_int_equal(scene_reason(&scene), REASON_SUSPECT);
}

static void heat_opens_and_releases_beyond_its_hysteresis(void **state)
{
	(void)state;
	scene_say_times(&scene, 20, 44, 2);
	assert_true(scene_charges(&scene));
	scene_set(&scene, PARAMETER_CHARGE_MAX_TEMP, 45000);
	scene_say_times(&scene, 20, 45, 1);
	assert_true(scene_charges(&scene));
	scene_say_times(&scene, 20, 45.1, 1);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_CHARGE_HOT);
	assert_non_null(scene_alert(&scene, ALERT_LIMIT_TRIPPED));
	assert_int_equal(scene_battery(&scene)->trips_today, 1);
	scene_say_times(&scene, 20, 43.1, 2);
	assert_false(scene_charges(&scene));
	scene_say_times(&scene, 20, 43, 1);
	assert_true(scene_charges(&scene));
	assert_null(scene_alert(&scene, ALERT_LIMIT_TRIPPED));
}

static void repeated_trips_lock_out_until_a_person_acknowledges(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_TRIPS_PER_DAY, 3);
	for (int i = 0; i < 3; i++) {
		assert_false(scene_battery(&scene)->is_locked_out);
		scene_say_times(&scene, 20, 7, 2);
		assert_true(scene_charges(&scene));
		scene_say_times(&scene, 20, 4.9, 1);
		assert_int_equal(scene_battery(&scene)->trips_today, i + 1);
	}
	scene_say_times(&scene, 20, 9, 5);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_LOCKED_OUT);
	scene_pass(&scene, MS_PER_DAY); /* a new day does not end it */
	scene_say_times(&scene, 20, 9, 3);
	assert_int_equal(scene_reason(&scene), REASON_LOCKED_OUT);
	scene_acknowledge(&scene, ALERT_LOCKED_OUT);
	assert_true(scene_charges(&scene));
	assert_null(scene_alert(&scene, ALERT_LOCKED_OUT));
}

static void a_limit_crossed_with_the_relay_open_is_no_trip(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		scene_say_times(&scene, 50, 8, 1);
		scene_say_times(&scene, 50, 4, 1);
	}
	assert_int_equal(scene_battery(&scene)->trips_today, 0);
}

static void power_and_cells_must_agree_with_the_voltage(void **state)
{
	struct event event = scene_reading(20, 20);
	struct reading *reading = &event.reading.reading;

	(void)state;
	scene_charge(&scene);
	reading->has_voltage = reading->has_current = reading->has_power = true;
	reading->voltage_mv = 52000;
	reading->current_ma = 20000;
	reading->power_mw = 1040000;
	scene_say_event(&scene, &event);
	assert_true(scene_charges(&scene));
	reading->power_mw = -1040000;
	scene_say_event(&scene, &event);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_alert(&scene, ALERT_POWER_CONTRADICTION)->value, 1040000);
	reading->power_mw = 1040000;
	reading->cell_count = 16;
	for (int i = 0; i < 16; i++)
		reading->cell_mv[i] = 3250;
	scene_say_event(&scene, &event);
	assert_null(scene_alert(&scene, ALERT_POWER_CONTRADICTION));
	reading->cell_count = 15;
	scene_say_event(&scene, &event);
	assert_non_null(scene_alert(&scene, ALERT_CELLS_CONTRADICTION));
}

static void backlog_and_retained_readings_never_act(void **state)
{
	struct event event = scene_reading(20, 20);

	(void)state;
	for (int i = 0; i < 5; i++) {
		event.reading.is_backlog = i % 2 == 0;
		event.reading.is_retained = i % 2 == 1;
		scene_say_event(&scene, &event);
	}
	assert_false(scene_battery(&scene)->has_reading);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_battery(&scene)->ignored, 5);
}

static void a_burst_renews_nothing_closes_nothing_and_may_open(void **state)
{
	struct mono_time measured;

	(void)state;
	scene_say_times(&scene, 20, 20, 1);
	measured = scene_battery(&scene)->measured_at;
	for (int i = 0; i < 20; i++) {
		scene.now.mono.ms += 10;
		scene_say(&scene, 20, 20);
	}
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_battery(&scene)->measured_at.ms, measured.ms);
	scene_say_times(&scene, 20, 20, 1);
	assert_true(scene_charges(&scene));
	scene.now.mono.ms += 10;
	scene_say(&scene, 20, 16.5);
	assert_true(scene_charges(&scene));
	scene_set(&scene, PARAMETER_CHARGE_MIN_TEMP, 17000);
	scene.now.mono.ms += 10;
	scene_say(&scene, 20, 16.5);
	assert_false(scene_charges(&scene));
}

static struct event stamped(double soc_pct, int64_t age_ms)
{
	struct event event = scene_reading(soc_pct, 20);

	event.reading.reading.has_time = true;
	event.reading.reading.measured.ms = scene.now.wall.ms - age_ms;
	return event;
}

static void the_age_is_that_of_the_measurement(void **state)
{
	struct event event;

	(void)state;
	event = stamped(20, 60 * MS_PER_SECOND);
	event.reading.is_backlog = true; /* with a time of its own it may act */
	scene_give(&scene, &event);
	assert_int_equal(scene_battery(&scene)->decision.age_ms, 60 * MS_PER_SECOND);
	event = stamped(50, 61 * MS_PER_SECOND); /* older than the one held */
	scene_give(&scene, &event);
	assert_int_equal(scene_battery(&scene)->reading.soc_bp, 2000);
	event = stamped(20, 60 * MS_PER_SECOND); /* the same once more is not a second one */
	scene_give(&scene, &event);
	assert_int_equal(scene_battery(&scene)->good_in_a_row, 1);
	event = stamped(20, 0);
	scene_give(&scene, &event);
	assert_true(scene_charges(&scene));
}

static void a_stamp_far_from_our_clock_is_told_of_and_arrival_counts(void **state)
{
	struct event event;

	(void)state;
	event = stamped(20, -61 * (int64_t)MS_PER_SECOND);
	scene_give(&scene, &event);
	assert_int_equal(scene_alert(&scene, ALERT_SENSOR_CLOCK)->value, 61 * MS_PER_SECOND);
	assert_int_equal(scene_battery(&scene)->decision.age_ms, 0);
	scene_pass(&scene, 10 * MS_PER_SECOND);
	event = stamped(20, -60 * (int64_t)MS_PER_SECOND);
	scene_give(&scene, &event);
	assert_null(scene_alert(&scene, ALERT_SENSOR_CLOCK));
	assert_int_equal(scene_battery(&scene)->decision.age_ms, 0);
	event = stamped(20, MS_PER_DAY + 1);
	scene_pass(&scene, 10 * MS_PER_SECOND);
	scene_give(&scene, &event);
	assert_non_null(scene_alert(&scene, ALERT_SENSOR_CLOCK));
}

static void a_number_that_was_overtaken_is_ignored(void **state)
{
	struct event event = scene_reading(20, 20);

	(void)state;
	event.reading.reading.has_sequence = true;
	event.reading.reading.sequence = 10;
	scene_say_event(&scene, &event);
	event.reading.reading.sequence = 14;
	scene_say_event(&scene, &event);
	event.reading.reading.sequence = 12;
	event.reading.reading.soc_bp = 2010;
	scene_say_event(&scene, &event);
	assert_int_equal(scene_battery(&scene)->reading.soc_bp, 2000);
}

/* Else the copy of the state that is written each day would differ from the one that is replayed. */
static void of_a_reading_the_state_keeps_nothing_that_no_decision_rests_on(void **state)
{
	struct event event = scene_reading(20, 20);
	const struct reading_received nothing = {0};

	(void)state;
	event.reading.reading.received = (struct reading_received){.soc_pct = 20.001};
	scene_say_event(&scene, &event);
	assert_int_equal(scene_battery(&scene)->reading.soc_bp, 2000);
	assert_memory_equal(&scene_battery(&scene)->reading.received, &nothing, sizeof(nothing));
}

static void say_numbered(int64_t sequence, double temp_c)
{
	struct event event = scene_reading(20, temp_c);

	event.reading.reading.has_sequence = true;
	event.reading.reading.sequence = sequence;
	scene_say_event(&scene, &event);
}

static void a_sensor_that_restarts_and_counts_anew_is_heard_at_once_where_it_opens(void **state)
{
	(void)state;
	say_numbered(999, 5);
	say_numbered(1000, 5);
	assert_true(scene_charges(&scene));
	say_numbered(996, 4.9); /* overtaken on the way: old */
	assert_true(scene_charges(&scene));
	say_numbered(995, 4.9);
	assert_false(scene_charges(&scene));
	assert_non_null(scene_alert(&scene, ALERT_LIMIT_TRIPPED));
}

static void a_sensor_that_restarts_is_fresh_again_with_its_second_reading(void **state)
{
	struct mono_time measured;

	(void)state;
	say_numbered(999, 20);
	say_numbered(1000, 20);
	measured = scene_battery(&scene)->measured_at;
	say_numbered(0, 20);
	assert_int_equal(scene_battery(&scene)->measured_at.ms, measured.ms);
	for (int i = 1; i < 20; i++) {
		say_numbered(i, 20);
		assert_int_equal(scene_battery(&scene)->decision.age_ms, 0);
		assert_true(scene_charges(&scene));
	}
}

/* Late copies do not go on from each other, or come all at once. */
static void late_copies_renew_nothing(void **state)
{
	static const int64_t numbers[] = {5, 10, 10, 6, 1};
	struct event event = scene_reading(20, 20);
	struct mono_time measured;

	(void)state;
	say_numbered(999, 20);
	say_numbered(1000, 20);
	measured = scene_battery(&scene)->measured_at;
	for (size_t i = 0; i < ARRAY_LENGTH(numbers); i++)
		say_numbered(numbers[i], 20);
	event.reading.reading.has_sequence = true;
	for (int i = 2; i < 20; i++) {
		event.reading.reading.sequence = i;
		scene_give(&scene, &event);
	}
	assert_int_equal(scene_battery(&scene)->measured_at.ms, measured.ms);
	say_numbered(1001, 20);
	assert_int_equal(scene_battery(&scene)->decision.age_ms, 0);
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(a_silent_sensor_opens_when_its_reading_expires),
	    ROW(a_sensor_never_heard_is_told_of),
	    ROW(a_device_that_says_that_it_is_gone_opens_at_once),
	    ROW(a_refused_message_opens_at_once_and_renews_nothing),
	    ROW(a_soc_that_leaps_is_suspect_and_opens),
	    ROW(a_true_recalibration_is_believed_after_it_stays),
	    ROW(a_person_ends_the_distrust),
	    ROW(a_temperature_that_leaps_is_suspect_and_one_that_climbs_is_not),
	    ROW(heat_opens_and_releases_beyond_its_hysteresis),
	    ROW(repeated_trips_lock_out_until_a_person_acknowledges),
	    ROW(a_limit_crossed_with_the_relay_open_is_no_trip),
	    ROW(power_and_cells_must_agree_with_the_voltage),
	    ROW(backlog_and_retained_readings_never_act),
	    ROW(a_burst_renews_nothing_closes_nothing_and_may_open),
	    ROW(the_age_is_that_of_the_measurement),
	    ROW(a_stamp_far_from_our_clock_is_told_of_and_arrival_counts),
	    ROW(a_number_that_was_overtaken_is_ignored),
	    ROW(of_a_reading_the_state_keeps_nothing_that_no_decision_rests_on),
	    ROW(a_sensor_that_restarts_and_counts_anew_is_heard_at_once_where_it_opens),
	    ROW(a_sensor_that_restarts_is_fresh_again_with_its_second_reading),
	    ROW(late_copies_renew_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
