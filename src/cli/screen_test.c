/* How lines are wrapped to a terminal's width. */
#include "cli/screen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/result.h"

static void a_text_takes_the_rows_that_its_lines_need(void **state)
{
	static const struct {
		const char *text;
		size_t columns, rows;
	} CASES[] = {
	    {"", 10, 0},
	    {"\n", 10, 1},
	    {"one\n\ntwo\n", 10, 3},
	    {"0123456789\n", 10, 1},
	    {"0123456789a\n", 10, 2},               /* no space: broken where it must be */
	    {"01234 6789a\n", 10, 2},               /* at the space */
	    {"01 34 67 9a bc\n", 10, 2},            /* "  9a bc" is the second row */
	    {"01 34 67 9a bc de f\n", 10, 3},       /* and goes on two further in */
	    {"0123456789   \n", 10, 1},             /* spaces at the end take no row */
	    {"°°°°°°°°°°\n", 10, 1},                /* characters, not bytes */
	    {"\033[31m0123456789\033[0m\n", 10, 1}, /* a colour takes no column */
	    {"      a b c d e f g\n", 10, 2},       /* no room to go further in: from the edge */
	    {"abc\n", 1, 3},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++)
		assert_int_equal(screen_rows(CASES[i].text, CASES[i].columns), CASES[i].rows);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_text_takes_the_rows_that_its_lines_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
