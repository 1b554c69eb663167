/* What a battery does on an ordinary day, and who may say so, in simulated time. */
#include "core/test_house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "core/control.h"

static struct scene scene;

static int begin(void **state)
{
	(void)state;
	scene_begin(&scene);
	return 0;
}

static void charges_below_one_threshold_until_the_other(void **state)
{
	(void)state;
	scene_say_times(&scene, 29.9, 20, 1);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_SETTLING);
	scene_say_times(&scene, 29.9, 20, 1);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_CHARGE_BELOW);
	assert_int_equal(scene.site.relays[SOURCE].phase, RELAY_CONFIRMED);
	scene_ramp(&scene, 30, 79.9, 20);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_CHARGE_UNTIL);
	scene_say_times(&scene, 80, 20, 1);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene.closings[SOURCE], 1);
}

static void discharges_above_one_threshold_down_to_the_other(void **state)
{
	(void)state;
	scene_say_times(&scene, 60, 20, 2);
	assert_true(scene_discharges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_DISCHARGE_ABOVE);
	scene_ramp(&scene, 59.9, 35.1, 20);
	assert_true(scene_discharges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_DISCHARGE_UNTIL);
	scene_say_times(&scene, 35, 20, 1);
	assert_false(scene_discharges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_BETWEEN);
	assert_int_equal(scene.closings[LOAD], 1);
}

static void does_nothing_between_the_thresholds(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 20, 10);
	assert_false(scene_charges(&scene) || scene_discharges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_BETWEEN);
	assert_int_equal(scene.site.relays[SOURCE].phase, RELAY_CONFIRMED);
}

static void breaks_one_path_before_it_makes_the_other(void **state)
{
	(void)state;
	scene_say_times(&scene, 70, 20, 2);
	assert_true(scene_discharges(&scene));
	scene.relays[LOAD].is_stuck = true;
	scene_override(&scene, INTENT_CHARGE, MS_PER_HOUR);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_OTHER_PATH);
	scene.relays[LOAD].is_stuck = false;
	scene_say_times(&scene, 70, 20, 2);
	assert_true(scene_charges(&scene));
	assert_false(scene_discharges(&scene));
}

static void a_decision_is_noted_when_it_changes_and_not_with_each_number(void **state)
{
	uint32_t id;

	(void)state;
	scene_say_times(&scene, 50, 20, 2);
	id = scene_battery(&scene)->decision.id;
	scene.notes[NOTE_DECISION] = 0;
	scene_say_times(&scene, 50.1, 20, 5);
	assert_int_equal(scene_battery(&scene)->decision.id, id);
	assert_int_equal(scene.notes[NOTE_DECISION], 0);
	assert_int_equal(scene_battery(&scene)->decision.reason.value, 5010);
	scene_ramp(&scene, 50, 60, 20);
	assert_true(scene_battery(&scene)->decision.id > id);
	assert_true(scene.notes[NOTE_DECISION] > 0);
}

static void schedule_follows_its_level_across_midnight(void **state)
{
	static const struct {
		int32_t second;
		bool charges;
	} rows[] = {
	    {23 * 3600 + 29 * 60 + 59, false},
	    {23 * 3600 + 30 * 60, true},
	    {10 * 60, true},
	    {5 * 3600 + 29 * 60 + 59, true},
	    {5 * 3600 + 30 * 60, false},
	    {23 * 3600 + 45 * 60, true},
	};

	(void)state;
	scene_set_schedule(&scene, "charge 23:30-05:30");
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		int32_t now_s = control_second_of_day(scene.now);
		int32_t wait_s = (rows[i].second - now_s + SECONDS_PER_DAY) % SECONDS_PER_DAY;

		scene.now.mono.ms += (wait_s - 20) * (int64_t)MS_PER_SECOND;
		scene.now.wall.ms += (wait_s - 20) * (int64_t)MS_PER_SECOND;
		scene_say_times(&scene, 50, 20, 2);
		assert_int_equal(scene_battery(&scene)->decision.wanted,
				 rows[i].charges ? INTENT_CHARGE : INTENT_SAFE);
		assert_int_equal(scene_reason(&scene),
				 rows[i].charges ? REASON_SCHEDULE_WINDOW : REASON_SCHEDULE_NONE);
	}
}

static void schedule_waits_for_a_trusted_clock_and_the_rule_stands_in(void **state)
{
	const struct decision *decision = &scene_battery(&scene)->decision;

	(void)state;
	scene_set_schedule(&scene, "discharge 00:00-23:59");
	scene.now.wall_is_trusted = false;
	scene_charge(&scene);
	assert_int_equal(decision->winner, DECIDER_THRESHOLD);
	assert_true(decision->wishes[DECIDER_SCHEDULE].is_given);
	assert_int_equal(decision->wishes[DECIDER_SCHEDULE].reason.code, REASON_SCHEDULE_CLOCK);
	scene.now.wall_is_trusted = true;
	scene_say_times(&scene, 20, 20, 1);
	assert_false(scene_charges(&scene));
	assert_int_equal(decision->winner, DECIDER_SCHEDULE);
}

static void monitor_never_commands(void **state)
{
	uint32_t commands;

	(void)state;
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	commands = scene.site.relays[SOURCE].commands;
	scene_say_times(&scene, 20, 20, 3);
	scene_say_times(&scene, 20, -20, 3);
	scene_refuse(&scene);
	scene_switch(&scene, SOURCE, true);
	scene_pass(&scene, 80 * MS_PER_SECOND);
	assert_int_equal(scene.site.relays[SOURCE].commands, commands);
	assert_true(scene_charges(&scene));
	assert_non_null(scene_alert(&scene, ALERT_RELAY_FOREIGN));
	assert_int_equal(scene_reason(&scene), REASON_MONITOR);
}

static void monitor_undoes_what_we_switched_ourselves(void **state)
{
	(void)state;
	scene_charge(&scene);
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	assert_false(scene_charges(&scene));
}

static void a_persons_override_works_in_monitor_and_is_undone_at_its_end(void **state)
{
	(void)state;
	scene_set(&scene, PARAMETER_LOGIC, LOGIC_MONITOR);
	scene_say_times(&scene, 50, 20, 2);
	scene_override(&scene, INTENT_CHARGE, MS_PER_MINUTE);
	assert_true(scene_charges(&scene));
	scene_say_times(&scene, 50, 20, 5);
	assert_true(scene_charges(&scene));
	scene_pass(&scene, 10 * MS_PER_SECOND);
	assert_false(scene_charges(&scene));
}

static void override_beats_the_rules_and_ends_by_itself(void **state)
{
	const struct decision *decision = &scene_battery(&scene)->decision;

	(void)state;
	scene_charge(&scene);
	scene_override(&scene, INTENT_SAFE, 10 * MS_PER_MINUTE);
	assert_false(scene_charges(&scene));
	assert_int_equal(decision->winner, DECIDER_OVERRIDE);
	assert_int_equal(decision->wishes[DECIDER_THRESHOLD].intent, INTENT_CHARGE);
	scene_say_times(&scene, 20, 20, 59);
	assert_false(scene_charges(&scene));
	scene_charge(&scene);
	assert_int_equal(scene.notes[NOTE_OVERRIDE], 4);
}

static void override_never_beats_the_gate(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 5, 2);
	scene_override(&scene, INTENT_CHARGE, MS_PER_HOUR);
	assert_true(scene_charges(&scene));
	scene_say_times(&scene, 50, 4.9, 1);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_CHARGE_COLD);
	assert_int_equal(scene_battery(&scene)->decision.wanted, INTENT_CHARGE);
}

static void override_out_of_bounds_changes_nothing(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 20, 2);
	scene_override(&scene, INTENT_CHARGE, 999);
	assert_false(scene_is_overridden(&scene, SOURCE));
	scene_override(&scene, INTENT_CHARGE, OVERRIDE_MAX_MS + 1);
	assert_false(scene_is_overridden(&scene, SOURCE));
	scene_override(&scene, INTENT_CHARGE, OVERRIDE_MAX_MS);
	assert_true(scene_is_overridden(&scene, SOURCE));
}

/* The process dies and starts `ms` later, with another monotonic clock. */
static void restart_after(int64_t ms, bool wall_is_trusted)
{
	struct event battery = {.kind = EVENT_RESTORE};
	struct event relay = {.kind = EVENT_RESTORE};
	struct event durable = {.kind = EVENT_EPOCH_DURABLE, .epoch = {scene.site.epoch + 1}};

	battery.restore.has_battery = true;
	battery.restore.battery = core_keep_battery(&scene.site, 0);
	relay.restore.has_relay = true;
	relay.restore.relay = core_keep_relay(&scene.site, SOURCE);
	scene.now.wall.ms += ms;
	scene.now.mono.ms = 1000;
	scene.now.wall_is_trusted = wall_is_trusted;
	scene.relays[SOURCE].lease_ends = scene.now.mono;
	core_init(&scene.site, &scene.house, scene.settings, scene.now);
	scene_give(&scene, &battery);
	scene_give(&scene, &relay);
	scene_give(&scene, &durable);
	scene_read(&scene, SOURCE);
	scene_read(&scene, LOAD);
}

/* Case M1 of docs/cases.md: a restart neither ends it nor makes it last for ever. */
static void case_m1_an_override_goes_on_after_a_kill_and_ends_when_it_was_to_end(void **state)
{
	static const struct {
		int64_t lasts_ms, killed_at_ms, away_ms;
	} rows[] = {
	    {2 * MS_PER_HOUR, MS_PER_HOUR, 10 * MS_PER_SECOND},
	    {2 * MS_PER_HOUR, MS_PER_MINUTE, 115 * MS_PER_MINUTE},
	    {24 * MS_PER_HOUR, 3 * MS_PER_HOUR, MS_PER_HOUR},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		int64_t left_ms = rows[i].lasts_ms - rows[i].killed_at_ms - rows[i].away_ms;

		scene_begin(&scene);
		scene_say_times(&scene, 50, 20, 2);
		scene_override_relay(&scene, SOURCE, true, rows[i].lasts_ms);
		scene_pass(&scene, rows[i].killed_at_ms);
		restart_after(rows[i].away_ms, true);
		scene_say_times(&scene, 50, 20, 2);
		assert_true(scene_is_overridden(&scene, SOURCE));
		assert_true(scene_charges(&scene));
		assert_int_equal(scene.notes[NOTE_OVERRIDE], 2); /* the wish, and that it goes on */
		scene_pass(&scene, left_ms - 21 * MS_PER_SECOND);
		assert_true(scene_is_overridden(&scene, SOURCE));
		scene_pass(&scene, 2 * MS_PER_SECOND);
		assert_false(scene_is_overridden(&scene, SOURCE));
		assert_int_equal(scene.notes[NOTE_OVERRIDE], 3);
	}
}

static void override_waits_after_a_restart_until_the_clock_is_trusted(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 20, 2);
	scene_override(&scene, INTENT_CHARGE, 2 * MS_PER_HOUR);
	restart_after(MS_PER_HOUR, false);
	restart_after(0, false);
	scene_pass(&scene, 5 * MS_PER_SECOND);
	assert_false(scene_is_overridden(&scene, SOURCE));
	scene.now.wall_is_trusted = true;
	scene_pass(&scene, MS_PER_SECOND);
	assert_true(scene_is_overridden(&scene, SOURCE));
	scene_pass(&scene, MS_PER_HOUR);
	assert_false(scene_is_overridden(&scene, SOURCE));
}

/* Booted in 1970, or in a year to come: when the clock is set, its end has another time of day. */
static void override_from_before_the_clock_was_set_keeps_its_length_over_a_restart(void **state)
{
	const int64_t today_ms = scene.now.wall.ms;
	const int64_t starts_ms[] = {0, today_ms - MS_PER_HOUR, today_ms + 3000 * MS_PER_DAY};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(starts_ms); i++) {
		scene_begin(&scene);
		scene.now.wall = (struct wall_time){starts_ms[i]};
		scene.now.wall_is_trusted = false;
		scene_say_times(&scene, 50, 20, 2);
		scene_override_relay(&scene, SOURCE, false, 2 * MS_PER_HOUR);
		scene_pass(&scene, 90 * MS_PER_SECOND);
		scene.now.wall = (struct wall_time){today_ms};
		scene_pass(&scene, 5 * MS_PER_SECOND);
		scene.now.wall_is_trusted = true;
		restart_after(10 * MS_PER_SECOND, true);
		scene_pass(&scene, 2 * MS_PER_HOUR - 107 * MS_PER_SECOND);
		assert_true(scene_is_overridden(&scene, SOURCE));
		scene_pass(&scene, 4 * MS_PER_SECOND);
		assert_false(scene_is_overridden(&scene, SOURCE));
	}
}

static void override_whose_end_cannot_be_known_has_ended(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 20, 2);
	scene_override(&scene, INTENT_CHARGE, 2 * MS_PER_HOUR);
	restart_after(MS_PER_HOUR, false);
	assert_false(scene_is_overridden(&scene, SOURCE));
	scene_begin(&scene);
	scene_say_times(&scene, 50, 20, 2);
	scene_override(&scene, INTENT_CHARGE, MS_PER_HOUR);
	restart_after(2 * MS_PER_HOUR, true);
	assert_false(scene_is_overridden(&scene, SOURCE));
}

static void switches_and_lockout_survive_a_restart(void **state)
{
	(void)state;
	scene_say_times(&scene, 20, 20, 2);
	assert_int_equal(scene.site.relays[SOURCE].switches_today, 1);
	scene.site.batteries[0].is_locked_out = true;
	scene.relays[SOURCE].switches += 4; /* off, on, off, on while we were away */
	restart_after(MS_PER_MINUTE, true);
	assert_int_equal(scene.site.relays[SOURCE].switches_today, 3);
	assert_true(scene_battery(&scene)->is_locked_out);
	assert_non_null(scene_alert(&scene, ALERT_LOCKED_OUT));
	restart_after(MS_PER_DAY, true);
	assert_int_equal(scene.site.relays[SOURCE].switches_today, 0);
}

static void an_unconfigured_battery_is_watched_and_never_commanded(void **state)
{
	(void)state;
	scene.house.batteries[0].capacity_wh = 0;
	scene.relays[SOURCE].off_received = 0;
	scene_say_times(&scene, 20, 20, 3);
	scene_switch(&scene, SOURCE, true);
	scene_refuse(&scene);
	scene_pass(&scene, 60 * MS_PER_SECOND);
	assert_int_equal(scene_reason(&scene), REASON_NOT_CONFIGURED);
	assert_int_equal(scene.relays[SOURCE].off_received + scene.relays[SOURCE].on_received, 0);
}

static void settings_count_at_once(void **state)
{
	(void)state;
	scene_say_times(&scene, 40, 20, 2);
	assert_false(scene_charges(&scene));
	scene_set(&scene, PARAMETER_CHARGE_BELOW, 4500);
	assert_true(scene_charges(&scene));
	scene_set(&scene, PARAMETER_CHARGE_MIN_TEMP, 25000);
	assert_false(scene_charges(&scene));
}

static void stopping_opens_everything(void **state)
{
	struct event stop = {.kind = EVENT_STOP};

	(void)state;
	scene_charge(&scene);
	scene_give(&scene, &stop);
	assert_false(scene_charges(&scene));
	assert_int_equal(scene_reason(&scene), REASON_SHUTDOWN);
	scene_say_times(&scene, 20, 20, 3);
	assert_false(scene_charges(&scene));
}

static void unknown_indexes_change_nothing(void **state)
{
	static struct site before;

	(void)state;
	before = scene.site;
	for (int kind = EVENT_READING; kind <= EVENT_RESTORE; kind++) {
		struct event event = {.kind = (enum event_kind)kind, .index = 99};

		if (kind != EVENT_EPOCH_DURABLE && kind != EVENT_CONDITION)
			scene_give(&scene, &event);
	}
	assert_memory_equal(&before, &scene.site, sizeof(before));
}

static int64_t next_due_ms(struct mono_time ticked_at)
{
	return core_next_due_ms(&scene.site, &scene.house, scene.now, ticked_at, CORE_DUE_MAX_MS);
}

static void next_due_is_near_when_something_is_due(void **state)
{
	(void)state;
	scene_say_times(&scene, 20, 20, 2);
	assert_in_range(next_due_ms(scene.now.mono), 1, 1000);
	scene.now.mono.ms += 90 * MS_PER_SECOND - 3;
	assert_int_equal(next_due_ms(scene.now.mono), 4);
}

/* An event about another battery came in between: the timer that was set is set anew. */
static void what_fell_due_since_the_last_tick_is_due_at_once(void **state)
{
	struct mono_time ticked_at;

	(void)state;
	scene_say_times(&scene, 20, 20, 2);
	ticked_at = mono_add(scene.now.mono, 90 * MS_PER_SECOND - 500);
	for (int64_t late_ms = 1; late_ms <= 500; late_ms++) {
		scene.now.mono = mono_add(ticked_at, 500 + late_ms);
		assert_int_equal(next_due_ms(ticked_at), 1);
	}
	assert_in_range(next_due_ms(scene.now.mono), 2, 1000);
}

static void a_tick_comes_a_second_after_the_last_whatever_came_between(void **state)
{
	struct mono_time ticked_at = scene.now.mono;

	(void)state;
	scene.now.mono.ms += 900;
	assert_int_equal(next_due_ms(ticked_at), 100);
	scene.now.mono.ms += 900;
	assert_int_equal(next_due_ms(ticked_at), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(charges_below_one_threshold_until_the_other, begin),
	    cmocka_unit_test_setup(discharges_above_one_threshold_down_to_the_other, begin),
	    cmocka_unit_test_setup(does_nothing_between_the_thresholds, begin),
	    cmocka_unit_test_setup(breaks_one_path_before_it_makes_the_other, begin),
	    cmocka_unit_test_setup(a_decision_is_noted_when_it_changes_and_not_with_each_number,
				   begin),
	    cmocka_unit_test_setup(schedule_follows_its_level_across_midnight, begin),
	    cmocka_unit_test_setup(schedule_waits_for_a_trusted_clock_and_the_rule_stands_in,
				   begin),
	    cmocka_unit_test_setup(monitor_never_commands, begin),
	    cmocka_unit_test_setup(monitor_undoes_what_we_switched_ourselves, begin),
	    cmocka_unit_test_setup(a_persons_override_works_in_monitor_and_is_undone_at_its_end,
				   begin),
	    cmocka_unit_test_setup(override_beats_the_rules_and_ends_by_itself, begin),
	    cmocka_unit_test_setup(override_never_beats_the_gate, begin),
	    cmocka_unit_test_setup(override_out_of_bounds_changes_nothing, begin),
	    cmocka_unit_test_setup(
		case_m1_an_override_goes_on_after_a_kill_and_ends_when_it_was_to_end, begin),
	    cmocka_unit_test_setup(override_waits_after_a_restart_until_the_clock_is_trusted,
				   begin),
	    cmocka_unit_test_setup(
		override_from_before_the_clock_was_set_keeps_its_length_over_a_restart, begin),
	    cmocka_unit_test_setup(override_whose_end_cannot_be_known_has_ended, begin),
	    cmocka_unit_test_setup(switches_and_lockout_survive_a_restart, begin),
	    cmocka_unit_test_setup(an_unconfigured_battery_is_watched_and_never_commanded, begin),
	    cmocka_unit_test_setup(settings_count_at_once, begin),
	    cmocka_unit_test_setup(stopping_opens_everything, begin),
	    cmocka_unit_test_setup(unknown_indexes_change_nothing, begin),
	    cmocka_unit_test_setup(next_due_is_near_when_something_is_due, begin),
	    cmocka_unit_test_setup(what_fell_due_since_the_last_tick_is_due_at_once, begin),
	    cmocka_unit_test_setup(a_tick_comes_a_second_after_the_last_whatever_came_between,
				   begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
