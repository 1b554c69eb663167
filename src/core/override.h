/*
 * A person's word on single relays: when it begins, what it ends, and how it
 * survives a restart. What it makes of the battery is control.h's, whether it
 * may be is decide.h's.
 */
#pragma once

#include "core/turn.h"

/* Whether `wish` is about the relay `relay`, and in `is_on` what it asks of it. */
bool override_concerns(const struct turn *turn, const struct override_wish *wish, size_t relay,
		       bool *is_on);

/*
 * Begins what a person asked for, in place of what was asked of the same
 * relays before. A battery either charges or feeds the house: an ON ends every
 * ON of the other path. Out of range durations change nothing.
 */
void override_begin(const struct turn *turn, const struct override_wish *wish);

/* Ends the override `id` of all its relays. */
void override_cancel(const struct turn *turn, uint32_t id);

/*
 * Time passes for the overrides of `battery`: those that are over end, and one
 * that was kept over a restart goes on for what is left of it, once the wall
 * clock is trusted.
 */
void override_follow(const struct turn *turn, size_t battery);

/* One that the journal kept of `relay` goes on until its end by wall time. */
void override_restore(const struct turn *turn, size_t relay, const struct override_kept *kept);
