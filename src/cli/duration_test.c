/* Durations and moments as people write them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cli/duration.h"

static void duration_reads_units_in_falling_order(void **state)
{
	static const struct {
		const char *text;
		int64_t ms; /* -1: refused */
	} CASES[] = {
	    {"1s", 1000},
	    {"90s", 90000},
	    {"15m", 900000},
	    {"2h", 7200000},
	    {"1h30m", 5400000},
	    {"1d", 86400000},
	    {"1d2h3m4s", 93784000},
	    {"366d", 31622400000},
	    {"366d1s", -1},
	    {"", -1},
	    {"0s", -1},
	    {"15", -1},
	    {"m", -1},
	    {"30m1h", -1},
	    {"1h1h", -1},
	    {"1.5h", -1},
	    {"-1h", -1},
	    {"1h ", -1},
	    {"1x", -1},
	    {"9999999999s", -1},
	    {"1H", -1},
	    {"1h30", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		int64_t ms = -1;
		int rc = duration_parse(&ms, CASES[i].text);

		assert_int_equal(rc, CASES[i].ms < 0 ? -EINVAL : 0);
		assert_int_equal(ms, CASES[i].ms);
	}
}

static void duration_is_written_in_its_two_greatest_units(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} CASES[] = {
	    {0, "0 s"},        {999, "0 s"},          {1000, "1 s"},    {59999, "59 s"},
	    {60000, "1 min"},  {125000, "2 min 5 s"}, {3600000, "1 h"}, {5400000, "1 h 30 min"},
	    {86400000, "1 d"}, {90061000, "1 d 1 h"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		char buffer[64];
		struct text text = text_in(buffer, sizeof(buffer));

		duration_format(&text, CASES[i].ms);
		assert_string_equal(buffer, CASES[i].text);
	}
}

static int32_t same_offset(const void *zone, struct wall_time at)
{
	(void)at;
	return *(const int32_t *)zone;
}

static void moment_counts_from_the_houses_now(void **state)
{
	/* 2026-11-25T04:30:00Z, in a house at UTC+1 and in one at UTC-8, where it is still the
	 * 24th. */
	const struct wall_time now = {1795581000000};
	static const struct {
		const char *text;
		int32_t offset_s;
		int64_t ms; /* -1: refused */
	} CASES[] = {
	    {"now", 0, 1795581000000},
	    {"-2h", 0, 1795573800000},
	    {"2026-11-25T04:00:00Z", 0, 1795579200000},
	    {"2026-11-25T05:00:00+01:00", 0, 1795579200000},
	    {"today", 0, 1795564800000},
	    {"today", 3600, 1795561200000},
	    {"today", -28800, 1795507200000},
	    {"yesterday", 0, 1795478400000},
	    {"today 03:15", 3600, 1795572900000},
	    {"yesterday 18:30", 0, 1795545000000},
	    {"yesterday 24:00", 0, -1},
	    {"today 3", 0, -1},
	    {"today03:15", 0, -1},
	    {"today 03:15x", 0, -1},
	    {"todays", 0, -1},
	    {"-", 0, -1},
	    {"-2", 0, -1},
	    {"tomorrow", 0, -1},
	    {"2026-11-25", 0, -1},
	    {"", 0, -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct wall_time at = {-1};
		int rc = moment_parse(&at, CASES[i].text, now, same_offset, &CASES[i].offset_s);

		assert_int_equal(rc, CASES[i].ms < 0 ? -EINVAL : 0);
		assert_int_equal(at.ms, CASES[i].ms);
	}
}

/* Rome: summer time ended on 2026-10-25 at 01:00Z, and began on 2026-03-29 at 01:00Z. */
static int32_t rome_offset(const void *zone, struct wall_time at)
{
	(void)zone;
	return at.ms >= 1774746000000 && at.ms < 1792890000000 ? 7200 : 3600;
}

static void today_begins_at_midnight_also_on_days_of_23_and_25_hours(void **state)
{
	static const struct {
		const char *text;
		int64_t now_ms, ms;
	} CASES[] = {
	    {"today", 1792911600000, 1792879200000},           /* 10-25 08:00+01:00: 00:00+02:00 */
	    {"yesterday", 1792998000000, 1792879200000},       /* 10-26 08:00+01:00 */
	    {"yesterday", 1792911600000, 1792792800000},       /* 10-24 00:00+02:00 */
	    {"today", 1774764000000, 1774738800000},           /* 03-29 08:00+02:00: 00:00+01:00 */
	    {"yesterday", 1774850400000, 1774738800000},       /* 03-30 08:00+02:00 */
	    {"today 18:30", 1792911600000, 1792949400000},     /* 10-25 18:30+01:00 */
	    {"yesterday 01:30", 1774850400000, 1774744200000}, /* 03-29 01:30+01:00 */
	    {"yesterday 18:30", 1774850400000, 1774801800000}, /* 03-29 18:30+02:00 */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct wall_time at = {-1}, now = {CASES[i].now_ms};

		assert_int_equal(moment_parse(&at, CASES[i].text, now, rome_offset, NULL), 0);
		assert_int_equal(at.ms, CASES[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(duration_reads_units_in_falling_order),
	    cmocka_unit_test(duration_is_written_in_its_two_greatest_units),
	    cmocka_unit_test(moment_counts_from_the_houses_now),
	    cmocka_unit_test(today_begins_at_midnight_also_on_days_of_23_and_25_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
