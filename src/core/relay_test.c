/* The relay's state machine, with relays that obey, lie, fall silent or are switched by others. */
#include "core/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "core/test_house.h"

static struct scene scene;

static int begin(void **state)
{
	(void)state;
	scene_begin(&scene);
	return 0;
}

static const struct relay_state *relay(size_t index)
{
	return &scene.site.relays[index];
}

static void on_waits_until_the_relay_was_read_and_off_does_not(void **state)
{
	struct event durable = {.kind = EVENT_EPOCH_DURABLE, .epoch = {1}};

	(void)state;
	scene_begin_unread(&scene);
	scene_give(&scene, &durable);
	assert_true(scene.relays[SOURCE].off_received > 0);
	scene_begin_unread(&scene);
	scene.relays[SOURCE].is_silent = scene.relays[LOAD].is_silent = true;
	scene_give(&scene, &durable);
	scene_say_times(&scene, 20, 20, 3);
	assert_int_equal(scene.relays[SOURCE].on_received, 0);
	assert_int_equal(scene_reason(&scene), REASON_OTHER_PATH);
	scene.relays[LOAD].is_silent = false;
	scene_read(&scene, LOAD);
	assert_int_equal(scene_reason(&scene), REASON_RELAY_UNREAD);
	scene.relays[SOURCE].is_silent = false;
	scene_read(&scene, SOURCE);
	scene_say_times(&scene, 20, 20, 1);
	assert_true(scene_charges(&scene));
}

static void a_lying_relay_gets_on_three_times_and_no_more(void **state)
{
	(void)state;
	scene.relays[SOURCE].is_stuck = true;
	scene_say_times(&scene, 20, 20, 100);
	assert_int_equal(scene.relays[SOURCE].on_received, ON_ATTEMPTS_MAX);
	assert_int_equal(relay(SOURCE)->phase, RELAY_MISMATCH);
	assert_int_equal(scene_reason(&scene), REASON_RELAY_GIVEN_UP);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_MISMATCH));
	scene_override(&scene, INTENT_SAFE, MS_PER_MINUTE); /* the wish changes, and back */
	scene.relays[SOURCE].is_stuck = false;
	scene_say_times(&scene, 20, 20, 7);
	assert_true(scene_charges(&scene));
	assert_null(scene_alert(&scene, ALERT_RELAY_MISMATCH));
}

static void a_silent_relay_gets_on_three_times_until_it_answers(void **state)
{
	(void)state;
	scene.relays[SOURCE].is_silent = true;
	scene_say_times(&scene, 20, 20, 100);
	assert_int_equal(scene.relays[SOURCE].on_received, ON_ATTEMPTS_MAX);
	assert_int_equal(relay(SOURCE)->phase, RELAY_TIMEOUT);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_TIMEOUT));
	scene.relays[SOURCE].is_silent = false;
	scene_read(&scene, SOURCE);
	scene_say_times(&scene, 20, 20, 1);
	assert_true(scene_charges(&scene));
	assert_null(scene_alert(&scene, ALERT_RELAY_TIMEOUT));
}

static void a_relay_that_stays_on_gets_off_with_back_off_and_without_end(void **state)
{
	uint32_t after_a_minute;

	(void)state;
	scene_charge(&scene);
	scene.relays[SOURCE].is_stuck = true;
	scene.relays[SOURCE].off_received = 0;
	scene_refuse(&scene);
	assert_int_equal(scene.relays[SOURCE].off_received, 1);
	scene_pass(&scene, 63 * MS_PER_SECOND); /* at 0, 1, 3, 7, 15, 31, 63 s */
	after_a_minute = scene.relays[SOURCE].off_received;
	assert_int_equal(after_a_minute, 7);
	scene_pass(&scene, 10 * (int64_t)MS_PER_MINUTE);
	assert_int_equal(scene.relays[SOURCE].off_received, after_a_minute + 10);
	assert_int_equal(relay(SOURCE)->phase, RELAY_MISMATCH);
	scene.relays[SOURCE].is_stuck = false;
	scene_pass(&scene, 61 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
	assert_int_equal(relay(SOURCE)->phase, RELAY_CONFIRMED);
}

static void a_relay_that_is_heard_again_and_is_on_gets_off_at_once(void **state)
{
	uint32_t before;

	(void)state;
	scene.house.relays[SOURCE].has_lease = scene.relays[SOURCE].has_lease = false;
	scene_charge(&scene);
	scene.relays[SOURCE].is_silent = true;
	scene_refuse(&scene);
	scene_pass(&scene, 130 * MS_PER_SECOND); /* the back-off is at its 60 s */
	assert_true(scene.relays[SOURCE].is_on);
	scene.relays[SOURCE].is_silent = false;
	before = scene.relays[SOURCE].off_received;
	scene_read(&scene, SOURCE);
	assert_int_equal(scene.relays[SOURCE].off_received, before + 1);
	assert_false(scene_charges(&scene));
}

static void numbers_grow_with_every_command(void **state)
{
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 5; i++) {
		scene_say_times(&scene, 20, 20, 2);
		assert_true(relay(SOURCE)->command.number > last);
		last = relay(SOURCE)->command.number;
		scene_refuse(&scene);
		assert_true(relay(SOURCE)->command.number > last);
		last = relay(SOURCE)->command.number;
	}
	assert_int_equal(COMMAND_EPOCH(last), 1);
}

static void an_epoch_ahead_of_ours_is_passed_and_made_durable_before_on(void **state)
{
	struct event durable = {.kind = EVENT_EPOCH_DURABLE, .epoch = {5}};

	(void)state;
	scene.relays[SOURCE].number = COMMAND_NUMBER(9, 4);
	scene_read(&scene, SOURCE);
	assert_int_equal(scene.site.epoch, 10);
	assert_false(scene.site.epoch_is_durable);
	assert_int_equal(scene.notes[NOTE_EPOCH], 1);
	scene_say_times(&scene, 20, 20, 3);
	assert_int_equal(scene.relays[SOURCE].on_received, 0);
	assert_int_equal(scene_reason(&scene), REASON_EPOCH);
	scene_give(&scene, &durable); /* an older one does not count */
	assert_int_equal(scene.relays[SOURCE].on_received, 0);
	durable.epoch.epoch = 10;
	scene_give(&scene, &durable);
	assert_true(scene_charges(&scene));
	assert_int_equal(COMMAND_EPOCH(scene.relays[SOURCE].number), 10);
}

/* Given in, and what it sends is on its way for longer than this test. */
static void give_undelivered(const struct event *event)
{
	core_step(&scene.site, &scene.house, event, scene.now, &scene.outcome);
}

/* After a kill the relay is on by our last life's command, and is read as we send our first off. */
static void an_answer_from_before_our_first_off_is_no_mismatch(void **state)
{
	struct event tick = {.kind = EVENT_TICK};
	struct event before = {.kind = EVENT_RELAY_STATUS,
			       .index = SOURCE,
			       .relay = {.answer = ANSWER_READBACK,
					 .status = {.node = {"r1"},
						    .is_on = true,
						    .lease_left_ms = 60000,
						    .has_number = true,
						    .number = COMMAND_NUMBER(5, 3),
						    .clock_factor = 1}}};

	(void)state;
	scene_begin_unread(&scene);
	give_undelivered(&tick);
	assert_int_equal(scene.outcome.command_count, 2); /* off, to both */
	give_undelivered(&before);
	assert_null(scene_alert(&scene, ALERT_RELAY_MISMATCH));
	/* Some seconds later it means what it says. */
	scene.now.mono.ms += 3 * MS_PER_SECOND;
	give_undelivered(&before);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_MISMATCH));
}

static void our_own_numbers_do_not_move_the_epoch(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene_say_times(&scene, 20.1, 20, 30);
	assert_int_equal(scene.site.epoch, 1);
	assert_int_equal(scene.notes[NOTE_EPOCH], 0);
}

static void a_lease_is_renewed_in_time_and_not_with_each_reading(void **state)
{
	(void)state;
	scene_charge(&scene);
	for (int i = 0; i < 54; i++) /* 9 minutes: the values move, as they should */
		scene_say_times(&scene, 20 + i / 50.0, 20, 1);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene.closings[SOURCE], 1);
	assert_int_equal(scene.relays[SOURCE].on_received, 1);
	assert_in_range(scene.relays[SOURCE].renewals, 9, 13);
}

static void a_node_that_gives_shorter_leases_is_renewed_by_those(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_STALE_AFTER, 300 * MS_PER_SECOND);
	scene.relays[SOURCE].longest_ms = 90 * MS_PER_SECOND;
	scene_charge(&scene);
	for (int i = 0; i < 54; i++)
		scene_say_times(&scene, 20 + i / 50.0, 20, 1);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene.closings[SOURCE], 1);
	assert_in_range(scene.relays[SOURCE].renewals, 9, 13);
}

static void a_lease_is_no_longer_than_the_readings_validity(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene_pass(&scene, 91 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
	assert_true(mono_since(scene.relays[SOURCE].lease_ends,
			       mono_add(scene_battery(&scene)->measured_at, 90000)) <= 0);
}

static void a_lease_that_ran_out_by_our_silence_is_no_foreign_switching(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene.relays[SOURCE].is_deaf_to_commands = true; /* no renewal arrives */
	for (int i = 0; i < 10; i++)
		scene_say_times(&scene, 20 + i / 50.0, 20, 1);
	assert_false(scene_charges(&scene));
	assert_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
	scene.relays[SOURCE].is_deaf_to_commands = false;
	scene_read(&scene, SOURCE);
	scene_say_times(&scene, 20.3, 20, 1);
	assert_true(scene_charges(&scene));
}

static void someone_elses_off_is_respected_until_the_wish_changes(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene_set(&scene, PARAMETER_DWELL, 60 * MS_PER_SECOND);
	scene_switch(&scene, SOURCE, false);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
	scene_say_times(&scene, 20.1, 20, 10); /* longer than dwell */
	assert_false(scene_charges(&scene));
	assert_int_equal(scene.relays[SOURCE].on_received, 1);
	assert_int_equal(relay(SOURCE)->phase, RELAY_MISMATCH);
	scene_switch(&scene, SOURCE, true); /* or until they switch it back */
	assert_int_equal(relay(SOURCE)->phase, RELAY_CONFIRMED);
	scene_switch(&scene, SOURCE, false);
	scene_override(&scene, INTENT_SAFE, MS_PER_MINUTE);
	scene_say_times(&scene, 20.1, 20, 14);
	assert_true(scene_charges(&scene));
}

static void someone_elses_on_is_respected_inside_the_envelope(void **state)
{
	uint32_t off;

	(void)state;
	scene_say_times(&scene, 50, 20, 2);
	off = scene.relays[SOURCE].off_received;
	scene_switch(&scene, SOURCE, true);
	scene_say_times(&scene, 50.1, 20, 3);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene.relays[SOURCE].off_received, off);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
	scene_refuse(&scene); /* outside it is undone at once */
	assert_false(scene_charges(&scene));
}

static void someone_elses_on_is_undone_outside_the_envelope(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 4.9, 2);
	scene_switch(&scene, SOURCE, true);
	assert_false(scene_charges(&scene));
}

static void someone_elses_on_gives_way_to_a_persons_hold(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 20, 2);
	scene_override(&scene, INTENT_SAFE, MS_PER_HOUR);
	scene_switch(&scene, SOURCE, true);
	assert_false(scene_charges(&scene));
}

/* A supply that gives way under the coil: each ON ends in a boot. */
static void a_relay_that_reboots_again_and_again_waits_for_the_dwell(void **state)
{
	uint32_t before;

	(void)state;
	scene_set(&scene, PARAMETER_DWELL, 5 * MS_PER_MINUTE);
	scene_pass(&scene, 6 * MS_PER_MINUTE);
	scene_say_times(&scene, 20, 20, 3);
	assert_true(scene_charges(&scene));
	before = scene.relays[SOURCE].on_received;
	for (int i = 0; i < 20; i++) {
		scene.relays[SOURCE].is_on = false;
		scene.relays[SOURCE].boot++;
		scene.relays[SOURCE].number = 0;
		scene_read(&scene, SOURCE);
		scene_say(&scene, 20, 20);
	}
	assert_int_equal(scene.relays[SOURCE].on_received - before, 1);
	assert_int_equal(scene_reason(&scene), REASON_DWELL);
}

static void the_days_budget_holds_back_closing_until_tomorrow(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_SWITCHES_PER_DAY, 2);
	for (int i = 0; i < 2; i++) {
		scene_say_times(&scene, 20, 20, 2);
		assert_true(scene_charges(&scene));
		scene_override(&scene, INTENT_SAFE, 5 * MS_PER_SECOND);
		assert_false(scene_charges(&scene));
	}
	scene_say_times(&scene, 20, 20, 3);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_BUDGET);
	scene_pass(&scene, 14 * (int64_t)MS_PER_HOUR);
	scene_charge(&scene);
}

static void dwell_begins_at_our_start_and_at_each_opening(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_DWELL, 60 * MS_PER_SECOND);
	scene_say_times(&scene, 20, 20, 5);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_DWELL);
	scene_say_times(&scene, 20, 20, 1);
	assert_true(scene_charges(&scene));
	scene_refuse(&scene);
	assert_false(scene_charges(&scene));
	scene_say_times(&scene, 20, 20, 5);
	assert_int_equal(scene_reason(&scene), REASON_DWELL);
	scene_say_times(&scene, 20, 20, 1);
	assert_true(scene_charges(&scene));
}

static void a_node_of_another_name_is_not_our_relay(void **state)
{
	struct event event = {.kind = EVENT_RELAY_STATUS,
			      .relay = {.answer = ANSWER_READBACK, .status = {.is_on = true}}};

	(void)state;
	strcpy(event.relay.status.node.text, "r9");
	scene_give(&scene, &event);
	assert_string_equal(scene_alert(&scene, ALERT_RELAY_IMPOSTOR)->detail, "r9");
	assert_false(relay(SOURCE)->status.is_on);
	scene_read(&scene, SOURCE);
	assert_null(scene_alert(&scene, ALERT_RELAY_IMPOSTOR));
}

static void a_relay_on_another_clock_is_not_closed(void **state)
{
	(void)state;
	scene.relays[SOURCE].clock_factor = 60;
	scene_read(&scene, SOURCE);
	scene_say_times(&scene, 20, 20, 3);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_RELAY_CLOCK);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_CLOCK));
	scene.now.clock_factor = 60;
	scene.relays[LOAD].clock_factor = 60;
	scene_read(&scene, LOAD);
	scene_read(&scene, SOURCE);
	scene_say_times(&scene, 20, 20, 1);
	assert_true(scene_charges(&scene));
}

static void a_relay_without_a_lease_is_told_of_and_gets_none(void **state)
{
	(void)state;
	scene_begin_unread(&scene);
	scene.house.relays[SOURCE].has_lease = false;
	scene_give(&scene, &(struct event){.kind = EVENT_EPOCH_DURABLE, .epoch = {1}});
	scene_read(&scene, SOURCE);
	scene_read(&scene, LOAD);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_NO_LEASE));
	scene.relays[SOURCE].has_lease = false;
	scene_charge(&scene);
	assert_false(relay(SOURCE)->command.has_lease);
	scene_pass(&scene, 91 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
}

static void an_old_readback_confirms_nothing(void **state)
{
	struct event event = {.kind = EVENT_RELAY_STATUS};

	(void)state;
	scene_charge(&scene);
	event.relay.answer = ANSWER_READBACK;
	event.relay.status = relay(SOURCE)->status;
	event.relay.status.is_on = false;
	event.relay.status.number--; /* from before our ON */
	scene_give(&scene, &event);
	assert_true(relay(SOURCE)->may_be_on);
	assert_int_equal(relay(SOURCE)->phase, RELAY_CONFIRMED);
	assert_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(on_waits_until_the_relay_was_read_and_off_does_not),
	    ROW(a_lying_relay_gets_on_three_times_and_no_more),
	    ROW(a_silent_relay_gets_on_three_times_until_it_answers),
	    ROW(a_relay_that_stays_on_gets_off_with_back_off_and_without_end),
	    ROW(a_relay_that_is_heard_again_and_is_on_gets_off_at_once),
	    ROW(numbers_grow_with_every_command),
	    ROW(an_epoch_ahead_of_ours_is_passed_and_made_durable_before_on),
	    ROW(an_answer_from_before_our_first_off_is_no_mismatch),
	    ROW(our_own_numbers_do_not_move_the_epoch),
	    ROW(a_lease_is_renewed_in_time_and_not_with_each_reading),
	    ROW(a_node_that_gives_shorter_leases_is_renewed_by_those),
	    ROW(a_lease_is_no_longer_than_the_readings_validity),
	    ROW(a_lease_that_ran_out_by_our_silence_is_no_foreign_switching),
	    ROW(someone_elses_off_is_respected_until_the_wish_changes),
	    ROW(someone_elses_on_is_respected_inside_the_envelope),
	    ROW(someone_elses_on_is_undone_outside_the_envelope),
	    ROW(someone_elses_on_gives_way_to_a_persons_hold),
	    ROW(a_relay_that_reboots_again_and_again_waits_for_the_dwell),
	    ROW(the_days_budget_holds_back_closing_until_tomorrow),
	    ROW(dwell_begins_at_our_start_and_at_each_opening),
	    ROW(a_node_of_another_name_is_not_our_relay),
	    ROW(a_relay_on_another_clock_is_not_closed),
	    ROW(a_relay_without_a_lease_is_told_of_and_gets_none),
	    ROW(an_old_readback_confirms_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
