/* What is written down of what the core was given, and what is not. */
#include "daemon/trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NOON_MS INT64_C(1764072000000) /* 2025-11-25T12:00:00Z */
#define ROWS_MAX 64

/* A trace, and the rows that it was allowed to leave. */
struct scene {
	struct trace trace;
	struct house house;
	struct site site;
	struct outcome outcome;
	struct now now;
	bool is_disk_away;
	int rows;
	uint32_t entries;
	uint32_t sum; /* over the bytes of all rows */
	enum trace_begin begin[ROWS_MAX];
	struct trace_entry first[ROWS_MAX]; /* of each row */
};

static struct scene *scene;

static bool keep(void *user, const struct record *record)
{
	assert_ptr_equal(user, scene);
	if (scene->is_disk_away)
		return false;
	assert_in_range(scene->rows, 0, ROWS_MAX - 1);
	assert_true(trace_decode(&scene->first[scene->rows], record->trace.data,
				 record->trace.length, NULL) > 0);
	scene->begin[scene->rows++] = record->trace.begin;
	scene->entries += record->trace.entries;
	for (size_t i = 0; i < record->trace.length; i++)
		scene->sum = scene->sum * 31 + record->trace.data[i];
	return true;
}

static int set_up(void **state)
{
	(void)state;
	scene = calloc(1, sizeof(*scene));
	assert_non_null(scene);
	scene->trace.keep = keep;
	scene->trace.user = scene;
	scene->now = (struct now){{1000}, {NOON_MS}, true, 0, 1};
	scene->house.battery_count = 1;
	trace_begin(&scene->trace, &scene->house, &scene->site, scene->now);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(scene);
	return 0;
}

/* The core is given an event of that kind; `changes` is what it makes of its state. */
static void give(enum event_kind kind, bool changes)
{
	struct event event = {.kind = kind};

	trace_before_step(&scene->trace, &scene->site, &event);
	scene->site.next_decision_id += changes;
	trace_step(&scene->trace, &scene->site, &event, scene->now, &scene->outcome);
}

static void a_row_begins_with_the_start(void **state)
{
	(void)state;
	give(EVENT_STOP, false);
	trace_flush(&scene->trace);
	assert_int_equal(scene->rows, 1);
	assert_int_equal(scene->begin[0], TRACE_BEGINS_WITH_START);
	assert_int_equal(scene->first[0].kind, TRACE_START);
	assert_int_equal(scene->entries, 2);
	trace_flush(&scene->trace);
	assert_int_equal(scene->rows, 1);
}

static void a_tick_is_written_only_if_something_came_of_it(void **state)
{
	(void)state;
	give(EVENT_TICK, false);
	trace_flush(&scene->trace);
	assert_int_equal(scene->entries, 1); /* the start */
	give(EVENT_TICK, true);
	scene->outcome.command_count = 1;
	give(EVENT_TICK, false);
	trace_flush(&scene->trace);
	assert_int_equal(scene->entries, 3);
}

/* What C leaves open between the members, all of it. */
static void spoil_padding(struct site *site)
{
	struct site *all = malloc(sizeof(*all)), *mask = malloc(sizeof(*mask));
	size_t spoilt = 0;

	assert_non_null(all);
	assert_non_null(mask);
	memset(all, 0xff, sizeof(*all));
	site_copy_members(mask, all);
	free(all);
	for (size_t i = 0; i < sizeof(*site); i++) {
		if (((const uint8_t *)mask)[i] != 0)
			continue;
		((uint8_t *)site)[i] = 0xa5;
		spoilt++;
	}
	free(mask);
	assert_true(spoilt > 0);
}

static void a_tick_that_left_something_between_the_members_is_not_written(void **state)
{
	struct event event = {.kind = EVENT_TICK};

	(void)state;
	trace_before_step(&scene->trace, &scene->site, &event);
	spoil_padding(&scene->site);
	trace_step(&scene->trace, &scene->site, &event, scene->now, &scene->outcome);
	spoil_padding(&scene->site);
	trace_before_step(&scene->trace, &scene->site, &event);
	trace_step(&scene->trace, &scene->site, &event, scene->now, &scene->outcome);
	trace_flush(&scene->trace);
	assert_int_equal(scene->entries, 1); /* the start */
}

static void a_copy_holds_nothing_of_what_is_between_the_members(void **state)
{
	uint32_t sum;

	(void)state;
	scene->site.next_decision_id = 7;
	trace_flush(&scene->trace);
	scene->sum = 0;
	trace_copy(&scene->trace, &scene->site, scene->now);
	trace_flush(&scene->trace);
	sum = scene->sum;
	scene->sum = 0;
	spoil_padding(&scene->site);
	trace_copy(&scene->trace, &scene->site, scene->now);
	trace_flush(&scene->trace);
	assert_int_not_equal(sum, 0);
	assert_int_equal(scene->sum, sum);
}

static void what_the_disk_does_not_take_waits(void **state)
{
	(void)state;
	scene->is_disk_away = true;
	give(EVENT_STOP, false);
	trace_flush(&scene->trace);
	give(EVENT_STOP, false);
	scene->is_disk_away = false;
	trace_flush(&scene->trace);
	assert_int_equal(scene->entries, 3);
	assert_int_equal(scene->trace.gaps, 0);
}

static void more_than_can_wait_is_a_gap_and_a_copy_ends_it(void **state)
{
	int rows;

	(void)state;
	scene->is_disk_away = true;
	for (int i = 0; i < TRACE_ROW_MAX && !scene->trace.has_gap; i++)
		give(EVENT_STOP, false);
	assert_true(scene->trace.has_gap);
	assert_int_equal(scene->trace.gaps, 1);
	give(EVENT_STOP, false);
	scene->is_disk_away = false;
	trace_flush(&scene->trace);
	assert_int_equal(scene->rows, 0); /* what is after a gap means nothing without the state */
	trace_copy(&scene->trace, &scene->site, scene->now);
	give(EVENT_STOP, false);
	trace_flush(&scene->trace);
	rows = scene->rows;
	assert_true(rows >= 1);
	assert_int_equal(scene->begin[0], TRACE_BEGINS_WITH_COPY);
	assert_true(scene->first[0].start.has_copy);
	assert_true(scene->first[0].start.is_after_gap);
	assert_int_equal(scene->trace.gaps, 1);
}

static void a_copy_is_written_each_day(void **state)
{
	(void)state;
	trace_flush(&scene->trace);
	scene->now.wall.ms += 11 * MS_PER_HOUR;
	give(EVENT_STOP, false);
	trace_flush(&scene->trace);
	assert_int_equal(scene->begin[scene->rows - 1], TRACE_GOES_ON);
	scene->now.wall.ms += 2 * MS_PER_HOUR;
	give(EVENT_STOP, false);
	trace_flush(&scene->trace);
	assert_int_equal(scene->begin[scene->rows - 1], TRACE_BEGINS_WITH_COPY);
	assert_false(scene->first[scene->rows - 1].start.is_after_gap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_row_begins_with_the_start, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_tick_is_written_only_if_something_came_of_it, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(
		a_tick_that_left_something_between_the_members_is_not_written, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(a_copy_holds_nothing_of_what_is_between_the_members,
					    set_up, tear_down),
	    cmocka_unit_test_setup_teardown(what_the_disk_does_not_take_waits, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(more_than_can_wait_is_a_gap_and_a_copy_ends_it, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(a_copy_is_written_each_day, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
