/* What a minute of a meter comes to: each watt in the minute where it flowed, none where nobody
 * knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "model/meter_minute.h"

#define CASE(name) cmocka_unit_test(name)
#define BEGIN_MS INT64_C(1774746000000) /* a whole hour */

struct bench {
	struct meter_sum sum;
	int64_t mono_ms, wall_ms;
	struct meter_minute minutes[32];
	size_t count;
};

static void look(struct bench *bench)
{
	while (meter_sum_advance(&bench->sum, (struct mono_time){bench->mono_ms},
				 (struct wall_time){bench->wall_ms},
				 &bench->minutes[bench->count])) {
		bench->count++;
		assert_true(bench->count < 32);
	}
}

static void at(struct bench *bench, int64_t ms)
{
	bench->mono_ms = 5000 + ms;
	bench->wall_ms = BEGIN_MS + ms;
	look(bench);
}

static void hear(struct bench *bench, int64_t ms, double power_w)
{
	at(bench, ms);
	meter_sum_add(&bench->sum, power_w, QUALITY_GOOD, (struct mono_time){bench->mono_ms});
}

static void is_near(double value, double expected)
{
	if (fabs(value - expected) > 1e-6)
		fail_msg("%.9f is not %.9f", value, expected);
}

static void a_value_a_second_comes_to_one_row_a_minute(void **state)
{
	struct bench bench = {0};
	const struct meter_minute *minute = &bench.minutes[0];

	(void)state;
	for (int second = 0; second < 150; second++)
		hear(&bench, second * 1000, second % 2 == 0 ? 500 : 700);
	assert_int_equal(bench.count, 2);
	assert_true(minute->from.ms == BEGIN_MS);
	assert_int_equal(minute->count, 60);
	assert_int_equal(minute->known_ms, 60000);
	is_near(minute->mean_w, 600);
	is_near(minute->min_w, 500);
	is_near(minute->max_w, 700);
	is_near(minute->last_w, 700);
	is_near(minute->imported_wh, 10);
	is_near(minute->exported_wh, 0);
	assert_true(bench.minutes[1].from.ms == BEGIN_MS + MS_PER_MINUTE);
}

static void what_was_imported_and_exported_in_one_minute_is_kept_apart(void **state)
{
	struct bench bench = {0};

	(void)state;
	hear(&bench, 0, 1200);
	hear(&bench, 30000, -1200);
	at(&bench, 60000);
	assert_int_equal(bench.count, 1);
	is_near(bench.minutes[0].mean_w, 0);
	is_near(bench.minutes[0].imported_wh, 10);
	is_near(bench.minutes[0].exported_wh, 10);
}

static void a_value_is_in_force_over_the_minutes_edge(void **state)
{
	struct bench bench = {0};

	(void)state;
	hear(&bench, 45000, 600);
	hear(&bench, 75000, 1200);
	at(&bench, 120000);
	assert_int_equal(bench.count, 2);
	assert_int_equal(bench.minutes[0].known_ms, 15000);
	is_near(bench.minutes[0].imported_wh, 2.5);
	assert_int_equal(bench.minutes[1].known_ms, 60000);
	assert_int_equal(bench.minutes[1].count, 1);
	is_near(bench.minutes[1].min_w, 600);
	is_near(bench.minutes[1].imported_wh, 2.5 + 15);
}

static void after_ninety_seconds_of_silence_nothing_is_known_and_nothing_stored(void **state)
{
	struct bench bench = {0};

	(void)state;
	hear(&bench, 0, 600);
	at(&bench, 3600000);
	assert_int_equal(bench.count, 2);
	assert_int_equal(bench.minutes[0].known_ms, 60000);
	assert_int_equal(bench.minutes[1].known_ms, 30000);
	assert_int_equal(bench.minutes[1].count, 0);
	is_near(bench.minutes[1].mean_w, 600);
	is_near(bench.minutes[1].imported_wh, 5);
	hear(&bench, 3600000, 100);
	at(&bench, 3660000);
	assert_int_equal(bench.count, 3);
	assert_true(bench.minutes[2].from.ms == BEGIN_MS + 3600000);
	is_near(bench.minutes[2].mean_w, 100);
}

static void looks_in_between_change_nothing(void **state)
{
	struct bench few = {0}, many = {0};

	(void)state;
	hear(&few, 100, 333);
	hear(&few, 70100, -20);
	at(&few, 400000);
	hear(&many, 100, 333);
	for (int64_t ms = 200; ms < 70000; ms += 137)
		at(&many, ms);
	hear(&many, 70100, -20);
	for (int64_t ms = 70200; ms <= 400000; ms += 1000)
		at(&many, ms);
	assert_int_equal(few.count, many.count);
	for (size_t i = 0; i < few.count; i++) {
		assert_int_equal(few.minutes[i].known_ms, many.minutes[i].known_ms);
		is_near(few.minutes[i].imported_wh, many.minutes[i].imported_wh);
		is_near(few.minutes[i].exported_wh, many.minutes[i].exported_wh);
	}
}

/* Elapsed time counts, whatever the clock on the wall is set to. */
static void a_clock_that_is_set_invents_no_energy(void **state)
{
	static const int64_t leaps_ms[] = {3600000, -3600000, 31536000000, -31536000000};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct bench bench = {0};
		double imported_wh = 0;

		hear(&bench, 0, 3600);
		at(&bench, 10000);
		for (int64_t ms = 11000; ms <= 60000; ms += 1000) {
			bench.mono_ms = 5000 + ms;
			bench.wall_ms = BEGIN_MS + ms + leaps_ms[i];
			look(&bench);
		}
		assert_int_equal(bench.count, 2);
		assert_true(bench.minutes[0].from.ms == BEGIN_MS);
		assert_true(bench.minutes[1].from.ms == BEGIN_MS + leaps_ms[i]);
		for (size_t j = 0; j < bench.count; j++)
			imported_wh += bench.minutes[j].imported_wh;
		/* 60 Wh but for the second in which it was set. */
		is_near(imported_wh, 59);
	}
}

static void a_clock_that_is_slowed_ends_no_minute(void **state)
{
	struct bench bench = {0};

	(void)state;
	hear(&bench, 30000, 60);
	bench.mono_ms += 10;
	bench.wall_ms -= 5;
	look(&bench);
	at(&bench, 60000);
	assert_int_equal(bench.count, 1);
	assert_int_equal(bench.minutes[0].known_ms, 30000);
}

static void a_stop_ends_the_minute_as_far_as_it_came(void **state)
{
	struct bench bench = {0};
	struct meter_minute ended;

	(void)state;
	assert_false(meter_sum_end(&bench.sum, &ended));
	hear(&bench, 0, 360);
	at(&bench, 20000);
	assert_true(meter_sum_end(&bench.sum, &ended));
	assert_int_equal(ended.known_ms, 20000);
	is_near(ended.imported_wh, 2);
	assert_false(meter_sum_end(&bench.sum, &ended));
}

static void a_minute_is_as_good_as_its_worst_value(void **state)
{
	struct bench bench = {0};

	(void)state;
	hear(&bench, 0, 100);
	at(&bench, 60000);
	meter_sum_add(&bench.sum, 60, QUALITY_ASSUMED, (struct mono_time){bench.mono_ms});
	hear(&bench, 90000, 100);
	at(&bench, 180000);
	assert_int_equal(bench.count, 3);
	assert_int_equal(bench.minutes[0].quality, QUALITY_GOOD);
	assert_int_equal(bench.minutes[1].quality, QUALITY_ASSUMED);
	assert_int_equal(bench.minutes[2].quality, QUALITY_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(a_value_a_second_comes_to_one_row_a_minute),
	    CASE(what_was_imported_and_exported_in_one_minute_is_kept_apart),
	    CASE(a_value_is_in_force_over_the_minutes_edge),
	    CASE(after_ninety_seconds_of_silence_nothing_is_known_and_nothing_stored),
	    CASE(looks_in_between_change_nothing),
	    CASE(a_clock_that_is_set_invents_no_energy),
	    CASE(a_clock_that_is_slowed_ends_no_minute),
	    CASE(a_stop_ends_the_minute_as_far_as_it_came),
	    CASE(a_minute_is_as_good_as_its_worst_value),
	};

	return cmocka_run_group_tests_name("meter_minute", tests, NULL, NULL);
}
