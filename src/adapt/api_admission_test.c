/* Sensors that are let in through the API, with a host that takes notes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/api_body.h"
#include "adapt/api_internal.h"
#include "adapt/api_test_client.h"
#include "adapt/api_test_host.h"

#define PATH "/api/v1/nodes/admissions"

static struct client_answer ask(struct fixture *fixture, const char *method, const char *path,
				const char *body)
{
	return client_ask(&fixture->loop, fixture->path, method, path, body);
}

static void a_stranger_is_let_in_as_the_body_says(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer =
	    ask(fixture, "POST", PATH,
		"{\"node\":\"shed\",\"chemistry\":\"lfp\",\"capacity_kwh\":5.2,\"power_kw\":2}");

	assert_int_equal(answer.status, 201);
	assert_string_equal(json_string_value(json_object_get(answer.body, "battery")), "shed");
	assert_string_equal(json_string_value(json_object_get(answer.body, "logic")), "monitor");
	client_done(&answer);
	assert_int_equal(fixture->admissions, 1);
	assert_string_equal(fixture->admitted.node.text, "shed");
	assert_int_equal(fixture->admitted.chemistry, CHEMISTRY_LFP);
	assert_int_equal(fixture->admitted.capacity_wh, 5200);
	assert_int_equal(fixture->admitted.power_w, 2000);
	assert_string_equal(fixture->audits[0].what, "let in shed: lfp 5200 2000");
	assert_int_equal(fixture->audits[0].status, 201);
}

static void a_relay_is_let_in_with_a_lease_unless_it_is_said_to_have_none(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer =
	    ask(fixture, "POST", PATH, "{\"node\":\"r3\",\"role\":\"load\",\"battery\":\"b1\"}");

	assert_int_equal(answer.status, 201);
	assert_string_equal(json_string_value(json_object_get(answer.body, "lease")), "own");
	assert_string_equal(json_string_value(json_object_get(answer.body, "role")), "load");
	client_done(&answer);
	assert_int_equal(fixture->admitted_relay.role, RELAY_LOAD);
	assert_true(fixture->admitted_relay.has_lease);
	assert_string_equal(fixture->admitted_relay.uri, "");
	answer = ask(fixture, "POST", PATH,
		     "{\"node\":\"r4\",\"role\":\"source\",\"battery\":\"b1\",\"lease\":\"none\","
		     "\"address\":\"coap://10.0.0.7/relay\"}");
	assert_int_equal(answer.status, 201);
	client_done(&answer);
	assert_int_equal(fixture->admitted_relay.role, RELAY_SOURCE);
	assert_false(fixture->admitted_relay.has_lease);
	assert_string_equal(fixture->audits[1].what,
			    "let in r4: relay source b1 unleased coap://10.0.0.7/relay");
}

static void relays_are_looked_for_at_an_address(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer = ask(fixture, "GET", "/api/v1/nodes/looks", NULL);

	assert_string_equal(json_string_value(json_object_get(answer.body, "state")), "idle");
	client_done(&answer);
	answer = ask(fixture, "POST", "/api/v1/nodes/looks", "{\"address\":\"coap://10.0.0.7\"}");
	assert_int_equal(answer.status, 202);
	client_done(&answer);
	assert_string_equal(fixture->looked_at, "coap://10.0.0.7");
	assert_string_equal(fixture->audits[0].what, "look for relays at coap://10.0.0.7");
	fixture->next_result = -EBUSY;
	answer = ask(fixture, "POST", "/api/v1/nodes/looks", "{\"address\":\"coap://10.0.0.8\"}");
	assert_int_equal(answer.status, 409);
	client_done(&answer);
	answer = ask(fixture, "POST", "/api/v1/nodes/looks", "{}");
	assert_int_equal(answer.status, 400);
	client_done(&answer);
}

static void strangers_among_relays_say_where_they_are_and_how_they_stand(void **state)
{
	struct fixture *fixture = *state;
	struct unknown_relay *list = fixture->status.unknown_relays;
	struct client_answer answer;
	json_t *node = NULL, *each;
	size_t i;

	list[2] = (struct unknown_relay){.name = {"r9"},
					 .uri = "coap://10.0.0.9/relay",
					 .is_read = true,
					 .is_on = true};
	strcpy(list[3].uri, "coap://10.0.0.8/relay"); /* has not said its name */
	answer = ask(fixture, "GET", "/api/v1/nodes", NULL);
	json_array_foreach(json_object_get(answer.body, "nodes"), i, each)
	{
		if (strcmp(json_string_value(json_object_get(each, "kind")), "unknown-relay") != 0)
			continue;
		assert_null(node);
		node = each;
	}
	assert_string_equal(json_string_value(json_object_get(node, "node")), "r9");
	assert_string_equal(json_string_value(json_object_get(node, "address")),
			    "coap://10.0.0.9/relay");
	assert_true(json_is_true(json_object_get(node, "on")));
	client_done(&answer);
}

static void a_relay_that_leaves_ends_what_was_asked_of_it_alone(void **state)
{
	static struct api_commands commands;
	struct api_command both = {.is_wished = {true, true}, .is_on = {true, false}};
	struct api_command first = {.is_wished = {true}};
	uint32_t of_both = api_command_add(&commands, &both);
	uint32_t of_first = api_command_add(&commands, &first);
	const struct api_command *command;

	(void)state;
	api_commands_forget_relay(&commands, 0);
	command = api_command_find(&commands, of_both);
	assert_int_equal(command->state, API_COMMAND_PENDING);
	assert_true(command->is_wished[0] && !command->is_on[0] && !command->is_wished[1]);
	assert_int_equal(api_command_find(&commands, of_first)->state, API_COMMAND_ENDED);
}

static void what_the_host_refuses_has_a_status_of_its_own(void **state)
{
	static const struct {
		int result, status;
		const char *type;
	} CASES[] = {
	    {-ENOENT, 404, "/problems/not-found"},
	    {-EEXIST, 409, "/problems/exists-already"},
	    {-ENOBUFS, 422, "/problems/refused-by-limits"},
	    {-ERANGE, 422, "/problems/refused-by-limits"},
	    {-EAGAIN, 503, "/problems/not-now"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct client_answer answer;

		fixture->next_result = CASES[i].result;
		answer = ask(fixture, "POST", PATH, "{\"node\":\"shed\"}");
		assert_int_equal(answer.status, CASES[i].status);
		assert_string_equal(json_string_value(json_object_get(answer.body, "type")),
				    CASES[i].type);
		client_done(&answer);
	}
	assert_int_equal(fixture->admissions, 0);
}

static void it_is_forgotten_by_its_name(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer = ask(fixture, "DELETE", PATH "/shed", NULL);

	assert_int_equal(answer.status, 204);
	client_done(&answer);
	assert_string_equal(fixture->forgotten, "shed");
	assert_string_equal(fixture->audits[0].what, "forget shed");
	assert_false(fixture->was_seen_open);
	answer = ask(fixture, "DELETE", PATH "/r3?seen_open=true", NULL);
	client_done(&answer);
	assert_true(fixture->was_seen_open);
	assert_string_equal(fixture->audits[1].what, "forget r3, which was seen open");
	answer = ask(fixture, "DELETE", PATH "/r3?seen_open=perhaps", NULL);
	assert_int_equal(answer.status, 400);
	client_done(&answer);
	fixture->next_result = -ENOENT;
	answer = ask(fixture, "DELETE", PATH "/attic", NULL);
	assert_int_equal(answer.status, 404);
	client_done(&answer);
}

/* Workers read no battery of the house but those of the file. */
static void workers_know_who_was_let_in_by_name_alone(void **state)
{
	struct fixture *fixture = *state;
	struct ident shed = {"shed"};

	assert_true(api_is_configured(fixture->api, "b1"));
	assert_true(api_is_configured(fixture->api, "node-1"));
	assert_true(api_is_configured(fixture->api, "r2"));
	assert_false(api_is_configured(fixture->api, "shed"));
	fixture->house.batteries[1].id = shed;
	fixture->house.battery_count = 2;
	assert_false(api_is_configured(fixture->api, "shed"));
	api_event_node(fixture->api, &shed, true);
	assert_true(api_is_configured(fixture->api, "shed"));
	assert_int_equal(api_configured_battery(fixture->api, "shed"), -1);
	fixture->house.battery_count = 1;
	api_event_node(fixture->api, &shed, false);
	assert_false(api_is_configured(fixture->api, "shed"));
	fixture->house.relays[fixture->house.relay_count++] = (struct relay_config){.id = shed};
	assert_false(api_is_configured(fixture->api, "shed"));
	api_event_relay(fixture->api, &shed, true, 0);
	assert_true(api_is_configured(fixture->api, "shed"));
	fixture->house.relay_count--;
	api_event_relay(fixture->api, &shed, false, fixture->house.relay_count);
	assert_false(api_is_configured(fixture->api, "shed"));
}

static void sizes_are_said_together_and_within_what_can_be(void **state)
{
	static const struct {
		const char *body;
		int result;
	} CASES[] = {
	    {"{\"node\":\"shed\"}", 0},
	    {"{\"node\":\"shed\",\"chemistry\":\"lead-acid\",\"capacity_kwh\":0.001,"
	     "\"power_kw\":10000}",
	     0},
	    {"{}", -EINVAL},
	    {"{\"node\":\"no name\"}", -EINVAL},
	    {"{\"node\":\"shed\",\"relay\":\"r1\"}", -EINVAL},
	    {"{\"node\":\"shed\",\"chemistry\":\"lfp\"}", -EINVAL},
	    {"{\"node\":\"r3\",\"role\":\"load\",\"battery\":\"b1\",\"lease\":\"own\"}", 0},
	    {"{\"node\":\"r3\",\"role\":\"load\"}", -EINVAL},
	    {"{\"node\":\"r3\",\"role\":\"both\",\"battery\":\"b1\"}", -EINVAL},
	    {"{\"node\":\"r3\",\"role\":\"load\",\"battery\":\"b1\",\"lease\":\"no\"}", -EINVAL},
	    {"{\"node\":\"r3\",\"role\":\"load\",\"battery\":\"b1\",\"address\":\"\"}", -EINVAL},
	    {"{\"node\":\"r3\",\"role\":\"load\",\"battery\":\"b1\",\"power_kw\":1}", -EINVAL},
	    {"{\"node\":\"shed\",\"capacity_kwh\":5,\"power_kw\":2}", -EINVAL},
	    {"{\"node\":\"shed\",\"chemistry\":\"custom\",\"capacity_kwh\":5,\"power_kw\":2}",
	     -EINVAL},
	    {"{\"node\":\"shed\",\"chemistry\":\"lfp\",\"capacity_kwh\":\"5\",\"power_kw\":2}",
	     -EINVAL},
	    {"{\"node\":\"shed\",\"chemistry\":\"lfp\",\"capacity_kwh\":0,\"power_kw\":2}",
	     -ERANGE},
	    {"{\"node\":\"shed\",\"chemistry\":\"lfp\",\"capacity_kwh\":5,\"power_kw\":10000.1}",
	     -ERANGE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct admission_request admission = {.battery = {.power_w = 7}};
		char words[API_WORDS_MAX] = "";
		struct text error = text_in(words, sizeof(words));

		assert_int_equal(admission_request_parse(&admission, CASES[i].body,
							 strlen(CASES[i].body), &error),
				 CASES[i].result);
		assert_true(CASES[i].result == 0 || (words[0] && admission.battery.power_w == 7));
	}
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup_teardown(rule, fixture_set_up, fixture_tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(a_stranger_is_let_in_as_the_body_says),
	    CASE(a_relay_is_let_in_with_a_lease_unless_it_is_said_to_have_none),
	    CASE(relays_are_looked_for_at_an_address),
	    CASE(strangers_among_relays_say_where_they_are_and_how_they_stand),
	    cmocka_unit_test(a_relay_that_leaves_ends_what_was_asked_of_it_alone),
	    CASE(what_the_host_refuses_has_a_status_of_its_own),
	    CASE(it_is_forgotten_by_its_name),
	    CASE(workers_know_who_was_let_in_by_name_alone),
	    cmocka_unit_test(sizes_are_said_together_and_within_what_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
