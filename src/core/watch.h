/* What no single message shows: silence, standing still, charging without effect. */
#pragma once

#include "core/turn.h"

/* Whether the battery's values stand still in use, and whether charging has an effect. */
void watch_battery(const struct turn *turn, size_t index);

/* Raises the alarm for a sensor that has fallen silent, and forgets its good readings. */
void watch_silence(const struct turn *turn, size_t index);
