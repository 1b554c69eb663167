/*
 * The virtual house: the world (world.h) behind real nodes. Each battery has a
 * real MQTT sensor and two real CoAP relays, all in one event loop; to Amphora
 * they look like hardware. It keeps the account of what truly happened.
 *
 * Battery i (from 1) is called `b<i>`, its relays `r<2i-1>` (source) and `r<2i>`
 * (load). The meters' topics are those of docs/design.md, section 6.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "model/chemistry.h"
#include "sim/faults.h"
#include "sim/world.h"

#define FAULT_PLANS_MAX 32

struct virtual_house_options {
	const char *broker_host; /* borrowed for the call; numeric or a name */
	uint16_t broker_port;
	struct world_settings world;
	int32_t interval_s; /* between two readings of a sensor, on the clock */
	bool is_held;       /* sensors wait for virtual_house_start_sensors() */
	bool has_gate;      /* a way to the broker that `broker-gone` closes: broker_gate.h */
	struct envelope envelope;
	int64_t stale_after_ms; /* as the daemon has it, for the account's bounds */
	size_t plan_count;
	struct fault_plan plans[FAULT_PLANS_MAX];
};

struct virtual_house;

/*
 * Builds the house and starts its nodes on free loopback ports. `clock` is
 * borrowed until the house is freed. Returns 0, or a negative errno with a
 * sentence in `error`. Writes `out` in either case (NULL without memory): stop and
 * free it.
 */
int virtual_house_new(struct virtual_house **out, uv_loop_t *loop, const struct clock *clock,
		      const struct virtual_house_options *options, struct text *error) MUST_CHECK;

/* Stops every node: the loop then comes to its end. NULL is fine. */
void virtual_house_stop(struct virtual_house *house);

/* Frees a stopped house after the loop has ended. NULL is fine. */
void virtual_house_free(struct virtual_house *house);

/*
 * Writes one line `ID PORT` for each relay's CoAP port to `path`, and one for the gate as
 * `broker`, whole or not at all. Returns 0 or a negative errno.
 */
int virtual_house_write_ports(const struct virtual_house *house, const char *path) MUST_CHECK;

/* Writes the account as it stands. Returns 0 or a negative errno. Blocks on the disk. */
int virtual_house_write_account(struct virtual_house *house, const char *path) MUST_CHECK;

/*
 * Breaks something (`NAME` or `break NAME`, see faults.h), mends it with `mend NAME` or everything
 * with `clear`. Returns 0, or -EINVAL with a sentence in `error`.
 */
int virtual_house_break(struct virtual_house *house, const char *text,
			struct text *error) MUST_CHECK;

/* Sensors measure and publish from now on, or no more; relays are not concerned. */
void virtual_house_start_sensors(struct virtual_house *house);
void virtual_house_stop_sensors(struct virtual_house *house);

#define HOUSE_STATE_MAX (512 + 256 * BATTERIES_MAX)

/* Every fault as one line of JSON: whether it is on, and for how long on the clock. */
void virtual_house_describe_faults(const struct virtual_house *house, struct text *out);

/* Writes the true state as one line of JSON. */
void virtual_house_describe(struct virtual_house *house, struct text *out);
