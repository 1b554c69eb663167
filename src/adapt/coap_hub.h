/*
 * All CoAP of the daemon: commands to relays and their readback, sensors that
 * are asked instead of publishing, nodes that announce themselves, discovery.
 *
 * It lives in one libuv loop and is used from that loop's thread alone. Nothing
 * blocks; host names are looked up on libuv's workers. It decides nothing about
 * batteries: it sends what it is told to and reports what comes back, each
 * command exactly once (status or failure) unless a newer one replaces it.
 *
 * Times here are real milliseconds: the network does not run on a faster clock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/key_file.h"
#include "base/result.h"
#include "model/event.h"
#include "model/house.h"
#include "model/ident.h"
#include "model/relay.h"
#include "wire/node_message.h"
#include "wire/source_coap.h"

#define COAP_SENSORS_MAX BATTERIES_MAX
#define COAP_SOURCE_PARTS_MAX 128     /* resources of devices of other makes */
#define COAP_COMMAND_DEADLINE_MS 4000 /* real; after it a command has failed */
#define COAP_READBACK_MS 30000        /* default between two GETs of a relay */
#define COAP_OBSERVE_RENEW_MS 60000   /* libcoap 4.3.1 loses an observer with one lost ACK */
#define COAP_CONFIRM_MS 250 /* an observed relay confirms a command within this, or is read */
#define COAP_SENSOR_INTERVAL_MS                                           \
	30000 /* between two GETs of a silent sensor that gave no Max-Age \
	       */

/* What the owner is told; all are called from the loop. Pointers are borrowed for the call. */
struct coap_hub_handlers {
	void *user;

	/* A relay answered. `tag` is that of the command with ANSWER_COMMAND, else 0. */
	void (*on_relay_status)(void *user, size_t index, enum relay_answer answer,
				const struct relay_status *status, uint64_t tag);

	/*
	 * A command (or, with `is_command` false and `tag` 0, a read) got no answer by its
	 * deadline, could not be delivered, or was answered with an error
	 * (`is_refused`). `detail` is a short phrase for people.
	 */
	void (*on_relay_failed)(void *user, size_t index, bool is_command, uint64_t tag,
				bool is_refused, const char *detail);

	/* A sensor's representation arrived: `len` bytes, not checked at all. */
	void (*on_sensor)(void *user, size_t index, const void *payload, size_t len);

	/* A sensor did not answer, or with an error, or with more than one datagram holds. */
	void (*on_sensor_failed)(void *user, size_t index, const char *detail);

	/* What a source's device answered; see coap_hub_set_source(). */
	void (*on_source)(void *user, size_t number, const struct source_coap_answer *answer);

	/* It did not answer, or with an error. */
	void (*on_source_failed)(void *user, size_t number, const char *path, const char *detail);

	/* A node that may do so announced itself, and is reached at `uri`. */
	void (*on_registered)(void *user, const struct ident *node, enum node_type kind,
			      const char *uri);

	/*
	 * A node without a key, which may not, tried to announce itself, and would be reached at
	 * `uri`: it has been refused.
	 */
	void (*on_refused)(void *user, const struct ident *node, enum node_type kind,
			   const char *uri);

	/*
	 * A node of another make, which may do so, announced itself from `address` under a name
	 * that proves nothing and may be empty; it is reached at `uri`. Returns whether it is
	 * taken: otherwise it is refused, as one that answers for another.
	 */
	bool (*on_stranger)(void *user, const struct ident *name, const char *address,
			    const char *uri);

	/* A relay was found by coap_hub_discover(). */
	void (*on_discovered)(void *user, const char *uri);

	/* That discovery is over: 0, or a negative errno. */
	void (*on_discovery_done)(void *user, int result);
};

struct coap_hub;

/*
 * Makes a hub in `loop`; any handler may be NULL. Returns 0, -ENOMEM, or
 * libuv's error.
 */
int coap_hub_new(struct coap_hub **out, uv_loop_t *loop,
		 const struct coap_hub_handlers *handlers) MUST_CHECK;

/* Stops all traffic and calls no handler any more; the memory goes when the loop has turned. */
void coap_hub_free(struct coap_hub *hub);

/* Real time between two GETs of each relay, 100 ms or more. */
void coap_hub_set_readback(struct coap_hub *hub, uint64_t readback_ms);

/* How much faster than real time the relays' clocks run, 1 at first: what a lease counts in. */
void coap_hub_set_clock_factor(struct coap_hub *hub, int factor);

/*
 * Gives relay or sensor `index`, which calls itself `node`, a key, which is copied:
 * from then on it is only spoken to over DTLS, and nobody can register its name
 * without the key. Comes before the address. Returns 0 or -EINVAL (no such index).
 */
int coap_hub_set_relay_key(struct coap_hub *hub, size_t index, const struct ident *node,
			   const struct shared_key *key) MUST_CHECK;
int coap_hub_set_sensor_key(struct coap_hub *hub, size_t index, const struct ident *node,
			    const struct shared_key *key) MUST_CHECK;

/*
 * Sets where relay `index` (0..RELAYS_MAX-1) is: `coap://host[:port]/path`, or
 * `coaps://` for one that has a key. It is read and observed from then on. Naming another place
 * later replaces the first, and a command under way there is reported from the loop as failed;
 * naming the same again only has it read and observed anew. Returns 0, -EINVAL for a URI that is
 * not understood, or -EPERM for coap:// with a key or coaps:// without.
 */
int coap_hub_set_relay(struct coap_hub *hub, size_t index, const char *uri) MUST_CHECK;

/*
 * The relay `index` is no more: nothing is sent to it, and nothing reported of it, until
 * coap_hub_set_relay() names another place.
 */
void coap_hub_unset_relay(struct coap_hub *hub, size_t index);

/*
 * Makes relay `index`, which is called `id`, a device of another make at `uri`
 * (`coap://host[:port]`, or `coaps://` with coap_hub_set_relay_key()), commanded and read as `source` says, which is borrowed. What it
 * acknowledges is ANSWER_TAKEN, and it is read then; one that can not be read is never read, and
 * its acknowledgements are ANSWER_BLIND. Returns as coap_hub_set_relay().
 */
int coap_hub_set_device_relay(struct coap_hub *hub, size_t index, const struct ident *id,
			      const struct source *source, const char *uri) MUST_CHECK;

/*
 * Reads and observes all resources of `source` (borrowed), whose number is the caller's, at `uri`
 * (`coap://host[:port]`, or `coaps://` with `key`, which is copied and else has no length): again
 * before what they said is stale. Another uri later moves it. Returns 0, -EINVAL, -EPERM for coap://
 * with a key or coaps:// without, or -E2BIG past COAP_SOURCE_PARTS_MAX.
 */
int coap_hub_set_source(struct coap_hub *hub, size_t number, const struct source *source,
			const char *uri, const struct shared_key *key) MUST_CHECK;

/*
 * Sends a command, confirmable, at once; `tag` comes back with the answer. A
 * command to the same relay that is still unanswered is given up: it is not
 * sent again and nothing more is reported of it. Where the relay has no
 * address yet the failure is reported from the loop like any other. Returns 0,
 * or -EINVAL for an `index` that was never set.
 */
int coap_hub_command(struct coap_hub *hub, size_t index, const struct relay_command *command,
		     uint64_t tag) MUST_CHECK;

/* Reads relay `index` now (GET), whatever its readback period. */
void coap_hub_read_relay(struct coap_hub *hub, size_t index);

/* Sets where sensor `index` (0..COAP_SENSORS_MAX-1) is; as coap_hub_set_relay(). */
int coap_hub_set_sensor(struct coap_hub *hub, size_t index, const char *uri) MUST_CHECK;

/*
 * Asks sensor `index` to measure every `interval_ms` of its clock (PUT). Its next reading says
 * whether it does; an error goes to on_sensor_failed. Returns 0, or -EINVAL.
 */
int coap_hub_set_sensor_interval(struct coap_hub *hub, size_t index,
				 int64_t interval_ms) MUST_CHECK;

/*
 * Listens for `POST /registration` as `config` says, in the open, with DTLS, or both.
 * In the open register nodes without a key that are in its allow-list, or any while
 * pairing is open; with DTLS a node that has a key, under its own name. `config` is
 * borrowed until the hub is freed. Returns a port (the open one first), or a negative errno.
 */
int coap_hub_listen(struct coap_hub *hub, const struct coap_config *config) MUST_CHECK;

/*
 * Asks `base` (`coap[s]://host[:port]`, with the key of relay `index` where it has one)
 * for its /.well-known/core and reports each link with rt="amphora.relay". One at a
 * time. Returns 0, -EBUSY, or as coap_hub_set_relay().
 */
int coap_hub_discover(struct coap_hub *hub, size_t index, const char *base) MUST_CHECK;

/* What was refused or went wrong, for the API and the tests. */
struct coap_hub_counters {
	uint64_t commands, superseded, timeouts, refusals;
	uint64_t bad_answers; /* could not be read as a relay's status */
	uint64_t reordered;   /* late notifications that were not used */
	uint64_t registrations, registrations_refused;
};

struct coap_hub_counters coap_hub_counters(const struct coap_hub *hub);
