/*
 * Cases from the field (docs/cases.md), kinds F and M: relays whose contact sticks,
 * and relays that start anew, in simulated time.
 */
#include "core/test_house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define WELDED_AFTER_S 120
#define WELDED_READINGS 5

static struct scene scene;

static int begin(void **state)
{
	(void)state;
	scene_begin(&scene);
	return 0;
}

/* Charging that was told to stop: off is confirmed. */
static void charge_and_stop(void)
{
	scene_begin(&scene);
	scene_charge(&scene);
	scene_override(&scene, INTENT_SAFE, 24 * MS_PER_HOUR);
	assert_int_equal(scene.site.relays[SOURCE].phase, RELAY_CONFIRMED);
	assert_false(scene_charges(&scene));
}

/* r1 is read after each `period_s` while the battery goes on speaking, and shows `power_w`. */
static void read_power(int period_s, double power_w)
{
	scene.relays[SOURCE].has_power = true;
	scene.relays[SOURCE].power_w = power_w;
	for (int second = 0; second < period_s; second += 5) {
		scene_pass(&scene, 5 * MS_PER_SECOND);
		if (second % 10 == 0)
			scene_say(&scene, 20, 20);
	}
	scene_read(&scene, SOURCE);
}

static bool is_welded(void)
{
	return scene_alert(&scene, ALERT_RELAY_WELDED) != NULL;
}

/* The meter follows late: 0 for 45 s, then power with a single 0 in it. */
static void case_f1_welded_is_said_after_two_minutes_and_five_readings_and_not_before(void **state)
{
	static const struct {
		int period_s;
		double power_w;
		bool is_found;
	} rows[] = {{5, 85, true},  {30, 85, true},  {60, 85, true}, {30, -85, true},
		    {30, 51, true}, {30, 50, false}, {5, 0, false},  {30, 4000, true}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		int period_s = rows[i].period_s, shown = 0;

		charge_and_stop();
		for (int second = 0; second < 45; second += 5)
			read_power(5, 0);
		read_power(period_s, rows[i].power_w);
		shown++;
		read_power(period_s, 0); /* the single one */
		for (int passed_s = 2 * period_s; passed_s <= 300; passed_s += period_s) {
			read_power(period_s, rows[i].power_w);
			shown++;
			assert_int_equal(is_welded(), rows[i].is_found &&
							  passed_s >= WELDED_AFTER_S &&
							  shown >= WELDED_READINGS);
		}
	}
}

static void case_f1_one_zero_does_not_clear_welded_and_off_is_sent_again_within_bounds(void **state)
{
	uint32_t received;

	(void)state;
	charge_and_stop();
	for (int i = 0; i < 10; i++)
		read_power(30, 85);
	assert_true(is_welded());
	received = scene.relays[SOURCE].off_received;
	for (int minute = 0; minute < 60; minute++) {
		read_power(30, 85);
		read_power(30, 0);
		assert_true(is_welded());
	}
	/* at 1, 3, 7, 15, 31 s and then once a minute */
	assert_in_range(scene.relays[SOURCE].off_received - received, 50, 65);
}

/* After a power cut: its relay's memory and lease are gone, whatever it says first. */
static void case_f4_a_relay_that_boots_closed_is_opened_and_told_of(void **state)
{
	static const double socs[] = {50, 97, 20};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(socs); i++) {
		scene_begin(&scene);
		scene_override(&scene, INTENT_SAFE, MS_PER_HOUR);
		scene_say_times(&scene, socs[i], 20, 2);
		scene.relays[SOURCE].is_on = true;
		scene.relays[SOURCE].boot++;
		scene_read(&scene, SOURCE);
		assert_false(scene_charges(&scene));
		assert_non_null(scene_alert(&scene, ALERT_RELAY_REBOOTED));
	}
}

/* "Already charging" in a memory is not charging: the relay has rebooted to off. */
static void case_m3_a_relay_that_rebooted_to_off_is_decided_anew_and_commanded_again(void **state)
{
	static const struct {
		int64_t dwell_ms;
		bool keeps_its_number;
	} rows[] = {{0, false}, {0, true}, {10 * MS_PER_SECOND, false}, {MS_PER_HOUR, true}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		uint32_t received;

		scene_begin(&scene);
		scene_set(&scene, PARAMETER_DWELL, rows[i].dwell_ms);
		scene_pass(&scene, rows[i].dwell_ms);
		scene_say_times(&scene, 20, 20, 2);
		assert_true(scene_charges(&scene));
		scene_ramp(&scene, 20, 23, 20);
		received = scene.relays[SOURCE].on_received;
		scene.relays[SOURCE].is_on = false;
		scene.relays[SOURCE].boot++;
		if (!rows[i].keeps_its_number)
			scene.relays[SOURCE].number = 0;
		scene_read(&scene, SOURCE);
		assert_non_null(scene_alert(&scene, ALERT_RELAY_REBOOTED));
		assert_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
		scene_say_times(&scene, 23.1, 20, 1);
		assert_true(scene_charges(&scene));
		assert_int_equal(scene.relays[SOURCE].on_received, received + 1);
		assert_int_equal(scene.site.relays[SOURCE].phase, RELAY_CONFIRMED);
	}
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(case_f1_welded_is_said_after_two_minutes_and_five_readings_and_not_before),
	    ROW(case_f1_one_zero_does_not_clear_welded_and_off_is_sent_again_within_bounds),
	    ROW(case_f4_a_relay_that_boots_closed_is_opened_and_told_of),
	    ROW(case_m3_a_relay_that_rebooted_to_off_is_decided_anew_and_commanded_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
