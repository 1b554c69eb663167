/* What GET /plan and GET /plan/explain answer, as text for people and programs. Pure but for `out`.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"

/* What the words of a plan are said with; all borrowed. */
struct plan_view {
	const struct cli *cli;
	const char *currency; /* of its prices: "EUR" */
	struct wall_time now; /* the daemon's */
	size_t columns;       /* that a picture may take */
};

/* Adds a price per kWh: "12.8 ct" of EUR, "0.13 GBP" of any other. */
void plan_price_add(const struct plan_view *view, struct text *out, double price);


/* Adds "17:00" of the house today, "Tue 17:00" of any other day. */
void plan_time_add(const struct plan_view *view, struct text *out, const char *iso);

/* A line of what is told with words of its own, as the member `name` of `whole`; folded. */
void plan_words_show(const struct plan_view *view, FILE *out, const json_t *whole, const char *name,
		     const char *title);

/* What is missing for a plan, and who decides meanwhile. `answer` is GET /plan's. */
void plan_none_show(FILE *out, const json_t *answer);

/*
 * In a few lines: what comes, a picture, what it is worth. Of `answer`, GET /plan's, `worth` is
 * GET /plan/worth's, where that is known.
 */
void plan_summary_show(const struct plan_view *view, FILE *out, const json_t *answer);

/* Slot by slot, as a table or CSV. */
void plan_slots_show(const struct plan_view *view, FILE *out, const json_t *plan);

/* Why, at one time; as CSV the alternatives. `why` is GET /plan/explain's answer. */
void plan_why_show(const struct plan_view *view, FILE *out, const json_t *why);

/* Price, charge and what is done over the hours, each a row of blocks. */
void plan_picture_show(const struct plan_view *view, FILE *out, const json_t *slots);
