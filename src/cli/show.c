/*
 * Values and tables for people and for programs.
 *
 * People get aligned columns, units in the heading, a dash for what is
 * missing, local time; programs get CSV with the API's names, empty for null, and dots.
 */
#include "cli/show.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/time.h"
#include "cli/duration.h"

#define CELL_MAX 384
#define COLUMNS_MAX 24

size_t display_width(const char *text)
{
	size_t width = 0;

	while (*text) {
		if (*text == '\033') {
			text += strcspn(text, "mK");
			if (*text)
				text++;
			continue;
		}
		if (((unsigned char)*text & 0xc0) != 0x80)
			width++;
		text++;
	}
	return width;
}

/* ---- members ---- */

const char *member_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text ? text : "";
}

double member_number(const json_t *object, const char *name)
{
	return json_number_value(json_object_get(object, name));
}

bool member_is_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

/* ---- values ---- */

#define CHANGE_MAX_MS (3 * (int64_t)MS_PER_HOUR) /* no zone goes back further at once */

/* Whether the house's clocks show this time twice, as in the hour in which summer time ends. */
static bool is_shown_twice(const struct cli *cli, struct wall_time at, int32_t offset_s)
{
	for (int way = -1; way <= 1; way += 2) {
		struct wall_time other = {at.ms + way * CHANGE_MAX_MS};
		int32_t other_s = house_offset_s(cli, other);

		other.ms = at.ms + (int64_t)(offset_s - other_s) * MS_PER_SECOND;
		if (other_s != offset_s && house_offset_s(cli, other) == other_s)
			return true;
	}
	return false;
}

/* In the house's time; with the offset where that alone tells two hours apart. */
static void add_time(const struct cli *cli, struct text *out, const char *iso)
{
	struct wall_time at;
	int32_t offset_s;
	struct tm broken;
	char local[32];
	time_t seconds;

	if (wall_parse(&at, iso, strlen(iso)) < 0) {
		text_add(out, "%s", iso);
		return;
	}
	offset_s = house_offset_s(cli, at);
	seconds = (time_t)(at.ms / MS_PER_SECOND) + offset_s;
	gmtime_r(&seconds, &broken);
	strftime(local, sizeof(local), "%Y-%m-%d %H:%M:%S", &broken);
	text_add(out, "%s", local);
	if (is_shown_twice(cli, at, offset_s))
		text_add(out, " %c%02d:%02d", offset_s < 0 ? '-' : '+', abs(offset_s) / 3600,
			 abs(offset_s) / 60 % 60);
}

static void add_raw(struct text *out, const json_t *value)
{
	char *dumped;

	if (!value || json_is_null(value))
		return;
	if (json_is_string(value)) {
		text_add(out, "%s", json_string_value(value));
		return;
	}
	dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(12));
	text_add(out, "%s", dumped ? dumped : "");
	free(dumped);
}

void value_add(const struct cli *cli, struct text *out, const json_t *value, enum column_kind kind)
{
	if (!value || json_is_null(value)) {
		text_add(out, "%s", NOTHING);
		return;
	}
	switch (kind) {
	case COLUMN_ONE_DECIMAL:
		text_add(out, "%.1f", json_number_value(value));
		break;
	case COLUMN_WHOLE:
		text_add(out, "%lld", llround(json_number_value(value)));
		break;
	case COLUMN_SWITCH:
		text_add(out, "%s", json_is_true(value) ? "on" : "off");
		break;
	case COLUMN_YES:
		text_add(out, "%s", json_is_true(value) ? "yes" : "");
		break;
	case COLUMN_TIME:
		add_time(cli, out, json_string_value(value) ? json_string_value(value) : "");
		break;
	case COLUMN_DURATION:
		duration_format(out, llround(json_number_value(value) * MS_PER_SECOND));
		break;
	case COLUMN_TEXT:
	case COLUMN_COUNT:
		add_raw(out, value);
		break;
	}
}

void duration_member_add(const struct cli *cli, struct text *out, const json_t *object,
			 const char *name)
{
	value_add(cli, out, json_object_get(object, name), COLUMN_DURATION);
}

const json_t *row_find(const json_t *rows, const char *id)
{
	const json_t *row;
	size_t index;

	json_array_foreach(rows, index, row)
	{
		if (strcmp(member_text(row, "id"), id) == 0)
			return row;
	}
	return NULL;
}

/* ---- rows ---- */

static void show_csv_cell(FILE *out, const char *cell)
{
	if (!strpbrk(cell, ",\"\r\n")) {
		fputs(cell, out);
		return;
	}
	fputc('"', out);
	for (; *cell; cell++) {
		if (*cell == '"')
			fputc('"', out);
		fputc(*cell, out);
	}
	fputc('"', out);
}

static void show_csv(FILE *out, const json_t *rows, const struct column *columns, size_t count)
{
	size_t index;
	const json_t *row;

	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? "," : "", columns[i].name);
	fputs("\r\n", out);
	json_array_foreach(rows, index, row)
	{
		for (size_t i = 0; i < count; i++) {
			char buffer[CELL_MAX * 4];
			struct text cell = text_in(buffer, sizeof(buffer));

			add_raw(&cell, json_object_get(row, columns[i].name));
			if (i)
				fputc(',', out);
			show_csv_cell(out, buffer);
		}
		fputs("\r\n", out);
	}
}

static void cell_text(const struct cli *cli, char buffer[CELL_MAX], const json_t *row,
		      const struct column *column)
{
	struct text cell = text_in(buffer, CELL_MAX);

	value_add(cli, &cell, json_object_get(row, column->name), column->kind);
}

static bool is_right_aligned(enum column_kind kind)
{
	return kind == COLUMN_COUNT || kind == COLUMN_ONE_DECIMAL || kind == COLUMN_WHOLE ||
	       kind == COLUMN_DURATION;
}

/* The last column is not filled up: no spaces at the end of a line. */
static void show_cell(FILE *out, const char *cell, size_t width, bool is_right, bool is_last)
{
	int fill = (int)(width - display_width(cell));

	if (is_right)
		fprintf(out, "%*s%s", fill, "", cell);
	else
		fprintf(out, "%s%*s", cell, is_last ? 0 : fill, "");
	fputs(is_last ? "\n" : "  ", out);
}

static void measure(const struct cli *cli, size_t widths[COLUMNS_MAX], const json_t *rows,
		    const struct column *columns, size_t count)
{
	char cell[CELL_MAX];
	size_t index;
	const json_t *row;

	for (size_t i = 0; i < count; i++)
		widths[i] = columns[i].title ? display_width(columns[i].title) : 0;
	json_array_foreach(rows, index, row)
	{
		for (size_t i = 0; i < count; i++) {
			cell_text(cli, cell, row, &columns[i]);
			if (display_width(cell) > widths[i])
				widths[i] = display_width(cell);
		}
	}
}

static void show_table(const struct cli *cli, FILE *out, const json_t *rows,
		       const struct column *columns, size_t count)
{
	size_t widths[COLUMNS_MAX];
	char cell[CELL_MAX];
	size_t index, last = count - 1;
	const json_t *row;

	while (last > 0 && !columns[last].title)
		last--;
	measure(cli, widths, rows, columns, count);
	fputs(colour_begin(cli, COLOUR_BOLD), out);
	for (size_t i = 0; i <= last; i++) {
		if (columns[i].title)
			show_cell(out, columns[i].title, widths[i],
				  is_right_aligned(columns[i].kind), i == last);
	}
	fputs(colour_end(cli), out);
	json_array_foreach(rows, index, row)
	{
		for (size_t i = 0; i <= last; i++) {
			if (!columns[i].title)
				continue;
			cell_text(cli, cell, row, &columns[i]);
			show_cell(out, cell, widths[i], is_right_aligned(columns[i].kind),
				  i == last);
		}
	}
}

void rows_show(const struct cli *cli, FILE *out, const json_t *rows, const struct column *columns,
	       size_t count, const char *none)
{
	if (cli->format == FORMAT_CSV)
		show_csv(out, rows, columns, count);
	else if (json_array_size(rows) == 0)
		complain("%s", none);
	else if (count <= COLUMNS_MAX)
		show_table(cli, out, rows, columns, count);
}

void count_add(struct text *out, double count, const char *thing)
{
	if (count < 1)
		text_add(out, "no %ss", thing);
	else
		text_add(out, "%.0f %s%s", count, thing, count < 2 ? "" : "s");
}

void json_show(FILE *out, const json_t *document)
{
	json_dumpf(document, out, JSON_INDENT(2) | JSON_REAL_PRECISION(12) | JSON_ENCODE_ANY);
	fputc('\n', out);
}

void done_show(const struct cli *cli, const char *subject, const char *id, const char *words,
	       const char *member)
{
	json_t *done;

	if (cli->format != FORMAT_JSON) {
		printf("%s %s %s\n", subject, id, words);
		return;
	}
	done = json_pack("{s:I, s:b}", "id", (json_int_t)strtoll(id, NULL, 10), member, true);
	json_show(stdout, done);
	json_decref(done);
}

/* ---- colours ---- */

const char *colour_begin(const struct cli *cli, enum colour colour)
{
	static const char *const SEQUENCES[] = {"",         "\033[1m",  "\033[2m",
						"\033[31m", "\033[32m", "\033[33m"};

	return cli->has_colour ? SEQUENCES[colour] : "";
}

const char *colour_end(const struct cli *cli)
{
	return cli->has_colour ? "\033[0m" : "";
}

/* A timer that is set and never told back: whether a trial has proved it. */
static void timer_show(const struct cli *cli, FILE *out, const json_t *relay)
{
	const json_t *trial = json_object_get(relay, "trial");
	const char *at = member_text(trial, "at"), *id = member_text(relay, "id");

	if (strcmp(member_text(relay, "timer"), "untold") != 0)
		return;
	fprintf(out, "%srelay %s: its timer is set and not told back; ", colour_begin(cli, COLOUR_YELLOW),
		id);
	if (!json_is_object(trial))
		fprintf(out, "not proved yet: amphora relay trial %s", id);
	else if (json_is_true(json_object_get(trial, "passed")))
		fprintf(out, "proved by a trial on %.10s", at);
	else
		fprintf(out, "it did not open by itself in a trial on %.10s", at);
	fprintf(out, "%s\n", colour_end(cli));
}

void warnings_show(const struct cli *cli, FILE *out, const json_t *state)
{
	double factor = member_number(state, "clock_factor");
	const json_t *relay;
	size_t index;

	if (factor > 1)
		fprintf(out, "%sclock ×%.0f: simulated time%s\n", colour_begin(cli, COLOUR_YELLOW),
			factor, colour_end(cli));
	json_array_foreach(json_object_get(state, "relays"), index, relay)
	{
		if (strcmp(member_text(relay, "lease"), "none") == 0)
			fprintf(out, "%srelay %s: lease: none, it does not open by itself%s\n",
				colour_begin(cli, COLOUR_YELLOW), member_text(relay, "id"),
				colour_end(cli));
		else
			timer_show(cli, out, relay);
	}
}
