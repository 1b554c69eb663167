/* How old a message of a source is, by its own word. Internal to wire/source*.c. */
#pragma once

#include "wire/source_take.h"

struct source_age {
	bool is_known;      /* it told a time that can be used */
	int64_t age_ms;     /* >= 0; 0 where it is not known */
	bool was_set_aside; /* it told a time of a clock that is not set */
	enum refusal why;   /* REFUSAL_STALE, _CLOCK_SKEW, or none */
};

/* Takes a message of the topic that says when all was measured. Returns whether it is that. */
bool source_time_take(const struct source *source, struct source_state *state,
		      const struct source_message *message, const struct source_now *now);

struct source_age source_age_of(const struct source *source, const struct source_state *state,
				const struct source_message *message, const struct source_now *now);
