/*
 * How much the next six hours are expected to depart from those of each past
 * day: two ridge regressions (load, PV) at this place on the clock, over the
 * last 90 days.
 */
#pragma once

#include "plan/lattice.h"

#define TREND_HOURS 6 /* that it speaks of */

/* Writes the departures at `now`; zero where the past is too short. Does not change `past`. */
void trend_shift(const struct plan_past *past, struct plan_when now, struct lattice_shift *shift);
