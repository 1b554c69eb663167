/* Lines of a home's record, and what is said of those that are none. */
#include "wire/home_csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define HEAD "time,load_w,pv_w,import_price,export_price\n"

static struct home_columns columns;
static struct csv_fault fault;

static void read_record(struct csv_record *record, const char *text)
{
	const char *why;

	assert_int_equal(csv_record_read(record, text, strlen(text), true, &why), CSV_READ);
}

static int read_head(const char *text)
{
	struct csv_record record;

	read_record(&record, text);
	return home_columns_parse(&columns, &record, &fault);
}

static int read_row(struct home_row *row, const char *text)
{
	struct csv_record record;

	read_record(&record, text);
	return home_row_parse(row, &columns, &record, &fault);
}

static void columns_stand_in_any_order_and_others_are_passed_over(void **state)
{
	struct home_row row;

	(void)state;
	assert_int_equal(read_head("\xef\xbb\xbfpv_w,note,time,import_price,load_w\n"), 0);
	assert_int_equal(columns.field[HOME_SELL], -1);
	assert_int_equal(read_row(&row, "5,hello,2026-01-01T00:00:00+05:45,0.2,7\n"), 0);
	assert_true(row.value[HOME_PV] == 5 && row.value[HOME_LOAD] == 7);
	assert_true(isnan(row.value[HOME_SELL]));
	assert_int_equal(row.utc_offset_s, (5 * 60 + 45) * 60);
}

static void each_zone_is_read(void **state)
{
	static const struct {
		const char *time;
		int32_t offset_s;
		int64_t start_ms;
	} rows[] = {
	    {"1970-01-02T00:00:00Z", 0, MS_PER_DAY},
	    {"1970-01-02T00:00:00+01:00", 3600, MS_PER_DAY - MS_PER_HOUR},
	    {"1970-01-02T00:00:00-0330", -12600, MS_PER_DAY + 7 * MS_PER_HOUR / 2},
	};
	struct home_row row;
	char text[64];

	(void)state;
	assert_int_equal(read_head("time\n"), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		snprintf(text, sizeof(text), "%s\n", rows[i].time);
		assert_int_equal(read_row(&row, text), 0);
		assert_int_equal(row.utc_offset_s, rows[i].offset_s);
		assert_int_equal(row.start.ms, rows[i].start_ms);
	}
}

static void what_is_not_known_is_no_zero(void **state)
{
	struct home_row row;

	(void)state;
	assert_int_equal(read_head(HEAD), 0);
	assert_int_equal(read_row(&row, "2026-01-01T00:00:00Z,,NaN,-0.2,nan\n"), 0);
	assert_true(isnan(row.value[HOME_LOAD]) && isnan(row.value[HOME_PV]));
	assert_true(row.value[HOME_BUY] == -0.2 && isnan(row.value[HOME_SELL]));
	assert_false(row.is_absurd[HOME_LOAD]);
}

static void what_no_home_can_have_is_not_known(void **state)
{
	struct home_row row;

	(void)state;
	assert_int_equal(read_head(HEAD), 0);
	assert_int_equal(read_row(&row, "2026-01-01T00:00:00Z,100000,-1,1001,-1000\n"), 0);
	assert_true(row.value[HOME_LOAD] == 100000 && !row.is_absurd[HOME_LOAD]);
	assert_true(isnan(row.value[HOME_PV]) && row.is_absurd[HOME_PV]);
	assert_true(isnan(row.value[HOME_BUY]) && row.is_absurd[HOME_BUY]);
	assert_true(row.value[HOME_SELL] == -1000);
}

static void what_is_wrong_is_named(void **state)
{
	static const struct {
		const char *line, *column, *words;
	} rows[] = {
	    {"2026-01-01 00:00,1,1,1,1\n", "time", "zone"},
	    {"2026-01-01T00:00:00Z,1 kW,1,1,1\n", "load_w", "1 kW is no number"},
	    {"2026-01-01T00:00:00Z,1,1,0x2,1\n", "import_price", "no number"},
	    {"2026-01-01T00:00:00Z,1,1,1\n", "", "4 fields, the first line 5"},
	};
	struct home_row row;

	(void)state;
	assert_int_equal(read_head(HEAD), 0);
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		assert_true(read_row(&row, rows[i].line) < 0);
		assert_string_equal(fault.column, rows[i].column);
		assert_non_null(strstr(fault.words, rows[i].words));
	}
	assert_true(read_head("load_w,pv_w\n") < 0);
	assert_non_null(strstr(fault.words, "no column time"));
	assert_true(read_head("time,pv_w,pv_w\n") < 0);
	assert_string_equal(fault.column, "pv_w");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(columns_stand_in_any_order_and_others_are_passed_over),
	    cmocka_unit_test(each_zone_is_read),
	    cmocka_unit_test(what_is_not_known_is_no_zero),
	    cmocka_unit_test(what_no_home_can_have_is_not_known),
	    cmocka_unit_test(what_is_wrong_is_named),
	};

	return cmocka_run_group_tests_name("home_csv", tests, NULL, NULL);
}
