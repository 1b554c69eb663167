/* The figures of a backtest, for people and for programs. */
#include "cli/backtest_show.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/backtest_frontier.h"
#include "cli/show.h"

#define SAVED_LEAST 0.005 /* half a cent: nothing to be captured */

struct backtest_slot *backtest_slots_new(const struct home_record *home)
{
	struct backtest_slot *slots = calloc(home->count, sizeof(*slots));

	if (slots == NULL)
		complain("there is not enough memory for it");
	return slots;
}

void backtest_slots_free(struct backtest_slot *slots)
{
	free(slots);
}

static double cost(const struct backtest_result *result)
{
	return result->bill + result->wear;
}

/* The share of what could be saved that was; NaN where nothing could. */
static double captured(const struct backtest_report *report)
{
	double most = cost(&report->none) - cost(&report->perfect);

	return most < SAVED_LEAST ? NAN : (cost(&report->none) - cost(&report->result)) / most;
}

static json_t *number_or_null(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static double cents(double amount)
{
	return round(amount * 1e4) / 1e4;
}

/* Of what: how often between its outer quantiles, how far off, and how far the day before was. */
static void add_forecasts(json_t *all, const char *of, const struct forecast_score *scores,
			  const struct home_record *home)
{
	double to_w = 1000.0 * 60 / home->plan_minutes;

	for (int lead = 0; lead < FORECAST_LEADS; lead++) {
		const struct forecast_score *score = &scores[lead];
		double counted = (double)score->counted;

		if (score->counted > 0)
			json_array_append_new(
			    all, json_pack("{s:s, s:i, s:f, s:f, s:f, s:I}", "of", of, "hours",
					   FORECAST_HOURS[lead], "coverage_80",
					   (double)score->inside / counted, "mae_w",
					   score->error_kwh / counted * to_w, "naive_mae_w",
					   score->naive_kwh / counted * to_w, "counted",
					   (json_int_t)score->counted));
	}
}

/* What a forecaster was off by in the mean, in W; 0 where nothing was scored. */
static double off_w(const struct forecast_score *score, const struct home_record *home)
{
	double to_w = 1000.0 * 60 / home->plan_minutes;

	return score->counted > 0 ? score->error_kwh / (double)score->counted * to_w : 0;
}

static json_t *rivals_json(const struct backtest_report *report)
{
	json_t *all = json_array();

	for (int i = 0; i < FORECASTERS; i++) {
		const struct forecast_rival *rival = &report->result.rivals[i];
		json_t *load = json_array(), *pv = json_array();

		for (int lead = 0; lead < FORECAST_LEADS; lead++) {
			json_array_append_new(
			    load, json_real(off_w(&rival->scores.load[lead], report->home)));
			json_array_append_new(
			    pv, json_real(off_w(&rival->scores.pv[lead], report->home)));
		}
		json_array_append_new(
		    all, json_pack("{s:s, s:f, s:o, s:o}", "name", forecaster_name(i), "cost_alone",
				   cents(rival->paid), "load_mae_w", load, "pv_mae_w", pv));
	}
	return all;
}

/* Who is more accurate is not always cheaper. */
static void show_rivals(const struct backtest_report *report)
{
	printf("forecaster   followed alone, and off by 1, 6, 24 h ahead\n");
	for (int i = 0; i < FORECASTERS; i++) {
		const struct forecast_rival *rival = &report->result.rivals[i];

		printf("  %-9s  %9.2f  load", forecaster_name(i), rival->paid);
		for (int lead = 0; lead < FORECAST_LEADS; lead++)
			printf(" %4.0f", off_w(&rival->scores.load[lead], report->home));
		printf(" W, pv");
		for (int lead = 0; lead < FORECAST_LEADS; lead++)
			printf(" %4.0f", off_w(&rival->scores.pv[lead], report->home));
		printf(" W\n");
	}
}

static void show_json(const struct backtest_report *report)
{
	const struct backtest_result *result = &report->result;
	json_t *notes = json_array(), *all;

	for (size_t i = 0; i < report->home->said; i++)
		json_array_append_new(notes, json_string(report->home->words[i]));
	all = json_pack("{s:s, s:f, s:f, s:f, s:o, s:f, s:f, s:f, s:f, s:f, s:f, s:i, s:I, s:I, "
			"s:I, s:f, s:f, s:o}",
			"strategy", strategy_name(report->strategy), "bill", cents(result->bill),
			"wear", cents(result->wear), "cost", cents(cost(result)), "captured",
			number_or_null(captured(report)), "efc", result->efc, "hours_above_80_pct",
			result->high_hours, "peak_import_w", result->peak_import_kw * 1000,
			"mean_soc_pct", result->mean_soc * 100, "seconds", result->seconds,
			"p99_ms", result->p99_ms, "step_minutes", report->home->step_minutes,
			"slots", (json_int_t)report->home->count, "billed",
			(json_int_t)result->counted, "left_to_rule", (json_int_t)result->ruled,
			"none_cost", cents(cost(&report->none)), "perfect_cost",
			cents(cost(&report->perfect)), "notes", notes);
	json_object_set_new(all, "modelled", backtest_ageing_json(result, report->temp_c));
	if (report->strategy == STRATEGY_PLAN) {
		json_t *forecasts = json_array();

		add_forecasts(forecasts, "load", result->forecasts.load, report->home);
		add_forecasts(forecasts, "pv", result->forecasts.pv, report->home);
		json_object_set_new(all, "forecasts", forecasts);
		json_object_set_new(all, "forecasters", rivals_json(report));
	}
	json_show(stdout, all);
	json_decref(all);
}

static void show_forecasts(const char *of, const struct forecast_score *scores,
			   const struct home_record *home)
{
	double to_w = 1000.0 * 60 / home->plan_minutes;

	for (int lead = 0; lead < FORECAST_LEADS; lead++) {
		const struct forecast_score *score = &scores[lead];
		double counted = (double)score->counted;

		if (score->counted > 0)
			printf(
			    "%-4s %2d h    off by %.0f W (the day before: %.0f W), %.0f %% within "
			    "0.1 and 0.9\n",
			    of, FORECAST_HOURS[lead], score->error_kwh / counted * to_w,
			    score->naive_kwh / counted * to_w,
			    100 * (double)score->inside / counted);
	}
}

static void show_words(const struct backtest_report *report)
{
	const struct backtest_result *result = &report->result;
	double share = captured(report);

	printf("strategy     %s\n", strategy_name(report->strategy));
	printf("bill         %.2f\n", result->bill);
	printf("wear         %.2f\n", result->wear);
	if (isnan(share))
		printf("captured     nothing could be saved\n");
	else
		printf("captured     %.4f (without a battery %.2f, with hindsight %.2f)\n", share,
		       cost(&report->none), cost(&report->perfect));
	printf("efc          %.1f\n", result->efc);
	printf("peak import  %.2f kW\n", result->peak_import_kw);
	printf("mean SoC     %.1f %%, above 80 %% for %.0f h\n", result->mean_soc * 100,
	       result->high_hours);
	backtest_show_ageing(result, report->temp_c);
	printf("time         %.2f s; 99 of 100 decisions within %.2f ms\n", result->seconds,
	       result->p99_ms);
	printf("slots        %zu of %d min, %zu billed\n", report->home->count,
	       report->home->step_minutes, result->counted);
	if (report->strategy == STRATEGY_PLAN) {
		show_forecasts("load", result->forecasts.load, report->home);
		show_forecasts("pv", result->forecasts.pv, report->home);
		show_rivals(report);
	}
}

void backtest_show(const struct cli *cli, const struct backtest_report *report)
{
	for (size_t i = 0; i < report->home->said; i++)
		complain("note: %s", report->home->words[i]);
	if (cli->format == FORMAT_JSON)
		show_json(report);
	else
		show_words(report);
}

/* A number, or nothing where it is not known. */
static void write_number(FILE *file, const char *format, double value)
{
	fputc(',', file);
	if (!isnan(value))
		fprintf(file, format, value);
}

int backtest_write_slots(const struct backtest_report *report, const struct backtest_slot *slots,
			 const char *path)
{
	const struct home_record *home = report->home;
	double per_kwh = 1000.0 * 60 / home->step_minutes;
	FILE *file = fopen(path, "we");
	char at[WALL_TEXT_MAX];
	bool is_bad;

	if (file == NULL) {
		complain("%s: it cannot be written: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	fputs("time,battery_w,grid_w,soc_pct\n", file);
	for (size_t i = 0; i < home->count; i++) {
		fputs(wall_format(at, home->slots[i].start, home->slots[i].utc_offset_s), file);
		write_number(file, "%.1f", (double)slots[i].battery_kwh * per_kwh);
		write_number(file, "%.1f", (double)slots[i].grid_kwh * per_kwh);
		write_number(file, "%.3f",
			     (double)slots[i].energy_kwh * 100 / report->capacity_kwh);
		fputc('\n', file);
	}
	is_bad = ferror(file) != 0;
	if (fclose(file) != 0 || is_bad) {
		complain("%s: it cannot be written: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	return EXIT_OK;
}
