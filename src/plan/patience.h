/*
 * A battery ages while it stands nearly full. Where the sun will surely fill it later for the same
 * money it need not be full by ten in the morning: then surplus is kept up to PATIENCE_HIGH first.
 *
 * Surely: on each of the home's last weeks' days so much more surplus came after this time of the
 * day that twice the room above would have been filled, at no better price for selling than now.
 */
#pragma once

#include "plan/lattice.h"

#define PATIENCE_HIGH 0.8f /* of the capacity */

/* The level that surplus is to be kept up to in `slots[0]`: `keep_to`, or less. */
float patience_keep_to(const struct plan_past *past, const struct plan_slot *slots, int count,
		       const struct plan_battery *battery, const struct plan_reach *reach,
		       float keep_to);
