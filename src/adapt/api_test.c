/* The API over its real Unix socket, with a host that only takes notes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapt/api.h"
#include "adapt/api_test_client.h"
#include "adapt/api_test_host.h"

#define AS_NUMBER(json, ...) json_number_value(at_path(json, (const char *[]){__VA_ARGS__, NULL}))
#define AS_TEXT(json, ...) json_string_value(at_path(json, (const char *[]){__VA_ARGS__, NULL}))
#define IS_NULL(json, ...) json_is_null(at_path(json, (const char *[]){__VA_ARGS__, NULL}))

/* Follows names, and numbers as places in an array. */
static json_t *at_path(json_t *json, const char *const names[])
{
	for (; *names && json; names++)
		json = json_is_array(json) ? json_array_get(json, (size_t)atoi(*names))
					   : json_object_get(json, *names);
	return json;
}

static struct client_answer ask(struct fixture *fixture, const char *method, const char *target,
				const char *body)
{
	return client_ask(&fixture->loop, fixture->path, method, target, body);
}

/* ---- what is shown ---- */

static void api_shows_live_values_in_plain_units(void **state)
{
	struct client_answer answer = ask(*state, "GET", "/api/v1/state", NULL);

	assert_int_equal(answer.status, 200);
	assert_float_equal(AS_NUMBER(answer.body, "batteries", "0", "soc_pct"), 55.2, 1e-9);
	assert_float_equal(AS_NUMBER(answer.body, "batteries", "0", "temp_c"), 24.1, 1e-9);
	assert_float_equal(AS_NUMBER(answer.body, "batteries", "0", "age_s"), 2.5, 1e-9);
	assert_string_equal(AS_TEXT(answer.body, "batteries", "0", "quality"), "good");
	assert_true(IS_NULL(answer.body, "batteries", "0", "power_w"));
	assert_float_equal(AS_NUMBER(answer.body, "clock_factor"), 60, 0);
	client_done(&answer);
}

static void api_shows_null_and_the_age_once_a_reading_is_stale(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		int64_t age_ms;
		bool is_live;
	} CASES[] = {{89999, true}, {90000, true}, {90001, false}};

	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct client_answer answer;

		fixture->site.batteries[0].measured_at.ms = fixture->now.mono.ms - CASES[i].age_ms;
		api_event_meter(fixture->api); /* something has happened */
		answer = ask(fixture, "GET", "/api/v1/state", NULL);
		assert_int_equal(!IS_NULL(answer.body, "batteries", "0", "soc_pct"),
				 CASES[i].is_live);
		assert_int_equal(!IS_NULL(answer.body, "batteries", "0", "temp_c"),
				 CASES[i].is_live);
		assert_float_equal(AS_NUMBER(answer.body, "batteries", "0", "age_s"),
				   (double)CASES[i].age_ms / 1000, 1e-9);
		assert_float_equal(AS_NUMBER(answer.body, "batteries", "0", "last", "soc_pct"),
				   55.2, 1e-9);
		client_done(&answer);
	}
}

static int64_t capacity_told(struct fixture *fixture)
{
	struct client_answer answer = ask(fixture, "GET", "/api/v1/state", NULL);
	int64_t told = (int64_t)AS_NUMBER(answer.body, "batteries", "0", "capacity_wh");

	assert_int_equal(answer.status, 200);
	assert_non_null(strstr(answer.head, "Content-Type: application/json"));
	client_done(&answer);
	return told;
}

static void api_tells_the_same_state_again_until_something_happens_or_10_ms_are_over(void **state)
{
	struct fixture *fixture = *state;
	int32_t *capacity_wh = &fixture->house.batteries[0].capacity_wh;

	*capacity_wh = 1000;
	assert_int_equal(capacity_told(fixture), 1000);
	*capacity_wh = 2000;
	fixture->now.mono.ms += 10;
	assert_int_equal(capacity_told(fixture), 1000);
	fixture->now.mono.ms += 1;
	assert_int_equal(capacity_told(fixture), 2000);
	*capacity_wh = 3000;
	api_event_meter(fixture->api);
	assert_int_equal(capacity_told(fixture), 3000);
	*capacity_wh = 4000;
	assert_int_equal(capacity_told(fixture), 3000);
}

static void api_shows_a_meter_that_was_never_heard_as_null(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer;

	fixture->status.meters[METER_PV] = (struct meter_status){
	    .quality = QUALITY_GOOD, .power_w = 0, .is_heard = true, .heard_at = {999000}};
	answer = ask(fixture, "GET", "/api/v1/state", NULL);
	assert_true(IS_NULL(answer.body, "meters", "grid", "power_w"));
	assert_true(IS_NULL(answer.body, "meters", "grid", "age_s"));
	assert_false(IS_NULL(answer.body, "meters", "pv", "power_w"));
	client_done(&answer);
}

static void api_shows_relays_with_wish_state_and_lease(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer = ask(fixture, "GET", "/api/v1/relays", NULL);

	assert_string_equal(AS_TEXT(answer.body, "relays", "0", "role"), "source");
	assert_true(
	    json_is_true(at_path(answer.body, (const char *[]){"relays", "0", "state", NULL})));
	assert_float_equal(AS_NUMBER(answer.body, "relays", "0", "lease_left_s"), 79, 1e-9);
	assert_string_equal(AS_TEXT(answer.body, "relays", "0", "lease"), "yes");
	assert_true(IS_NULL(answer.body, "relays", "1", "state"));
	assert_string_equal(AS_TEXT(answer.body, "relays", "1", "lease"), "none");
	client_done(&answer);

	fixture->site.relays[0].phase = RELAY_TIMEOUT;
	answer = ask(fixture, "GET", "/api/v1/relays", NULL);
	assert_true(IS_NULL(answer.body, "relays", "0", "state"));
	client_done(&answer);
}

/* A stuck contact goes on saying that it is on when its lease is over: that is known, and no guess. */
static void api_knows_a_relay_that_says_on_without_a_lease_left(void **state)
{
	static const struct {
		int64_t told_ms;
		int64_t since_ms;
		bool is_known;
	} CASES[] = {{0, 0, true}, {0, 30000, true}, {80000, 79999, true}, {80000, 80000, false}};
	struct fixture *fixture = *state;
	struct relay_state *relay = &fixture->site.relays[0];

	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct client_answer answer;

		relay->status.lease_left_ms = CASES[i].told_ms;
		relay->heard_at.ms = fixture->now.mono.ms - CASES[i].since_ms;
		answer = ask(fixture, "GET", "/api/v1/relays", NULL);
		assert_int_equal(!IS_NULL(answer.body, "relays", "0", "state"), CASES[i].is_known);
		assert_true(json_is_true(at_path(
		    answer.body, (const char *[]){"relays", "0", "last_state", NULL})));
		client_done(&answer);
	}
}

static void api_answers_every_path_that_reads(void **state)
{
	static const char *const PATHS[] = {"/healthz",        "/api/v1/healthz",
					    "/api/v1/version", "/api/v1/state",
					    "/api/v1/nodes",   "/api/v1/relays",
					    "/api/v1/explain", "/api/v1/explain?battery=b1",
					    "/api/v1/alerts",  "/api/v1/overrides",
					    "/api/v1/events",  "/api/v1/events?after=5&limit=2",
					    "/api/v1/settings"};

	for (size_t i = 0; i < ARRAY_LENGTH(PATHS); i++) {
		struct client_answer answer = ask(*state, "GET", PATHS[i], NULL);

		assert_int_equal(answer.status, 200);
		assert_non_null(strstr(answer.head, "Content-Type: application/json"));
		assert_true(json_is_object(answer.body));
		client_done(&answer);
	}
}

static void api_says_that_the_journal_cannot_be_read(void **state)
{
	struct client_answer answer = ask(*state, "GET", "/api/v1/series?node=b1", NULL);

	assert_int_equal(answer.status, 503);
	assert_string_equal(AS_TEXT(answer.body, "title"), "Service Unavailable");
	client_done(&answer);
}

/* ---- what is changed ---- */

static void api_sets_and_unsets_a_parameter(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer =
	    ask(fixture, "PATCH", "/api/v1/settings",
		"{\"scope\":\"b1\",\"name\":\"reserve_pct\",\"value\":35.5}");

	assert_int_equal(answer.status, 200);
	assert_int_equal(fixture->run.value[PARAMETER_RESERVE].number, 3550);
	assert_float_equal(AS_NUMBER(answer.body, "value"), 35.5, 1e-9);
	client_done(&answer);

	answer = ask(fixture, "PATCH", "/api/v1/settings", "{\"name\":\"reserve\",\"value\":null}");
	assert_int_equal(answer.status, 200);
	assert_false(fixture->run.is_set[PARAMETER_RESERVE]);
	client_done(&answer);
	assert_int_equal(fixture->sets, 2);
}

static void api_refuses_changes_with_the_reason(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		const char *body;
		int status;
	} CASES[] = {
	    {NULL, 400},
	    {"", 400},
	    {"nonsense", 400},
	    {"[]", 400},
	    {"{}", 400},
	    {"{\"name\":\"reserve_pct\"}", 400},
	    {"{\"name\":7,\"value\":1}", 400},
	    {"{\"name\":\"hysteresis\",\"value\":1}", 400},
	    {"{\"name\":\"reserve_pct\",\"value\":true}", 400},
	    {"{\"name\":\"reserve_pct\",\"value\":\"35,5\"}", 400},
	    {"{\"name\":\"reserve_pct\",\"value\":\"12abc\"}", 400},
	    {"{\"name\":\"reserve_pct\",\"value\":35,\"extra\":1}", 400},
	    {"{\"name\":\"reserve_pct\",\"value\":1,\"value\":2}", 400},
	    {"{\"scope\":7,\"name\":\"reserve_pct\",\"value\":35}", 400},
	    {"{\"name\":\"nothing_pct\",\"value\":1}", 404},
	    {"{\"scope\":\"b9\",\"name\":\"reserve_pct\",\"value\":35}", 404},
	    {"{\"name\":\"reserve_pct\",\"value\":-1}", 422},
	    {"{\"name\":\"reserve_pct\",\"value\":101}", 422},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct client_answer answer =
		    ask(fixture, "PATCH", "/api/v1/settings", CASES[i].body);

		if (answer.status != CASES[i].status)
			print_message("# body %s\n", CASES[i].body ? CASES[i].body : "(none)");
		assert_int_equal(answer.status, CASES[i].status);
		assert_non_null(strstr(answer.head, "Content-Type: application/problem+json"));
		assert_float_equal(AS_NUMBER(answer.body, "status"), CASES[i].status, 0);
		assert_non_null(AS_TEXT(answer.body, "detail"));
		client_done(&answer);
	}
	assert_int_equal(fixture->sets, 0);
}

static void api_passes_on_why_the_limits_refuse(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer;

	fixture->next_result = -ERANGE;
	answer = ask(fixture, "PATCH", "/api/v1/settings", "{\"name\":\"reserve\",\"value\":50}");
	assert_int_equal(answer.status, 422);
	assert_string_equal(AS_TEXT(answer.body, "detail"), "reserve_pct must be 10 to 40");
	client_done(&answer);
}

static void api_takes_overrides_by_battery_and_by_relay(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		const char *body;
		struct override_wish wish;
		const char *relay, *state;
	} CASES[] = {
	    {"{\"battery\":\"b1\",\"intent\":\"charge\",\"duration_s\":900}",
	     {.intent = INTENT_CHARGE},
	     "r1",
	     "on"},
	    {"{\"battery\":\"b1\",\"intent\":\"hold\",\"duration_s\":900}",
	     {.intent = INTENT_SAFE},
	     "r1",
	     "off"},
	    {"{\"relay\":\"r1\",\"state\":\"on\",\"duration_s\":900}",
	     {.is_by_relay = true, .index = 0, .is_on = true},
	     "r1",
	     "on"},
	    {"{\"relay\":\"r2\",\"state\":\"off\",\"duration_s\":900}",
	     {.is_by_relay = true, .index = 1, .is_on = false},
	     "r2",
	     "off"},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct client_answer answer =
		    ask(fixture, "POST", "/api/v1/overrides", CASES[i].body);

		assert_int_equal(answer.status, 202);
		assert_int_equal(fixture->last_wish.is_by_relay, CASES[i].wish.is_by_relay);
		assert_int_equal(fixture->last_wish.index, CASES[i].wish.index);
		assert_int_equal(fixture->last_wish.is_on, CASES[i].wish.is_on);
		assert_int_equal(fixture->last_wish.intent, CASES[i].wish.intent);
		assert_int_equal(fixture->last_wish.duration_ms, 900000);
		assert_float_equal(AS_NUMBER(answer.body, "id"), 7, 0);
		assert_string_equal(AS_TEXT(answer.body, "overrides", "0", "relay"),
				    CASES[i].relay);
		assert_string_equal(AS_TEXT(answer.body, "overrides", "0", "state"),
				    CASES[i].state);
		assert_float_equal(AS_NUMBER(answer.body, "overrides", "0", "left_s"), 900, 1e-9);
		client_done(&answer);
		fixture->site.relays[0].override.is_active = false;
	}
}

static void api_says_which_overrides_a_new_one_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct override before = {.is_active = true, .id = 3, .is_on = true, .ends = {1060000}};
	struct client_answer answer;

	fixture->site.relays[0].override = fixture->site.relays[1].override = before;
	answer = ask(fixture, "POST", "/api/v1/overrides",
		     "{\"relay\":\"r1\",\"state\":\"off\",\"duration_s\":900}");
	assert_int_equal(json_array_size(json_object_get(answer.body, "replaced")), 1);
	assert_float_equal(AS_NUMBER(answer.body, "replaced", "0", "id"), 3, 0);
	assert_string_equal(AS_TEXT(answer.body, "replaced", "0", "relay"), "r1");
	assert_string_equal(AS_TEXT(answer.body, "replaced", "0", "state"), "on");
	assert_float_equal(AS_NUMBER(answer.body, "replaced", "0", "left_s"), 60, 1e-9);
	client_done(&answer);
}

static void api_says_by_which_limit_an_override_is_held(void **state)
{
	struct fixture *fixture = *state;
	struct override *override = &fixture->site.relays[0].override;
	struct client_answer answer;

	*override = (struct override){.is_active = true, .id = 3, .is_on = true};
	answer = ask(fixture, "GET", "/api/v1/overrides", NULL);
	assert_true(IS_NULL(answer.body, "overrides", "0", "held_by"));
	client_done(&answer);
	override->held_by = (struct hindrance){{REASON_CHARGE_COLD, 4900, 5000},
					       {REASON_CHARGE_COLD_LATCHED, 4900, 7000}};
	answer = ask(fixture, "GET", "/api/v1/relays", NULL);
	assert_string_equal(AS_TEXT(answer.body, "relays", "0", "override", "held_by"),
			    "the battery is 4.9 °C; charging is allowed from 5.0 °C. It would charge "
			    "again from 7.0 °C.");
	assert_string_equal(AS_TEXT(answer.body, "relays", "0", "override", "held", "code"),
			    "charge-cold");
	assert_true(IS_NULL(answer.body, "relays", "1", "override"));
	client_done(&answer);
}

static void api_refuses_an_override_that_does_not_end(void **state)
{
	static const struct {
		const char *body;
		int status;
	} CASES[] = {
	    {"{\"battery\":\"b1\",\"intent\":\"charge\"}", 400},
	    {"{\"battery\":\"b1\",\"intent\":\"charge\",\"duration_s\":0.999}", 422},
	    {"{\"battery\":\"b1\",\"intent\":\"charge\",\"duration_s\":86400.1}", 422},
	    {"{\"battery\":\"b1\",\"intent\":\"explode\",\"duration_s\":9}", 400},
	    {"{\"battery\":\"b9\",\"intent\":\"charge\",\"duration_s\":9}", 404},
	    {"{\"relay\":\"r9\",\"state\":\"on\",\"duration_s\":9}", 404},
	    {"{\"relay\":\"r1\",\"state\":\"toggle\",\"duration_s\":9}", 400},
	    {"{\"battery\":\"b1\",\"intent\":\"charge\",\"duration_s\":1}", 202},
	    {"{\"battery\":\"b1\",\"intent\":\"charge\",\"duration_s\":86400}", 202},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct client_answer answer =
		    ask(*state, "POST", "/api/v1/overrides", CASES[i].body);

		assert_int_equal(answer.status, CASES[i].status);
		client_done(&answer);
	}
}

static void api_answers_2xx_for_what_is_done_and_404_for_what_is_not_there(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		const char *method, *path;
		int status;
	} CASES[] = {
	    {"DELETE", "/api/v1/overrides/7", 202},
	    {"DELETE", "/api/v1/overrides/8", 404},
	    {"DELETE", "/api/v1/overrides/7x", 404},
	    {"DELETE", "/api/v1/overrides/4294967303", 404},
	    {"DELETE", "/api/v1/overrides/", 404},
	    {"POST", "/api/v1/alerts/3/acknowledge", 204},
	    {"POST", "/api/v1/alerts/4/acknowledge", 404},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		struct client_answer answer = ask(fixture, CASES[i].method, CASES[i].path, NULL);

		assert_int_equal(answer.status, CASES[i].status);
		client_done(&answer);
	}
	assert_int_equal(fixture->acknowledged, 1);
}

/* ---- events ---- */

static void api_numbers_events_and_keeps_the_last_thousand(void **state)
{
	struct fixture *fixture = *state;
	struct reading reading = {.soc_bp = 5000};
	struct client_answer answer;

	for (int i = 0; i < API_EVENTS_MAX + 5; i++)
		api_event_reading(fixture->api, &reading, QUALITY_GOOD, true);
	api_event_setting(fixture->api, "", PARAMETER_DWELL, NULL);
	answer = ask(fixture, "GET", "/api/v1/events", NULL);
	assert_float_equal(AS_NUMBER(answer.body, "oldest"), 7, 0);
	assert_float_equal(AS_NUMBER(answer.body, "last"), API_EVENTS_MAX + 6, 0);
	assert_int_equal(json_array_size(json_object_get(answer.body, "events")), API_EVENTS_MAX);
	client_done(&answer);

	answer = ask(fixture, "GET", "/api/v1/events?after=1005", NULL);
	assert_int_equal(json_array_size(json_object_get(answer.body, "events")), 1);
	assert_string_equal(AS_TEXT(answer.body, "events", "0", "words"), "dwell_s unset");
	client_done(&answer);

	answer = ask(fixture, "GET", "/api/v1/events?after=-1", NULL);
	assert_int_equal(answer.status, 400);
	client_done(&answer);
}

/* ---- what a stranger may send ---- */

static void api_names_the_methods_that_a_path_knows(void **state)
{
	struct client_answer answer = ask(*state, "DELETE", "/api/v1/settings", NULL);

	assert_int_equal(answer.status, 405);
	assert_non_null(strstr(answer.head, "Allow: GET, PATCH"));
	client_done(&answer);
	answer = ask(*state, "GET", "/api/v1/nothing", NULL);
	assert_int_equal(answer.status, 404);
	client_done(&answer);
}

static void api_refuses_a_body_over_64_kib(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		size_t length;
		int status;
	} CASES[] = {{65536, 400}, {65537, 413}, {300000, 413}};
	char *request = malloc(400000);

	assert_non_null(request);
	for (size_t i = 0; i < ARRAY_LENGTH(CASES); i++) {
		size_t head = (size_t)sprintf(request,
					      "PATCH /api/v1/settings HTTP/1.1\r\nHost: a\r\n"
					      "Connection: close\r\nContent-Length: %zu\r\n\r\n",
					      CASES[i].length);
		struct client_answer answer;

		memset(request + head, 'x', CASES[i].length);
		answer =
		    client_send(&fixture->loop, fixture->path, request, head + CASES[i].length);
		assert_int_equal(answer.status, CASES[i].status);
		client_done(&answer);
	}
	free(request);
}

static void api_survives_what_is_not_http(void **state)
{
	struct fixture *fixture = *state;
	static const char *const REQUESTS[] = {
	    "nonsense\r\n\r\n",
	    "GET\r\n\r\n",
	    "GET /api/v1/state HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
	    ("GET /api/v1/state?a&b&c&d&e&f&g&h&i&j HTTP/1.1\r\nHost: a\r\n"
	     "Connection: close\r\n\r\n"),
	};
	struct client_answer answer;

	for (size_t i = 0; i < ARRAY_LENGTH(REQUESTS); i++) {
		answer =
		    client_send(&fixture->loop, fixture->path, REQUESTS[i], strlen(REQUESTS[i]));
		assert_true(answer.status == 0 || answer.status == 400);
		client_done(&answer);
	}
	answer = ask(fixture, "GET", "/healthz", NULL);
	assert_int_equal(answer.status, 200);
	client_done(&answer);
}

/* ---- the socket ---- */

static void api_socket_is_for_user_and_group_only(void **state)
{
	struct fixture *fixture = *state;
	struct stat found;

	assert_int_equal(stat(fixture->path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0660);
}

static void api_does_not_take_the_socket_of_a_daemon_that_lives(void **state)
{
	struct fixture *fixture = *state;
	struct api_host host = fixture_host(fixture);
	struct api *second = NULL;
	char words[256];
	struct text error = text_in(words, sizeof(words));

	assert_int_equal(api_open(&second, &fixture->loop, &host, fixture->path, &error),
			 -EADDRINUSE);
	assert_non_null(strstr(words, "another amphorad is running"));
	assert_int_equal(access(fixture->path, F_OK), 0);
}

/* A socket file whose owner is gone, as after kill -9. */
static void leave_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
}

static void api_replaces_a_socket_that_nobody_answers_on(void **state)
{
	struct fixture *fixture = *state;
	struct api_host host = fixture_host(fixture);
	char stale[128], words[256];
	struct text error = text_in(words, sizeof(words));
	struct api *second = NULL;
	struct client_answer answer;

	snprintf(stale, sizeof(stale), "%s/stale.sock", fixture->directory);
	leave_socket(stale);
	assert_int_equal(api_open(&second, &fixture->loop, &host, stale, &error), 0);
	answer = client_ask(&fixture->loop, stale, "GET", "/healthz", NULL);
	assert_int_equal(answer.status, 200);
	client_done(&answer);
	api_close(second);
	assert_int_not_equal(access(stale, F_OK), 0);
}

static void api_names_the_directory_that_is_not_there(void **state)
{
	struct fixture *fixture = *state;
	struct api_host host = fixture_host(fixture);
	struct api *second = NULL;
	char words[256];
	struct text error = text_in(words, sizeof(words));

	assert_int_equal(
	    api_open(&second, &fixture->loop, &host, "/nonexistent/amphora.sock", &error), -ENOENT);
	assert_string_equal(
	    words, "cannot listen on /nonexistent/amphora.sock: No such file or directory");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(api_shows_live_values_in_plain_units),
	    TEST(api_shows_null_and_the_age_once_a_reading_is_stale),
	    TEST(api_tells_the_same_state_again_until_something_happens_or_10_ms_are_over),
	    TEST(api_shows_a_meter_that_was_never_heard_as_null),
	    TEST(api_shows_relays_with_wish_state_and_lease),
	    TEST(api_knows_a_relay_that_says_on_without_a_lease_left),
	    TEST(api_answers_every_path_that_reads),
	    TEST(api_says_that_the_journal_cannot_be_read),
	    TEST(api_sets_and_unsets_a_parameter),
	    TEST(api_refuses_changes_with_the_reason),
	    TEST(api_passes_on_why_the_limits_refuse),
	    TEST(api_takes_overrides_by_battery_and_by_relay),
	    TEST(api_says_which_overrides_a_new_one_replaced),
	    TEST(api_says_by_which_limit_an_override_is_held),
	    TEST(api_refuses_an_override_that_does_not_end),
	    TEST(api_answers_2xx_for_what_is_done_and_404_for_what_is_not_there),
	    TEST(api_numbers_events_and_keeps_the_last_thousand),
	    TEST(api_names_the_methods_that_a_path_knows),
	    TEST(api_refuses_a_body_over_64_kib),
	    TEST(api_survives_what_is_not_http),
	    TEST(api_socket_is_for_user_and_group_only),
	    TEST(api_does_not_take_the_socket_of_a_daemon_that_lives),
	    TEST(api_replaces_a_socket_that_nobody_answers_on),
	    TEST(api_names_the_directory_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
