/* The bounds within which a stranger's JSON is read, on both sides. */
#include "wire/json_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static enum refusal load(const char *payload, size_t len, enum json_numbers numbers)
{
	json_t *json;
	enum refusal why = json_message_load(&json, payload, len, numbers);

	if (why == REFUSAL_NONE)
		json_decref(json);
	return why;
}

static void json_message_takes_64_kib_and_no_byte_more(void **state)
{
	char *payload = malloc(JSON_MESSAGE_BYTES_MAX + 1);
	(void)state;

	memset(payload, ' ', JSON_MESSAGE_BYTES_MAX + 1);
	payload[0] = '{';
	payload[JSON_MESSAGE_BYTES_MAX - 1] = '}';
	assert_int_equal(load(payload, JSON_MESSAGE_BYTES_MAX, JSON_NUMBERS_KEPT), REFUSAL_NONE);
	assert_int_equal(load(payload, JSON_MESSAGE_BYTES_MAX + 1, JSON_NUMBERS_KEPT),
			 REFUSAL_TOO_LARGE);
	free(payload);
}

/* `depth` levels in all: one object and arrays in it. */
static enum refusal load_nested(int depth)
{
	char payload[128];
	struct text text = text_in(payload, sizeof payload);

	text_add(&text, "{\"[[[[[[[[[[[[[[[[[[[[\":");
	for (int i = 1; i < depth; i++)
		text_add(&text, "[");
	text_add(&text, "1");
	for (int i = 1; i < depth; i++)
		text_add(&text, "]");
	text_add(&text, "}");
	return load(payload, text.length, JSON_NUMBERS_KEPT);
}

static void json_message_takes_16_levels_and_not_17(void **state)
{
	(void)state;

	assert_int_equal(load_nested(JSON_MESSAGE_DEPTH_MAX), REFUSAL_NONE);
	assert_int_equal(load_nested(JSON_MESSAGE_DEPTH_MAX + 1), REFUSAL_TOO_DEEP);
}

static void json_message_refuses_depth_that_is_never_closed(void **state)
{
	char payload[JSON_MESSAGE_BYTES_MAX];
	(void)state;

	memset(payload, '[', sizeof payload);
	assert_int_equal(load(payload, sizeof payload, JSON_NUMBERS_KEPT), REFUSAL_TOO_DEEP);
}

/* An object with a list of `count` numbers has 2 brackets, a colon and count - 1 commas. */
static enum refusal load_list(size_t count)
{
	char payload[4 * JSON_MESSAGE_VALUES_MAX];
	struct text text = text_in(payload, sizeof payload);

	text_add(&text, "{\"a\":[1");
	for (size_t i = 1; i < count; i++)
		text_add(&text, ",1");
	text_add(&text, "]}");
	return load(payload, text.length, JSON_NUMBERS_KEPT);
}

static void json_message_takes_a_bounded_number_of_values(void **state)
{
	(void)state;

	assert_int_equal(load_list(JSON_MESSAGE_VALUES_MAX - 2), REFUSAL_NONE);
	assert_int_equal(load_list(JSON_MESSAGE_VALUES_MAX - 1), REFUSAL_TOO_LARGE);
}

static void json_message_leaves_words_in_strings_alone(void **state)
{
	static const char payload[] =
	    "{\"NaN\":\"Infinity \\\" nan [[[[[[[[[[[[[[[[[[[[ \xc3\xa4\"}";
	(void)state;

	assert_int_equal(load(payload, strlen(payload), JSON_NUMBERS_KEPT), REFUSAL_NONE);
}

static void json_message_keeps_or_widens_long_integers(void **state)
{
	static const char payload[] = "{\"n\":9223372036854775808}";
	(void)state;

	assert_int_equal(load(payload, strlen(payload), JSON_NUMBERS_KEPT), REFUSAL_OUT_OF_RANGE);
	assert_int_equal(load(payload, strlen(payload), JSON_NUMBERS_AS_REAL), REFUSAL_NONE);
}

static void json_message_judges_utf8_at_its_edges(void **state)
{
	static const struct {
		const char *text;
		enum refusal why;
	} rows[] = {
	    {"\x7f", REFUSAL_NONE},
	    {"\x80", REFUSAL_BAD_UTF8},
	    {"\xc1\xbf", REFUSAL_BAD_UTF8},
	    {"\xc2\x80", REFUSAL_NONE},
	    {"\xdf\xbf", REFUSAL_NONE},
	    {"\xe0\x9f\xbf", REFUSAL_BAD_UTF8},
	    {"\xe0\xa0\x80", REFUSAL_NONE},
	    {"\xed\x9f\xbf", REFUSAL_NONE},
	    {"\xed\xa0\x80", REFUSAL_BAD_UTF8},
	    {"\xf0\x8f\xbf\xbf", REFUSAL_BAD_UTF8},
	    {"\xf0\x90\x80\x80", REFUSAL_NONE},
	    {"\xf4\x8f\xbf\xbf", REFUSAL_NONE},
	    {"\xf4\x90\x80\x80", REFUSAL_BAD_UTF8},
	    {"\xe2\x82", REFUSAL_BAD_UTF8},
	};
	char payload[64];
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct text text = text_in(payload, sizeof payload);

		text_add(&text, "{\"a\":\"%s\"}", rows[i].text);
		assert_int_equal(load(payload, text.length, JSON_NUMBERS_KEPT), rows[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_message_takes_64_kib_and_no_byte_more),
	    cmocka_unit_test(json_message_takes_16_levels_and_not_17),
	    cmocka_unit_test(json_message_refuses_depth_that_is_never_closed),
	    cmocka_unit_test(json_message_takes_a_bounded_number_of_values),
	    cmocka_unit_test(json_message_leaves_words_in_strings_alone),
	    cmocka_unit_test(json_message_keeps_or_widens_long_integers),
	    cmocka_unit_test(json_message_judges_utf8_at_its_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
