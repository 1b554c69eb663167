/* The relay server's inside, shared by relay_server.c and relay_resource.c. */
#pragma once

#include "adapt/coap_loop.h"
#include "node/relay_server.h"
#include "node/relay_unit.h"
#include "node/request_copies.h"

struct relay_server {
	struct coap_loop coap;
	coap_resource_t *resource;
	uv_timer_t timer;  /* the end of the lease */
	uv_timer_t teller; /* runs while observers are owed a notification */
	size_t open_handles;
	const struct clock *clock;
	int64_t longest_ms;
	char *state_path;
	struct shared_key key; /* length 0: anyone may command it */
	uint16_t port;
	struct relay_unit unit;
	struct request_copies copies; /* of ON without a number */
};

/* Adds /relay to the server's context. Returns 0 or -ENOMEM. */
int relay_resource_add(struct relay_server *server) MUST_CHECK;

/* Does what `command` asks by the lease's rules. Returns 0, or the driver's error. */
int relay_server_obey(struct relay_server *server, const struct relay_command *command) MUST_CHECK;

/* How it stands, the contact itself where it can be read. */
struct relay_status relay_server_status(struct relay_server *server);

/* Sets the timer to the lease's end. */
void relay_server_watch_lease(struct relay_server *server);
