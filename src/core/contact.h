/*
 * Whether a contact that is reported open is open in truth: a welded contact
 * whose readback only echoes the command, or a relay that lies. It is seen by
 * the power through the relay, where it tells, and by a state of charge that
 * rises. Then the relay counts as not open, its OFF is sent again without end,
 * and the battery is locked out until a person acknowledges.
 */
#pragma once

#include "core/turn.h"

/* Judges the power in the status that the relay `index` has just given. */
void contact_heard(const struct turn *turn, size_t index);

/* Judges the state of charge of `battery`; at each reading and each tick. */
void contact_watch(const struct turn *turn, size_t battery);

/* At the start: what the alerts that were restored say of the relays of `battery`. */
void contact_restore(const struct turn *turn, size_t battery);

/* A person has seen to it: the relays of `battery` are believed again. */
void contact_believe(const struct turn *turn, size_t battery);
