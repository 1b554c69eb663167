/*
 * Cases from the field (docs/cases.md), kinds A, C, G and P: sensors and clocks
 * that lie, and values that are too old, in simulated time.
 */
#include "core/test_house.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#define WORDS_MAX 256

static struct scene scene;

static int begin(void **state)
{
	(void)state;
	scene_begin(&scene);
	return 0;
}

/* ---- A1: a timer is not kept when its condition breaks ---- */

static void case_a1_power_through_an_open_relay_for_a_moment_now_and_then_is_no_weld(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) {
		scene_show_power(&scene, SOURCE, 85, 1);
		scene_show_power(&scene, SOURCE, 0, 20);
	}
	assert_null(scene_alert(&scene, ALERT_RELAY_WELDED));
	assert_null(scene_alert(&scene, ALERT_LOCKED_OUT));
	scene_show_power(&scene, SOURCE, 85, 5);
	assert_non_null(scene_alert(&scene, ALERT_RELAY_WELDED));
}

static void case_a1_values_that_stand_still_again_and_again_are_not_frozen(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++) /* 11 of the 12 minutes that a step of 1 % may take */
		scene_say_times(&scene, 20 + i, 20, 66);
	assert_true(scene_charges(&scene));
	assert_null(scene_alert(&scene, ALERT_SENSOR_FROZEN));
	scene_say_times(&scene, 40, 20, 80);
	assert_non_null(scene_alert(&scene, ALERT_SENSOR_FROZEN));
}

static void case_a1_short_silences_do_not_add_up_to_a_long_one(void **state)
{
	(void)state;
	scene_say_times(&scene, 20, 20, 2);
	for (int i = 0; i < 40; i++) {
		scene_pass(&scene, 80 * MS_PER_SECOND);
		scene_say(&scene, 20 + i / 4.0, 20);
		assert_true(scene_charges(&scene));
	}
	assert_null(scene_alert(&scene, ALERT_SENSOR_STALE));
	assert_int_equal(scene.closings[SOURCE], 1);
	scene_pass(&scene, 91 * MS_PER_SECOND);
	assert_non_null(scene_alert(&scene, ALERT_SENSOR_STALE));
}

/* A level that is not believed must last an hour; the dip that came before does not count. */
static void case_a1_a_dip_now_and_then_never_becomes_the_state_of_charge(void **state)
{
	(void)state;
	scene_say_times(&scene, 50, 20, 3);
	for (int i = 0; i < 12; i++) {
		scene_say_times(&scene, 5, 20, 1);
		assert_int_equal(scene_reason(&scene), REASON_SUSPECT);
		scene_say_times(&scene, 50, 20, 60);
		assert_int_equal(scene_reason(&scene), REASON_BETWEEN);
	}
	scene_say_times(&scene, 5, 20, 350); /* less than an hour */
	assert_int_equal(scene_reason(&scene), REASON_SUSPECT);
	assert_int_equal(scene.closings[SOURCE], 0);
	scene_say_times(&scene, 5, 20, 15);
	assert_true(scene_charges(&scene));
}

/* ---- A2: a gauge that follows the cells' voltage ---- */

/* 2 A flow out of it, whatever its gauge says. */
static void say_discharging(double soc_pct)
{
	struct event event = scene_reading(soc_pct, 20);

	event.reading.reading.has_current = true;
	event.reading.reading.current_ma = -2000;
	scene_say_event(&scene, &event);
}

static void case_a2_a_fall_that_the_battery_cannot_do_is_told_of_and_starts_no_charge(void **state)
{
	static const struct {
		int32_t capacity_wh, power_w;
		int minutes; /* from 99 to 11 % */
		int still_s; /* it showed 99 % for so long before */
		bool is_possible;
	} rows[] = {
	    {5120, 5000, 30, 30, false},   {5120, 5000, 30, 250, false},
	    {5120, 5000, 30, 5000, false}, {10000, 5000, 30, 30, false},
	    {10000, 5000, 60, 400, false}, {10000, 5000, 75, 400, true},
	    {10000, 2500, 90, 30, false},  {10000, 2500, 150, 590, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		int count = rows[i].minutes * 6;
		double told_at_pct = 0;

		scene_begin(&scene);
		scene.house.batteries[0].capacity_wh = rows[i].capacity_wh;
		scene.house.batteries[0].power_w = rows[i].power_w;
		for (int j = 0; j < rows[i].still_s / 10; j++)
			say_discharging(99);
		for (int j = 1; j <= count + 180; j++) {
			double soc_pct = j < count ? 99 - 88.0 * j / count : 11;

			say_discharging(soc_pct);
			if (told_at_pct == 0 && scene_alert(&scene, ALERT_SOC_IMPLAUSIBLE) != NULL)
				told_at_pct = soc_pct;
		}
		if (rows[i].is_possible)
			assert_true(told_at_pct == 0);
		else
			assert_true(told_at_pct > 89);
		assert_int_equal(scene.closings[SOURCE], rows[i].is_possible);
	}
}

/* ---- A3: one of several batteries falls silent ---- */

/* b2 beside b1, each with a source relay: r1 and r2. */
static void begin_with_two(void)
{
	struct event durable = {.kind = EVENT_EPOCH_DURABLE, .epoch = {1}};

	scene_begin_unread(&scene);
	scene.house.battery_count = 2;
	scene.house.batteries[1] = scene.house.batteries[0];
	strcpy(scene.house.batteries[1].id.text, "b2");
	scene.house.batteries[1].node = scene.house.batteries[1].id;
	scene.house.relays[1].battery = 1;
	scene.house.relays[1].role = RELAY_SOURCE;
	scene.settings[1] = scene.settings[0];
	core_init(&scene.site, &scene.house, scene.settings, scene.now);
	scene_give(&scene, &durable);
	scene_read(&scene, 0);
	scene_read(&scene, 1);
}

static void say_battery(size_t battery, double soc_pct)
{
	struct event event = scene_reading(soc_pct, 20);

	event.index = battery;
	event.reading.reading.node = scene.house.batteries[battery].id;
	scene_give(&scene, &event);
}

static void
case_a3_a_silent_battery_opens_when_its_reading_expires_and_the_other_goes_on(void **state)
{
	(void)state;
	for (size_t silent = 0; silent < 2; silent++) {
		size_t live = 1 - silent;
		uint32_t decision;

		begin_with_two();
		for (int i = 0; i < 2; i++) {
			scene_pass(&scene, 10 * MS_PER_SECOND);
			say_battery(0, 20);
			say_battery(1, 20);
		}
		assert_true(scene.relays[silent].is_on && scene.relays[live].is_on);
		decision = scene.site.batteries[live].decision.id;
		for (int second = 10; second <= 600; second += 10) {
			scene_pass(&scene, 10 * MS_PER_SECOND);
			say_battery(live, 20 + second / 100.0);
			assert_true(scene.relays[live].is_on);
			assert_int_equal(scene.relays[silent].is_on, second < 90);
		}
		assert_int_equal(scene.site.batteries[silent].decision.reason.code, REASON_STALE);
		assert_int_equal(scene.site.batteries[live].decision.winner, DECIDER_THRESHOLD);
		assert_in_range(scene.site.batteries[live].decision.id, decision, decision + 1);
		assert_int_equal(scene.closings[live], 1);
		assert_string_equal(scene_alert(&scene, ALERT_SENSOR_STALE)->subject.text,
				    silent == 0 ? "b1" : "b2");
	}
}

/* ---- C4: the sign of the current ---- */

static void case_c4_a_current_against_the_trend_is_told_of_and_not_turned_round(void **state)
{
	static const struct {
		double from_pct, to_pct;
		int64_t current_ma; /* + = charging */
		bool is_contradiction;
	} rows[] = {
	    {60, 67, -13400, true},    {60, 67, 13400, false}, {67, 60, 13400, true},
	    {67, 60, -13400, false},   {60, 67, -1100, true},  {60, 67, -900, false},
	    {60, 62.9, -13400, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		double span_pct = rows[i].to_pct - rows[i].from_pct;

		scene_begin(&scene);
		for (int j = 0; j <= 360; j++) {
			struct event event =
			    scene_reading(rows[i].from_pct + span_pct * j / 360, 20);

			event.reading.reading.has_current = true;
			event.reading.reading.current_ma = rows[i].current_ma;
			scene_say_event(&scene, &event);
		}
		assert_int_equal(scene_alert(&scene, ALERT_SIGN_CONTRADICTION) != NULL,
				 rows[i].is_contradiction);
		assert_int_equal(scene_battery(&scene)->quality,
				 rows[i].is_contradiction ? QUALITY_SUSPECT : QUALITY_GOOD);
		assert_int_equal(scene_battery(&scene)->reading.current_ma, rows[i].current_ma);
	}
}

/* ---- G1: a machine without a battery for its clock ---- */

static void say_stamped(double soc_pct, int64_t stamp_ms)
{
	struct event event = scene_reading(soc_pct, 20);

	event.reading.reading.has_time = true;
	event.reading.reading.measured.ms = stamp_ms;
	scene_say_event(&scene, &event);
	assert_in_range(scene_battery(&scene)->decision.age_ms, 0, 10 * MS_PER_SECOND);
}

static void case_g1_until_the_clock_is_trusted_only_rules_count_and_no_age_jumps(void **state)
{
	const struct decision *decision = &scene_battery(&scene)->decision;
	const int64_t today_ms = scene.now.wall.ms;
	const int64_t starts_ms[] = {0, today_ms - 3 * MS_PER_DAY, today_ms + 100 * MS_PER_DAY};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(starts_ms); i++) {
		scene_begin(&scene);
		scene_set_schedule(&scene, "discharge 00:00-23:59");
		scene.now.wall = (struct wall_time){starts_ms[i]};
		scene.now.wall_is_trusted = false;
		/* One sensor's clock is right, another's begins anew as ours did, a third has none.
		 */
		say_stamped(20, today_ms);
		say_stamped(20, scene.now.wall.ms);
		scene_say_times(&scene, 20, 20, 7);
		assert_true(scene_charges(&scene));
		assert_int_equal(decision->winner, DECIDER_THRESHOLD);
		assert_false(decision->wall_is_trusted);
		scene.now.wall = (struct wall_time){today_ms + 90 * MS_PER_SECOND};
		scene_pass(&scene, 5 * MS_PER_SECOND);
		assert_true(scene_charges(&scene)); /* the step alone means nothing */
		assert_in_range(decision->age_ms, 0, 6 * MS_PER_SECOND);
		scene.now.wall_is_trusted = true;
		say_stamped(20.1, scene.now.wall.ms + 5 * MS_PER_SECOND);
		assert_false(scene_charges(&scene));
		assert_int_equal(decision->winner, DECIDER_SCHEDULE);
		assert_true(decision->wall_is_trusted);
	}
}

/* ---- P: what is old, and what has no effect ---- */

static void case_p1_after_its_validity_a_reading_only_grows_older(void **state)
{
	static const int64_t valid_s[] = {90, 30, 600};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(valid_s); i++) {
		struct event event = scene_reading(20, 20);

		scene_begin(&scene);
		scene_set(&scene, PARAMETER_STALE_AFTER, valid_s[i] * MS_PER_SECOND);
		event.reading.reading.has_power = true;
		event.reading.reading.power_mw = 1500000;
		scene_say_event(&scene, &event);
		scene_say_event(&scene, &event);
		scene_pass(&scene, valid_s[i] * MS_PER_SECOND);
		assert_int_not_equal(scene_reason(&scene), REASON_STALE);
		for (int hour = 0; hour < 8; hour++) {
			scene_pass(&scene, MS_PER_HOUR);
			assert_int_equal(scene_reason(&scene), REASON_STALE);
			assert_int_equal(scene_battery(&scene)->decision.age_ms,
					 valid_s[i] * MS_PER_SECOND + (hour + 1) * MS_PER_HOUR);
			assert_false(scene_charges(&scene));
		}
	}
}

static void case_p2_too_small_an_effect_is_no_effect_and_both_numbers_are_said(void **state)
{
	static const struct {
		int32_t power_w;
		double gained_pct; /* in an hour */
		const char *words; /* NULL: nothing is said */
	} rows[] = {
	    {1000, 0.3, "charging brought 0.15 % where 5.02 % was to be expected"},  {1000, 10, NULL},
	    {1000, 1.9, "charging brought 0.96 % where 5.02 % was to be expected"},  {1000, 2.1, NULL},
	    {5000, 9, "charging brought 2.25 % where 12.5 % was to be expected"}, {5000, 11, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		const struct alert *alert;
		char words[WORDS_MAX] = "";
		struct text text = text_in(words, sizeof(words));

		scene_begin(&scene);
		scene.house.batteries[0].power_w = rows[i].power_w;
		scene_say_times(&scene, 20, 20, 2);
		assert_true(scene_charges(&scene));
		for (int j = 1; j <= 360; j++) /* the temperature moves: it is not frozen */
			scene_say_times(&scene, 20 + rows[i].gained_pct * j / 360,
					20 + (j % 2) * 0.1, 1);
		alert = scene_alert(&scene, ALERT_NO_EFFECT);
		assert_int_equal(alert != NULL, rows[i].words != NULL);
		if (alert == NULL)
			continue;
		alert_format(alert, &text);
		if (strstr(words, rows[i].words) == NULL)
			fail_msg("\"%s\" is not in \"%s\"", rows[i].words, words);
	}
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(case_a1_power_through_an_open_relay_for_a_moment_now_and_then_is_no_weld),
	    ROW(case_a1_values_that_stand_still_again_and_again_are_not_frozen),
	    ROW(case_a1_short_silences_do_not_add_up_to_a_long_one),
	    ROW(case_a1_a_dip_now_and_then_never_becomes_the_state_of_charge),
	    ROW(case_a2_a_fall_that_the_battery_cannot_do_is_told_of_and_starts_no_charge),
	    ROW(case_a3_a_silent_battery_opens_when_its_reading_expires_and_the_other_goes_on),
	    ROW(case_c4_a_current_against_the_trend_is_told_of_and_not_turned_round),
	    ROW(case_g1_until_the_clock_is_trusted_only_rules_count_and_no_age_jumps),
	    ROW(case_p1_after_its_validity_a_reading_only_grows_older),
	    ROW(case_p2_too_small_an_effect_is_no_effect_and_both_numbers_are_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
