/* Overrides: what each is for, what it ends, and which are refused at once. */
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

static enum reason_code refusal(void)
{
	return scene.outcome.refusal.reason.code;
}

static uint32_t id_of(size_t relay)
{
	return scene.site.relays[relay].override.id;
}

static void off_leaves_the_other_relay_to_the_rules(void **state)
{
	const struct decision *decision = &scene_battery(&scene)->decision;

	(void)state;
	scene_say_times(&scene, 70, 20, 2);
	assert_true(scene_discharges(&scene));
	scene_override_relay(&scene, SOURCE, false, 4 * MS_PER_HOUR);
	assert_true(scene_discharges(&scene));
	assert_int_equal(decision->winner, DECIDER_THRESHOLD);
	scene_ramp(&scene, 70, 29, 20);
	assert_true(scene_is_overridden(&scene, SOURCE));
	assert_false(scene_discharges(&scene));
	assert_false(scene_charges(&scene));
	assert_int_equal(decision->winner, DECIDER_OVERRIDE);
	assert_int_equal(decision->wishes[DECIDER_THRESHOLD].intent, INTENT_CHARGE);
}

static void off_of_both_relays_in_turn_holds_both(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene_override_relay(&scene, SOURCE, false, MS_PER_HOUR);
	scene_override_relay(&scene, LOAD, false, MS_PER_HOUR);
	assert_false(scene_charges(&scene));
	assert_true(scene_is_overridden(&scene, SOURCE));
	assert_true(scene_is_overridden(&scene, LOAD));
	assert_int_not_equal(id_of(SOURCE), id_of(LOAD));
	assert_int_equal(scene_battery(&scene)->decision.winner, DECIDER_OVERRIDE);
}

static void off_opens_what_someone_else_closed(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 20, 2);
	scene_switch(&scene, SOURCE, true);
	assert_true(scene_charges(&scene));
	scene_override_relay(&scene, SOURCE, false, MS_PER_HOUR);
	assert_false(scene_charges(&scene));
}

static void off_in_monitor_opens_its_relay_and_only_watches_the_other(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	scene_say_times(&scene, 50, 20, 2);
	scene_switch(&scene, LOAD, true);
	scene_override_relay(&scene, SOURCE, false, MS_PER_HOUR);
	assert_true(scene_discharges(&scene));
	assert_int_equal(scene_battery(&scene)->decision.winner, DECIDER_MONITOR);
	scene_override_relay(&scene, LOAD, false, MS_PER_HOUR);
	assert_false(scene_discharges(&scene));
}

/* What a person had closed is not left on unwatched until the clock is trusted. */
static void restart(void)
{
	struct event kept = {.kind = EVENT_RESTORE, .index = SOURCE};
	struct event durable = {.kind = EVENT_EPOCH_DURABLE};

	kept.restore.has_relay = true;
	kept.restore.relay = core_keep_relay(&scene.site, SOURCE);
	durable.epoch.epoch = scene.site.epoch + 1;
	scene.now.wall_is_trusted = false;
	core_init(&scene.site, &scene.house, scene.settings, scene.now);
	scene_give(&scene, &kept);
	scene_give(&scene, &durable);
	scene_read(&scene, SOURCE);
}

static void what_was_taken_over_in_monitor_is_opened_after_a_restart(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	scene_say_times(&scene, 20, 20, 2);
	scene_override_relay(&scene, SOURCE, true, MS_PER_HOUR);
	assert_true(scene_charges(&scene));
	restart();
	assert_false(scene_charges(&scene));
}

/* It obeys none of our OFFs before the override is over and we have started once more. */
static void what_we_closed_in_monitor_is_ours_to_open_however_often_we_start(void **state)
{
	(void)state;
	scene.house.relays[SOURCE].has_lease = scene.relays[SOURCE].has_lease = false;
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	scene_say_times(&scene, 20, 20, 2);
	scene_override_relay(&scene, SOURCE, true, MS_PER_MINUTE);
	assert_true(scene_charges(&scene));
	scene.relays[SOURCE].is_stuck = true;
	for (int i = 0; i < 2; i++) {
		restart();
		scene.now.wall_is_trusted = true;
		scene_pass(&scene, 2 * MS_PER_MINUTE);
		assert_false(scene_is_overridden(&scene, SOURCE));
	}
	scene.relays[SOURCE].is_stuck = false;
	scene_pass(&scene, 61 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
	restart();
	scene_switch(&scene, SOURCE, true); /* someone else's is theirs again */
	scene_pass(&scene, 2 * MS_PER_MINUTE);
	assert_true(scene_charges(&scene));
}

static void on_opens_the_other_path_for_as_long_as_it_lasts(void **state)
{
	(void)state;
	scene_say_times(&scene, 70, 20, 2);
	assert_true(scene_discharges(&scene));
	scene_override_relay(&scene, SOURCE, true, MS_PER_MINUTE);
	assert_true(scene_charges(&scene));
	assert_false(scene_discharges(&scene));
	assert_false(scene_is_overridden(&scene, LOAD));
	scene_say_times(&scene, 70, 20, 7);
	assert_false(scene_charges(&scene));
	assert_true(scene_discharges(&scene));
}

static void on_ends_the_on_of_the_other_path_and_no_off(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 20, 2);
	scene_override_relay(&scene, LOAD, true, MS_PER_HOUR);
	assert_true(scene_discharges(&scene));
	scene_override_relay(&scene, SOURCE, true, MS_PER_HOUR);
	assert_true(scene_charges(&scene));
	assert_false(scene_is_overridden(&scene, LOAD));
	scene_override_relay(&scene, LOAD, false, MS_PER_HOUR);
	scene_override_relay(&scene, SOURCE, true, MS_PER_MINUTE);
	assert_true(scene_is_overridden(&scene, LOAD));
}

static void a_battery_is_taken_over_with_all_its_relays_and_given_back_as_one(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 20, 2);
	scene_override(&scene, INTENT_DISCHARGE, MS_PER_HOUR);
	assert_true(scene_discharges(&scene));
	assert_int_equal(id_of(SOURCE), id_of(LOAD));
	assert_false(scene.site.relays[SOURCE].override.is_on);
	scene_override_cancel(&scene, LOAD);
	assert_false(scene_is_overridden(&scene, SOURCE));
	assert_false(scene_is_overridden(&scene, LOAD));
	assert_false(scene_discharges(&scene));
}

static void an_on_that_the_limits_refuse_is_not_kept_and_changes_nothing(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 4.9, 2);
	scene_override_relay(&scene, LOAD, true, 2 * MS_PER_HOUR);
	assert_true(scene_discharges(&scene));
	scene_override_relay(&scene, SOURCE, true, MS_PER_HOUR);
	assert_int_equal(refusal(), REASON_CHARGE_COLD);
	assert_false(scene_is_overridden(&scene, SOURCE));
	assert_true(scene_is_overridden(&scene, LOAD));
	assert_true(scene_discharges(&scene));
	scene_say_times(&scene, 50, 7, 3);
	assert_false(scene_charges(&scene));
	scene_override_relay(&scene, SOURCE, true, MS_PER_HOUR);
	assert_int_equal(refusal(), REASON_NONE);
	assert_true(scene_charges(&scene));
}

static void an_on_for_a_relay_that_is_away_waits_and_a_sensors_fault_refuses(void **state)
{
	struct event durable = {.kind = EVENT_EPOCH_DURABLE, .epoch = {1}};

	(void)state;
	scene_begin_unread(&scene);
	scene.relays[SOURCE].is_silent = scene.relays[LOAD].is_silent = true;
	scene_give(&scene, &durable);
	scene_override_relay(&scene, SOURCE, true, MS_PER_HOUR);
	assert_int_equal(refusal(), REASON_NO_READING);
	scene_say_times(&scene, 50, 20, 2);
	scene_override_relay(&scene, SOURCE, true, MS_PER_HOUR);
	assert_int_equal(refusal(), REASON_NONE);
	assert_int_equal(scene.site.relays[SOURCE].override.held_by.reason.code, REASON_OTHER_PATH);
	scene.relays[SOURCE].is_silent = scene.relays[LOAD].is_silent = false;
	scene_read(&scene, LOAD);
	assert_int_equal(scene.site.relays[SOURCE].override.held_by.reason.code,
			 REASON_RELAY_UNREAD);
	scene_read(&scene, SOURCE);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene.site.relays[SOURCE].override.held_by.reason.code, REASON_NONE);
}

static void an_on_waits_for_dwell_where_that_ends_before_it(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_DWELL, 5 * MS_PER_MINUTE);
	scene_say_times(&scene, 50, 20, 32);
	scene_override_relay(&scene, SOURCE, true, MS_PER_MINUTE);
	assert_true(scene_charges(&scene));
	scene_override_relay(&scene, SOURCE, false, MS_PER_MINUTE);
	scene_override_relay(&scene, SOURCE, true, 5 * MS_PER_MINUTE);
	assert_int_equal(refusal(), REASON_DWELL);
	assert_false(scene.site.relays[SOURCE].override.is_on);
	scene_override_relay(&scene, SOURCE, true, 5 * MS_PER_MINUTE + 1);
	assert_int_equal(refusal(), REASON_NONE);
	assert_int_equal(scene.site.relays[SOURCE].override.held_by.reason.code, REASON_DWELL);
	assert_false(scene_charges(&scene));
}

/* The other path is on, and hides that this one's switching is used up. */
static void an_on_is_judged_as_if_the_other_path_were_open_already(void **state)
{
	(void)state;
	scene_say_times(&scene, 70, 20, 2);
	assert_true(scene_discharges(&scene));
	scene.site.relays[SOURCE].switches_today =
	    (int32_t)setting(&scene.site.settings[0], PARAMETER_SWITCHES_PER_DAY);
	scene_override_relay(&scene, SOURCE, true, MS_PER_HOUR);
	assert_int_equal(refusal(), REASON_BUDGET);
	assert_true(scene_discharges(&scene));
}

static void an_on_that_later_loses_to_a_limit_stays_and_says_which(void **state)
{
	const struct override *override = &scene.site.relays[SOURCE].override;

	(void)state;
	scene_say_times(&scene, 94.9, 20, 2);
	scene_override_relay(&scene, SOURCE, true, MS_PER_HOUR);
	assert_true(scene_charges(&scene));
	scene_say_times(&scene, 95, 20, 1);
	assert_false(scene_charges(&scene));
	assert_true(override->is_active);
	assert_int_equal(override->held_by.reason.code, REASON_CEILING);
	scene_ramp(&scene, 94.9, 92.9, 20);
	assert_true(scene_charges(&scene));
	assert_int_equal(override->held_by.reason.code, REASON_NONE);
}

static void an_off_is_never_refused(void **state)
{
	(void)state;
	scene_begin_unread(&scene);
	scene_override_relay(&scene, SOURCE, false, MS_PER_HOUR);
	assert_int_equal(refusal(), REASON_NONE);
	assert_true(scene_is_overridden(&scene, SOURCE));
	scene_override(&scene, INTENT_SAFE, MS_PER_HOUR);
	assert_int_equal(refusal(), REASON_NONE);
	assert_true(scene_is_overridden(&scene, LOAD));
}

static void what_nobody_may_command_or_no_relay_does_is_refused(void **state)
{
	struct event stop = {.kind = EVENT_STOP};

	(void)state;
	scene_say_times(&scene, 50, 20, 2);
	scene.house.relays[LOAD].role = RELAY_SOURCE;
	scene_override(&scene, INTENT_DISCHARGE, MS_PER_HOUR);
	assert_int_equal(refusal(), REASON_NO_RELAY);
	scene.house.batteries[0].power_w = 0;
	scene_override(&scene, INTENT_SAFE, MS_PER_HOUR);
	assert_int_equal(refusal(), REASON_NOT_CONFIGURED);
	scene_begin(&scene);
	scene_give(&scene, &stop);
	scene_override(&scene, INTENT_SAFE, MS_PER_HOUR);
	assert_int_equal(refusal(), REASON_SHUTDOWN);
}

/* Two relays of one path: each has its own word. */
static void an_off_of_one_of_two_sources_leaves_charging_to_the_other(void **state)
{
	(void)state;
	scene.house.relays[LOAD].role = RELAY_SOURCE;
	scene_say_times(&scene, 20, 20, 2);
	assert_true(scene.relays[SOURCE].is_on && scene.relays[LOAD].is_on);
	scene_override_relay(&scene, SOURCE, false, MS_PER_HOUR);
	assert_false(scene.relays[SOURCE].is_on);
	assert_true(scene.relays[LOAD].is_on);
	assert_int_equal(scene_battery(&scene)->decision.intent, INTENT_CHARGE);
	scene_ramp(&scene, 20, 80, 20);
	assert_false(scene.relays[LOAD].is_on);
	scene_override_relay(&scene, SOURCE, true, MS_PER_HOUR);
	assert_true(scene.relays[SOURCE].is_on);
	assert_false(scene.relays[LOAD].is_on);
}

#define OVERRIDE_TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    OVERRIDE_TEST(off_leaves_the_other_relay_to_the_rules),
	    OVERRIDE_TEST(off_of_both_relays_in_turn_holds_both),
	    OVERRIDE_TEST(off_opens_what_someone_else_closed),
	    OVERRIDE_TEST(off_in_monitor_opens_its_relay_and_only_watches_the_other),
	    OVERRIDE_TEST(what_was_taken_over_in_monitor_is_opened_after_a_restart),
	    OVERRIDE_TEST(what_we_closed_in_monitor_is_ours_to_open_however_often_we_start),
	    OVERRIDE_TEST(on_opens_the_other_path_for_as_long_as_it_lasts),
	    OVERRIDE_TEST(on_ends_the_on_of_the_other_path_and_no_off),
	    OVERRIDE_TEST(a_battery_is_taken_over_with_all_its_relays_and_given_back_as_one),
	    OVERRIDE_TEST(an_on_that_the_limits_refuse_is_not_kept_and_changes_nothing),
	    OVERRIDE_TEST(an_on_for_a_relay_that_is_away_waits_and_a_sensors_fault_refuses),
	    OVERRIDE_TEST(an_on_waits_for_dwell_where_that_ends_before_it),
	    OVERRIDE_TEST(an_on_is_judged_as_if_the_other_path_were_open_already),
	    OVERRIDE_TEST(an_on_that_later_loses_to_a_limit_stays_and_says_which),
	    OVERRIDE_TEST(an_off_is_never_refused),
	    OVERRIDE_TEST(what_nobody_may_command_or_no_relay_does_is_refused),
	    OVERRIDE_TEST(an_off_of_one_of_two_sources_leaves_charging_to_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
