/*
 * The hub and nodes with keys: who gets a session, what is said of who does not,
 * and what becomes of commands while there is none.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "node/announce.h"
#include "node/coap_test_bench.h"
#include "node/relay_server.h"
#include "node/sensor.h"

#define LEASE_MS 60000
#define KEY_A "0123456789abcdef-a"
#define KEY_B "0123456789abcdef-b"

static struct clock real;

static int setup(void **test)
{
	real = clock_real();
	return bench_setup(test);
}

static struct shared_key key_of(const char *identity, const char *secret)
{
	struct shared_key key = {.length = strlen(secret)};

	snprintf(key.identity, sizeof(key.identity), "%s", identity);
	memcpy(key.secret, secret, key.length);
	return key;
}

/* A relay r1 on `port` that has `key`, or NULL for a plain one. */
static struct relay_server *start_relay(struct bench *bench, uint16_t port,
					const struct shared_key *key)
{
	struct relay_server_options options = {
	    .node = {"r1"}, .address = "127.0.0.1", .port = port, .key = key};
	char message[256];
	struct text error = text_in(message, sizeof(message));
	struct relay_driver driver;
	struct relay_server *relay;

	assert_int_equal(relay_driver_simulated(&driver), 0);
	assert_int_equal(relay_server_new(&relay, &bench->loop, &real, &options, &driver, &error),
			 0);
	return relay;
}

static void add_relay(struct bench *bench, uint16_t port, const struct shared_key *key)
{
	struct ident node = {"r1"};
	char uri[URI_TEXT_MAX];

	snprintf(uri, sizeof(uri), "coaps://127.0.0.1:%u/relay", port);
	assert_int_equal(coap_hub_set_relay_key(bench->hub, 0, &node, key), 0);
	assert_int_equal(coap_hub_set_relay(bench->hub, 0, uri), 0);
}

static void command(struct bench *bench, bool is_on, uint64_t number)
{
	struct relay_command command = {.is_on = is_on,
					.has_lease = is_on,
					.lease_ms = LEASE_MS,
					.has_number = true,
					.number = number};

	assert_int_equal(coap_hub_command(bench->hub, 0, &command, number), 0);
}

static const struct report *await_answer(struct bench *bench, size_t from)
{
	const struct report *report = bench_await(bench, from, REPORT_STATUS, 0);

	while (report->answer != ANSWER_COMMAND)
		report =
		    bench_await(bench, (size_t)(report - bench->reports) + 1, REPORT_STATUS, 0);
	return report;
}

static const struct report *await_command_failure(struct bench *bench)
{
	const struct report *report = bench_await(bench, 0, REPORT_FAILED, 0);

	while (!report->is_command)
		report =
		    bench_await(bench, (size_t)(report - bench->reports) + 1, REPORT_FAILED, 0);
	return report;
}

/* A port that nobody has just now. */
static uint16_t free_port(void)
{
	struct raw_peer peer = raw_peer_open();
	uint16_t port = peer.port;

	raw_peer_close(&peer);
	return port;
}

static void relay_with_the_right_key_is_read_and_commanded(void **test)
{
	struct bench *bench = *test;
	struct shared_key key = key_of("r1", KEY_A);
	struct relay_server *relay = start_relay(bench, 0, &key);
	const struct report *report;

	add_relay(bench, relay_server_port(relay), &key);
	report = bench_await(bench, 0, REPORT_STATUS, 0);
	assert_string_equal(report->status.node.text, "r1");
	command(bench, true, 1001);
	report = await_answer(bench, 0);
	assert_int_equal(report->tag, 1001);
	assert_true(relay_server_state(relay)->is_on);
	relay_server_switch(relay, false, 0);
	report = bench_await(bench, bench->report_count, REPORT_STATUS, 0);
	assert_false(report->status.is_on);
	assert_int_equal(bench_count(bench, REPORT_FAILED, 0), 0);
	relay_server_free(relay);
}

/* The hub has `ours`, the relay `theirs` (NULL: it is a plain one). */
static void check_refused(void **test, const struct shared_key *ours,
			  const struct shared_key *theirs, const char *words)
{
	struct bench *bench = *test;
	struct relay_server *relay = start_relay(bench, 0, theirs);
	const struct report *report;

	add_relay(bench, relay_server_port(relay), ours);
	command(bench, true, 1001);
	report = await_command_failure(bench);
	assert_int_equal(report->tag, 1001);
	assert_false(report->is_refused);
	assert_string_equal(report->text, words);
	assert_false(relay_server_state(relay)->is_on);
	assert_int_equal(relay_server_state(relay)->number, 0);
	assert_int_equal(bench_count(bench, REPORT_STATUS, 0), 0);
	relay_server_free(relay);
}

static void relay_with_another_key_is_told_and_never_commanded(void **test)
{
	struct shared_key ours = key_of("r1", KEY_A), theirs = key_of("r1", KEY_B);

	check_refused(test, &ours, &theirs, "it does not have the key that is in our key_file");
}

static void relay_that_does_not_know_our_identity_is_told_and_never_commanded(void **test)
{
	struct shared_key ours = key_of("r1", KEY_A), theirs = key_of("r2", KEY_A);

	check_refused(test, &ours, &theirs, "it refuses the identity that we give");
}

static void relay_without_a_key_is_told_and_never_commanded(void **test)
{
	struct shared_key ours = key_of("r1", KEY_A);

	check_refused(test, &ours, NULL, "it does not answer the DTLS handshake");
}

static void relay_with_a_key_obeys_no_plain_command(void **test)
{
	struct bench *bench = *test;
	struct shared_key key = key_of("r1", KEY_A);
	struct relay_server *relay = start_relay(bench, 0, &key);
	char uri[URI_TEXT_MAX];

	snprintf(uri, sizeof(uri), "coap://127.0.0.1:%u/relay", relay_server_port(relay));
	assert_int_equal(coap_hub_set_relay(bench->hub, 0, uri), 0);
	command(bench, true, 1001);
	assert_string_equal(await_command_failure(bench)->text, "no answer");
	assert_false(relay_server_state(relay)->is_on);
	relay_server_free(relay);
}

static void hub_speaks_to_nobody_openly_who_has_a_key(void **test)
{
	struct bench *bench = *test;
	struct shared_key key = key_of("r1", KEY_A);
	struct ident node = {"r1"};

	assert_int_equal(coap_hub_set_relay(bench->hub, 1, "coaps://127.0.0.1/relay"), -EPERM);
	assert_int_equal(coap_hub_discover(bench->hub, 1, "coaps://127.0.0.1"), -EPERM);
	assert_int_equal(coap_hub_set_relay_key(bench->hub, 0, &node, &key), 0);
	assert_int_equal(coap_hub_set_relay(bench->hub, 0, "coap://127.0.0.1/relay"), -EPERM);
	assert_int_equal(coap_hub_discover(bench->hub, 0, "coap://127.0.0.1"), -EPERM);
}

/* Its sessions are lost with it: a command finds that out and arrives all the same. */
static void command_to_a_relay_that_started_anew_arrives_in_a_new_session(void **test)
{
	struct bench *bench = *test;
	struct shared_key key = key_of("r1", KEY_A);
	struct relay_server *relay = start_relay(bench, 0, &key);
	uint16_t port = relay_server_port(relay);
	size_t from;

	add_relay(bench, port, &key);
	bench_await(bench, 0, REPORT_STATUS, 0);
	relay_server_free(relay);
	bench_run_for(bench, 50);
	relay = start_relay(bench, port, &key);
	from = bench->report_count;
	command(bench, true, 1002);
	assert_int_equal(await_answer(bench, from)->tag, 1002);
	assert_true(relay_server_state(relay)->is_on);
	for (size_t i = 0; i < bench->report_count; i++)
		assert_false(bench->reports[i].kind == REPORT_FAILED &&
			     bench->reports[i].is_command);
	relay_server_free(relay);
}

/* S7: the lease ends when it was meant to end, as if it had not waited. */
static void lease_is_shorter_by_the_time_that_its_command_waited(void **test)
{
	struct bench *bench = *test;
	struct shared_key key = key_of("r1", KEY_A);
	uint16_t port = free_port();
	uint64_t asked_at_ms;
	struct relay_server *relay;
	const struct report *report;

	add_relay(bench, port, &key);
	asked_at_ms = uv_now(&bench->loop);
	command(bench, true, 1001);
	bench_run_for(bench, 1200);
	relay = start_relay(bench, port, &key);
	report = await_answer(bench, 0);
	assert_true(report->status.is_on);
	assert_true(report->at_ms - asked_at_ms >= 1200);
	assert_in_range(report->status.lease_left_ms + (int64_t)(report->at_ms - asked_at_ms), 1,
			LEASE_MS + 50);
	relay_server_free(relay);
}

static void off_that_waited_for_a_session_is_sent_all_the_same(void **test)
{
	struct bench *bench = *test;
	struct shared_key key = key_of("r1", KEY_A);
	uint16_t port = free_port();
	struct relay_server *relay;

	add_relay(bench, port, &key);
	command(bench, false, 1001);
	bench_run_for(bench, 1200);
	relay = start_relay(bench, port, &key);
	assert_int_equal(await_answer(bench, 0)->status.number, 1001);
	relay_server_free(relay);
}

/* Somebody who takes every datagram and says nothing: not many are sent to him. */
static void handshake_that_never_ends_is_tried_now_and_then(void **test)
{
	struct bench *bench = *test;
	struct shared_key key = key_of("r1", KEY_A);
	struct raw_peer silent = raw_peer_open();

	add_relay(bench, silent.port, &key);
	command(bench, true, 1001);
	assert_string_equal(await_command_failure(bench)->text,
			    "it does not answer the DTLS handshake");
	assert_in_range(raw_peer_drain(&silent), 1, 8);
	raw_peer_close(&silent);
}

static void sensor_with_the_right_key_is_read(void **test)
{
	struct bench *bench = *test;
	struct shared_key key = key_of("b1", KEY_A);
	struct sensor_options options = {
	    .node = {"b1"}, .coap_address = "127.0.0.1", .interval_ms = 1000, .key = &key};
	char message[256], uri[URI_TEXT_MAX];
	struct text error = text_in(message, sizeof(message));
	struct sensor_driver driver;
	struct sensor *sensor;

	assert_int_equal(sensor_driver_simulated(&driver, 1), 0);
	assert_int_equal(sensor_new(&sensor, &bench->loop, &real, &options, &driver, &error), 0);
	snprintf(uri, sizeof(uri), "coaps://127.0.0.1:%u/battery", sensor_coap_port(sensor));
	assert_int_equal(coap_hub_set_sensor_key(bench->hub, 2, &options.node, &key), 0);
	assert_int_equal(coap_hub_set_sensor(bench->hub, 2, uri), 0);
	bench_await(bench, 0, REPORT_SENSOR, 2);
	assert_int_equal(coap_hub_set_sensor_interval(bench->hub, 2, 2000), 0);
	while (sensor_interval_ms(sensor) != 2000)
		bench_run_for(bench, 20);
	sensor_free(sensor);
}

static void nobody_registers_a_name_that_has_a_key_without_it(void **test)
{
	struct bench *bench = *test;
	struct coap_config config = {.listen_secure = {.address = "127.0.0.1"}};
	struct coap_config open = {.listen = {.address = "127.0.0.1"}, .pairing_is_open = true};
	struct registration relay = {.node = {"r1"}, .type = NODE_RELAY, .port = 7001};
	struct shared_key key = key_of("r1", KEY_A), other = key_of("r2", KEY_B);
	struct ident names[] = {{"r1"}, {"r2"}};
	struct announce *announce;
	char uri[URI_TEXT_MAX];

	assert_int_equal(coap_hub_set_relay_key(bench->hub, 0, &names[0], &key), 0);
	assert_int_equal(coap_hub_set_relay_key(bench->hub, 1, &names[1], &other), 0);

	/* in the open, although pairing is */
	snprintf(uri, sizeof(uri), "coap://127.0.0.1:%d", coap_hub_listen(bench->hub, &open));
	assert_int_equal(announce_new(&announce, &bench->loop, uri, &relay, NULL), 0);
	while (coap_hub_counters(bench->hub).registrations_refused == 0)
		bench_run_for(bench, 20);
	announce_free(announce);

	/* with the key of another */
	snprintf(uri, sizeof(uri), "coaps://127.0.0.1:%d", coap_hub_listen(bench->hub, &config));
	assert_int_equal(announce_new(&announce, &bench->loop, uri, &relay, &other), 0);
	while (coap_hub_counters(bench->hub).registrations_refused == 1)
		bench_run_for(bench, 20);
	announce_free(announce);
	assert_int_equal(bench_count(bench, REPORT_REGISTERED, NODE_RELAY), 0);

	/* with its own */
	assert_int_equal(announce_new(&announce, &bench->loop, uri, &relay, &key), 0);
	assert_string_equal(bench_await(bench, 0, REPORT_REGISTERED, NODE_RELAY)->text,
			    "coaps://127.0.0.1:7001/relay");
	announce_free(announce);
}

static void hub_discovers_a_relay_with_its_key(void **test)
{
	struct bench *bench = *test;
	struct shared_key key = key_of("r1", KEY_A);
	struct relay_server *relay = start_relay(bench, 0, &key);
	struct ident node = {"r1"};
	char base[URI_TEXT_MAX / 2], uri[URI_TEXT_MAX];

	snprintf(base, sizeof(base), "coaps://127.0.0.1:%u", relay_server_port(relay));
	snprintf(uri, sizeof(uri), "%s/relay", base);
	assert_int_equal(coap_hub_set_relay_key(bench->hub, 0, &node, &key), 0);
	assert_int_equal(coap_hub_discover(bench->hub, 0, base), 0);
	assert_string_equal(bench_await(bench, 0, REPORT_FOUND, 0)->text, uri);
	relay_server_free(relay);
}

#define SECURE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    SECURE_TEST(relay_with_the_right_key_is_read_and_commanded),
	    SECURE_TEST(relay_with_another_key_is_told_and_never_commanded),
	    SECURE_TEST(relay_that_does_not_know_our_identity_is_told_and_never_commanded),
	    SECURE_TEST(relay_without_a_key_is_told_and_never_commanded),
	    SECURE_TEST(relay_with_a_key_obeys_no_plain_command),
	    SECURE_TEST(hub_speaks_to_nobody_openly_who_has_a_key),
	    SECURE_TEST(command_to_a_relay_that_started_anew_arrives_in_a_new_session),
	    SECURE_TEST(lease_is_shorter_by_the_time_that_its_command_waited),
	    SECURE_TEST(off_that_waited_for_a_session_is_sent_all_the_same),
	    SECURE_TEST(handshake_that_never_ends_is_tried_now_and_then),
	    SECURE_TEST(sensor_with_the_right_key_is_read),
	    SECURE_TEST(nobody_registers_a_name_that_has_a_key_without_it),
	    SECURE_TEST(hub_discovers_a_relay_with_its_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
