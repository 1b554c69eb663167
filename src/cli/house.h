/* The daemon's configuration, for the commands that work without a daemon. */
#pragma once

#include "base/result.h"
#include "model/house.h"

/*
 * Reads the configuration at `path`. Returns 0, or a negative errno after it has
 * said on standard error what is wrong. Writes `out` only on 0.
 */
int house_read(struct house *out, const char *path) MUST_CHECK;

struct sources;

/* The same with the devices of other makes; `sources` is for sources_deinit() where it is 0. */
int house_read_with_sources(struct house *out, struct sources *sources,
			    const char *path) MUST_CHECK;
