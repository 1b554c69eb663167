/*
 * A relay node without its network: the lease's rules (lease.h) and the contact
 * that follows them. Shared by the relay server and by simulations.
 *
 * No clock and no I/O of its own: what happens is the driver's. Not thread-safe.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/time.h"
#include "model/relay.h"
#include "node/lease.h"
#include "node/relay_driver.h"
#include "node/relay_memory.h"

struct relay_unit {
	struct ident node;
	struct relay_node_state state;
	struct relay_driver driver; /* borrowed: whoever made it closes it */
};

/*
 * A start: the contact opens, whatever it was before. `memory` is what was kept
 * over the boot, `boot` is new. Returns 0, or the driver's error.
 */
int relay_unit_boot(struct relay_unit *unit, int64_t longest_ms, const struct relay_memory *memory,
		    uint64_t boot) MUST_CHECK;

/*
 * Does what `command` asks by the lease's rules; one that is ignored is no error.
 * Where the contact does not move the state goes back to what it was. Returns
 * LEASE_SWITCHED, LEASE_UNCHANGED or LEASE_IGNORED, or the driver's negative
 * errno; with that the command was obeyed all the same, as far as it could be.
 */
int relay_unit_obey(struct relay_unit *unit, const struct relay_command *command,
		    struct mono_time now) MUST_CHECK;

/*
 * Opens the contact where the lease has ended. Returns 1 when it has, 0 where
 * there was nothing to do, or the driver's negative errno when it did not move:
 * then the lease has still ended, and is to be looked at again soon.
 */
int relay_unit_expire(struct relay_unit *unit, struct mono_time now) MUST_CHECK;

/* How it stands: the contact itself where it can be read, and the power through it. */
struct relay_status relay_unit_status(const struct relay_unit *unit, int32_t clock_factor,
				      struct mono_time now);

/* What is to be kept over a boot. */
struct relay_memory relay_unit_memory(const struct relay_unit *unit);
