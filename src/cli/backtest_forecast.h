/* How well the plan's outlook on load and PV turned out, against the same time of the day before.
 */
#pragma once

#include <stddef.h>

#include "plan/outlook.h"

#define FORECAST_LEADS 3

struct forecast_score {
	size_t counted; /* values; of PV only where there was any, or 0.9 of the outlook had some */
	size_t inside;  /* between the quantiles 0.1 and 0.9 */
	double error_kwh, naive_kwh; /* sums of what the median, and the day before, was off by */
};

struct forecast_scores {
	struct forecast_score load[FORECAST_LEADS], pv[FORECAST_LEADS];
};

/* Who forecasts: the planner's own days, and those that compete with them (plan/rival.h). */
#define FORECASTERS (1 + RIVAL_COUNT)

/* What following one forecaster alone would have cost, bill and wear, and what it was off by. */
struct forecast_rival {
	double paid;
	struct forecast_scores scores;
};

/* "days", "naive", … */
const char *forecaster_name(int forecaster);

/* Hours from the beginning of a forecast to the end of the slot that it is of. */
extern const int FORECAST_HOURS[FORECAST_LEADS];

struct forecast_book;

/* Returns NULL where there is no memory. */
struct forecast_book *forecast_book_new(int slots_per_day);
void forecast_book_free(struct forecast_book *book);

/* Takes what is expected at the beginning of a slot. */
void forecast_book_expect(struct forecast_book *book, const struct outlook *outlook);

/* The same of another forecaster, who says one course. */
void forecast_book_expect_rival(struct forecast_book *book, const struct rivals *rivals,
				enum rival rival);

/* The slot is over: scores what had been expected of it. Load and PV may be NaN. */
void forecast_book_take(struct forecast_book *book, const struct plan_slot *slot,
			struct forecast_scores *scores);
