/*
 * `amphora plan what-if`: what the plan would come to with other limits, another battery or one
 * price. The daemon reckons; nothing acts on it.
 */
#include "cli/plan_if.h"

#include <math.h>
#include <string.h>

#include "cli/client.h"
#include "cli/show.h"
#include "model/ident.h"

/* What may be otherwise, as the API calls it. */
static const char *const CIRCUMSTANCES[] = {"reserve_pct",  "ceiling_pct", "power_kw",
					    "capacity_kwh", "import",      "export"};

/* The sums that both plans come to, each with its smallest difference worth telling. */
static const struct sum {
	const char *name, *words;
	enum { SUM_IS_MONEY, SUM_IS_COUNT, SUM_IS_SHARE } kind;
	double same;
} SUMS[] = {
    {"bill", "bill", SUM_IS_MONEY, 0.005},
    {"saved", "saved beside no battery", SUM_IS_MONEY, 0.005},
    {"cycles", "full cycles of the battery", SUM_IS_COUNT, 0.005},
    {"soc_end_pct", "state of charge at the end", SUM_IS_SHARE, 0.5},
};

static const struct column COLUMNS[] = {
    {"what", "", COLUMN_TEXT},
    {"now", "as it is", COLUMN_TEXT},
    {"would", "would be", COLUMN_TEXT},
    {"difference", "difference", COLUMN_TEXT},
};

/* ---- asking ---- */

/* The circumstance that begins with these letters: none is the beginning of two. */
static const char *circumstance_of(const char *name, size_t length)
{
	for (size_t i = 0; length > 0 && i < ARRAY_LENGTH(CIRCUMSTANCES); i++) {
		if (strncmp(CIRCUMSTANCES[i], name, length) == 0)
			return CIRCUMSTANCES[i];
	}
	return NULL;
}

int plan_if_add(struct text *path, const char *change)
{
	const char *equals = strchr(change, '=');
	const char *name = equals ? circumstance_of(change, (size_t)(equals - change)) : NULL;

	if (name == NULL || equals[1] == '\0') {
		complain("%s: what is to be otherwise is NAME=VALUE, as in reserve_pct=30; NAME is "
			 "reserve_pct, ceiling_pct, power_kw, capacity_kwh, import or export",
			 change);
		return EXIT_USAGE;
	}
	client_argument(path, name, equals + 1);
	return EXIT_OK;
}

/* ---- telling ---- */

static void add_sum(const struct plan_view *view, struct text *out, const struct sum *sum,
		    double value)
{
	if (sum->kind == SUM_IS_MONEY)
		text_add(out, "%.2f %s", value, view->currency);
	else if (sum->kind == SUM_IS_COUNT)
		text_add(out, "%.2f", value);
	else
		text_add(out, "%.0f %%", value);
}

static void add_difference(const struct plan_view *view, struct text *out, const struct sum *sum,
			   double more)
{
	if (fabs(more) < sum->same) {
		text_add(out, "the same");
		return;
	}
	if (sum->kind == SUM_IS_SHARE) {
		text_add(out, "%.0f points %s", fabs(more), more > 0 ? "higher" : "lower");
		return;
	}
	add_sum(view, out, sum, fabs(more));
	text_add(out, " %s", more > 0 ? "more" : "less");
}

static json_t *row_for_people(const struct plan_view *view, const struct sum *sum, double now,
			      double would)
{
	char now_words[48], would_words[48], more_words[64];
	struct text now_text = text_in(now_words, sizeof(now_words));
	struct text would_text = text_in(would_words, sizeof(would_words));
	struct text more_text = text_in(more_words, sizeof(more_words));

	add_sum(view, &now_text, sum, now);
	add_sum(view, &would_text, sum, would);
	add_difference(view, &more_text, sum, would - now);
	return json_pack("{s:s, s:s, s:s, s:s}", "what", sum->words, "now", now_words, "would",
			 would_words, "difference", more_words);
}

static void show_title(FILE *out, const json_t *answer, int count, char **changes)
{
	fprintf(out, "%s, the next %.0f hours, with ", member_text(answer, "battery"),
		member_number(answer, "hours"));
	for (int i = 0; i < count; i++)
		fprintf(out, "%s%s", i > 0 ? ", " : "", changes[i]);
	fprintf(out, ":\n");
}

void plan_if_show(const struct plan_view *view, FILE *out, const json_t *answer, int count,
		  char **changes)
{
	bool is_csv = view->cli->format == FORMAT_CSV;
	json_t *rows = json_array();

	for (size_t i = 0; i < ARRAY_LENGTH(SUMS); i++) {
		json_t *now = json_object_get(json_object_get(answer, "now"), SUMS[i].name);
		json_t *would = json_object_get(json_object_get(answer, "would"), SUMS[i].name);
		json_t *more = json_object_get(json_object_get(answer, "difference"), SUMS[i].name);

		json_array_append_new(
		    rows, is_csv ? json_pack("{s:s, s:O, s:O, s:O}", "what", SUMS[i].name, "now",
					     now, "would", would, "difference", more)
				 : row_for_people(view, &SUMS[i], json_number_value(now),
						  json_number_value(would)));
	}
	if (!is_csv)
		show_title(out, answer, count, changes);
	rows_show(view->cli, out, rows, COLUMNS, ARRAY_LENGTH(COLUMNS), "");
	json_decref(rows);
	if (!is_csv)
		fprintf(out,
			"What is left in the battery at the end is valued in the bill. Nothing "
			"was changed: `amphora set` does.\n");
}
