/* Rows written by hand: that a reader of JSON takes them, and finds what was written. */
#include "wire/json_text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define SIZE 512

static void json_text_writes_members_of_each_kind(void **state)
{
	char data[SIZE];
	struct text text = text_in(data, sizeof(data));
	struct json_text object = json_text_open(&text);
	(void)state;

	json_text_integer(&object, "row", -17);
	json_text_bool(&object, "acts", true);
	json_text_bool(&object, "state", false);
	json_text_real(&object, "power_w", (double)NAN);
	json_text_scaled(&object, "lease_left_s", 12345, MS_PER_SECOND);
	json_text_scaled(&object, "on_s", 60000, MS_PER_SECOND);
	json_text_string(&object, "node", "b1");
	json_text_time(&object, "at", (struct wall_time){1774137600123});
	json_text_time(&object, "measured", (struct wall_time){0});
	json_text_close(&object);
	assert_string_equal(data, "{\"row\":-17,\"acts\":true,\"state\":false,\"power_w\":null,"
				  "\"lease_left_s\":12.345,\"on_s\":60.0,\"node\":\"b1\","
				  "\"at\":\"2026-03-22T00:00:00.123Z\",\"measured\":null}");
	assert_false(text.is_cut);
}

static void json_text_writes_a_real_as_a_real_of_twelve_digits(void **state)
{
	static const double values[] = {
	    0.0,           50.0,        24.1,     -600.0, 0.0001,
	    -0.0001,       0.00001,     1.0 / 3,  1e8,    -1e8,
	    99999999.9999, 1e15,        1e300,    5e-324, 1.7976931348623157e308,
	    3300.125,      12345.67891, 0.1 + 0.2};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
		char data[SIZE], digits[SIZE];
		struct text text = text_in(data, sizeof(data));
		struct text twelve = text_in(digits, sizeof(digits));
		struct json_text object = json_text_open(&text);
		json_t *read, *value;

		json_text_real(&object, "v", values[i]);
		json_text_close(&object);
		text_add(&twelve, "%.12g", values[i]);
		read = json_loads(data, 0, NULL);
		value = json_object_get(read, "v");
		assert_true(json_is_real(value));
		assert_true(json_real_value(value) == strtod(digits, NULL));
		json_decref(read);
	}
}

static void json_text_lets_no_text_break_out_of_its_quotes(void **state)
{
	static const char nasty[] = "a\"b\\c\n\x01\xc3\xa8";
	char data[SIZE];
	struct text text = text_in(data, sizeof(data));
	struct json_text object = json_text_open(&text);
	json_t *read;
	(void)state;

	json_text_string(&object, "node", nasty);
	json_text_close(&object);
	read = json_loads(data, 0, NULL);
	assert_non_null(read);
	assert_string_equal(json_string_value(json_object_get(read, "node")), nasty);
	json_decref(read);
}

static void json_text_remembers_what_did_not_fit(void **state)
{
	char data[16];
	struct text text = text_in(data, sizeof(data));
	struct json_text object = json_text_open(&text);
	(void)state;

	json_text_string(&object, "node", "a name that is too long");
	json_text_close(&object);
	assert_true(text.is_cut);
	assert_true(strlen(data) < sizeof(data));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(json_text_writes_members_of_each_kind),
	    cmocka_unit_test(json_text_writes_a_real_as_a_real_of_twelve_digits),
	    cmocka_unit_test(json_text_lets_no_text_break_out_of_its_quotes),
	    cmocka_unit_test(json_text_remembers_what_did_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
