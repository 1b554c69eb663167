/* The daily schedule: reading it, and which window a moment lies in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "model/schedule.h"

#define AT(hour, minute, second) (((hour)*60 + (minute)) * 60 + (second))

static int parse(struct schedule *out, const char *text)
{
	char words[160];
	struct text error = text_in(words, sizeof words);

	return schedule_parse(out, text, &error);
}

static void schedule_window_is_half_open_and_may_cross_midnight(void **state)
{
	static const struct {
		int32_t at_s;
		bool is_in;
	} cases[] = {
	    {AT(23, 29, 59), false}, {AT(23, 30, 0), true}, {AT(0, 10, 0), true},
	    {AT(5, 29, 59), true},   {AT(5, 30, 0), false}, {AT(23, 45, 0), true},
	};
	struct schedule schedule;

	(void)state;
	assert_int_equal(parse(&schedule, "charge 23:30-05:30"), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_int_equal(schedule_at(&schedule, cases[i].at_s) != NULL, cases[i].is_in);
}

static void schedule_first_window_counts_where_two_overlap(void **state)
{
	struct schedule schedule;

	(void)state;
	assert_int_equal(parse(&schedule, "discharge 10:00-12:00,charge 11:00-13:00"), 0);
	assert_int_equal(schedule_at(&schedule, AT(11, 30, 0))->intent, INTENT_DISCHARGE);
	assert_int_equal(schedule_at(&schedule, AT(12, 30, 0))->intent, INTENT_CHARGE);
}

static void schedule_is_written_as_it_is_read(void **state)
{
	const char *text = "charge 00:30-04:30, discharge 18:00-22:00:30";
	char room[160];
	struct text out = text_in(room, sizeof room);
	struct schedule schedule;

	(void)state;
	assert_int_equal(parse(&schedule, text), 0);
	schedule_format(&schedule, &out);
	assert_string_equal(room, text);
	assert_int_equal(parse(&schedule, ""), 0);
	assert_int_equal(schedule.count, 0);
}

static void schedule_refuses_what_is_no_window(void **state)
{
	static const char *const texts[] = {
	    "charge",
	    "charge 00:30",
	    "feed 00:30-04:30",
	    "charge 24:00-01:00",
	    "charge 0:30-04:30",
	    "charge 600-700",
	    "charge 00:30-04:60",
	    "charge 01:00-02:00,charge 01:00-02:00,charge 01:00-02:00,charge 01:00-02:00,"
	    "charge 01:00-02:00,charge 01:00-02:00,charge 01:00-02:00,charge 01:00-02:00,"
	    "charge 01:00-02:00",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
		struct schedule schedule = {.count = 5};

		assert_int_equal(parse(&schedule, texts[i]), -EINVAL);
		assert_int_equal(schedule.count, 5);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(schedule_window_is_half_open_and_may_cross_midnight),
	    cmocka_unit_test(schedule_first_window_counts_where_two_overlap),
	    cmocka_unit_test(schedule_is_written_as_it_is_read),
	    cmocka_unit_test(schedule_refuses_what_is_no_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
