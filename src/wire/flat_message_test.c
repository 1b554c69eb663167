/* What is read without JSON values, and what is left to jansson. */
#include "wire/flat_message.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int read_text(struct flat_message *out, const char *text)
{
	return flat_message_read(out, text, strlen(text));
}

static void flat_message_reads_names_numbers_and_texts(void **state)
{
	struct flat_message message;
	(void)state;

	assert_int_equal(
	    read_text(&message, " { \"node\" :\"b1\",\t\"SoC\":55.2,\"seq\":0, \"A\":-13.4}\r\n"),
	    0);
	assert_int_equal(message.count, 4);
	assert_int_equal(message.members[0].name_length, 4);
	assert_memory_equal(message.members[0].name, "node", 4);
	assert_int_equal(message.members[0].length, 2);
	assert_memory_equal(message.members[0].text, "b1", 2);
	assert_null(message.members[1].text);
	assert_true(message.members[1].number == 55.2);
	assert_true(message.members[2].number == 0);
	assert_true(message.members[3].number == -13.4);
}

/* Whole and random ones, as sensors print them: to the last bit what strtod() makes of them. */
static void flat_message_reads_a_number_as_strtod_does(void **state)
{
	uint64_t random = 1;
	(void)state;

	for (int i = 0; i < 200000; i++) {
		char digits[32], text[64];
		struct flat_message message;
		double wanted;
		int part;

		random = random * 6364136223846793005u + 1442695040888963407u;
		part = (int)(random >> 33) % 12;
		snprintf(digits, sizeof(digits), "%s%d.%0*d", i % 2 ? "-" : "",
			 (int)(random >> 40) % 1000, part + 1,
			 (int)(random >> 20 & 0x7fffffff) % (part < 8 ? 10 : 1000000000));
		snprintf(text, sizeof(text), "{\"v\":%s}", digits);
		wanted = strtod(digits, NULL);
		assert_int_equal(read_text(&message, text), 0);
		assert_memory_equal(&message.members[0].number, &wanted, sizeof(wanted));
	}
}

static void flat_message_leaves_all_else_to_json(void **state)
{
	static const char *const texts[] = {
	    "",
	    "{",
	    "{}",
	    "[]",
	    "17",
	    "{\"a\":1",
	    "{\"a\":1}x",
	    "{\"a\":1,}",
	    "{\"a\":1 \"b\":2}",
	    "{\"a\" 1}",
	    "{a:1}",
	    "{\"a\":1,\"a\":2}",
	    "{\"a\":true}",
	    "{\"a\":null}",
	    "{\"a\":NaN}",
	    "{\"a\":[1]}",
	    "{\"a\":{}}",
	    "{\"a\":\"\\n\"}",
	    "{\"a\":\"\xc3\xa8\"}",
	    "{\"a\":\"\x01\"}",
	    "{\"a\\u0062\":1}",
	    "{\"a\":01}",
	    "{\"a\":-}",
	    "{\"a\":.5}",
	    "{\"a\":5.}",
	    "{\"a\":+5}",
	    "{\"a\":1e3}",
	    "{\"a\":0x10}",
	    "{\"a\":1234567890123456}",
	    "{\"a\":0.123456789012345}",
	    "{\"a\":\"b}",
	};
	struct flat_message message;
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		assert_int_equal(read_text(&message, texts[i]), -EINVAL);
}

static void flat_message_takes_only_so_many_members(void **state)
{
	char text[FLAT_MEMBERS_MAX * 16] = "{";
	struct flat_message message;
	(void)state;

	for (int i = 0; i < FLAT_MEMBERS_MAX; i++)
		snprintf(text + strlen(text), 16, "%s\"%d\":1", i ? "," : "", i);
	strcat(text, "}");
	assert_int_equal(read_text(&message, text), 0);
	assert_int_equal(message.count, FLAT_MEMBERS_MAX);
	strcpy(text + strlen(text) - 1, ",\"z\":1}");
	assert_int_equal(read_text(&message, text), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(flat_message_reads_names_numbers_and_texts),
	    cmocka_unit_test(flat_message_reads_a_number_as_strtod_does),
	    cmocka_unit_test(flat_message_leaves_all_else_to_json),
	    cmocka_unit_test(flat_message_takes_only_so_many_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
