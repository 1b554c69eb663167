/* The words that stand after "because", and what would change it. */
#include "model/reason.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/result.h"

#define WORDS_MAX 256

static void assert_words(const struct reason *reason, const struct reason_names *names,
			 const char *why, const char *flip)
{
	char data[WORDS_MAX];
	struct text text = text_in(data, sizeof(data));

	reason_format(reason, names, &text);
	assert_string_equal(data, why);
	text = text_in(data, sizeof(data));
	reason_format_flip(reason, names, &text);
	assert_string_equal(data, flip);
}

static void reason_shows_both_numbers_and_what_would_flip_it(void **state)
{
	static const struct {
		struct reason reason;
		const char *why, *flip;
	} rows[] = {
	    {{REASON_CHARGE_COLD, 2100, 5000},
	     "the battery is 2.1 °C; charging is allowed from 5.0 °C",
	     "It would charge again from 5.0 °C."},
	    {{REASON_CHARGE_COLD, -100, 5000},
	     "the battery is -0.1 °C; charging is allowed from 5.0 °C",
	     "It would charge again from 5.0 °C."},
	    {{REASON_CHARGE_COLD_LATCHED, 4950, 7000},
	     "the battery was too cold and is 4.95 °C; charging begins again at 7.0 °C",
	     "It would charge again from 7.0 °C."},
	    {{REASON_DISCHARGE_HOT, 51000, 50000},
	     "the battery is 51.0 °C; it may be used up to 50.0 °C",
	     "It would be used again at 50.0 °C or less."},
	    {{REASON_CEILING, 9501, 9500},
	     "it is 95.01 % full; charging is allowed below 95 %",
	     "It would charge again below 95 %."},
	    {{REASON_RESERVE_LATCHED, 1100, 1200},
	     "it was at your reserve and has 11 %; it is used again from 12 %",
	     "It would be used again from 12 %."},
	    {{REASON_STALE, 90001, 90000},
	     "battery sensor has said nothing for 90.1 s; readings count for 90 s",
	     "It would decide again after two good readings."},
	    {{REASON_DWELL, 12500, 60000},
	     "the relay opened 12.5 s ago and stays open for 60 s",
	     "It would switch after 60 s."},
	    {{REASON_SETTLING, 1, 2},
	     "1 of 2 good readings in a row have come",
	     "It would decide after 2."},
	    {{REASON_BUDGET, 40, 40},
	     "today’s switching is used up: 40 of 40",
	     "It would switch again tomorrow."},
	    {{REASON_CHARGE_UNTIL, 5520, 8000},
	     "it is 55.2 % full; the rule charges it up to 80 %",
	     "It would stop at 80 %."},
	    {{REASON_BETWEEN, 5000, 3000},
	     "50 % is neither low enough to charge nor high enough to use",
	     "It would charge below 30 %."},
	    {{REASON_SCHEDULE_WINDOW, 84600, 19800},
	     "the schedule says so from 23:30 to 05:30",
	     "It would end at 05:30."},
	    {{REASON_PLAN_SUN, 1200, 300},
	     "the plan stores what your home does not need: 1200 W, from 300 W on",
	     "It would stop with less left over."},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
		assert_words(&rows[i].reason, NULL, rows[i].why, rows[i].flip);
}

static void reason_names_what_is_known_and_leaves_out_what_is_not(void **state)
{
	static const struct reason stale = {REASON_STALE, 91000, 90000},
				   person = {REASON_OVERRIDE, 0, 0};
	static const char *const again = "It would decide again after two good readings.";

	(void)state;
	assert_words(&stale, &(struct reason_names){.sensor = "b1"},
		     "battery sensor b1 has said nothing for 91 s; readings count for 90 s", again);
	assert_words(&stale, &(struct reason_names){.until = "12:47"},
		     "battery sensor has said nothing for 91 s; readings count for 90 s", again);
	assert_words(&person, &(struct reason_names){.until = "12:47", .other = "it would charge"},
		     "you asked for it until 12:47",
		     "Without you, it would charge. Safety still comes first.");
	assert_words(&person, &(struct reason_names){0}, "you asked for it",
		     "Safety still comes first.");
}

static void each_reason_has_a_name_and_words_without_gaps(void **state)
{
	(void)state;
	for (int code = 0; code < REASON_COUNT; code++) {
		struct reason reason = {(enum reason_code)code, 1, 2};
		char why[WORDS_MAX], flip[WORDS_MAX];
		struct text why_text = text_in(why, sizeof(why));
		struct text flip_text = text_in(flip, sizeof(flip));

		assert_int_equal(reason_of_name(reason_name(reason.code)), code);
		reason_format(&reason, NULL, &why_text);
		reason_format_flip(&reason, NULL, &flip_text);
		assert_true(why_text.length > 0 && flip_text.length > 0);
		assert_false(why_text.is_cut || flip_text.is_cut);
		assert_null(strpbrk(why, "{}[]"));
		assert_null(strpbrk(flip, "{}[]"));
		assert_int_equal(flip[flip_text.length - 1], '.');
	}
	assert_int_equal(reason_of_name("newer"), REASON_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reason_shows_both_numbers_and_what_would_flip_it),
	    cmocka_unit_test(reason_names_what_is_known_and_leaves_out_what_is_not),
	    cmocka_unit_test(each_reason_has_a_name_and_words_without_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
