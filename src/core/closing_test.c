/*
 * Dwell, budget and lease where answers are lost or late, where a relay boots or
 * where someone else switches it. Each of these was found by a simulated home
 * (scripts/simulate).
 */
#include "core/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/test_house.h"

#define DWELL_MS (60 * MS_PER_SECOND)

static struct scene scene;

static int begin(void **state)
{
	(void)state;
	scene_begin(&scene);
	return 0;
}

static const struct relay_state *source(void)
{
	return &scene.site.relays[SOURCE];
}

static void charge(void)
{
	scene_charge(&scene);
	scene_set(&scene, PARAMETER_DWELL, DWELL_MS);
}

static void tick_undelivered(void)
{
	struct event tick = {.kind = EVENT_TICK};

	scene_give_undelivered(&scene, &tick);
}

static void hold(bool is_held)
{
	struct event begin = {.kind = EVENT_OVERRIDE,
			      .override = {.intent = INTENT_SAFE, .duration_ms = MS_PER_HOUR}};
	struct event cancel = {.kind = EVENT_OVERRIDE_CANCEL, .cancel = {source()->override.id}};

	scene_give_undelivered(&scene, is_held ? &begin : &cancel);
}

/* What it said last, again. */
static void hear_again(void)
{
	scene_hear(&scene, ANSWER_READBACK, true, source()->command.number,
		   mono_since(source()->lease_ends, scene.now.mono));
}

static void an_answer_to_off_is_no_dwell(void **state)
{
	(void)state;
	charge();
	for (int i = 0; i < 10; i++) /* its last opening is longer ago than dwell */
		scene_say_times(&scene, 20 + i / 50.0, 20, 1);
	hold(true);
	scene_hear(&scene, ANSWER_COMMAND, false, source()->command.number, 0);
	hold(false);
	assert_int_equal(scene_ons_sent(&scene), 0);
	assert_int_equal(scene_reason(&scene), REASON_DWELL);
}

static void dwell_begins_when_a_relay_is_first_heard_to_be_open(void **state)
{
	struct event durable = {.kind = EVENT_EPOCH_DURABLE, .epoch = {1}};

	(void)state;
	scene_begin_unread(&scene);
	scene.relays[SOURCE].is_silent = scene.relays[LOAD].is_silent = true;
	scene_set(&scene, PARAMETER_DWELL, DWELL_MS);
	scene_give(&scene, &durable);
	scene_say_times(&scene, 20, 20, 7);
	scene.relays[SOURCE].is_silent = scene.relays[LOAD].is_silent = false;
	scene_read(&scene, SOURCE);
	scene_read(&scene, LOAD);
	scene_say_times(&scene, 20.1, 20, 5);
	assert_false(scene_charges(&scene));
	scene_say_times(&scene, 20.1, 20, 2);
	assert_true(scene_charges(&scene));
}

static void a_lease_that_is_over_is_not_renewed(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_STALE_AFTER, 300 * MS_PER_SECOND);
	scene.relays[SOURCE].longest_ms = 90 * MS_PER_SECOND;
	charge();
	scene.now.mono.ms += 80 * MS_PER_SECOND;
	tick_undelivered();
	hear_again();
	assert_int_equal(scene_ons_sent(&scene), 1); /* there is time */
	scene_begin(&scene);
	scene_set(&scene, PARAMETER_STALE_AFTER, 300 * MS_PER_SECOND);
	scene.relays[SOURCE].longest_ms = 90 * MS_PER_SECOND;
	charge();
	scene.now.mono.ms += 90 * MS_PER_SECOND - 500;
	tick_undelivered();
	assert_int_equal(scene_reads_asked(&scene), 0);
	hear_again();
	assert_int_equal(scene_ons_sent(&scene), 0); /* it would close an open contact again */
}

/* The contact opened by its lease, and a renewal that came too late closed it: nobody else was it.
 */
static void a_renewal_that_comes_after_the_lease_is_no_foreign_switching(void **state)
{
	struct event reading = scene_reading(20.1, 20);

	(void)state;
	charge();
	scene_pass(&scene, 50 * MS_PER_SECOND);
	scene_give_undelivered(&scene, &reading);
	hear_again();
	assert_int_equal(scene_ons_sent(&scene), 1);
	scene.now.mono.ms += 41 * MS_PER_SECOND;
	scene.relays[SOURCE].switches += 2;
	scene_hear(&scene, ANSWER_READBACK, true, source()->command.number, 49 * MS_PER_SECOND);
	assert_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
	assert_int_equal(source()->phase, RELAY_CONFIRMED);
}

static void a_relay_that_was_silent_for_its_lease_waits_for_dwell(void **state)
{
	(void)state;
	charge();
	scene.relays[SOURCE].is_silent = true;
	for (int i = 0; i < 12; i++) /* its lease is over, and it was open for no minute */
		scene_say_times(&scene, 20 + i / 50.0, 20, 1);
	assert_int_equal(scene.relays[SOURCE].on_received, 1);
	scene.relays[SOURCE].is_silent = false;
	scene_read(&scene, SOURCE);
	scene_say_times(&scene, 20.3, 20, 4);
	assert_false(scene_charges(&scene));
	scene_say_times(&scene, 20.4, 20, 4);
	assert_true(scene_charges(&scene));
}

static void a_closing_counts_from_the_first_word_of_it(void **state)
{
	struct event unread = {.kind = EVENT_RELAY_FAILED, .index = SOURCE};
	struct event reading = scene_reading(20, 20);

	(void)state;
	scene_say(&scene, 20, 20);
	scene_set(&scene, PARAMETER_DWELL, DWELL_MS);
	scene_pass(&scene, DWELL_MS);
	scene_give_undelivered(&scene, &reading);
	assert_int_equal(scene_ons_sent(&scene), 1);
	scene_hear(&scene, ANSWER_COMMAND, true, source()->command.number, 90000);
	assert_int_equal(source()->switches_today, 1);
	scene_give_undelivered(&scene, &unread);
	scene.now.mono.ms += 85 * MS_PER_SECOND;
	scene_give_undelivered(&scene, &reading);
	scene.now.mono.ms += 6 * MS_PER_SECOND;
	scene_hear(&scene, ANSWER_READBACK, false, source()->command.number, 0);
	assert_int_equal(scene_ons_sent(&scene), 0);
	assert_int_equal(scene_reason(&scene), REASON_DWELL);
	assert_int_equal(source()->switches_today, 1);
}

static void off_and_on_again_in_one_breath_are_two_closings(void **state)
{
	uint64_t off, on;

	(void)state;
	charge();
	scene_set(&scene, PARAMETER_DWELL, 0);
	assert_int_equal(source()->switches_today, 1);
	hold(true);
	off = source()->command.number;
	hold(false);
	on = source()->command.number;
	assert_true(on > off);
	scene_hear(&scene, ANSWER_READBACK, false, off, 0);
	scene_hear(&scene, ANSWER_READBACK, true, on, 90000);
	assert_int_equal(source()->switches_today, 2);
}

static void closings_that_nobody_told_of_are_counted_by_the_relay(void **state)
{
	(void)state;
	charge();
	scene.relays[SOURCE].switches += 4; /* off, on, off, on while nothing came through */
	scene_read(&scene, SOURCE);
	assert_int_equal(source()->switches_today, 3);
}

/* A stuck contact closed after all and opened with its lease: one change, and off as before. */
static void an_opening_that_only_the_counter_tells_of_begins_dwell_anew(void **state)
{
	(void)state;
	scene_say(&scene, 20, 20);
	scene_set(&scene, PARAMETER_DWELL, DWELL_MS);
	scene_pass(&scene, DWELL_MS);
	scene.relays[SOURCE].switches++;
	scene_read(&scene, SOURCE);
	scene_say_times(&scene, 20, 20, 5);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_DWELL);
	scene_say_times(&scene, 20, 20, 1);
	assert_true(scene_charges(&scene));
	assert_int_equal(source()->switches_today, 1);
}

static void a_closing_after_a_boot_that_nobody_saw_counts(void **state)
{
	(void)state;
	charge();
	scene.relays[SOURCE].is_on = false; /* it boots, and the next renewal closes it */
	scene.relays[SOURCE].boot++;
	scene_say_times(&scene, 20.1, 20, 5);
	assert_true(scene_charges(&scene));
	assert_int_equal(source()->switches_today, 2);
}

/* After a boot a late copy of an ON closes it, and our OFF opens it before it is read. */
static void a_closing_between_a_boot_and_the_next_look_counts(void **state)
{
	static const uint32_t switches[] = {2, 1 + 2}; /* begun anew, kept over the boot */

	for (size_t i = 0; i < ARRAY_LENGTH(switches); i++) {
		begin(state);
		charge();
		assert_int_equal(source()->kept_switches, 1);
		scene.relays[SOURCE].is_on = false;
		scene.relays[SOURCE].boot++;
		scene.relays[SOURCE].switches = switches[i];
		scene_read(&scene, SOURCE);
		assert_int_equal(source()->switches_today, 2);
	}
}

/* What it had kept may be one change old: that is no reason to count all that it ever did. */
static void a_counter_that_fell_by_one_over_a_boot_costs_one_closing_at_most(void **state)
{
	(void)state;
	charge();
	scene.relays[SOURCE].switches = 2000;
	scene_read(&scene, SOURCE);
	scene.site.relays[SOURCE].switches_today = 1;
	scene.relays[SOURCE].is_on = false;
	scene.relays[SOURCE].boot++;
	scene.relays[SOURCE].switches = 1999;
	scene_read(&scene, SOURCE);
	assert_in_range(source()->switches_today, 1, 2);
}

/* Its ON was not answered; that it was obeyed, the boot leaves only in its number. Twice. */
static void a_closing_before_a_boot_that_nobody_saw_counts(void **state)
{
	(void)state;
	for (int i = 1; i <= 2; i++) {
		scene.relays[SOURCE].is_mute = true;
		scene_say_times(&scene, 20, 20, 7);
		assert_true(scene.relays[SOURCE].is_on);
		scene.relays[SOURCE].is_on = false;
		scene.relays[SOURCE].boot++;
		scene.relays[SOURCE].switches = 0;
		scene.relays[SOURCE].is_mute = false;
		scene_set(&scene, PARAMETER_DWELL, MS_PER_HOUR);
		scene_read(&scene, SOURCE);
		assert_int_equal(source()->switches_today, i);
		scene_set(&scene, PARAMETER_DWELL, 0);
	}
}

/* Number and counter are gone with the boot: an ON that was not answered may have closed it. */
static void an_on_before_a_boot_that_forgot_it_counts_unless_it_was_counted(void **state)
{
	(void)state;
	for (int is_answered = 0; is_answered <= 1; is_answered++) {
		begin(state);
		scene.relays[SOURCE].is_mute = !is_answered;
		scene_say_times(&scene, 20, 20, 7);
		assert_int_equal(source()->switches_today, is_answered);
		scene.relays[SOURCE].is_on = false;
		scene.relays[SOURCE].boot++;
		scene.relays[SOURCE].switches = 0;
		scene.relays[SOURCE].number = 0;
		scene.relays[SOURCE].is_mute = false;
		scene_set(&scene, PARAMETER_DWELL, MS_PER_HOUR);
		scene_read(&scene, SOURCE);
		assert_int_equal(source()->switches_today, 1);
	}
}

/* Its answers were lost, and with the boot it forgot that it had closed and opened again. */
static void a_boot_after_an_on_that_was_not_answered_waits_for_dwell(void **state)
{
	struct event reading = scene_reading(20, 20);

	(void)state;
	scene_say(&scene, 20, 20);
	scene_set(&scene, PARAMETER_DWELL, DWELL_MS);
	scene_pass(&scene, DWELL_MS);
	scene_give_undelivered(&scene, &reading);
	assert_int_equal(scene_ons_sent(&scene), 1);
	scene.now.mono.ms += 5 * MS_PER_SECOND;
	scene.relays[SOURCE].boot++;
	scene_hear(&scene, ANSWER_READBACK, false, 0, 0);
	assert_int_equal(scene_ons_sent(&scene), 0);
	assert_int_equal(scene_reason(&scene), REASON_DWELL);
}

/* The answer to our ON is given after someone has opened it again; the readback is lost. */
static void an_on_that_is_answered_with_off_is_not_sent_again(void **state)
{
	struct event unread = {.kind = EVENT_RELAY_FAILED, .index = SOURCE};

	(void)state;
	charge();
	scene_set(&scene, PARAMETER_DWELL, 0);
	hold(true);
	hold(false);
	assert_int_equal(scene_ons_sent(&scene), 1);
	scene_set(&scene, PARAMETER_DWELL, DWELL_MS);
	scene_hear(&scene, ANSWER_COMMAND, false, source()->command.number, 0);
	scene.now.mono.ms += 4 * MS_PER_SECOND;
	scene_give_undelivered(&scene, &unread);
	tick_undelivered();
	assert_int_equal(scene_ons_sent(&scene), 0);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
}

/* It was silent beyond its lease, and boots: what has opened it is not known. */
static void a_boot_after_the_lease_was_over_waits_for_dwell(void **state)
{
	(void)state;
	charge();
	scene.relays[SOURCE].is_silent = true;
	for (int i = 0; i < 12; i++)
		scene_say_times(&scene, 20 + i / 50.0, 20, 1);
	scene.relays[SOURCE].is_silent = false;
	scene.relays[SOURCE].boot++;
	scene_read(&scene, SOURCE);
	scene_say_times(&scene, 20.3, 20, 5);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_DWELL);
	scene_say_times(&scene, 20.4, 20, 3);
	assert_true(scene_charges(&scene));
}

/* The second ON is on its way when the relay tells that it is off again after the first. */
static void an_on_that_was_undone_is_not_sent_again(void **state)
{
	struct event unread = {.kind = EVENT_RELAY_FAILED, .index = SOURCE};
	struct event failed = {.kind = EVENT_RELAY_FAILED, .index = SOURCE};
	struct event reading = scene_reading(20, 20);
	uint64_t first;

	(void)state;
	scene_say(&scene, 20, 20);
	scene_set(&scene, PARAMETER_DWELL, DWELL_MS);
	scene_pass(&scene, DWELL_MS);
	scene_give_undelivered(&scene, &reading);
	first = source()->command.number;
	scene_hear(&scene, ANSWER_COMMAND, true, first, 90000);
	scene.now.mono.ms += 4 * MS_PER_SECOND;
	scene_give_undelivered(&scene, &unread);
	assert_int_equal(scene_ons_sent(&scene), 1);
	scene_hear(&scene, ANSWER_READBACK, false, first, 0);
	scene.now.mono.ms += 4 * MS_PER_SECOND;
	failed.failed.is_command = true;
	failed.failed.number = source()->command.number;
	scene_give_undelivered(&scene, &failed);
	tick_undelivered();
	assert_int_equal(scene_ons_sent(&scene), 0);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
}

/* Neither OFF nor ON has come to it when someone opens it, and then the ON comes after all. */
static void an_off_of_theirs_while_our_on_is_on_its_way_is_respected(void **state)
{
	struct event failed = {.kind = EVENT_RELAY_FAILED, .index = SOURCE};
	uint64_t before;

	(void)state;
	charge();
	before = source()->command.number;
	scene_set(&scene, PARAMETER_DWELL, 0);
	hold(true);
	hold(false);
	assert_int_equal(scene_ons_sent(&scene), 1);
	scene_set(&scene, PARAMETER_DWELL, DWELL_MS);
	scene_hear(&scene, ANSWER_READBACK, false, before, 0);
	scene.now.mono.ms += 4 * MS_PER_SECOND;
	failed.failed.is_command = true;
	failed.failed.number = source()->command.number;
	scene_give_undelivered(&scene, &failed);
	tick_undelivered();
	assert_int_equal(scene_ons_sent(&scene), 0);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
	scene_hear(&scene, ANSWER_READBACK, true, source()->command.number, 86 * MS_PER_SECOND);
	assert_int_equal(scene.outcome.command_count, 1);
	assert_false(source()->command.is_on);
	scene_hear(&scene, ANSWER_READBACK, false, source()->command.number, 0);
	tick_undelivered();
	assert_int_equal(scene_ons_sent(&scene), 0);
}

/* It stuck when it was told to close, and would close whenever it comes loose. */
static void a_relay_that_is_off_with_its_lease_running_is_told_off(void **state)
{
	(void)state;
	scene_say_times(&scene, 20, 20, 1);
	scene.relays[SOURCE].is_on = false;
	scene_hear(&scene, ANSWER_READBACK, false, 0, 60000);
	assert_true(source()->may_be_on);
	scene_hear(&scene, ANSWER_READBACK, false, 0, 0);
	assert_false(source()->may_be_on);
}

static void someone_elses_closing_is_never_refunded(void **state)
{
	(void)state;
	charge();
	scene_override(&scene, INTENT_SAFE, MS_PER_SECOND);
	scene_pass(&scene, 2 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_DWELL);
	scene_switch(&scene, SOURCE, true); /* as we want it: it is taken over */
	assert_true(scene_charges(&scene));
	assert_int_equal(source()->switches_today, 1);
	scene_refuse(&scene);
	assert_false(scene_charges(&scene));
	assert_int_equal(source()->switches_today, 1);
}

static void an_on_that_we_did_not_send_begins_dwell_anew(void **state)
{
	struct event durable = {.kind = EVENT_EPOCH_DURABLE, .epoch = {1}};

	(void)state;
	scene_begin_unread(&scene);
	scene.relays[SOURCE].is_silent = true;
	scene_set(&scene, PARAMETER_DWELL, DWELL_MS);
	scene_give(&scene, &durable);
	scene_pass(&scene, 10 * MS_PER_SECOND); /* no OFF comes through */
	scene_hear(&scene, ANSWER_READBACK, false, 0, 0);
	scene.now.mono.ms += 50 * MS_PER_SECOND;
	scene_hear(&scene, ANSWER_READBACK, true, 0, 90000);
	scene_hear(&scene, ANSWER_READBACK, false, 0, 0);
	assert_int_equal(relay_open_for_ms(source(), scene.now), 0);
}

static void what_is_newly_on_gets_off_without_back_off(void **state)
{
	uint32_t before;

	(void)state;
	charge();
	scene.relays[SOURCE].is_lying = scene.relays[SOURCE].has_power = true;
	scene.relays[SOURCE].power_w = 1000;
	scene_override(&scene, INTENT_SAFE, MS_PER_HOUR);
	for (int i = 0; i < 20; i++) { /* long enough for an OFF a minute */
		scene_pass(&scene, 30 * MS_PER_SECOND);
		scene_read(&scene, SOURCE);
	}
	assert_non_null(scene_alert(&scene, ALERT_RELAY_WELDED));
	scene.relays[SOURCE].is_lying = scene.relays[SOURCE].has_power = false;
	scene.relays[SOURCE].is_on = false; /* mended */
	scene_read(&scene, SOURCE);
	before = scene.relays[SOURCE].off_received;
	scene_switch(&scene, SOURCE, true);
	assert_int_equal(scene.relays[SOURCE].off_received, before + 1);
	assert_false(scene_charges(&scene));
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(an_answer_to_off_is_no_dwell),
	    ROW(dwell_begins_when_a_relay_is_first_heard_to_be_open),
	    ROW(a_lease_that_is_over_is_not_renewed),
	    ROW(a_renewal_that_comes_after_the_lease_is_no_foreign_switching),
	    ROW(a_relay_that_was_silent_for_its_lease_waits_for_dwell),
	    ROW(a_closing_counts_from_the_first_word_of_it),
	    ROW(off_and_on_again_in_one_breath_are_two_closings),
	    ROW(closings_that_nobody_told_of_are_counted_by_the_relay),
	    ROW(an_opening_that_only_the_counter_tells_of_begins_dwell_anew),
	    ROW(a_closing_after_a_boot_that_nobody_saw_counts),
	    ROW(a_closing_between_a_boot_and_the_next_look_counts),
	    ROW(a_counter_that_fell_by_one_over_a_boot_costs_one_closing_at_most),
	    ROW(a_closing_before_a_boot_that_nobody_saw_counts),
	    ROW(an_on_before_a_boot_that_forgot_it_counts_unless_it_was_counted),
	    ROW(a_boot_after_an_on_that_was_not_answered_waits_for_dwell),
	    ROW(an_on_that_is_answered_with_off_is_not_sent_again),
	    ROW(a_boot_after_the_lease_was_over_waits_for_dwell),
	    ROW(an_on_that_was_undone_is_not_sent_again),
	    ROW(an_off_of_theirs_while_our_on_is_on_its_way_is_respected),
	    ROW(a_relay_that_is_off_with_its_lease_running_is_told_off),
	    ROW(someone_elses_closing_is_never_refunded),
	    ROW(an_on_that_we_did_not_send_begins_dwell_anew),
	    ROW(what_is_newly_on_gets_off_without_back_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
