/* Who asked for what is written down: each command and change, refused or not, and before the
 * answer. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapt/api_test_client.h"
#include "adapt/api_test_host.h"

static int ask(struct fixture *fixture, const char *method, const char *target, const char *body)
{
	struct client_answer answer =
	    client_ask(&fixture->loop, fixture->path, method, target, body);
	int status = answer.status;

	client_done(&answer);
	return status;
}

static void each_command_and_change_leaves_one_row(void **state)
{
	static const struct {
		const char *method, *target, *body, *what;
		int status;
		uint32_t command;
	} CASES[] = {
	    {"POST", "/api/v1/overrides",
	     "{\"battery\":\"b1\",\"intent\":\"charge\",\"duration_s\":900}",
	     "battery b1 charge for 900 s", 202, 1},
	    {"POST", "/api/v1/overrides", "{\"relay\":\"r2\",\"state\":\"off\",\"duration_s\":60}",
	     "relay r2 off for 60 s", 202, 2},
	    {"DELETE", "/api/v1/overrides/7", NULL, "", 202, 3},
	    {"PATCH", "/api/v1/settings",
	     "{\"scope\":\"b1\",\"name\":\"reserve_pct\",\"value\":35}", "b1.reserve_pct = 35", 200,
	     0},
	    {"PATCH", "/api/v1/settings", "{\"name\":\"reserve_pct\",\"value\":null}",
	     "reserve_pct unset", 200, 0},
	    {"POST", "/api/v1/alerts/3/acknowledge", NULL, "sensor-stale b1", 204, 0},
	    {"POST", "/api/v1/import", "at,node,soc_pct,temp_c\n2001-09-09T00:00:00Z,n1,50,20\n",
	     "1 rows, 0 bad lines, to line 2", 200, 0},
	    {"POST", "/api/v1/login-codes", NULL, "", 201, 0},
	    {"DELETE", "/api/v1/session", NULL, "", 204, 0},
	};
	struct fixture *fixture = *state;
	uint32_t first = 0;

	fixture->site.alerts[0] = (struct alert){.id = 3, .code = ALERT_SENSOR_STALE};
	strcpy(fixture->site.alerts[0].subject.text, "b1");
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) { /* commands count on from the first's */
		const struct audit *row = &fixture->audits[i];

		assert_int_equal(ask(fixture, CASES[i].method, CASES[i].target, CASES[i].body),
				 CASES[i].status);
		assert_int_equal(fixture->audit_count, i + 1);
		if (CASES[i].command == 1)
			first = row->command;
		assert_string_equal(row->who, "unix");
		assert_int_equal(row->uid, getuid());
		assert_string_equal(row->transport, "unix");
		assert_string_equal(row->address, "");
		assert_string_equal(row->method, CASES[i].method);
		assert_string_equal(row->path, CASES[i].target);
		assert_string_equal(row->what, CASES[i].what);
		assert_int_equal(row->status, CASES[i].status);
		if (CASES[i].command == 0)
			assert_int_equal(row->command, 0);
		else
			assert_int_equal(row->command - first, CASES[i].command - 1);
		assert_int_equal(row->count, 1);
	}
}

static void what_was_refused_leaves_a_row_with_its_answer(void **state)
{
	static const struct {
		const char *method, *target, *body, *what;
		int status;
	} CASES[] = {
	    {"PATCH", "/api/v1/settings",
	     "{\"scope\":\"b9\",\"name\":\"reserve_pct\",\"value\":35}", "b9.reserve_pct = 35",
	     404},
	    {"PATCH", "/api/v1/settings", "{\"password\":\"hush\"}", "", 400},
	    {"DELETE", "/api/v1/overrides/9", NULL, "", 404},
	    {"POST", "/api/v1/session", "{\"code\":\"HUSHHUSHHUSH\"}", "by code", 401},
	    {"POST", "/api/v1/session", "{\"name\":\"hush\",\"password\":\"hushhush\"}",
	     "a name that no user has", 401},
	    {"POST", "/api/v1/demo/faults", "{\"fault\":\"sensor-silent\",\"on\":true}", "", 404},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		const struct audit *row = &fixture->audits[i];

		assert_int_equal(ask(fixture, CASES[i].method, CASES[i].target, CASES[i].body),
				 CASES[i].status);
		assert_int_equal(fixture->audit_count, i + 1);
		assert_int_equal(row->status, CASES[i].status);
		assert_string_equal(row->what, CASES[i].what);
	}
}

static void what_changes_nothing_leaves_none(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(ask(fixture, "GET", "/api/v1/state", NULL), 200);
	assert_int_equal(ask(fixture, "GET", "/api/v1/users", NULL), 200);
	assert_int_equal(ask(fixture, "POST", "/api/v1/nothing", NULL), 404);
	assert_int_equal(ask(fixture, "DELETE", "/api/v1/state", NULL), 405);
	assert_int_equal(fixture->audit_count, 0);
}

static int ask_with_key(struct fixture *fixture)
{
	static const char request[] = "POST /api/v1/alerts/3/acknowledge HTTP/1.1\r\nHost: x\r\n"
				      "Idempotency-Key: once\r\nContent-Length: 0\r\n"
				      "Connection: close\r\n\r\n";
	struct client_answer answer =
	    client_send(&fixture->loop, fixture->path, request, sizeof(request) - 1);
	int status = answer.status;

	client_done(&answer);
	return status;
}

static void what_is_asked_again_with_its_key_leaves_no_second_row(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(ask_with_key(fixture), 204);
	assert_int_equal(ask_with_key(fixture), 204);
	assert_int_equal(fixture->acknowledged, 1);
	assert_int_equal(fixture->audit_count, 1);
}

static void of_a_file_in_pieces_the_first_has_a_row_and_the_rest_a_sum(void **state)
{
	static const struct opening none[RELAYS_MAX];
	struct fixture *fixture = *state;

	for (int line = 2; line < 6; line++) {
		char target[64];

		(void)snprintf(target, sizeof(target), "/api/v1/import?line=%d", line);
		assert_int_equal(ask(fixture, "POST", target,
				     "at,node,soc_pct,temp_c\n2001-09-09T00:00:00Z,n1,50,20\n"),
				 200);
	}
	assert_int_equal(fixture->audit_count, 1);
	api_stopped(fixture->api, none);
	assert_int_equal(fixture->audit_count, 2);
	assert_int_equal(fixture->audits[1].count, 3);
}

static void a_flood_of_what_is_refused_is_twenty_rows_and_a_sum(void **state)
{
	static const struct opening none[RELAYS_MAX];
	struct fixture *fixture = *state;

	for (int i = 0; i < 50; i++)
		assert_int_equal(ask(fixture, "DELETE", "/api/v1/overrides/9", NULL), 404);
	assert_int_equal(fixture->audit_count, 20);
	/* What is done is not held back by it. */
	assert_int_equal(ask(fixture, "POST", "/api/v1/login-codes", NULL), 201);
	assert_int_equal(fixture->audit_count, 21);
	api_stopped(fixture->api, none);
	assert_int_equal(fixture->audit_count, 22);
	assert_int_equal(fixture->audits[21].count, 30);
	assert_int_equal(fixture->audits[21].status, 404);
}

/* ---- before the answer ---- */

/* Sends a request for a code, and turns the loop until its row is written down. */
static int begin(struct fixture *fixture)
{
	static const char request[] = "POST /api/v1/login-codes HTTP/1.1\r\nHost: x\r\n"
				      "Content-Length: 0\r\nConnection: close\r\n\r\n";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", fixture->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL), sizeof(request) - 1);
	while (fixture->stores == 0)
		uv_run(&fixture->loop, UV_RUN_ONCE);
	assert_int_equal(fixture->audit_count, 1);
	return fd;
}

static bool is_answered(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static void the_answer_waits_until_its_row_is_durable(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->commit = 5;
	fd = begin(fixture);
	api_stored(fixture->api, 4, fixture->asked_ms);
	assert_false(is_answered(fd));
	api_stored(fixture->api, 5, fixture->asked_ms);
	assert_true(is_answered(fd));
	close(fd);
}

static void the_answer_waits_for_a_second_at_most(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->commit = 5;
	fd = begin(fixture);
	api_stored(fixture->api, 4, fixture->asked_ms + API_HOLD_MS - 1);
	assert_false(is_answered(fd));
	api_stored(fixture->api, 4, fixture->asked_ms + API_HOLD_MS);
	assert_true(is_answered(fd));
	close(fd);
}

static void the_answer_does_not_wait_for_a_journal_that_cannot_be_written(void **state)
{
	struct fixture *fixture = *state;

	fixture->commit = 5;
	fixture->status.journal.is_ok = false;
	assert_int_equal(ask(fixture, "POST", "/api/v1/login-codes", NULL), 201);
	assert_int_equal(fixture->audit_count, 1);
}

static void nobody_waits_for_the_row_of_what_was_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture->commit = 5;
	assert_int_equal(ask(fixture, "DELETE", "/api/v1/overrides/9", NULL), 404);
	assert_int_equal(fixture->audit_count, 1);
	assert_int_equal(fixture->stores, 0);
}

static void the_answer_that_waits_goes_out_when_the_daemon_ends(void **state)
{
	struct fixture *fixture = *state;
	int fd;

	fixture->commit = 5;
	fd = begin(fixture);
	api_close(fixture->api);
	fixture->api = NULL;
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_true(is_answered(fd));
	close(fd);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(each_command_and_change_leaves_one_row),
	    CASE(what_was_refused_leaves_a_row_with_its_answer),
	    CASE(what_changes_nothing_leaves_none),
	    CASE(what_is_asked_again_with_its_key_leaves_no_second_row),
	    CASE(of_a_file_in_pieces_the_first_has_a_row_and_the_rest_a_sum),
	    CASE(a_flood_of_what_is_refused_is_twenty_rows_and_a_sum),
	    CASE(the_answer_waits_until_its_row_is_durable),
	    CASE(the_answer_waits_for_a_second_at_most),
	    CASE(the_answer_does_not_wait_for_a_journal_that_cannot_be_written),
	    CASE(nobody_waits_for_the_row_of_what_was_refused),
	    CASE(the_answer_that_waits_goes_out_when_the_daemon_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
