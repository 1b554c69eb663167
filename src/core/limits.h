/*
 * The latches of S6, the trips and the lockout: a limit that tripped releases
 * only beyond its hysteresis, and too many trips in a day lock the battery out
 * until a person acknowledges. Others may lock it out too (contact.h).
 */
#pragma once

#include "core/safety.h"
#include "core/turn.h"

/* The limits of the gate, out of a battery's settings and configuration. */
struct gate_limits limits_of(const struct battery_config *config, const struct settings *settings);

/*
 * Whose flip tells what would change `reason`: of a limit that was crossed its latch, with the
 * value that releases it, since the reading that crossed it has set the latch too; else itself.
 */
struct reason limits_flip(struct reason reason, const struct gate_limits *limits);

/* What a reading says that latches are judged by. */
struct limit_values {
	int32_t soc_bp, temp_min_mc, temp_max_mc;
};

/*
 * Sets the latches of `battery` that `values` trip and, if `may_release` (a
 * good reading), releases those that it is beyond. A limit that tripped while
 * its path was on counts as one trip, and may lock the battery out.
 */
void limits_follow(const struct turn *turn, size_t battery, struct limit_values values,
		   bool may_release);

/* Locks `battery` out until a person acknowledges; `cause` goes into the alert's words. */
void limits_lock_out(const struct turn *turn, size_t battery, const char *cause);

/* A person has seen the lockout: it ends, and the day's trips begin anew. */
void limits_end_lockout(const struct turn *turn, size_t battery);
