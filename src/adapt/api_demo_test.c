/* The demo's faults through the API, with a house that says what a test has it say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapt/api_test_client.h"
#include "adapt/api_test_host.h"

#define LIST "{\"faults\":[{\"fault\":\"cloud\",\"on\":true,\"on_for_s\":12.5}]}"

/* A house that takes one conversation, in a thread, while the loop serves. */
struct fake_house {
	int listener;
	const char *says; /* NULL: nothing, and it hangs up */
	char heard[256];
	uv_thread_t thread;
};

static void converse(void *user)
{
	struct fake_house *house = user;
	int peer = accept(house->listener, NULL, NULL);
	size_t length = 0;
	ssize_t rc;

	while ((rc = read(peer, house->heard + length, sizeof(house->heard) - 1 - length)) > 0)
		length += (size_t)rc;
	if (house->says && write(peer, house->says, strlen(house->says)) < 0)
		perror("fake house");
	close(peer);
}

static void house_open(struct fake_house *house, struct fixture *fixture, const char *says)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(fixture->house.demo.house_socket, sizeof(fixture->house.demo.house_socket),
		 "%s/house.sock", fixture->directory);
	strcpy(address.sun_path, fixture->house.demo.house_socket);
	*house = (struct fake_house){.listener = socket(AF_UNIX, SOCK_STREAM, 0), .says = says};
	assert_int_equal(bind(house->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(house->listener, 1), 0);
	assert_int_equal(uv_thread_create(&house->thread, converse, house), 0);
}

static void house_close(struct fake_house *house, struct fixture *fixture)
{
	uv_thread_join(&house->thread);
	close(house->listener);
	unlink(fixture->house.demo.house_socket);
}

static struct client_answer ask(struct fixture *fixture, const char *method, const char *body)
{
	return client_ask(&fixture->loop, fixture->path, method, "/api/v1/demo/faults", body);
}

static const char *detail(const struct client_answer *answer)
{
	return json_string_value(json_object_get(answer->body, "detail"));
}

static void without_a_house_there_are_no_faults(void **state)
{
	struct client_answer answer = ask(*state, "GET", NULL);

	assert_int_equal(answer.status, 404);
	client_done(&answer);
	answer = ask(*state, "POST", "{\"fault\":\"cloud\",\"on\":true}");
	assert_int_equal(answer.status, 404);
	client_done(&answer);
}

static void faults_are_as_the_house_tells_them(void **state)
{
	struct fixture *fixture = *state;
	struct fake_house house;
	struct client_answer answer;
	json_t *first;

	house_open(&house, fixture, LIST "\n");
	answer = ask(fixture, "GET", NULL);
	house_close(&house, fixture);
	assert_int_equal(answer.status, 200);
	assert_string_equal(house.heard, "faults\n");
	first = json_array_get(json_object_get(answer.body, "faults"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "fault")), "cloud");
	assert_float_equal(json_number_value(json_object_get(first, "on_for_s")), 12.5, 1e-9);
	client_done(&answer);
}

static void a_fault_is_switched_in_the_house(void **state)
{
	static const struct {
		const char *body, *heard;
	} CASES[] = {
	    {"{\"fault\":\"cloud\",\"on\":true}", "break cloud\nfaults\n"},
	    {"{\"fault\":\"relay-lying\",\"on\":false}", "mend relay-lying\nfaults\n"},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct fixture *fixture = *state;
		struct fake_house house;
		struct client_answer answer;

		house_open(&house, fixture, "ok\n" LIST "\n");
		answer = ask(fixture, "POST", CASES[i].body);
		house_close(&house, fixture);
		assert_int_equal(answer.status, 200);
		assert_string_equal(house.heard, CASES[i].heard);
		assert_non_null(json_object_get(answer.body, "faults"));
		client_done(&answer);
	}
}

static void what_the_house_refuses_is_refused_with_its_words(void **state)
{
	struct fixture *fixture = *state;
	struct fake_house house;
	struct client_answer answer;

	house_open(&house, fixture, "error: no such fault: fire\n" LIST "\n");
	answer = ask(fixture, "POST", "{\"fault\":\"fire\",\"on\":true}");
	house_close(&house, fixture);
	assert_int_equal(answer.status, 422);
	assert_string_equal(detail(&answer), "no such fault: fire");
	client_done(&answer);
}

static void nothing_but_a_faults_name_reaches_the_house(void **state)
{
	static const char *const WRONG[] = {
	    "{\"fault\":\"cloud\\nquit\",\"on\":true}",
	    "{\"fault\":\"\",\"on\":true}",
	    "{\"fault\":\"cloud\",\"on\":1}",
	    "{\"fault\":\"cloud\"}",
	    "{\"fault\":7,\"on\":true}",
	    "[]",
	    "{\"fault\":\"cloud\",\"on\":true,\"x\":1}",
	    "{\"fault\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"on\":true}"};
	struct fixture *fixture = *state;

	strcpy(fixture->house.demo.house_socket, "/nowhere/house.sock");
	for (size_t i = 0; i < ARRAY_LENGTH(WRONG); i++) {
		struct client_answer answer = ask(fixture, "POST", WRONG[i]);

		assert_int_equal(answer.status, 400);
		client_done(&answer);
	}
}

static void a_house_that_is_gone_or_says_nothing_is_told(void **state)
{
	struct fixture *fixture = *state;
	struct fake_house house;
	struct client_answer answer;

	strcpy(fixture->house.demo.house_socket, "/nowhere/house.sock");
	answer = ask(fixture, "GET", NULL);
	assert_int_equal(answer.status, 503);
	assert_string_equal(detail(&answer), "the demo's house does not answer");
	client_done(&answer);
	house_open(&house, fixture, NULL);
	answer = ask(fixture, "GET", NULL);
	house_close(&house, fixture);
	assert_int_equal(answer.status, 503);
	client_done(&answer);
}

static void the_state_says_that_it_is_a_demo(void **state)
{
	struct fixture *fixture = *state;

	for (int is_demo = 0; is_demo < 2; is_demo++) {
		struct client_answer answer =
		    client_ask(&fixture->loop, fixture->path, "GET", "/api/v1/state", NULL);

		assert_int_equal(json_is_true(json_object_get(answer.body, "demo")), is_demo);
		client_done(&answer);
		strcpy(fixture->house.demo.house_socket, "/nowhere/house.sock");
		api_event_meter(fixture->api); /* or what was said a moment ago is said again */
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(without_a_house_there_are_no_faults),
	    TEST(faults_are_as_the_house_tells_them),
	    TEST(a_fault_is_switched_in_the_house),
	    TEST(what_the_house_refuses_is_refused_with_its_words),
	    TEST(nothing_but_a_faults_name_reaches_the_house),
	    TEST(a_house_that_is_gone_or_says_nothing_is_told),
	    TEST(the_state_says_that_it_is_a_demo),
	};

	return cmocka_run_group_tests_name("api_demo", tests, NULL, NULL);
}
