/*
 * A relay of another make, commanded over MQTT as its source says.
 *
 * A command is published once, and confirmed by a state that the device tells
 * after it, never by a retained one and never by the command itself. What comes
 * of it is reported as the hub reports it of CoAP's relays (coap_hub.h). Nothing
 * here reads a clock or waits: the owner gives the time and calls turn().
 *
 * Where the device tells its timer (lease_set_s), that is held against what was set. A
 * longer one, or none, is no lease: the device is opened and no ON is sent to it for a
 * while. A shorter one is the lease.
 *
 * Commands go with QoS 0: what a broker kept for a device that is away would
 * switch it later.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/event.h"
#include "model/relay.h"
#include "wire/source_take.h"

#define SOURCE_RELAY_ASK_MS 400        /* after a command that no state has confirmed */
#define SOURCE_RELAY_UNCHANGED_MS 1000 /* a device that only tells changes has had the time to */
#define SOURCE_RELAY_DEADLINE_MS 3000
#define SOURCE_RELAY_READ_MS (30 * (int64_t)MS_PER_SECOND)
/* How long no ON is sent to a device whose timer was not what had been set; then it is tried again. */
#define SOURCE_RELAY_WRONG_MS (10 * (int64_t)MS_PER_MINUTE)
#define SOURCE_RELAY_TIMER_SLACK_MS 1500 /* devices count in seconds */

#define SOURCE_RELAY_DETAIL_MAX 128

struct source_relay_handlers {
	void *user;

	/* Returns 0, or a negative errno while the broker is away. */
	int (*publish)(void *user, const char *topic, const char *payload);

	/* As coap_hub_handlers' on_relay_status() and on_relay_failed(). */
	void (*on_status)(void *user, size_t index, enum relay_answer answer,
			  const struct relay_status *status, uint64_t tag);
	void (*on_failed)(void *user, size_t index, bool is_command, uint64_t tag, bool is_refused,
			  const char *detail);
};

struct source_relay {
	size_t index; /* of the relay */
	struct ident id;
	const struct source *source; /* NULL: not in use */
	const struct source_relay_handlers *handlers;
	struct source_state state;
	struct source_slot slots[SOURCE_FIELD_COUNT];
	uint64_t requests; /* numbers those that the device answers by number */

	bool is_known, is_on; /* told since we listen, and not retained */

	bool is_commanded, wanted_on; /* until it is reported */
	bool was_taken;               /* the device took it, and that was reported */
	bool was_heard;               /* a state came since, another than wanted, or without the timer */
	bool was_asked;
	bool is_unsent; /* OFF, which goes out as soon as the broker is there */
	uint64_t tag;
	struct mono_time commanded_at;

	int64_t lease_ms; /* of the last ON; 0: none */
	struct mono_time lease_from;
	int64_t lease_before_ms; /* of the ON before it, of which an answer may still come */
	bool timer_is_told;      /* since that ON */
	bool timer_is_wrong;     /* for a while, or until it tells the right one */
	struct mono_time refused_at;
	int64_t told_ms, set_ms; /* that wrong timer, 0: none; and what it should have been */

	bool is_read; /* a question is open */

	/* what is to be reported at the next turn, never while a command is given */
	bool failure_is_pending, is_refused, readback_is_pending;
	char detail[SOURCE_RELAY_DETAIL_MAX];

	struct mono_time read_at, next_read_at;
};

/* `source` and `handlers` are borrowed for the relay's life. */
void source_relay_init(struct source_relay *relay, size_t index, const struct ident *id,
		       const struct source *source, const struct source_relay_handlers *handlers,
		       struct mono_time now);

/*
 * Sends `command`; one report with `tag` follows, unless another command comes before. No handler
 * but publish() is called before this returns.
 */
void source_relay_command(struct source_relay *relay, const struct relay_command *command,
			  uint64_t tag, struct mono_time now);

/* Asks how it stands; a readback or a failure follows, likewise later. */
void source_relay_read(struct source_relay *relay, struct mono_time now);

/* A message on one of the source's topics. */
void source_relay_take(struct source_relay *relay, const struct source_message *message,
		       const struct source_now *now);

/* The connection has come or gone. */
void source_relay_up(struct source_relay *relay, bool is_up, struct mono_time now);

/* Does what is due: asks, gives up. */
void source_relay_turn(struct source_relay *relay, struct mono_time now);

/* How long until something is due, in ms. */
int64_t source_relay_due_ms(const struct source_relay *relay, struct mono_time now);
