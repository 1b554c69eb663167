/* Into which pieces a series divides its time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt/series_grid.h"

#define CASE(name) cmocka_unit_test(name)
#define START_MS INT64_C(1774746000000) /* 2026-03-29T01:00:00Z: Rome's clocks go ahead */

static int32_t rome(struct wall_time wall)
{
	return wall.ms >= START_MS ? 7200 : 3600;
}

static int make(struct series_grid *out, int level, int64_t from_ms, int64_t to_ms, uint32_t points,
		int64_t least_ms)
{
	return series_grid_init(out, level, (struct wall_time){from_ms}, (struct wall_time){to_ms},
				points, least_ms, rome);
}

static void there_are_never_more_pieces_than_asked_for(void **state)
{
	static const int levels[] = {SERIES_ROWS, ROLLUP_MINUTE, ROLLUP_QUARTER, ROLLUP_DAY};

	(void)state;
	for (size_t level = 0; level < ARRAY_LENGTH(levels); level++)
		for (uint32_t points = 1; points < 300; points += 7)
			for (int64_t span_ms = 1; span_ms < 400 * MS_PER_DAY;
			     span_ms = span_ms * 5 + 1) {
				struct series_grid grid;

				assert_int_equal(make(&grid, levels[level], START_MS + 17,
						      START_MS + 17 + span_ms, points, 0),
						 0);
				assert_in_range(grid.count, 1, points);
				assert_true(grid.edges_ms[0] <= START_MS + 17);
				assert_true(grid.edges_ms[grid.count] >= START_MS + 17 + span_ms);
				series_grid_deinit(&grid);
			}
}

static void a_time_is_in_the_piece_that_it_begins(void **state)
{
	struct series_grid grid;

	(void)state;
	assert_int_equal(make(&grid, SERIES_ROWS, 1000, 2000, 4, 0), 0);
	assert_int_equal(grid.count, 4);
	assert_int_equal(series_grid_find(&grid, (struct wall_time){999}), -1);
	assert_int_equal(series_grid_find(&grid, (struct wall_time){1000}), 0);
	assert_int_equal(series_grid_find(&grid, (struct wall_time){1249}), 0);
	assert_int_equal(series_grid_find(&grid, (struct wall_time){1250}), 1);
	assert_int_equal(series_grid_find(&grid, (struct wall_time){1999}), 3);
	assert_int_equal(series_grid_find(&grid, (struct wall_time){2000}), -1);
	series_grid_deinit(&grid);
}

static void a_day_of_23_hours_is_one_piece(void **state)
{
	struct series_grid grid;

	(void)state;
	assert_int_equal(make(&grid, ROLLUP_DAY, START_MS, START_MS + MS_PER_HOUR, 9, 0), 0);
	assert_int_equal(grid.count, 1);
	assert_int_equal(grid.edges_ms[1] - grid.edges_ms[0], 23 * MS_PER_HOUR);
	series_grid_deinit(&grid);
}

static void a_span_that_is_none_is_refused(void **state)
{
	struct series_grid grid;

	(void)state;
	assert_int_equal(make(&grid, ROLLUP_DAY, START_MS, START_MS, 9, 0), -EINVAL);
	assert_int_equal(make(&grid, ROLLUP_DAY, -1, START_MS, 9, 0), -EINVAL);
	assert_int_equal(make(&grid, ROLLUP_DAY, 0, SERIES_DAYS_MAX * MS_PER_DAY + 1, 9, 0),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(there_are_never_more_pieces_than_asked_for),
	    CASE(a_time_is_in_the_piece_that_it_begins),
	    CASE(a_day_of_23_hours_is_one_piece),
	    CASE(a_span_that_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
