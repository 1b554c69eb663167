/* The house's local day, on which switches and trips are counted. */
#pragma once

#include "core/turn.h"

/* Of what was counted while no clock could be trusted. */
#define DAY_UNKNOWN 0

/* The local day of `now`, since 1970-01-01; only where the wall clock is trusted. */
int64_t day_of(struct now now);

/* Begins the counts anew where a day has begun. */
void day_follow(const struct turn *turn);

/* Whether what was counted on `day`, before our start, counts today; unknown is yes. */
bool day_is_today(const struct turn *turn, int64_t day);
