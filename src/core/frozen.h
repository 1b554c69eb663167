/*
 * Whether a sensor stands still although it should move: the same values again
 * and again while so much energy flowed that they would have had to change.
 */
#pragma once

#include "core/turn.h"

/* Notes whether the good `reading`, measured at `measured_at`, moves against the last good one. */
void frozen_follow(struct battery_state *battery, const struct reading *reading,
		   struct mono_time measured_at);

/* Sums up what has flowed until now, by what the relays said last; before each word of theirs. */
void frozen_count(const struct turn *turn, size_t battery);

/*
 * Sums it up too, and marks a reading that has just come as frozen where it is time; at each
 * reading and tick.
 */
void frozen_watch(const struct turn *turn, size_t battery);
