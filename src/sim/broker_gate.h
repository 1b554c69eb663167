/*
 * Another way to the broker: a port of this machine whose connections go on to the
 * broker's, byte by byte, until the gate is closed. To who comes by it a closed gate
 * is a broker that is gone: connections end, and new ones are refused.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/result.h"

#define GATE_PEERS_MAX 16 /* more are turned away */

struct broker_gate;

/*
 * Listens on a free port of 127.0.0.1. `host` is a numeric IPv4 or IPv6 address.
 * Returns 0 or a negative errno.
 */
int broker_gate_new(struct broker_gate **out, uv_loop_t *loop, const char *host,
		    uint16_t port) MUST_CHECK;

/* It keeps its port while closed. Accepts NULL. */
void broker_gate_set_closed(struct broker_gate *gate, bool is_closed);

int broker_gate_port(const struct broker_gate *gate);

/* The memory goes when the loop has turned. NULL is fine. */
void broker_gate_free(struct broker_gate *gate);
