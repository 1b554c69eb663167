/* Whether a configuration that reads well would also start, and do something. */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "model/house.h"

/*
 * Looks for all that the configuration names and a start needs: the zone, the
 * password files, the certificates. Adds a line for each that is not there or
 * may not be read by whoever runs this; returns whether all is well. Takes the
 * zone for this process. Blocks on files only.
 */
bool check_is_startable(const struct house *house, struct text *errors);

/* Warns of what is configured and will be watched only, or can never be commanded. */
void check_warn(const struct house *house);
