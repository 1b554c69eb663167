/* That JSON is told from what is none without building it, and looked into by pointers. */
#include "wire/json_glance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/json_message.h"

static void glance_tells_json_from_what_is_none(void **state)
{
	static const struct {
		const char *payload;
		enum refusal why;
	} texts[] = {
	    {"{}", REFUSAL_NONE},
	    {" [1,-2.5e3,\"a\",true,false,null] \r\n", REFUSAL_NONE},
	    {"55.2", REFUSAL_NONE},
	    {"{\"a\":1e999}", REFUSAL_NONE}, /* nobody looked at it yet */
	    {"", REFUSAL_EMPTY},
	    {" \r\n", REFUSAL_EMPTY},
	    {"{", REFUSAL_NOT_JSON},
	    {"{} x", REFUSAL_NOT_JSON},
	    {"{'a':1}", REFUSAL_NOT_JSON},
	    {"[1,]", REFUSAL_NOT_JSON},
	    {"[01]", REFUSAL_NOT_JSON},
	    {"[+1]", REFUSAL_NOT_JSON},
	    {"[1.]", REFUSAL_NOT_JSON},
	    {"[.5]", REFUSAL_NOT_JSON},
	    {"{\"a\":NaN}", REFUSAL_NOT_JSON},
	    {"[\"\\x\"]", REFUSAL_NOT_JSON},
	    {"[\"\\ud800\"]", REFUSAL_NOT_JSON},
	    {"\xef\xbb\xbf{}", REFUSAL_NOT_JSON},
	    {"[\"\xff\"]", REFUSAL_BAD_UTF8},
	    {"{\"a\":1,\"a\":2}", REFUSAL_DUPLICATE_KEY},
	    {"{\"a\":1,\"\\u0061\":2}", REFUSAL_DUPLICATE_KEY},
	    {"{\"b\":{\"a\":1},\"a\":{\"a\":1}}", REFUSAL_NONE},
	    {"[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", REFUSAL_NONE},
	    {"[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", REFUSAL_TOO_DEEP},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		enum refusal why = json_glance_check(texts[i].payload, strlen(texts[i].payload));

		if (why != texts[i].why)
			print_error("%s: %s\n", texts[i].payload, refusal_name(why));
		assert_int_equal(why, texts[i].why);
	}
}

static void glance_refuses_what_is_too_large(void **state)
{
	char *long_text = malloc(JSON_MESSAGE_BYTES_MAX + 1);
	(void)state;

	memset(long_text, ' ', JSON_MESSAGE_BYTES_MAX + 1);
	long_text[0] = '1';
	assert_int_equal(json_glance_check(long_text, JSON_MESSAGE_BYTES_MAX), REFUSAL_NONE);
	assert_int_equal(json_glance_check(long_text, JSON_MESSAGE_BYTES_MAX + 1),
			 REFUSAL_TOO_LARGE);
	free(long_text);
}

static void glance_takes_no_zero_for_a_blank(void **state)
{
	(void)state;

	assert_int_equal(json_glance_check("[1\0]", 4), REFUSAL_NOT_JSON);
	assert_int_equal(json_glance_check("1\0", 2), REFUSAL_NOT_JSON);
}

static const char message[] =
    "{ \"a\" : {\"b/c\":[10, {\"~\":\"x\\ny\"}],\"\":true},\"Temp\\u00e9\":-3.5e1}";

static void glance_follows_pointers(void **state)
{
	static const struct {
		const char *pointer, *value; /* NULL: there is nothing */
	} places[] = {
	    {"/a/b~1c/0", "10"},  {"/a/b~1c/1/~0", "\"x\\ny\""}, {"/a/", "true"},
	    {"/Tempé", "-3.5e1"}, {"/a/b~1c/2", NULL},           {"/a/b~1c/00", NULL},
	    {"/a/b~1c/-", NULL},  {"/a/b~1c/0/x", NULL},         {"/A", NULL},
	    {"/b", NULL},
	};
	(void)state;

	assert_int_equal(json_glance_check(message, strlen(message)), REFUSAL_NONE);
	for (size_t i = 0; i < ARRAY_LENGTH(places); i++) {
		struct json_glance found =
		    json_glance_find(message, strlen(message), places[i].pointer);

		if (places[i].value == NULL) {
			assert_int_equal(found.kind, GLANCE_NOTHING);
			continue;
		}
		assert_int_equal(found.length, strlen(places[i].value));
		assert_memory_equal(found.at, places[i].value, found.length);
	}
}

static void glance_undoes_escapes(void **state)
{
	struct json_glance found = json_glance_find(message, strlen(message), "/a/b~1c/1/~0");
	char text[JSON_GLANCE_TEXT_MAX];
	(void)state;

	assert_int_equal(json_glance_text(text, &found), 3);
	assert_string_equal(text, "x\ny");
}

static void pointers_are_checked_before_use(void **state)
{
	(void)state;

	assert_true(json_pointer_is_valid(""));
	assert_true(json_pointer_is_valid("/a~1b/~0/0"));
	assert_false(json_pointer_is_valid("a"));
	assert_false(json_pointer_is_valid("/a~2"));
	assert_false(json_pointer_is_valid("/a~"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(glance_tells_json_from_what_is_none),
	    cmocka_unit_test(glance_refuses_what_is_too_large),
	    cmocka_unit_test(glance_takes_no_zero_for_a_blank),
	    cmocka_unit_test(glance_follows_pointers),
	    cmocka_unit_test(glance_undoes_escapes),
	    cmocka_unit_test(pointers_are_checked_before_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
