/*
 * Someone else's switching of which we were not told: case E2 from the field
 * (docs/cases.md), in simulated time.
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
	return 0;
}

static struct fake_relay *source(void)
{
	return &scene.relays[SOURCE];
}

static const struct relay_state *known(void)
{
	return &scene.site.relays[SOURCE];
}

/* By hand, and nobody tells us. */
static void switch_untold(bool is_on)
{
	source()->lease_ends = mono_add(scene.now.mono, 90 * MS_PER_SECOND);
	source()->switches += source()->is_on != is_on;
	source()->is_on = is_on;
}

static void charge(void)
{
	scene_begin(&scene);
	scene_charge(&scene);
}

/* The battery goes on speaking, and what it says goes on asking for charge. */
static void go_on(int64_t seconds)
{
	for (int64_t second = 0; second < seconds; second += 10)
		scene_say_times(&scene, 20.1 + (double)(scene.now.mono.ms / 1000 % 7) / 100, 20, 1);
}

static void assert_respected(void)
{
	assert_false(scene_charges(&scene));
	assert_int_equal(known()->phase, RELAY_MISMATCH);
	assert_int_equal(scene_reason(&scene), REASON_RELAY_GIVEN_UP);
}

static void case_e2_no_renewal_undoes_an_off_that_we_were_not_told_of(void **state)
{
	(void)state;
	for (int64_t after_ms = 0; after_ms < 100 * MS_PER_SECOND; after_ms += 700) {
		charge();
		go_on(60);
		scene_pass(&scene, after_ms % (30 * MS_PER_SECOND));
		if (!scene_charges(&scene))
			continue;
		switch_untold(false);
		go_on(120);
		assert_non_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
		go_on(3600);
		assert_respected();
		assert_int_equal(scene.closings[SOURCE], 1);
		assert_int_equal(source()->on_received, 1);
	}
}

/* On by someone else's word, then off; an ON that relied on the first would wait for no dwell. */
static void what_someone_else_closed_is_taken_over_upon_its_word_only(void **state)
{
	(void)state;
	for (int is_open = 0; is_open <= 1; is_open++) {
		scene_begin(&scene);
		scene_set(&scene, PARAMETER_DWELL, MS_PER_MINUTE);
		scene_pass(&scene, MS_PER_MINUTE);
		scene_say_times(&scene, 50, 20, 2);
		scene_switch(&scene, SOURCE, true);
		assert_true(scene_charges(&scene));
		scene_pass(&scene, MS_PER_SECOND);
		if (is_open)
			switch_untold(false);
		scene_override(&scene, INTENT_CHARGE, MS_PER_HOUR);
		assert_int_equal(scene_charges(&scene), !is_open);
		scene_say_times(&scene, 50.1, 20, 5); /* less than dwell */
		assert_int_equal(scene_charges(&scene), !is_open);
		scene_say_times(&scene, 50.2, 20, 2);
		assert_true(scene_charges(&scene));
	}
}

/* It opens after it was read and before the renewal is there, which closes it again. */
static void race(void)
{
	charge();
	source()->is_opened_after_read = true;
	go_on(60);
	assert_int_equal(scene.closings[SOURCE], 2);
}

static void tell_trial(bool is_under_way)
{
	const struct event event = {
	    .kind = EVENT_TRIAL, .index = SOURCE, .trial = {is_under_way}};

	scene_give(&scene, &event);
}

/* It closed and opened by itself, as its trial has it: nobody else did that. */
static void a_trial_is_nobody_elses_switching(void **state)
{
	(void)state;
	for (int stays_on = 0; stays_on <= 1; stays_on++) {
		scene_begin(&scene);
		scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
		scene_say_times(&scene, 50, 20, 2);
		tell_trial(true);
		scene_switch(&scene, SOURCE, true);
		scene_read(&scene, SOURCE);
		assert_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
		assert_null(scene_alert(&scene, ALERT_RELAY_MISMATCH));
		if (!stays_on)
			scene_switch(&scene, SOURCE, false);
		tell_trial(false);
		assert_int_equal(scene_alert(&scene, ALERT_RELAY_FOREIGN) != NULL, stays_on);
	}
	scene_begin(&scene);
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	scene_say_times(&scene, 50, 20, 2);
	tell_trial(true);
	tell_trial(false);
	scene_switch(&scene, SOURCE, true);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
}

static void case_e2_an_off_that_a_renewal_undid_on_its_way_is_restored(void **state)
{
	(void)state;
	race();
	assert_non_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
	assert_false(scene_charges(&scene));
	go_on(3600);
	assert_respected();
	assert_int_equal(scene.closings[SOURCE], 2);
}

static void case_e2_it_is_restored_also_where_the_first_off_is_lost(void **state)
{
	(void)state;
	charge();
	source()->is_opened_after_read = true;
	source()->is_deaf_after_renewal = true;
	go_on(60);
	assert_true(scene_charges(&scene));
	source()->is_deaf_to_commands = false;
	scene_pass(&scene, 40 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
	go_on(3600);
	assert_respected();
}

static void an_off_that_was_restored_ends_with_the_wish(void **state)
{
	(void)state;
	race();
	scene_override(&scene, INTENT_SAFE, MS_PER_MINUTE);
	go_on(120);
	assert_true(scene_charges(&scene));
	assert_int_equal(known()->phase, RELAY_CONFIRMED);
}

static void an_off_that_was_restored_ends_with_their_on(void **state)
{
	(void)state;
	race();
	scene_switch(&scene, SOURCE, true);
	assert_int_equal(known()->phase, RELAY_CONFIRMED);
	go_on(600);
	assert_true(scene_charges(&scene));
}

/* Our ON's answers are lost, and by the time that we read it someone has opened it. */
static void an_off_before_the_first_word_of_on_is_respected(void **state)
{
	static const struct {
		int64_t after_s;
		bool may_be_its_lease;
	} rows[] = {{1, false}, {30, false}, {60, false}, {69, false}, {91, true}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		scene_begin(&scene);
		scene_say_times(&scene, 20, 20, 1);
		source()->is_mute = true;
		scene_say_times(&scene, 20, 20, 1);
		assert_true(scene_charges(&scene));
		source()->is_mute = false;
		source()->is_on = false;
		source()->switches++;
		scene.now.mono.ms += rows[i].after_s * MS_PER_SECOND;
		scene_read(&scene, SOURCE);
		scene_say_times(&scene, 20.1, 20, 2);
		assert_int_equal(source()->on_received, rows[i].may_be_its_lease ? 2 : 1);
		assert_int_equal(scene_charges(&scene), rows[i].may_be_its_lease);
	}
}

static void a_silence_of_the_relay_does_not_end_the_respect(void **state)
{
	(void)state;
	charge();
	scene_switch(&scene, SOURCE, false);
	source()->is_silent = true;
	scene_read(&scene, SOURCE);
	go_on(60);
	source()->is_silent = false;
	scene_read(&scene, SOURCE);
	go_on(600);
	assert_respected();
	assert_int_equal(source()->on_received, 1);
}

/* All of it between two looks: what counts is that they left it on. */
static void an_off_and_on_of_theirs_is_left_on(void **state)
{
	uint32_t off;

	(void)state;
	charge();
	go_on(200);
	off = source()->off_received;
	switch_untold(false);
	switch_untold(true);
	scene_read(&scene, SOURCE);
	go_on(600);
	assert_true(scene_charges(&scene));
	assert_int_equal(source()->off_received, off);
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(a_trial_is_nobody_elses_switching),
	    ROW(case_e2_no_renewal_undoes_an_off_that_we_were_not_told_of),
	    ROW(what_someone_else_closed_is_taken_over_upon_its_word_only),
	    ROW(case_e2_an_off_that_a_renewal_undid_on_its_way_is_restored),
	    ROW(case_e2_it_is_restored_also_where_the_first_off_is_lost),
	    ROW(an_off_that_was_restored_ends_with_the_wish),
	    ROW(an_off_that_was_restored_ends_with_their_on),
	    ROW(an_off_before_the_first_word_of_on_is_respected),
	    ROW(a_silence_of_the_relay_does_not_end_the_respect),
	    ROW(an_off_and_on_of_theirs_is_left_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
