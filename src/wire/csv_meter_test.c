/* Minutes of meters as lines of CSV: what is taken, what is named as wrong, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "wire/csv_meter.h"

#define BRIEF "at,meter,power_w,known_s\n"

static struct csv_record record;
static struct csv_fault fault;

static void read_record(const char *line)
{
	const char *why;

	assert_int_equal(csv_record_read(&record, line, strlen(line), true, &why), CSV_READ);
}

static int parse(struct csv_meter *out, const char *head, const char *line)
{
	struct csv_columns columns;

	read_record(head);
	assert_true(csv_meter_is_head(&record));
	assert_int_equal(csv_meter_columns_parse(&columns, &record, &fault), 0);
	read_record(line);
	return csv_meter_parse(out, &columns, &record, &fault);
}

static void line_comes_back_byte_for_byte(void **state)
{
	static const struct {
		const char *line;
		int32_t offset_s;
	} CASES[] = {
	    {"2026-10-25T02:30:00.000+02:00,grid,-400,-1200.5,800,800,2.5,7.5,45,6,assumed,"
	     "true\r\n",
	     7200},
	    {"2026-10-25T02:30:00.000+01:00,pv,2345.7,2300,2400.1,2300,39.095,0,60,60,good,"
	     "false\r\n",
	     3600},
	    {"2026-01-01T00:00:00.000Z,load,,80,90,80,0,0,0,1,good,true\r\n", 0},
	    {"2026-01-01T00:00:00.000Z,load,600,600,600,600,0.003,0,0.02,0,good,true\r\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		char line[CSV_METER_MAX];
		struct text text = text_in(line, sizeof line);
		struct csv_meter meter;

		if (parse(&meter, csv_meter_head, CASES[i].line) != 0)
			fail_msg("%s: %s %s", CASES[i].line, fault.column, fault.words);
		csv_meter_format(&text, &meter, CASES[i].offset_s);
		assert_string_equal(line, CASES[i].line);
	}
}

static void what_is_not_said_follows_from_the_mean(void **state)
{
	struct csv_meter meter;

	(void)state;
	assert_int_equal(parse(&meter, BRIEF, "2026-03-01T12:00:00Z,grid,-600,30"), 0);
	assert_true(meter.minute.min_w == -600 && meter.minute.max_w == -600);
	assert_true(meter.minute.last_w == -600 && meter.minute.known_ms == 30000);
	assert_true(meter.minute.exported_wh == 5 && meter.minute.imported_wh == 0);
	assert_int_equal(meter.minute.quality, QUALITY_GOOD);
	assert_int_equal(meter.minute.count, 1);
	assert_true(meter.at_is_trusted);
}

static void a_wrong_line_is_named_by_column(void **state)
{
	static const struct {
		const char *line, *column, *words;
	} CASES[] = {
	    {"2026-03-01T12:00:30Z,grid,100,60,,", "at", "beginning of a minute"},
	    {"yesterday,grid,100,60,,", "at", "ISO 8601"},
	    {"2026-03-01T12:00:00Z,b1,100,60,,", "meter", "grid, pv or load"},
	    {"2026-03-01T12:00:00Z,grid,\"1,5\",60,,", "power_w", "decimal number"},
	    {"2026-03-01T12:00:00Z,grid,10000001,60,,", "power_w", "bounds of a meter"},
	    {"2026-03-01T12:00:00Z,grid,nan,60,,", "power_w", "decimal number"},
	    {"2026-03-01T12:00:00Z,grid,100,60.001,,", "known_s", "bounds of a meter"},
	    {"2026-03-01T12:00:00Z,grid,100,-1,,", "known_s", "bounds of a meter"},
	    {"2026-03-01T12:00:00Z,grid,100,,,", "known_s", "\"\" is not"},
	    {"2026-03-01T12:00:00Z,grid,,60,,", "power_w", "where and only where"},
	    {"2026-03-01T12:00:00Z,grid,100,0,,", "power_w", "where and only where"},
	    {"2026-03-01T12:00:00Z,grid,600,60,,10.1", "imported_wh", "come to"},
	    {"2026-03-01T12:00:00Z,grid,600,60,1.5,", "count", "whole number"},
	    {"2026-03-01T12:00:00Z,grid,600,60", "", "4 fields, the first line has 6"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct csv_meter meter;

		fault = (struct csv_fault){0};
		assert_int_equal(
		    parse(&meter, "at,meter,power_w,known_s,count,imported_wh\n", CASES[i].line),
		    -EINVAL);
		assert_string_equal(fault.column, CASES[i].column);
		if (strstr(fault.words, CASES[i].words) == NULL)
			fail_msg("%s: %s", CASES[i].line, fault.words);
	}
}

static void extremes_that_contradict_are_refused(void **state)
{
	struct csv_meter meter;

	(void)state;
	assert_int_equal(parse(&meter, "at,meter,power_w,known_s,power_min_w,power_max_w\n",
			       "2026-03-01T12:00:00Z,pv,5,60,6,4"),
			 -EINVAL);
	assert_string_equal(fault.column, "power_min_w");
}

static void a_wrong_first_line_is_named(void **state)
{
	static const struct {
		const char *head, *column, *words;
	} CASES[] = {
	    {"at,meter,power_w\n", "known_s", "missing"},
	    {"at,meter,power_w,known_s,colour\n", "colour", "no such column"},
	    {"at,meter,power_w,known_s,at\n", "at", "twice"},
	};
	struct csv_columns columns;

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		read_record(CASES[i].head);
		assert_int_equal(csv_meter_columns_parse(&columns, &record, &fault), -EINVAL);
		assert_string_equal(fault.column, CASES[i].column);
		assert_non_null(strstr(fault.words, CASES[i].words));
	}
	read_record("at,node,soc_pct,temp_c\n");
	assert_false(csv_meter_is_head(&record));
	read_record("\xef\xbb\xbfmeter,at\n");
	assert_true(csv_meter_is_head(&record));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(line_comes_back_byte_for_byte),
	    cmocka_unit_test(what_is_not_said_follows_from_the_mean),
	    cmocka_unit_test(a_wrong_line_is_named_by_column),
	    cmocka_unit_test(extremes_that_contradict_are_refused),
	    cmocka_unit_test(a_wrong_first_line_is_named),
	};

	return cmocka_run_group_tests_name("csv_meter", tests, NULL, NULL);
}
