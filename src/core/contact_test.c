/* Contacts that are reported open and are not, in simulated time. */
#include "core/test_house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static struct scene scene;

static int begin(void **state)
{
	(void)state;
	scene_begin(&scene);
	return 0;
}

/* Charging, then told to stop: the contact stays closed, and the relay says that it is open. */
static void charge_on_with_a_lying_relay(void)
{
	scene_charge(&scene);
	scene.relays[SOURCE].is_lying = true;
	scene_override(&scene, INTENT_SAFE, 24 * MS_PER_HOUR);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene.site.relays[SOURCE].phase, RELAY_CONFIRMED);
}

static void a_soc_that_rises_with_its_source_open_is_told_of_and_locks_out(void **state)
{
	char words[256];
	struct text text = text_in(words, sizeof(words));

	(void)state;
	charge_on_with_a_lying_relay();
	scene_say_times(&scene, 20, 20, 13); /* the gauge settles for two minutes */
	scene_ramp(&scene, 20, 22.9, 20);
	assert_null(scene_alert(&scene, ALERT_STILL_CHARGING));
	scene_say_times(&scene, 23, 20, 1);
	alert_format(scene_alert(&scene, ALERT_STILL_CHARGING), &text);
	assert_string_equal(words,
			    "b1: the source relay is reported open but the battery is still "
			    "charging (3 % more, 3 % allowed); switch the source off by hand");
	assert_non_null(scene_alert(&scene, ALERT_LOCKED_OUT));
	assert_int_equal(scene.site.relays[SOURCE].phase, RELAY_MISMATCH);
}

/* A tenth more and an hour later 3 % in five minutes: the hour ends in the midst of them. */
static void a_rise_is_found_whenever_its_hour_begins(void **state)
{
	(void)state;
	charge_on_with_a_lying_relay();
	scene_say_times(&scene, 20, 20, 14);
	scene_say_times(&scene, 20.1, 20, 340);
	scene_ramp(&scene, 20.2, 23, 20);
	assert_null(scene_alert(&scene, ALERT_STILL_CHARGING));
	scene_say_times(&scene, 23.1, 20, 1);
	assert_non_null(scene_alert(&scene, ALERT_STILL_CHARGING));
}

/* 2.5 % an hour may be a gauge that drifts. */
static void a_slow_rise_is_none(void **state)
{
	(void)state;
	charge_on_with_a_lying_relay();
	scene_say_times(&scene, 20, 20, 14);
	for (int i = 1; i <= 60; i++)
		scene_say_times(&scene, 20 + i / 10.0, 20, 14);
	assert_null(scene_alert(&scene, ALERT_STILL_CHARGING));
}

/* It was switched in monitor by a person's override: it is ours to undo. */
static void what_we_closed_in_monitor_is_told_off_again_too(void **state)
{
	uint32_t received;

	(void)state;
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	scene_say_times(&scene, 20, 20, 2);
	scene_override(&scene, INTENT_CHARGE, MS_PER_MINUTE);
	scene.relays[SOURCE].is_lying = true;
	scene_say_times(&scene, 20, 20, 20);
	received = scene.relays[SOURCE].off_received;
	scene_ramp(&scene, 20, 23, 20);
	assert_non_null(scene_alert(&scene, ALERT_STILL_CHARGING));
	assert_true(scene.relays[SOURCE].off_received > received);
}

static void what_is_reported_open_and_charges_is_told_off_again_without_end(void **state)
{
	uint32_t received;

	(void)state;
	charge_on_with_a_lying_relay();
	received = scene.relays[SOURCE].off_received;
	scene_say_times(&scene, 20, 20, 13);
	assert_int_equal(scene.relays[SOURCE].off_received, received);
	scene_ramp(&scene, 20, 23, 20);
	assert_int_equal(scene.relays[SOURCE].off_received, received + 1);
	scene_say_times(&scene, 23, 20, 360);
	assert_in_range(scene.relays[SOURCE].off_received, received + 60, received + 70);
}

static void a_locked_out_battery_is_let_alone_until_a_person_has_looked(void **state)
{
	(void)state;
	charge_on_with_a_lying_relay();
	scene_say_times(&scene, 20, 20, 13);
	scene_ramp(&scene, 20, 23, 20);
	scene_override(&scene, INTENT_DISCHARGE, 12 * MS_PER_HOUR);
	assert_int_equal(scene.outcome.refusal.reason.code, REASON_LOCKED_OUT);
	scene_override_cancel(&scene, SOURCE);
	scene_say_times(&scene, 23, 20, 6);
	assert_false(scene_discharges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_LOCKED_OUT);
	scene.relays[SOURCE].is_lying = false; /* it was replaced, and opens at the next OFF */
	scene_say_times(&scene, 23, 20, 7);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_LOCKED_OUT);
	scene_acknowledge(&scene, ALERT_LOCKED_OUT);
	assert_null(scene_alert(&scene, ALERT_LOCKED_OUT));
	assert_null(scene_alert(&scene, ALERT_STILL_CHARGING));
	scene_say_times(&scene, 23, 20, 2);
	assert_true(scene_charges(&scene));
}

/* Its word counted for nothing meanwhile, so nobody knows since when it is open. */
static void a_relay_that_is_believed_again_waits_for_dwell(void **state)
{
	(void)state;
	charge_on_with_a_lying_relay();
	scene_say_times(&scene, 20, 20, 13);
	scene_ramp(&scene, 20, 23, 20);
	assert_non_null(scene_alert(&scene, ALERT_STILL_CHARGING));
	scene_set(&scene, PARAMETER_DWELL, MS_PER_MINUTE);
	scene_override_cancel(&scene, SOURCE);
	scene.relays[SOURCE].is_lying = false;
	scene_switch(&scene, SOURCE, true); /* someone else, and our OFF undoes it */
	scene_say_times(&scene, 23, 20, 2);
	scene_acknowledge(&scene, ALERT_LOCKED_OUT);
	scene_read(&scene, SOURCE);
	scene_say_times(&scene, 23, 20, 5);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_DWELL);
	scene_say_times(&scene, 23, 20, 2);
	assert_true(scene_charges(&scene));
}

/* The process dies and starts anew with what the journal kept. */
static void restart(void)
{
	struct event kept = {.kind = EVENT_RESTORE}, alert = {.kind = EVENT_RESTORE};
	struct event durable = {.kind = EVENT_EPOCH_DURABLE, .epoch = {scene.site.epoch + 1}};
	struct alert alerts[ALERTS_MAX];

	kept.restore.has_battery = true;
	kept.restore.battery = core_keep_battery(&scene.site, 0);
	memcpy(alerts, scene.site.alerts, sizeof(alerts));
	core_init(&scene.site, &scene.house, scene.settings, scene.now);
	alert.restore.has_alert = true;
	for (size_t i = 0; i < ALERTS_MAX; i++) {
		alert.restore.alert = alerts[i];
		if (alerts[i].id != 0 && alerts[i].is_active)
			scene_give(&scene, &alert);
	}
	scene_give(&scene, &kept);
	scene_give(&scene, &durable);
	scene_read(&scene, SOURCE);
	scene_read(&scene, LOAD);
}

static void what_is_known_of_a_contact_survives_a_restart(void **state)
{
	uint32_t received;

	(void)state;
	charge_on_with_a_lying_relay();
	scene_say_times(&scene, 20, 20, 13);
	scene_ramp(&scene, 20, 23, 20);
	received = scene.relays[SOURCE].off_received;
	restart();
	scene_override(&scene, INTENT_DISCHARGE, MS_PER_HOUR);
	scene_say_times(&scene, 23, 20, 3);
	assert_int_equal(scene_reason(&scene), REASON_LOCKED_OUT);
	assert_non_null(scene_alert(&scene, ALERT_STILL_CHARGING));
	assert_string_equal(scene_alert(&scene, ALERT_LOCKED_OUT)->detail,
			    "it charges although the source relay is reported open");
	assert_true(scene.relays[SOURCE].off_received > received);
	assert_int_equal(scene.site.relays[SOURCE].phase, RELAY_MISMATCH);
	scene_acknowledge(&scene, ALERT_LOCKED_OUT);
	assert_null(scene_alert(&scene, ALERT_STILL_CHARGING));
}

/* What a gauge does by itself: it moves less, slower, just after the switching, or is put right. */
static void a_soc_that_need_not_come_from_charging_raises_no_alarm(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene_override(&scene, INTENT_SAFE, 24 * MS_PER_HOUR);
	scene_ramp(&scene, 20, 22, 20); /* within the two minutes */
	scene_ramp(&scene, 22.1, 24, 20);
	scene_say_times(&scene, 24, 20, 361);
	for (int i = 0; i < 12; i++)
		scene_say_times(&scene, 24 + i * 0.49, 20, 61);
	assert_null(scene_alert(&scene, ALERT_STILL_CHARGING));
	scene_say_times(&scene, 60, 20, 20); /* recalibrated */
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_GOOD);
	assert_null(scene_alert(&scene, ALERT_STILL_CHARGING));
	assert_null(scene_alert(&scene, ALERT_LOCKED_OUT));
}

static void a_soc_may_rise_where_no_relay_of_ours_can_charge(void **state)
{
	(void)state;
	scene.house.relays[SOURCE].role = RELAY_LOAD;
	scene_say_times(&scene, 20, 20, 13);
	scene_ramp(&scene, 20, 30, 20);
	assert_null(scene_alert(&scene, ALERT_STILL_CHARGING));
}

/* r1 says all the time that it is off and so much is left of its lease, and b1 rises by 4 %. */
static void rise_beside_a_source_that_is_off(int64_t lease_left_ms)
{
	scene_begin(&scene);
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	for (int i = -13; i <= 40; i++) {
		scene_hear(&scene, ANSWER_READBACK, false, 0, lease_left_ms);
		scene_say_times(&scene, i < 0 ? 20 : 20 + 0.1 * i, 20, 1);
	}
}

/* A contact that stuck closes when it comes loose: charging is no wonder then. */
static void a_source_that_may_close_by_its_lease_is_not_reported_open(void **state)
{
	(void)state;
	rise_beside_a_source_that_is_off(60 * MS_PER_SECOND);
	assert_null(scene_alert(&scene, ALERT_STILL_CHARGING));
	rise_beside_a_source_that_is_off(0);
	assert_non_null(scene_alert(&scene, ALERT_STILL_CHARGING));
}

static void a_meters_offset_and_its_delay_are_no_power(void **state)
{
	(void)state;
	scene_show_power(&scene, LOAD, 50, 20); /* a hundredth of what the battery can give */
	assert_null(scene_alert(&scene, ALERT_RELAY_WELDED));
	for (int i = 0; i < 5; i++) {
		scene_show_power(&scene, LOAD, 85, 4);
		scene_show_power(&scene, LOAD, 0, 2);
	}
	assert_null(scene_alert(&scene, ALERT_RELAY_WELDED));
	for (int i = 0; i < 20; i++) { /* five readings, and not two minutes */
		scene.relays[LOAD].power_w = i < 10 ? 85 : 0;
		scene_pass(&scene, MS_PER_SECOND);
		scene_read(&scene, LOAD);
	}
	assert_null(scene_alert(&scene, ALERT_RELAY_WELDED));
	scene_show_power(&scene, LOAD, 51, 5);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_WELDED));
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(a_rise_is_found_whenever_its_hour_begins),
	    ROW(a_slow_rise_is_none),
	    ROW(what_we_closed_in_monitor_is_told_off_again_too),
	    ROW(a_soc_that_rises_with_its_source_open_is_told_of_and_locks_out),
	    ROW(what_is_reported_open_and_charges_is_told_off_again_without_end),
	    ROW(a_locked_out_battery_is_let_alone_until_a_person_has_looked),
	    ROW(a_relay_that_is_believed_again_waits_for_dwell),
	    ROW(what_is_known_of_a_contact_survives_a_restart),
	    ROW(a_soc_that_need_not_come_from_charging_raises_no_alarm),
	    ROW(a_soc_may_rise_where_no_relay_of_ours_can_charge),
	    ROW(a_source_that_may_close_by_its_lease_is_not_reported_open),
	    ROW(a_meters_offset_and_its_delay_are_no_power),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
