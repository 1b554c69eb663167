/* Rules of a node's numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/sequence.h"

#define INTERVAL_MS 10000

static struct sequence sequence;
static int64_t now_ms;

static int begin(void **state)
{
	(void)state;
	sequence = (struct sequence){0};
	now_ms = 1000000;
	return 0;
}

/* A number without a time of its own, `after_ms` after the one before. */
static void say_after(int64_t number, int64_t after_ms)
{
	struct sequence_number said = {.number = number, .spacing_ms = INTERVAL_MS / 2};

	now_ms += after_ms;
	said.arrived_ms = now_ms;
	sequence_take(&sequence, &said);
}

static void say(int64_t number)
{
	say_after(number, INTERVAL_MS);
}

static void say_all(int64_t first, int64_t last)
{
	for (int64_t number = first; number <= last; number++)
		say(number);
}

static void say_measured(int64_t number, int64_t measured_ms)
{
	struct sequence_number said = {.number = number,
				       .has_time = true,
				       .measured_ms = measured_ms,
				       .arrived_ms = now_ms,
				       .spacing_ms = INTERVAL_MS / 2};

	sequence_take(&sequence, &said);
}

static void assert_told(int64_t first, int64_t last)
{
	struct sequence_gap gap;

	assert_true(sequence_tell(&sequence, &gap));
	assert_int_equal(gap.first, first);
	assert_int_equal(gap.last, last);
}

static void assert_nothing_told(void)
{
	struct sequence_gap gap;

	assert_false(sequence_tell(&sequence, &gap));
}

static void a_gap_is_told_once_when_more_numbers_have_come(void **state)
{
	(void)state;
	say_all(1, 10);
	say(14);
	assert_int_equal(sequence.missing, 3);
	say_all(15, 16);
	assert_nothing_told();
	say(17);
	assert_told(11, 13);
	assert_nothing_told();
}

static void a_node_that_never_counts_by_one_has_no_gaps(void **state)
{
	(void)state;
	for (int64_t number = 0; number < 1000; number += 5)
		say(number);
	assert_int_equal(sequence.missing, 0);
	assert_nothing_told();
}

static void numbers_that_overtake_each_other_are_no_gap(void **state)
{
	(void)state;
	say_all(1, 5);
	say_after(7, 0);
	say_after(9, 0);
	say_after(6, 0);
	say_after(8, 0);
	say_all(10, 30);
	assert_int_equal(sequence.missing, 0);
	assert_int_equal(sequence.gap_count, 0);
	assert_nothing_told();
}

/* The copies of a burst do not take the count back: what follows them goes on from the last. */
static void a_burst_with_late_copies_leaves_no_gap(void **state)
{
	(void)state;
	say_all(1, 5);
	for (int64_t number = 6; number <= 20; number++)
		say_after(number, 0);
	say_after(7, 0);
	say_after(18, 0);
	say(21);
	say_all(22, 30);
	assert_int_equal(sequence.missing, 0);
	assert_nothing_told();
}

static void a_late_number_fills_its_place_in_the_gap(void **state)
{
	(void)state;
	say_all(1, 10);
	say_all(21, 30);
	assert_told(11, 20);
	say(15);
	assert_int_equal(sequence.missing, 9);
	assert_int_equal(sequence.gap_count, 2);
	say(15);
	assert_int_equal(sequence.missing, 9);
	say(11);
	say(20);
	assert_int_equal(sequence.missing, 7);
	say_all(12, 14);
	say_all(16, 19);
	assert_int_equal(sequence.missing, 0);
	assert_int_equal(sequence.gap_count, 0);
	assert_int_equal(sequence.restarts, 0);
	assert_int_equal(sequence.last, 30);
	assert_nothing_told();
}

static void a_node_that_counts_anew_is_known_by_its_second_number(void **state)
{
	(void)state;
	say_all(990, 1000);
	say(1);
	assert_int_equal(sequence.restarts, 0);
	say(2);
	assert_int_equal(sequence.restarts, 1);
	say_all(3, 20);
	assert_int_equal(sequence.missing, 0);
	assert_nothing_told();
}

static void copies_that_come_at_once_or_alone_are_no_new_count(void **state)
{
	(void)state;
	say_all(1, 100);
	say(5);
	say_after(6, 0);
	say_after(7, 0);
	say(101);
	say(50);
	say(102);
	say(51);
	say(103);
	assert_int_equal(sequence.restarts, 0);
	assert_int_equal(sequence.last, 103);
	assert_int_equal(sequence.missing, 0);
}

static void a_time_of_its_own_tells_a_new_count_from_a_late_copy(void **state)
{
	(void)state;
	say_measured(100, 1000);
	say_measured(101, 2000);
	say_measured(50, 500);
	assert_int_equal(sequence.restarts, 0);
	say_measured(1, 3000);
	assert_int_equal(sequence.restarts, 1);
	say_measured(2, 4000);
	say_measured(100, 1000);
	say_measured(3, 5000);
	assert_int_equal(sequence.restarts, 1);
	assert_int_equal(sequence.last, 3);
	assert_int_equal(sequence.missing, 0);
	say_measured(4, 4500); /* its clock was set back */
	assert_int_equal(sequence.last, 4);
}

static void what_was_missing_before_a_new_count_is_still_told(void **state)
{
	(void)state;
	say_all(1, 10);
	say(12);
	say(1);
	say(2);
	assert_int_equal(sequence.restarts, 1);
	assert_told(11, 11);
	assert_nothing_told();
	assert_int_equal(sequence.gap_count, 0);
}

static void many_gaps_and_huge_numbers_stay_within_bounds(void **state)
{
	struct sequence_gap gap;

	(void)state;
	say_all(0, 1);
	for (int64_t number = 1; number < 200; number++)
		say(3 * number + 1);
	assert_int_equal(sequence.gap_count, SEQUENCE_GAPS_MAX);
	assert_int_equal(sequence.missing, 2 * 199);
	say(602); /* and a span of three, whose middle comes */
	say(600);
	assert_int_equal(sequence.gap_count, SEQUENCE_GAPS_MAX);
	assert_int_equal(sequence.missing, 2 * 199 + 2);
	while (sequence_tell(&sequence, &gap))
		assert_true(gap.first <= gap.last);
	say(INT64_MAX - 1);
	say(-1);
	assert_true(sequence.missing > 0);
	say(INT64_MAX);
	assert_int_equal(sequence.last, INT64_MAX);
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(a_gap_is_told_once_when_more_numbers_have_come),
	    ROW(a_node_that_never_counts_by_one_has_no_gaps),
	    ROW(numbers_that_overtake_each_other_are_no_gap),
	    ROW(a_burst_with_late_copies_leaves_no_gap),
	    ROW(a_late_number_fills_its_place_in_the_gap),
	    ROW(a_node_that_counts_anew_is_known_by_its_second_number),
	    ROW(copies_that_come_at_once_or_alone_are_no_new_count),
	    ROW(a_time_of_its_own_tells_a_new_count_from_a_late_copy),
	    ROW(what_was_missing_before_a_new_count_is_still_told),
	    ROW(many_gaps_and_huge_numbers_stay_within_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
