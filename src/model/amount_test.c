/* Rounded numbers beside their limits: on both sides of every boundary they tell the truth. */
#include "model/amount.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/result.h"
#include "base/time.h"

#define WORDS_MAX 64

static void duration_never_looks_as_if_it_kept_the_limit_that_it_breaks(void **state)
{
	static const struct {
		int64_t ms, beside_ms;
		const char *value, *limit;
	} rows[] = {
	    {89999, 90000, "89.9 s", "90 s"},
	    {90000, 90000, "90 s", "90 s"},
	    {90001, 90000, "90.1 s", "90 s"},
	    {90054, 90000, "90.1 s", "90 s"},
	    {90100, 90000, "90.1 s", "90 s"},
	    {90101, 90000, "90.2 s", "90 s"},
	    {12500, 60000, "12.5 s", "60 s"},
	    {59999, 60000, "59.9 s", "60 s"},
	    {0, 60000, "0 s", "60 s"},
	    {299999, 300000, "299.9 s", "5 min"},
	    {300001, 300000, "5 min 0.1 s", "5 min"},
	    {301000, 300000, "5 min 1 s", "5 min"},
	    {314000, 90000, "5 min", "90 s"},
	    {360000, 300000, "6 min", "5 min"},
	    {7199999, 7200000, "119 min", "2 h"},
	    {7200000, 0, "2 h", "0 s"},
	    {7259999, 0, "2 h 1 min", "0 s"},
	    {7259900, 0, "2 h", "0 s"},
	    {7500000, 0, "2 h 5 min", "0 s"},
	    {7200050, 7200000, "2 h 0.1 s", "2 h"},
	    {3 * MS_PER_DAY + 4 * MS_PER_HOUR, 0, "3 d 4 h", "0 s"},
	    {-1500, 10000, "-1.5 s", "10 s"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		char words[WORDS_MAX];
		struct text text = text_in(words, sizeof(words));

		duration_add(&text, rows[i].ms, rows[i].beside_ms);
		assert_string_equal(words, rows[i].value);
		text = text_in(words, sizeof(words));
		duration_add(&text, rows[i].beside_ms, rows[i].ms);
		assert_string_equal(words, rows[i].limit);
	}
}

static void number_is_rounded_away_from_what_stands_beside_it(void **state)
{
	static const struct {
		int64_t value, beside;
		int32_t scale, shown;
		const char *words;
	} rows[] = {
	    {2501, 2500, 1000, 10, "2.6"},      {2500, 2500, 1000, 10, "2.5"},
	    {2499, 2500, 1000, 10, "2.4"},      {-2501, 2500, 1000, 10, "-2.6"},
	    {-2499, -2500, 1000, 10, "-2.4"},   {500123, 5000000, 1000, 1, "500"},
	    {5000001, 500123, 1000, 1, "5001"}, {450, 120, 100, 100, "4.5"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		char words[WORDS_MAX];
		struct text text = text_in(words, sizeof(words));

		rounded_add(&text, rows[i].value, rows[i].beside, rows[i].scale, rows[i].shown);
		assert_string_equal(words, rows[i].words);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(duration_never_looks_as_if_it_kept_the_limit_that_it_breaks),
	    cmocka_unit_test(number_is_rounded_away_from_what_stands_beside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
