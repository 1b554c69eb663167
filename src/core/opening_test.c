/* What is known of a relay when we stop: what opens it, and within which time. */
#include "core/test_house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define VALID_MS (90 * MS_PER_SECOND)
#define REPEATED_MS (4 * MS_PER_SECOND)

static struct scene scene;

static int begin(void **state)
{
	(void)state;
	scene_begin(&scene);
	scene_set(&scene, PARAMETER_STALE_AFTER, VALID_MS);
	return 0;
}

static struct opening of(size_t relay)
{
	return core_opening(&scene.site, &scene.house, scene.now, relay);
}

static void stop(void)
{
	struct event event = {.kind = EVENT_STOP};

	scene_give(&scene, &event);
}

static void a_relay_that_confirms_is_open(void **state)
{
	(void)state;
	scene_charge(&scene);
	assert_int_equal(of(SOURCE).by, OPENER_LEASE);
	stop();
	assert_int_equal(of(SOURCE).by, OPENER_NONE);
	assert_int_equal(of(LOAD).by, OPENER_NONE);
}

static void
a_relay_that_is_silent_opens_by_its_lease_within_what_the_last_reading_allowed(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene.relays[SOURCE].is_silent = true;
	scene_pass(&scene, 10 * MS_PER_SECOND);
	stop();
	assert_int_equal(of(SOURCE).by, OPENER_LEASE);
	assert_true(of(SOURCE).was_heard);
	assert_int_equal(of(SOURCE).within_ms, VALID_MS + REPEATED_MS - 10 * MS_PER_SECOND);
	scene.now.mono.ms += VALID_MS + REPEATED_MS - 10 * MS_PER_SECOND - 1;
	assert_int_equal(of(SOURCE).within_ms, 1);
	scene.now.mono.ms++;
	assert_int_equal(of(SOURCE).by, OPENER_NONE);
}

static void a_longer_lease_that_someone_else_gave_counts(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene.relays[SOURCE].is_deaf_to_commands = true;
	scene.relays[SOURCE].lease_ends = mono_add(scene.now.mono, 600 * MS_PER_SECOND);
	scene_read(&scene, SOURCE);
	stop();
	assert_int_equal(of(SOURCE).within_ms, 600 * MS_PER_SECOND);
}

static void a_relay_without_a_lease_is_opened_by_a_person(void **state)
{
	(void)state;
	scene.house.relays[SOURCE].has_lease = scene.relays[SOURCE].has_lease = false;
	scene_charge(&scene);
	scene.relays[SOURCE].is_silent = true;
	stop();
	scene.now.mono.ms += MS_PER_DAY;
	assert_int_equal(of(SOURCE).by, OPENER_PERSON);
}

static void a_welded_contact_is_opened_by_a_person_whatever_it_says(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 20, 2);
	scene.relays[SOURCE].is_lying = true;
	scene_show_power(&scene, SOURCE, 1000, 10);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_WELDED));
	stop();
	assert_int_equal(of(SOURCE).by, OPENER_PERSON);
}

static void a_relay_that_never_answered_may_hold_a_lease_of_an_earlier_run(void **state)
{
	(void)state;
	scene_begin_unread(&scene);
	scene.relays[SOURCE].is_silent = true;
	scene_set(&scene, PARAMETER_STALE_AFTER, VALID_MS);
	stop();
	assert_int_equal(of(SOURCE).by, OPENER_LEASE);
	assert_false(of(SOURCE).was_heard);
	assert_int_equal(of(SOURCE).within_ms, VALID_MS + REPEATED_MS);
	scene.now.mono.ms += VALID_MS + REPEATED_MS;
	assert_int_equal(of(SOURCE).by, OPENER_NONE);
}

static void what_is_only_watched_is_not_ours_to_open(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	scene_say_times(&scene, 50, 20, 2);
	scene_switch(&scene, SOURCE, true);
	stop();
	assert_true(scene_charges(&scene));
	assert_int_equal(of(SOURCE).by, OPENER_NONE);
	scene_begin(&scene);
	scene.house.batteries[0].power_w = 0;
	scene_switch(&scene, SOURCE, true);
	assert_int_equal(of(SOURCE).by, OPENER_NONE);
}

#define OPENING_TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    OPENING_TEST(a_relay_that_confirms_is_open),
	    OPENING_TEST(
		a_relay_that_is_silent_opens_by_its_lease_within_what_the_last_reading_allowed),
	    OPENING_TEST(a_longer_lease_that_someone_else_gave_counts),
	    OPENING_TEST(a_relay_without_a_lease_is_opened_by_a_person),
	    OPENING_TEST(a_welded_contact_is_opened_by_a_person_whatever_it_says),
	    OPENING_TEST(a_relay_that_never_answered_may_hold_a_lease_of_an_earlier_run),
	    OPENING_TEST(what_is_only_watched_is_not_ours_to_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
