/* Bounded text and locale-proof numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/text.h"

static void text_keeps_what_fits_and_says_that_it_was_cut(void **state)
{
	char room[8];
	struct text text = text_in(room, sizeof room);

	(void)state;
	text_add(&text, "%s", "1234567");
	assert_false(text.is_cut);
	text_add(&text, "8");
	assert_true(text.is_cut);
	assert_string_equal(room, "1234567");
	text = text_in(room, sizeof room);
	text_add_bytes(&text, "1234567890", 7);
	assert_false(text.is_cut);
	text_add_bytes(&text, "", 0);
	assert_false(text.is_cut);
	text_add_bytes(&text, "89", 1);
	assert_true(text.is_cut);
	assert_string_equal(room, "1234567");
}

static void text_add_scaled_writes_no_trailing_zeros(void **state)
{
	static const struct {
		int64_t value;
		int32_t scale;
		const char *expected;
	} cases[] = {
	    {5020, 100, "50.2"},     {5000, 100, "50"},
	    {-100, 1000, "-0.1"},    {5, 1000, "0.005"},
	    {-25500, 1000, "-25.5"}, {7, 1, "7"},
	    {0, 100, "0"},           {INT64_MIN, 1, "-9223372036854775808"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		char room[32];
		struct text text = text_in(room, sizeof room);

		text_add_scaled(&text, cases[i].value, cases[i].scale);
		assert_string_equal(room, cases[i].expected);
	}
}

static void number_parse_takes_the_whole_text_or_nothing(void **state)
{
	static const struct {
		const char *text;
		int result;
		double value;
	} cases[] = {
	    {"23.9", 0, 23.9},   {"-0.5", 0, -0.5},    {"+1e3", 0, 1000},     {".5", 0, 0.5},
	    {"7.", 0, 7},        {"23,9", -EINVAL, 0}, {"12abc", -EINVAL, 0}, {"", -EINVAL, 0},
	    {"nan", -EINVAL, 0}, {"inf", -EINVAL, 0},  {"0x10", -EINVAL, 0},  {" 1", -EINVAL, 0},
	    {"1 ", -EINVAL, 0},  {"1e", -EINVAL, 0},   {".", -EINVAL, 0},     {"1e999", -ERANGE, 0},
	    {"--1", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		double value = -77;

		assert_int_equal(number_parse(&value, cases[i].text, strlen(cases[i].text)),
				 cases[i].result);
		assert_true(value == (cases[i].result == 0 ? cases[i].value : -77));
	}
}

static void hash_bytes_is_fnv_1a(void **state)
{
	(void)state;
	assert_true(hash_bytes("", 0) == 0xcbf29ce484222325u);
	assert_true(hash_bytes("foobar", 6) == 0x85944171f73967e8u);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(text_keeps_what_fits_and_says_that_it_was_cut),
	    cmocka_unit_test(text_add_scaled_writes_no_trailing_zeros),
	    cmocka_unit_test(number_parse_takes_the_whole_text_or_nothing),
	    cmocka_unit_test(hash_bytes_is_fnv_1a),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
