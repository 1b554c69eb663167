/* Slots that others publish: what counts where they overlap, and what is known until when. */
#include "model/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define HOUR 3600
#define NOW (1000 * (int64_t)HOUR)

static struct feed feed;

/* Takes one slot of `length` hours, `from` hours after NOW. */
static bool take(int from, int length, double value)
{
	struct feed_slot slot = {NOW + from * HOUR, length * HOUR, value};

	return feed_take(&feed, &slot, 1, NOW);
}

static void expect(const double *values, int count)
{
	for (int i = 0; i < count; i++) {
		const struct feed_slot *slot = feed_find(&feed, NOW + i * HOUR);

		print_message("# hour %d\n", i);
		if (values[i] == 0)
			assert_null(slot);
		else
			assert_float_equal(slot->value, values[i], 0);
	}
	for (size_t i = 1; i < feed.count; i++)
		assert_true(feed.slots[i].from_s >=
			    feed.slots[i - 1].from_s + feed.slots[i - 1].length_s);
}

static void feed_slots_are_half_open(void **state)
{
	(void)state;
	feed.count = 0;
	assert_null(feed_find(&feed, NOW));
	assert_true(take(0, 1, 5));
	assert_null(feed_find(&feed, NOW - 1));
	assert_non_null(feed_find(&feed, NOW));
	assert_non_null(feed_find(&feed, NOW + HOUR - 1));
	assert_null(feed_find(&feed, NOW + HOUR));
}

static void feed_counts_what_came_last_wherever_it_lies(void **state)
{
	static const double before[] = {1, 1, 1, 0, 2, 2}, within[] = {1, 3, 1, 0, 2, 2},
			    over[] = {1, 4, 4, 4, 4, 2}, all[] = {9, 9, 9, 9, 9, 9};

	(void)state;
	feed.count = 0;
	take(4, 2, 2);
	take(0, 3, 1);
	expect(before, 6);
	take(1, 1, 3);
	expect(within, 6);
	take(1, 4, 4);
	expect(over, 6);
	take(-1, 9, 9);
	expect(all, 6);
	assert_int_equal(feed.count, 1);
}

static void feed_says_whether_it_is_news(void **state)
{
	(void)state;
	feed.count = 0;
	assert_true(take(0, 2, 1));
	assert_false(take(0, 2, 1));
	assert_false(take(1, 1, 1));
	assert_true(take(1, 1, 2));
	assert_true(take(0, 3, 1));
}

static void feed_forgets_what_is_far(void **state)
{
	(void)state;
	feed.count = 0;
	assert_false(take(-10 * 24, 1, 1));
	assert_false(take(10 * 24, 1, 1));
	assert_true(take(0, 30 * 24, 1));
	assert_int_equal(feed.slots[0].length_s, FEED_KEPT_S);
	assert_true(feed_take(&feed, &(struct feed_slot){NOW + 20 * 24 * HOUR, HOUR, 2}, 1,
			      NOW + 20 * 24 * (int64_t)HOUR));
	assert_int_equal(feed.count, 1);
}

static void feed_with_no_room_forgets_the_oldest(void **state)
{
	(void)state;
	feed.count = 0;
	for (int i = 0; i < FEED_SLOTS_MAX + 10; i++)
		assert_true(feed_take(&feed, &(struct feed_slot){NOW + i * 60, 60, i}, 1, NOW));
	assert_int_equal(feed.count, FEED_SLOTS_MAX);
	assert_float_equal(feed.slots[0].value, 10, 0);
	/* One that splits another needs two places. */
	assert_true(feed_take(&feed, &(struct feed_slot){NOW + 20 * 60 + 10, 10, -1}, 1, NOW));
	assert_int_equal(feed.count, FEED_SLOTS_MAX);
	assert_float_equal(feed_find(&feed, NOW + 20 * 60 + 9)->value, 20, 0);
	assert_float_equal(feed_find(&feed, NOW + 20 * 60 + 15)->value, -1, 0);
	assert_float_equal(feed_find(&feed, NOW + 20 * 60 + 20)->value, 20, 0);
}

static void feed_of_the_present_holds_until_another_comes(void **state)
{
	(void)state;
	feed.count = 0;
	assert_true(feed_hold(&feed, 0.3, HOUR, NOW));
	assert_false(feed_hold(&feed, 0.3, HOUR, NOW + 600));
	assert_int_equal(feed.count, 1);
	assert_true(feed_hold(&feed, 0.2, HOUR, NOW + 900));
	assert_float_equal(feed_find(&feed, NOW + 899)->value, 0.3, 0);
	assert_float_equal(feed_find(&feed, NOW + 900)->value, 0.2, 0);
	assert_null(feed_find(&feed, NOW + 900 + HOUR));
}

static void feed_is_known_until_its_first_gap(void **state)
{
	(void)state;
	feed.count = 0;
	take(0, 2, 1);
	take(2, 1, 2);
	take(5, 1, 2);
	assert_int_equal(feed_known_until(&feed, NOW + 60), NOW + 3 * HOUR);
	assert_int_equal(feed_known_until(&feed, NOW + 3 * HOUR), NOW + 3 * HOUR);
	assert_int_equal(feed_grain_s(&feed), 3600);
	feed_take(&feed, &(struct feed_slot){NOW, 900, 1.5}, 1, NOW);
	assert_int_equal(feed_grain_s(&feed), 900);
	feed_hold(&feed, 3, 100, NOW + 7);
	assert_int_equal(feed_grain_s(&feed), 60);
}

static void feed_is_asked_every_ten_minutes_where_more_may_be_published(void **state)
{
	static const struct {
		int known_h;
		int32_t every_s;
		int failures;
		int32_t wait_s;
	} rows[] = {
	    {13, 3600, 0, 3600}, {12, 3600, 0, 3600},   {11, 3600, 0, 600}, {0, 3600, 0, 600},
	    {11, 300, 0, 300},   {13, 3600, 1, 60},     {13, 3600, 2, 120}, {13, 3600, 4, 480},
	    {13, 3600, 5, 600},  {0, 86400, 1000, 600},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		feed.count = 0;
		if (rows[i].known_h > 0)
			take(0, rows[i].known_h, 1);
		assert_int_equal(feed_wait_s(&feed, rows[i].every_s, rows[i].failures, NOW),
				 rows[i].wait_s);
	}
}

static void case_l1_a_forecast_of_nothing_right_after_one_of_much_is_blank(void **state)
{
	static struct feed_slot zeros[24];
	const double least = 100.0 * HOUR;

	(void)state;
	feed.count = 0;
	for (int i = 0; i < 24; i++)
		zeros[i] = (struct feed_slot){NOW + i * HOUR, HOUR, 0};
	assert_false(feed_is_blank(&feed, zeros, 24, least, NOW)); /* nothing is known */
	take(10, 4, 5000);
	assert_true(feed_is_blank(&feed, zeros, 24, least, NOW));
	assert_false(
	    feed_is_blank(&feed, zeros, 10, least, NOW)); /* it ends before the sun rises */
	assert_true(feed_is_blank(&feed, zeros, 11, least, NOW));
	assert_false(
	    feed_is_blank(&feed, zeros, 24, least, NOW + 14 * HOUR)); /* after its setting */
	zeros[20].value = 1;
	assert_false(feed_is_blank(&feed, zeros, 24, least, NOW));
	zeros[20].value = 0;
	take(10, 4, 20); /* of a day without sun nobody is surprised */
	assert_false(feed_is_blank(&feed, zeros, 24, least, NOW));
}

static void feed_sums_what_is_known(void **state)
{
	int64_t known_s;

	(void)state;
	feed.count = 0;
	take(1, 2, 10);
	take(4, 1, 20);
	assert_float_equal(feed_sum(feed.slots, feed.count, NOW, NOW + 10 * HOUR, &known_s),
			   40 * HOUR, 0);
	assert_int_equal(known_s, 3 * HOUR);
	assert_float_equal(
	    feed_sum(feed.slots, feed.count, NOW + 2 * HOUR, NOW + 4 * HOUR + 60, &known_s),
	    10 * HOUR + 1200, 0);
	assert_int_equal(known_s, HOUR + 60);
	assert_float_equal(feed_sum(feed.slots, feed.count, NOW - 9, NOW + HOUR, NULL), 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(feed_slots_are_half_open),
	    cmocka_unit_test(feed_counts_what_came_last_wherever_it_lies),
	    cmocka_unit_test(feed_says_whether_it_is_news),
	    cmocka_unit_test(feed_forgets_what_is_far),
	    cmocka_unit_test(feed_with_no_room_forgets_the_oldest),
	    cmocka_unit_test(feed_of_the_present_holds_until_another_comes),
	    cmocka_unit_test(feed_is_known_until_its_first_gap),
	    cmocka_unit_test(case_l1_a_forecast_of_nothing_right_after_one_of_much_is_blank),
	    cmocka_unit_test(feed_sums_what_is_known),
	    cmocka_unit_test(feed_is_asked_every_ten_minutes_where_more_may_be_published),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
