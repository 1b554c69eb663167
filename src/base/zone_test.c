/* Local time by the rules that held at the time, whatever zone the machine is set to. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/zone.h"

static void take(const char *name)
{
	char words[256];
	struct text error = text_in(words, sizeof(words));

	assert_int_equal(zone_take(name, &error), 0);
}

static void offset_is_the_one_of_that_time_not_of_today(void **state)
{
	static const struct {
		const char *zone;
		int64_t ms;
		int32_t offset_s;
	} CASES[] = {
	    {"Europe/Rome", 1774745999999, 3600}, /* 2026-03-29T00:59:59.999Z */
	    {"Europe/Rome", 1774746000000, 7200},
	    {"Europe/Rome", 1792889999999, 7200}, /* 2026-10-25T00:59:59.999Z */
	    {"Europe/Rome", 1792890000000, 3600},
	    {"Europe/Rome", -1, 3600}, /* a clock of before it was set */
	    {"America/Los_Angeles", 1774746000000, -25200},
	    {"Australia/Lord_Howe", 1775314799999, 39600},
	    {"Australia/Lord_Howe", 1775314800000, 37800}, /* back by half an hour */
	    {"UTC", 1774746000000, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		take(CASES[i].zone);
		assert_int_equal(zone_offset_s((struct wall_time){CASES[i].ms}), CASES[i].offset_s);
	}
}

static void zone_of_the_process_counts_for_nothing(void **state)
{
	(void)state;
	setenv("TZ", "Asia/Tokyo", 1);
	tzset();
	take("Europe/Rome");
	assert_int_equal(zone_offset_s((struct wall_time){1774746000000}), 7200);
}

static void unknown_zone_is_refused_by_name(void **state)
{
	static const char *const NAMES[] = {"Europe/Atlantis", "Europe", "", "/etc/localtime", "../passwd"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(NAMES); i++) {
		char words[256] = "";
		struct text error = text_in(words, sizeof(words));

		assert_int_equal(zone_take(NAMES[i], &error), -ENOENT);
		assert_int_not_equal(words[0], '\0');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(offset_is_the_one_of_that_time_not_of_today),
	    cmocka_unit_test(zone_of_the_process_counts_for_nothing),
	    cmocka_unit_test(unknown_zone_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
