/*
 * `amphora backtest`: what a battery would have cost or saved a home, from a
 * record of it. It needs no daemon. Beside the strategy that is asked for it
 * runs no battery and hindsight, between which what is captured is measured.
 */
#include "cli/backtest.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/backtest_frontier.h"
#include "cli/backtest_show.h"
#include "cli/cli.h"
#include "wire/nearest.h"

#define BAR_WIDTH 40

static const char *const NAMES[STRATEGY_COUNT] = {"none",  "self-use", "tou",
						  "topup", "plan",     "perfect"};

const char *strategy_name(enum strategy strategy)
{
	return NAMES[strategy];
}

/* What was asked for. */
struct request {
	const char *csv, *plot, *output;
	enum strategy strategy;
	double capacity_kwh, power_kw, efficiency, wear, cycles, import_w, start_pct, temp_c;
	bool is_frontier;
	struct home_export export;
	enum plan_paths paths;
};

/* ---- options ---- */

static bool is_in(double value, double least, double most)
{
	return value >= least && value <= most;
}

/* A number of an option, within bounds. Returns 0, also where it is not given, or EXIT_USAGE. */
static int take_number(int *argc, char **argv, const char *name, double least, double most,
		       double *value)
{
	const char *text = NULL;
	double number;
	int rc = take_option(argc, argv, name, &text);

	if (rc == 0)
		return 0;
	if (rc < 0 || number_parse(&number, text, strlen(text)) < 0 ||
	    !is_in(number, least, most)) {
		complain("%s takes a number from %g to %g%s%s", name, least, most,
			 text ? ", not " : "", text ? text : "");
		return EXIT_USAGE;
	}
	*value = number;
	return 0;
}

static int take_strategy(int *argc, char **argv, enum strategy *strategy)
{
	const char *name = NULL;
	struct nearest nearest;

	if (take_option(argc, argv, "--strategy", &name) <= 0) {
		complain("--strategy is needed: none, self-use, tou, topup, plan or perfect");
		return EXIT_USAGE;
	}
	nearest = nearest_to(name);
	for (int i = 0; i < STRATEGY_COUNT; i++) {
		nearest_offer(&nearest, NAMES[i]);
		if (strcmp(name, NAMES[i]) == 0) {
			*strategy = i;
			return 0;
		}
	}
	complain("no such strategy: %s%s%s; it is one of none, self-use, tou, topup, plan and perfect",
		 name, nearest.best ? ", did you mean " : "", nearest.best ? nearest.best : "");
	return EXIT_USAGE;
}

static int take_path(int *argc, char **argv, const char *name, const char **path)
{
	if (take_option(argc, argv, name, path) >= 0)
		return 0;
	complain("%s needs a file", name);
	return EXIT_USAGE;
}

static int take_export(int *argc, char **argv, struct home_export *export)
{
	const char *text = NULL;
	int rc = take_path(argc, argv, "--export-price", &text);

	if (rc != 0 || text == NULL)
		return rc;
	export->is_fixed = number_parse(&export->price, text, strlen(text)) == 0;
	if (!export->is_fixed)
		export->path = text;
	return 0;
}

static int take_paths(int *argc, char **argv, enum plan_paths *paths)
{
	const char *name = NULL;
	int rc = take_option(argc, argv, "--relays", &name);

	if (rc == 0)
		return 0;
	if (rc > 0 && strcmp(name, "independent") == 0)
		*paths = PATHS_INDEPENDENT;
	else if (rc > 0 && strcmp(name, "exclusive") == 0)
		*paths = PATHS_EXCLUSIVE;
	else {
		complain(
		    "--relays takes independent (both paths may be closed at once) or exclusive");
		return EXIT_USAGE;
	}
	return 0;
}

static int take_request(struct request *request, int *argc, char **argv)
{
	int rc = take_path(argc, argv, "--csv", &request->csv);

	request->is_frontier = take_flag(argc, argv, "--frontier");
	if (rc == 0 && request->csv == NULL) {
		complain("--csv is needed: a file with time,load_w,pv_w,import_price,export_price");
		rc = EXIT_USAGE;
	}
	if (rc == 0 && !request->is_frontier)
		rc = take_strategy(argc, argv, &request->strategy);
	if (rc == 0)
		rc = take_number(argc, argv, "--capacity", 0.01, 10000, &request->capacity_kwh);
	if (rc == 0)
		rc = take_number(argc, argv, "--power", 0, 10000, &request->power_kw);
	if (rc == 0)
		rc = take_number(argc, argv, "--efficiency", 0.01, 1, &request->efficiency);
	if (rc == 0)
		rc = take_number(argc, argv, "--wear", 0, 1000, &request->wear);
	if (rc == 0)
		rc = take_number(argc, argv, "--cycles", 0, 1000, &request->cycles);
	if (rc == 0)
		rc = take_number(argc, argv, "--import-limit", 0, 1e9, &request->import_w);
	if (rc == 0)
		rc = take_number(argc, argv, "--soc-start", 0, 100, &request->start_pct);
	if (rc == 0)
		rc = take_number(argc, argv, "--temperature", -40, 80, &request->temp_c);
	if (rc == 0)
		rc = take_export(argc, argv, &request->export);
	if (rc == 0)
		rc = take_paths(argc, argv, &request->paths);
	if (rc == 0)
		rc = take_path(argc, argv, "--plot", &request->plot);
	return rc == 0 ? take_path(argc, argv, "--output", &request->output) : rc;
}

/* ---- running ---- */

static void show_bar(void *user, double done)
{
	const char *name = user;
	int full = (int)(done * BAR_WIDTH);

	fprintf(stderr, "\r%-9s[%.*s%*s] %3.0f %%", name, full,
		"########################################", BAR_WIDTH - full, "", done * 100);
	if (done >= 1)
		fprintf(stderr, "\r%*s\r", BAR_WIDTH + 20, "");
}

/* Whose progress is shown from now on. */
static void name_run(struct backtest_run *run, enum strategy strategy)
{
	run->user = (void *)(uintptr_t)NAMES[strategy];
}

static int run(struct backtest_run *run, enum strategy strategy, struct backtest_result *result)
{
	name_run(run, strategy);
	if (backtest_run(run, strategy, result) == 0)
		return EXIT_OK;
	complain("there is not enough memory for it");
	return EXIT_FAILED;
}

static int run_all(const struct cli *cli, const struct request *request,
		   const struct home_record *home)
{
	struct backtest_report report = {
	    .strategy = request->strategy,
	    .home = home,
	    .capacity_kwh = request->capacity_kwh,
	    .temp_c = (float)request->temp_c,
	};
	struct backtest_run backtest = {
	    .home = home,
	    .battery = {.capacity_kwh = (float)request->capacity_kwh,
			.ceiling_kwh = (float)request->capacity_kwh,
			.charge_kw = (float)request->power_kw,
			.discharge_kw = (float)request->power_kw,
			.efficiency = sqrtf((float)request->efficiency),
			.wear = (float)request->wear,
			.cycles_per_day = (float)request->cycles,
			.import_max_kw = (float)(request->import_w / 1000),
			.export_max_kw = INFINITY,
			.taper_kwh = (float)request->capacity_kwh},
	    .start_kwh = (float)(request->capacity_kwh * request->start_pct / 100),
	    .temp_c = (float)request->temp_c,
	    .progress = isatty(STDERR_FILENO) ? show_bar : NULL,
	};
	int rc;

	if (request->is_frontier) {
		backtest.battery.paths = request->paths;
		return backtest_frontier(cli, &backtest, name_run);
	}
	rc = run(&backtest, STRATEGY_NONE, &report.none);
	if (rc == EXIT_OK)
		rc = run(&backtest, STRATEGY_PERFECT, &report.perfect);
	backtest.battery.paths = request->paths; /* hindsight has an inverter */
	if (rc != EXIT_OK)
		return rc;
	if (request->plot != NULL || request->output != NULL) {
		backtest.slots = backtest_slots_new(home);
		if (backtest.slots == NULL)
			return EXIT_FAILED;
	}
	rc = run(&backtest, request->strategy, &report.result);
	if (rc == EXIT_OK && request->output != NULL)
		rc = backtest_write_slots(&report, backtest.slots, request->output);
	if (rc == EXIT_OK && request->plot != NULL)
		rc = backtest_plot(&report, backtest.slots, request->plot);
	if (rc == EXIT_OK)
		backtest_show(cli, &report);
	backtest_slots_free(backtest.slots);
	return rc;
}

int command_backtest(struct cli *cli, int argc, char **argv)
{
	struct request request = {.capacity_kwh = 6.4,
				  .power_kw = 5,
				  .efficiency = 0.9,
				  .import_w = INFINITY,
				  .temp_c = 25};
	struct home_record home;
	int rc;

	if (take_request(&request, &argc, argv) != 0 || !words_fit(argc, argv, 0, 0))
		return usage(cli);
	if (home_record_read(&home, request.csv, &request.export) < 0)
		return EXIT_FAILED;
	rc = run_all(cli, &request, &home);
	home_record_free(&home);
	return rc;
}
