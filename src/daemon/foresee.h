/* A battery's forecast, learned from its rows in the journal when somebody asks. */
#pragma once

#include "base/result.h"
#include "base/text.h"
#include "model/forecast.h"
#include "plan/foresight.h"

struct journal_reader;

/* Some five weeks of `node` until `now`, into a forecaster that begins anew. Returns 0 or as a
 * reader does. */
int foresee_learn(struct journal_reader *reader, const char *node, struct wall_time now,
		  struct foresight *foresight) MUST_CHECK;

/* A reading more, at `at`. */
void foresee_take(struct foresight *foresight, struct wall_time at, double soc_pct, double temp_c);

/*
 * What the journal at `path` tells of `node` until `now`, some five weeks back, and what is to
 * be expected from there. Blocks on the disk and reckons for a moment: on a worker. Returns 0, or a
 * negative errno with a sentence in `error`.
 */
int foresee(const char *path, const char *node, struct wall_time now, struct forecast *out,
	    struct text *error) MUST_CHECK;
