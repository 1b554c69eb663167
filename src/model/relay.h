/*
 * Relays: their role, what is sent to them, what they answer.
 *
 * A relay belongs to a battery. Closing ("on") a `source` relay lets the
 * external source charge it, closing a `load` relay lets it feed the house.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "base/time.h"
#include "model/ident.h"

enum relay_role { RELAY_SOURCE, RELAY_LOAD };

/* "source", "load" */
const char *relay_role_name(enum relay_role role);

/* The number of a command: the controller's epoch above, the command's count below. */
#define COMMAND_EPOCH(n) ((uint32_t)((uint64_t)(n) >> 32))
#define COMMAND_NUMBER(epoch, count) ((uint64_t)(epoch) << 32 | (uint32_t)(count))
#define COMMAND_NUMBER_MAX ((uint64_t)INT64_MAX)

/* An absolute state for a relay, never a toggle. */
struct relay_command {
	bool is_on;
	bool has_lease;
	int64_t lease_ms; /* > 0 with is_on; the relay opens by itself after it */
	bool has_number;
	uint64_t number;
};

/* What a relay says of itself. */
struct relay_status {
	struct ident node;
	bool is_on;
	int64_t lease_left_ms; /* 0 when off or without a lease */
	bool has_switches;
	uint32_t switches; /* since the node was made or began to count */
	bool has_number;
	uint64_t number; /* of the last command obeyed */
	bool has_boot;
	uint64_t boot; /* new at each start of the node */
	bool has_power;
	int64_t power_mw;
	int32_t clock_factor; /* 1 where the node does not say */
};

/* What opens a relay that is not confirmed open, when nothing more is sent to it. */
enum opener {
	OPENER_NONE,   /* it is open, or was never ours to open */
	OPENER_LEASE,  /* its lease, within a stated time */
	OPENER_PERSON, /* nothing by itself: it has no lease, or its contact is welded */
};

struct opening {
	enum opener by;
	bool was_heard;    /* since we started */
	int64_t within_ms; /* at most; with OPENER_LEASE */
};

/* "lease", "person" */
const char *opener_name(enum opener by);

/* Writes for a person how `relay` stands, and what opens it; nothing with OPENER_NONE. */
void opening_format(const struct opening *opening, const char *relay, struct text *out);

/* How far a wish has come. */
enum relay_phase {
	RELAY_UNKNOWN,   /* nothing heard yet */
	RELAY_REQUESTED, /* wished, not sent: dwell, budget, epoch not durable yet */
	RELAY_SENT,
	RELAY_ACKED,     /* the device took the command */
	RELAY_CONFIRMED, /* a readback agrees with the wish */
	RELAY_MISMATCH,  /* the device says otherwise, and ON will not be resent */
	RELAY_TIMEOUT,   /* no answer within the deadline */
};

/* "unknown", "requested", … */
const char *relay_phase_name(enum relay_phase phase);
