/*
 * A CoAP context within a libuv loop.
 *
 * libcoap 4.3.1 is not thread-safe: everything here and everything done with
 * `context` belongs to the loop's thread. Nothing blocks. The context's own
 * timer (retransmissions) sits behind the same descriptor, so the loop needs no
 * timer for it.
 */
#pragma once

#include <coap3/coap.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/coap_dtls.h"
#include "base/result.h"

#define COAP_DROPPED_MAX 128

struct coap_loop {
	coap_context_t *context; /* NULL when not open */
	struct dtls_server server;
	bool is_in_turn; /* libcoap is at work, and holds on to sessions */
	size_t dropped_count;
	coap_session_t *dropped[COAP_DROPPED_MAX]; /* to be released after this turn */
	uv_poll_t poll;
	void *user;
	void (*on_turn)(void *user);   /* after each turn of input, may be NULL */
	void (*on_closed)(void *user); /* may be NULL */
};

/*
 * Makes a context and watches it in `loop`. `on_turn` is called after the
 * handlers of one turn of input have all returned, with `user`. Returns 0, or
 * -ENOMEM, or libuv's error with nothing left open.
 */
int coap_loop_open(struct coap_loop *coap, uv_loop_t *loop, void (*on_turn)(void *user),
		   void *user) MUST_CHECK;

/*
 * Frees the context with its sessions and resources at once; `on_closed` (may be
 * NULL) is called by the loop when the memory of `coap` is free to go. Accepts
 * one that was never opened, and then calls `on_closed` before it returns.
 */
void coap_loop_close(struct coap_loop *coap, void (*on_closed)(void *user));

/*
 * Listens on a numeric IPv4 or IPv6 `address` and `port` (0: the system chooses
 * one). Returns the port, or -EINVAL (no such address) or -EADDRINUSE.
 */
int coap_loop_listen(struct coap_loop *coap, const char *address, uint16_t port) MUST_CHECK;

/*
 * The same over DTLS: `find_key` says which key belongs to an identity, with
 * `user`. Besides coap_loop_listen()'s errors -ENOMEM.
 */
int coap_loop_listen_secure(struct coap_loop *coap, const char *address, uint16_t port,
			    dtls_find_key *find_key, void *user) MUST_CHECK;

/*
 * Listens as a node does: over DTLS with the one `key`, which stays, or plainly where
 * its length is 0.
 */
int coap_loop_listen_node(struct coap_loop *coap, const char *address, uint16_t port,
			  struct shared_key *key) MUST_CHECK;

/*
 * Around calls into libcoap that may end sessions: what is dropped meanwhile stays
 * until coap_loop_leave(), which gets what coap_loop_enter() returned.
 */
bool coap_loop_enter(struct coap_loop *coap);
void coap_loop_leave(struct coap_loop *coap, bool was_in_turn);

/*
 * Ends a client session, at once or, where libcoap is still using it, when its turn
 * is over. No handler hears of it any more; it may be NULL.
 */
void coap_loop_drop(struct coap_loop *coap, coap_session_t *session);

/* Sends what observers are owed now, instead of at the loop's next turn. */
void coap_loop_flush(struct coap_loop *coap);
