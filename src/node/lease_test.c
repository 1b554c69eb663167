/* The relay node's rules, each on both sides of its boundary. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/result.h"
#include "node/lease.h"

#define LONGEST_MS 90000
#define LAST 10 /* the number of the last command obeyed */

static const struct mono_time start = {1000000};

static struct relay_node_state node_that_is(bool is_on)
{
	struct relay_node_state state = relay_node_boot(LONGEST_MS, 7, LAST, 99);

	if (is_on) {
		state.is_on = true;
		state.lease_ends = mono_add(start, 30000);
	}
	return state;
}

static struct relay_command on_for(int64_t lease_ms, uint64_t number)
{
	return (struct relay_command){.is_on = true,
				      .has_lease = true,
				      .lease_ms = lease_ms,
				      .has_number = true,
				      .number = number};
}

static void lease_boots_open_and_keeps_only_counters(void **test)
{
	struct relay_node_state state = relay_node_boot(LONGEST_MS, 7, LAST, 99);

	(void)test;
	assert_false(state.is_on);
	assert_int_equal(relay_node_lease_left(&state, start), 0);
	assert_int_equal(state.switches, 7);
	assert_int_equal(state.number, LAST);
	assert_int_equal(state.boot, 99);
}

/* Every command against a node that is on and one that is off. */
static void lease_obeys_off_always_and_on_only_when_newer(void **test)
{
	static const struct {
		bool was_on, is_on, has_number;
		uint64_t number;
		enum lease_result result;
		bool stands_on;
		uint64_t number_then;
	} cases[] = {
	    {false, true, false, 0, LEASE_SWITCHED, true, LAST},
	    {false, true, true, LAST - 1, LEASE_IGNORED, false, LAST},
	    {false, true, true, LAST, LEASE_IGNORED, false, LAST},
	    {false, true, true, LAST + 1, LEASE_SWITCHED, true, LAST + 1},
	    {true, true, false, 0, LEASE_UNCHANGED, true, LAST},
	    {true, true, true, LAST - 1, LEASE_IGNORED, true, LAST},
	    {true, true, true, LAST, LEASE_IGNORED, true, LAST},
	    {true, true, true, LAST + 1, LEASE_UNCHANGED, true, LAST + 1},
	    {false, false, false, 0, LEASE_UNCHANGED, false, LAST},
	    {false, false, true, 0, LEASE_UNCHANGED, false, LAST},
	    {false, false, true, LAST, LEASE_UNCHANGED, false, LAST},
	    {false, false, true, LAST + 1, LEASE_UNCHANGED, false, LAST + 1},
	    {true, false, false, 0, LEASE_SWITCHED, false, LAST},
	    {true, false, true, 0, LEASE_SWITCHED, false, LAST},
	    {true, false, true, LAST, LEASE_SWITCHED, false, LAST},
	    {true, false, true, LAST + 1, LEASE_SWITCHED, false, LAST + 1},
	    {true, false, true, COMMAND_NUMBER_MAX, LEASE_SWITCHED, false, COMMAND_NUMBER_MAX},
	};

	(void)test;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct relay_node_state state = node_that_is(cases[i].was_on);
		struct relay_command command = {.is_on = cases[i].is_on,
						.has_number = cases[i].has_number,
						.number = cases[i].number};

		assert_int_equal(relay_node_put(&state, &command, start), cases[i].result);
		assert_int_equal(state.is_on, cases[i].stands_on);
		assert_int_equal(state.number, cases[i].number_then);
		assert_int_equal(state.switches, cases[i].was_on == cases[i].stands_on ? 7 : 8);
	}
}

static void lease_is_what_was_asked_up_to_the_longest(void **test)
{
	static const struct {
		bool has_lease;
		int64_t asked_ms, left_ms;
	} cases[] = {
	    {false, 0, LONGEST_MS},
	    {true, 1, 1},
	    {true, LONGEST_MS - 1, LONGEST_MS - 1},
	    {true, LONGEST_MS, LONGEST_MS},
	    {true, LONGEST_MS + 1, LONGEST_MS},
	    {true, INT64_MAX, LONGEST_MS},
	};

	(void)test;
	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
		struct relay_node_state state = node_that_is(false);
		struct relay_command command = on_for(cases[i].asked_ms, LAST + 1);

		command.has_lease = cases[i].has_lease;
		assert_int_equal(relay_node_put(&state, &command, start), LEASE_SWITCHED);
		assert_int_equal(relay_node_lease_left(&state, start), cases[i].left_ms);
	}
}

static void lease_ignores_an_on_without_any_time(void **test)
{
	static const int64_t asked_ms[] = {0, -1, INT64_MIN};

	(void)test;
	for (size_t i = 0; i < ARRAY_LENGTH(asked_ms); i++) {
		struct relay_node_state state = node_that_is(false);
		struct relay_command command = on_for(asked_ms[i], LAST + 1);

		assert_int_equal(relay_node_put(&state, &command, start), LEASE_IGNORED);
		assert_false(state.is_on);
		assert_int_equal(state.number, LAST);
	}
}

static void lease_opens_at_its_end_and_not_before(void **test)
{
	struct relay_node_state state = node_that_is(false);
	struct relay_command command = on_for(5000, LAST + 1);

	(void)test;
	assert_int_equal(relay_node_put(&state, &command, start), LEASE_SWITCHED);
	assert_false(relay_node_tick(&state, mono_add(start, 4999)));
	assert_true(state.is_on);
	assert_true(relay_node_tick(&state, mono_add(start, 5000)));
	assert_false(state.is_on);
	assert_int_equal(state.switches, 9);
	assert_false(relay_node_tick(&state, mono_add(start, 5001)));
	assert_int_equal(state.switches, 9);
}

static void lease_is_renewed_without_switching(void **test)
{
	struct relay_node_state state = node_that_is(true);
	struct relay_command command = on_for(60000, LAST + 1);

	(void)test;
	assert_int_equal(relay_node_put(&state, &command, start), LEASE_UNCHANGED);
	assert_int_equal(relay_node_lease_left(&state, start), 60000);
	assert_int_equal(state.switches, 7);
}

static void lease_is_not_prolonged_by_an_old_on(void **test)
{
	struct relay_node_state state = node_that_is(true);
	struct relay_command command = on_for(60000, LAST);

	(void)test;
	assert_int_equal(relay_node_put(&state, &command, start), LEASE_IGNORED);
	assert_int_equal(relay_node_lease_left(&state, start), 30000);
}

/* libcoap 4.3.1 hands a late copy of a request to the handler again. */
static void case_e1_no_late_copy_closes_the_relay_again(void **test)
{
	struct relay_node_state state = node_that_is(false);
	struct relay_command on = on_for(60000, LAST + 1);
	struct relay_command off = {.has_number = true, .number = LAST + 2};

	(void)test;
	assert_int_equal(relay_node_put(&state, &on, start), LEASE_SWITCHED);
	assert_int_equal(relay_node_put(&state, &off, start), LEASE_SWITCHED);
	assert_int_equal(relay_node_put(&state, &on, start), LEASE_IGNORED);
	assert_false(state.is_on);
	assert_int_equal(state.switches, 9);
}

static void lease_status_says_what_the_node_is(void **test)
{
	struct relay_node_state state = node_that_is(true);
	struct ident node = {"r1"};
	struct relay_status status = relay_node_status(&state, &node, 60, mono_add(start, 1000));

	(void)test;
	assert_string_equal(status.node.text, "r1");
	assert_true(status.is_on);
	assert_int_equal(status.lease_left_ms, 29000);
	assert_int_equal(status.switches, 7);
	assert_int_equal(status.number, LAST);
	assert_int_equal(status.boot, 99);
	assert_int_equal(status.clock_factor, 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lease_boots_open_and_keeps_only_counters),
	    cmocka_unit_test(lease_obeys_off_always_and_on_only_when_newer),
	    cmocka_unit_test(lease_is_what_was_asked_up_to_the_longest),
	    cmocka_unit_test(lease_ignores_an_on_without_any_time),
	    cmocka_unit_test(lease_opens_at_its_end_and_not_before),
	    cmocka_unit_test(lease_is_renewed_without_switching),
	    cmocka_unit_test(lease_is_not_prolonged_by_an_old_on),
	    cmocka_unit_test(case_e1_no_late_copy_closes_the_relay_again),
	    cmocka_unit_test(lease_status_says_what_the_node_is),
	};

	return cmocka_run_group_tests_name("lease", tests, NULL, NULL);
}
