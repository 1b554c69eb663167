/* The daemon beside this program, started with a configuration, and what it then hears. */
#pragma once

#include <stdbool.h>

#include "cli/cli.h"

/* Whether `amphorad --check-config` is content; it says itself what is not. */
bool setup_check(const char *config) MUST_CHECK;

/*
 * Starts amphorad with `config`, in the background and for good; what it says goes to `log`. Waits
 * until it answers. Returns an exit code; it has complained then.
 */
int setup_start(struct cli *cli, const char *config, const char *log);

/*
 * Waits up to `seconds` until the battery's sensor, or the relay, has said something that counts, with
 * a dot a second on a terminal, and says what. Returns whether it has.
 */
bool setup_hear_battery(struct cli *cli, const char *battery, int seconds);
bool setup_hear_relay(struct cli *cli, const char *relay, int seconds);
