/*
 * One CoAP resource of another machine, read, observed and written. For the hub's
 * files only: relays, sensors and discovery are each a peer with their own
 * actions.
 *
 * A peer has at most one write and one read under way. Each ends in exactly one of
 * its actions, unless it is replaced or abandoned.
 */
#pragma once

#include <coap3/coap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/coap_place.h"
#include "base/result.h"

#define COAP_PAYLOAD_MAX (64 * 1024)
#define PEER_DETAIL_MAX 64

struct coap_hub;
struct coap_peer;

struct coap_answer {
	coap_pdu_code_t code;
	bool is_text; /* text/plain, else taken for JSON */
	const uint8_t *payload;
	size_t length;
	bool is_notification; /* not asked for just now */
	uint32_t max_age_s;   /* 60 where it is not said (RFC 7252, 5.10.5) */
};

struct peer_actions {
	void (*read_answered)(struct coap_peer *peer, const struct coap_answer *answer);
	void (*read_failed)(struct coap_peer *peer, bool is_refused, const char *detail);
	void (*write_answered)(struct coap_peer *peer, const struct coap_answer *answer);
	void (*write_failed)(struct coap_peer *peer, bool is_refused, const char *detail);
};

struct peer_exchange {
	bool is_open;
	uint64_t token;
	uint64_t deadline_ms; /* on the loop's clock */
	const char *trouble;  /* what the network has said of it so far, static */
	bool has_failed;      /* no use waiting for the deadline */
};

struct coap_peer {
	struct coap_hub *hub;
	size_t index;
	const struct peer_actions *actions;
	bool is_set;
	bool is_observed; /* wanted: renewed every COAP_OBSERVE_RENEW_MS */
	struct coap_place place;
	coap_session_t *session; /* NULL until the address is known */

	bool is_resolving;
	bool has_moved; /* while it was being resolved */
	uv_getaddrinfo_t resolver;

	uv_timer_t timer;

	struct peer_exchange write, read;
	uint64_t next_token;
	uint64_t observe_token; /* 0 before the first registration */
	bool read_is_registration;
	bool has_sequence; /* of the last notification used */
	uint32_t sequence;
	uint64_t sequence_at_ms;
	uint64_t renew_at_ms; /* when to observe anew */
	uint64_t read_at_ms;  /* when to read next, UINT64_MAX for never */

	uint8_t *body; /* an answer of several blocks while it comes in, of COAP_PAYLOAD_MAX */
	size_t body_length;
};

/*
 * Begins a peer of `hub` at `place`, or moves it there. The struct is zero before
 * the first call. It is read (observed, where `is_observed`) at once. A write under
 * way goes on where `place` is where the peer is already, and has failed, as the loop
 * reports, where it is not. Returns 0, or libuv's error.
 */
int peer_set(struct coap_peer *peer, struct coap_hub *hub, size_t index,
	     const struct peer_actions *actions, const struct coap_place *place,
	     bool is_observed) MUST_CHECK;

/* Stops it for good; its handles release the hub when the loop has let them go. */
void peer_close(struct coap_peer *peer);

/* Reads within `delay_ms` at the latest. */
void peer_read_within(struct coap_peer *peer, uint64_t delay_ms);

/* Puts the next read off until `delay_ms` from now. */
void peer_read_after(struct coap_peer *peer, uint64_t delay_ms);

/* No reads but those asked for. */
void peer_read_never(struct coap_peer *peer);

/* Sets the timer to what is due next; after every change of the above. */
void peer_schedule(struct coap_peer *peer);

/* Stops libcoap's retransmissions to it; a read under way begins again later. */
void peer_stop_sending(struct coap_peer *peer);

/* The loop's time in ms. */
uint64_t peer_now_ms(const struct coap_peer *peer);

/* coap_exchange.c: what is sent and what is made of the answers. */

/* PUTs `payload` as JSON at once, instead of any write that is still open. */
void peer_write(struct coap_peer *peer, const void *payload, size_t len);

/* GETs, and registers as an observer when that is due. */
void peer_read(struct coap_peer *peer);

/* Forgets a read that is under way: what it would say is older than what is known. */
void peer_abandon_read(struct coap_peer *peer);

coap_response_t peer_on_response(struct coap_peer *peer, const coap_pdu_t *received);
void peer_on_nack(struct coap_peer *peer, const coap_pdu_t *sent, coap_nack_reason_t reason);
