/*
 * Relays r0, r1, … in this program: libcoap's server with a bool for a contact.
 * They answer, notify their observers and say how they stand, as amphora-relay
 * does; leases do not end, since a measurement is shorter.
 */
#pragma once

#include <coap3/coap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "house.h"
#include "model/relay.h"

struct relay {
	coap_resource_t *resource;
	struct relay_status status;
	uint32_t commands; /* PUTs understood */
};

struct relays {
	coap_context_t *coap;
	struct relay all[HOUSE_BATTERIES];
};

/* Listens at 127.0.0.1:`port`. Must stay where it is. 0 or a negative errno. */
int relays_open(struct relays *relays, uint16_t port) MUST_CHECK;
void relays_close(struct relays *relays);

/* Answers what has come, first waiting up to `wait_ms` (0: not at all) for something. */
void relays_turn(struct relays *relays, uint32_t wait_ms);

/* Has the observers of relay `index` told with the next turn. */
void relays_notify(struct relays *relays, size_t index);
