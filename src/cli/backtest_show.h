/* What a backtest came to: in words, as JSON, slot by slot, and as a picture. */
#pragma once

#include "cli/backtest.h"
#include "cli/cli.h"

struct backtest_report {
	enum strategy strategy;
	const struct home_record *home;
	double capacity_kwh;
	float temp_c;
	struct backtest_result none, perfect, result;
};

/* Room for every slot of `home`, or NULL after complaining; free it with backtest_slots_free(). */
struct backtest_slot *backtest_slots_new(const struct home_record *home);
void backtest_slots_free(struct backtest_slot *slots);

/* Prints the result, as the options of `cli` say, and what is to be known of the data. */
void backtest_show(const struct cli *cli, const struct backtest_report *report);

/* Writes every slot as a line of CSV to `path`. Returns an exit code, having complained. */
int backtest_write_slots(const struct backtest_report *report, const struct backtest_slot *slots,
			 const char *path);

/* Draws price, load, PV and state of charge to `path`, an SVG. Returns likewise. */
int backtest_plot(const struct backtest_report *report, const struct backtest_slot *slots,
		  const char *path);
