/* Tables and values for people and for programs; options among words. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/zone.h"
#include "cli/show.h"

static const struct column COLUMNS[] = {
    {"name", "name", COLUMN_TEXT},     {"temp_c", "°C", COLUMN_ONE_DECIMAL},
    {"age_s", "age", COLUMN_DURATION}, {"state", "state", COLUMN_SWITCH},
    {"at", "time", COLUMN_TIME},       {"row", NULL, COLUMN_COUNT},
};

/* What rows_show() prints, from malloc. */
static char *shown(const struct cli *cli, const char *json)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *rows = json_loads(json, 0, NULL);

	assert_non_null(out);
	assert_non_null(rows);
	rows_show(cli, out, rows, COLUMNS, ARRAY_LENGTH(COLUMNS), "there are no rows");
	fclose(out);
	json_decref(rows);
	return text;
}

static void table_shows_what_is_missing_as_a_dash_never_as_zero(void **state)
{
	const struct cli cli = {.utc_offset_s = 3600};
	char *text =
	    shown(&cli, "[{\"name\":\"b1\",\"temp_c\":24.1,\"age_s\":125,\"state\":true,"
			"\"at\":\"2026-11-25T04:30:00Z\",\"row\":1},"
			"{\"name\":\"bat-2\",\"temp_c\":null,\"age_s\":null,\"state\":null}]");

	(void)state;
	assert_string_equal(text, "name     °C        age  state  time\n"
				  "b1     24.1  2 min 5 s  on     2026-11-25 05:30:00\n"
				  "bat-2     —          —  —      —\n");
	free(text);
}

static void time_is_the_houses_at_that_time_and_says_which_of_two(void **state)
{
	struct cli cli = {.has_zone = true};
	char words[256];
	struct text error = text_in(words, sizeof(words));
	char *text;

	(void)state;
	assert_int_equal(zone_take("Europe/Rome", &error), 0);
	text = shown(&cli, "[{\"name\":\"a\",\"at\":\"2026-07-01T10:00:00Z\"},"
			   "{\"name\":\"b\",\"at\":\"2026-10-24T23:59:59Z\"},"
			   "{\"name\":\"c\",\"at\":\"2026-10-25T00:30:00Z\"},"
			   "{\"name\":\"d\",\"at\":\"2026-10-25T01:30:00Z\"},"
			   "{\"name\":\"e\",\"at\":\"2026-10-25T02:00:00Z\"},"
			   "{\"name\":\"f\",\"at\":\"2026-03-29T00:30:00Z\"},"
			   "{\"name\":\"g\",\"at\":\"2026-03-29T01:30:00Z\"}]");
	assert_string_equal(text, "name  °C  age  state  time\n"
				  "a      —    —  —      2026-07-01 12:00:00\n"
				  "b      —    —  —      2026-10-25 01:59:59\n"
				  "c      —    —  —      2026-10-25 02:30:00 +02:00\n"
				  "d      —    —  —      2026-10-25 02:30:00 +01:00\n"
				  "e      —    —  —      2026-10-25 03:00:00\n"
				  "f      —    —  —      2026-03-29 01:30:00\n"
				  "g      —    —  —      2026-03-29 03:30:00\n");
	free(text);
}

static void count_is_said_in_words(void **state)
{
	static const struct {
		double count;
		const char *text;
	} CASES[] = {{0, "no rows"}, {1, "1 row"}, {2, "2 rows"}, {12345678, "12345678 rows"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		char buffer[32];
		struct text text = text_in(buffer, sizeof(buffer));

		count_add(&text, CASES[i].count, "row");
		assert_string_equal(buffer, CASES[i].text);
	}
}

static void table_without_rows_is_empty_and_csv_keeps_its_heading(void **state)
{
	struct cli cli = {0};
	char *text = shown(&cli, "[]");

	(void)state;
	assert_string_equal(text, "");
	free(text);
	cli.format = FORMAT_CSV;
	text = shown(&cli, "[]");
	assert_string_equal(text, "name,temp_c,age_s,state,at,row\r\n");
	free(text);
}

static void csv_has_dots_empty_for_null_and_quotes_what_needs_them(void **state)
{
	const struct cli cli = {.format = FORMAT_CSV, .utc_offset_s = 3600};
	char *text =
	    shown(&cli, "[{\"name\":\"a,\\\"b\\\"\",\"temp_c\":24.1,\"age_s\":null,\"state\":false,"
			"\"at\":\"2026-11-25T04:30:00Z\",\"row\":1}]");

	(void)state;
	assert_string_equal(text, "name,temp_c,age_s,state,at,row\r\n"
				  "\"a,\"\"b\"\"\",24.1,,false,2026-11-25T04:30:00Z,1\r\n");
	free(text);
}

static void display_width_counts_what_is_seen(void **state)
{
	(void)state;
	assert_int_equal(display_width(""), 0);
	assert_int_equal(display_width("24.1 °C"), 7);
	assert_int_equal(display_width("\033[31m—\033[0m"), 1);
}

static void colour_is_used_only_where_it_is_wanted(void **state)
{
	struct cli cli = {0};

	(void)state;
	assert_string_equal(colour_begin(&cli, COLOUR_RED), "");
	assert_string_equal(colour_end(&cli), "");
	cli.has_colour = true;
	assert_string_equal(colour_begin(&cli, COLOUR_RED), "\033[31m");
}

static void warnings_name_the_faster_clock_and_each_relay_without_a_lease(void **state)
{
	const struct cli cli = {0};
	json_t *json =
	    json_loads("{\"clock_factor\":60,\"relays\":[{\"id\":\"r1\",\"lease\":\"yes\"},"
		       "{\"id\":\"r2\",\"lease\":\"none\"},"
		       "{\"id\":\"r3\",\"lease\":\"yes\",\"timer\":\"untold\",\"trial\":null},"
		       "{\"id\":\"r4\",\"lease\":\"yes\",\"timer\":\"untold\",\"trial\":"
		       "{\"at\":\"2026-11-30T10:00:00Z\",\"passed\":true}},"
		       "{\"id\":\"r5\",\"lease\":\"yes\",\"timer\":\"untold\",\"trial\":"
		       "{\"at\":\"2026-11-30T10:00:00Z\",\"passed\":false}}]}",
		       0, NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	warnings_show(&cli, out, json);
	fclose(out);
	assert_string_equal(text, "clock ×60: simulated time\n"
				  "relay r2: lease: none, it does not open by itself\n"
				  "relay r3: its timer is set and not told back; not proved yet: "
				  "amphora relay trial r3\n"
				  "relay r4: its timer is set and not told back; proved by a trial on "
				  "2026-11-30\n"
				  "relay r5: its timer is set and not told back; it did not open by itself "
				  "in a trial on 2026-11-30\n");
	free(text);
	json_decref(json);
}

static void options_are_taken_out_wherever_they_stand(void **state)
{
	char name[] = "history", node[] = "b1", from[] = "--from", time[] = "-2h",
	     limit[] = "--limit=5", flag[] = "-w";
	char *words[] = {name, from, time, node, flag, limit, NULL};
	const char *value = NULL;
	int count = 6;

	(void)state;
	assert_int_equal(take_option(&count, words, "--from", &value), 1);
	assert_string_equal(value, "-2h");
	assert_int_equal(take_option(&count, words, "--limit", &value), 1);
	assert_string_equal(value, "5");
	assert_int_equal(take_option(&count, words, "--to", &value), 0);
	assert_true(take_flag(&count, words, "-w"));
	assert_int_equal(count, 2);
	assert_string_equal(words[1], "b1");
	assert_null(words[2]);
	assert_true(words_fit(count, words, 1, 1));
	assert_false(words_fit(count, words, 2, 2));
}

static void options_without_their_value_are_refused(void **state)
{
	char name[] = "history", from[] = "--from";
	char *words[] = {name, from, NULL};
	const char *value = NULL;
	int count = 2;

	(void)state;
	assert_int_equal(take_option(&count, words, "--from", &value), -EINVAL);
	assert_null(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(table_shows_what_is_missing_as_a_dash_never_as_zero),
	    cmocka_unit_test(time_is_the_houses_at_that_time_and_says_which_of_two),
	    cmocka_unit_test(count_is_said_in_words),
	    cmocka_unit_test(table_without_rows_is_empty_and_csv_keeps_its_heading),
	    cmocka_unit_test(csv_has_dots_empty_for_null_and_quotes_what_needs_them),
	    cmocka_unit_test(display_width_counts_what_is_seen),
	    cmocka_unit_test(colour_is_used_only_where_it_is_wanted),
	    cmocka_unit_test(warnings_name_the_faster_clock_and_each_relay_without_a_lease),
	    cmocka_unit_test(options_are_taken_out_wherever_they_stand),
	    cmocka_unit_test(options_without_their_value_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
