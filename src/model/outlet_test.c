/* Which alerts an outlet tells, in which order, and when it tries again or gives up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/result.h"
#include "model/outlet.h"

#define WARNINGS                         \
	{                                \
		.minimum = ALERT_WARNING \
	}

static struct alert alarm_about(const char *subject)
{
	struct alert alert = {.code = ALERT_SENSOR_STALE};

	snprintf(alert.subject.text, sizeof alert.subject.text, "%s", subject);
	return alert;
}

/* The letter that is due is about `subject`; it arrives, or not. */
static void assert_sends(struct outlet *outlet, enum letter_kind kind, const char *subject,
			 bool arrives, int64_t now_ms)
{
	const struct letter *letter = outlet_take(outlet, now_ms);

	assert_non_null(letter);
	assert_int_equal(letter->kind, kind);
	assert_string_equal(letter->alert.subject.text, subject);
	outlet_done(outlet, arrives, now_ms);
}

static void a_letter_that_fails_is_tried_again_after_10_s_to_10_min(void **state)
{
	static const int64_t waits_s[] = {10, 20, 40, 80, 160, 320, 600, 600};
	const struct alert alert = alarm_about("b1");
	struct outlet outlet = WARNINGS;
	int64_t now_ms = 1;

	(void)state;
	outlet_begins(&outlet, &alert, now_ms);
	for (size_t i = 0; i < ARRAY_LENGTH(waits_s); i++) {
		assert_sends(&outlet, LETTER_BEGINS, "b1", false, now_ms);
		now_ms += waits_s[i] * MS_PER_SECOND;
		assert_null(outlet_take(&outlet, now_ms - 1));
	}
	assert_sends(&outlet, LETTER_BEGINS, "b1", true, now_ms);
	assert_int_equal(outlet_waiting(&outlet), 0);
	assert_int_equal(outlet.lost, 0);
}

static void after_one_that_arrived_the_waiting_is_short_again(void **state)
{
	const struct alert first = alarm_about("b1"), second = alarm_about("b2");
	struct outlet outlet = WARNINGS;

	(void)state;
	outlet_begins(&outlet, &first, 0);
	assert_sends(&outlet, LETTER_BEGINS, "b1", false, 0);
	assert_sends(&outlet, LETTER_BEGINS, "b1", true, 10000);
	outlet_begins(&outlet, &second, 10000);
	assert_sends(&outlet, LETTER_BEGINS, "b2", false, 10000);
	assert_null(outlet_take(&outlet, 19999));
	assert_non_null(outlet_take(&outlet, 20000));
}

static void who_is_known_to_be_well_is_told_at_once(void **state)
{
	const struct alert alert = alarm_about("b1");
	struct outlet outlet = WARNINGS;

	(void)state;
	outlet_begins(&outlet, &alert, 0);
	assert_sends(&outlet, LETTER_BEGINS, "b1", false, 0);
	assert_null(outlet_take(&outlet, 1));
	outlet_is_well(&outlet);
	assert_sends(&outlet, LETTER_BEGINS, "b1", true, 1);
}

static void it_is_failing_after_five_tries_in_a_row_until_one_arrives(void **state)
{
	const struct alert alert = alarm_about("b1");
	struct outlet outlet = WARNINGS;
	int64_t now_ms = 0;

	(void)state;
	outlet_begins(&outlet, &alert, 0);
	for (int i = 0; i < 3; i++, now_ms += OUTLET_BACK_OFF_MAX_MS)
		assert_sends(&outlet, LETTER_BEGINS, "b1", false, now_ms);
	outlet_missed(&outlet); /* tests count too */
	assert_false(outlet_is_failing(&outlet));
	assert_sends(&outlet, LETTER_BEGINS, "b1", false, now_ms);
	assert_true(outlet_is_failing(&outlet));
	now_ms += OUTLET_BACK_OFF_MAX_MS;
	assert_sends(&outlet, LETTER_BEGINS, "b1", true, now_ms);
	assert_false(outlet_is_failing(&outlet));
	for (int i = 0; i < 7; i++)
		outlet_missed(&outlet);
	assert_true(outlet_is_failing(&outlet));
	outlet_is_well(&outlet);
	assert_false(outlet_is_failing(&outlet));
}

static void a_letter_is_given_up_after_a_day_and_counts_as_lost(void **state)
{
	const struct alert alert = alarm_about("b1");
	struct outlet outlet = WARNINGS;

	(void)state;
	outlet_begins(&outlet, &alert, 0);
	assert_sends(&outlet, LETTER_BEGINS, "b1", false, OUTLET_GIVES_UP_MS - 1);
	assert_int_equal(outlet_waiting(&outlet), 1);
	outlet_is_well(&outlet);
	assert_sends(&outlet, LETTER_BEGINS, "b1", false, OUTLET_GIVES_UP_MS);
	assert_int_equal(outlet_waiting(&outlet), 0);
	assert_int_equal(outlet.lost, 1);
}

static void one_letter_is_under_way_at_a_time(void **state)
{
	const struct alert first = alarm_about("b1"), second = alarm_about("b2");
	struct outlet outlet = WARNINGS;

	(void)state;
	outlet_begins(&outlet, &first, 0);
	outlet_begins(&outlet, &second, 0);
	assert_non_null(outlet_take(&outlet, 0));
	assert_null(outlet_take(&outlet, 0));
	assert_int_equal(outlet_waiting(&outlet), 2);
	outlet_done(&outlet, true, 0);
	assert_sends(&outlet, LETTER_BEGINS, "b2", true, 0);
}

static void below_its_minimum_an_outlet_tells_nothing(void **state)
{
	struct alert notice = alarm_about("r1"), warning = alarm_about("r1");
	struct outlet outlet = WARNINGS;

	(void)state;
	notice.code = ALERT_RELAY_REBOOTED;
	warning.code = ALERT_LIMIT_TRIPPED;
	outlet_begins(&outlet, &notice, 0);
	outlet_ends(&outlet, &notice, 0, 0);
	assert_int_equal(outlet_waiting(&outlet), 0);
	outlet_begins(&outlet, &warning, 0);
	assert_int_equal(outlet_waiting(&outlet), 1);
}

static void what_ended_before_it_was_told_is_not_told(void **state)
{
	const struct alert first = alarm_about("b1"), second = alarm_about("b2");
	struct outlet outlet = WARNINGS;

	(void)state;
	outlet_begins(&outlet, &first, 0);
	outlet_begins(&outlet, &second, 0);
	assert_non_null(outlet_take(&outlet, 0));
	outlet_ends(&outlet, &second, 0, 1);
	outlet_ends(&outlet, &first, 0, 1); /* may have arrived already */
	outlet_done(&outlet, true, 1);
	assert_sends(&outlet, LETTER_ENDS, "b1", true, 1);
	assert_int_equal(outlet_waiting(&outlet), 0);
}

static void what_may_have_arrived_has_its_end_told(void **state)
{
	const struct alert alert = alarm_about("b1");
	struct outlet outlet = WARNINGS;

	(void)state;
	outlet_begins(&outlet, &alert, 0);
	assert_sends(&outlet, LETTER_BEGINS, "b1", false, 0);
	outlet_ends(&outlet, &alert, 0, 1);
	assert_sends(&outlet, LETTER_BEGINS, "b1", true, 10000);
	assert_sends(&outlet, LETTER_ENDS, "b1", true, 10000);
}

static void what_begins_again_before_its_end_was_told_goes_on(void **state)
{
	const struct alert alert = alarm_about("b1");
	struct outlet outlet = WARNINGS;

	(void)state;
	outlet_begins(&outlet, &alert, 0);
	assert_sends(&outlet, LETTER_BEGINS, "b1", true, 0);
	outlet_ends(&outlet, &alert, 1000, 0);
	assert_null(outlet_take(&outlet, 999));
	outlet_begins(&outlet, &alert, 999);
	assert_int_equal(outlet_waiting(&outlet), 0);
}

static void one_that_comes_and_goes_is_told_once_in_15_minutes(void **state)
{
	const struct alert alert = alarm_about("b1");
	struct outlet outlet = WARNINGS;
	int64_t now_ms = 0;

	(void)state;
	outlet_begins(&outlet, &alert, now_ms);
	assert_sends(&outlet, LETTER_BEGINS, "b1", true, now_ms);
	outlet_ends(&outlet, &alert, 0, now_ms);
	assert_sends(&outlet, LETTER_ENDS, "b1", true, now_ms);
	for (; now_ms < OUTLET_PAUSE_MS; now_ms += MS_PER_MINUTE) {
		outlet_begins(&outlet, &alert, now_ms);
		assert_null(outlet_take(&outlet, now_ms));
		outlet_ends(&outlet, &alert, 0, now_ms);
		assert_int_equal(outlet_waiting(&outlet), 0);
	}
	outlet_begins(&outlet, &alert, now_ms - 1);
	assert_null(outlet_take(&outlet, now_ms - 1));
	assert_sends(&outlet, LETTER_BEGINS, "b1", true, now_ms);
}

static void while_its_beginning_is_under_way_the_next_waits_as_long(void **state)
{
	const struct alert alert = alarm_about("b1");
	struct outlet outlet = WARNINGS;

	(void)state;
	outlet_begins(&outlet, &alert, 0);
	assert_non_null(outlet_take(&outlet, 0));
	outlet_begins(&outlet, &alert, 0);
	outlet_done(&outlet, true, 0);
	assert_null(outlet_take(&outlet, OUTLET_PAUSE_MS - 1));
	assert_sends(&outlet, LETTER_BEGINS, "b1", true, OUTLET_PAUSE_MS);
}

static void an_end_is_told_once(void **state)
{
	const struct alert alert = alarm_about("b1");
	struct outlet outlet = WARNINGS;

	(void)state;
	outlet_ends(&outlet, &alert, 0, 0);
	outlet_ends(&outlet, &alert, 0, 0);
	assert_int_equal(outlet_waiting(&outlet), 1);
}

static void one_that_is_told_each_time_has_the_newest_words(void **state)
{
	struct alert alert = alarm_about("b1");
	struct outlet outlet = WARNINGS;

	(void)state;
	outlet_begins(&outlet, &alert, 0);
	alert.value = 7;
	outlet_begins(&outlet, &alert, 0);
	assert_int_equal(outlet_waiting(&outlet), 1);
	assert_int_equal(outlet_take(&outlet, 0)->alert.value, 7);
}

static void a_full_queue_loses_the_oldest_that_waits(void **state)
{
	struct outlet outlet = WARNINGS;
	struct alert alert;
	char name[16];

	(void)state;
	for (int i = 0; i <= OUTLET_LETTERS_MAX; i++) {
		snprintf(name, sizeof name, "b%d", i);
		alert = alarm_about(name);
		outlet_begins(&outlet, &alert, 0);
	}
	assert_int_equal(outlet.count, OUTLET_LETTERS_MAX);
	assert_int_equal(outlet.lost, 1);
	assert_sends(&outlet, LETTER_BEGINS, "b1", true, 0);
}

static void a_letter_that_fails_beside_a_full_queue_is_lost(void **state)
{
	struct outlet outlet = WARNINGS;
	struct alert alert = alarm_about("first");
	char name[16];

	(void)state;
	outlet_begins(&outlet, &alert, 0);
	assert_non_null(outlet_take(&outlet, 0));
	for (int i = 0; i < OUTLET_LETTERS_MAX; i++) {
		snprintf(name, sizeof name, "b%d", i);
		alert = alarm_about(name);
		outlet_begins(&outlet, &alert, 0);
	}
	outlet_done(&outlet, false, 0);
	assert_int_equal(outlet.count, OUTLET_LETTERS_MAX);
	assert_int_equal(outlet.lost, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_letter_that_fails_is_tried_again_after_10_s_to_10_min),
	    cmocka_unit_test(after_one_that_arrived_the_waiting_is_short_again),
	    cmocka_unit_test(who_is_known_to_be_well_is_told_at_once),
	    cmocka_unit_test(it_is_failing_after_five_tries_in_a_row_until_one_arrives),
	    cmocka_unit_test(a_letter_is_given_up_after_a_day_and_counts_as_lost),
	    cmocka_unit_test(one_letter_is_under_way_at_a_time),
	    cmocka_unit_test(below_its_minimum_an_outlet_tells_nothing),
	    cmocka_unit_test(what_ended_before_it_was_told_is_not_told),
	    cmocka_unit_test(what_may_have_arrived_has_its_end_told),
	    cmocka_unit_test(what_begins_again_before_its_end_was_told_goes_on),
	    cmocka_unit_test(one_that_comes_and_goes_is_told_once_in_15_minutes),
	    cmocka_unit_test(while_its_beginning_is_under_way_the_next_waits_as_long),
	    cmocka_unit_test(an_end_is_told_once),
	    cmocka_unit_test(one_that_is_told_each_time_has_the_newest_words),
	    cmocka_unit_test(a_full_queue_loses_the_oldest_that_waits),
	    cmocka_unit_test(a_letter_that_fails_beside_a_full_queue_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
