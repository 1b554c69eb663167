/* Interval, presence and registration: both sides of each bound. */
#include "wire/node_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void interval_is_read_or_refused(void **state)
{
	static const struct {
		const char *payload;
		enum refusal why;
		int64_t interval_ms;
	} rows[] = {
	    {"{\"interval\":5}", REFUSAL_NONE, 5000},
	    {"{\"interval\":0.25}", REFUSAL_NONE, 250},
	    {"{\"interval\":86400}", REFUSAL_NONE, 86400000},
	    {"{\"interval\":86401}", REFUSAL_OUT_OF_RANGE, 0},
	    {"{\"interval\":0}", REFUSAL_OUT_OF_RANGE, 0},
	    {"{\"interval\":-5}", REFUSAL_OUT_OF_RANGE, 0},
	    {"{\"interval\":\"5\"}", REFUSAL_WRONG_TYPE, 0},
	    {"{\"interval\":5,\"also\":1}", REFUSAL_WRONG_TYPE, 0},
	    {"{}", REFUSAL_MISSING_FIELD, 0},
	    {"5", REFUSAL_WRONG_TYPE, 0},
	    {"", REFUSAL_EMPTY, 0},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		int64_t interval_ms = 0;

		assert_int_equal(interval_message_parse(&interval_ms, rows[i].payload,
							strlen(rows[i].payload), NULL),
				 rows[i].why);
		assert_int_equal(interval_ms, rows[i].interval_ms);
	}
}

static void interval_is_written_as_it_is_read(void **state)
{
	char data[NODE_MESSAGE_MAX];
	struct text text = text_in(data, sizeof data);
	(void)state;

	interval_message_format(&text, 166);
	assert_string_equal(data, "{\"interval\":0.166}");
}

static void presence_is_one_of_two_words(void **state)
{
	bool is_online = false;
	(void)state;

	assert_int_equal(presence_message_parse(&is_online, "online", 6), REFUSAL_NONE);
	assert_true(is_online);
	assert_int_equal(presence_message_parse(&is_online, "offline\n", 8), REFUSAL_NONE);
	assert_false(is_online);
	assert_int_equal(presence_message_parse(&is_online, "Online", 6), REFUSAL_WRONG_TYPE);
	assert_int_equal(presence_message_parse(&is_online, "", 0), REFUSAL_EMPTY);
	assert_string_equal(presence_message(true), "online");
}

static void registration_is_read_or_refused(void **state)
{
	static const struct {
		const char *payload;
		enum refusal why;
		const char *field;
	} rows[] = {
	    {"{\"node\":\"r1\",\"type\":\"relay\"}", REFUSAL_NONE, ""},
	    {"{\"node\":7,\"type\":\"sensor\",\"port\":5683,\"more\":[1]}", REFUSAL_NONE, ""},
	    {"{\"type\":\"relay\"}", REFUSAL_MISSING_FIELD, "node"},
	    {"{\"node\":\"r1\"}", REFUSAL_MISSING_FIELD, "type"},
	    {"{\"node\":\"r1\",\"type\":\"toaster\"}", REFUSAL_WRONG_TYPE, "type"},
	    {"{\"node\":\"../r1\",\"type\":\"relay\"}", REFUSAL_WRONG_TYPE, "node"},
	    {"{\"node\":\"r1\",\"type\":\"relay\",\"port\":0}", REFUSAL_OUT_OF_RANGE, "port"},
	    {"{\"node\":\"r1\",\"type\":\"relay\",\"port\":65536}", REFUSAL_OUT_OF_RANGE, "port"},
	    {"", REFUSAL_EMPTY, ""},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct refusal_detail detail = {0};
		struct registration registration;

		assert_int_equal(registration_parse(&registration, rows[i].payload,
						    strlen(rows[i].payload), &detail),
				 rows[i].why);
		assert_string_equal(detail.field, rows[i].field);
	}
}

static void registration_is_written_as_it_is_read(void **state)
{
	const struct registration sent = {.node = {"r1"}, .type = NODE_RELAY, .port = 5683};
	char data[NODE_MESSAGE_MAX];
	struct text text = text_in(data, sizeof data);
	struct registration registration;
	(void)state;

	registration_format(&text, &sent);
	assert_string_equal(data, "{\"node\":\"r1\",\"type\":\"relay\",\"port\":5683}");
	assert_int_equal(registration_parse(&registration, data, text.length, NULL), REFUSAL_NONE);
	assert_string_equal(registration.node.text, "r1");
	assert_int_equal(registration.port, 5683);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(interval_is_read_or_refused),
	    cmocka_unit_test(interval_is_written_as_it_is_read),
	    cmocka_unit_test(presence_is_one_of_two_words),
	    cmocka_unit_test(registration_is_read_or_refused),
	    cmocka_unit_test(registration_is_written_as_it_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
