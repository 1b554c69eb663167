/* What `override add` and `relay set` share. */
#pragma once

#include "cli/cli.h"

/* Takes `--for DURATION` out of the words. Returns EXIT_OK, or EXIT_USAGE after it has complained.
 */
int take_duration(struct cli *cli, int *argc, char **argv, int64_t *ms) MUST_CHECK;

/*
 * Asks for the override in `wish` (taken; its duration is added) and waits
 * until it is in force: for `relay` (may be NULL) confirmed in `relay_is_on`. Prints
 * what came of it. Returns EXIT_OK, EXIT_REFUSED with the gate's reason,
 * EXIT_NOT_CONFIRMED, or what the call gave.
 */
int override_begin(struct cli *cli, json_t *wish, int64_t ms, const char *relay, bool relay_is_on);
