/* Why a plan does what it does at one time: its reason, what it knew, what binds, what else costs.
 */
#include <math.h>
#include <string.h>

#include "cli/duration.h"
#include "cli/plan_view.h"
#include "cli/plan_words.h"
#include "cli/show.h"
#include "cli/told.h"

#define SAME 0.005
#define DECISIONS_SHOWN 8

static const struct column ALTERNATIVE_COLUMNS[] = {
    {"at", "", COLUMN_TIME},
    {"mode", "", COLUMN_TEXT},
    {"level_pct", "", COLUMN_ONE_DECIMAL},
    {"costs", "", COLUMN_ONE_DECIMAL},
    {"words", "", COLUMN_TEXT},
};

/* "12.8 ct/kWh", or "12.8 ct/kWh at 02:00". */
static void add_price(const struct plan_view *view, struct text *out, const json_t *price,
		      const char *at)
{
	plan_price_add(view, out, json_number_value(price));
	text_add(out, "/kWh");
	if (at[0]) {
		text_add(out, " at ");
		plan_time_add(view, out, at);
	}
}

/* ---- the reason ---- */

/* The prices that speak for the mode: now, and when power is dearest or cheapest ahead. */
static void add_because(const struct plan_view *view, struct text *out, const char *mode,
			const json_t *inputs)
{
	const json_t *buy = json_object_get(inputs, "buy"), *sell = json_object_get(inputs, "sell");
	bool spends = strcmp(mode, "self-consume") == 0 || strcmp(mode, "discharge-to") == 0;
	const json_t *end = json_object_get(inputs, spends ? "cheapest" : "dearest");
	const json_t *then = json_object_get(end, "buy");

	text_add(out, "Power costs ");
	add_price(view, out, buy, "");
	if (json_is_number(then) && fabs(json_number_value(then) - json_number_value(buy)) > 1e-6) {
		text_add(out, " now, and ");
		add_price(view, out, then, member_text(end, "at"));
	} else {
		text_add(out, " now, %s than in any hour ahead", spends ? "no more" : "no less");
	}
	if (json_is_number(sell) && strcmp(mode, "charge-to") != 0) {
		text_add(out, "; what is sold brings ");
		add_price(view, out, sell, "");
	}
	text_add(out, ".");
}

/* Of what it does not do that which costs least; NULL where there is none. */
static const json_t *next_best(const json_t *alternatives, const char *mode)
{
	const json_t *one, *best = NULL;
	size_t index;

	json_array_foreach(alternatives, index, one)
	{
		if (strcmp(member_text(one, "mode"), mode) != 0 &&
		    json_is_number(json_object_get(one, "costs")) &&
		    (best == NULL || member_number(one, "costs") < member_number(best, "costs")))
			best = one;
	}
	return best;
}

/* "0.12 EUR more", "the same". */
static void add_more(const struct plan_view *view, struct text *out, double costs)
{
	if (fabs(costs) < SAME)
		text_add(out, "the same");
	else
		text_add(out, "%.2f %s %s", fabs(costs), view->currency,
			 costs > 0 ? "more" : "less");
}

/* Without prices the daemon's own sentence, which then speaks of the log. */
static void show_reason(const struct plan_view *view, FILE *out, const json_t *why, bool is_past)
{
	char buffer[400];
	struct text words = text_in(buffer, sizeof(buffer));
	const char *mode = member_text(why, "mode");
	const json_t *inputs = json_object_get(why, "inputs");
	const json_t *other = next_best(json_object_get(why, "alternatives"), mode);

	if (!json_is_number(json_object_get(inputs, "buy"))) {
		fprintf(out, "%s\n", member_text(why, "sentence"));
		return;
	}
	add_because(view, &words, mode, inputs);
	if (other != NULL) {
		text_add(&words, " The next best, to ");
		plan_mode_add(&words, member_text(other, "mode"),
			      json_object_get(other, "level_pct"));
		text_add(&words, ", %s ", is_past ? "would have cost" : "costs");
		add_more(view, &words, member_number(other, "costs"));
		text_add(&words, ".");
	}
	fprintf(out, "%s\n", buffer);
}

/* ---- what it knew ---- */

/* A line; nothing where it did not know. */
static void show_price(const struct plan_view *view, FILE *out, const char *what,
		       const json_t *price, const char *at)
{
	char buffer[128];
	struct text line = text_in(buffer, sizeof(buffer));

	if (!json_is_number(price))
		return;
	add_price(view, &line, price, at);
	fprintf(out, "  %-20s %s\n", what, buffer);
}

/* "1140 W (800 to 1590)", of a number or of three quantiles. */
static void show_likely(FILE *out, const char *what, const json_t *value, const char *unit)
{
	const json_t *middle = json_is_array(value) ? json_array_get(value, 1) : value;

	if (!json_is_number(middle))
		return;
	fprintf(out, "  %-20s %.0f %s", what, json_number_value(middle), unit);
	if (json_is_array(value) && !json_equal(json_array_get(value, 0), json_array_get(value, 2)))
		fprintf(out, " (%.0f to %.0f, 8 times in 10)",
			json_number_value(json_array_get(value, 0)),
			json_number_value(json_array_get(value, 2)));
	fputc('\n', out);
}

static void show_inputs(const struct plan_view *view, FILE *out, const json_t *inputs)
{
	const json_t *cheapest = json_object_get(inputs, "cheapest");
	const json_t *dearest = json_object_get(inputs, "dearest");

	fprintf(out, "What it knew:\n");
	show_price(view, out, "power costs", json_object_get(inputs, "buy"), "");
	show_price(view, out, "sold for", json_object_get(inputs, "sell"), "");
	show_price(view, out, "cheapest to come", json_object_get(cheapest, "buy"),
		   member_text(cheapest, "at"));
	show_price(view, out, "dearest to come", json_object_get(dearest, "buy"),
		   member_text(dearest, "at"));
	show_likely(out, "home expected", json_object_get(inputs, "load_w"), "W");
	show_likely(out, "sun expected", json_object_get(inputs, "pv_w"), "W");
	show_likely(out, "charge at its end", json_object_get(inputs, "soc_pct"), "%");
	show_likely(out, "temperature", json_object_get(inputs, "temp_c"), "°C");
}

static void show_binding(FILE *out, const json_t *list, bool is_past)
{
	const json_t *limit;
	size_t index;

	fprintf(out, "What %s it back:\n", is_past ? "held" : "holds");
	if (json_is_null(list))
		fprintf(out, "  not known: it was made by a version that kept no limits\n");
	else if (json_array_size(list) == 0)
		fprintf(out, "  nothing: there is room to both sides\n");
	json_array_foreach(list, index, limit)
	{
		const json_t *value = json_object_get(limit, "value");

		fprintf(out, "  %s",
			member_text(limit, "words")[0] ? member_text(limit, "words")
						       : member_text(limit, "limit"));
		if (json_is_number(value))
			fprintf(out, " (%.6g%s%s)", json_number_value(value),
				member_text(limit, "unit")[0] ? " " : "",
				member_text(limit, "unit"));
		fputc('\n', out);
	}
}

static void show_alternatives(const struct plan_view *view, FILE *out, const json_t *list,
			      const char *mode, bool is_past)
{
	const json_t *one;
	size_t index;

	if (json_array_size(list) == 0)
		return;
	fprintf(out, "What else would %s, over all that %s ahead:\n",
		is_past ? "have cost" : "cost", is_past ? "was" : "is");
	json_array_foreach(list, index, one)
	{
		char buffer[96], more[48];
		struct text words = text_in(buffer, sizeof(buffer));
		struct text more_text = text_in(more, sizeof(more));

		/* What it does is no alternative, nor is what cannot be had. */
		if (strcmp(member_text(one, "mode"), mode) == 0 ||
		    !json_is_number(json_object_get(one, "costs")))
			continue;
		plan_mode_add(&words, member_text(one, "mode"), json_object_get(one, "level_pct"));
		add_more(view, &more_text, member_number(one, "costs"));
		fprintf(out, "  %-36s %s\n", buffer, more);
	}
}

/* ---- what then happened ---- */

static void show_decisions(const struct plan_view *view, FILE *out, const json_t *list)
{
	const json_t *one;
	size_t index;

	if (json_array_size(list) == 0)
		fprintf(out, "  no decision of that time is in the journal\n");
	json_array_foreach(list, index, one)
	{
		char buffer[32];
		struct text at = text_in(buffer, sizeof(buffer));

		if (index == DECISIONS_SHOWN && json_array_size(list) > DECISIONS_SHOWN + 1) {
			fprintf(out, "  and %zu more, which --json has\n",
				json_array_size(list) - index);
			return;
		}
		plan_time_add(view, &at, member_text(one, "at"));
		fprintf(out, "  %s, %s decided: %s\n", buffer, told_decider(member_text(one, "decided_by")),
			member_text(one, "words"));
	}
}

/* "home: 1480 W, 1500 W expected". */
static void show_beside(FILE *out, const char *what, const json_t *value, const json_t *expected,
			const char *unit)
{
	const json_t *middle = json_is_array(expected) ? json_array_get(expected, 1) : expected;

	fprintf(out, "  %-20s ", what);
	if (json_is_number(value))
		fprintf(out, "%.0f %s", json_number_value(value), unit);
	else
		fprintf(out, "not measured");
	if (json_is_number(middle))
		fprintf(out, " (expected %.0f %s)", json_number_value(middle), unit);
	fputc('\n', out);
}

static void show_relays(FILE *out, const json_t *happened)
{
	char charging[48], feeding[48];
	struct text charging_text = text_in(charging, sizeof(charging));
	struct text feeding_text = text_in(feeding, sizeof(feeding));

	duration_format(&charging_text,
			(int64_t)member_number(happened, "charging_s") * MS_PER_SECOND);
	duration_format(&feeding_text,
			(int64_t)member_number(happened, "feeding_s") * MS_PER_SECOND);
	fprintf(out, "  %-20s charging %s, feeding the house %s\n", "relays closed", charging,
		feeding);
}

static void show_grid(const struct plan_view *view, FILE *out, const json_t *happened)
{
	const json_t *bill = json_object_get(happened, "bill");
	const json_t *expected = json_object_get(happened, "bill_expected");

	if (!json_is_number(json_object_get(happened, "imported_wh")))
		return;
	fprintf(out, "  %-20s %.2f kWh bought, %.2f kWh sold", "grid",
		member_number(happened, "imported_wh") / 1000,
		member_number(happened, "exported_wh") / 1000);
	if (json_is_number(bill))
		fprintf(out, ": %.2f %s", json_number_value(bill), view->currency);
	if (json_is_number(bill) && json_is_number(expected))
		fprintf(out, " (expected %.2f %s)", json_number_value(expected), view->currency);
	fputc('\n', out);
}

static void show_happened(const struct plan_view *view, FILE *out, const json_t *happened,
			  const json_t *inputs)
{
	char buffer[32];
	struct text until = text_in(buffer, sizeof(buffer));

	plan_time_add(view, &until, member_text(happened, "until"));
	fprintf(out, "What then happened, until %s:\n", buffer);
	show_decisions(view, out, json_object_get(happened, "decisions"));
	show_relays(out, happened);
	if (json_is_number(json_object_get(happened, "soc_begin_pct")))
		fprintf(out, "  %-20s %.0f %%\n", "charge at its begin",
			member_number(happened, "soc_begin_pct"));
	show_beside(out, "charge at its end", json_object_get(happened, "soc_end_pct"),
		    json_object_get(inputs, "soc_pct"), "%");
	show_beside(out, "home", json_object_get(happened, "load_w"),
		    json_object_get(inputs, "load_w"), "W");
	show_beside(out, "sun", json_object_get(happened, "pv_w"), json_object_get(inputs, "pv_w"),
		    "W");
	show_beside(out, "temperature", json_object_get(happened, "temp_c"),
		    json_object_get(inputs, "temp_c"), "°C");
	show_grid(view, out, happened);
}

/* The alternatives, each with the time that is asked about. */
static void show_csv(const struct plan_view *view, FILE *out, const json_t *why)
{
	json_t *rows = json_deep_copy(json_object_get(why, "alternatives")), *row;
	size_t index;

	json_array_foreach(rows, index, row) json_object_set(row, "at", json_object_get(why, "at"));
	rows_show(view->cli, out, rows, ALTERNATIVE_COLUMNS, ARRAY_LENGTH(ALTERNATIVE_COLUMNS), "");
	json_decref(rows);
}

void plan_why_show(const struct plan_view *view, FILE *out, const json_t *why)
{
	const json_t *happened = json_object_get(why, "happened");
	bool is_past = json_is_object(happened);
	char buffer[160], made[32];
	struct text title = text_in(buffer, sizeof(buffer));
	struct text made_text = text_in(made, sizeof(made));

	if (view->cli->format == FORMAT_CSV) {
		show_csv(view, out, why);
		return;
	}
	plan_time_add(view, &title, member_text(why, "at"));
	text_add(&title, ": ");
	plan_mode_add(&title, member_text(why, "mode"), json_object_get(why, "level_pct"));
	plan_time_add(view, &made_text, member_text(why, "made_at"));
	fprintf(out, "%s%s%s (plan %.0f, made at %s)\n", colour_begin(view->cli, COLOUR_BOLD),
		buffer, colour_end(view->cli), member_number(why, "number"), made);
	show_reason(view, out, why, is_past);
	show_inputs(view, out, json_object_get(why, "inputs"));
	show_binding(out, json_object_get(why, "binding"), is_past);
	show_alternatives(view, out, json_object_get(why, "alternatives"), member_text(why, "mode"),
			  is_past);
	plan_words_show(view, out, why, "paths", "relays");
	plan_words_show(view, out, why, "pv_forecast", "sun");
	if (is_past)
		show_happened(view, out, happened, json_object_get(why, "inputs"));
}
