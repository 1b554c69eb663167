/*
 * Each reading once: which of those that come are in the journal already, and
 * which numbers of a node never came. Rests on the newest rows, which a start
 * reads again, and on no table of its own.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapt/known_readings.h"
#include "core/sequence.h"
#include "model/house.h"
#include "model/ident.h"
#include "model/status.h"

/* Of more nodes that number their readings, the one that was silent for longest is forgotten. */
#define NUMBERED_NODES_MAX (BATTERIES_MAX + UNKNOWN_NODES_MAX)

struct numbered_node {
	struct ident name; /* empty: free entry */
	uint64_t heard;    /* grows with each reading of any node */
	struct sequence sequence;
};

/* All zero is the beginning. */
struct numbers {
	struct known_readings known;
	uint64_t heard;
	struct numbered_node nodes[NUMBERED_NODES_MAX];
};

/* A reading that is to be stored, as it comes or as a start reads it again. */
struct numbered_reading {
	const struct reading *reading;
	struct wall_time arrived;
	int64_t interval_ms; /* of its node, where the reading does not say it */
	bool is_queued;      /* it does not come when it was sent */
	/* what numbers_take() finds */
	struct numbered_node *node; /* NULL: it has no number */
	uint64_t key;
	bool is_copy;    /* it is stored already */
	bool has_filled; /* it was the last of the numbers that were missing */
};

/* Takes in one that reading_is_known_by_itself(). */
void numbers_take(struct numbers *numbers, struct numbered_reading *taken);

/* It is in the journal now, or on its way there. */
void numbers_keep(struct numbers *numbers, const struct numbered_reading *taken);
