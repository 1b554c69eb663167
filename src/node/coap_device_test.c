/*
 * Devices of other makes over CoAP: peers that say only what a test tells them to, in the ways
 * that Contiki-NG, node-coap and course projects say it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "node/coap_test_bench.h"
#include "wire/source_read.h"

#define HEADER_LENGTH 4
#define TYPE_CON 0
#define TYPE_ACK 2
#define CODE_EMPTY 0x00
#define CODE_PUT 0x03
#define CODE_POST 0x02
#define CODE_GET 0x01
#define CODE_CHANGED 0x44
#define CODE_CONTENT 0x45
#define CODE_BAD_REQUEST 0x80
#define DATAGRAMS_TO_WAIT 12

static const char configuration[] =
    "sources:\n"
    "- id: act\n"
    "  transport: coap\n"
    "  read: {state: {path: /temp_act}}\n"
    "  write: {on: {path: /temp_act, payload: mode=on}, off: {path: /temp_act, payload: "
    "mode=off}}\n"
    "  lease: none\n"
    "- {id: led, profile: contiki-ng, sensor: none, led: r, lease: none}\n"
    "- id: bat\n"
    "  transport: coap\n"
    "  stale_after: 4\n"
    "  read: {soc_pct: {path: /3411/0/1}, temp_c: {path: /sensors/temperature}}\n";

static struct sources *sources;
static const struct shared_key no_key;

static int setup(void **test)
{
	char words[2048];
	struct text errors = text_in(words, sizeof words);

	if (sources_parse(&sources, "test", configuration, strlen(configuration),
			  &source_shelf_built_in, &errors) != 0)
		fail_msg("%s", words);
	return bench_setup(test);
}

static int teardown(void **test)
{
	int result = bench_teardown(test);

	sources_free(sources);
	return result;
}

static const struct source *source(const char *id)
{
	return &sources->entries[sources_find(sources, id)];
}

static void add_device(struct bench *bench, size_t index, uint16_t port, const char *id)
{
	const struct ident name = {"r1"};
	char uri[URI_TEXT_MAX];

	snprintf(uri, sizeof(uri), "coap://127.0.0.1:%u", port);
	assert_int_equal(coap_hub_set_device_relay(bench->hub, index, &name, source(id), uri), 0);
}

static void command(struct bench *bench, bool is_on, uint64_t number)
{
	struct relay_command command = {.is_on = is_on, .has_number = true, .number = number};

	assert_int_equal(coap_hub_command(bench->hub, 0, &command, number), 0);
}

/* Answers `request` with `code` and the text, in an acknowledgement or a message of its own. */
static void answer(const struct raw_peer *peer, const uint8_t *request, int type, int code,
		   const char *text)
{
	uint8_t out[DATAGRAM_MAX];
	size_t token_length = code == CODE_EMPTY ? 0 : request[0] & 0x0f, at = HEADER_LENGTH;

	out[0] = (uint8_t)(0x40 | type << 4 | token_length);
	out[1] = (uint8_t)code;
	out[2] = request[2];
	out[3] = (uint8_t)(request[3] + (type == TYPE_ACK ? 0 : 100));
	memcpy(out + at, request + HEADER_LENGTH, token_length);
	at += token_length;
	if (text[0] != '\0')
		out[at++] = 0xff;
	at += (size_t)sprintf((char *)out + at, "%s", text);
	assert_int_equal(
	    sendto(peer->fd, out, at, 0, (const struct sockaddr *)&peer->from, sizeof(peer->from)),
	    at);
}

static bool has_word(const uint8_t *datagram, size_t length, const char *word)
{
	return memmem(datagram, length, word, strlen(word)) != NULL;
}

/* The next request of that code; others are left aside. */
static size_t take_request(struct raw_peer *peer, struct bench *bench, int code,
			   uint8_t out[DATAGRAM_MAX])
{
	for (int i = 0; i < DATAGRAMS_TO_WAIT; i++) {
		size_t length = raw_peer_take(peer, bench, out);

		if (length >= HEADER_LENGTH && out[1] == code)
			return length;
	}
	fail_msg("no request of code %d", code);
	return 0;
}

static const struct report *await_status(struct bench *bench, size_t from, enum relay_answer kind)
{
	const struct report *report = bench_await(bench, from, REPORT_STATUS, 0);

	while (report->answer != kind)
		report =
		    bench_await(bench, (size_t)(report - bench->reports) + 1, REPORT_STATUS, 0);
	return report;
}

static void device_is_commanded_in_its_own_words_and_confirmed_by_its_state(void **test)
{
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	uint8_t request[DATAGRAM_MAX];
	const struct report *report;
	size_t length, from;

	add_device(bench, 0, peer.port, "act");
	length = take_request(&peer, bench, CODE_GET, request);
	assert_true(has_word(request, length, "temp_act"));
	assert_int_equal(request[0] >> 4 & 3, TYPE_CON);
	answer(&peer, request, TYPE_ACK, CODE_CONTENT, "off");
	report = await_status(bench, 0, ANSWER_READBACK);
	assert_false(report->status.is_on);
	assert_string_equal(report->status.node.text, "r1");
	from = bench->report_count;
	command(bench, true, 7);
	length = take_request(&peer, bench, CODE_PUT, request);
	assert_true(has_word(request, length, "temp_act"));
	assert_true(has_word(request, length, "mode=on"));
	answer(&peer, request, TYPE_ACK, CODE_CONTENT, ""); /* 2.05, as Contiki-NG says to a PUT */
	report = await_status(bench, from, ANSWER_TAKEN);
	assert_int_equal(report->tag, 7);
	take_request(&peer, bench, CODE_GET, request);
	answer(&peer, request, TYPE_ACK, CODE_CONTENT, "on");
	report = await_status(bench, from, ANSWER_READBACK);
	assert_true(report->status.is_on);
	raw_peer_close(&peer);
}

static void device_without_readback_is_never_read(void **test)
{
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	uint8_t request[DATAGRAM_MAX];
	size_t length;

	add_device(bench, 0, peer.port, "led");
	bench_run_for(bench, 300);
	assert_int_equal(raw_peer_drain(&peer), 0);
	command(bench, true, 8);
	length = take_request(&peer, bench, CODE_PUT, request);
	assert_true(has_word(request, length, "leds"));
	assert_true(has_word(request, length, "color=r"));
	assert_true(has_word(request, length, "mode=on"));
	answer(&peer, request, TYPE_ACK, CODE_CHANGED, "");
	assert_int_equal(await_status(bench, 0, ANSWER_BLIND)->tag, 8);
	bench_run_for(bench, 600);
	assert_int_equal(raw_peer_drain(&peer), 0);
	raw_peer_close(&peer);
}

static void answer_that_comes_apart_and_twice_is_told_once(void **test)
{
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	uint8_t request[DATAGRAM_MAX];

	add_device(bench, 0, peer.port, "led");
	command(bench, true, 9);
	take_request(&peer, bench, CODE_PUT, request);
	answer(&peer, request, TYPE_ACK, CODE_EMPTY, "");
	bench_run_for(bench, 100);
	assert_int_equal(bench_count(bench, REPORT_STATUS, 0), 0);
	answer(&peer, request, TYPE_CON, CODE_CHANGED, "");
	await_status(bench, 0, ANSWER_BLIND);
	answer(&peer, request, TYPE_CON, CODE_CHANGED, "");
	bench_run_for(bench, 200);
	assert_int_equal(bench_count(bench, REPORT_STATUS, 0), 1);
	assert_int_equal(bench_count(bench, REPORT_FAILED, 0), 0);
	raw_peer_close(&peer);
}

static void device_that_refuses_has_refused(void **test)
{
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	uint8_t request[DATAGRAM_MAX];
	const struct report *report;

	add_device(bench, 0, peer.port, "led");
	command(bench, true, 10);
	take_request(&peer, bench, CODE_PUT, request);
	answer(&peer, request, TYPE_ACK, CODE_BAD_REQUEST, "");
	report = bench_await(bench, 0, REPORT_FAILED, 0);
	assert_true(report->is_command);
	assert_true(report->is_refused);
	assert_int_equal(report->tag, 10);
	raw_peer_close(&peer);
}

static void state_that_is_none_is_no_readback(void **test)
{
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	uint8_t request[DATAGRAM_MAX];

	add_device(bench, 0, peer.port, "act");
	take_request(&peer, bench, CODE_GET, request);
	answer(&peer, request, TYPE_ACK, CODE_CONTENT, "standby");
	assert_string_equal(bench_await(bench, 0, REPORT_FAILED, 0)->text,
			    "its answer says no state: unknown-state");
	assert_int_equal(bench_count(bench, REPORT_STATUS, 0), 0);
	raw_peer_close(&peer);
}

static void source_is_read_at_all_its_places_and_again_before_it_is_stale(void **test)
{
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	uint8_t request[DATAGRAM_MAX];
	char uri[URI_TEXT_MAX];

	snprintf(uri, sizeof(uri), "coap://127.0.0.1:%u", peer.port);
	assert_int_equal(coap_hub_set_source(bench->hub, 5, source("bat"), uri, &no_key), 0);
	for (int i = 0; i < 2; i++) {
		size_t length = take_request(&peer, bench, CODE_GET, request);

		answer(&peer, request, TYPE_ACK, CODE_CONTENT,
		       has_word(request, length, "temperature") ? "24" : "55");
	}
	bench_await(bench, 0, REPORT_SOURCE, 5);
	while (bench_count(bench, REPORT_SOURCE, 5) < 2)
		bench_run_for(bench, 20);
	assert_string_not_equal(bench->reports[0].text, bench->reports[1].text);
	take_request(&peer, bench, CODE_GET, request); /* within 4 s, without a word from it */
	assert_true(uv_now(&bench->loop) - bench->reports[0].at_ms < 4000);
	raw_peer_close(&peer);
}

static void device_over_dtls_without_a_key_or_without_commands_is_refused(void **test)
{
	const struct shared_key key = {.identity = "r1", .length = 16};
	const struct ident name = {"r1"};
	struct bench *bench = *test;

	assert_int_equal(
	    coap_hub_set_device_relay(bench->hub, 0, &name, source("act"), "coaps://127.0.0.1"),
	    -EPERM);
	assert_int_equal(
	    coap_hub_set_device_relay(bench->hub, 0, &name, source("bat"), "coap://127.0.0.1"),
	    -EINVAL);
	assert_int_equal(coap_hub_set_source(bench->hub, 0, source("bat"), "http://127.0.0.1", &no_key),
			 -EINVAL);
	assert_int_equal(coap_hub_set_source(bench->hub, 0, source("bat"), "coaps://127.0.0.1", &no_key),
			 -EPERM);
	assert_int_equal(coap_hub_set_source(bench->hub, 0, source("bat"), "coap://127.0.0.1", &key),
			 -EPERM);
	/* Who has a key is never spoken to without it. */
	assert_int_equal(coap_hub_set_relay_key(bench->hub, 0, &name, &key), 0);
	assert_int_equal(
	    coap_hub_set_device_relay(bench->hub, 0, &name, source("act"), "coap://127.0.0.1"),
	    -EPERM);
}

/* POSTs `payload` to `path` of the hub, and returns the code that it answers with. */
static int post(struct bench *bench, struct raw_peer *peer, int port, const char *path,
		const char *payload)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static uint8_t message_id;
	uint8_t out[DATAGRAM_MAX] = {0x40, CODE_POST, 7, ++message_id};
	size_t at = HEADER_LENGTH;
	int delta = 11; /* Uri-Path */

	while (*path) {
		size_t length = strcspn(path, "/");

		if (length < 13) {
			out[at++] = (uint8_t)(delta << 4 | length);
		} else {
			out[at++] = (uint8_t)(delta << 4 | 13);
			out[at++] = (uint8_t)(length - 13);
		}
		memcpy(out + at, path, length);
		at += length;
		path += length + (path[length] == '/');
		delta = 0;
	}
	if (payload[0] != '\0')
		out[at++] = 0xff;
	memcpy(out + at, payload, strlen(payload));
	at += strlen(payload);
	assert_int_equal(sendto(peer->fd, out, at, 0, (struct sockaddr *)&to, sizeof(to)), at);
	raw_peer_take(peer, bench, out);
	return out[1] >> 5 << 8 | (out[1] & 0x1f);
}

#define CODE(class, detail) ((class) << 8 | (detail))

static void stranger_registers_in_its_own_form_and_place(void **test)
{
	struct coap_config config = {.listen = {.address = "127.0.0.1"}, .pairing_is_open = true};
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	int port = coap_hub_listen(bench->hub, &config);
	char expected[URI_TEXT_MAX];

	assert_int_equal(
	    post(bench, &peer, port, "registration", "{\"name\":\"t1\",\"sensor_types\":[]}"),
	    CODE(2, 1));
	assert_int_equal(post(bench, &peer, port, "dev/register", ""), CODE(2, 1));
	assert_int_equal(post(bench, &peer, port, "Registration", "{'name':'t1'}"), CODE(4, 0));
	assert_int_equal(post(bench, &peer, port, "elsewhere", "t1"), CODE(4, 4));
	assert_int_equal(bench_count(bench, REPORT_STRANGER, 0), 2);
	snprintf(expected, sizeof(expected), "127.0.0.1 coap://127.0.0.1:%u", peer.port);
	assert_string_equal(bench->reports[0].node.text, "t1");
	assert_string_equal(bench->reports[0].text, expected);
	assert_string_equal(bench->reports[1].node.text, "");
	bench->refuses_strangers = true;
	assert_int_equal(post(bench, &peer, port, "register", "t1"), CODE(4, 3));
	raw_peer_close(&peer);
}

static void stranger_is_refused_while_pairing_is_closed(void **test)
{
	struct coap_config config = {
	    .listen = {.address = "127.0.0.1"}, .allowed_count = 1, .allowed = {{"t1"}}};
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	int port = coap_hub_listen(bench->hub, &config);

	assert_int_equal(post(bench, &peer, port, "register", "t2"), CODE(4, 3));
	assert_int_equal(post(bench, &peer, port, "register", ""), CODE(4, 3));
	assert_int_equal(bench_count(bench, REPORT_STRANGER, 0), 0);
	assert_int_equal(post(bench, &peer, port, "register", "t1"), CODE(2, 1));
	strcpy(config.allowed[0].text, "127.0.0.1");
	assert_int_equal(post(bench, &peer, port, "register", ""), CODE(2, 1));
	raw_peer_close(&peer);
}

static void name_with_a_key_is_no_strangers(void **test)
{
	struct coap_config config = {.listen = {.address = "127.0.0.1"}, .pairing_is_open = true};
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	const struct shared_key key = {.length = 16, .secret = "0123456789abcdef"};
	const struct ident name = {"r7"};
	int port = coap_hub_listen(bench->hub, &config);

	assert_int_equal(coap_hub_set_relay_key(bench->hub, 3, &name, &key), 0);
	assert_int_equal(post(bench, &peer, port, "register", "r7"), CODE(4, 3));
	assert_int_equal(post(bench, &peer, port, "register", "r8"), CODE(2, 1));
	raw_peer_close(&peer);
}

static void flood_of_registrations_costs_nothing_that_stays(void **test)
{
	struct coap_config config = {.listen = {.address = "127.0.0.1"}};
	struct bench *bench = *test;
	struct raw_peer peer = raw_peer_open();
	int port = coap_hub_listen(bench->hub, &config);

	for (int i = 0; i < 500; i++)
		assert_int_equal(post(bench, &peer, port, "register", "x9"), CODE(4, 3));
	assert_int_equal(coap_hub_counters(bench->hub).registrations_refused, 500);
	assert_int_equal(bench->report_count, 0);
	raw_peer_close(&peer);
}

#define DEVICE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DEVICE_TEST(device_is_commanded_in_its_own_words_and_confirmed_by_its_state),
	    DEVICE_TEST(device_without_readback_is_never_read),
	    DEVICE_TEST(answer_that_comes_apart_and_twice_is_told_once),
	    DEVICE_TEST(device_that_refuses_has_refused),
	    DEVICE_TEST(state_that_is_none_is_no_readback),
	    DEVICE_TEST(source_is_read_at_all_its_places_and_again_before_it_is_stale),
	    DEVICE_TEST(device_over_dtls_without_a_key_or_without_commands_is_refused),
	    DEVICE_TEST(stranger_registers_in_its_own_form_and_place),
	    DEVICE_TEST(stranger_is_refused_while_pairing_is_closed),
	    DEVICE_TEST(name_with_a_key_is_no_strangers),
	    DEVICE_TEST(flood_of_registrations_costs_nothing_that_stays),
	};

	return cmocka_run_group_tests_name("coap_device", tests, NULL, NULL);
}
