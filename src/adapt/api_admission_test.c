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
		struct admission admission = {.power_w = 7};
		char words[API_WORDS_MAX] = "";
		struct text error = text_in(words, sizeof(words));

		assert_int_equal(admission_request_parse(&admission, CASES[i].body,
							 strlen(CASES[i].body), &error),
				 CASES[i].result);
		assert_true(CASES[i].result == 0 || (words[0] && admission.power_w == 7));
	}
}

int main(void)
{
#define CASE(rule) cmocka_unit_test_setup_teardown(rule, fixture_set_up, fixture_tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(a_stranger_is_let_in_as_the_body_says),
	    CASE(what_the_host_refuses_has_a_status_of_its_own),
	    CASE(it_is_forgotten_by_its_name),
	    CASE(workers_know_who_was_let_in_by_name_alone),
	    cmocka_unit_test(sizes_are_said_together_and_within_what_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
