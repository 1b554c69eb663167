/* Pages of an export: each row once, in order, whatever is stored between two of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "adapt/journal_test_bench.h"

#define SEEN_MAX 64

/* Rows in the order in which they were seen, over all pages. */
struct seen_rows {
	size_t count, page;
	struct journal_cursor at[SEEN_MAX];
	char node[SEEN_MAX][IDENT_MAX + 1];
};

static bool see(void *user, const struct journal_reading *reading)
{
	struct seen_rows *seen = user;

	assert_true(seen->count < SEEN_MAX);
	seen->at[seen->count] = (struct journal_cursor){reading->wall, reading->row};
	snprintf(seen->node[seen->count], sizeof seen->node[0], "%s", reading->node);
	seen->count++;
	seen->page++;
	return true;
}

static void store(struct bench *bench, const char *node, int64_t ts_ms)
{
	struct record record = reading_record(node, 50, ts_ms);

	append(bench, &record);
}

/* Reads the next page. Returns how many rows it has. */
static size_t next_page(struct journal_reader *reader, const char *node, struct journal_span span,
			struct seen_rows *seen)
{
	const struct journal_cursor *after = seen->count > 0 ? &seen->at[seen->count - 1] : NULL;

	seen->page = 0;
	assert_int_equal(journal_page_readings(reader, node, span, after, see, seen), 0);
	return seen->page;
}

static void assert_in_order(const struct seen_rows *seen)
{
	for (size_t i = 1; i < seen->count; i++) {
		const struct journal_cursor *a = &seen->at[i - 1], *b = &seen->at[i];

		assert_true(a->wall.ms < b->wall.ms ||
			    (a->wall.ms == b->wall.ms && a->row < b->row));
	}
}

static void pages_hold_each_row_once_in_order_of_time_whatever_their_size(void **state)
{
	struct bench *bench = *state;
	struct journal_reader *reader;

	bench_open(bench);
	for (int64_t i = 0; i < 12; i++) {
		store(bench, "b2", 1000 + i / 5);
		store(bench, "b1", 1000 + i / 5);
		store(bench, "b10", 1000 - i % 3); /* late ones */
	}
	bench_commit(bench);
	reader = reader_open(bench);
	for (uint32_t limit = 1; limit <= 37; limit++) {
		struct journal_span span = {{0}, {5000}, limit, false};
		struct seen_rows seen = {0};

		while (next_page(reader, NULL, span, &seen) == limit)
			;
		assert_int_equal(seen.count, 36);
		assert_in_order(&seen);
	}
	journal_reader_free(reader);
	bench_close(bench);
}

static void rows_that_arrive_meanwhile_are_neither_doubled_nor_chased(void **state)
{
	struct bench *bench = *state;
	const struct journal_span span = {{1000}, {1010}, 3, false};
	struct journal_reader *reader;
	struct seen_rows seen = {0};

	bench_open(bench);
	for (int64_t i = 0; i < 10; i++)
		store(bench, "b1", 1000 + i);
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(next_page(reader, NULL, span, &seen), 3);
	store(bench, "b1", 1001); /* behind the page's end */
	store(bench, "b1", 1005); /* before it */
	store(bench, "b2", 1005);
	store(bench, "b1", 1010); /* not in the span any more */
	bench_commit(bench);
	while (next_page(reader, NULL, span, &seen) == span.limit)
		;
	assert_int_equal(seen.count, 12);
	assert_in_order(&seen);
	assert_int_equal(seen.at[11].wall.ms, 1009);
	journal_reader_free(reader);
	bench_close(bench);
}

static void span_is_half_open_and_of_one_node_where_one_is_named(void **state)
{
	struct bench *bench = *state;
	const struct journal_span span = {{1001}, {1003}, 10, false};
	struct journal_reader *reader;
	struct seen_rows seen = {0};

	bench_open(bench);
	for (int64_t i = 0; i < 5; i++) {
		store(bench, "b1", 1000 + i);
		store(bench, "b2", 1000 + i);
	}
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(next_page(reader, "b2", span, &seen), 2);
	assert_int_equal(seen.at[0].wall.ms, 1001);
	assert_int_equal(seen.at[1].wall.ms, 1002);
	assert_string_equal(seen.node[0], "b2");
	assert_string_equal(seen.node[1], "b2");
	assert_int_equal(next_page(reader, "b2", span, &seen), 0);
	journal_reader_free(reader);
	bench_close(bench);
}

static void more_names_than_can_be_put_in_order_are_said(void **state)
{
	struct bench *bench = *state;
	const struct journal_span span = {{0}, {5000}, 1, false};
	struct journal_reader *reader;
	struct seen_rows seen = {0};
	char name[16];

	bench_open(bench);
	for (int i = 0; i <= JOURNAL_PAGE_NAMES_MAX; i++) {
		snprintf(name, sizeof name, "n%d", i);
		store(bench, name, 1000);
		if (i == JOURNAL_PAGE_NAMES_MAX - 1) {
			bench_commit(bench);
			reader = reader_open(bench);
			assert_int_equal(next_page(reader, NULL, span, &seen), 1);
			journal_reader_free(reader);
		}
	}
	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(journal_page_readings(reader, NULL, span, NULL, see, &seen),
			 JOURNAL_TOO_MANY_NAMES);
	assert_int_equal(journal_page_readings(reader, "n3", span, NULL, see, &seen), 0);
	journal_reader_free(reader);
	bench_close(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		pages_hold_each_row_once_in_order_of_time_whatever_their_size, bench_setup,
		bench_teardown),
	    cmocka_unit_test_setup_teardown(
		rows_that_arrive_meanwhile_are_neither_doubled_nor_chased, bench_setup,
		bench_teardown),
	    cmocka_unit_test_setup_teardown(span_is_half_open_and_of_one_node_where_one_is_named,
					    bench_setup, bench_teardown),
	    cmocka_unit_test_setup_teardown(more_names_than_can_be_put_in_order_are_said,
					    bench_setup, bench_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
