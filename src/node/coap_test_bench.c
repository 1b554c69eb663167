/* The bench of the CoAP tests, see coap_test_bench.h. */
#include "node/coap_test_bench.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define AWAIT_MS 20000
#define HEADER_LENGTH 4

static struct report *add(struct bench *bench, enum report_kind kind, size_t index)
{
	struct report *report = &bench->reports[bench->report_count];

	assert_true(bench->report_count < REPORTS_MAX);
	bench->report_count++;
	report->kind = kind;
	report->index = index;
	report->at_ms = uv_now(&bench->loop);
	return report;
}

static void on_relay_status(void *user, size_t index, enum relay_answer answer,
			    const struct relay_status *status, uint64_t tag)
{
	struct report *report = add(user, REPORT_STATUS, index);

	report->answer = answer;
	report->status = *status;
	report->tag = tag;
}

static void on_relay_failed(void *user, size_t index, bool is_command, uint64_t tag,
			    bool is_refused, const char *detail)
{
	struct report *report = add(user, REPORT_FAILED, index);

	report->is_command = is_command;
	report->tag = tag;
	report->is_refused = is_refused;
	snprintf(report->text, sizeof(report->text), "%s", detail);
}

static void on_sensor(void *user, size_t index, const void *payload, size_t len)
{
	struct report *report = add(user, REPORT_SENSOR, index);

	snprintf(report->text, sizeof(report->text), "%.*s", (int)len, (const char *)payload);
}

static void on_source(void *user, size_t number, const struct source_coap_answer *answer)
{
	struct report *report = add(user, REPORT_SOURCE, number);

	snprintf(report->text, sizeof(report->text), "%s %.*s", answer->path, (int)answer->length,
		 (const char *)answer->payload);
}

static void on_registered(void *user, const struct ident *node, enum node_type type,
			  const char *uri)
{
	struct report *report = add(user, REPORT_REGISTERED, (size_t)type);

	report->node = *node;
	snprintf(report->text, sizeof(report->text), "%s", uri);
}

static bool on_stranger(void *user, const struct ident *name, const char *address, const char *uri)
{
	struct bench *bench = user;
	struct report *report = add(user, REPORT_STRANGER, 0);

	report->node = *name;
	snprintf(report->text, sizeof(report->text), "%s %s", address, uri);
	return !bench->refuses_strangers;
}

static void on_discovered(void *user, const char *uri)
{
	struct report *report = add(user, REPORT_FOUND, 0);

	snprintf(report->text, sizeof(report->text), "%s", uri);
}

static void on_discovery_done(void *user, int result)
{
	struct bench *bench = user;

	assert_int_equal(result, 0);
	bench->discovery_is_done = true;
}

int bench_setup(void **test)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct coap_hub_handlers handlers = {
	    .user = bench,
	    .on_relay_status = on_relay_status,
	    .on_relay_failed = on_relay_failed,
	    .on_sensor = on_sensor,
	    .on_source = on_source,
	    .on_registered = on_registered,
	    .on_stranger = on_stranger,
	    .on_discovered = on_discovered,
	    .on_discovery_done = on_discovery_done,
	};

	assert_non_null(bench);
	uv_loop_init(&bench->loop);
	*test = bench;
	return coap_hub_new(&bench->hub, &bench->loop, &handlers);
}

/* Whatever a test has begun must be able to end: nothing may stay in the loop. */
int bench_teardown(void **test)
{
	struct bench *bench = *test;
	int result;

	coap_hub_free(bench->hub);
	uv_run(&bench->loop, UV_RUN_DEFAULT);
	result = uv_loop_close(&bench->loop);
	free(bench);
	return result;
}

static void on_tick(uv_timer_t *timer)
{
	uv_update_time(timer->loop);
}

static void turn(struct bench *bench, uint64_t ms)
{
	uv_timer_t timer;

	uv_timer_init(&bench->loop, &timer);
	uv_timer_start(&timer, on_tick, ms, 0);
	uv_run(&bench->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&bench->loop, UV_RUN_NOWAIT);
}

const struct report *bench_await(struct bench *bench, size_t from, enum report_kind kind,
				 size_t index)
{
	uint64_t begun_ms = uv_now(&bench->loop);

	while (uv_now(&bench->loop) - begun_ms < AWAIT_MS) {
		for (; from < bench->report_count; from++) {
			struct report *report = &bench->reports[from];

			if (report->kind == kind && report->index == index)
				return report;
		}
		turn(bench, 50);
	}
	fail_msg("no report %d of %zu within %d ms", kind, index, AWAIT_MS);
	return NULL;
}

size_t bench_count(const struct bench *bench, enum report_kind kind, size_t index)
{
	size_t count = 0;

	for (size_t i = 0; i < bench->report_count; i++)
		count += bench->reports[i].kind == kind && bench->reports[i].index == index;
	return count;
}

void bench_run_for(struct bench *bench, uint64_t ms)
{
	uint64_t begun_ms = uv_now(&bench->loop);

	while (uv_now(&bench->loop) - begun_ms < ms)
		turn(bench, 20);
}

struct raw_peer raw_peer_open(void)
{
	struct raw_peer peer = {.fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)};
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);

	assert_true(peer.fd >= 0);
	assert_int_equal(bind(peer.fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(getsockname(peer.fd, (struct sockaddr *)&address, &len), 0);
	peer.port = ntohs(address.sin_port);
	return peer;
}

void raw_peer_close(struct raw_peer *peer)
{
	close(peer->fd);
}

size_t raw_peer_take(struct raw_peer *peer, struct bench *bench, uint8_t out[DATAGRAM_MAX])
{
	uint64_t begun_ms = uv_now(&bench->loop);

	while (uv_now(&bench->loop) - begun_ms < AWAIT_MS) {
		socklen_t len = sizeof(peer->from);
		ssize_t got =
		    recvfrom(peer->fd, out, DATAGRAM_MAX, 0, (struct sockaddr *)&peer->from, &len);

		if (got >= 0)
			return (size_t)got;
		turn(bench, 10);
	}
	fail_msg("no datagram within %d ms", AWAIT_MS);
	return 0;
}

size_t raw_peer_drain(struct raw_peer *peer)
{
	uint8_t datagram[DATAGRAM_MAX];
	size_t count = 0;

	while (recv(peer->fd, datagram, sizeof(datagram), 0) >= 0)
		count++;
	return count;
}

void raw_peer_answer(struct raw_peer *peer, const uint8_t *request, int type, uint8_t sequence,
		     bool is_on)
{
	uint8_t out[DATAGRAM_MAX];
	size_t token_length = request[0] & 0x0f, at = HEADER_LENGTH;
	/* Only an acknowledgement carries the request's message id. */
	uint8_t id_low = type == 2 ? request[3] : (uint8_t)(request[3] + 1 + sequence);

	out[0] = (uint8_t)(0x40 | type << 4 | token_length);
	out[1] = 0x45; /* 2.05 */
	out[2] = request[2];
	out[3] = id_low;
	memcpy(out + at, request + HEADER_LENGTH, token_length);
	at += token_length;
	out[at++] = 0x61; /* Observe, one byte */
	out[at++] = sequence;
	out[at++] = 0x61; /* Content-Format, 12 = 6 + 6, one byte */
	out[at++] = 50;
	out[at++] = 0xff;
	at += (size_t)sprintf((char *)out + at, "{\"node\":\"r\",\"state\":\"%s\"}",
			      is_on ? "on" : "off");
	assert_int_equal(
	    sendto(peer->fd, out, at, 0, (struct sockaddr *)&peer->from, sizeof(peer->from)), at);
}
