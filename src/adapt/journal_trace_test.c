/* The trace is read from where it can be followed, in order, and byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "adapt/journal_test_bench.h"

static void append_trace(struct bench *bench, int64_t ts_ms, enum trace_begin begin,
			 const char *data)
{
	struct record record = {.kind = RECORD_TRACE,
				.wall = {ts_ms},
				.trace = {(const uint8_t *)data, strlen(data), 1, begin}};

	append(bench, &record);
}

struct seen {
	char text[64];
	int count;
};

static bool see(void *user, const struct journal_trace *trace)
{
	struct seen *seen = user;

	strncat(seen->text, (const char *)trace->data, trace->length);
	seen->count++;
	return true;
}

static int64_t row_for(struct journal_reader *reader, int64_t from_ms, bool starts_only)
{
	int64_t row = -1;

	assert_int_equal(journal_find_trace(reader, (struct wall_time){from_ms}, starts_only, &row),
			 0);
	return row;
}

static void the_trace_is_followed_from_the_last_start_or_copy_before_a_time(void **state)
{
	struct bench *bench = *state;
	struct journal_reader *reader;
	struct seen seen = {0};

	bench_open(bench);
	reader = reader_open(bench);
	assert_int_equal(row_for(reader, 0, false), 0);
	append_trace(bench, 100, TRACE_BEGINS_WITH_START, "a");
	append_trace(bench, 200, TRACE_GOES_ON, "b");
	append_trace(bench, 300, TRACE_BEGINS_WITH_COPY, "c");
	append_trace(bench, 400, TRACE_BEGINS_WITH_START, "d");
	bench_commit(bench);
	assert_int_equal(row_for(reader, 0, false), 1);
	assert_int_equal(row_for(reader, 299, false), 1);
	assert_int_equal(row_for(reader, 300, false), 3);
	assert_int_equal(row_for(reader, 300, true), 1);
	assert_int_equal(row_for(reader, INT64_MAX, true), 4);
	assert_int_equal(journal_read_trace(reader, 2, 2, see, &seen), 0);
	assert_string_equal(seen.text, "bc");
	assert_int_equal(seen.count, 2);
	journal_reader_free(reader);
	bench_close(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		the_trace_is_followed_from_the_last_start_or_copy_before_a_time, bench_setup,
		bench_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
