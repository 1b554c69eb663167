/*
 * A battery that works more earns more and ages more. How the two go together is a
 * frontier: each of its points is the plan with another price on wear. What of
 * it is life is modelled, and says so.
 */
#include "cli/backtest_frontier.h"

#include <math.h>
#include <stdio.h>

#include "base/result.h"
#include "cli/show.h"

#define HOURS_A_YEAR 8766.0
#define BASELINE STRATEGY_SELF_USE

static const float PRICES[] = {0, 0.01f, 0.02f, 0.04f, 0.08f, 0.16f};

static const char WORDS[] =
    "modelled, not measured: what published models of one cell each say of ten years like this "
    "record (LFP: Naumann et al. 2018 and 2020; NMC: Schmalstieg et al. 2014). Beyond a third "
    "lost they go past what anybody measured. They compare ways of running a battery and do not "
    "say when yours is done.";

/* ---- what the models say ---- */

static double percent(double share)
{
	return round(share * 1e4) / 100;
}

static struct ageing_loss loss_of(const struct backtest_result *result, enum ageing_model model)
{
	return ageing_after(&result->ageing, model, FRONTIER_YEARS);
}

void backtest_show_ageing(const struct backtest_result *result, float temp_c)
{
	printf("modelled     lost after %d years of this at %g °C:", FRONTIER_YEARS,
	       (double)temp_c);
	for (enum ageing_model model = 0; model < AGEING_MODELS; model++) {
		struct ageing_loss loss = loss_of(result, model);

		printf(" %s %.1f %% (%.1f by time, %.1f by cycles)%s", ageing_name(model),
		       percent(loss.calendar + loss.cycles), percent(loss.calendar),
		       percent(loss.cycles), model + 1 < AGEING_MODELS ? "," : "\n");
	}
}

static json_t *loss_json(const struct backtest_result *result, enum ageing_model model)
{
	struct ageing_loss loss = loss_of(result, model);

	return json_pack("{s:f, s:f}", "calendar_pct", percent(loss.calendar), "cycles_pct",
			 percent(loss.cycles));
}

json_t *backtest_ageing_json(const struct backtest_result *result, float temp_c)
{
	return json_pack("{s:s, s:i, s:f, s:o, s:o}", "words", WORDS, "years", FRONTIER_YEARS,
			 "temp_c", (double)temp_c, "lfp", loss_json(result, AGEING_LFP), "nmc",
			 loss_json(result, AGEING_NMC));
}

/* ---- the frontier ---- */

struct point {
	enum strategy strategy;
	float wear; /* its price */
	struct backtest_result result;
};

static int run_points(const struct backtest_run *run, struct point *points, size_t count,
		      void (*name_run)(struct backtest_run *run, enum strategy strategy))
{
	struct backtest_run own = *run;

	for (size_t i = 0; i < count; i++) {
		own.battery.wear = points[i].wear;
		name_run(&own, points[i].strategy);
		if (backtest_run(&own, points[i].strategy, &points[i].result) < 0) {
			complain("there is not enough memory for it");
			return EXIT_FAILED;
		}
	}
	return EXIT_OK;
}

static json_t *point_json(const struct point *point, double baseline)
{
	const struct backtest_result *result = &point->result;
	double years = result->ageing.wear.hours / HOURS_A_YEAR;

	return json_pack(
	    "{s:s, s:f, s:f, s:f, s:f, s:f, s:o, s:o}", "strategy", strategy_name(point->strategy),
	    "wear", round((double)point->wear * 1e4) / 1e4, "bill", round(result->bill * 1e4) / 1e4,
	    "saved", round((baseline - result->bill) * 1e4) / 1e4, "efc_a_year",
	    result->efc / years, "hours_above_80_pct_a_year", result->high_hours / years, "lfp",
	    loss_json(result, AGEING_LFP), "nmc", loss_json(result, AGEING_NMC));
}

static void show_json(const struct point *points, size_t count, float temp_c)
{
	json_t *rows = json_array(), *all;

	for (size_t i = 0; i < count; i++)
		json_array_append_new(rows, point_json(&points[i], points[0].result.bill));
	all = json_pack("{s:s, s:s, s:i, s:f, s:o}", "baseline", strategy_name(BASELINE), "words",
			WORDS, "years", FRONTIER_YEARS, "temp_c", (double)temp_c, "points", rows);
	json_show(stdout, all);
	json_decref(all);
}

static void show_words(const struct point *points, size_t count, float temp_c)
{
	printf("Bill against wear, at %g °C; the baseline is %s.\n\n", (double)temp_c,
	       strategy_name(BASELINE));
	printf(
	    "                                                      capacity lost after %d years\n",
	    FRONTIER_YEARS);
	printf("%-9s %9s %10s %10s %9s %9s   %-20s %s\n", "strategy", "wear/kWh", "bill", "saved",
	       "efc/year", ">80 %, h", "LFP: time, cycles", "NMC: time, cycles");
	for (size_t i = 0; i < count; i++) {
		const struct backtest_result *result = &points[i].result;
		struct ageing_loss lfp = loss_of(result, AGEING_LFP);
		struct ageing_loss nmc = loss_of(result, AGEING_NMC);
		double years = result->ageing.wear.hours / HOURS_A_YEAR;

		printf(
		    "%-9s %9.2f %10.2f %10.2f %9.0f %9.0f   %5.1f + %4.1f %%       %5.1f + %4.1f "
		    "%%\n",
		    strategy_name(points[i].strategy), (double)points[i].wear, result->bill,
		    points[0].result.bill - result->bill, result->efc / years,
		    result->high_hours / years, percent(lfp.calendar), percent(lfp.cycles),
		    percent(nmc.calendar), percent(nmc.cycles));
	}
	printf("\nLife is %s\n", WORDS);
}

int backtest_frontier(const struct cli *cli, const struct backtest_run *run,
		      void (*name_run)(struct backtest_run *run, enum strategy strategy))
{
	struct point points[1 + ARRAY_LENGTH(PRICES)] = {{.strategy = BASELINE}};
	int rc;

	for (size_t i = 0; i < ARRAY_LENGTH(PRICES); i++)
		points[i + 1] = (struct point){.strategy = STRATEGY_PLAN, .wear = PRICES[i]};
	rc = run_points(run, points, ARRAY_LENGTH(points), name_run);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		show_json(points, ARRAY_LENGTH(points), run->temp_c);
	else
		show_words(points, ARRAY_LENGTH(points), run->temp_c);
	return EXIT_OK;
}
