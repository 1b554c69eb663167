/* What Home Assistant asks for: taken exactly as announced, refused by name otherwise. */
#include "wire/ha_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const modes[] = {"auto", "hold", "monitor", NULL};
static const struct ha_bounds bounds = {5, 80, modes};

static enum ha_answer ask(struct ha_command *command, const char *topic, const char *payload)
{
	return ha_command_read(command, "amphora", topic, false, payload, strlen(payload), &bounds);
}

static void each_command_is_read_from_its_topic(void **state)
{
	static const struct {
		const char *topic, *payload;
		struct ha_command expected;
	} rows[] = {
	    {"amphora/b1/reserve/set", "20", {HA_COMMAND_RESERVE, {"b1"}, 20, 0, false}},
	    {"amphora/b1/reserve/set", "5", {HA_COMMAND_RESERVE, {"b1"}, 5, 0, false}},
	    {"amphora/b1/reserve/set", "80.0", {HA_COMMAND_RESERVE, {"b1"}, 80, 0, false}},
	    {"amphora/b1/mode/set", "hold", {HA_COMMAND_MODE, {"b1"}, 0, 1, false}},
	    {"amphora/b1/minutes/set", "90", {HA_COMMAND_MINUTES, {"b1"}, 90, 0, false}},
	    {"amphora/b1/charge/set", "PRESS", {HA_COMMAND_CHARGE, {"b1"}, 0, 0, false}},
	    {"amphora/b1/discharge/set", "PRESS", {HA_COMMAND_DISCHARGE, {"b1"}, 0, 0, false}},
	    {"amphora/b1/hold/set", "PRESS", {HA_COMMAND_HOLD, {"b1"}, 0, 0, false}},
	    {"amphora/b1/auto/set", "PRESS", {HA_COMMAND_AUTO, {"b1"}, 0, 0, false}},
	    {"amphora/b1/enable/set", "ON", {HA_COMMAND_ENABLE, {"b1"}, 0, 0, true}},
	    {"amphora/b1/enable/set", "OFF", {HA_COMMAND_ENABLE, {"b1"}, 0, 0, false}},
	    {"amphora/ack/set", "PRESS", {HA_COMMAND_ACKNOWLEDGE, {""}, 0, 0, false}},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct ha_command command = {0};

		assert_int_equal(ask(&command, rows[i].topic, rows[i].payload), HA_TAKEN);
		assert_int_equal(command.kind, rows[i].expected.kind);
		assert_string_equal(command.battery.text, rows[i].expected.battery.text);
		assert_true(command.number == rows[i].expected.number);
		assert_int_equal(command.is_on, rows[i].expected.is_on);
		if (command.kind == HA_COMMAND_MODE)
			assert_int_equal(command.choice, rows[i].expected.choice);
	}
}

static void what_was_not_announced_is_refused_by_name(void **state)
{
	static const struct {
		const char *topic, *payload;
		enum ha_answer why;
	} rows[] = {
	    {"amphora/b1/reserve/set", "4", HA_OUT_OF_RANGE},
	    {"amphora/b1/reserve/set", "80.01", HA_OUT_OF_RANGE},
	    {"amphora/b1/reserve/set", "1e999", HA_OUT_OF_RANGE},
	    {"amphora/b1/reserve/set", "20 %", HA_BAD_NUMBER},
	    {"amphora/b1/reserve/set", "20,5", HA_BAD_NUMBER},
	    {"amphora/b1/reserve/set", "nan", HA_BAD_NUMBER},
	    {"amphora/b1/reserve/set", "", HA_EMPTY},
	    {"amphora/b1/minutes/set", "0", HA_OUT_OF_RANGE},
	    {"amphora/b1/minutes/set", "1441", HA_OUT_OF_RANGE},
	    {"amphora/b1/mode/set", "turbo", HA_UNKNOWN_STATE},
	    {"amphora/b1/mode/set", "Hold", HA_UNKNOWN_STATE},
	    {"amphora/b1/enable/set", "on", HA_UNKNOWN_STATE},
	    {"amphora/b1/charge/set", "press", HA_UNKNOWN_STATE},
	    {"amphora/ack/set", "1", HA_UNKNOWN_STATE},
	    {"amphora/b1/soc/set", "1", HA_NOT_OURS},
	    {"amphora/b1/mode", "hold", HA_NOT_OURS},
	    {"amphora/b1/mode/get", "hold", HA_NOT_OURS},
	    {"amphora/b1/set", "{\"interval\":5}", HA_NOT_OURS},
	    {"amphora/mode/set", "hold", HA_NOT_OURS},
	    {"amphora/b1/ack/set", "PRESS", HA_NOT_OURS},
	    {"amphorae/b1/mode/set", "hold", HA_NOT_OURS},
	    {"amphora/b1/x/mode/set", "hold", HA_NOT_OURS},
	    {"amphora//mode/set", "hold", HA_NOT_OURS},
	    {"amphora", "hold", HA_NOT_OURS},
	    {"amphora/set", "hold", HA_NOT_OURS},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct ha_command command = {0};

		assert_int_equal(ask(&command, rows[i].topic, rows[i].payload), rows[i].why);
	}
}

static void a_retained_command_is_refused_whatever_it_says(void **state)
{
	struct ha_command command = {0};
	(void)state;

	assert_int_equal(
	    ha_command_read(&command, "amphora", "amphora/b1/mode/set", true, "auto", 4, &bounds),
	    HA_RETAINED_COMMAND);
	assert_string_equal(command.battery.text, "b1");
	assert_int_equal(
	    ha_command_read(&command, "amphora", "amphora/ack/set", true, "", 0, &bounds),
	    HA_RETAINED_COMMAND);
	assert_string_equal(ha_answer_name(HA_RETAINED_COMMAND), "retained-command");
}

static void what_our_topics_begin_with_may_have_levels(void **state)
{
	struct ha_command command = {0};
	(void)state;

	assert_int_equal(ha_command_read(&command, "home/cellar", "home/cellar/b1/mode/set", false,
					 "auto", 4, &bounds),
			 HA_TAKEN);
	assert_int_equal(
	    ha_command_read(&command, "home/cellar", "home/b1/mode/set", false, "auto", 4, &bounds),
	    HA_NOT_OURS);
}

static void bytes_that_are_no_text_are_refused(void **state)
{
	struct ha_command command = {0};
	char large[100];
	(void)state;

	memset(large, 'a', sizeof large);
	assert_int_equal(ha_command_read(&command, "amphora", "amphora/b1/mode/set", false,
					 "auto\0x", 6, &bounds),
			 HA_UNKNOWN_STATE);
	assert_int_equal(ha_command_read(&command, "amphora", "amphora/b1/mode/set", false, large,
					 sizeof large, &bounds),
			 HA_UNKNOWN_STATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_command_is_read_from_its_topic),
	    cmocka_unit_test(what_was_not_announced_is_refused_by_name),
	    cmocka_unit_test(a_retained_command_is_refused_whatever_it_says),
	    cmocka_unit_test(what_our_topics_begin_with_may_have_levels),
	    cmocka_unit_test(bytes_that_are_no_text_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
