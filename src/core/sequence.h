/*
 * A node's numbers in the order in which its readings come to be stored: which
 * are missing, which of them came late after all, and whether the node counts
 * anew. Pure, as all of core; it takes no part in decisions.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Messages overtake each other by no more than this; numbers that fall further begin anew. */
#define SEQUENCE_REORDER_MAX 4

/* Missing spans that may yet be filled; of more the oldest counts as lost for good. */
#define SEQUENCE_GAPS_MAX 16

struct sequence_gap {
	int64_t first, last; /* the numbers that did not come */
	bool is_told;
	bool is_over; /* the node has begun anew since: nothing can fill it */
};

struct sequence {
	bool has_last;
	int64_t last; /* the highest of the present count */
	bool
	    counts_by_one; /* seen at least once: else what is between two numbers is not missing */
	bool has_newest;   /* by the node's own clock */
	int64_t newest_ms;
	bool has_fallen; /* a number came from far below, and may be the first of a new count */
	int64_t fallen_to, fallen_at_ms;
	uint32_t restarts;
	int64_t missing; /* numbers that never came, in all; saturates */
	size_t gap_count;
	struct sequence_gap gaps[SEQUENCE_GAPS_MAX]; /* oldest first */
};

/* One reading's number, and what tells whether it goes on from the one before. */
struct sequence_number {
	int64_t number; /* below 0: not looked at */
	bool has_time;  /* `measured_ms` is known */
	int64_t measured_ms;
	int64_t arrived_ms; /* on one clock for all */
	int64_t spacing_ms; /* half the node's interval: it measures no sooner again */
	bool is_queued;     /* retained, or kept by the broker: it does not come when it was sent */
};

/*
 * Takes a number in. The node has begun anew where a number that is not above
 * the last was measured later, or, without a time, where one that fell by more
 * than SEQUENCE_REORDER_MAX is gone on from (by 1 to SEQUENCE_REORDER_MAX) as
 * slowly as the node measures: copies come all at once or alone.
 */
void sequence_take(struct sequence *sequence, const struct sequence_number *number);

/*
 * The next gap to tell of: one that is still open when SEQUENCE_REORDER_MAX more
 * numbers have come. Returns whether there is one; each comes once.
 */
bool sequence_tell(struct sequence *sequence, struct sequence_gap *out);
