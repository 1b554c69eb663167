/*
 * What is wanted: the wishes of everyone who may decide, and whose counts.
 * Whether it may happen is for the gate (safety.h).
 */
#pragma once

#include "core/turn.h"

/* Moves the threshold rule's hysteresis on; for good readings only. */
void control_follow(struct battery_state *battery, const struct settings *settings, int32_t soc_bp);

/*
 * Fills wishes, winner, wanted and reason of `decision` for the battery
 * `index`, the gate not asked yet. Where nobody can say, INTENT_SAFE is wanted
 * by DECIDER_SAFETY for want of a reading.
 */
void control_wish(const struct turn *turn, size_t index, struct decision *decision);

/* The second of the house's local day, 0..86399. */
int32_t control_second_of_day(struct now now);

/* An override begins, as a person asked. Out of range durations change nothing. */
void control_override(const struct turn *turn, size_t index, enum intent intent,
		      int64_t duration_ms);

/* It ends: now, or because its time has come. */
void control_override_end(const struct turn *turn, size_t index);

/*
 * One that was kept over a restart goes on for what is left of it, once the wall clock is
 * trusted; one whose end has passed is over.
 */
void control_override_resume(const struct turn *turn, size_t index);

/* One that the journal kept goes on until its end by wall time, if that can still be known. */
void control_override_restore(const struct turn *turn, size_t index,
			      const struct override_kept *kept);
