/* `amphora relay trial`: whether a device of another make opens by itself. */
#pragma once

#include "cli/cli.h"

int relay_trial(struct cli *cli, int argc, char **argv);
