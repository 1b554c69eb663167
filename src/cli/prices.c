/* `amphora prices`: what energy costs today and tomorrow, and how those do that publish it. */
#include <math.h>
#include <stdio.h>

#include "cli/client.h"
#include "cli/show.h"
#include "cli/span.h"

#define BAR_MAX 24
#define STEPS_PER_UNIT 100000 /* digits of a price that are shown */

static const struct column COLUMNS[] = {
    {"from", "from", COLUMN_TIME},     {"to", NULL, COLUMN_TIME},
    {"import", "import", COLUMN_TEXT}, {"export", "export", COLUMN_TEXT},
    {"assumed", NULL, COLUMN_TEXT},    {"bar", "", COLUMN_TEXT},
};

#define CSV_COLUMNS (ARRAY_LENGTH(COLUMNS) - 1) /* without the picture */

static const json_t *column_at(const json_t *slots, const char *name, size_t index)
{
	return json_array_get(json_object_get(slots, name), index);
}

static json_t *time_json(double at_s)
{
	char iso[WALL_TEXT_MAX];

	return json_string(wall_format(iso, (struct wall_time){(int64_t)at_s * MS_PER_SECOND}, 0));
}

/* As text, so that a table and CSV have the same digits; null where it is not known. */
static json_t *price_json(const json_t *price)
{
	char buffer[40];
	struct text text = text_in(buffer, sizeof(buffer));

	if (!json_is_number(price))
		return json_null();
	text_add_scaled(&text, llround(json_number_value(price) * STEPS_PER_UNIT), STEPS_PER_UNIT);
	return json_string(buffer);
}

/* The highest price either way, which has the whole bar. */
static double most_of(const json_t *slots)
{
	double most = 0;
	const json_t *price;
	size_t index;

	json_array_foreach(json_object_get(slots, "buy"), index, price) most =
	    fmax(most, fabs(json_number_value(price)));
	return most;
}

static json_t *bar_json(double price, double most, bool is_assumed)
{
	char buffer[BAR_MAX * 4 + 16];
	struct text text = text_in(buffer, sizeof(buffer));
	int length = most > 0 ? (int)lround(fabs(price) / most * BAR_MAX) : 0;

	if (price < 0)
		text_add(&text, "-");
	for (int i = 0; i < length; i++)
		text_add(&text, "%s", is_assumed ? "░" : "█");
	if (is_assumed)
		text_add(&text, " assumed");
	return json_string(buffer);
}

/* Whether a slot says what the one before it says. */
static bool is_like_before(const json_t *slots, size_t index)
{
	static const char *const names[] = {"buy", "sell", "assumed"};

	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		if (!json_equal(column_at(slots, names[i], index),
				column_at(slots, names[i], index - 1)))
			return false;
	return true;
}

/* A row for each slot; for people one for each stretch of equal ones. */
static json_t *rows_of(const struct cli *cli, const json_t *slots)
{
	json_t *rows = json_array(), *row = NULL;
	double most = most_of(slots);

	for (size_t i = 0; i < json_array_size(json_object_get(slots, "t")); i++) {
		double from_s = json_number_value(column_at(slots, "t", i));
		double to_s = from_s + json_number_value(column_at(slots, "length_s", i));
		bool is_assumed = json_is_true(column_at(slots, "assumed", i));
		const json_t *buy = column_at(slots, "buy", i);

		if (row == NULL || cli->format == FORMAT_CSV || !is_like_before(slots, i)) {
			row = json_pack("{s:o, s:o, s:o, s:s, s:o}", "from", time_json(from_s),
					"import", price_json(buy), "export",
					price_json(column_at(slots, "sell", i)), "assumed",
					is_assumed ? "yes" : "", "bar",
					bar_json(json_number_value(buy), most, is_assumed));
			json_array_append_new(rows, row);
		}
		json_object_set_new(row, "to", time_json(to_s));
	}
	return rows;
}

/* "import: url, known until 1 Dec 00:00, from 5 min ago". */
static void show_source(const struct cli *cli, const json_t *sources, const char *name)
{
	const json_t *source = json_object_get(sources, name);
	const json_t *until = json_object_get(source, "known_until");
	const json_t *age = json_object_get(source, "age_s");
	char buffer[400];
	struct text line = text_in(buffer, sizeof(buffer));

	if (!json_is_object(source))
		return;
	text_add(&line, "%s: %s", name, member_text(source, "kind"));
	if (json_is_string(until)) {
		text_add(&line, ", known until ");
		value_add(cli, &line, until, COLUMN_TIME);
	}
	if (json_is_number(age)) {
		text_add(&line, ", from ");
		value_add(cli, &line, age, COLUMN_DURATION);
		text_add(&line, " ago");
	}
	printf("%s%s%s\n", member_is_true(source, "ok") ? "" : colour_begin(cli, COLOUR_YELLOW),
	       buffer, member_is_true(source, "ok") ? "" : colour_end(cli));
	if (member_text(source, "words")[0] != '\0')
		printf("  %s\n", member_text(source, "words"));
}

static void show(const struct cli *cli, const json_t *answer)
{
	bool is_csv = cli->format == FORMAT_CSV;
	json_t *rows = rows_of(cli, json_object_get(answer, "slots"));

	if (!is_csv && json_array_size(rows) > 0)
		printf("%s per kWh\n", member_text(answer, "currency"));
	rows_show(cli, stdout, rows, COLUMNS, is_csv ? CSV_COLUMNS : ARRAY_LENGTH(COLUMNS),
		  "no prices are configured (docs/prices.md)");
	json_decref(rows);
	if (is_csv)
		return;
	show_source(cli, json_object_get(answer, "sources"), "import");
	show_source(cli, json_object_get(answer, "sources"), "export");
	show_source(cli, json_object_get(answer, "sources"), "pv");
}

int command_prices(struct cli *cli, int argc, char **argv)
{
	const char *from = NULL, *to = NULL;
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	struct wall_time now;
	json_t *answer;
	int rc;

	if (take_option(&argc, argv, "--from", &from) < 0 ||
	    take_option(&argc, argv, "--to", &to) < 0 || !words_fit(argc, argv, 0, 0))
		return usage(cli);
	text_add(&path, "prices");
	rc = span_now(cli, &now);
	if (rc == EXIT_OK)
		rc = span_add(cli, &path, "from", from, now);
	if (rc == EXIT_OK)
		rc = span_add(cli, &path, "to", to, now);
	if (rc == EXIT_OK)
		rc = client_get(cli, buffer, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		show(cli, answer);
	json_decref(answer);
	return rc;
}
