/* From wishes to commands: asks the gate, drives the relays, writes down why. */
#pragma once

#include "core/safety.h"
#include "core/turn.h"

/*
 * Decides for the battery `index`: sends what its relays need now, and notes a
 * decision where what happens, who won, why (by code) or what was wanted is new.
 */
void decide_battery(const struct turn *turn, size_t index);

/*
 * Why what a person asks of `battery` is refused at once, or REASON_NONE: where the limits let
 * it be, on one of its relays at least, now or by themselves in a moment. An OFF never is.
 */
struct hindrance decide_refusal(const struct turn *turn, size_t battery,
				const struct override_wish *wish);

/* What the gate is told of the battery `index`, and of its path through the relay `relay`. */
struct gate_battery decide_gate_battery(const struct turn *turn, size_t index);
struct gate_switching decide_gate_switching(const struct turn *turn, size_t relay);
