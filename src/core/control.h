/*
 * What is wanted: the wishes of everyone who may decide, and whose counts.
 * Whether it may happen is for the gate (safety.h).
 */
#pragma once

#include "core/turn.h"

/*
 * Moves the threshold rule's hysteresis on; for good readings only. Without
 * `may_begin` what is wanted may end, and nothing new is wanted.
 */
void control_follow(struct battery_state *battery, const struct settings *settings, int32_t soc_bp,
		    bool may_begin);

/*
 * Fills wishes, winner, wanted and reason of `decision`, all zero before, for the
 * battery `index`, the gate not asked yet. Where nobody can say, INTENT_SAFE is wanted
 * by DECIDER_SAFETY for want of a reading. Returns who decides for the relays
 * that no person has taken over.
 */
enum decider control_wish(const struct turn *turn, size_t index, struct decision *decision);

/*
 * Whose flip tells what would change `reason`: of a wish that the threshold rule has just begun
 * where it ends; else itself.
 */
struct reason control_flip(struct reason reason, const struct settings *settings);

/* The second of the house's local day, 0..86399. */
int32_t control_second_of_day(struct now now);
