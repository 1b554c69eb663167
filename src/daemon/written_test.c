/* Rules of what is written in a day. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/written.h"

static struct mono_time at(int64_t ms)
{
	return (struct mono_time){5 * (int64_t)MS_PER_DAY + ms};
}

/* Follows from `from_ms` to `to_ms` minute by minute, `per_hour` bytes in each hour. */
static uint64_t follow(struct written *written, int64_t from_ms, int64_t to_ms, uint64_t total,
		       uint64_t per_hour)
{
	for (int64_t ms = from_ms; ms < to_ms; ms += MS_PER_MINUTE) {
		total += per_hour / 60;
		written_follow(written, at(ms + MS_PER_MINUTE), total);
	}
	return total;
}

static void the_start_says_nothing_about_a_day(void **state)
{
	struct written written = {0};

	(void)state;
	assert_int_equal(written_per_day(&written, at(0), 0), -1);
	written_follow(&written, at(0), 300000);
	assert_int_equal(written_per_day(&written, at(WRITTEN_LEAST_MS - 1), 900000), -1);
	assert_true(written_per_day(&written, at(WRITTEN_LEAST_MS), 900000) > 0);
}

static void what_the_start_itself_wrote_is_no_part_of_it(void **state)
{
	struct written written = {0};

	(void)state;
	written_follow(&written, at(0), 300000);
	assert_int_equal(written_per_day(&written, at(MS_PER_HOUR), 300000 + 6000), 24 * 6000);
}

static void after_a_day_only_the_last_day_counts(void **state)
{
	struct written written = {0};
	uint64_t total = 0;
	int64_t per_day;

	(void)state;
	written_follow(&written, at(0), 0);
	total = follow(&written, 0, 10 * (int64_t)MS_PER_HOUR, total, 600000);
	total = follow(&written, 10 * (int64_t)MS_PER_HOUR, 20 * (int64_t)MS_PER_HOUR, total, 6000);
	per_day = written_per_day(&written, at(20 * (int64_t)MS_PER_HOUR), total);
	assert_in_range(per_day, 24 * 302000, 24 * 304000);
	total = follow(&written, 20 * (int64_t)MS_PER_HOUR, 60 * (int64_t)MS_PER_HOUR, total, 6000);
	per_day = written_per_day(&written, at(60 * (int64_t)MS_PER_HOUR), total);
	assert_in_range(per_day, 24 * 5900, 24 * 6100);
}

static void a_long_pause_ends_what_was_counted_before_it(void **state)
{
	struct written written = {0};
	int64_t later_ms = 40 * (int64_t)MS_PER_DAY;

	(void)state;
	written_follow(&written, at(0), 0);
	written_follow(&written, at(MS_PER_HOUR), 1000000);
	written_follow(&written, at(later_ms), 1000000);
	assert_int_equal(written_per_day(&written, at(later_ms), 1000000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_start_says_nothing_about_a_day),
	    cmocka_unit_test(what_the_start_itself_wrote_is_no_part_of_it),
	    cmocka_unit_test(after_a_day_only_the_last_day_counts),
	    cmocka_unit_test(a_long_pause_ends_what_was_counted_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
