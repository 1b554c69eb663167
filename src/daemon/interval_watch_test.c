/* When a sensor counts as sending as it was told to. */
#include "daemon/interval_watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define TOLD_MS 10000

struct scene {
	struct interval_watch watch;
	struct mono_time now;
};

static struct scene told(void)
{
	struct scene scene = {.now = {1000}};

	interval_watch_told(&scene.watch, TOLD_MS, scene.now);
	return scene;
}

/* The next reading comes `spacing_ms` after the last. */
static enum interval_verdict hear(struct scene *scene, int64_t spacing_ms)
{
	scene->now = mono_add(scene->now, spacing_ms);
	return interval_watch_heard(&scene->watch, spacing_ms, scene->now);
}

/* Readings so far apart until there is a verdict, at most `most` of them. */
static enum interval_verdict hear_until_verdict(struct scene *scene, int64_t spacing_ms, int most)
{
	enum interval_verdict verdict = INTERVAL_OPEN;

	while (most-- > 0 && verdict == INTERVAL_OPEN)
		verdict = hear(scene, spacing_ms);
	return verdict;
}

static void two_readings_in_a_row_confirm_an_interval_to_a_quarter_of_it(void **state)
{
	static const struct {
		int64_t first_ms, second_ms;
		bool is_confirmed;
	} rows[] = {
	    {10000, 10000, true}, {7500, 12500, true},   {7499, 10000, false},
	    {10000, 7499, false}, {12501, 10000, false}, {10000, 12501, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct scene scene = told();

		assert_int_equal(hear(&scene, rows[i].first_ms), INTERVAL_OPEN);
		assert_int_equal(hear(&scene, rows[i].second_ms),
				 rows[i].is_confirmed ? INTERVAL_CONFIRMED : INTERVAL_OPEN);
		assert_int_equal(scene.watch.is_confirmed, rows[i].is_confirmed);
	}
}

static void one_late_reading_is_no_verdict_and_two_are(void **state)
{
	struct scene scene = told();

	(void)state;
	assert_int_equal(hear_until_verdict(&scene, TOLD_MS, 2), INTERVAL_CONFIRMED);
	assert_int_equal(hear(&scene, 6 * TOLD_MS), INTERVAL_OPEN);
	assert_true(scene.watch.is_confirmed);
	assert_int_equal(hear(&scene, TOLD_MS), INTERVAL_OPEN);
	assert_true(scene.watch.is_confirmed);
	assert_int_equal(hear(&scene, 6 * TOLD_MS), INTERVAL_OPEN);
	assert_int_equal(hear(&scene, 6 * TOLD_MS), INTERVAL_TELL_AGAIN);
	assert_false(scene.watch.is_confirmed);
}

static void a_node_that_does_otherwise_is_told_three_times_and_then_reported_once(void **state)
{
	struct scene scene = told();

	(void)state;
	for (int attempt = 1; attempt < INTERVAL_ATTEMPTS_MAX; attempt++) {
		assert_int_equal(hear_until_verdict(&scene, 6 * TOLD_MS, 3), INTERVAL_TELL_AGAIN);
		interval_watch_told(&scene.watch, TOLD_MS, scene.now);
	}
	assert_int_equal(hear_until_verdict(&scene, 6 * TOLD_MS, 3), INTERVAL_IGNORED);
	assert_int_equal(hear_until_verdict(&scene, 6 * TOLD_MS, 20), INTERVAL_OPEN);
	assert_int_equal(hear_until_verdict(&scene, TOLD_MS, 2), INTERVAL_CONFIRMED);
}

static void a_node_has_four_intervals_and_at_least_half_a_minute_to_follow(void **state)
{
	struct scene scene = told();

	(void)state;
	/* 39 s after it was told, and 40 s */
	assert_int_equal(hear_until_verdict(&scene, 3000, 13), INTERVAL_OPEN);
	assert_int_equal(hear(&scene, 1000), INTERVAL_TELL_AGAIN);
	scene = (struct scene){0};
	interval_watch_told(&scene.watch, 1000, scene.now);
	assert_int_equal(hear_until_verdict(&scene, 10000, 2), INTERVAL_OPEN);
	assert_int_equal(hear(&scene, 9999), INTERVAL_OPEN);
	assert_int_equal(hear(&scene, 1), INTERVAL_TELL_AGAIN);
}

static void what_is_set_anew_is_confirmed_anew(void **state)
{
	struct scene scene = told();

	(void)state;
	assert_int_equal(hear_until_verdict(&scene, TOLD_MS, 2), INTERVAL_CONFIRMED);
	interval_watch_told(&scene.watch, 2 * TOLD_MS, scene.now);
	assert_false(scene.watch.is_confirmed);
	assert_int_equal(scene.watch.attempts, 1);
	assert_int_equal(hear_until_verdict(&scene, 2 * TOLD_MS, 2), INTERVAL_CONFIRMED);
}

static void a_node_that_was_told_nothing_is_not_judged(void **state)
{
	struct scene scene = {0};

	(void)state;
	assert_int_equal(hear_until_verdict(&scene, TOLD_MS, 20), INTERVAL_OPEN);
	assert_false(scene.watch.is_confirmed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_readings_in_a_row_confirm_an_interval_to_a_quarter_of_it),
	    cmocka_unit_test(one_late_reading_is_no_verdict_and_two_are),
	    cmocka_unit_test(a_node_that_does_otherwise_is_told_three_times_and_then_reported_once),
	    cmocka_unit_test(a_node_has_four_intervals_and_at_least_half_a_minute_to_follow),
	    cmocka_unit_test(what_is_set_anew_is_confirmed_anew),
	    cmocka_unit_test(a_node_that_was_told_nothing_is_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
