/* The daemon's configuration, for the commands that work without a daemon. */
#pragma once

#include "base/result.h"
#include "model/house.h"

/*
 * Reads the configuration at `path`. Returns 0, or a negative errno after it has
 * said on standard error what is wrong. Writes `out` only on 0.
 */
int house_read(struct house *out, const char *path) MUST_CHECK;
