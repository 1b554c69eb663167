/* Readings as lines of CSV: what is taken, what is named as wrong, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "wire/csv_reading.h"

static struct csv_record record;
static struct csv_fault fault;

static void read_record(const char *line)
{
	const char *why;

	assert_int_equal(csv_record_read(&record, line, strlen(line), true, &why), CSV_READ);
}

static struct csv_columns columns_of(const char *head)
{
	struct csv_columns columns;

	read_record(head);
	assert_int_equal(csv_reading_columns_parse(&columns, &record, &fault), 0);
	return columns;
}

static int parse(struct csv_reading *out, const char *head, const char *line)
{
	struct csv_columns columns = columns_of(head);

	read_record(line);
	return csv_reading_parse(out, &columns, &record, &fault);
}

static void line_comes_back_byte_for_byte(void **state)
{
	static const struct {
		const char *line;
		int32_t offset_s;
	} CASES[] = {
	    {"2026-10-25T02:30:00.125+02:00,b1,55.2,24.1,25,51.2,-3.25,-166.4,98.5,10,"
	     "\"3301,3302,3303\",2026-10-25T02:29:59.900+02:00,1201,good,true\r\n",
	     7200},
	    {"2026-10-25T02:30:00.125+01:00,b1,55.2,24.1,,,,,,,,,,suspect,false\r\n", 3600},
	    {"2026-01-01T00:00:00.000Z,b-2.x:1,0.1,-0.001,,,1e-06,0.30000000000000004,,,3301,,0,"
	     "frozen,true\r\n",
	     0},
	    {"2026-01-01T00:00:00.000-04:30,b1,100,149.99999999999997,150,,,,,,,,,missing,true\r\n",
	     -16200},
	    {"1970-01-01T00:01:30.000Z,b1,50,20,,,,,,,,,,good,false\r\n", 3600},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		char line[CSV_READING_MAX];
		struct text text = text_in(line, sizeof line);
		struct csv_reading reading;

		assert_int_equal(parse(&reading, csv_reading_head, CASES[i].line), 0);
		csv_reading_format(&text, &reading, CASES[i].offset_s, CASES[i].offset_s);
		assert_string_equal(line, CASES[i].line);
	}
}

static void columns_stand_in_any_order_and_may_be_missing(void **state)
{
	struct csv_reading reading;

	(void)state;
	assert_int_equal(parse(&reading, "\xef\xbb\xbfnode,soc_pct,temp_c,at\n",
			       "b1,55.5,-12.5,2026-01-01T01:00:00+01:00\n"),
			 0);
	assert_string_equal(reading.reading.node.text, "b1");
	assert_int_equal(reading.at.ms, 1767225600000);
	assert_true(reading.at_is_trusted);
	assert_int_equal(reading.quality, QUALITY_GOOD);
	assert_true(reading.reading.received.soc_pct == 55.5);
	assert_true(reading.reading.received.temp_c == -12.5);
	assert_true(isnan(reading.reading.received.power_w));
	assert_false(reading.reading.has_time);
	assert_false(reading.reading.has_sequence);
}

static void head_that_is_not_understood_is_refused_by_column(void **state)
{
	static const char *const CASES[][2] = {
	    {"at,node,soc_pct\n", "temp_c"},
	    {"at,node,soc_pct,temp_c,colour\n", "colour"},
	    {"at,node,soc_pct,temp_c,at\n", "at"},
	    {"at;node;soc_pct;temp_c\n", "at;node;soc_pct;temp_c"},
	    {"\n", "at"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct csv_columns columns;

		read_record(CASES[i][0]);
		assert_int_equal(csv_reading_columns_parse(&columns, &record, &fault), -EINVAL);
		assert_string_equal(fault.column, CASES[i][1]);
	}
}

static void line_that_no_sensor_could_have_sent_is_refused_by_column(void **state)
{
	static const char HEAD[] = "at,node,soc_pct,temp_c,temp_max_c,cells_mv,sequence,quality,"
				   "wall_trusted,measured\n";
	static const char *const CASES[][2] = {
	    {"2026-01-01T00:00:00Z,b1,100,150,,,,,,\n", NULL},
	    {"2026-01-01T00:00:00Z,b1,100.1,20,,,,,,\n", "soc_pct"},
	    {"2026-01-01T00:00:00Z,b1,0,-60,,,,,,\n", NULL},
	    {"2026-01-01T00:00:00Z,b1,-0.1,20,,,,,,\n", "soc_pct"},
	    {"2026-01-01T00:00:00Z,b1,50,-60.1,,,,,,\n", "temp_c"},
	    {"2026-01-01T00:00:00Z,b1,nan,20,,,,,,\n", "soc_pct"},
	    {"2026-01-01T00:00:00Z,b1,50 ,20,,,,,,\n", "soc_pct"},
	    {"2026-01-01T00:00:00Z,b1,\"50,5\",20,,,,,,\n", "soc_pct"},
	    {"2026-01-01T00:00:00Z,b1,,20,,,,,,\n", "soc_pct"},
	    {"2026-01-01T00:00:00Z,,50,20,,,,,,\n", "node"},
	    {"2026-01-01T00:00:00Z,b 1,50,20,,,,,,\n", "node"},
	    {"2026-01-01T00:00:00,b1,50,20,,,,,,\n", "at"},
	    {"1969-12-31T23:59:59Z,b1,50,20,,,,,,\n", "at"},
	    {"2026-01-01T00:00:00Z,b1,50,20,20,,,,,\n", NULL},
	    {"2026-01-01T00:00:00Z,b1,50,20,19.9,,,,,\n", "temp_max_c"},
	    {"2026-01-01T00:00:00Z,b1,50,20,,\"3301,\",,,,\n", "cells_mv"},
	    {"2026-01-01T00:00:00Z,b1,50,20,,65536,,,,\n", "cells_mv"},
	    {"2026-01-01T00:00:00Z,b1,50,20,,,1.5,,,\n", "sequence"},
	    {"2026-01-01T00:00:00Z,b1,50,20,,,-1,,,\n", "sequence"},
	    {"2026-01-01T00:00:00Z,b1,50,20,,,,fine,,\n", "quality"},
	    {"2026-01-01T00:00:00Z,b1,50,20,,,,,yes,\n", "wall_trusted"},
	    {"2026-01-01T00:00:00Z,b1,50,20,,,,,,yesterday\n", "measured"},
	    {"2026-01-01T00:00:00Z,b1,50,20\n", ""},
	    {"2026-01-01T00:00:00Z,b1,50,20,,,,,,,\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct csv_reading reading;
		int rc = parse(&reading, HEAD, CASES[i][0]);

		assert_int_equal(rc, CASES[i][1] ? -EINVAL : 0);
		if (CASES[i][1])
			assert_string_equal(fault.column, CASES[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(line_comes_back_byte_for_byte),
	    cmocka_unit_test(columns_stand_in_any_order_and_may_be_missing),
	    cmocka_unit_test(head_that_is_not_understood_is_refused_by_column),
	    cmocka_unit_test(line_that_no_sensor_could_have_sent_is_refused_by_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
