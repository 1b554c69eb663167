/* The table of parameters: names, values, layers, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "model/parameter.h"

static char words[256];

static int parse(struct parameter_value *out, enum parameter_id id, const char *text)
{
	struct text error = text_in(words, sizeof words);

	return parameter_parse(out, id, text, &error);
}

static void set(struct parameter_layer *layer, enum parameter_id id, const char *text)
{
	assert_int_equal(parse(&layer->value[id], id, text), 0);
	layer->is_set[id] = true;
}

static void every_parameter_has_a_unit_a_range_and_a_default_within_it(void **state)
{
	(void)state;
	for (int id = 0; id < PARAMETER_COUNT; id++) {
		const struct parameter *parameter = parameter_get((enum parameter_id)id);

		assert_non_null(parameter->name);
		assert_true(strlen(parameter->help) > 10);
		assert_true(parameter->min <= parameter->preset &&
			    parameter->preset <= parameter->max);
	}
}

static void a_name_without_its_unit_is_found_while_it_is_clear(void **state)
{
	enum parameter_id id;

	(void)state;
	assert_int_equal(parameter_find(&id, "reserve_pct"), 0);
	assert_int_equal(id, PARAMETER_RESERVE);
	assert_int_equal(parameter_find(&id, "reserve"), 0);
	assert_int_equal(id, PARAMETER_RESERVE);
	assert_int_equal(parameter_find(&id, "hysteresis"), -EEXIST);
	assert_int_equal(parameter_find(&id, "reserv"), -ENOENT);
	assert_int_equal(parameter_find(&id, ""), -ENOENT);
}

static void a_value_is_taken_up_to_both_ends_of_its_range(void **state)
{
	static const struct {
		enum parameter_id id;
		const char *text;
		int result;
		int64_t number;
	} cases[] = {
	    {PARAMETER_RESERVE, "0", 0, 0},
	    {PARAMETER_RESERVE, "95", 0, 9500},
	    {PARAMETER_RESERVE, "12.34", 0, 1234},
	    {PARAMETER_RESERVE, "-0.01", -ERANGE, 0},
	    {PARAMETER_RESERVE, "95.01", -ERANGE, 0},
	    {PARAMETER_RESERVE, "12.345", -EINVAL, 0},
	    {PARAMETER_RESERVE, "12abc", -EINVAL, 0},
	    {PARAMETER_RESERVE, "12,5", -EINVAL, 0},
	    {PARAMETER_INTERVAL, "1", 0, 1000},
	    {PARAMETER_INTERVAL, "0.5", -ERANGE, 0},
	    {PARAMETER_LOGIC, "schedule", 0, LOGIC_SCHEDULE},
	    {PARAMETER_LOGIC, "plan", 0, LOGIC_PLAN},
	    {PARAMETER_LOGIC, "planned", -EINVAL, 0},
	    {PARAMETER_SCHEDULE, "charge 01:00-02:00", 0, 0},
	    {PARAMETER_SCHEDULE, "600", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct parameter_value value = {.number = -7};

		assert_int_equal(parse(&value, cases[i].id, cases[i].text), cases[i].result);
		assert_int_equal(value.number, cases[i].result == 0 ? cases[i].number : -7);
	}
}

static void a_refusal_says_what_is_allowed(void **state)
{
	struct parameter_value value;

	(void)state;
	assert_int_equal(parse(&value, PARAMETER_RESERVE, "120"), -ERANGE);
	assert_string_equal(words, "reserve_pct: \"120\" is not allowed: 0 to 95 %");
	assert_int_equal(parse(&value, PARAMETER_LOGIC, "x"), -EINVAL);
	assert_string_equal(words,
			    "logic: \"x\" is not allowed: one of monitor, threshold, schedule, plan");
}

static void a_value_is_written_as_it_is_read(void **state)
{
	struct parameter_value value;
	char room[64];
	struct text out = text_in(room, sizeof room);

	(void)state;
	assert_int_equal(parse(&value, PARAMETER_CHARGE_MIN_TEMP, "-2.5"), 0);
	parameter_format(PARAMETER_CHARGE_MIN_TEMP, &value, &out);
	assert_string_equal(room, "-2.5");
}

static void the_battery_beats_the_house_and_run_time_beats_the_file(void **state)
{
	struct parameter_layer house_file = {0}, house_run = {0}, file = {0}, run = {0};
	struct text error = text_in(words, sizeof words);
	struct settings settings;

	(void)state;
	set(&house_file, PARAMETER_RESERVE, "11");
	assert_int_equal(settings_resolve(&settings, CHEMISTRY_LFP, &house_file, &house_run, &file,
					  &run, &error),
			 0);
	assert_int_equal(setting(&settings, PARAMETER_RESERVE), 1100);
	set(&house_run, PARAMETER_RESERVE, "12");
	set(&file, PARAMETER_RESERVE, "13");
	assert_int_equal(settings_resolve(&settings, CHEMISTRY_LFP, &house_file, &house_run, &file,
					  &run, &error),
			 0);
	assert_int_equal(setting(&settings, PARAMETER_RESERVE), 1300);
	assert_int_equal(settings.place[PARAMETER_RESERVE], LAYER_BATTERY_FILE);
	set(&run, PARAMETER_RESERVE, "14");
	assert_int_equal(settings_resolve(&settings, CHEMISTRY_LFP, &house_file, &house_run, &file,
					  &run, &error),
			 0);
	assert_int_equal(setting(&settings, PARAMETER_RESERVE), 1400);
	assert_int_equal(setting(&settings, PARAMETER_CEILING), 9500);
	assert_int_equal(settings.place[PARAMETER_CEILING], LAYER_PRESET);
}

static void a_preset_is_narrowed_and_never_widened(void **state)
{
	struct parameter_layer layer = {0};
	struct text error = text_in(words, sizeof words);
	struct settings settings;

	(void)state;
	set(&layer, PARAMETER_CHARGE_MIN_TEMP, "0");
	assert_int_equal(
	    settings_resolve(&settings, CHEMISTRY_LFP, NULL, NULL, &layer, NULL, &error), 0);
	set(&layer, PARAMETER_CHARGE_MIN_TEMP, "-0.001");
	assert_int_equal(
	    settings_resolve(&settings, CHEMISTRY_LFP, NULL, NULL, &layer, NULL, &error), -ERANGE);
	assert_string_equal(words, "charge_min_c: -0.001 is wider than lfp allows: at least 0 °C "
				   "(chemistry: custom lifts this)");
	assert_int_equal(
	    settings_resolve(&settings, CHEMISTRY_CUSTOM, NULL, NULL, &layer, NULL, &error), 0);
}

static void thresholds_out_of_order_are_refused_with_both_names(void **state)
{
	struct parameter_layer layer = {0};
	struct text error = text_in(words, sizeof words);
	struct settings settings;

	(void)state;
	set(&layer, PARAMETER_CHARGE_BELOW, "80");
	assert_int_equal(
	    settings_resolve(&settings, CHEMISTRY_LFP, &layer, NULL, NULL, NULL, &error), -ERANGE);
	assert_string_equal(words,
			    "charge_below_pct: 80 % must be below charge_until_pct, which is 80 %");
}

static void a_reading_may_miss_its_interval_once_before_it_is_stale(void **state)
{
	struct parameter_layer layer = {0};
	struct text error = text_in(words, sizeof words);
	struct settings settings;

	(void)state;
	set(&layer, PARAMETER_INTERVAL, "45");
	assert_int_equal(
	    settings_resolve(&settings, CHEMISTRY_LFP, &layer, NULL, NULL, NULL, &error), 0);
	set(&layer, PARAMETER_INTERVAL, "46");
	assert_int_equal(
	    settings_resolve(&settings, CHEMISTRY_LFP, &layer, NULL, NULL, NULL, &error), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_parameter_has_a_unit_a_range_and_a_default_within_it),
	    cmocka_unit_test(a_name_without_its_unit_is_found_while_it_is_clear),
	    cmocka_unit_test(a_value_is_taken_up_to_both_ends_of_its_range),
	    cmocka_unit_test(a_refusal_says_what_is_allowed),
	    cmocka_unit_test(a_value_is_written_as_it_is_read),
	    cmocka_unit_test(the_battery_beats_the_house_and_run_time_beats_the_file),
	    cmocka_unit_test(a_preset_is_narrowed_and_never_widened),
	    cmocka_unit_test(thresholds_out_of_order_are_refused_with_both_names),
	    cmocka_unit_test(a_reading_may_miss_its_interval_once_before_it_is_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
