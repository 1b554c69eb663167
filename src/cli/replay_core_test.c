/* A trace with copies of the state in it is followed, and the copies are compared. */
#include "cli/replay_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/version.h"
#include "core/step.h"

static const struct now now = {{1000}, {INT64_C(1764072000000)}, true, 0, 1};
static uint8_t bytes[TRACE_ENTRY_MAX];
static struct replay *replay;

static void on_decision(void *user, const struct ident *battery, const struct decision *decision)
{
	(void)user;
	(void)battery;
	(void)decision;
}

static void follow(size_t length)
{
	assert_true(length > 0);
	assert_int_equal(replay_row(replay, bytes, length), 0);
}

static size_t relays; /* of the house that a start is of */

static void follow_start(bool has_copy)
{
	struct trace_start *start = calloc(1, sizeof(*start));

	assert_non_null(start);
	house_init(&start->house);
	start->house.relay_count = relays;
	start->has_copy = has_copy;
	strcpy(start->version.text, AMPHORA_VERSION);
	follow(trace_encode_start(bytes, sizeof(bytes), &now, start));
	free(start);
}

static void follow_copy(const struct site *site)
{
	struct trace_piece piece = {0};

	follow_start(true);
	for (uint32_t offset = 0; offset < sizeof(*site); offset += piece.length) {
		trace_cut_piece(&piece, site, offset);
		follow(trace_encode_piece(bytes, sizeof(bytes), &now, &piece));
	}
}

static int begin(void **state)
{
	const struct replay_events events = {.on_decision = on_decision};

	(void)state;
	replay = malloc(sizeof(*replay));
	assert_non_null(replay);
	replay_init(replay, &events);
	relays = 0;
	follow_start(false);
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(replay);
	return 0;
}

/* The state as it was reached, all that is between its members being `filling`. */
static struct site *reached(uint8_t filling)
{
	struct site *site = malloc(sizeof(*site)), *members = malloc(sizeof(*members));

	assert_non_null(site);
	assert_non_null(members);
	memset(site, 0xff, sizeof(*site));
	site_copy_members(members, site);
	memcpy(site, &replay->site, sizeof(*site));
	for (size_t i = 0; i < sizeof(*site); i++)
		if (((const uint8_t *)members)[i] == 0)
			((uint8_t *)site)[i] = filling;
	free(members);
	return site;
}

static void copies_that_differ_between_the_members_alone_are_identical(void **state)
{
	(void)state;
	for (int filling = 0; filling < 256; filling += 0x55) {
		struct site *site = reached((uint8_t)filling);

		follow_copy(site);
		free(site);
	}
	assert_int_equal(replay->copies_compared, 4);
	assert_int_equal(replay->copies_identical, 4);
}

static void a_copy_that_differs_in_a_member_is_not_identical(void **state)
{
	struct site *site = reached(0);

	(void)state;
	site->batteries[BATTERIES_MAX - 1].is_locked_out = true;
	follow_copy(site);
	free(site);
	assert_int_equal(replay->copies_compared, 1);
	assert_int_equal(replay->copies_identical, 0);
}

/* What differs then is no fault: the house is another. */
static void a_copy_of_a_house_with_another_relay_replaces_ours(void **state)
{
	struct site *site = reached(0);

	(void)state;
	relays = 1;
	core_admit_relay(site, 0, now);
	follow_copy(site);
	assert_int_equal(replay->copies_compared, 0);
	assert_int_equal(replay->gaps, 0);
	assert_int_equal(replay->house.relay_count, 1);
	assert_true(replay->site.relays[0].may_be_on);
	follow_copy(site);
	assert_int_equal(replay->copies_compared, 1);
	assert_int_equal(replay->copies_identical, 1);
	free(site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(
		copies_that_differ_between_the_members_alone_are_identical, begin, end),
	    cmocka_unit_test_setup_teardown(a_copy_that_differs_in_a_member_is_not_identical, begin,
					    end),
	    cmocka_unit_test_setup_teardown(a_copy_of_a_house_with_another_relay_replaces_ours,
					    begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
