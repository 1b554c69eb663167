/* What `override add` and `relay set` share. */
#pragma once

#include "cli/cli.h"

/*
 * Takes `--for DURATION` out of the words. After it has complained it returns EXIT_USAGE, or
 * EXIT_REFUSED where that is longer than an override may last; else EXIT_OK.
 */
int take_duration(struct cli *cli, int *argc, char **argv, int64_t *ms) MUST_CHECK;

/*
 * Waits, for 10 s at most, until the command in `begun`, an answer of 202, has ended. Returns EXIT_OK
 * where all that was asked for is so, EXIT_NOT_CONFIRMED where not, or what a call gave.
 */
int override_await(struct cli *cli, const json_t *begun) MUST_CHECK;

/*
 * Asks for the override in `wish` (taken; its duration is added) and waits
 * until its relays confirm it. Prints what it replaced and what came of it.
 * Returns EXIT_OK, EXIT_REFUSED where the limits refused it and nothing was
 * changed, EXIT_NOT_CONFIRMED where it is in force and not confirmed, or what
 * the call gave.
 */
int override_ask(struct cli *cli, json_t *wish, int64_t ms);
