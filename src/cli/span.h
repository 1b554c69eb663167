/* The time that a command asks for: --from and --to, as the daemon understands them. */
#pragma once

#include "base/text.h"
#include "base/time.h"
#include "cli/cli.h"

/*
 * The daemon's time, and its house's zone: `today` is a day there, and its clock may run faster.
 * Warns people as any output for them. Returns an exit code.
 */
int span_now(struct cli *cli, struct wall_time *now) MUST_CHECK;

/* Adds `name`=`words` to `path` as a time; nothing where `words` is NULL. Returns an exit code. */
int span_add(const struct cli *cli, struct text *path, const char *name, const char *words,
	     struct wall_time now) MUST_CHECK;
