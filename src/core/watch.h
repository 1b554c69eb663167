/* What no single message shows: silence, standing still, charging without effect. */
#pragma once

#include "core/turn.h"

/* Whether the battery's values stand still in use, and whether charging has an effect. */
void watch_battery(const struct turn *turn, size_t index);

/* The state of charge was put right: how it moved until now says nothing. */
void watch_anew(struct battery_state *battery);

/* Raises the alarm for a sensor that has fallen silent, and forgets its good readings. */
void watch_silence(const struct turn *turn, size_t index);
