/*
 * Whether the wall clock may be believed (docs/design.md, "Two clocks"): it is
 * plausible, and it runs as the monotonic clock does.
 *
 * A machine without a real-time clock boots in 1970 and jumps when the network
 * comes. Until then there is no schedule and no plan, and rows are marked.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

/* Nothing is recorded before this release was made: 2026-11-01T00:00:00Z. */
#define TRUST_EARLIEST_MS INT64_C(1793491200000)

/* How long, in checks, the clock must have run steadily where no time service vouches for it. */
#define TRUST_STEADY_CHECKS 5

/* More than this between the two clocks from one check to the next is a jump. */
#define TRUST_JUMP_MS 1000

/* A person is told of a clock that has not been trusted for so many checks since the start. */
#define TRUST_PATIENCE_CHECKS 15

struct trust {
	bool is_trusted;
	int32_t untrusted_checks; /* in a row; TRUST_PATIENCE_CHECKS + 1 at most */
	bool has_last;
	int32_t steady_checks;
	struct wall_time earliest; /* nothing before it is plausible */
	struct wall_time last_wall;
	struct mono_time last_mono;
};

/* `newest_row` is the time of the newest row in the journal, 0 without any. */
void trust_init(struct trust *trust, struct wall_time newest_row);

/*
 * Judges the present, about once a second of real time. `is_synchronised` is
 * what the system says of its time service. Returns whether the answer
 * (trust->is_trusted) has changed.
 */
bool trust_check(struct trust *trust, struct wall_time wall, struct mono_time mono,
		 bool is_synchronised);

/*
 * Whether a person is to be told now how it stands: upon each change, and once
 * when patience with a clock that is not trusted ends. To be asked after each
 * check with what that returned.
 */
bool trust_is_news(const struct trust *trust, bool has_changed);

/* Whether the system's clock is disciplined by a time service (adjtimex). */
bool trust_ask_system(void);
