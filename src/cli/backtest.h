/* A strategy over a home's record: how it is run, and what came of it. */
#pragma once

#include "cli/backtest_forecast.h"
#include "cli/home_file.h"
#include "plan/ageing.h"
#include "plan/battery.h"

enum strategy {
	STRATEGY_NONE,
	STRATEGY_SELF_USE,
	STRATEGY_TOU,
	STRATEGY_TOPUP,
	STRATEGY_PLAN,
	STRATEGY_PERFECT,
	STRATEGY_COUNT,
};

/* As in --strategy. */
const char *strategy_name(enum strategy strategy);

/* What a slot was like, for --output and --plot; all but `energy_kwh` NaN where it is not known. */
struct backtest_slot {
	float energy_kwh;            /* in the cells at its end */
	float battery_kwh, grid_kwh; /* on the house's side; charging and importing are positive */
};

struct backtest_result {
	double bill, wear; /* of the grid; of the battery */
	double efc;        /* equivalent full cycles, by rainflow counting */
	double high_hours; /* spent above 80 % */
	double peak_import_kw;
	double mean_soc; /* 0..1 of the capacity */
	double seconds;  /* of the processor, for deciding */
	double p99_ms;   /* of the decisions, one in a hundred took longer */
	size_t counted;  /* slots */
	size_t ruled;    /* of the plan: decisions that its guard left to a simple rule */
	struct forecast_scores forecasts;          /* of the plan */
	struct forecast_rival rivals[FORECASTERS]; /* of the plan: its own days first, and others */
	struct ageing ageing;                      /* what models of life ask */
};

struct backtest_run {
	const struct home_record *home;
	struct plan_battery battery;
	float start_kwh; /* in the cells */
	float temp_c;    /* of the battery, for the models of its life */
	/* Called now and then with what is done, 0..1; NULL: nobody looks. */
	void (*progress)(void *user, double done);
	void *user;
	struct backtest_slot *slots; /* one for each of the home's, or NULL */
};

/* Returns 0, or -ENOMEM. */
int backtest_run(const struct backtest_run *run, enum strategy strategy,
		 struct backtest_result *result) MUST_CHECK;
