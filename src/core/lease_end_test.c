/*
 * When a lease ends where answers come late: at the earliest, so that no renewal
 * closes what has opened by itself. Each of these was found by a simulated home
 * (scripts/simulate).
 */
#include "core/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/test_house.h"

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

static void a_late_answer_prolongs_no_lease(void **state)
{
	struct event reading = scene_reading(20, 20);
	int64_t sent_ms;

	(void)state;
	scene_say_times(&scene, 20, 20, 1);
	scene.now.mono.ms += 10 * MS_PER_SECOND;
	scene_give_undelivered(&scene, &reading);
	assert_int_equal(scene_ons_sent(&scene), 1);
	sent_ms = scene.now.mono.ms;
	scene.now.mono.ms += 20 * MS_PER_SECOND;
	scene_hear(&scene, ANSWER_READBACK, true, source()->command.number,
		   source()->command.lease_ms);
	assert_int_equal(source()->lease_ends.ms, sent_ms + source()->command.lease_ms);
}

/* Two renewals are lost, and a word about the command before them comes 20 s late. */
static void a_late_word_about_an_earlier_command_prolongs_no_lease(void **state)
{
	struct event reading = scene_reading(20, 20);
	uint64_t earlier;
	int64_t known_ms;

	(void)state;
	scene_charge(&scene);
	known_ms = source()->lease_ends.ms;
	earlier = source()->command.number;
	while (source()->command.number == earlier) { /* until a renewal is due, which is lost */
		scene.now.mono.ms += 10 * MS_PER_SECOND;
		scene.now.wall.ms += 10 * MS_PER_SECOND;
		scene_give_undelivered(&scene, &reading);
		if (scene_reads_asked(&scene) > 0)
			scene_hear(&scene, ANSWER_READBACK, true, source()->command.number,
				   mono_since(source()->lease_ends, scene.now.mono));
	}
	scene_hear(&scene, ANSWER_READBACK, true, earlier, 80 * MS_PER_SECOND);
	assert_int_equal(source()->lease_ends.ms, known_ms);
	/* Less is believed at once. */
	scene_hear(&scene, ANSWER_READBACK, true, earlier, MS_PER_SECOND);
	assert_int_equal(source()->lease_ends.ms, scene.now.mono.ms + MS_PER_SECOND);
}

/* The node gives less than was asked for, and what it says of it comes 20 s late. */
static void a_late_word_about_the_same_command_prolongs_no_lease(void **state)
{
	struct event reading = scene_reading(20, 20);
	int64_t given_ms = 30 * MS_PER_SECOND, sent_ms;

	(void)state;
	scene_say_times(&scene, 20, 20, 1);
	scene.now.mono.ms += 10 * MS_PER_SECOND;
	scene_give_undelivered(&scene, &reading);
	sent_ms = scene.now.mono.ms;
	scene.now.mono.ms += MS_PER_SECOND;
	scene_hear(&scene, ANSWER_COMMAND, true, source()->command.number, given_ms);
	assert_int_equal(source()->lease_ends.ms, sent_ms + given_ms);
	scene.now.mono.ms += 20 * MS_PER_SECOND;
	scene_hear(&scene, ANSWER_READBACK, true, source()->command.number, given_ms);
	assert_int_equal(source()->lease_ends.ms, sent_ms + given_ms);
	/* Less is believed at once. */
	scene_hear(&scene, ANSWER_READBACK, true, source()->command.number, MS_PER_SECOND);
	assert_int_equal(source()->lease_ends.ms, scene.now.mono.ms + MS_PER_SECOND);
}

/* ON is sent again for want of an answer; then comes one to the first, 20 s late. */
static void a_late_word_about_an_earlier_attempt_prolongs_no_lease(void **state)
{
	struct event reading = scene_reading(20, 20);
	struct event failed = {.kind = EVENT_RELAY_FAILED, .index = SOURCE};
	uint64_t first;
	int64_t sent_ms, left_ms = 15 * MS_PER_SECOND;

	(void)state;
	scene_say_times(&scene, 20, 20, 1);
	scene.now.mono.ms += 10 * MS_PER_SECOND;
	scene_give_undelivered(&scene, &reading);
	first = source()->command.number;
	sent_ms = scene.now.mono.ms;
	scene.now.mono.ms += 4 * MS_PER_SECOND;
	failed.failed.is_command = true;
	failed.failed.number = first;
	scene_give_undelivered(&scene, &failed);
	assert_int_equal(scene_ons_sent(&scene), 1);
	assert_true(source()->command.number > first);
	scene.now.mono.ms += 20 * MS_PER_SECOND;
	scene_set(&scene, PARAMETER_DWELL, MS_PER_MINUTE);
	scene_hear(&scene, ANSWER_READBACK, true, first, left_ms);
	assert_int_equal(source()->lease_ends.ms, sent_ms + left_ms);
	assert_int_equal(scene_ons_sent(&scene), 0); /* it may have opened by then */
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(a_late_answer_prolongs_no_lease),
	    ROW(a_late_word_about_an_earlier_command_prolongs_no_lease),
	    ROW(a_late_word_about_the_same_command_prolongs_no_lease),
	    ROW(a_late_word_about_an_earlier_attempt_prolongs_no_lease),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
