/* A battery's forecast, learned from its rows in the journal when somebody asks. */
#pragma once

#include "base/result.h"
#include "base/text.h"
#include "model/forecast.h"

/*
 * What the journal at `path` tells of `node` until `now`, some five weeks back, and what is to
 * be expected from there. Blocks on the disk and reckons for a moment: on a worker. Returns 0, or a
 * negative errno with a sentence in `error`.
 */
int foresee(const char *path, const char *node, struct wall_time now, struct forecast *out,
	    struct text *error) MUST_CHECK;
