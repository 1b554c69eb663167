/* Prices over time: slots without a gap, whatever the clocks of the house do. */
#include "plan/price_course.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/time.h"

#define SLOTS_MAX 400
#define HOUR_S 3600
#define DAY_S 86400

static struct price_slot slots[SLOTS_MAX];

static int64_t utc(const char *text)
{
	struct wall_time wall;

	assert_int_equal(wall_parse(&wall, text, strlen(text)), 0);
	return wall.ms / MS_PER_SECOND;
}

/* In 2026 the clocks of Europe change on 29 March and 25 October, at 01:00 UTC. */
static bool is_summer(int64_t at_s)
{
	return utc("2026-03-29T01:00:00Z") <= at_s && at_s < utc("2026-10-25T01:00:00Z");
}

static int32_t in_rome(int64_t at_s)
{
	return is_summer(at_s) ? 2 * HOUR_S : HOUR_S;
}

static int32_t in_london(int64_t at_s)
{
	return is_summer(at_s) ? HOUR_S : 0;
}

static int32_t in_kolkata(int64_t at_s)
{
	(void)at_s;
	return 5 * HOUR_S + HOUR_S / 2;
}

static void add_rule(struct price_config *price, double value, const char *hours)
{
	struct tariff_rule *rule = &price->tariff.rules[price->tariff.count++];

	tariff_rule_init(rule);
	rule->price = value;
	if (hours != NULL)
		assert_int_equal(tariff_hours_parse(&rule->hours, hours), 0);
	price->kind = PRICE_IS_TARIFF;
}

/* Night from 00:00 to 03:00 at 0.1, else 0.3; selling at 0.08. */
static struct prices_config night_tariff(void)
{
	struct prices_config prices = {.is_on = true, .sell = {.fixed = 0.08}};

	add_rule(&prices.buy, 0.1, "00:00-03:00");
	add_rule(&prices.buy, 0.3, NULL);
	return prices;
}

static struct price_inputs inputs_of(const struct prices_config *prices, price_offset_at *offset_at)
{
	return (struct price_inputs){.config = prices, .offset_at = offset_at};
}

static int32_t step_of(const struct prices_config *prices, price_offset_at *offset_at)
{
	struct price_inputs inputs = inputs_of(prices, offset_at);

	return price_course_step_s(&inputs, 0);
}

static size_t run_inputs(const struct price_inputs *inputs, int32_t step_s, const char *from,
			 const char *to)
{
	size_t count = price_course(inputs, step_s, utc(from), utc(to), slots, SLOTS_MAX);

	for (size_t i = 0; i < count; i++) {
		assert_int_equal(slots[i].length_s, step_s);
		assert_int_equal(slots[i].from_s % step_s, 0);
		assert_true(i == 0 || slots[i].from_s == slots[i - 1].from_s + step_s);
	}
	return count;
}

static size_t run(const struct prices_config *prices, price_offset_at *offset_at, int32_t step_s,
		  const char *from, const char *to)
{
	struct price_inputs inputs = inputs_of(prices, offset_at);

	return run_inputs(&inputs, step_s, from, to);
}

static int count_of(size_t count, double price)
{
	int found = 0;

	for (size_t i = 0; i < count; i++)
		found += slots[i].buy == price;
	return found;
}

static void course_of_a_day_has_its_23_or_25_hours(void **state)
{
	static const struct {
		const char *from, *to;
		int hours, nights;
	} rows[] = {
	    {"2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 23, 2}, /* 02:00 is not there */
	    {"2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25, 4}, /* and here twice */
	    {"2026-06-30T22:00:00Z", "2026-07-01T22:00:00Z", 24, 3},
	};
	struct prices_config prices = night_tariff();

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		size_t count = run(&prices, in_rome, HOUR_S, rows[i].from, rows[i].to);

		assert_int_equal(count, rows[i].hours);
		assert_int_equal(count_of(count, 0.1), rows[i].nights);
		assert_int_equal(count_of(count, 0.3), rows[i].hours - rows[i].nights);
	}
}

static void case_h1_two_days_over_the_change_have_slots_without_a_gap(void **state)
{
	struct prices_config prices = night_tariff();
	size_t count;

	(void)state;
	count = run(&prices, in_rome, HOUR_S, "2026-03-28T11:00:00Z", "2026-03-30T11:00:00Z");
	assert_int_equal(count, 48);
	/* 29 March: from its midnight, 23:00 UTC, to the next, 22:00 UTC. */
	assert_float_equal(slots[12].buy, 0.1, 0);
	assert_float_equal(slots[13].buy, 0.1, 0);
	assert_float_equal(slots[14].buy, 0.3, 0); /* 03:00 there */
	assert_float_equal(slots[12 + 23].buy, 0.1, 0);
}

static void case_h2_the_hour_that_comes_twice_is_two_hours(void **state)
{
	struct prices_config prices = {.is_on = true};
	size_t count;

	(void)state;
	add_rule(&prices.buy, 0.1, "01:00-02:00");
	add_rule(&prices.buy, 0.3, NULL);
	count = run(&prices, in_london, HOUR_S, "2026-10-24T23:00:00Z", "2026-10-25T03:00:00Z");
	assert_int_equal(count, 4);
	assert_float_equal(slots[0].buy, 0.3, 0);
	assert_float_equal(slots[1].buy, 0.1, 0); /* 01:00+01:00 */
	assert_float_equal(slots[2].buy, 0.1, 0); /* 01:00+00:00 */
	assert_float_equal(slots[3].buy, 0.3, 0);
}

static void course_begins_with_the_slot_that_contains_its_beginning(void **state)
{
	struct prices_config prices = night_tariff();
	struct price_inputs inputs;

	(void)state;
	assert_int_equal(
	    run(&prices, in_rome, 1800, "2026-07-01T12:29:59Z", "2026-07-01T13:00:01Z"), 3);
	assert_int_equal(slots[0].from_s, utc("2026-07-01T12:00:00Z"));
	assert_int_equal(run(&prices, in_rome, 900, "2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"),
			 0);
	inputs = inputs_of(&prices, in_rome);
	assert_int_equal(price_course(&inputs, 900, 0, DAY_S, slots, 5), 5);
}

static void course_counts_a_price_for_the_part_in_which_it_holds(void **state)
{
	struct prices_config prices = {.is_on = true};
	size_t count;

	(void)state;
	add_rule(&prices.buy, 0.1, "00:20-07:20");
	add_rule(&prices.buy, 0.4, NULL);
	assert_int_equal(step_of(&prices, in_london), PRICE_STEP_MIN_S);
	count = run(&prices, in_london, 900, "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z");
	assert_int_equal(count, 4);
	assert_float_equal(slots[0].buy, 0.4, 0);
	assert_float_equal(slots[1].buy, 0.2, 1e-12); /* 5 min of 15 at 0.4 */
	assert_float_equal(slots[2].buy, 0.1, 1e-12);
}

static void course_steps_fit_a_zone_of_half_hours(void **state)
{
	struct prices_config prices = night_tariff();

	(void)state;
	assert_int_equal(step_of(&prices, in_rome), 3600);
	assert_int_equal(step_of(&prices, in_kolkata), 1800);
	assert_int_equal(
	    run(&prices, in_kolkata, 3600, "2026-01-01T18:00:00Z", "2026-01-01T19:00:00Z"), 1);
	assert_float_equal(slots[0].buy, 0.2, 1e-12); /* midnight is in its middle */
	assert_float_equal(slots[0].sell, 0.08, 0);
	assert_int_equal(slots[0].mark, PRICE_KNOWN);
}

static void course_without_a_price_is_not_free(void **state)
{
	struct prices_config prices = {.is_on = true, .sell = {.fixed = -0.05}};

	(void)state;
	add_rule(&prices.buy, 0.1, "00:00-03:00");
	assert_int_equal(
	    run(&prices, in_london, 3600, "2026-01-01T02:00:00Z", "2026-01-01T04:00:00Z"), 2);
	assert_int_equal(slots[0].mark, PRICE_KNOWN);
	assert_int_equal(slots[1].mark, PRICE_MISSING);
	assert_true(isnan(slots[1].buy));
	assert_float_equal(slots[1].sell, -0.05, 0);
}

static void course_tells_people_what_holds_today(void **state)
{
	struct prices_config prices = night_tariff();
	struct price_inputs inputs = inputs_of(&prices, in_rome);
	char words[200];
	struct text text = text_in(words, sizeof words);

	(void)state;
	price_course_format(&inputs, false, utc("2026-10-25T12:00:00Z"), &text);
	assert_string_equal(words, "0.1, from 03:00 0.3");
	text = text_in(words, sizeof words);
	price_course_format(&inputs, false, utc("2026-03-29T12:00:00Z"), &text);
	assert_string_equal(words, "0.1, from 03:00 0.3");
	text = text_in(words, sizeof words);
	price_course_format(&inputs, true, utc("2026-03-29T12:00:00Z"), &text);
	assert_string_equal(words, "0.08");
}

/* Hours from the midnight of UTC that `day` begins with, as they are published. */
static void publish(struct feed *feed, const char *day, int from_hour, int count, double price)
{
	for (int i = 0; i < count; i++) {
		struct feed_slot slot = {utc(day) + (from_hour + i) * HOUR_S, HOUR_S,
					 price + (from_hour + i) * 0.01};

		feed_take(feed, &slot, 1, utc(day));
	}
}

static struct feed feed;

static struct price_inputs published(const struct prices_config *prices)
{
	return (struct price_inputs){.config = prices, .buy = &feed, .offset_at = in_rome};
}

static void case_i1_what_is_not_published_is_as_the_day_before_and_marked(void **state)
{
	struct prices_config prices = {.is_on = true, .buy = {.kind = PRICE_IS_FEED}};
	struct price_inputs inputs = published(&prices);

	(void)state;
	feed.count = 0;
	publish(&feed, "2026-07-01T00:00:00Z", 0, 24, 0.1);
	publish(&feed, "2026-07-02T00:00:00Z", 0, 21, 0.5);
	assert_int_equal(run_inputs(&inputs, 3600, "2026-07-02T20:00:00Z", "2026-07-04T01:00:00Z"),
			 29);
	assert_float_equal(slots[0].buy, 0.7, 1e-9);
	assert_int_equal(slots[0].mark, PRICE_KNOWN);
	assert_float_equal(slots[1].buy, 0.31, 1e-9); /* 21:00 of the day before */
	assert_int_equal(slots[1].mark, PRICE_ASSUMED);
	assert_float_equal(slots[4].buy, 0.5, 1e-9); /* 00:00 of the last day that is known */
	assert_float_equal(slots[27].buy, 0.33, 1e-9);
	assert_float_equal(slots[28].buy, 0.5, 1e-9); /* two days back */
	for (int i = 1; i < 29; i++)
		assert_int_equal(slots[i].mark, PRICE_ASSUMED);
}

static void case_i1_without_any_day_before_a_price_is_missing_and_not_0(void **state)
{
	struct prices_config prices = {.is_on = true, .buy = {.kind = PRICE_IS_FEED}};
	struct price_inputs inputs = published(&prices);

	(void)state;
	feed.count = 0;
	assert_int_equal(run_inputs(&inputs, 3600, "2026-07-02T20:00:00Z", "2026-07-02T21:00:00Z"),
			 1);
	assert_true(isnan(slots[0].buy));
	assert_int_equal(slots[0].mark, PRICE_MISSING);
	publish(&feed, "2026-07-02T00:00:00Z", 0, 20, 0.5);
	run_inputs(&inputs, 3600, "2026-07-02T20:00:00Z", "2026-07-02T21:00:00Z");
	assert_true(isnan(slots[0].buy));
	/* More than a week ago is as good as nothing. */
	run_inputs(&inputs, 3600, "2026-07-10T10:00:00Z", "2026-07-10T11:00:00Z");
	assert_int_equal(slots[0].mark, PRICE_MISSING);
	run_inputs(&inputs, 3600, "2026-07-09T10:00:00Z", "2026-07-09T11:00:00Z");
	assert_int_equal(slots[0].mark, PRICE_ASSUMED);
}

static void case_h2_two_prices_of_the_hour_that_comes_twice_stay_apart(void **state)
{
	struct prices_config prices = {.is_on = true, .buy = {.kind = PRICE_IS_FEED}};
	struct price_inputs inputs = {.config = &prices, .buy = &feed, .offset_at = in_london};

	(void)state;
	feed.count = 0;
	publish(&feed, "2026-10-25T00:00:00Z", 0, 2, 0.1);
	run_inputs(&inputs, 3600, "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z");
	assert_float_equal(slots[0].buy, 0.1, 1e-9);  /* 01:00+01:00 */
	assert_float_equal(slots[1].buy, 0.11, 1e-9); /* 01:00+00:00 */
}

static void course_assumes_the_same_hour_of_the_house_over_the_change_of_clocks(void **state)
{
	struct prices_config prices = {.is_on = true, .buy = {.kind = PRICE_IS_FEED}};
	struct price_inputs inputs = published(&prices);

	(void)state;
	feed.count = 0;
	publish(&feed, "2026-03-28T00:00:00Z", 0, 24, 0.1);
	/* 18:00 there on 29 March is 16:00 UTC; on the 28th it was 17:00 UTC. */
	run_inputs(&inputs, 3600, "2026-03-29T16:00:00Z", "2026-03-29T17:00:00Z");
	assert_float_equal(slots[0].buy, 0.27, 1e-9);
	assert_int_equal(slots[0].mark, PRICE_ASSUMED);
}

static void case_i3_hours_today_and_quarters_tomorrow_each_hold_as_long_as_they_last(void **state)
{
	struct prices_config prices = {.is_on = true, .buy = {.kind = PRICE_IS_FEED}};
	struct price_inputs inputs = published(&prices);
	double cost = 0;

	(void)state;
	feed.count = 0;
	publish(&feed, "2026-07-01T00:00:00Z", 0, 24, 0.1);
	assert_int_equal(price_course_step_s(&inputs, utc("2026-07-01T12:00:00Z")), 3600);
	for (int i = 0; i < 96; i++)
		feed_take(&feed,
			  &(struct feed_slot){utc("2026-07-02T00:00:00Z") + i * 900, 900, i * 0.01},
			  1, utc("2026-07-01T12:00:00Z"));
	assert_int_equal(price_course_step_s(&inputs, utc("2026-07-01T12:00:00Z")), 900);
	assert_int_equal(run_inputs(&inputs, 900, "2026-07-01T00:00:00Z", "2026-07-03T00:00:00Z"),
			 192);
	for (int i = 0; i < 4; i++)
		assert_float_equal(slots[4 + i].buy, 0.11, 1e-9);
	assert_float_equal(slots[96 + 2].buy, 0.02, 1e-9);
	for (int i = 96 + 2; i < 96 + 3; i++)
		cost += 3 * slots[i].length_s / 3600.0 * slots[i].buy;
	assert_float_equal(cost, 0.75 * 0.02, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(course_of_a_day_has_its_23_or_25_hours),
	    cmocka_unit_test(case_h1_two_days_over_the_change_have_slots_without_a_gap),
	    cmocka_unit_test(case_h2_the_hour_that_comes_twice_is_two_hours),
	    cmocka_unit_test(course_begins_with_the_slot_that_contains_its_beginning),
	    cmocka_unit_test(course_counts_a_price_for_the_part_in_which_it_holds),
	    cmocka_unit_test(course_steps_fit_a_zone_of_half_hours),
	    cmocka_unit_test(course_without_a_price_is_not_free),
	    cmocka_unit_test(course_tells_people_what_holds_today),
	    cmocka_unit_test(case_i1_what_is_not_published_is_as_the_day_before_and_marked),
	    cmocka_unit_test(case_i1_without_any_day_before_a_price_is_missing_and_not_0),
	    cmocka_unit_test(case_h2_two_prices_of_the_hour_that_comes_twice_stay_apart),
	    cmocka_unit_test(course_assumes_the_same_hour_of_the_house_over_the_change_of_clocks),
	    cmocka_unit_test(
		case_i3_hours_today_and_quarters_tomorrow_each_hold_as_long_as_they_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
