/*
 * A grid that is told by phase: its power is the sum of the phases that were ever told, as
 * long as each of them is fresh. A phase that has fallen silent makes no smaller sum, but none.
 */
#pragma once

#include "wire/source_take.h"

/* Whether `source` tells its grid by phase, and not as a whole. */
bool source_has_phases(const struct source *source);

/* Adds grid_w to `news` where it brought a phase, from what `state` holds at `now`. */
void source_phases_add(struct source_news *news, const struct source *source,
		       const struct source_state *state, struct mono_time now);
