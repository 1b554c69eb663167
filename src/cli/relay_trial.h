/* `amphora relay trial`: whether a device of another make opens by itself. */
#pragma once

#include "adapt/relay_trial.h"
#include "cli/cli.h"

int relay_trial(struct cli *cli, int argc, char **argv);

/*
 * Asks whether relay `id` of the file `config` may be tried, tries it, and says what came of it.
 * Returns the result; TRIAL_RESULT_COUNT where it was not tried.
 */
enum relay_trial_result relay_trial_ask(struct cli *cli, const char *config, const char *id);
