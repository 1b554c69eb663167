/*
 * What the tests of hub and nodes stand on: one loop with a hub whose reports are
 * kept, and a raw UDP peer that says only what a test tells it to.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/coap_hub.h"

#define REPORTS_MAX 256
#define URI_TEXT_MAX 128
#define DATAGRAM_MAX 1500

enum report_kind {
	REPORT_STATUS,
	REPORT_FAILED,
	REPORT_SENSOR,
	REPORT_SOURCE,
	REPORT_REGISTERED,
	REPORT_STRANGER,
	REPORT_FOUND
};

struct report {
	enum report_kind kind;
	size_t index;
	enum relay_answer answer;
	struct relay_status status;
	uint64_t tag;
	bool is_command, is_refused;
	char text[512]; /* detail, payload or URI */
	struct ident node;
	uint64_t at_ms; /* the loop's time */
};

struct bench {
	uv_loop_t loop;
	struct coap_hub *hub;
	size_t report_count;
	struct report reports[REPORTS_MAX];
	bool discovery_is_done;
	bool refuses_strangers;
};

int bench_setup(void **test);
int bench_teardown(void **test);

/* The first report from `from` on of that kind and relay or sensor, waiting up to 20 s for it. */
const struct report *bench_await(struct bench *bench, size_t from, enum report_kind kind,
				 size_t index);

/* How many there are so far. */
size_t bench_count(const struct bench *bench, enum report_kind kind, size_t index);

/* Runs the loop for that long, to see what does not happen. */
void bench_run_for(struct bench *bench, uint64_t ms);

struct raw_peer {
	int fd;
	uint16_t port;
	struct sockaddr_in from; /* of the last datagram */
};

struct raw_peer raw_peer_open(void);
void raw_peer_close(struct raw_peer *peer);

/* Takes the next datagram, running the loop meanwhile; returns its length. */
size_t raw_peer_take(struct raw_peer *peer, struct bench *bench, uint8_t out[DATAGRAM_MAX]);

/* How many datagrams are waiting; takes them. */
size_t raw_peer_drain(struct raw_peer *peer);

/*
 * Answers `request`: `type` of message (1 NON, 2 ACK), 2.05 with Observe `sequence`
 * (below 256) and a relay's status.
 */
void raw_peer_answer(struct raw_peer *peer, const uint8_t *request, int type, uint8_t sequence,
		     bool is_on);
