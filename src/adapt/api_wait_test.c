/* When a person is told that his change was done: once it is stored, or in a stated time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapt/api_test_host.h"

#define SET "PATCH", "/api/v1/settings", "{\"scope\":\"b1\",\"name\":\"reserve_pct\",\"value\":35}"
#define OFF "POST", "/api/v1/overrides", "{\"relay\":\"r1\",\"state\":\"off\",\"duration_s\":60}"
#define ON "POST", "/api/v1/overrides", "{\"relay\":\"r1\",\"state\":\"on\",\"duration_s\":60}"
#define CANCEL "DELETE", "/api/v1/overrides/7", ""
#define SEEN "POST", "/api/v1/alerts/3/acknowledge", ""

/* A request whose answer the test looks for itself, between two turns of the loop. */
struct asked {
	int fd;
	char answer[4096];
	size_t length;
	int status;
};

static struct asked ask(struct fixture *fixture, const char *method, const char *target,
			const char *body)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct asked asked = {.fd = socket(AF_UNIX, SOCK_STREAM, 0)};
	int stores = fixture->stores, refused = fixture->refused, shutdowns = fixture->shutdowns;
	char request[512];
	int length = snprintf(request, sizeof(request),
			      "%s %s HTTP/1.1\r\nHost: amphora\r\nConnection: close\r\n"
			      "Content-Length: %zu\r\n\r\n%s",
			      method, target, strlen(body), body);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", fixture->path);
	assert_int_equal(connect(asked.fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(asked.fd, request, (size_t)length, MSG_NOSIGNAL), length);
	while (fixture->stores == stores && fixture->refused == refused &&
	       fixture->shutdowns == shutdowns)
		uv_run(&fixture->loop, UV_RUN_ONCE);
	return asked;
}

/* Whether an answer has been sent: what the server wrote is in our socket at once. */
static bool is_answered(const struct asked *asked)
{
	char byte;

	return recv(asked->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void read_answer(struct fixture *fixture, struct asked *asked)
{
	ssize_t got;

	do {
		uv_run(&fixture->loop, UV_RUN_NOWAIT);
		got = recv(asked->fd, asked->answer + asked->length,
			   sizeof(asked->answer) - 1 - asked->length, MSG_DONTWAIT);
		asked->length += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EAGAIN));
	close(asked->fd);
	asked->answer[asked->length] = '\0';
	assert_int_equal(sscanf(asked->answer, "HTTP/1.1 %d", &asked->status), 1);
}

static void api_answers_a_change_once_its_commit_is_durable(void **state)
{
	static const struct {
		const char *method, *target, *body;
		int status;
	} CASES[] = {{SET, 200}, {ON, 202}, {OFF, 202}, {CANCEL, 202}, {SEEN, 204}};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		uint64_t now_ms = uv_now(&fixture->loop);
		struct asked asked;

		fixture->commit = 10 * i + 5;
		asked = ask(fixture, CASES[i].method, CASES[i].target, CASES[i].body);
		assert_false(is_answered(&asked));
		api_stored(fixture->api, fixture->commit - 1, now_ms);
		assert_false(is_answered(&asked));
		api_stored(fixture->api, fixture->commit, now_ms);
		assert_true(is_answered(&asked));
		read_answer(fixture, &asked);
		assert_int_equal(asked.status, CASES[i].status);
	}
}

static void api_answers_at_once_what_is_stored_already(void **state)
{
	struct fixture *fixture = *state;
	struct asked asked;

	fixture->commit = 4;
	api_stored(fixture->api, 4, 0);
	asked = ask(fixture, OFF);
	assert_true(is_answered(&asked));
	read_answer(fixture, &asked);
	assert_int_equal(asked.status, 202);
	assert_non_null(strstr(asked.answer, "\"stored\":true"));
}

static void api_says_what_is_not_known_to_be_stored_when_the_time_is_up(void **state)
{
	struct fixture *fixture = *state;
	struct asked asked;

	fixture->commit = 1;
	asked = ask(fixture, SET);
	api_stored(fixture->api, 0, fixture->asked_ms + API_STORED_WAIT_MS - 1);
	assert_false(is_answered(&asked));
	api_stored(fixture->api, 0, fixture->asked_ms + API_STORED_WAIT_MS);
	read_answer(fixture, &asked);
	assert_int_equal(asked.status, 504);
	assert_non_null(strstr(asked.answer, "this is done, but not known to be stored: a restart "
					     "of amphorad may undo it"));
}

static void api_lets_off_wait_a_second_and_says_that_it_is_not_stored(void **state)
{
	struct fixture *fixture = *state;
	struct asked asked;

	fixture->commit = 1;
	asked = ask(fixture, OFF);
	assert_int_equal(fixture->overrides, 1);
	assert_true(fixture->last_wish.is_by_relay && !fixture->last_wish.is_on);
	api_stored(fixture->api, 0, fixture->asked_ms + API_OFF_WAIT_MS - 1);
	assert_false(is_answered(&asked));
	api_stored(fixture->api, 0, fixture->asked_ms + API_OFF_WAIT_MS);
	read_answer(fixture, &asked);
	assert_int_equal(asked.status, 202);
	assert_non_null(strstr(asked.answer, "\"stored\":false"));
}

static void api_answers_off_at_once_while_the_journal_is_down(void **state)
{
	struct fixture *fixture = *state;
	struct asked asked;

	fixture->commit = 1;
	fixture->status.journal.is_ok = false;
	asked = ask(fixture, OFF);
	assert_true(is_answered(&asked));
	read_answer(fixture, &asked);
	assert_int_equal(asked.status, 202);
	assert_non_null(strstr(asked.answer, "\"stored\":false"));
	assert_int_equal(fixture->overrides, 1);
}

static void api_answers_503_where_nothing_was_done_since_it_cannot_be_stored(void **state)
{
	struct fixture *fixture = *state;
	struct asked asked;

	fixture->next_result = -EAGAIN;
	asked = ask(fixture, ON);
	read_answer(fixture, &asked);
	assert_int_equal(asked.status, 503);
	assert_non_null(strstr(asked.answer, "nothing was done"));
}

static void api_answers_those_who_wait_in_any_number_and_goes_on(void **state)
{
	struct fixture *fixture = *state;
	struct asked asked[3];

	for (size_t i = 0; i < ARRAY_LENGTH(asked); i++) {
		fixture->commit = i + 1;
		asked[i] = ask(fixture, SET);
	}
	api_stored(fixture->api, 2, uv_now(&fixture->loop));
	assert_true(is_answered(&asked[0]));
	assert_true(is_answered(&asked[1]));
	assert_false(is_answered(&asked[2]));
	api_stored(fixture->api, 3, uv_now(&fixture->loop));
	for (size_t i = 0; i < ARRAY_LENGTH(asked); i++) {
		read_answer(fixture, &asked[i]);
		assert_int_equal(asked[i].status, 200);
	}
}

static void api_forgets_a_client_that_hung_up_while_it_waited(void **state)
{
	struct fixture *fixture = *state;
	struct asked asked, next;

	fixture->commit = 1;
	asked = ask(fixture, SET);
	close(asked.fd);
	api_stored(fixture->api, 1, uv_now(&fixture->loop));
	next = ask(fixture, CANCEL);
	read_answer(fixture, &next);
	assert_int_equal(next.status, 202);
}

static void api_answers_those_who_wait_before_it_closes(void **state)
{
	struct fixture *fixture = *state;
	struct asked asked;

	fixture->commit = 1;
	asked = ask(fixture, SET);
	api_close(fixture->api);
	fixture->api = NULL;
	read_answer(fixture, &asked);
	assert_int_equal(asked.status, 504);
}

static void api_answers_a_shutdown_with_the_relays_that_are_not_known_to_be_open(void **state)
{
	struct fixture *fixture = *state;
	struct opening openings[RELAYS_MAX] = {{OPENER_LEASE, true, 87000}};
	struct asked first = ask(fixture, "POST", "/api/v1/shutdown", "");
	struct asked second = ask(fixture, "POST", "/api/v1/shutdown", "");

	assert_false(is_answered(&first) || is_answered(&second));
	api_stopped(fixture->api, openings);
	assert_true(is_answered(&first) && is_answered(&second));
	read_answer(fixture, &first);
	read_answer(fixture, &second);
	assert_int_equal(first.status, 202);
	assert_non_null(strstr(second.answer,
			       "\"not_open\":[{\"relay\":\"r1\",\"opened_by\":\"lease\","
			       "\"within_s\":87.0,\"words\":\"relay r1 is not confirmed open; "
			       "its lease opens it within 87 s\"}]"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(api_answers_a_change_once_its_commit_is_durable),
	    TEST(api_answers_at_once_what_is_stored_already),
	    TEST(api_says_what_is_not_known_to_be_stored_when_the_time_is_up),
	    TEST(api_lets_off_wait_a_second_and_says_that_it_is_not_stored),
	    TEST(api_answers_off_at_once_while_the_journal_is_down),
	    TEST(api_answers_503_where_nothing_was_done_since_it_cannot_be_stored),
	    TEST(api_answers_those_who_wait_in_any_number_and_goes_on),
	    TEST(api_forgets_a_client_that_hung_up_while_it_waited),
	    TEST(api_answers_those_who_wait_before_it_closes),
	    TEST(api_answers_a_shutdown_with_the_relays_that_are_not_known_to_be_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
