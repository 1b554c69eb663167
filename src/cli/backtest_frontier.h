/* Bill against wear: the plan at several prices of wear, and what models say of the battery's life.
 */
#pragma once

#include "cli/backtest.h"
#include "cli/cli.h"

/*
 * Runs `run`, whose wear is left aside, and prints a row for each price of wear and for the
 * baseline. `name_run` is called with what is about to run. Returns an exit code, having
 * complained.
 */
int backtest_frontier(const struct cli *cli, const struct backtest_run *run,
		      void (*name_run)(struct backtest_run *run, enum strategy strategy));

/* What the models say of `result` after FRONTIER_YEARS of the same, for people and as JSON. */
#define FRONTIER_YEARS 10
void backtest_show_ageing(const struct backtest_result *result, float temp_c);
json_t *backtest_ageing_json(const struct backtest_result *result, float temp_c);
