/* What other circumstances would make of a plan, as it is asked for and as it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/plan_if.h"

#define ANSWER                                                                          \
	"{\"battery\":\"b1\",\"hours\":24,"                                             \
	"\"now\":{\"bill\":1.2,\"saved\":2,\"cycles\":0.8,\"soc_end_pct\":55},"         \
	"\"would\":{\"bill\":1.75,\"saved\":1.45,\"cycles\":0.804,\"soc_end_pct\":20}," \
	"\"difference\":{\"bill\":0.55,\"saved\":-0.55,\"cycles\":0.004,\"soc_end_pct\":-35}}"

/* From malloc. */
static char *shown(enum cli_format format)
{
	struct cli cli = {.format = format};
	struct plan_view view = {.cli = &cli, .currency = "EUR", .columns = 80};
	char *changes[] = {"ceiling=40", "import=0.3"};
	json_t *answer = json_loads(ANSWER, 0, NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(answer);
	assert_non_null(out);
	plan_if_show(&view, out, answer, 2, changes);
	fclose(out);
	json_decref(answer);
	return text;
}

static void people_see_both_and_the_difference_with_units(void **state)
{
	char *text = shown(FORMAT_PEOPLE);

	(void)state;
	assert_string_equal(
	    text, "b1, the next 24 hours, with ceiling=40, import=0.3:\n"
		  "                            as it is  would be  difference\n"
		  "bill                        1.20 EUR  1.75 EUR  0.55 EUR more\n"
		  "saved beside no battery     2.00 EUR  1.45 EUR  0.55 EUR less\n"
		  "full cycles of the battery  0.80      0.80      the same\n"
		  "state of charge at the end  55 %      20 %      35 points lower\n"
		  "What is left in the battery at the end is valued in the bill. Nothing was "
		  "changed: `amphora set` does.\n");
	free(text);
}

static void programs_get_plain_numbers(void **state)
{
	char *text = shown(FORMAT_CSV);

	(void)state;
	assert_string_equal(text, "what,now,would,difference\r\n"
				  "bill,1.2,1.75,0.55\r\n"
				  "saved,2,1.45,-0.55\r\n"
				  "cycles,0.8,0.804,0.004\r\n"
				  "soc_end_pct,55,20,-35\r\n");
	free(text);
}

static void a_circumstance_is_named_by_its_beginning_and_has_a_value(void **state)
{
	static const char *const none[] = {"reserve", "=30", "reserve_pct=", "colour=1",
					   "reserve_pct_x=1"};
	char buffer[64];
	struct text path = text_in(buffer, sizeof(buffer));

	(void)state;
	text_add(&path, "plan/what-if");
	assert_int_equal(plan_if_add(&path, "reserve=30"), EXIT_OK);
	assert_int_equal(plan_if_add(&path, "capacity_kwh=10"), EXIT_OK);
	assert_string_equal(buffer, "plan/what-if?reserve_pct=30&capacity_kwh=10");
	for (size_t i = 0; i < ARRAY_LENGTH(none); i++)
		assert_int_equal(plan_if_add(&path, none[i]), EXIT_USAGE);
	assert_string_equal(buffer, "plan/what-if?reserve_pct=30&capacity_kwh=10");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(people_see_both_and_the_difference_with_units),
	    cmocka_unit_test(programs_get_plain_numbers),
	    cmocka_unit_test(a_circumstance_is_named_by_its_beginning_and_has_a_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
