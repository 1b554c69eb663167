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

#include "base/result.h"

struct coap_loop {
	coap_context_t *context; /* NULL when not open */
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

/* Sends what observers are owed now, instead of at the loop's next turn. */
void coap_loop_flush(struct coap_loop *coap);
