/*
 * The hub against real relay and sensor nodes in the same loop, and against peers
 * that are silent, gone or late. It stands here since adapt/ knows no nodes.
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

static struct clock real;

static int setup(void **test)
{
	real = clock_real();
	return bench_setup(test);
}

static struct relay_server *start_relay(struct bench *bench, const char *name, uint16_t port)
{
	struct relay_server_options options = {.address = "127.0.0.1", .port = port};
	struct text node = text_in(options.node.text, sizeof(options.node.text));
	char message[256];
	struct text error = text_in(message, sizeof(message));
	struct relay_driver driver;
	struct relay_server *relay;

	text_add(&node, "%s", name);
	assert_int_equal(relay_driver_simulated(&driver), 0);
	assert_int_equal(relay_server_new(&relay, &bench->loop, &real, &options, &driver, &error),
			 0);
	return relay;
}

static struct sensor *start_sensor(struct bench *bench, const char *name)
{
	struct sensor_options options = {.coap_address = "127.0.0.1", .interval_ms = 1000};
	struct text node = text_in(options.node.text, sizeof(options.node.text));
	char message[256];
	struct text error = text_in(message, sizeof(message));
	struct sensor_driver driver;
	struct sensor *sensor;

	text_add(&node, "%s", name);
	assert_int_equal(sensor_driver_simulated(&driver, 1), 0);
	assert_int_equal(sensor_new(&sensor, &bench->loop, &real, &options, &driver, &error), 0);
	return sensor;
}

static void add_relay(struct bench *bench, size_t index, uint16_t port, const char *path)
{
	char uri[URI_TEXT_MAX];

	snprintf(uri, sizeof(uri), "coap://127.0.0.1:%u/%s", port, path);
	assert_int_equal(coap_hub_set_relay(bench->hub, index, uri), 0);
}

static void command(struct bench *bench, size_t index, bool is_on, uint64_t number)
{
	struct relay_command command = {.is_on = is_on,
					.has_lease = is_on,
					.lease_ms = 60000,
					.has_number = true,
					.number = number};

	assert_int_equal(coap_hub_command(bench->hub, index, &command, number), 0);
}

/* The next answer to a command (not a readback) from `from` on. */
static const struct report *await_answer(struct bench *bench, size_t from, size_t index)
{
	const struct report *report = bench_await(bench, from, REPORT_STATUS, index);

	while (report->answer != ANSWER_COMMAND)
		report =
		    bench_await(bench, (size_t)(report - bench->reports) + 1, REPORT_STATUS, index);
	return report;
}

static const struct report *await_command_failure(struct bench *bench, size_t index)
{
	const struct report *report = bench_await(bench, 0, REPORT_FAILED, index);

	while (!report->is_command)
		report =
		    bench_await(bench, (size_t)(report - bench->reports) + 1, REPORT_FAILED, index);
	return report;
}

static void hub_reads_a_relay_at_once(void **test)
{
	struct bench *bench = *test;
	struct relay_server *relay = start_relay(bench, "r1", 0);
	const struct report *report;

	add_relay(bench, 0, relay_server_port(relay), "relay");
	report = bench_await(bench, 0, REPORT_STATUS, 0);
	assert_int_equal(report->answer, ANSWER_READBACK);
	assert_string_equal(report->status.node.text, "r1");
	assert_false(report->status.is_on);
	relay_server_free(relay);
}

static void hub_reports_the_answer_and_then_a_readback(void **test)
{
	struct bench *bench = *test;
	struct relay_server *relay = start_relay(bench, "r1", 0);
	const struct report *report;
	size_t from;

	add_relay(bench, 3, relay_server_port(relay), "relay");
	bench_await(bench, 0, REPORT_STATUS, 3);
	from = bench->report_count;
	command(bench, 3, true, 1001);
	report = await_answer(bench, from, 3);
	assert_int_equal(report->tag, 1001);
	assert_true(report->status.is_on);
	assert_int_equal(report->status.number, 1001);
	assert_true(relay_server_state(relay)->is_on);
	report = bench_await(bench, from, REPORT_STATUS, 3);
	while (report->answer != ANSWER_READBACK)
		report =
		    bench_await(bench, (size_t)(report - bench->reports) + 1, REPORT_STATUS, 3);
	assert_true(report->status.is_on);
	assert_int_equal(report->tag, 0);
	relay_server_free(relay);
}

static void hub_sees_a_relay_that_is_switched_by_hand(void **test)
{
	struct bench *bench = *test;
	struct relay_server *relay = start_relay(bench, "r1", 0);
	size_t from;

	add_relay(bench, 0, relay_server_port(relay), "relay");
	bench_await(bench, 0, REPORT_STATUS, 0);
	from = bench->report_count;
	relay_server_switch(relay, true, 0);
	assert_true(bench_await(bench, from, REPORT_STATUS, 0)->status.is_on);
	relay_server_free(relay);
}

/* One closed port, one that drops, one that is fine. */
static void case_e3_who_is_away_fails_by_the_deadline_and_delays_no_one_else(void **test)
{
	struct bench *bench = *test;
	struct raw_peer gone = raw_peer_open(), silent = raw_peer_open();
	struct relay_server *relay = start_relay(bench, "r3", 0);
	const struct report *report;
	uint64_t begun_ms;

	raw_peer_close(&gone);
	add_relay(bench, 1, gone.port, "relay");
	add_relay(bench, 2, silent.port, "relay");
	add_relay(bench, 3, relay_server_port(relay), "relay");
	bench_await(bench, 0, REPORT_STATUS, 3);
	begun_ms = uv_now(&bench->loop);
	for (size_t i = 1; i <= 3; i++)
		command(bench, i, true, 100 + i);

	report = await_answer(bench, 0, 3);
	assert_int_equal(report->tag, 103);
	assert_int_equal(bench_count(bench, REPORT_FAILED, 1), 0);
	assert_int_equal(bench_count(bench, REPORT_FAILED, 2), 0);
	for (size_t i = 1; i <= 2; i++) {
		report = await_command_failure(bench, i);
		assert_int_equal(report->tag, 100 + i);
		assert_false(report->is_refused);
		assert_true(report->at_ms - begun_ms >= COAP_COMMAND_DEADLINE_MS);
	}
	assert_non_null(strstr(await_command_failure(bench, 1)->text, "nothing listens"));
	relay_server_free(relay);
	raw_peer_close(&silent);
}

static bool is_put_with(const uint8_t *datagram, size_t len, const char *words)
{
	return datagram[1] == 0x03 && memmem(datagram, len, words, strlen(words));
}

/* After the deadline nothing more is sent of a command: a late ON must not arrive. */
static void hub_stops_sending_a_command_that_has_failed(void **test)
{
	struct bench *bench = *test;
	struct raw_peer silent = raw_peer_open();
	uint8_t datagram[DATAGRAM_MAX];
	size_t len, reads = 0;

	add_relay(bench, 0, silent.port, "relay");
	command(bench, 0, true, 7);
	await_command_failure(bench, 0);
	raw_peer_drain(&silent);
	/* Reads go on, and come at 9, 10 and 12 s; the last of the PUT would come at 7 s. */
	while (reads < 3) {
		len = raw_peer_take(&silent, bench, datagram);
		assert_false(is_put_with(datagram, len, "\"on\""));
		reads++;
	}
	assert_int_equal(coap_hub_counters(bench->hub).timeouts, 1);
	raw_peer_close(&silent);
}

static void hub_gives_up_an_older_command_for_a_newer_one(void **test)
{
	struct bench *bench = *test;
	struct raw_peer silent = raw_peer_open();
	uint8_t datagram[DATAGRAM_MAX];
	size_t len;
	int offs = 0;

	add_relay(bench, 0, silent.port, "relay");
	command(bench, 0, true, 1);
	do
		len = raw_peer_take(&silent, bench, datagram);
	while (!is_put_with(datagram, len, "\"on\""));
	command(bench, 0, false, 2);
	/* The OFF comes three times (0, 1 and 3 s), the ON never again. */
	while (offs < 3) {
		len = raw_peer_take(&silent, bench, datagram);
		assert_false(is_put_with(datagram, len, "\"on\""));
		offs += is_put_with(datagram, len, "\"off\"");
	}
	assert_int_equal(await_command_failure(bench, 0)->tag, 2);
	assert_int_equal(coap_hub_counters(bench->hub).superseded, 1);
	raw_peer_close(&silent);
}

static void hub_tells_a_refusal_from_silence(void **test)
{
	struct bench *bench = *test;
	struct relay_server *relay = start_relay(bench, "r1", 0);
	const struct report *report;

	add_relay(bench, 0, relay_server_port(relay), "no/such");
	command(bench, 0, true, 5);
	report = await_command_failure(bench, 0);
	assert_true(report->is_refused);
	assert_int_equal(report->tag, 5);
	assert_non_null(strstr(report->text, "4.0"));
	relay_server_free(relay);
}

static void case_e2_who_has_forgotten_us_is_still_read_and_seen_to_have_started_again(void **test)
{
	struct bench *bench = *test;
	struct relay_server *relay = start_relay(bench, "r1", 0);
	uint16_t port = relay_server_port(relay);
	const struct report *report;
	uint64_t boot;
	size_t from;

	coap_hub_set_readback(bench->hub, 300);
	add_relay(bench, 0, port, "relay");
	boot = bench_await(bench, 0, REPORT_STATUS, 0)->status.boot;
	relay_server_free(relay);
	bench_run_for(bench, 50);
	relay = start_relay(bench, "r1", port);
	from = bench->report_count;
	do {
		report = bench_await(bench, from, REPORT_STATUS, 0);
		from = (size_t)(report - bench->reports) + 1;
	} while (report->status.boot == boot);
	assert_false(report->status.is_on);
	relay_server_free(relay);
}

/* RFC 7641, 3.4. */
static void hub_uses_no_notification_older_than_the_last(void **test)
{
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	uint8_t request[DATAGRAM_MAX];
	size_t from;

	add_relay(bench, 0, peer.port, "relay");
	raw_peer_take(&peer, bench, request);
	raw_peer_answer(&peer, request, 2, 10, false);
	bench_await(bench, 0, REPORT_STATUS, 0);
	from = bench->report_count;
	raw_peer_answer(&peer, request, 1, 12, true);
	assert_true(bench_await(bench, from, REPORT_STATUS, 0)->status.is_on);
	from = bench->report_count;
	raw_peer_answer(&peer, request, 1, 11, false); /* overtaken */
	raw_peer_answer(&peer, request, 1, 13, true);
	assert_true(bench_await(bench, from, REPORT_STATUS, 0)->status.is_on);
	assert_int_equal(coap_hub_counters(bench->hub).reordered, 1);
	raw_peer_close(&peer);
}

static void hub_follows_a_relay_to_a_new_address(void **test)
{
	struct bench *bench = *test;
	struct relay_server *first = start_relay(bench, "r1", 0);
	struct relay_server *second = start_relay(bench, "r2", 0);
	size_t from;

	add_relay(bench, 0, relay_server_port(first), "relay");
	bench_await(bench, 0, REPORT_STATUS, 0);
	from = bench->report_count;
	add_relay(bench, 0, relay_server_port(second), "relay");
	assert_string_equal(bench_await(bench, from, REPORT_STATUS, 0)->status.node.text, "r2");
	relay_server_free(first);
	relay_server_free(second);
}

/* A GET that registers as an observer: its first option after the token is Observe, empty. */
static bool is_observing_get(const uint8_t *datagram)
{
	return datagram[1] == 0x01 && datagram[4 + (datagram[0] & 0x0f)] == 0x60;
}

#define DATAGRAMS_TO_WAIT 12

/* The next PUT of `words` that `peer` gets, reads left aside. */
static void take_put(struct raw_peer *peer, struct bench *bench, const char *words,
		     uint8_t datagram[DATAGRAM_MAX])
{
	for (int i = 0; i < DATAGRAMS_TO_WAIT; i++) {
		size_t len = raw_peer_take(peer, bench, datagram);

		if (is_put_with(datagram, len, words))
			return;
	}
	fail_msg("no PUT of %s in %d datagrams", words, DATAGRAMS_TO_WAIT);
}

static void hub_goes_on_with_a_command_when_its_relay_registers_again(void **test)
{
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	uint8_t datagram[DATAGRAM_MAX];

	add_relay(bench, 0, peer.port, "relay");
	raw_peer_take(&peer, bench, datagram);
	raw_peer_answer(&peer, datagram, 2, 1, false);
	bench_await(bench, 0, REPORT_STATUS, 0);
	command(bench, 0, true, 77);
	add_relay(bench, 0, peer.port, "relay");
	do
		raw_peer_take(&peer, bench, datagram);
	while (!is_observing_get(datagram));
	raw_peer_drain(&peer);
	/* It is still sent again, and its answer is its answer. */
	take_put(&peer, bench, "\"on\"", datagram);
	raw_peer_answer(&peer, datagram, 2, 2, true);
	assert_int_equal(await_answer(bench, 0, 0)->tag, 77);
	raw_peer_close(&peer);
}

static void hub_reports_a_command_failed_when_its_relay_moves(void **test)
{
	struct bench *bench = *test;
	struct raw_peer first = raw_peer_open(), second = raw_peer_open();
	uint8_t datagram[DATAGRAM_MAX];
	const struct report *report;

	add_relay(bench, 0, first.port, "relay");
	command(bench, 0, true, 78);
	add_relay(bench, 0, second.port, "relay");
	report = await_command_failure(bench, 0);
	assert_int_equal(report->tag, 78);
	assert_false(report->is_refused);
	assert_string_equal(report->text, "it has moved to another address");
	/* The first address gets no more of it, the second is read and told what is sent next. */
	raw_peer_drain(&first);
	raw_peer_take(&second, bench, datagram);
	raw_peer_answer(&second, datagram, 2, 1, false);
	command(bench, 0, true, 79);
	assert_int_equal(bench_await(bench, 0, REPORT_STATUS, 0)->answer, ANSWER_READBACK);
	take_put(&second, bench, "\"on\"", datagram);
	raw_peer_answer(&second, datagram, 2, 2, true);
	assert_int_equal(await_answer(bench, 0, 0)->tag, 79);
	assert_int_equal(raw_peer_drain(&first), 0);
	raw_peer_close(&first);
	raw_peer_close(&second);
}

static void hub_looks_up_names(void **test)
{
	struct bench *bench = *test;
	struct relay_server *relay = start_relay(bench, "r1", 0);
	char uri[URI_TEXT_MAX];

	snprintf(uri, sizeof(uri), "coap://localhost:%u/relay", relay_server_port(relay));
	assert_int_equal(coap_hub_set_relay(bench->hub, 0, uri), 0);
	assert_int_equal(coap_hub_set_relay(bench->hub, 1, "coap://no-such-host.invalid/relay"), 0);
	command(bench, 1, true, 9);
	assert_int_equal(await_command_failure(bench, 1)->tag, 9);
	relay_server_free(relay);
}

static void hub_refuses_addresses_that_are_none(void **test)
{
	static const char *const wrong[] = {
	    "",           "127.0.0.1",         "http://127.0.0.1/relay", "coap:///relay",
	    "coap://h:0", "coap://h:65536/r",  "coap://h:12x/r",         "coap://u@h/relay",
	    "coap://h:",  "coap://[::1/relay", "coap://h/relay?x=1",     "coap://h/a%20b",
	};
	struct bench *bench = *test;

	for (size_t i = 0; i < ARRAY_LENGTH(wrong); i++)
		assert_int_equal(coap_hub_set_relay(bench->hub, 0, wrong[i]), -EINVAL);
	assert_int_equal(coap_hub_set_relay(bench->hub, RELAYS_MAX, "coap://127.0.0.1/relay"),
			 -EINVAL);
}

static void hub_observes_a_sensor_and_sets_its_interval(void **test)
{
	struct bench *bench = *test;
	struct sensor *sensor = start_sensor(bench, "b1");
	const struct report *report;
	char uri[URI_TEXT_MAX];
	size_t from = 0;

	snprintf(uri, sizeof(uri), "coap://127.0.0.1:%u/battery", sensor_coap_port(sensor));
	assert_int_equal(coap_hub_set_sensor(bench->hub, 2, uri), 0);
	do { /* the first answer may be that nothing is measured yet */
		report = bench_await(bench, from, REPORT_SENSOR, 2);
		from = (size_t)(report - bench->reports) + 1;
	} while (!strstr(report->text, "\"interval\":1,"));
	assert_non_null(strstr(report->text, "\"node\":\"b1\""));
	bench_await(bench, from, REPORT_SENSOR, 2); /* the next comes by itself */

	assert_int_equal(coap_hub_set_sensor_interval(bench->hub, 2, 7000), 0);
	do {
		report = bench_await(bench, from, REPORT_SENSOR, 2);
		from = (size_t)(report - bench->reports) + 1;
	} while (!strstr(report->text, "\"interval\":7,"));
	assert_int_equal(sensor_interval_ms(sensor), 7000);
	sensor_free(sensor);
}

static void hub_registers_whom_the_configuration_allows(void **test)
{
	struct coap_config config = {
	    .listen = {.address = "127.0.0.1"}, .allowed_count = 1, .allowed = {{"r1"}}};
	struct registration known = {.node = {"r1"}, .type = NODE_RELAY, .port = 7001};
	struct registration stranger = {.node = {"x9"}, .type = NODE_SENSOR, .port = 7002};
	struct bench *bench = *test;
	struct announce *first, *second;
	char uri[URI_TEXT_MAX];
	const struct report *report;
	int port = coap_hub_listen(bench->hub, &config);

	assert_true(port > 0);
	snprintf(uri, sizeof(uri), "coap://127.0.0.1:%d", port);
	assert_int_equal(announce_new(&second, &bench->loop, uri, &stranger, NULL), 0);
	assert_int_equal(announce_new(&first, &bench->loop, uri, &known, NULL), 0);
	report = bench_await(bench, 0, REPORT_REGISTERED, NODE_RELAY);
	assert_string_equal(report->node.text, "r1");
	assert_string_equal(report->text, "coap://127.0.0.1:7001/relay");
	while (coap_hub_counters(bench->hub).registrations_refused == 0)
		bench_run_for(bench, 20);
	assert_int_equal(bench_count(bench, REPORT_REGISTERED, NODE_SENSOR), 0);
	announce_free(first);
	announce_free(second);
}

static void hub_registers_anyone_while_pairing_is_open(void **test)
{
	struct coap_config config = {.listen = {.address = "127.0.0.1"}, .pairing_is_open = true};
	struct registration stranger = {.node = {"x9"}, .type = NODE_SENSOR, .port = 7002};
	struct bench *bench = *test;
	struct announce *announce;
	char uri[URI_TEXT_MAX];

	snprintf(uri, sizeof(uri), "coap://127.0.0.1:%d", coap_hub_listen(bench->hub, &config));
	assert_int_equal(announce_new(&announce, &bench->loop, uri, &stranger, NULL), 0);
	assert_string_equal(bench_await(bench, 0, REPORT_REGISTERED, NODE_SENSOR)->text,
			    "coap://127.0.0.1:7002/battery");
	announce_free(announce);
}

static void hub_discovers_relays(void **test)
{
	struct bench *bench = *test;
	struct relay_server *relay = start_relay(bench, "r1", 0);
	char base[URI_TEXT_MAX / 2], uri[URI_TEXT_MAX];

	snprintf(base, sizeof(base), "coap://127.0.0.1:%u", relay_server_port(relay));
	snprintf(uri, sizeof(uri), "%s/relay", base);
	assert_int_equal(coap_hub_discover(bench->hub, 0, base), 0);
	assert_int_equal(coap_hub_discover(bench->hub, 0, base), -EBUSY);
	assert_string_equal(bench_await(bench, 0, REPORT_FOUND, 0)->text, uri);
	assert_true(bench->discovery_is_done);
	assert_int_equal(coap_hub_discover(bench->hub, 0, "coap://no such/host"), -EINVAL);
	relay_server_free(relay);
}

#define HUB_TEST(name) cmocka_unit_test_setup_teardown(name, setup, bench_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    HUB_TEST(hub_reads_a_relay_at_once),
	    HUB_TEST(hub_reports_the_answer_and_then_a_readback),
	    HUB_TEST(hub_sees_a_relay_that_is_switched_by_hand),
	    HUB_TEST(case_e3_who_is_away_fails_by_the_deadline_and_delays_no_one_else),
	    HUB_TEST(hub_stops_sending_a_command_that_has_failed),
	    HUB_TEST(hub_gives_up_an_older_command_for_a_newer_one),
	    HUB_TEST(hub_tells_a_refusal_from_silence),
	    HUB_TEST(case_e2_who_has_forgotten_us_is_still_read_and_seen_to_have_started_again),
	    HUB_TEST(hub_uses_no_notification_older_than_the_last),
	    HUB_TEST(hub_follows_a_relay_to_a_new_address),
	    HUB_TEST(hub_goes_on_with_a_command_when_its_relay_registers_again),
	    HUB_TEST(hub_reports_a_command_failed_when_its_relay_moves),
	    HUB_TEST(hub_looks_up_names),
	    HUB_TEST(hub_refuses_addresses_that_are_none),
	    HUB_TEST(hub_observes_a_sensor_and_sets_its_interval),
	    HUB_TEST(hub_registers_whom_the_configuration_allows),
	    HUB_TEST(hub_registers_anyone_while_pairing_is_open),
	    HUB_TEST(hub_discovers_relays),
	};

	return cmocka_run_group_tests_name("coap_hub", tests, NULL, NULL);
}
