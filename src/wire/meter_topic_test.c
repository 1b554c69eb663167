/* Whose value stands on which of the meters' topics. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "wire/meter_topic.h"

static void each_topic_is_one_meters(void **state)
{
	static const struct {
		const char *topic;
		enum meter_kind kind;
		const char *name;
		enum meter_topic_what what;
	} rows[] = {
	    {"amphora/meter/grid", METER_GRID, "grid", METER_SAYS_POWER},
	    {"amphora/meter/pv/roof-2", METER_PV, "roof-2", METER_SAYS_POWER},
	    {"amphora/meter/load/load", METER_LOAD, "load", METER_SAYS_POWER},
	    {"amphora/meter/pv/roof/imported_wh", METER_PV, "roof", METER_COUNTS_IN},
	    {"amphora/meter/grid/main/exported_wh", METER_GRID, "main", METER_COUNTS_OUT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct meter_topic found;

		assert_int_equal(meter_topic_parse(&found, rows[i].topic), 0);
		assert_int_equal(found.kind, rows[i].kind);
		assert_string_equal(found.name.text, rows[i].name);
		assert_int_equal(found.what, rows[i].what);
	}
}

static void anything_else_is_nobodys(void **state)
{
	static const char *const topics[] = {
	    "amphora/meter/",
	    "amphora/meter/battery",
	    "amphora/meter/gridlock",
	    "amphora/meter/grid/",
	    "amphora/meter/grid/a b",
	    "amphora/meter/grid/main/",
	    "amphora/meter/grid/main/power",
	    "amphora/meter/grid/main/imported_wh/more",
	    "amphora/meter/pv/roof/exported_wh",
	    "amphora/b1/battery",
	    "other/meter/grid",
	};
	struct meter_topic found = {.kind = METER_LOAD};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(topics); i++) {
		if (meter_topic_parse(&found, topics[i]) != -ENOENT)
			fail_msg("%s is somebody's", topics[i]);
	}
	assert_int_equal(found.kind, METER_LOAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_topic_is_one_meters),
	    cmocka_unit_test(anything_else_is_nobodys),
	};

	return cmocka_run_group_tests_name("meter_topic", tests, NULL, NULL);
}
