/* Relays of other makes, which say no more than that they took a command. */
#include "core/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/test_house.h"

static struct scene scene;

static const struct relay_state *source(void)
{
	return &scene.site.relays[SOURCE];
}

/* r1 has no lease and can not be read. */
static int begin(void **state)
{
	struct event durable = {.kind = EVENT_EPOCH_DURABLE, .epoch = {1}};

	(void)state;
	scene_begin_unread(&scene);
	scene.house.relays[SOURCE].has_lease = false;
	scene.relays[SOURCE].has_lease = false;
	scene.relays[SOURCE].is_blind = true;
	scene_read(&scene, LOAD);
	scene_give(&scene, &durable);
	return 0;
}

static void relay_without_readback_gets_off_again_and_again_and_is_never_confirmed(void **state)
{
	uint32_t off_received;

	(void)state;
	scene_say_times(&scene, 60, 20, 2);
	off_received = scene.relays[SOURCE].off_received;
	assert_true(off_received > 0);
	assert_int_equal(source()->phase, RELAY_ACKED);
	assert_true(source()->may_be_on);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_NO_LEASE));
	scene_say_times(&scene, 60, 20, 30);
	assert_true(scene.relays[SOURCE].off_received >= off_received + 4);
	assert_int_equal(source()->confirmed, 0);
}

static void relay_without_readback_charges_and_is_never_confirmed(void **state)
{
	(void)state;
	scene_say_times(&scene, 20, 20, 4);
	assert_true(scene.relays[SOURCE].is_on);
	assert_int_equal(scene.relays[SOURCE].on_received, 1);
	assert_int_equal(source()->phase, RELAY_ACKED);
	assert_int_equal(source()->confirmed, 0);
	assert_int_equal(source()->switches_today, 1);
	assert_null(scene_alert(&scene, ALERT_RELAY_MISMATCH));
	/* And opens at once when it has to. */
	scene_say(&scene, 20, 60);
	assert_false(scene.relays[SOURCE].is_on);
	assert_int_equal(source()->confirmed, 0);
}

static void relay_without_readback_keeps_the_other_path_open(void **state)
{
	(void)state;
	scene_say_times(&scene, 60, 20, 2);
	scene_override(&scene, INTENT_DISCHARGE, MS_PER_HOUR);
	scene_say_times(&scene, 60, 20, 2);
	assert_false(scene_discharges(&scene));
	assert_true(source()->may_be_on);
}

static void relay_without_readback_waits_for_the_dwell_since_it_took_off(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_DWELL, 60 * MS_PER_SECOND);
	scene_say_times(&scene, 20, 20, 5);
	assert_false(scene.relays[SOURCE].is_on);
	scene_say_times(&scene, 20, 20, 2);
	assert_true(scene.relays[SOURCE].is_on);
}

static void acknowledgement_alone_confirms_no_relay_that_can_be_read(void **state)
{
	struct event taken = {.kind = EVENT_RELAY_STATUS, .index = SOURCE};

	(void)state;
	scene_begin(&scene);
	scene.relays[SOURCE].is_mute = true;
	scene_say_times(&scene, 20, 20, 2);
	assert_int_equal(source()->phase, RELAY_SENT);
	taken.relay.answer = ANSWER_TAKEN;
	taken.relay.number = source()->command.number;
	scene_give_undelivered(&scene, &taken);
	assert_int_equal(source()->phase, RELAY_ACKED);
	assert_false(source()->status.is_on);
	assert_false(source()->is_blind);
	scene_hear(&scene, ANSWER_READBACK, true, source()->command.number, 90000);
	assert_int_equal(source()->phase, RELAY_CONFIRMED);
}

static void relay_that_was_read_after_all_is_blind_no_more(void **state)
{
	(void)state;
	scene_say_times(&scene, 60, 20, 2);
	assert_true(source()->is_blind);
	scene.relays[SOURCE].is_blind = false;
	scene_read(&scene, SOURCE);
	assert_false(source()->is_blind);
	assert_true(source()->is_heard);
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(relay_without_readback_gets_off_again_and_again_and_is_never_confirmed),
	    ROW(relay_without_readback_charges_and_is_never_confirmed),
	    ROW(relay_without_readback_keeps_the_other_path_open),
	    ROW(relay_without_readback_waits_for_the_dwell_since_it_took_off),
	    ROW(acknowledgement_alone_confirms_no_relay_that_can_be_read),
	    ROW(relay_that_was_read_after_all_is_blind_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
