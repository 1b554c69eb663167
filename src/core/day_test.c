/*
 * The day's budget: of which day a closing is that was found before the clock could tell the day,
 * and that an ON which is sent again is the closing that it was.
 */
#include "core/day.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "core/step.h"
#include "core/test_house.h"

static struct scene scene;

static int begin(void **state)
{
	(void)state;
	scene_begin(&scene);
	return 0;
}

static int32_t counted(void)
{
	return scene.site.relays[SOURCE].switches_today;
}

static void tick(bool is_trusted)
{
	struct event event = {.kind = EVENT_TICK};

	scene.now.wall_is_trusted = is_trusted;
	scene_give(&scene, &event);
}

/* From what was kept of r1; its clock cannot be trusted yet. */
static void start(const struct kept_relay *relay)
{
	struct event kept = {.kind = EVENT_RESTORE, .index = SOURCE};

	kept.restore.has_relay = true;
	kept.restore.relay = *relay;
	scene.now.wall_is_trusted = false;
	core_init(&scene.site, &scene.house, scene.settings, scene.now);
	scene_give(&scene, &kept);
}

/* One closing at ten, of which the counter tells; one after midnight, and its row is lost. */
static struct kept_relay after_midnight(void)
{
	struct kept_relay kept;

	scene_say_times(&scene, 20, 20, 2);
	assert_int_equal(counted(), 1);
	scene_refuse(&scene);
	scene_override(&scene, INTENT_SAFE, MS_PER_HOUR);
	scene.site.relays[SOURCE].switches_today = 1; /* the refused reading has cost nothing */
	kept = core_keep_relay(&scene.site, SOURCE);
	scene.now.mono.ms += 15 * (int64_t)MS_PER_HOUR;
	scene.now.wall.ms += 15 * (int64_t)MS_PER_HOUR;
	scene.relays[SOURCE].switches += 2;
	return kept;
}

static void a_closing_found_before_the_day_is_known_counts_on_that_day(void **state)
{
	struct kept_relay kept = after_midnight();

	(void)state;
	start(&kept);
	scene_read(&scene, SOURCE);
	assert_int_equal(counted(), 2);
	tick(true);
	assert_int_equal(counted(), 1); /* yesterday's is over */
	scene.now.wall.ms += MS_PER_DAY;
	scene.now.mono.ms += MS_PER_DAY;
	tick(true);
	assert_int_equal(counted(), 0);
}

static void it_does_so_after_another_start_that_comes_before_the_day_is_known(void **state)
{
	struct kept_relay kept = after_midnight();

	(void)state;
	start(&kept);
	scene_read(&scene, SOURCE);
	kept = core_keep_relay(&scene.site, SOURCE);
	start(&kept);
	scene_read(&scene, SOURCE);
	tick(true);
	assert_int_equal(counted(), 2); /* which of them is of today nobody knows any more */
}

static void a_day_that_was_known_all_along_ends_at_midnight(void **state)
{
	(void)state;
	after_midnight();
	tick(true);
	assert_int_equal(counted(), 0);
	tick(false);
	scene_read(&scene, SOURCE);
	assert_int_equal(counted(), 1);
	tick(true);
	assert_int_equal(counted(), 1);
	scene.now.wall.ms += MS_PER_DAY;
	tick(true);
	assert_int_equal(counted(), 0);
}

static void an_on_that_is_not_answered_is_within_the_budget_of_its_first(void **state)
{
	struct event reading = scene_reading(20, 20);
	struct event failed = {.kind = EVENT_RELAY_FAILED, .index = SOURCE};
	const struct relay_state *relay = &scene.site.relays[SOURCE];

	(void)state;
	scene_say_times(&scene, 20, 20, 2);
	scene_override_relay(&scene, SOURCE, false, MS_PER_SECOND);
	scene_pass(&scene, 2 * MS_PER_SECOND);
	assert_int_equal(counted(), 2);
	scene_override_relay(&scene, SOURCE, false, MS_PER_SECOND);
	scene_give_undelivered(&scene, &reading);
	scene.now.mono.ms += 2 * MS_PER_SECOND;
	scene_give_undelivered(&scene, &reading);
	assert_int_equal(scene_ons_sent(&scene), 1);
	scene_set(&scene, PARAMETER_SWITCHES_PER_DAY, 1);
	scene_set(&scene, PARAMETER_DWELL, MS_PER_HOUR);
	scene.now.mono.ms += 4 * MS_PER_SECOND;
	failed.failed.is_command = true;
	failed.failed.number = relay->command.number;
	scene_give_undelivered(&scene, &failed);
	assert_int_equal(scene_ons_sent(&scene), 1); /* again */
	scene_hear(&scene, ANSWER_COMMAND, true, relay->command.number, 90000);
	assert_int_equal(counted(), 3);
	scene_override_relay(&scene, SOURCE, false, MS_PER_SECOND); /* any other is not */
	scene_set(&scene, PARAMETER_DWELL, 0);
	scene_pass(&scene, 2 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_BUDGET);
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(a_closing_found_before_the_day_is_known_counts_on_that_day),
	    ROW(it_does_so_after_another_start_that_comes_before_the_day_is_known),
	    ROW(a_day_that_was_known_all_along_ends_at_midnight),
	    ROW(an_on_that_is_not_answered_is_within_the_budget_of_its_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
