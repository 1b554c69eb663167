/* When a connection is tried again, and when another client is said to have our id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapt/mqtt_patience.h"

#define BRIEF_MS 500
#define HOUR_MS (3600 * (uint64_t)1000)

static uint32_t silent(struct mqtt_patience *patience, uint64_t lasted_ms)
{
	return mqtt_patience_ended(patience, MQTT_END_SILENT, lasted_ms);
}

static void a_broker_that_is_away_is_looked_for_at_1_2_4_to_30_s(void **state)
{
	static const uint32_t waits_ms[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
	struct mqtt_patience patience = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++)
		assert_int_equal(mqtt_patience_ended(&patience, MQTT_END_UNMADE, 0), waits_ms[i]);
	assert_false(mqtt_patience_is_taken_over(&patience));
	/* Once it was accepted, it begins anew. */
	assert_int_equal(silent(&patience, HOUR_MS), 1000);
}

static void a_takeover_that_the_broker_names_is_believed_at_once(void **state)
{
	struct mqtt_patience patience = {0};

	(void)state;
	assert_int_equal(mqtt_patience_ended(&patience, MQTT_END_TAKEN_OVER, HOUR_MS), 10000);
	assert_true(mqtt_patience_is_taken_over(&patience));
}

static void three_short_silent_ends_in_a_row_are_a_takeover(void **state)
{
	struct mqtt_patience patience = {0};

	(void)state;
	assert_int_equal(silent(&patience, BRIEF_MS), 1000);
	assert_int_equal(silent(&patience, MQTT_SHORT_MS - 1), 1000);
	assert_false(mqtt_patience_is_taken_over(&patience));
	assert_int_equal(silent(&patience, BRIEF_MS), 10000);
	assert_true(mqtt_patience_is_taken_over(&patience));
}

static void what_breaks_the_row_is_no_takeover(void **state)
{
	struct mqtt_patience patience = {0};

	(void)state;
	for (int i = 0; i < 3; i++) {
		silent(&patience, BRIEF_MS);
		silent(&patience, BRIEF_MS);
		silent(&patience, MQTT_SHORT_MS);
		silent(&patience, BRIEF_MS);
		silent(&patience, BRIEF_MS);
		/* A broker that starts again and again is not reached in between. */
		mqtt_patience_ended(&patience, MQTT_END_UNMADE, 0);
		silent(&patience, BRIEF_MS);
		silent(&patience, BRIEF_MS);
		mqtt_patience_ended(&patience, MQTT_END_OTHER, BRIEF_MS);
	}
	assert_false(mqtt_patience_is_taken_over(&patience));
}

static void a_takeover_is_waited_out_for_10_s_and_twice_as_long_each_time_to_5_min(void **state)
{
	static const uint32_t waits_ms[] = {10000, 20000, 40000, 80000, 160000, 300000, 300000};
	struct mqtt_patience patience = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(waits_ms) / sizeof(waits_ms[0]); i++)
		assert_int_equal(mqtt_patience_ended(&patience, MQTT_END_TAKEN_OVER, BRIEF_MS),
				 waits_ms[i]);
	/* Without a word too, and however long it held, as long as it did not last. */
	assert_int_equal(silent(&patience, 300000), 300000);
}

static void a_broker_that_is_away_meanwhile_ends_no_takeover(void **state)
{
	struct mqtt_patience patience = {0};

	(void)state;
	mqtt_patience_ended(&patience, MQTT_END_TAKEN_OVER, BRIEF_MS);
	mqtt_patience_ended(&patience, MQTT_END_UNMADE, 0);
	assert_true(mqtt_patience_is_taken_over(&patience));
	assert_int_equal(silent(&patience, BRIEF_MS), 20000);
}

static void a_takeover_is_over_once_a_connection_lasts_three_times_the_wait(void **state)
{
	struct mqtt_patience patience = {0};

	(void)state;
	assert_false(mqtt_patience_lasts(&patience, HOUR_MS)); /* there was none */
	mqtt_patience_ended(&patience, MQTT_END_TAKEN_OVER, BRIEF_MS);
	assert_false(mqtt_patience_lasts(&patience, 29999));
	assert_true(mqtt_patience_lasts(&patience, 30000));
	assert_false(mqtt_patience_lasts(&patience, 30000)); /* told once */
	assert_false(mqtt_patience_is_taken_over(&patience));
	assert_int_equal(mqtt_patience_ended(&patience, MQTT_END_TAKEN_OVER, HOUR_MS), 10000);
}

/* Each knocks the other out when it comes; each waits by its own count, at the longest. */
static void two_that_back_off_alike_never_take_it_for_over(void **state)
{
	struct mqtt_patience one = {0}, two = {0};

	(void)state;
	mqtt_patience_ended(&one, MQTT_END_TAKEN_OVER, HOUR_MS);
	for (int i = 0; i < 20; i++) {
		uint32_t wait_ms = mqtt_patience_ended(&two, MQTT_END_TAKEN_OVER, BRIEF_MS);

		assert_false(mqtt_patience_lasts(&one, wait_ms + wait_ms / 2 - 1));
		wait_ms = mqtt_patience_ended(&one, MQTT_END_TAKEN_OVER, wait_ms);
		assert_false(mqtt_patience_lasts(&two, wait_ms + wait_ms / 2 - 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_broker_that_is_away_is_looked_for_at_1_2_4_to_30_s),
	    cmocka_unit_test(a_takeover_that_the_broker_names_is_believed_at_once),
	    cmocka_unit_test(three_short_silent_ends_in_a_row_are_a_takeover),
	    cmocka_unit_test(what_breaks_the_row_is_no_takeover),
	    cmocka_unit_test(
		a_takeover_is_waited_out_for_10_s_and_twice_as_long_each_time_to_5_min),
	    cmocka_unit_test(a_broker_that_is_away_meanwhile_ends_no_takeover),
	    cmocka_unit_test(a_takeover_is_over_once_a_connection_lasts_three_times_the_wait),
	    cmocka_unit_test(two_that_back_off_alike_never_take_it_for_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
