/*
 * Which requests a node has had already, so that the late copy of one is not
 * taken for another (RFC 7252, 4.2 and 4.5). libcoap 4.3.1 hands it to the
 * handler again.
 *
 * Pure but for libcoap's addresses: no clock, no I/O, no allocation.
 */
#pragma once

#include <coap3/coap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_TOKEN_MAX 8

/* How long a copy may be on its way: EXCHANGE_LIFETIME. Real ms, whatever a node's clock does. */
#define REQUEST_COPY_MS 247000

/* The oldest is forgotten for one more. */
#define REQUEST_COPIES_MAX 64

/* What makes a request the same: who sent it, its message id and its token. */
struct request_key {
	coap_address_t peer;
	int message_id;
	size_t token_length;
	uint8_t token[REQUEST_TOKEN_MAX];
};

/* All zero before the first request. */
struct request_copies {
	struct {
		bool is_used;
		struct request_key key;
		uint64_t at_ms;
	} had[REQUEST_COPIES_MAX];
	size_t next;
};

/* The key of `request`, which came in `session`. */
struct request_key request_key_of(const coap_session_t *session, const coap_pdu_t *request);

/*
 * Whether a request with that key came within REQUEST_COPY_MS before `now_ms`;
 * one that did not is remembered.
 */
bool request_copies_take(struct request_copies *copies, const struct request_key *key,
			 uint64_t now_ms);
