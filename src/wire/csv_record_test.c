/* Records of RFC 4180: what is read, what is refused, and where the next one begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "wire/csv_record.h"

static struct csv_record record;

/* The fields with `|` between them. */
static const char *fields(void)
{
	static char joined[CSV_RECORD_MAX * 2];
	struct text text = text_in(joined, sizeof joined);

	for (size_t i = 0; i < record.count; i++)
		text_add(&text, "%s%s", i > 0 ? "|" : "", record.fields[i]);
	return joined;
}

static void record_is_read_as_rfc_4180_says(void **state)
{
	static const struct {
		const char *data, *fields;
		size_t length, lines;
	} CASES[] = {
	    {"a,b\r\nc", "a|b", 5, 1},
	    {"a,b\nc", "a|b", 4, 1},
	    {"a,b", "a|b", 3, 0},
	    {",\r\n", "|", 3, 1},
	    {"\r\nx", "", 2, 1},
	    {"\"a,b\",c\r\n", "a,b|c", 9, 1},
	    {"\"a \"\"b\"\"\",\"\"\r\n", "a \"b\"|", 14, 1},
	    {"\"a\r\nb\",c\r\nd", "a\r\nb|c", 10, 2},
	    {" a , b \r\n", " a | b ", 9, 1},
	    {"\xc3\xa9,b\r\n", "\xc3\xa9|b", 6, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		const char *why = NULL;

		assert_int_equal(
		    csv_record_read(&record, CASES[i].data, strlen(CASES[i].data), true, &why),
		    CSV_READ);
		assert_string_equal(fields(), CASES[i].fields);
		assert_int_equal(record.length, CASES[i].length);
		assert_int_equal(record.lines, CASES[i].lines);
	}
}

static void bad_record_costs_its_own_line_only(void **state)
{
	static const char *const CASES[] = {
	    "a\"b,c\r\nx,y\r\n",   /* a quote in a bare field */
	    "\"a\"b,c\r\nx,y\r\n", /* text behind a closing quote */
	    "\"a,c\r\nx,y\r\n",    /* a quote that is never closed */
	    "a\rb\r\nx,y\r\n",     /* a lone carriage return */
	    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,"
	    "32,33\r\nx,y\r\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		const char *why = NULL, *at = CASES[i];

		assert_int_equal(csv_record_read(&record, at, strlen(at), true, &why), CSV_BAD);
		assert_non_null(why);
		assert_int_equal(record.lines, 1);
		at += record.length;
		assert_int_equal(csv_record_read(&record, at, strlen(at), true, &why), CSV_READ);
		assert_string_equal(fields(), "x|y");
	}
}

static void record_in_pieces_waits_for_its_end(void **state)
{
	static const char DATA[] = "\"a\r\nb\",c\r\n";
	const char *why = NULL;

	(void)state;
	for (size_t length = 1; length < sizeof(DATA) - 1; length++)
		assert_int_equal(csv_record_read(&record, DATA, length, false, &why), CSV_MORE);
	assert_int_equal(csv_record_read(&record, DATA, sizeof(DATA) - 1, false, &why), CSV_READ);
	assert_string_equal(fields(), "a\r\nb|c");
	assert_int_equal(csv_record_read(&record, DATA, 0, false, &why), CSV_AT_END);
}

static void longest_record_is_read_and_a_longer_one_is_bad(void **state)
{
	char data[CSV_RECORD_MAX + 16];
	const char *why = NULL;

	(void)state;
	memset(data, 'a', sizeof data);
	data[CSV_RECORD_MAX - 1] = '\n';
	assert_int_equal(csv_record_read(&record, data, sizeof data, false, &why), CSV_READ);
	assert_int_equal(strlen(record.fields[0]), CSV_RECORD_MAX - 1);
	data[CSV_RECORD_MAX - 1] = 'a';
	data[CSV_RECORD_MAX] = '\n';
	assert_int_equal(csv_record_read(&record, data, sizeof data, false, &why), CSV_BAD);
	assert_int_equal(record.length, CSV_RECORD_MAX + 1);
	assert_int_equal(csv_record_read(&record, data, CSV_RECORD_MAX, true, &why), CSV_READ);
	assert_int_equal(csv_record_read(&record, data, CSV_RECORD_MAX, false, &why), CSV_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(record_is_read_as_rfc_4180_says),
	    cmocka_unit_test(bad_record_costs_its_own_line_only),
	    cmocka_unit_test(record_in_pieces_waits_for_its_end),
	    cmocka_unit_test(longest_record_is_read_and_a_longer_one_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
