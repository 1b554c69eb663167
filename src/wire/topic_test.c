/* Whose topic it is, and that no name can break out of its level. */
#include "wire/topic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void topic_is_classified_with_its_name(void **state)
{
	static const struct {
		const char *topic;
		enum topic_kind kind;
		const char *name;
	} rows[] = {
	    {"amphora/b1/battery", TOPIC_IS_BATTERY, "b1"},
	    {"amphora/7/battery", TOPIC_IS_BATTERY, "7"},
	    {"amphora/b1/status", TOPIC_IS_STATUS, "b1"},
	    {"amphora/b1/set", TOPIC_IS_SET, "b1"},
	    {"amphora/meter/grid", TOPIC_IS_METER, "grid"},
	    {"amphora/meter/battery", TOPIC_IS_METER, "battery"},
	    {"amphora/meter/pv/roof/imported_wh", TOPIC_IS_METER, ""},
	    {"amphora/home/marker", TOPIC_IS_MARKER, "home"},
	    {"amphora/b1/battery/x", TOPIC_IS_OTHER, ""},
	    {"amphora/a/b/battery", TOPIC_IS_OTHER, ""},
	    {"amphora//battery", TOPIC_IS_OTHER, ""},
	    {"amphora/battery", TOPIC_IS_OTHER, ""},
	    {"amphora/b 1/battery", TOPIC_IS_OTHER, ""},
	    {"Amphora/b1/battery", TOPIC_IS_OTHER, ""},
	    {"", TOPIC_IS_OTHER, ""},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct ident name = {""};

		assert_int_equal(topic_classify(rows[i].topic, &name), rows[i].kind);
		assert_string_equal(name.text, rows[i].name);
		assert_int_equal(topic_classify(rows[i].topic, NULL), rows[i].kind);
	}
}

static void topic_is_built_from_its_pattern(void **state)
{
	char data[TOPIC_MAX];
	struct text text = text_in(data, sizeof data);
	(void)state;

	topic_build(&text, TOPIC_BATTERY, "b1");
	assert_string_equal(data, "amphora/b1/battery");
	text = text_in(data, sizeof data);
	topic_build(&text, TOPIC_METER_KIND, "grid");
	assert_string_equal(data, "amphora/meter/grid");
	text = text_in(data, sizeof data);
	topic_build(&text, "as/it/is", "b1");
	assert_string_equal(data, "as/it/is");
}

static void topic_is_plain_without_wildcards(void **state)
{
	char longest[TOPIC_MAX + 1];
	(void)state;

	assert_true(topic_is_plain("N/portal/battery/512/Soc"));
	assert_false(topic_is_plain(""));
	assert_false(topic_is_plain("a/+/b"));
	assert_false(topic_is_plain("a/#"));
	assert_false(topic_is_plain("$SYS/broker"));
	assert_false(topic_is_plain("a\nb"));
	memset(longest, 'a', sizeof longest);
	longest[TOPIC_MAX - 1] = '\0';
	assert_true(topic_is_plain(longest));
	longest[TOPIC_MAX - 1] = 'a';
	longest[TOPIC_MAX] = '\0';
	assert_false(topic_is_plain(longest));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(topic_is_classified_with_its_name),
	    cmocka_unit_test(topic_is_built_from_its_pattern),
	    cmocka_unit_test(topic_is_plain_without_wildcards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
