/* Rules of what makes a reading a copy, and of how many are remembered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "adapt/known_readings.h"

#define NOON_MS INT64_C(1790000000000)

static struct known_readings known;

static int begin(void **state)
{
	(void)state;
	memset(&known, 0, sizeof(known));
	return 0;
}

static struct reading numbered(int64_t sequence)
{
	return (struct reading){
	    .node = {"b1"},
	    .has_sequence = true,
	    .sequence = sequence,
	    .received = {55.2, 24.1, NAN, NAN, NAN, NAN, NAN, NAN},
	};
}

static struct reading timed(int64_t measured_ms)
{
	struct reading reading = numbered(0);

	reading.has_sequence = false;
	reading.has_time = true;
	reading.measured.ms = measured_ms;
	return reading;
}

static void a_copy_has_the_key_of_its_original_and_nothing_else_has(void **state)
{
	struct reading original = numbered(7), other = original;

	(void)state;
	assert_true(reading_key(&original, 0) == reading_key(&other, 0));
	other.sequence = 8;
	assert_false(reading_key(&original, 0) == reading_key(&other, 0));
	other = original;
	strcpy(other.node.text, "b2");
	assert_false(reading_key(&original, 0) == reading_key(&other, 0));
	other = original;
	other.received.soc_pct = 55.3;
	assert_false(reading_key(&original, 0) == reading_key(&other, 0));
	other = original;
	other.received.power_w = 0;
	assert_false(reading_key(&original, 0) == reading_key(&other, 0));
	other = original;
	other.cell_count = 1;
	assert_false(reading_key(&original, 0) == reading_key(&other, 0));
}

static void a_number_means_something_within_one_count_of_its_node_only(void **state)
{
	struct reading reading = numbered(7), at_noon = timed(NOON_MS);

	(void)state;
	assert_false(reading_key(&reading, 0) == reading_key(&reading, 1));
	assert_true(reading_key(&at_noon, 0) == reading_key(&at_noon, 1));
}

static void a_clock_that_was_not_set_is_no_time(void **state)
{
	struct reading unset = timed(KNOWN_TIME_EARLIEST_MS - 1),
		       set = timed(KNOWN_TIME_EARLIEST_MS);

	(void)state;
	assert_false(reading_is_known_by_itself(&unset));
	assert_true(reading_is_known_by_itself(&set));
	unset.has_sequence = true;
	assert_true(reading_is_known_by_itself(&unset));
	assert_false(reading_is_timed(&unset));
}

static void zero_is_zero_whatever_its_sign(void **state)
{
	struct reading positive = numbered(7), negative = numbered(7);

	(void)state;
	positive.received.current_a = 0.0;
	negative.received.current_a = -0.0;
	assert_true(reading_key(&positive, 0) == reading_key(&negative, 0));
}

static uint64_t key_at(int64_t i)
{
	struct reading reading = timed(NOON_MS + i);

	return reading_key(&reading, 0);
}

static void the_last_are_known_however_many_came_before(void **state)
{
	int64_t all = 3 * KNOWN_READINGS_MAX + 5;

	(void)state;
	assert_false(known_readings_have(&known, 0));
	for (int64_t i = 0; i < all; i++) {
		assert_false(known_readings_have(&known, key_at(i)));
		known_readings_add(&known, key_at(i));
	}
	assert_false(known_readings_have(&known, key_at(all - KNOWN_READINGS_MAX - 1)));
	for (int64_t i = all - KNOWN_READINGS_MAX; i < all; i++)
		assert_true(known_readings_have(&known, key_at(i)));
}

#define ROW(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    ROW(a_copy_has_the_key_of_its_original_and_nothing_else_has),
	    ROW(a_number_means_something_within_one_count_of_its_node_only),
	    ROW(a_clock_that_was_not_set_is_no_time),
	    ROW(zero_is_zero_whatever_its_sign),
	    ROW(the_last_are_known_however_many_came_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
