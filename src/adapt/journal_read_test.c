/* What goes into a journal comes out as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "adapt/journal_forward.h"
#include "adapt/journal_test_bench.h"

static void journal_keeps_readings_exactly_as_received(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 55.23456789, 1700000000123);
	struct journal_reader *reader;
	struct seen_readings seen = {0};

	record.reading.reading.received.voltage_v = 51.2;
	record.reading.reading.received.current_a = -13.4;
	record.reading.reading.has_sequence = true;
	record.reading.reading.sequence = INT64_MAX;
	record.reading.reading.has_time = true;
	record.reading.reading.measured.ms = 1700000000001;
	record.reading.reading.cell_count = 2;
	record.reading.reading.cell_mv[0] = 3301;
	record.reading.reading.cell_mv[1] = 65535;
	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	bench_close(bench);

	bench_open(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_readings(reader, "b1", bench_always, see_reading, &seen), 0);
	journal_reader_free(reader);
	bench_close(bench);
	assert_int_equal(seen.count, 1);
	assert_string_equal(seen.node[0], "b1");
	assert_true(seen.reading[0].received.soc_pct == 55.23456789);
	assert_true(seen.reading[0].received.temp_c == 24.1);
	assert_true(isnan(seen.reading[0].received.temp_max_c));
	assert_true(seen.reading[0].received.voltage_v == 51.2);
	assert_true(seen.reading[0].received.current_a == -13.4);
	assert_true(isnan(seen.reading[0].received.power_w));
	assert_true(seen.reading[0].wall.ms == 1700000000123);
	assert_true(seen.reading[0].wall_is_trusted && !seen.reading[0].has_mono);
	assert_true(seen.reading[0].sequence == INT64_MAX);
	assert_true(seen.reading[0].measured.ms == 1700000000001);
	assert_int_equal(seen.reading[0].quality, QUALITY_GOOD);
	assert_true(seen.reading[0].acts);
	assert_int_equal(seen.reading[0].cell_count, 2);
	assert_int_equal(seen.reading[0].cell_mv[0], 3301);
	assert_int_equal(seen.reading[0].cell_mv[1], 65535);
}

/* Whatever is stored as a whole number, and whatever is not. */
static void journal_gives_back_every_value_to_its_last_bit(void **state)
{
	static const double values[] = {0,         -0.01,   0.1,        24.0625,  53.271,
					-600,      5000.25, 9999999.99, 1e7,      123456789.5,
					0.1 + 0.2, 1e-7,    1e300,      -1.0 / 3, 327.67};
	struct bench *bench = *state;
	struct journal_reader *reader;

	bench_open(bench);
	reader = reader_open(bench);
	for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
		struct record record = reading_record("b1", 50, 1000 + (int64_t)i);
		struct reading_received *sent = &record.reading.reading.received;
		struct journal_span span = {{1000 + (int64_t)i}, {1001 + (int64_t)i}, 1, false};
		struct seen_readings seen = {0};

		sent->power_w = sent->voltage_v = sent->current_a = sent->interval_s = values[i];
		append(bench, &record);
		bench_commit(bench);
		assert_int_equal(journal_read_readings(reader, "b1", span, see_reading, &seen), 0);
		assert_int_equal(seen.count, 1);
		assert_true(seen.reading[0].received.power_w == values[i]);
		assert_true(seen.reading[0].received.voltage_v == values[i]);
		assert_true(seen.reading[0].received.current_a == values[i]);
		assert_true(seen.reading[0].received.interval_s == values[i]);
	}
	journal_reader_free(reader);
	bench_close(bench);
}

static void journal_marks_rows_of_an_untrusted_clock_and_what_must_not_act(void **state)
{
	struct bench *bench = *state;
	struct record record = reading_record("b1", 50, 0);
	struct journal_reader *reader;
	struct seen_readings seen = {0};

	record.wall_is_trusted = false;
	record.mono.ms = 4711;
	record.reading.acts = false;
	bench_open(bench);
	append(bench, &record);
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_readings(reader, NULL, bench_always, see_reading, &seen), 0);
	journal_reader_free(reader);
	bench_close(bench);
	assert_false(seen.reading[0].wall_is_trusted);
	assert_false(seen.reading[0].acts);
	assert_true(seen.reading[0].has_mono && seen.reading[0].mono.ms == 4711);
}

static void journal_reads_spans_half_open_by_node_in_both_directions(void **state)
{
	struct bench *bench = *state;
	struct journal_span span = {{1000}, {3000}, 100, false};
	struct journal_reader *reader;
	struct seen_readings seen = {0};

	bench_open(bench);
	for (int64_t ts_ms = 999; ts_ms <= 3001; ts_ms++) {
		if (ts_ms == 999 || ts_ms == 1000 || ts_ms == 2999 || ts_ms == 3000) {
			struct record b1 = reading_record("b1", 1, ts_ms);
			struct record b2 = reading_record("b2", 2, ts_ms);

			append(bench, &b1);
			append(bench, &b2);
		}
	}
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_readings(reader, "b1", span, see_reading, &seen), 0);
	assert_int_equal(seen.count, 2);
	assert_true(seen.reading[0].wall.ms == 1000 && seen.reading[1].wall.ms == 2999);
	seen.count = 0;
	assert_int_equal(journal_read_readings(reader, NULL, span, see_reading, &seen), 0);
	assert_int_equal(seen.count, 4);
	assert_true(seen.reading[0].wall.ms == 1000 && seen.reading[3].wall.ms == 2999);
	seen.count = 0;
	span.newest_first = true;
	span.limit = 1;
	assert_int_equal(journal_read_readings(reader, NULL, span, see_reading, &seen), 0);
	assert_int_equal(seen.count, 1);
	assert_true(seen.reading[0].wall.ms == 2999);
	assert_string_equal(seen.node[0], "b2");
	journal_reader_free(reader);
	bench_close(bench);
}

struct seen_rows {
	size_t count;
	int64_t row[8];
};

static bool see_row(void *user, sqlite3_stmt *row)
{
	struct seen_rows *seen = user;

	seen->row[seen->count++] = sqlite3_column_int64(row, 0);
	return seen->count < ARRAY_LENGTH(seen->row);
}

static void journal_gives_the_forwarder_rows_after_a_number(void **state)
{
	struct bench *bench = *state;
	struct journal_identity identity, again;
	struct journal_reader *reader;
	struct seen_rows seen = {0};
	int64_t readings = -1, relays = -1, last = -1;

	bench_open(bench);
	for (int i = 1; i <= 5; i++) {
		struct record record = reading_record("b1", i, i);

		append(bench, &record);
	}
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_last(reader, &readings, &relays), 0);
	assert_int_equal(readings, 5);
	assert_int_equal(relays, 0);
	assert_int_equal(journal_forward_after(reader, "battery_data", "row", 2, 2, see_row, &seen),
			 0);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.row[0], 3);
	assert_int_equal(seen.row[1], 4);
	assert_int_equal(journal_forward_last(reader, "battery_data", &last), 0);
	assert_int_equal(last, 5);
	assert_int_equal(journal_forward_last(reader, "alert", &last), 0);
	assert_int_equal(last, 0);
	assert_int_equal(journal_read_identity(reader, &identity), 0);
	journal_reader_free(reader);
	bench_close(bench);
	bench_open(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_identity(reader, &again), 0);
	journal_reader_free(reader);
	bench_close(bench);
	assert_string_equal(identity.collector.text, "007");
	assert_true(identity.epoch > 0 && identity.epoch == again.epoch);
}

static void journal_reads_the_newest_of_each_node_in_the_order_of_storing(void **state)
{
	struct bench *bench = *state;
	struct journal_reader *reader;
	struct seen_readings seen = {0};

	bench_open(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_read_newest_readings(reader, 4, 0, see_reading, &seen), 0);
	assert_int_equal(seen.count, 0);
	for (int i = 0; i < 10; i++) {
		struct record b1 = reading_record("b1", i, 5000 + i);
		struct record b2 = reading_record("b2", i, 5000 + i);
		struct record past = reading_record("b1", 50, 1000 + i); /* an import */

		append(bench, &b1);
		if (i % 2 == 0)
			append(bench, &b2);
		append(bench, &past);
	}
	bench_commit(bench);
	assert_int_equal(journal_read_newest_readings(reader, 4, 0, see_reading, &seen), 0);
	assert_int_equal(seen.count, 4);
	assert_string_equal(seen.node[0], "b2");
	assert_true(seen.reading[0].received.soc_pct == 6);
	assert_true(seen.reading[1].received.soc_pct == 8);
	assert_true(seen.reading[2].received.soc_pct == 8);
	assert_string_equal(seen.node[3], "b1");
	assert_true(seen.reading[3].received.soc_pct == 9);
	/* The import was stored last; each row once. */
	seen = (struct seen_readings){0};
	assert_int_equal(journal_read_newest_readings(reader, 4, 2, see_reading, &seen), 0);
	assert_int_equal(seen.count, 5);
	assert_true(seen.reading[3].received.soc_pct == 9);
	journal_reader_free(reader);
	bench_close(bench);
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup_teardown(rule, bench_setup, bench_teardown)
	const struct CMUnitTest tests[] = {
	    CASE(journal_keeps_readings_exactly_as_received),
	    CASE(journal_gives_back_every_value_to_its_last_bit),
	    CASE(journal_marks_rows_of_an_untrusted_clock_and_what_must_not_act),
	    CASE(journal_reads_spans_half_open_by_node_in_both_directions),
	    CASE(journal_gives_the_forwarder_rows_after_a_number),
	    CASE(journal_reads_the_newest_of_each_node_in_the_order_of_storing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
