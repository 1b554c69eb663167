/* What a battery's log tells of its next days. */
#include "plan/foresight.h"
#include "plan/test_home.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <math.h>

#define BEGIN_S (20332LL * 86400) /* 2025-09-01, a Monday */
#define QUARTER_S DIARY_SECONDS
#define TAU_H 4.0f      /* of the battery that these logs are of */
#define WARMS_K 0.5f    /* by an hour's move of 10 % */
#define SHARE_H 0.2212f /* 1 - exp(-1 / TAU_H) */

static struct foresight foresight;
static struct foresight_view view;

/* ---- a battery that does the same every day, more or less ---- */

static float ambient_at(int quarter)
{
	return 15 + 5 * cosf(((float)(quarter % 96) / 96 - 0.6f) * 2 * 3.14159265f);
}

struct battery {
	float soc_pct, temp_c;
	uint64_t seed;
};

/* Fills from 9 to 16 h as the day's sun allows, empties from 18 to 23 h. */
static void battery_go(struct battery *battery, int quarter, float noise)
{
	int place = quarter % 96;
	float shake = 1 + noise * (2 * test_random(&battery->seed) - 1), move = 0;

	if (place >= 36 && place < 64)
		move = fminf(3 * shake, 95 - battery->soc_pct);
	if (place >= 72 && place < 92)
		move = -fminf(3.5f * shake, battery->soc_pct - 10);
	battery->soc_pct += move;
	battery->temp_c +=
	    (ambient_at(quarter) - battery->temp_c) * SHARE_H / 4 + WARMS_K * fabsf(move) / 10;
}

/* Plays `days` days into the forecast from quarter `*at` on; `lacks` says what was not measured. */
static void play(struct battery *battery, int *at, int days, float noise, bool (*lacks)(int))
{
	for (int i = 0; i < days * 96; i++, (*at)++) {
		battery_go(battery, *at, noise);
		if (lacks == NULL || !lacks(*at))
			foresight_take(&foresight, BEGIN_S + (int64_t)*at * QUARTER_S + 600,
				       battery->soc_pct, battery->temp_c);
	}
	/* The next quarter begins: what ended is known. */
	foresight_take(&foresight, BEGIN_S + (int64_t)*at * QUARTER_S, battery->soc_pct,
		       battery->temp_c);
}

static struct battery begin(void)
{
	foresight_init(&foresight);
	return (struct battery){.soc_pct = 40, .temp_c = 15, .seed = 3};
}

static void nothing_is_expected_before_a_quarter_was_measured(void **state)
{
	(void)state;
	begin();
	foresight_look(&foresight, &view);
	assert_int_equal(view.count, 0);
	foresight_take(&foresight, BEGIN_S, 50, 20);
	foresight_look(&foresight, &view);
	assert_int_equal(view.count, 0);
	foresight_take(&foresight, BEGIN_S + QUARTER_S, 51, 20);
	foresight_look(&foresight, &view);
	assert_int_equal(view.count, FORESIGHT_STEPS);
	assert_int_equal(view.from_s, BEGIN_S + QUARTER_S);
}

static void on_the_first_day_it_stays_as_it_is_with_wide_ends(void **state)
{
	struct battery battery = begin();
	int at = 0;

	(void)state;
	play(&battery, &at, 0, 0, NULL);
	foresight_take(&foresight, BEGIN_S + QUARTER_S, 40, 15);
	foresight_look(&foresight, &view);
	assert_float_equal(view.steps[23].soc_pct[CONTEST_P50], 40, 0.01);
	assert_float_equal(view.steps[23].temp_c[CONTEST_P50], 15, 0.01);
	assert_true(view.steps[23].soc_pct[CONTEST_P90] - view.steps[23].soc_pct[CONTEST_P10] > 5);
}

static void what_happens_every_day_is_expected(void **state)
{
	struct battery battery = begin(), ahead;
	int at = 0;

	(void)state;
	play(&battery, &at, 12, 0, NULL);
	ahead = battery;
	foresight_look(&foresight, &view);
	for (int i = 0; i < 96; i++) {
		battery_go(&ahead, at + i, 0);
		assert_float_equal(view.steps[i].soc_pct[CONTEST_P50], ahead.soc_pct, 0.5);
		assert_float_equal(view.steps[i].temp_c[CONTEST_P50], ahead.temp_c, 0.4);
	}
	assert_float_equal(view.days, 12, 0.1);
}

static void quantiles_are_in_order_and_within_what_a_battery_holds(void **state)
{
	struct battery battery = begin();
	int at = 0;

	(void)state;
	for (int round = 0; round < 40; round++) {
		play(&battery, &at, 1, 0.9f, NULL);
		foresight_look(&foresight, &view);
		assert_int_equal(view.count, FORESIGHT_STEPS);
		for (int i = 0; i < view.count; i++) {
			const struct foresight_step *step = &view.steps[i];

			assert_true(step->soc_pct[CONTEST_P10] <= step->soc_pct[CONTEST_P50]);
			assert_true(step->soc_pct[CONTEST_P50] <= step->soc_pct[CONTEST_P90]);
			assert_true(step->soc_pct[CONTEST_P10] >= 0);
			assert_true(step->soc_pct[CONTEST_P90] <= 100);
			assert_true(step->temp_c[CONTEST_P10] <= step->temp_c[CONTEST_P90]);
		}
	}
}

/* ---- what was not measured ---- */

static bool has_no_nights(int quarter)
{
	return quarter / 96 % 2 == 0 && quarter % 96 < 30;
}

static void holes_are_left_out_and_never_0(void **state)
{
	struct battery battery = begin(), ahead;
	int at = 0;

	(void)state;
	play(&battery, &at, 14, 0, has_no_nights);
	ahead = battery;
	foresight_look(&foresight, &view);
	for (int i = 0; i < 96; i++) {
		battery_go(&ahead, at + i, 0);
		assert_float_equal(view.steps[i].soc_pct[CONTEST_P50], ahead.soc_pct, 1.5);
	}
}

static void a_month_of_silence_ends_in_a_new_beginning_with_what_was_learned(void **state)
{
	struct battery battery = begin();
	float leak;
	int at = 0;

	(void)state;
	play(&battery, &at, 12, 0.3f, NULL);
	leak = thermal_leak(&foresight.thermal);
	at += 96 * 40;
	play(&battery, &at, 1, 0.3f, NULL);
	foresight_look(&foresight, &view);
	assert_int_equal(view.count, FORESIGHT_STEPS);
	assert_false(isnan(view.steps[100].soc_pct[CONTEST_P50]));
	assert_float_equal(thermal_leak(&foresight.thermal), leak, 0.05);
}

static void readings_without_a_number_make_no_quarter(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < 10; i++)
		foresight_take(&foresight, BEGIN_S + i * QUARTER_S, NAN, 20);
	foresight_look(&foresight, &view);
	assert_int_equal(view.count, 0);
	assert_float_equal(view.days, 0, 1e-6);
}

static void an_hour_that_comes_twice_is_taken_once(void **state)
{
	struct battery battery = begin();
	int at = 0;

	(void)state;
	play(&battery, &at, 3, 0, NULL);
	for (int i = 0; i < 4; i++)
		foresight_take(&foresight, BEGIN_S + (at - 4 + i) * QUARTER_S, 1, 90);
	foresight_look(&foresight, &view);
	assert_float_equal(view.days, 3, 0.1);
	assert_true(view.steps[0].soc_pct[CONTEST_P50] > 5);
	/* but a clock that was wrong all the time was wrong about all */
	foresight_take(&foresight, BEGIN_S, 50, 20);
	foresight_look(&foresight, &view);
	assert_int_equal(view.count, 0);
}

static void a_time_before_1970_breaks_nothing(void **state)
{
	(void)state;
	begin();
	for (int i = -200; i < 300; i++)
		foresight_take(&foresight, (int64_t)i * QUARTER_S, 50, 20);
	foresight_look(&foresight, &view);
	assert_float_equal(view.steps[191].soc_pct[CONTEST_P50], 50, 0.5);
}

/* ---- right as often as it says ---- */

static void eight_of_ten_lie_between_the_outer_quantiles(void **state)
{
	static struct foresight_step expected[4000][2];
	static const int leads[] = {4, 96};
	struct battery battery = begin();
	float inside[2] = {0}, counted = 0;
	int at = 0;

	(void)state;
	play(&battery, &at, 10, 0.9f, NULL);
	for (int i = 0; i < 36 * 96; i++) {
		foresight_look(&foresight, &view);
		for (int lead = 0; lead < 2; lead++)
			expected[i + leads[lead] - 1][lead] = view.steps[leads[lead] - 1];
		battery_go(&battery, at++, 0.9f);
		foresight_take(&foresight, BEGIN_S + (int64_t)at * QUARTER_S - 1, battery.soc_pct,
			       battery.temp_c);
		foresight_take(&foresight, BEGIN_S + (int64_t)at * QUARTER_S, battery.soc_pct,
			       battery.temp_c);
		counted += i >= 96;
		for (int lead = 0; lead < 2 && i >= 96; lead++)
			inside[lead] += battery.temp_c >= expected[i][lead].temp_c[CONTEST_P10] &&
					battery.temp_c <= expected[i][lead].temp_c[CONTEST_P90];
	}
	assert_float_equal(inside[0] / counted, 0.8, 0.07);
	assert_float_equal(inside[1] / counted, 0.8, 0.12);
}

/* ---- warmth ---- */

static void the_thermal_model_finds_the_battery_that_it_is_of(void **state)
{
	struct battery battery = begin();
	int at = 0;

	(void)state;
	play(&battery, &at, 21, 0.5f, NULL);
	assert_true(thermal_is_known(&foresight.thermal));
	assert_float_equal(thermal_leak(&foresight.thermal), SHARE_H, 0.03);
	for (int quarter = 0; quarter < 96; quarter += 24)
		assert_float_equal(thermal_ambient_c(&foresight.thermal, quarter),
				   ambient_at(quarter), 1.2);
}

static void a_course_that_works_harder_gets_warmer(void **state)
{
	struct battery battery = begin();
	float rest[96], work[96], rest_c[96], work_c[96];
	int at = 0;

	(void)state;
	for (int i = 0; i < 96; i++) {
		rest[i] = 10;
		work[i] = i < 16 ? 10 + 4 * (float)(i + 1) : 74;
	}
	assert_false(foresight_warm(&foresight, rest, 96, rest_c));
	play(&battery, &at, 14, 0.5f, NULL);
	for (int i = 0; i < 96; i++) {
		rest[i] = battery.soc_pct;
		work[i] += battery.soc_pct - 10;
	}
	assert_true(foresight_warm(&foresight, rest, 96, rest_c));
	assert_true(foresight_warm(&foresight, work, 96, work_c));
	assert_float_equal(work_c[15] - rest_c[15], 4 * WARMS_K * 1.6f * 0.62f, 0.6);
	assert_float_equal(work_c[95], rest_c[95], 0.2);
}

static void a_course_to_where_no_battery_gets_is_no_forecast(void **state)
{
	struct battery battery = begin();
	float swings[96], temp_c[96];
	int at = 0;

	(void)state;
	play(&battery, &at, 14, 0.5f, NULL);
	for (int i = 0; i < 96; i++)
		swings[i] = i % 2 ? 100 : 0; /* full and empty twice an hour */
	assert_false(foresight_warm(&foresight, swings, 96, temp_c));
}

static void a_thermometer_that_stands_still_makes_no_model(void **state)
{
	struct battery battery = begin();
	int at = 0;

	(void)state;
	for (; at < 20 * 96; at++) {
		battery_go(&battery, at, 0.3f);
		foresight_take(&foresight, BEGIN_S + (int64_t)at * QUARTER_S, battery.soc_pct, 20);
	}
	foresight_look(&foresight, &view);
	assert_float_equal(view.steps[95].temp_c[CONTEST_P50], 20, 0.05);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_is_expected_before_a_quarter_was_measured),
	    cmocka_unit_test(on_the_first_day_it_stays_as_it_is_with_wide_ends),
	    cmocka_unit_test(what_happens_every_day_is_expected),
	    cmocka_unit_test(quantiles_are_in_order_and_within_what_a_battery_holds),
	    cmocka_unit_test(holes_are_left_out_and_never_0),
	    cmocka_unit_test(a_month_of_silence_ends_in_a_new_beginning_with_what_was_learned),
	    cmocka_unit_test(readings_without_a_number_make_no_quarter),
	    cmocka_unit_test(an_hour_that_comes_twice_is_taken_once),
	    cmocka_unit_test(a_time_before_1970_breaks_nothing),
	    cmocka_unit_test(eight_of_ten_lie_between_the_outer_quantiles),
	    cmocka_unit_test(the_thermal_model_finds_the_battery_that_it_is_of),
	    cmocka_unit_test(a_course_that_works_harder_gets_warmer),
	    cmocka_unit_test(a_course_to_where_no_battery_gets_is_no_forecast),
	    cmocka_unit_test(a_thermometer_that_stands_still_makes_no_model),
	};

	return cmocka_run_group_tests_name("plan-foresight", tests, NULL, NULL);
}
