/* What outlives the process: taken back at the start. core_keep_*() give it out (step.h). */
#pragma once

#include "core/turn.h"

void keep_restore_battery(const struct turn *turn, size_t index, const struct kept_battery *kept);
void keep_restore_relay(const struct turn *turn, size_t index, const struct kept_relay *kept);
