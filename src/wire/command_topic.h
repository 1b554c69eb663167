/* Topics on which devices are commanded, as their makers have them: for what should not be retained. */
#pragma once

#include <stdbool.h>

/*
 * Whether a retained message on `topic` would be obeyed by a device at each of its connects:
 * Tasmota's cmnd/…, …/set and …/set/…, …/command and …/command/…, …/cmd, …/rpc.
 */
bool topic_commands(const char *topic);
