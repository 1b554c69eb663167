/* What energy cost is kept slot by slot, as it was known then, and goes with the meters' minutes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "adapt/journal_schema.h"
#include "adapt/journal_test_bench.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
#define NOON_S INT64_C(1789905600)

static void keep(struct bench *bench, int64_t from_s, enum price_mark mark, double buy,
		 double sell)
{
	struct record record = {.kind = RECORD_PRICE, .wall_is_trusted = true};

	record.price.slot = (struct price_slot){from_s, 900, mark, buy, sell};
	strcpy(record.price.currency, "GBP");
	append(bench, &record);
}

struct seen {
	int count;
	struct price_slot slot[8];
	char currency[PRICE_CURRENCY_MAX];
};

static bool see(void *user, const struct journal_price *price)
{
	struct seen *seen = user;

	seen->slot[seen->count++ % 8] = price->slot;
	(void)snprintf(seen->currency, sizeof(seen->currency), "%s", price->currency);
	return true;
}

static struct seen read_span(struct bench *bench, int64_t from_s, int64_t to_s)
{
	struct journal_reader *reader = reader_open(bench);
	struct journal_span span = {{from_s * 1000}, {to_s * 1000}, 100, false};
	struct seen seen = {0};

	assert_int_equal(journal_read_prices(reader, span, see, &seen), 0);
	journal_reader_free(reader);
	return seen;
}

static void prices_come_back_in_order_with_what_is_assumed_and_what_is_not_known(void **state)
{
	struct bench *bench = *state;
	struct seen seen;

	bench_open(bench);
	keep(bench, NOON_S, PRICE_KNOWN, 0.3125, -0.02);
	keep(bench, NOON_S + 900, PRICE_ASSUMED, 0.28, 0.08);
	keep(bench, NOON_S + 1800, PRICE_MISSING, NAN, 0.08);
	keep(bench, NOON_S + 900, PRICE_KNOWN, 0.1, 0.08); /* it was published after all */
	bench_commit(bench);
	seen = read_span(bench, NOON_S, NOON_S + 1801);
	assert_int_equal(seen.count, 4);
	assert_true(seen.slot[0].from_s == NOON_S && seen.slot[0].length_s == 900);
	assert_true(seen.slot[0].buy == 0.3125 && seen.slot[0].sell == -0.02);
	assert_int_equal(seen.slot[0].mark, PRICE_KNOWN);
	assert_int_equal(seen.slot[1].mark, PRICE_ASSUMED);
	assert_true(seen.slot[2].buy == 0.1 && seen.slot[2].mark == PRICE_KNOWN);
	assert_true(isnan(seen.slot[3].buy) && seen.slot[3].mark == PRICE_MISSING);
	assert_string_equal(seen.currency, "GBP");
	assert_int_equal(read_span(bench, NOON_S + 1, NOON_S + 900).count, 0);
	bench_close(bench);
}

static void a_journal_of_before_gets_room_for_prices(void **state)
{
	struct bench *bench = *state;

	bench_make_version_1(bench);
	bench_open(bench);
	assert_int_equal(bench->set_aside[0], '\0');
	keep(bench, NOON_S, PRICE_KNOWN, 0.3, 0.08);
	bench_commit(bench);
	bench_close(bench);
	assert_int_equal(bench_number(bench, "SELECT count(*) FROM price WHERE import = 0.3"), 1);
	assert_int_equal(bench_number(bench, "PRAGMA user_version"), JOURNAL_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(prices_come_back_in_order_with_what_is_assumed_and_what_is_not_known),
	    CASE(a_journal_of_before_gets_room_for_prices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
