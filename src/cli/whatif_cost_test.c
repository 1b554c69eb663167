/* What the grid cost is reckoned with the prices of that day, whatever the configuration says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "adapt/journal_test_bench.h"
#include "cli/whatif_cost.h"

#define CASE(name) cmocka_unit_test_setup_teardown(name, bench_setup, bench_teardown)
#define NOON_S INT64_C(1789905600)
#define MINUTES 60

/* A kilowatt for an hour, of which the other settings would have taken a half, and 2 kW back. */
static struct whatif *an_hour(struct bench *bench)
{
	struct whatif *whatif = calloc(1, sizeof(*whatif));

	assert_non_null(whatif);
	whatif->minutes_wh = calloc(MINUTES, sizeof(float));
	assert_non_null(whatif->minutes_wh);
	whatif->first_minute.ms = NOON_S * 1000;
	whatif->minute_count = whatif->minute_room = MINUTES;
	whatif->has_last = true;
	whatif->last.wall.ms = (NOON_S + 3600) * 1000;
	for (int i = 0; i < MINUTES; i++) {
		struct record record = {.kind = RECORD_METER, .wall_is_trusted = true};

		strcpy(record.meter.meter.text, "grid");
		record.meter.minute = (struct meter_minute){.from = {(NOON_S + i * 60) * 1000},
							    .count = 1,
							    .known_ms = 60000,
							    .quality = QUALITY_GOOD,
							    .mean_w = 1000,
							    .imported_wh = 1000.0 / 60};
		append(bench, &record);
		whatif->minutes_wh[i] = i < MINUTES / 2 ? -500.0f / 60 : -3000.0f / 60;
	}
	return whatif;
}

static void price(struct bench *bench, int64_t from_s, enum price_mark mark, double buy)
{
	struct record record = {.kind = RECORD_PRICE, .wall_is_trusted = true};

	record.price.slot = (struct price_slot){from_s, 900, mark, buy, 0.1};
	strcpy(record.price.currency, "GBP");
	append(bench, &record);
}

static struct whatif_cost cost_of(struct bench *bench, struct whatif *whatif,
				  const struct prices_config *prices)
{
	struct journal_reader *reader;
	struct whatif_cost cost;

	bench_commit(bench);
	reader = reader_open(bench);
	assert_int_equal(whatif_cost(&cost, whatif, prices, reader), 0);
	journal_reader_free(reader);
	free(whatif->minutes_wh);
	free(whatif);
	return cost;
}

static void the_prices_of_the_day_count_and_the_later_word_of_a_slot(void **state)
{
	struct bench *bench = *state;
	struct prices_config today = {.is_on = true,
				      .currency = "EUR",
				      .buy = {PRICE_IS_FIXED, .fixed = 9},
				      .sell = {PRICE_IS_FIXED, .fixed = 9}};
	struct whatif_cost cost;
	struct whatif *whatif;

	bench_open(bench);
	whatif = an_hour(bench);
	price(bench, NOON_S - 900, PRICE_KNOWN, 7);
	price(bench, NOON_S, PRICE_KNOWN, 0.2);
	price(bench, NOON_S + 900, PRICE_ASSUMED, 5);
	price(bench, NOON_S + 900, PRICE_KNOWN, 0.4);
	price(bench, NOON_S + 1800, PRICE_ASSUMED, 0.6);
	price(bench, NOON_S + 2700, PRICE_KNOWN, 0.8);
	cost = cost_of(bench, whatif, &today);
	assert_string_equal(cost.needs, "");
	assert_string_equal(cost.currency, "GBP");
	assert_float_equal(cost.was, 0.25 * (0.2 + 0.4 + 0.6 + 0.8), 1e-4);
	/* Half of it for half an hour; then 2 kW flow out, at 0.1. */
	assert_float_equal(cost.would, 0.25 * 0.5 * (0.2 + 0.4) - 0.5 * 2 * 0.1, 1e-4);
	assert_int_equal(cost.minutes, MINUTES);
	assert_int_equal(cost.minutes_known, MINUTES);
	assert_int_equal(cost.minutes_assumed, 15);
	assert_int_equal(cost.minutes_by_file, 0);
	bench_close(bench);
}

static void where_none_was_recorded_the_configuration_stands_in_and_is_counted(void **state)
{
	struct bench *bench = *state;
	struct prices_config today = {.is_on = true,
				      .currency = "EUR",
				      .buy = {PRICE_IS_FIXED, .fixed = 0.3},
				      .sell = {PRICE_IS_FIXED, .fixed = 0.1}};
	struct whatif_cost cost;
	struct whatif *whatif;

	bench_open(bench);
	whatif = an_hour(bench);
	price(bench, NOON_S + 2700, PRICE_KNOWN, 0.8);
	cost = cost_of(bench, whatif, &today);
	assert_float_equal(cost.was, 0.75 * 0.3 + 0.25 * 0.8, 1e-4);
	assert_int_equal(cost.minutes_by_file, 45);
	assert_int_equal(cost.minutes_known, MINUTES);
	bench_close(bench);
}

static void what_was_not_known_then_is_not_made_up_today(void **state)
{
	struct bench *bench = *state;
	struct prices_config today = {.is_on = true,
				      .currency = "EUR",
				      .buy = {PRICE_IS_FIXED, .fixed = 0.3},
				      .sell = {PRICE_IS_FIXED, .fixed = 0.1}};
	struct whatif_cost cost;
	struct whatif *whatif;

	bench_open(bench);
	whatif = an_hour(bench);
	for (int64_t at_s = NOON_S; at_s < NOON_S + 3600; at_s += 900)
		price(bench, at_s, PRICE_MISSING, NAN);
	cost = cost_of(bench, whatif, &today);
	assert_int_equal(cost.minutes_known, 0);
	assert_non_null(strstr(cost.needs, "prices: none were recorded then"));
	bench_close(bench);
}

static void without_any_price_it_says_what_is_missing(void **state)
{
	struct bench *bench = *state;
	struct whatif_cost cost;
	struct whatif *whatif;

	bench_open(bench);
	whatif = an_hour(bench);
	cost = cost_of(bench, whatif, NULL);
	assert_non_null(strstr(cost.needs, "prices"));
	bench_close(bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(the_prices_of_the_day_count_and_the_later_word_of_a_slot),
	    CASE(where_none_was_recorded_the_configuration_stands_in_and_is_counted),
	    CASE(what_was_not_known_then_is_not_made_up_today),
	    CASE(without_any_price_it_says_what_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
