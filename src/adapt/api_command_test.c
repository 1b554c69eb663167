/* What becomes of a command that a person gave, by the relay's own word. */
#include "adapt/api_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define OVERRIDE 7

static struct house house;
static struct site site;

/* One relay that is as `phase` says, and was taken over a moment ago. */
static struct relay_state *relay_in(enum relay_phase phase, bool is_on, uint64_t number)
{
	struct relay_state *relay = &site.relays[0];

	house.relay_count = 1;
	*relay = (struct relay_state){.phase = phase, .wished_on = is_on, .is_heard = true};
	relay->status.is_on = is_on;
	relay->command.number = number;
	relay->override.is_active = true;
	relay->override.id = OVERRIDE;
	relay->override.is_on = is_on;
	return relay;
}

static void a_command_waits_until_the_relay_agrees(void **state)
{
	struct relay_state *relay = relay_in(RELAY_SENT, true, 5);
	struct api_command command = api_command_of(&house, &site, OVERRIDE, false);

	(void)state;
	assert_int_equal(api_command_judge(&command, &house, &site), API_COMMAND_PENDING);
	relay->phase = RELAY_CONFIRMED;
	assert_int_equal(api_command_judge(&command, &house, &site), API_COMMAND_CONFIRMED);
}

static void a_command_that_fails_says_so(void **state)
{
	struct relay_state *relay = relay_in(RELAY_SENT, false, 5);
	struct api_command command = api_command_of(&house, &site, OVERRIDE, false);

	(void)state;
	relay->phase = RELAY_MISMATCH;
	assert_int_equal(api_command_judge(&command, &house, &site), API_COMMAND_MISMATCH);
	relay->phase = RELAY_TIMEOUT;
	assert_int_equal(api_command_judge(&command, &house, &site), API_COMMAND_TIMEOUT);
}

/* OFF is on its way again and again: a person's word is judged by the next, not by the last. */
static void an_off_that_had_failed_before_is_judged_by_the_next_try(void **state)
{
	struct relay_state *relay = relay_in(RELAY_MISMATCH, false, 5);
	struct api_command command = api_command_of(&house, &site, OVERRIDE, false);

	(void)state;
	assert_int_equal(api_command_judge(&command, &house, &site), API_COMMAND_PENDING);
	relay->command.number = 6;
	assert_int_equal(api_command_judge(&command, &house, &site), API_COMMAND_MISMATCH);
	relay->phase = RELAY_CONFIRMED;
	assert_int_equal(api_command_judge(&command, &house, &site), API_COMMAND_CONFIRMED);
}

/* ON is given up: nothing more is sent, and nothing more comes of it. */
static void an_on_that_was_given_up_has_failed(void **state)
{
	struct api_command command;

	(void)state;
	relay_in(RELAY_MISMATCH, true, 5);
	command = api_command_of(&house, &site, OVERRIDE, false);
	assert_int_equal(api_command_judge(&command, &house, &site), API_COMMAND_MISMATCH);
}

static void an_override_that_is_gone_has_ended(void **state)
{
	struct relay_state *relay = relay_in(RELAY_SENT, true, 5);
	struct api_command command = api_command_of(&house, &site, OVERRIDE, false);

	(void)state;
	relay->override.is_active = false;
	assert_int_equal(api_command_judge(&command, &house, &site), API_COMMAND_ENDED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_command_waits_until_the_relay_agrees),
	    cmocka_unit_test(a_command_that_fails_says_so),
	    cmocka_unit_test(an_off_that_had_failed_before_is_judged_by_the_next_try),
	    cmocka_unit_test(an_on_that_was_given_up_has_failed),
	    cmocka_unit_test(an_override_that_is_gone_has_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
