/* Templates of Home Assistant: where a value stands, and nothing that is guessed. */
#include "wire/ha_template.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void a_template_says_where_the_value_stands(void **state)
{
	static const struct {
		const char *text, *path; /* NULL: the whole payload */
	} rows[] = {
	    {"{{ value }}", NULL},
	    {"{{value}}", NULL},
	    {"{{ value_json }}", NULL},
	    {"{{ value_json.soc }}", "/soc"},
	    {" {{\tvalue_json.soc\n}} ", "/soc"},
	    {"{{ value_json.packs[1].soc }}", "/packs/1/soc"},
	    {"{{value_json.bats.0.soc.value}}", "/bats/0/soc/value"},
	    {"{{ value_json['state-of-charge'] }}", "/state-of-charge"},
	    {"{{ value_json[\"a/b~c\"] }}", "/a~1b~0c"},
	    {"{{ value_json['x'][0]['y'] }}", "/x/0/y"},
	    {"{{ value_json[ 'x' ].y }}", "/x/y"},
	    {"{{ (value_json.soc) }}", "/soc"},
	    {"{{ value_json.temp_1 }}", "/temp_1"},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct ha_template template;

		assert_int_equal(ha_template_parse(&template, rows[i].text), 0);
		assert_int_equal(template.has_path, rows[i].path != NULL);
		if (rows[i].path != NULL)
			assert_string_equal(template.path, rows[i].path);
		assert_true(ha_template_is_place(&template));
	}
}

static void numbers_are_scaled_and_rounded_in_the_templates_order(void **state)
{
	static const struct {
		const char *text;
		double scale;
		enum source_rounding before, after;
		int decimals; /* of that which rounds */
	} rows[] = {
	    {"{{ value_json.x | float }}", 1, SOURCE_EXACT, SOURCE_EXACT, 0},
	    {"{{ value_json.x|float(0) }}", 1, SOURCE_EXACT, SOURCE_EXACT, 0},
	    {"{{ value_json.x | float(default=-1) }}", 1, SOURCE_EXACT, SOURCE_EXACT, 0},
	    {"{{ value_json.x | float(none) | int(0) }}", 1, SOURCE_CUT, SOURCE_EXACT, 0},
	    {"{{ value_json.x | int }}", 1, SOURCE_CUT, SOURCE_EXACT, 0},
	    {"{{ value | float | round(2) }}", 1, SOURCE_ROUND, SOURCE_EXACT, 2},
	    {"{{ value | round }}", 1, SOURCE_ROUND, SOURCE_EXACT, 0},
	    {"{{ value | round(1, default=0) }}", 1, SOURCE_ROUND, SOURCE_EXACT, 1},
	    {"{{ value | int | round(1) }}", 1, SOURCE_CUT, SOURCE_EXACT, 0},
	    {"{{ value | float | round(0) | int }}", 1, SOURCE_ROUND, SOURCE_EXACT, 0},
	    {"{{ value_json.x * 0.1 }}", 0.1, SOURCE_EXACT, SOURCE_EXACT, 0},
	    {"{{ value_json.x / 1000 }}", 0.001, SOURCE_EXACT, SOURCE_EXACT, 0},
	    {"{{ value_json.x | float / 10 }}", 0.1, SOURCE_EXACT, SOURCE_EXACT, 0},
	    {"{{ 0.1 * value_json.x }}", 0.1, SOURCE_EXACT, SOURCE_EXACT, 0},
	    {"{{ (value_json.x | float) * 100 }}", 100, SOURCE_EXACT, SOURCE_EXACT, 0},
	    {"{{ (value_json.x | float / 10) | round(1) }}", 0.1, SOURCE_EXACT, SOURCE_ROUND, 1},
	    {"{{ ((value_json.x | int) / 10) | round(1) }}", 0.1, SOURCE_CUT, SOURCE_ROUND, 0},
	    {"{{ (value_json.x * 0.1) | int }}", 0.1, SOURCE_EXACT, SOURCE_CUT, 0},
	    /* a filter binds closer than the factor: it rounds the constant */
	    {"{{ value_json.x * 0.14 | round(1) }}", 0.1, SOURCE_EXACT, SOURCE_EXACT, 0},
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct ha_template template;

		assert_int_equal(ha_template_parse(&template, rows[i].text), 0);
		assert_true(template.scale > rows[i].scale * 0.999999 &&
			    template.scale < rows[i].scale * 1.000001);
		assert_int_equal(template.before.rounding, rows[i].before);
		assert_int_equal(template.after.rounding, rows[i].after);
		if (rows[i].after == SOURCE_ROUND && rows[i].before == SOURCE_EXACT)
			assert_int_equal(template.after.decimals, rows[i].decimals);
		if (rows[i].before == SOURCE_ROUND)
			assert_int_equal(template.before.decimals, rows[i].decimals);
	}
}

static void what_is_a_program_is_refused(void **state)
{
	static const char *const refused[] = {
	    "",
	    "value",
	    "{{ }}",
	    "{{ 5 }}",
	    "{{ 2 * 3 }}",
	    "{{ states(\"sensor.x\") }}",
	    "{{ value_json.a + value_json.b }}",
	    "{{ value_json.a * value_json.b }}",
	    "{{ value_json.a * 2 * 3 }}",
	    "{{ (value_json.a * 2) / 3 }}",
	    "{{ value_json.a / 0 }}",
	    "{{ value_json.a * -1 }}",
	    "{{ value_json.a - 5 }}",
	    "{{ value_json.a | default(0) }}",
	    "{{ value_json.a | abs }}",
	    "{{ value_json.a | round(1, 'floor') }}",
	    "{{ value_json.a | round(-1) }}",
	    "{{ value_json.a | round(1) | int }}",
	    "{{ value_json.a | int(x) }}",
	    "{{ value_json.items() }}",
	    "{{ value_json.a if value_json.a else 0 }}",
	    "{{ value_json.a == 1 }}",
	    "{{ value_json[x] }}",
	    "{{ value_json[-1] }}",
	    "{{ value_json[0:1] }}",
	    "{{ value_json['a\\'b'] }}",
	    "{{ value_json. }}",
	    "{{ value_json..a }}",
	    "{{ value_json.1e3x }}",
	    "{{ value_jsonx.a }}",
	    "{{ valuex }}",
	    "{{ value_json.a }} %",
	    "{{ value_json.a }}{{ value_json.b }}",
	    "{% if value %}{{ value }}{% endif %}",
	    "{{- value }}",
	    "{{ value",
	    "{{ value }",
	    "{{ ((((( value ))))) }}",
	    "{{ value | }}",
	};
	struct ha_template template;
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
		if (ha_template_parse(&template, refused[i]) == 0)
			fail_msg("taken: %s", refused[i]);
	}
}

static void a_path_has_a_bound(void **state)
{
	char text[400] = "{{ value_json";
	struct ha_template template;
	(void)state;

	for (int i = 0; i < 30; i++)
		strcat(text, ".abc");
	strcat(text, " }}");
	assert_int_equal(ha_template_parse(&template, text), 0);
	strcpy(text, "{{ value_json");
	for (int i = 0; i < 32; i++)
		strcat(text, ".abc");
	strcat(text, " }}");
	assert_int_not_equal(ha_template_parse(&template, text), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_template_says_where_the_value_stands),
	    cmocka_unit_test(numbers_are_scaled_and_rounded_in_the_templates_order),
	    cmocka_unit_test(what_is_a_program_is_refused),
	    cmocka_unit_test(a_path_has_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
