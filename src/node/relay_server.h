/*
 * A relay node: a CoAP server with one resource, /relay, over a driver.
 *
 * GET (observable) and PUT as in docs/design.md, section 6; what a command does
 * is node/lease's to say. Several may live in one process, each with its own
 * port. Used from the loop's thread alone; nothing blocks but the driver.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/key_file.h"
#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "model/ident.h"
#include "node/lease.h"
#include "node/relay_driver.h"

struct relay_server_options {
	struct ident node;
	const char *address;    /* numeric; borrowed for the call */
	uint16_t port;          /* 0: any free one, see relay_server_port() */
	int64_t longest_ms;     /* of a lease; 0: LEASE_LONGEST_MS */
	const char *state_path; /* keeps `switches` and `n` over a boot; NULL: nothing is kept */
	const struct shared_key *key; /* NULL: plain CoAP, else nothing but DTLS with it; copied */
};

struct relay_server;

/*
 * Starts a relay, open. `clock` is borrowed until the server is freed; `driver`
 * is copied and then belongs to the server, also when this fails. Returns 0, or
 * a negative errno with a sentence in `error`.
 */
int relay_server_new(struct relay_server **out, uv_loop_t *loop, const struct clock *clock,
		     const struct relay_server_options *options, const struct relay_driver *driver,
		     struct text *error) MUST_CHECK;

/* Opens the contact and stops; the memory goes when the loop has turned. NULL is fine. */
void relay_server_free(struct relay_server *server);

/* The UDP port it listens on. */
uint16_t relay_server_port(const struct relay_server *server);

/* How it stands now; borrowed. */
const struct relay_node_state *relay_server_state(const struct relay_server *server);

/*
 * Switches by hand, as a button on the device would: no number, `lease_ms` 0 for
 * the longest. Observers are told.
 */
void relay_server_switch(struct relay_server *server, bool is_on, int64_t lease_ms);
