/* Requests to a relay and its answers: what is obeyed, and what gets 4.00. */
#include "wire/relay_message.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum refusal request(struct relay_command *out, enum message_format format,
			    const char *payload, struct refusal_detail *detail)
{
	return relay_request_parse(out, format, payload, strlen(payload), detail);
}

static void relay_request_is_read(void **state)
{
	static const struct {
		enum message_format format;
		const char *payload;
		struct relay_command command;
	} rows[] = {
	    {FORMAT_JSON,
	     "{\"state\":\"on\",\"lease\":90,\"n\":4294967303}",
	     {true, true, 90000, true, 4294967303}},
	    {FORMAT_JSON, "{\"state\":\"on\"}", {true, false, 0, false, 0}},
	    {FORMAT_JSON, "{\"state\":\"on\",\"lease\":0.001}", {true, true, 1, false, 0}},
	    {FORMAT_JSON, "{\"state\":\"on\",\"lease\":86400}", {true, true, 86400000, false, 0}},
	    {FORMAT_JSON, "{\"state\":\"on\",\"lease\":1.1}", {true, true, 1100, false, 0}},
	    {FORMAT_JSON,
	     "{\"n\":9223372036854775807,\"state\":\"off\"}",
	     {false, false, 0, true, INT64_MAX}},
	    {FORMAT_JSON, "{\"state\":\"off\",\"lease\":90}", {false, false, 0, false, 0}},
	    {FORMAT_TEXT, "on", {true, false, 0, false, 0}},
	    {FORMAT_TEXT, "off\n", {false, false, 0, false, 0}},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct relay_command command;

		assert_int_equal(request(&command, rows[i].format, rows[i].payload, NULL),
				 REFUSAL_NONE);
		assert_int_equal(command.is_on, rows[i].command.is_on);
		assert_int_equal(command.has_lease, rows[i].command.has_lease);
		assert_int_equal(command.lease_ms, rows[i].command.lease_ms);
		assert_int_equal(command.has_number, rows[i].command.has_number);
		assert_true(command.number == rows[i].command.number);
	}
}

static void relay_request_is_refused_unless_understood_whole(void **state)
{
	static const struct {
		enum message_format format;
		const char *payload;
		enum refusal why;
		const char *field;
	} rows[] = {
	    {FORMAT_JSON, "", REFUSAL_EMPTY, ""},
	    {FORMAT_JSON, "{}", REFUSAL_MISSING_FIELD, "state"},
	    {FORMAT_JSON, "{\"lease\":90}", REFUSAL_MISSING_FIELD, "state"},
	    {FORMAT_JSON, "on", REFUSAL_NOT_JSON, ""},
	    {FORMAT_JSON, "{\"state\":\"on\"", REFUSAL_NOT_JSON, ""},
	    {FORMAT_JSON, "{\"state\":\"on\",\"state\":\"off\"}", REFUSAL_DUPLICATE_KEY, ""},
	    {FORMAT_JSON, "{\"state\":\"toggle\"}", REFUSAL_WRONG_TYPE, "state"},
	    {FORMAT_JSON, "{\"state\":\"ON\"}", REFUSAL_WRONG_TYPE, "state"},
	    {FORMAT_JSON, "{\"state\":true}", REFUSAL_WRONG_TYPE, "state"},
	    {FORMAT_JSON, "{\"state\":null}", REFUSAL_WRONG_TYPE, "state"},
	    {FORMAT_JSON, "{\"state\":\"on\",\"leese\":5}", REFUSAL_WRONG_TYPE, "leese"},
	    {FORMAT_JSON, "{\"state\":\"on\",\"lease\":0}", REFUSAL_OUT_OF_RANGE, "lease"},
	    {FORMAT_JSON, "{\"state\":\"on\",\"lease\":-1}", REFUSAL_OUT_OF_RANGE, "lease"},
	    {FORMAT_JSON, "{\"state\":\"on\",\"lease\":86401}", REFUSAL_OUT_OF_RANGE, "lease"},
	    {FORMAT_JSON, "{\"state\":\"on\",\"lease\":\"90\"}", REFUSAL_WRONG_TYPE, "lease"},
	    {FORMAT_JSON, "{\"state\":\"off\",\"lease\":\"x\"}", REFUSAL_WRONG_TYPE, "lease"},
	    {FORMAT_JSON, "{\"state\":\"on\",\"n\":1.5}", REFUSAL_WRONG_TYPE, "n"},
	    {FORMAT_JSON, "{\"state\":\"on\",\"n\":-1}", REFUSAL_OUT_OF_RANGE, "n"},
	    {FORMAT_JSON, "{\"state\":\"on\",\"n\":9223372036854775808}", REFUSAL_OUT_OF_RANGE, ""},
	    {FORMAT_TEXT, "", REFUSAL_EMPTY, ""},
	    {FORMAT_TEXT, "  ", REFUSAL_EMPTY, ""},
	    {FORMAT_TEXT, "ON", REFUSAL_WRONG_TYPE, "state"},
	    {FORMAT_TEXT, "onn", REFUSAL_WRONG_TYPE, "state"},
	    {FORMAT_TEXT, "o", REFUSAL_WRONG_TYPE, "state"},
	    {FORMAT_TEXT, "1", REFUSAL_WRONG_TYPE, "state"},
	    {FORMAT_TEXT, "toggle", REFUSAL_WRONG_TYPE, "state"},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct relay_command command = {.number = 4711};
		struct refusal_detail detail;

		assert_int_equal(request(&command, rows[i].format, rows[i].payload, &detail),
				 rows[i].why);
		assert_string_equal(detail.field, rows[i].field);
		assert_true(command.number == 4711);
	}
}

static void relay_request_comes_back_as_it_was_written(void **state)
{
	const struct relay_command command = {true, true, 89500, true, COMMAND_NUMBER(2, 7)};
	char data[RELAY_MESSAGE_MAX];
	struct text text = text_in(data, sizeof data);
	(void)state;

	relay_request_format(&text, FORMAT_JSON, &command);
	assert_string_equal(data, "{\"state\":\"on\",\"lease\":89.5,\"n\":8589934599}");
	text = text_in(data, sizeof data);
	relay_request_format(&text, FORMAT_TEXT, &command);
	assert_string_equal(data, "on");
}

static void relay_status_is_read_and_written_alike(void **state)
{
	static const char payload[] =
	    "{\"node\":\"r1\",\"state\":\"on\",\"lease\":87,\"switches\":12,"
	    "\"n\":4294967303,\"boot\":99,\"W\":812.4,\"speed\":60}";
	char data[RELAY_MESSAGE_MAX];
	struct text text = text_in(data, sizeof data);
	struct relay_status status;
	(void)state;

	assert_int_equal(relay_status_parse(&status, FORMAT_JSON, payload, strlen(payload), NULL),
			 REFUSAL_NONE);
	assert_int_equal(status.lease_left_ms, 87000);
	assert_int_equal(status.switches, 12);
	assert_int_equal(status.power_mw, 812400);
	assert_int_equal(status.clock_factor, 60);
	relay_status_format(&text, FORMAT_JSON, &status);
	assert_string_equal(data, payload);
}

static void relay_status_says_nothing_that_it_does_not_have(void **state)
{
	const struct relay_status off = {.node = {"r1"}, .clock_factor = 1};
	char data[RELAY_MESSAGE_MAX];
	struct text text = text_in(data, sizeof data);
	struct relay_status status;
	(void)state;

	relay_status_format(&text, FORMAT_JSON, &off);
	assert_string_equal(data, "{\"node\":\"r1\",\"state\":\"off\",\"lease\":0}");
	assert_int_equal(relay_status_parse(&status, FORMAT_JSON, data, text.length, NULL),
			 REFUSAL_NONE);
	assert_false(status.has_switches || status.has_number || status.has_boot ||
		     status.has_power);
	assert_int_equal(status.clock_factor, 1);
}

static void relay_status_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *payload;
		enum refusal why;
		const char *field;
	} rows[] = {
	    {"{\"state\":\"on\"}", REFUSAL_MISSING_FIELD, "node"},
	    {"{\"node\":\"r1\"}", REFUSAL_MISSING_FIELD, "state"},
	    {"{\"node\":\"r 1\",\"state\":\"on\"}", REFUSAL_WRONG_TYPE, "node"},
	    {"{\"node\":\"r1\",\"state\":\"on\",\"switches\":-1}", REFUSAL_OUT_OF_RANGE,
	     "switches"},
	    {"{\"node\":\"r1\",\"state\":\"on\",\"switches\":4294967296}", REFUSAL_OUT_OF_RANGE,
	     "switches"},
	    {"{\"node\":\"r1\",\"state\":\"on\",\"speed\":0}", REFUSAL_OUT_OF_RANGE, "speed"},
	    {"{\"node\":\"r1\",\"state\":\"on\",\"speed\":3601}", REFUSAL_OUT_OF_RANGE, "speed"},
	    {"{\"node\":\"r1\",\"state\":\"on\",\"boot\":\"x\"}", REFUSAL_WRONG_TYPE, "boot"},
	    {"{\"node\":\"r1\",\"state\":\"on\",\"W\":null}", REFUSAL_WRONG_TYPE, "W"},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct refusal_detail detail;
		struct relay_status status;

		assert_int_equal(relay_status_parse(&status, FORMAT_JSON, rows[i].payload,
						    strlen(rows[i].payload), &detail),
				 rows[i].why);
		assert_string_equal(detail.field, rows[i].field);
	}
}

static void relay_message_is_never_longer_than_its_bound(void **state)
{
	char payload[RELAY_MESSAGE_MAX + 1];
	struct relay_command command;
	(void)state;

	memset(payload, ' ', sizeof payload);
	memcpy(payload, "on", 2);
	assert_int_equal(
	    relay_request_parse(&command, FORMAT_TEXT, payload, RELAY_MESSAGE_MAX, NULL),
	    REFUSAL_NONE);
	assert_int_equal(
	    relay_request_parse(&command, FORMAT_TEXT, payload, RELAY_MESSAGE_MAX + 1, NULL),
	    REFUSAL_TOO_LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(relay_request_is_read),
	    cmocka_unit_test(relay_request_is_refused_unless_understood_whole),
	    cmocka_unit_test(relay_request_comes_back_as_it_was_written),
	    cmocka_unit_test(relay_status_is_read_and_written_alike),
	    cmocka_unit_test(relay_status_says_nothing_that_it_does_not_have),
	    cmocka_unit_test(relay_status_is_refused_with_its_reason),
	    cmocka_unit_test(relay_message_is_never_longer_than_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
