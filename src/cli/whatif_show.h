/* What would have happened, told to people and programs; with what it would have cost. */
#pragma once

#include "cli/cli.h"
#include "cli/whatif_cost.h"

void whatif_show(const struct cli *cli, const struct whatif *whatif,
		 const struct whatif_cost *cost);
