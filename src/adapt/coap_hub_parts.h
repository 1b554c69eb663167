/* The hub's inside, shared by its files: coap_hub.c, coap_relay.c, coap_sensor.c, … */
#pragma once

#include "adapt/coap_hub.h"
#include "adapt/coap_loop.h"
#include "adapt/coap_peer.h"
#include "wire/coap_target.h"

struct coap_relay {
	struct coap_peer peer; /* first: actions get from it to here */
	bool wanted_on;        /* by the last command */
	bool is_confirmed;     /* observe has shown it since */
	uint64_t tag;
	struct relay_command command; /* the last, and when it was asked for */
	uint64_t commanded_at_ms;

	/* of a device of another make: coap_device.c */
	const struct source *source; /* borrowed; NULL: one of our own nodes */
	struct ident id;
	const char *path; /* of its state, as the source has it; NULL: it can not be read */
	struct coap_target target; /* of the last command */
};

/* One resource of a source. */
struct coap_source_part {
	struct coap_peer peer; /* first */
	const struct source *source;
	size_t number;
	const char *path; /* as the source has it */
	struct shared_key key;
};

/* The key of a node of that name; length 0: it has none, and is spoken to openly. */
struct hub_key {
	struct ident node;
	struct shared_key key;
};

struct coap_hub {
	uv_loop_t *loop;
	struct coap_hub_handlers handlers;
	struct coap_loop coap;
	struct coap_hub_counters counters;
	uint64_t readback_ms;
	uint64_t clock_factor; /* of the relays' leases */
	bool is_discovering;
	size_t open_handles;              /* the hub's memory goes when there are none */
	const struct coap_config *config; /* while listening */
	struct coap_relay relays[RELAYS_MAX];
	struct coap_peer sensors[COAP_SENSORS_MAX];
	int64_t sensor_intervals_ms[COAP_SENSORS_MAX]; /* that were asked for last */
	struct hub_key relay_keys[RELAYS_MAX], sensor_keys[COAP_SENSORS_MAX];
	struct coap_peer discovery;
	size_t part_count;
	struct coap_source_part parts[COAP_SOURCE_PARTS_MAX];
};

extern const struct peer_actions relay_actions, sensor_actions, discovery_actions;

/*
 * The last command as it is right now: its lease is shorter by what it has waited. Returns whether
 * there is any use in it.
 */
bool relay_command_now(const struct coap_relay *relay, struct relay_command *out);

/* Reports what a relay said, or what did not come of it. */
void relay_report(struct coap_relay *relay, enum relay_answer answer,
		  const struct relay_status *status, uint64_t tag);
void relay_report_failure(struct coap_relay *relay, bool is_command, bool is_refused,
			  const char *detail);

/* A handle is in the loop, or has left it. */
void hub_hold(struct coap_hub *hub);
void hub_release(struct coap_hub *hub);

/* Adds the resource /registration. Returns 0 or -ENOMEM. */
int hub_add_registration(struct coap_hub *hub) MUST_CHECK;
