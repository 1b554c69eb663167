/* What a program that reads the text format of Prometheus relies on. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt/metrics_text.h"

static void a_family_says_what_it_is_before_its_samples(void **state)
{
	const struct metrics_label labels[] = {{"battery", "b1"}, {"role", "load"}};
	char data[512];
	struct text out = text_in(data, sizeof(data));

	(void)state;
	metrics_family(&out, "a_watts", METRICS_GAUGE, "Power.");
	metrics_sample(&out, "a_watts", labels, 2, -1234.5);
	metrics_single(&out, "b_total", METRICS_COUNTER, 7, "How many.");
	assert_string_equal(data, "# HELP a_watts Power.\n# TYPE a_watts gauge\n"
				  "a_watts{battery=\"b1\",role=\"load\"} -1234.5\n"
				  "# HELP b_total How many.\n# TYPE b_total counter\nb_total 7\n");
}

static void what_would_end_a_label_is_escaped(void **state)
{
	const struct metrics_label label = {"node", "a\\b\"c\nd{}=,"};
	char data[128];
	struct text out = text_in(data, sizeof(data));

	(void)state;
	metrics_sample(&out, "m", &label, 1, 1);
	assert_string_equal(data, "m{node=\"a\\\\b\\\"c\\nd{}=,\"} 1\n");
}

static void what_is_not_known_is_not_there(void **state)
{
	char data[128] = "";
	struct text out = text_in(data, sizeof(data));

	(void)state;
	metrics_sample(&out, "m", NULL, 0, NAN);
	metrics_single(&out, "m", METRICS_GAUGE, NAN, "Not known.");
	assert_string_equal(data, "");
}

static void numbers_are_whole_where_they_are(void **state)
{
	static const struct {
		double value;
		const char *line;
	} CASES[] = {
	    {0, "m 0\n"},
	    {0.552, "m 0.552\n"},
	    {1e15, "m 1000000000000000\n"},
	    {-0.25, "m -0.25\n"},
	    {1e300, "m 1e+300\n"},
	    {24.1, "m 24.1\n"},
	    {4e9, "m 4000000000\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		char data[64];
		struct text out = text_in(data, sizeof(data));

		metrics_sample(&out, "m", NULL, 0, CASES[i].value);
		assert_string_equal(data, CASES[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_family_says_what_it_is_before_its_samples),
	    cmocka_unit_test(what_would_end_a_label_is_escaped),
	    cmocka_unit_test(what_is_not_known_is_not_there),
	    cmocka_unit_test(numbers_are_whole_where_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
