/* What is sent to a source's device to switch it, and to ask it. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/time.h"
#include "wire/source.h"

enum source_command_answer {
	SOURCE_COMMAND_GOOD,
	SOURCE_COMMAND_NONE,              /* the source has no such command */
	SOURCE_COMMAND_LEASE_UNSUPPORTED, /* nothing would open the device when we are gone */
	SOURCE_COMMAND_LEASE_TOO_LONG,    /* for the device's timer */
};

/* "", "no-command", "lease-unsupported", "lease-too-long" */
const char *source_command_answer_name(enum source_command_answer answer);

struct source_command {
	const char *topic; /* of the source */
	char payload[SOURCE_PAYLOAD_MAX];
	int64_t lease_ms; /* after which the device opens by itself; 0: it does not */
};

/*
 * Composes ON with a lease of at most `lease_ms`, as the device can count it,
 * rounded down; 0: without one, by the owner's word. `number` names the request where the device
 * answers by number. Writes `out` only on SOURCE_COMMAND_GOOD.
 */
enum source_command_answer source_command_on(struct source_command *out,
					     const struct source *source, int64_t lease_ms,
					     uint64_t number) MUST_CHECK;

/* OFF, and the question how it stands. */
enum source_command_answer source_command_off(struct source_command *out,
					      const struct source *source,
					      uint64_t number) MUST_CHECK;
enum source_command_answer source_command_read(struct source_command *out,
					       const struct source *source,
					       uint64_t number) MUST_CHECK;

/*
 * What keeps the device talking, for the sources that need it: `is_first` asks for all values.
 * Returns whether there is such a message.
 */
bool source_keepalive(struct source_command *out, const struct source *source, bool is_first);

#define SOURCE_KEEPALIVE_MS (30 * (int64_t)MS_PER_SECOND)

/* The first `$word` of `payload` that is none of ours, or NULL. */
const char *source_payload_unknown(const char *payload);

/* Whether `payload` carries a lease. */
bool source_payload_has_lease(const char *payload);
