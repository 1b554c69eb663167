/* Events as lines, for `events` and the live screen. */
#pragma once

#include "base/text.h"
#include "cli/cli.h"

/* Adds one line, without its end: time, subject, what. */
void event_add(const struct cli *cli, struct text *out, const json_t *event);
