/* Clocks with a factor, and times as text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

static void wall_format_and_parse_are_inverse(void **state)
{
	static const struct {
		int64_t ms;
		int32_t offset_s;
		const char *text;
	} cases[] = {
	    {0, 0, "1970-01-01T00:00:00.000Z"},
	    {-1, 0, "1969-12-31T23:59:59.999Z"},
	    {951782400123, 0, "2000-02-29T00:00:00.123Z"},
	    {1774746600000, 3600, "2026-03-29T02:10:00.000+01:00"},
	    {1774746600000, -34200, "2026-03-28T15:40:00.000-09:30"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char text[WALL_TEXT_MAX];
		struct wall_time back;

		wall_format(text, (struct wall_time){cases[i].ms}, cases[i].offset_s);
		assert_string_equal(text, cases[i].text);
		assert_int_equal(wall_parse(&back, text, strlen(text)), 0);
		assert_int_equal(back.ms, cases[i].ms);
	}
}

static void wall_format_writes_no_year_as_another(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} cases[] = {
	    {253402300799999, "9999-12-31T23:59:59.999Z"},
	    {253402300800000, "10000-01-01"},
	    {-62167219200000, "0000-01-01T00:00:00.000Z"},
	    {-62167219200001, "-1-12-31"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char text[WALL_TEXT_MAX];

		assert_string_equal(wall_format(text, (struct wall_time){cases[i].ms}, 0),
				    cases[i].text);
	}
}

static void wall_parse_refuses_what_is_no_moment(void **state)
{
	static const char *const texts[] = {
	    "",
	    "2026-03-29",
	    "2026-03-29T02:10:00",
	    "2026-02-30T00:00:00Z",
	    "2026-13-01T00:00:00Z",
	    "2026-03-29T24:00:00Z",
	    "2026-03-29T02:60:00Z",
	    "2026-03-29T02:10:00.Z",
	    "2026-03-29T02:10:00+1",
	    "2026-03-29T02:10:00Zx",
	    "26-03-29T02:10:00Z",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct wall_time out = {42};

		assert_int_equal(wall_parse(&out, texts[i], strlen(texts[i])), -EINVAL);
		assert_int_equal(out.ms, 42);
	}
}

static void a_fast_clock_agrees_with_the_world_at_its_origin_and_runs_ahead(void **state)
{
	struct clock real = clock_real(), fast;
	int64_t wall_ms = clock_wall(&real).ms;
	char text[64];

	(void)state;
	snprintf(text, sizeof text, "60@%lld", (long long)wall_ms - 1000);
	assert_int_equal(clock_parse(&fast, text), 0);
	/* One real second after the origin it shows a minute more, plus what the test took. */
	assert_true(clock_wall(&fast).ms >= wall_ms - 1000 + 60000);
	assert_true(clock_wall(&fast).ms < wall_ms - 1000 + 60000 + 60 * 10000);
	assert_int_equal(clock_real_ms(&fast, 60000), 1000);
	assert_int_equal(clock_real_ms(&fast, 1), 1);
	assert_int_equal(clock_real_ms(&fast, 0), 0);
}

static void clock_parse_refuses_what_is_no_factor(void **state)
{
	static const char *const texts[] = {"", "0", "-1", "x", "60@", "60@x", "60 ", "3601"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct clock out = {.factor = 7};

		assert_int_equal(clock_parse(&out, texts[i]), -EINVAL);
		assert_int_equal(out.factor, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(wall_format_and_parse_are_inverse),
	    cmocka_unit_test(wall_format_writes_no_year_as_another),
	    cmocka_unit_test(wall_parse_refuses_what_is_no_moment),
	    cmocka_unit_test(a_fast_clock_agrees_with_the_world_at_its_origin_and_runs_ahead),
	    cmocka_unit_test(clock_parse_refuses_what_is_no_factor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
