/*
 * A plan in words and numbers: what comes, what it costs beside the simple rules, and slot by slot.
 * Why it is so stands in plan_why.c, the picture in plan_picture.c.
 */
#include "cli/plan_view.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "cli/plan_words.h"
#include "cli/plan_worth.h"
#include "cli/show.h"

/* ---- words ---- */

static bool has_cents(const struct plan_view *view)
{
	return strcmp(view->currency, "EUR") == 0;
}

void plan_price_add(const struct plan_view *view, struct text *out, double price)
{
	if (has_cents(view))
		text_add(out, "%.1f ct", 100 * price);
	else
		text_add(out, "%.2f %s", price, view->currency);
}

static struct tm house_time(const struct plan_view *view, struct wall_time at)
{
	time_t seconds = (time_t)(at.ms / MS_PER_SECOND) + house_offset_s(view->cli, at);
	struct tm broken;

	gmtime_r(&seconds, &broken);
	return broken;
}

void plan_time_add(const struct plan_view *view, struct text *out, const char *iso)
{
	struct tm here, today = house_time(view, view->now);
	struct wall_time at;
	char words[32];

	if (wall_parse(&at, iso, strlen(iso)) < 0) {
		text_add(out, "%s", iso);
		return;
	}
	here = house_time(view, at);
	strftime(words, sizeof(words),
		 here.tm_yday == today.tm_yday && here.tm_year == today.tm_year ? "%H:%M"
										: "%a %H:%M",
		 &here);
	text_add(out, "%s", words);
}

void plan_none_show(FILE *out, const json_t *answer)
{
	const json_t *need;
	size_t index;

	fprintf(out, "%s has no plan. It needs:\n",
		member_text(answer, "battery")[0] ? member_text(answer, "battery") : "This house");
	json_array_foreach(json_object_get(answer, "needs"), index, need) fprintf(
	    out, "  %s\n",
	    json_string_value(need) ? plan_need_words(json_string_value(need)) : "");
	fprintf(out, "Until then %s.\n", plan_meanwhile_words(member_text(answer, "meanwhile")));
}

/* ---- stretches: neighbours that do the same ---- */

static bool does_same(const json_t *a, const json_t *b)
{
	return strcmp(member_text(a, "mode"), member_text(b, "mode")) == 0 &&
	       json_equal(json_object_get(a, "level_pct"), json_object_get(b, "level_pct"));
}

/* How many slots from `begin` on do the same. */
static size_t stretch_length(const json_t *slots, size_t begin)
{
	size_t end = begin + 1;

	while (end < json_array_size(slots) &&
	       does_same(json_array_get(slots, begin), json_array_get(slots, end)))
		end++;
	return end - begin;
}

/* The middle of three quantiles; NULL where there is none. */
static const json_t *likely(const json_t *slot, const char *name)
{
	return json_array_get(json_object_get(slot, name), 1);
}

/* "12.8 ct", or "12.8 ct to 36.0 ct" of those from `begin` on that are known. */
static void add_prices(const struct plan_view *view, struct text *out, const json_t *slots,
		       size_t begin, size_t count)
{
	double low = INFINITY, high = -INFINITY;

	for (size_t i = begin; i < begin + count; i++) {
		const json_t *buy = json_object_get(json_array_get(slots, i), "buy");

		if (json_is_number(buy)) {
			low = fmin(low, json_number_value(buy));
			high = fmax(high, json_number_value(buy));
		}
	}
	if (low > high) {
		text_add(out, NOTHING);
		return;
	}
	plan_price_add(view, out, low);
	if (high > low) {
		text_add(out, " to ");
		plan_price_add(view, out, high);
	}
}

static json_t *stretch_row(const struct plan_view *view, const json_t *slots, size_t begin,
			   size_t count)
{
	const json_t *first = json_array_get(slots, begin);
	const json_t *last = json_array_get(slots, begin + count - 1);
	const json_t *soc = likely(last, "soc_pct");
	char from[64], does[96], price[96];
	struct text from_text = text_in(from, sizeof(from));
	struct text does_text = text_in(does, sizeof(does));
	struct text price_text = text_in(price, sizeof(price));

	plan_time_add(view, &from_text, member_text(first, "at"));
	plan_mode_add(&does_text, member_text(first, "mode"), json_object_get(first, "level_pct"));
	add_prices(view, &price_text, slots, begin, count);
	return json_pack("{s:s, s:s, s:s, s:O*}", "from", from, "does", does, "price", price, "soc",
			 soc);
}

static void show_stretches(const struct plan_view *view, FILE *out, const json_t *slots)
{
	static const struct column COLUMNS[] = {
	    {"from", "from", COLUMN_TEXT},
	    {"does", "what it will do", COLUMN_TEXT},
	    {"price", "power costs", COLUMN_TEXT},
	    {"soc", "SoC % then", COLUMN_WHOLE},
	};
	json_t *rows = json_array();

	for (size_t at = 0; at < json_array_size(slots); at += stretch_length(slots, at))
		json_array_append_new(rows,
				      stretch_row(view, slots, at, stretch_length(slots, at)));
	rows_show(view->cli, out, rows, COLUMNS, ARRAY_LENGTH(COLUMNS), "the plan has no slots");
	json_decref(rows);
}

/* ---- what is told with its own words ---- */

void plan_words_show(const struct plan_view *view, FILE *out, const json_t *whole, const char *name,
		     const char *title)
{
	const char *words = member_text(json_object_get(whole, name), "words");
	size_t at = strlen(title) + 1, width = view->columns > 40 ? view->columns : 40;

	if (!words[0])
		return;
	fprintf(out, "%s:", title);
	while (*words) {
		size_t length = strcspn(words, " ");

		if (at + 1 + length > width) {
			fputs("\n ", out);
			at = 1;
		}
		fprintf(out, " %.*s", (int)length, words);
		at += 1 + length;
		words += length + (words[length] == ' ');
	}
	fputc('\n', out);
}

/* ---- the whole ---- */

/* "in force", and what is said beside it: "void: the state of charge leapt". */
static void show_state(const struct plan_view *view, FILE *out, const json_t *answer,
		       const json_t *plan)
{
	const char *state = member_text(plan, "state"), *why = member_text(plan, "why");
	bool is_in_force = strcmp(state, "in-force") == 0;
	char buffer[512];
	struct text line = text_in(buffer, sizeof(buffer));

	text_add(&line, "made at ");
	plan_time_add(view, &line, member_text(plan, "made_at"));
	text_add(&line, " from %.0f days of this home, good until ",
		 member_number(plan, "days_known"));
	plan_time_add(view, &line, member_text(plan, "valid_until"));
	fprintf(out, "%s%s%s plan %.0f, %s%s%s%s%s\n  %s\n", colour_begin(view->cli, COLOUR_BOLD),
		member_text(answer, "battery"), colour_end(view->cli),
		member_number(plan, "number"),
		colour_begin(view->cli, is_in_force ? COLOUR_GREEN : COLOUR_YELLOW),
		is_in_force                       ? "in force"
		: strcmp(state, "not-asked") == 0 ? "not asked for"
						  : state,
		colour_end(view->cli), why[0] && !is_in_force ? ": " : "", is_in_force ? "" : why,
		buffer);
	if (!is_in_force)
		fprintf(out, "  now %s%s\n", plan_meanwhile_words(member_text(answer, "meanwhile")),
			strcmp(state, "not-asked") == 0 ? "; `amphora set logic plan` lets the plan"
							: "");
	if (strcmp(member_text(json_object_get(plan, "basis"), "name"), "log") == 0)
		fprintf(out, "  %s\n", member_text(json_object_get(plan, "basis"), "words"));
	if (member_is_true(plan, "prices_assumed"))
		fprintf(out,
			"  some prices are not known and taken to be those of the day before\n");
}

void plan_summary_show(const struct plan_view *view, FILE *out, const json_t *answer)
{
	const json_t *plan = json_object_get(answer, "plan"),
		     *slots = json_object_get(plan, "slots");

	show_state(view, out, answer, plan);
	fputc('\n', out);
	plan_picture_show(view, out, slots);
	fputc('\n', out);
	show_stretches(view, out, slots);
	fputc('\n', out);
	plan_worth_show(view, out, plan, json_object_get(answer, "worth"));
	plan_words_show(view, out, plan, "paths", "relays");
	plan_words_show(view, out, plan, "pv_forecast", "sun");
}

/* ---- slot by slot ---- */

static const struct column SLOT_COLUMNS[] = {
    {"at", "time", COLUMN_TIME},
    {"words", "what it will do", COLUMN_TEXT},
    {"price", "buy", COLUMN_TEXT},
    {"sale", "sell", COLUMN_TEXT},
    {"load_p50_w", "load W", COLUMN_WHOLE},
    {"pv_p50_w", "PV W", COLUMN_WHOLE},
    {"soc_p10_pct", "SoC % low", COLUMN_WHOLE},
    {"soc_p50_pct", "likely", COLUMN_WHOLE},
    {"soc_p90_pct", "high", COLUMN_WHOLE},
    {"temp_c", "°C", COLUMN_ONE_DECIMAL},
};

static const struct column SLOT_CSV_COLUMNS[] = {
    {"at", "", COLUMN_TIME},
    {"mode", "", COLUMN_TEXT},
    {"level_pct", "", COLUMN_ONE_DECIMAL},
    {"buy", "", COLUMN_ONE_DECIMAL},
    {"sell", "", COLUMN_ONE_DECIMAL},
    {"price_assumed", "", COLUMN_YES},
    {"load_p10_w", "", COLUMN_WHOLE},
    {"load_p50_w", "", COLUMN_WHOLE},
    {"load_p90_w", "", COLUMN_WHOLE},
    {"pv_p10_w", "", COLUMN_WHOLE},
    {"pv_p50_w", "", COLUMN_WHOLE},
    {"pv_p90_w", "", COLUMN_WHOLE},
    {"soc_p10_pct", "", COLUMN_ONE_DECIMAL},
    {"soc_p50_pct", "", COLUMN_ONE_DECIMAL},
    {"soc_p90_pct", "", COLUMN_ONE_DECIMAL},
    {"temp_c", "", COLUMN_ONE_DECIMAL},
    {"bill", "", COLUMN_ONE_DECIMAL},
};

/* [10, 20, 30] of "load_w" as load_p10_w, load_p50_w and load_p90_w. */
static void spread(json_t *row, const char *name, const char *unit)
{
	static const char *const PARTS[] = {"p10", "p50", "p90"};
	char whole[32], part[40];

	snprintf(whole, sizeof(whole), "%s_%s", name, unit);
	for (size_t i = 0; i < ARRAY_LENGTH(PARTS); i++) {
		json_t *value = json_array_get(json_object_get(row, whole), i);

		snprintf(part, sizeof(part), "%s_%s_%s", name, PARTS[i], unit);
		if (value)
			json_object_set(row, part, value);
	}
}

static void set_price(const struct plan_view *view, json_t *row, const char *name, const char *as,
		      const char *mark)
{
	char buffer[64];
	struct text words = text_in(buffer, sizeof(buffer));
	const json_t *price = json_object_get(row, name);

	if (!json_is_number(price))
		return;
	plan_price_add(view, &words, json_number_value(price));
	text_add(&words, "%s", mark);
	json_object_set_new(row, as, json_string(buffer));
}

static json_t *slot_row(const struct plan_view *view, const json_t *slot)
{
	json_t *row = json_copy((json_t *)slot);
	char buffer[96];
	struct text words = text_in(buffer, sizeof(buffer));

	plan_mode_add(&words, member_text(slot, "mode"), json_object_get(slot, "level_pct"));
	json_object_set_new(row, "words", json_string(buffer));
	set_price(view, row, "buy", "price",
		  member_is_true(slot, "price_assumed") ? " assumed" : "");
	set_price(view, row, "sell", "sale", "");
	spread(row, "load", "w");
	spread(row, "pv", "w");
	spread(row, "soc", "pct");
	return row;
}

void plan_slots_show(const struct plan_view *view, FILE *out, const json_t *plan)
{
	bool is_csv = view->cli->format == FORMAT_CSV;
	json_t *rows = json_array();
	const json_t *slot;
	size_t index;

	json_array_foreach(json_object_get(plan, "slots"), index, slot)
	    json_array_append_new(rows, slot_row(view, slot));
	rows_show(view->cli, out, rows, is_csv ? SLOT_CSV_COLUMNS : SLOT_COLUMNS,
		  is_csv ? ARRAY_LENGTH(SLOT_CSV_COLUMNS) : ARRAY_LENGTH(SLOT_COLUMNS),
		  "the plan has no slots");
	json_decref(rows);
}
