/*
 * Taking a message by a source: which of its values are there, how old they
 * are, what is missing and why.
 *
 * Pure: the source says what is what, the state is what came before, the clocks
 * are arguments. A value is never invented: what is not there, not readable,
 * out of bounds, too old or only retained is missing, with a reason.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "model/reading.h"
#include "wire/source.h"

/* How far a time may be ahead of our clock before it is no time at all. */
#define SOURCE_AHEAD_MS (60 * (int64_t)MS_PER_SECOND)

/* What arrived. */
struct source_message {
	const char *topic;
	const void *payload;
	size_t length;
	bool is_retained;
	bool has_age; /* known from elsewhere; else the source says where it stands */
	int64_t age_ms;
	int64_t fresh_for_ms; /* where less than the source's stale_after; 0: as long as that */
};

struct source_now {
	struct mono_time mono;
	bool has_wall; /* whether the wall clock is to be believed */
	struct wall_time wall;
};

enum source_presence { SOURCE_UNTOLD, SOURCE_UP, SOURCE_DOWN };

/* What one message told. */
struct source_news {
	bool is_ours;     /* something of the source stands on its topic */
	enum refusal why; /* REFUSAL_NONE, or why nothing of it is of use */
	enum source_field
	    field;             /* that it was refused for; SOURCE_FIELD_COUNT: the whole message */
	uint64_t got, missing; /* sets of fields */
	double value[SOURCE_FIELD_COUNT]; /* of those got, within their ranges; flags and states 0,
					     1 */
	const char *word[SOURCE_FIELD_COUNT];    /* of those that are words */
	enum refusal reason[SOURCE_FIELD_COUNT]; /* of those missing */
	double refused_value, refused_limit;     /* with REFUSAL_OUT_OF_RANGE of `field` */
	bool is_last_known;                      /* it was retained: a state in it proves nothing */
	enum source_presence available;
	bool has_age;            /* it told a time of its own */
	int64_t age_ms;          /* else 0: it is as old as its arrival */
	bool time_was_set_aside; /* the sender's clock is not set: arrival counts */
};

#define SOURCE_BIT(field) (UINT64_C(1) << (field))

/* A value that is held. */
struct source_slot {
	bool is_set;
	double value;
	struct mono_time measured;
	int64_t fresh_for_ms; /* stale_after, or less by the message's own word */
};

/* What a source has said. */
struct source_state {
	struct source_slot *slots; /* one a field of the source, in its order; borrowed */
	enum source_presence available[SOURCE_AVAILABLE_MAX];
	enum source_presence latest; /* of them */
	bool is_gone; /* an empty payload said so, and nothing came since */
	bool has_time;
	struct mono_time measured; /* by a topic of its own */
};

/* `slots` has room for `source->field_count`; it is borrowed for the state's life. */
void source_state_init(struct source_state *state, struct source_slot *slots,
		       const struct source *source);

/*
 * Takes `message` by `source`. `news` is always written. Does not block or
 * allocate; what it costs is bounded by the payload's length times the rows of
 * the topic.
 */
void source_take(struct source_news *news, const struct source *source, struct source_state *state,
		 const struct source_message *message, const struct source_now *now);

/* Whether the device is not known to be gone, and no part of what it measured is older than
 * stale_after. */
bool source_is_available(const struct source *source, const struct source_state *state,
			 struct mono_time now);

/*
 * The value held of `field`, and its age. Returns false where there is none, it
 * is older than stale_after, or the device is gone.
 */
bool source_value(double *value, int64_t *age_ms, const struct source *source,
		  const struct source_state *state, enum source_field field, struct mono_time now);
