/*
 * Cases from the field (docs/cases.md), kinds B and F: temperatures that lie, and
 * limits that flutter, in simulated time.
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

static void assert_says(const char *part)
{
	char words[WORDS_MAX];
	struct text text = text_in(words, sizeof(words));

	scene_words(&scene, &text);
	if (strstr(words, part) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", part, words);
}

/* A rule "below" must go on working beneath zero. */
static void case_b1_frost_never_allows_charging_and_each_refusal_names_its_number(void **state)
{
	static const struct {
		int64_t least_mc;
		double temp_c;
		const char *refusal; /* NULL: it charges */
	} rows[] = {
	    {5000, 5.1, NULL},
	    {5000, 5.0, NULL},
	    {5000, 4.9, "4.9 °C; charging is allowed from 5.0 °C"},
	    {5000, 0, "0.0 °C; charging is allowed from 5.0 °C"},
	    {5000, -0.1, "-0.1 °C; charging is allowed from 5.0 °C"},
	    {5000, -20, "-20.0 °C; charging is allowed from 5.0 °C"},
	    {0, 0, NULL},
	    {0, -0.1, "-0.1 °C; charging is allowed from 0.0 °C"},
	    {-10000, -10, NULL},
	    {-10000, -10.1, "-10.1 °C; charging is allowed from -10.0 °C"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		scene_begin(&scene);
		scene_set(&scene, PARAMETER_CHARGE_MIN_TEMP, rows[i].least_mc);
		scene_say_times(&scene, 20, rows[i].temp_c, 3);
		assert_int_equal(scene_charges(&scene), rows[i].refusal == NULL);
		if (rows[i].refusal != NULL)
			assert_says(rows[i].refusal);
	}
}

static void case_b1_a_battery_that_freezes_slowly_is_charged_until_the_limit_only(void **state)
{
	(void)state;
	for (int tenth = 80; tenth >= -200; tenth--) {
		scene_say_times(&scene, 20 + (80 - tenth) / 100.0, tenth / 10.0, 2);
		assert_int_equal(scene_charges(&scene), tenth >= 50);
	}
	assert_says("-20.0 °C; charging is allowed from 5.0 °C");
	assert_int_equal(scene.closings[SOURCE], 1);
}

/* What a DS18B20 says after it lost power, and other values out of nowhere. */
static void case_b2_one_absurd_temperature_opens_for_that_reading_and_never_locks_out(void **state)
{
	static const struct {
		double usual_c, absurd_c;
	} rows[] = {{14, 85}, {14, 84.9}, {44, 85}, {14, 0}, {14, -20}, {25, 127.9}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		scene_begin(&scene);
		scene_set(&scene, PARAMETER_TRIPS_PER_DAY, 1);
		scene_say_times(&scene, 20, rows[i].usual_c + 0.1, 2);
		for (int hour = 0; hour < 24; hour++) {
			double soc_pct = 20 + hour / 10.0;

			scene_say_times(&scene, soc_pct, rows[i].absurd_c, 1);
			assert_false(scene_charges(&scene));
			assert_int_equal(scene_battery(&scene)->quality, QUALITY_SUSPECT);
			assert_non_null(scene_alert(&scene, ALERT_TEMP_IMPLAUSIBLE));
			scene_say_times(&scene, soc_pct, rows[i].usual_c, 2);
			assert_true(scene_charges(&scene));
			for (int minute = 1; minute < 60; minute++)
				scene_say_times(&scene, soc_pct + minute / 600.0, rows[i].usual_c,
						6);
		}
		assert_int_equal(scene_battery(&scene)->trips_today, 0);
		assert_false(scene_battery(&scene)->is_locked_out);
		assert_in_range(scene.site.relays[SOURCE].switches_today, 0, 2);
	}
}

static void case_b2_the_power_on_value_as_the_first_reading_is_suspect_too(void **state)
{
	(void)state;
	scene_say_times(&scene, 20, 85, 1);
	assert_int_equal(scene_battery(&scene)->quality, QUALITY_SUSPECT);
	assert_int_equal(scene_reason(&scene), REASON_SUSPECT);
	scene_say_times(&scene, 20, 14, 2);
	assert_true(scene_charges(&scene));
	assert_int_equal(scene_battery(&scene)->trips_today, 0);
}

/* A limit, values on both sides of it, and where it releases. */
struct edge {
	enum parameter_id limit;
	int64_t limit_mc, hysteresis_mc;
	double good_c, bad_c, held_c, released_c;
};

static void flutter(const struct edge *edge, int64_t interval_ms)
{
	scene_begin(&scene);
	scene_set(&scene, edge->limit, edge->limit_mc);
	scene_set(&scene, PARAMETER_TEMP_HYSTERESIS, edge->hysteresis_mc);
	scene_set(&scene, PARAMETER_INTERVAL, interval_ms);
	for (int i = 0; i < 900; i++) {
		scene_pass(&scene, 2 * MS_PER_SECOND);
		scene_say(&scene, 20, edge->good_c);
		scene_pass(&scene, 2 * MS_PER_SECOND);
		scene_say(&scene, 20, edge->bad_c);
		assert_false(scene_charges(&scene));
	}
	assert_in_range(scene.closings[SOURCE], 0, 1);
}

static void case_b3_a_value_that_flutters_at_the_limit_closes_at_most_once(void **state)
{
	static const struct edge edges[] = {
	    {PARAMETER_CHARGE_MIN_TEMP, 5000, 2000, 5.1, 4.9, 6.99, 7},
	    {PARAMETER_CHARGE_MIN_TEMP, 0, 4000, 0.1, -0.1, 3.99, 4},
	    {PARAMETER_CHARGE_MAX_TEMP, 45000, 2000, 44.9, 45.1, 43.01, 43},
	    {PARAMETER_CHARGE_MAX_TEMP, 40000, 500, 39.9, 40.1, 39.51, 39.5},
	};
	static const int64_t intervals[] = {10 * MS_PER_SECOND, 2 * MS_PER_SECOND};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(edges); i++) {
		for (size_t j = 0; j < ARRAY_LENGTH(intervals); j++) {
			flutter(&edges[i], intervals[j]);
			scene_say_times(&scene, 20, edges[i].held_c, 3);
			assert_in_range(scene.closings[SOURCE], 0, 1);
			assert_false(scene_charges(&scene));
			scene_say_times(&scene, 20, edges[i].released_c, 1);
			assert_true(scene_charges(&scene));
		}
	}
}

static void case_f2_at_the_reserve_it_stays_open_until_beyond_the_hysteresis(void **state)
{
	static const struct {
		double reserve_pct, hysteresis_pct;
	} rows[] = {{10, 2}, {10, 1.5}, {35, 5}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		double reserve = rows[i].reserve_pct;
		double release = reserve + rows[i].hysteresis_pct;

		scene_begin(&scene);
		scene_set(&scene, PARAMETER_RESERVE, (int64_t)(reserve * 100));
		scene_set(&scene, PARAMETER_SOC_HYSTERESIS,
			  (int64_t)(rows[i].hysteresis_pct * 100));
		scene_say_times(&scene, reserve + 0.01, 20, 2);
		scene_override(&scene, INTENT_DISCHARGE, 8 * MS_PER_HOUR);
		assert_true(scene_discharges(&scene));
		for (int pair = 0; pair < 60; pair++) {
			scene_say_times(&scene, reserve, 20, 12);
			scene_say_times(&scene, reserve + 1, 20, 12);
			assert_false(scene_discharges(&scene));
		}
		/* so slowly that it need not come from a source that is stuck */
		for (double soc_pct = reserve + 1; soc_pct < release - 0.05; soc_pct += 0.1)
			scene_say_times(&scene, soc_pct, 20, 18);
		scene_say_times(&scene, release - 0.01, 20, 1);
		assert_int_equal(scene.closings[LOAD], 1);
		scene_say_times(&scene, release, 20, 1);
		assert_true(scene_discharges(&scene));
	}
}

/* Tested by equality, a ceiling lets 95.01 pass; without a latch, one digit reopens it. */
static void case_f3_the_ceiling_holds_until_below_its_hysteresis(void **state)
{
	static const double steps[] = {0, 0.01, -0.01, 5, -0.01, 0.5, -0.01};
	static const struct {
		double ceiling_pct, hysteresis_pct;
	} rows[] = {{95, 2}, {95, 0.5}, {80, 10}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		double ceiling = rows[i].ceiling_pct;
		double release = ceiling - rows[i].hysteresis_pct;

		scene_begin(&scene);
		scene_set(&scene, PARAMETER_CEILING, (int64_t)(ceiling * 100));
		scene_set(&scene, PARAMETER_SOC_HYSTERESIS,
			  (int64_t)(rows[i].hysteresis_pct * 100));
		scene_say_times(&scene, ceiling - 0.01, 20, 2);
		scene_override(&scene, INTENT_CHARGE, 6 * MS_PER_HOUR);
		assert_true(scene_charges(&scene));
		for (size_t j = 0; j < ARRAY_LENGTH(steps); j++)
			for (int times = 0; times < 3; times++) {
				scene_say_times(&scene, ceiling + steps[j], 20, 1);
				assert_false(scene_charges(&scene));
			}
		for (double soc_pct = ceiling; soc_pct >= release; soc_pct -= 0.1)
			scene_say_times(&scene, soc_pct, 20, 6);
		scene_say_times(&scene, release, 20, 2);
		assert_false(scene_charges(&scene));
		scene_say_times(&scene, release - 0.01, 20, 1);
		assert_true(scene_charges(&scene));
		assert_int_equal(scene.closings[SOURCE], 2);
	}
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(case_b1_frost_never_allows_charging_and_each_refusal_names_its_number),
	    ROW(case_b1_a_battery_that_freezes_slowly_is_charged_until_the_limit_only),
	    ROW(case_b2_one_absurd_temperature_opens_for_that_reading_and_never_locks_out),
	    ROW(case_b2_the_power_on_value_as_the_first_reading_is_suspect_too),
	    ROW(case_b3_a_value_that_flutters_at_the_limit_closes_at_most_once),
	    ROW(case_f2_at_the_reserve_it_stays_open_until_beyond_the_hysteresis),
	    ROW(case_f3_the_ceiling_holds_until_below_its_hysteresis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
