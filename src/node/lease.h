/*
 * What a relay node does with a command, and when it opens by itself: the one
 * set of rules, used by the real node, the virtual house and simulations.
 *
 * Pure: no clock, no I/O, no allocation. The caller moves the contact when
 * `is_on` has changed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"
#include "model/relay.h"

#define LEASE_LONGEST_MS (90 * (int64_t)MS_PER_SECOND) /* default longest lease */

struct relay_node_state {
	bool is_on;
	struct mono_time lease_ends; /* while on: it opens at this moment */
	int64_t longest_ms;          /* > 0; no lease is longer */
	uint32_t switches;           /* changes of the contact since it was made; may be restored */
	uint64_t number;             /* of the last command obeyed; 0 before the first */
	uint64_t boot;               /* new at each start */
};

/* What became of a command. All three are answered with the state (2.04). */
enum lease_result {
	LEASE_SWITCHED,  /* the contact must move */
	LEASE_UNCHANGED, /* obeyed: was so already, at most the lease or the number is new */
	LEASE_IGNORED,   /* an ON whose number is not higher than the last: nothing changed */
};

/*
 * A node that has just started: open, whatever it was before. `longest_ms` is
 * > 0; `switches` and `number` are those it kept, or 0.
 */
struct relay_node_state relay_node_boot(int64_t longest_ms, uint32_t switches, uint64_t number,
					uint64_t boot);

/*
 * Obeys `command` at `now`: OFF always, and its number raises the last; ON only
 * with a higher number or without any. An ON without a lease, or with one that
 * is longer, gets the node's longest; one with a lease that is not positive is
 * ignored. A command to a node whose lease has run out finds it open.
 */
enum lease_result relay_node_put(struct relay_node_state *state,
				 const struct relay_command *command, struct mono_time now);

/* Opens at the lease's end. Returns whether the contact must move. */
bool relay_node_tick(struct relay_node_state *state, struct mono_time now);

/* What is left of the lease at `now`, in ms; 0 when open. */
int64_t relay_node_lease_left(const struct relay_node_state *state, struct mono_time now);

/* What the node says of itself at `now`; `node` and the clock's factor are the caller's. */
struct relay_status relay_node_status(const struct relay_node_state *state,
				      const struct ident *node, int32_t clock_factor,
				      struct mono_time now);
