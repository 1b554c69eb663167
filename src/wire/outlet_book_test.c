/* What outlets have yet to tell, over a restart. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/outlet_book.h"

#define WALL_MS 1764491069000

static struct house house; /* large, so that they are not on the stack */
static struct outlet before[OUTLETS_MAX], after[OUTLETS_MAX];
static uint32_t seen;

static int setup(void **state)
{
	(void)state;
	house_init(&house);
	memset(before, 0, sizeof before);
	memset(after, 0, sizeof after);
	house.outlet_count = 2;
	house.outlets[0].name = (struct ident){"phone"};
	house.outlets[1].name = (struct ident){"post"};
	seen = 4711;
	return 0;
}

static struct alert an_alert(uint32_t id, enum alert_code code)
{
	return (struct alert){.id = id,
			      .code = code,
			      .subject = {"b1"},
			      .value = -5,
			      .limit = 7,
			      .detail = "a \xc3\xa8 \xc3",
			      .count = 3,
			      .raised = {WALL_MS - 2},
			      .cleared = {WALL_MS - 1}};
}

/* Keeps `before` at 1000 ms of one run, and reads it `away_ms` later, at 50 ms of the next. */
static void restart(int64_t away_ms)
{
	char *text = outlet_book_write(&house, before, 21, (struct outlet_now){{WALL_MS}, 1000});
	int result;

	assert_non_null(text);
	result = outlet_book_read(&house, after, &seen, text, strlen(text),
				  (struct outlet_now){{WALL_MS + away_ms}, 50});
	assert_int_equal(result, 0);
	free(text);
}

static void what_waits_is_there_after_a_restart(void **state)
{
	const struct alert first = an_alert(1, ALERT_SENSOR_STALE),
			   second = an_alert(2, ALERT_LOCKED_OUT);
	const struct letter *letter;

	(void)state;
	outlet_begins(&before[1], &first, 400);
	outlet_ends(&before[1], &second, 0, 500);
	assert_non_null(outlet_take(&before[1], 1000)); /* under way */
	restart(100);
	assert_int_equal(seen, 21);
	assert_int_equal(outlet_waiting(&after[0]), 0);
	assert_int_equal(outlet_waiting(&after[1]), 2);
	letter = outlet_take(&after[1], 50);
	assert_int_equal(letter->kind, LETTER_BEGINS);
	assert_true(letter->was_tried);
	assert_int_equal(letter->written_ms, 50 - 100 - 600);
	assert_int_equal(letter->alert.id, 1);
	assert_int_equal(letter->alert.code, ALERT_SENSOR_STALE);
	assert_string_equal(letter->alert.subject.text, "b1");
	assert_true(letter->alert.value == -5 && letter->alert.limit == 7);
	assert_string_equal(letter->alert.detail, "a \xc3\xa8 ?");
	assert_int_equal(letter->alert.count, 3);
	assert_true(letter->alert.raised.ms == WALL_MS - 2);
	outlet_done(&after[1], true, 50);
	letter = outlet_take(&after[1], 50);
	assert_int_equal(letter->kind, LETTER_ENDS);
	assert_true(letter->alert.cleared.ms == WALL_MS - 1);
}

static void a_day_away_ends_the_trying(void **state)
{
	const struct alert alert = an_alert(1, ALERT_SENSOR_STALE);

	(void)state;
	outlet_begins(&before[0], &alert, 1000);
	restart(OUTLET_GIVES_UP_MS);
	assert_non_null(outlet_take(&after[0], 50));
	outlet_done(&after[0], false, 50);
	assert_int_equal(outlet_waiting(&after[0]), 0);
	assert_int_equal(after[0].lost, 1);
}

static void a_clock_that_was_set_back_makes_nothing_younger_than_now(void **state)
{
	const struct alert alert = an_alert(1, ALERT_SENSOR_STALE);

	(void)state;
	outlet_begins(&before[0], &alert, 1000);
	restart(-MS_PER_DAY);
	assert_int_equal(outlet_take(&after[0], 50)->written_ms, 50);
}

static void a_full_outlet_fits(void **state)
{
	struct alert alert = an_alert(1, ALERT_SENSOR_STALE);
	char *text;

	(void)state;
	memset(alert.detail, '"', sizeof alert.detail - 1);
	for (int i = 0; i < OUTLETS_MAX; i++) {
		snprintf(house.outlets[i].name.text, sizeof house.outlets[i].name.text, "o%d", i);
		for (int j = 0; j < OUTLET_LETTERS_MAX; j++) {
			snprintf(alert.subject.text, sizeof alert.subject.text, "%060d", j);
			outlet_begins(&before[i], &alert, 0);
		}
	}
	house.outlet_count = OUTLETS_MAX;
	text = outlet_book_write(&house, before, 1, (struct outlet_now){{WALL_MS}, 1000});
	assert_non_null(text);
	assert_in_range(strlen(text), 1000, OUTLET_BOOK_BYTES_MAX - 1);
	free(text);
	restart(0);
	assert_int_equal(outlet_waiting(&after[OUTLETS_MAX - 1]), OUTLET_LETTERS_MAX);
}

static void what_is_no_such_book_is_refused(void **state)
{
	static const char *const texts[] = {
	    "",
	    "[]",
	    "{}",
	    "{\"version\":2,\"seen\":1,\"outlets\":{}}",
	    "{\"version\":1,\"seen\":-1,\"outlets\":{}}",
	    "{\"version\":1,\"seen\":1,\"outlets\":{\"post\":{}}}",
	    "{\"version\":1,\"seen\":1,\"outlets\":{\"post\":[{\"event\":\"begin\"}]}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		assert_int_equal(outlet_book_read(&house, after, &seen, texts[i], strlen(texts[i]),
						  (struct outlet_now){0}),
				 -EINVAL);
	assert_int_equal(seen, 4711);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(what_waits_is_there_after_a_restart, setup),
	    cmocka_unit_test_setup(a_day_away_ends_the_trying, setup),
	    cmocka_unit_test_setup(a_clock_that_was_set_back_makes_nothing_younger_than_now, setup),
	    cmocka_unit_test_setup(a_full_outlet_fits, setup),
	    cmocka_unit_test_setup(what_is_no_such_book_is_refused, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
