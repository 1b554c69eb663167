/* Why a plan does what it does at one time: its reason, what it knew, what binds, what else costs.
 */
#include <math.h>
#include <string.h>

#include "cli/plan_view.h"
#include "cli/show.h"

#define SAME 0.005

static const struct column ALTERNATIVE_COLUMNS[] = {
    {"at", "", COLUMN_TIME},
    {"mode", "", COLUMN_TEXT},
    {"level_pct", "", COLUMN_ONE_DECIMAL},
    {"costs", "", COLUMN_ONE_DECIMAL},
    {"words", "", COLUMN_TEXT},
};

/* A line of what it knew; nothing where it did not. */
static void show_price(const struct plan_view *view, FILE *out, const char *what,
		       const json_t *price, const char *at)
{
	char buffer[128];
	struct text line = text_in(buffer, sizeof(buffer));

	if (!json_is_number(price))
		return;
	plan_price_add(view, &line, json_number_value(price));
	text_add(&line, "/kWh");
	if (at[0]) {
		text_add(&line, " at ");
		plan_time_add(view, &line, at);
	}
	fprintf(out, "  %-20s %s\n", what, buffer);
}

/* "1140 W (800 to 1590)", of a number or of three quantiles. */
static void show_likely(FILE *out, const char *what, const json_t *value, const char *unit)
{
	const json_t *middle = json_is_array(value) ? json_array_get(value, 1) : value;

	if (!json_is_number(middle))
		return;
	fprintf(out, "  %-20s %.0f %s", what, json_number_value(middle), unit);
	if (json_is_array(value))
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
	show_likely(out, "state of charge", json_object_get(inputs, "soc_pct"), "%");
	show_likely(out, "temperature", json_object_get(inputs, "temp_c"), "°C");
}

static void show_binding(FILE *out, const json_t *list)
{
	const json_t *limit;
	size_t index;

	fprintf(out, "What holds it back:\n");
	if (json_array_size(list) == 0)
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
			      const char *mode)
{
	const json_t *one;
	size_t index;

	if (json_array_size(list) == 0)
		return;
	fprintf(out, "What else would cost, over all that is ahead:\n");
	json_array_foreach(list, index, one)
	{
		char buffer[96];
		struct text words = text_in(buffer, sizeof(buffer));
		double costs = member_number(one, "costs");

		/* What it does is no alternative, nor is what cannot be had. */
		if (strcmp(member_text(one, "mode"), mode) == 0 ||
		    !json_is_number(json_object_get(one, "costs")))
			continue;
		plan_mode_add(&words, member_text(one, "mode"), json_object_get(one, "level_pct"));
		fprintf(out, "  %-36s ", buffer);
		if (fabs(costs) < SAME)
			fprintf(out, "the same\n");
		else
			fprintf(out, "%.2f %s %s\n", fabs(costs), view->currency,
				costs > 0 ? "more" : "less");
	}
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
	char buffer[160];
	struct text title = text_in(buffer, sizeof(buffer));

	if (view->cli->format == FORMAT_CSV) {
		show_csv(view, out, why);
		return;
	}
	plan_time_add(view, &title, member_text(why, "at"));
	text_add(&title, ": ");
	plan_mode_add(&title, member_text(why, "mode"), json_object_get(why, "level_pct"));
	fprintf(out, "%s%s%s (plan %.0f)\n", colour_begin(view->cli, COLOUR_BOLD), buffer,
		colour_end(view->cli), member_number(why, "number"));
	if (member_text(why, "sentence")[0])
		fprintf(out, "%s\n", member_text(why, "sentence"));
	show_inputs(view, out, json_object_get(why, "inputs"));
	show_binding(out, json_object_get(why, "binding"));
	show_alternatives(view, out, json_object_get(why, "alternatives"),
			  member_text(why, "mode"));
	plan_words_show(view, out, why, "paths", "relays");
	plan_words_show(view, out, why, "pv_forecast", "sun");
}
