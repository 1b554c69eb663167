/*
 * `amphora status`: the picture once; with -w the live screen, or, where
 * standard output is no terminal, a line for each change.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/client.h"
#include "cli/screen.h"
#include "cli/show.h"
#include "cli/status_view.h"

/* Enough to have the last changes among them, however often sensors send. */
#define EVENTS_LOOKED_AT "300"
#define EVENTS_SHOWN 8

static const struct column BATTERY_COLUMNS[] = {
    {"id", "", COLUMN_TEXT},
    {"soc_pct", "", COLUMN_ONE_DECIMAL},
    {"temp_c", "", COLUMN_ONE_DECIMAL},
    {"temp_max_c", "", COLUMN_ONE_DECIMAL},
    {"power_w", "", COLUMN_ONE_DECIMAL},
    {"quality", "", COLUMN_TEXT},
    {"age_s", "", COLUMN_DURATION},
    {"intent", "", COLUMN_TEXT},
    {"logic", "", COLUMN_TEXT},
    {"locked_out", "", COLUMN_YES},
    {"decision", "", COLUMN_TEXT},
};

/* The picture as text, from malloc, with the last `shown` events; NULL where memory is out. */
static char *draw(const struct cli *cli, const json_t *state, const json_t *events, size_t shown)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	status_view(cli, out, state, events, shown);
	fclose(out);
	return text;
}

static void print_once(const struct cli *cli, const json_t *state)
{
	char *text = draw(cli, state, NULL, 0);

	if (text)
		screen_print(text);
	free(text);
}

static int show_once(struct cli *cli)
{
	json_t *state;
	int rc = client_get_state(cli, &state);

	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, state);
	else if (cli->format == FORMAT_CSV)
		rows_show(cli, stdout, json_object_get(state, "batteries"), BATTERY_COLUMNS,
			  ARRAY_LENGTH(BATTERY_COLUMNS), "no battery is configured");
	else
		print_once(cli, state);
	json_decref(state);
	return EXIT_OK;
}

/* ---- -w ---- */

/* As many of the last events as fit below all the rest. */
static void draw_fitting(const struct cli *cli, const json_t *state, const json_t *events,
			 size_t *rows)
{
	struct screen_size size = screen_size();
	char *text = draw(cli, state, events, EVENTS_SHOWN);

	for (size_t shown = EVENTS_SHOWN;
	     text && shown > 0 && screen_rows(text, size.columns) > size.rows; shown--) {
		free(text);
		text = draw(cli, state, events, shown - 1);
	}
	if (text)
		screen_draw(text, size, rows);
	free(text);
}

static int draw_screen(struct cli *cli, size_t *rows)
{
	json_t *state, *events;
	int rc = client_get_state(cli, &state);

	if (rc != EXIT_OK)
		return rc;
	rc = client_get(cli, "events?limit=" EVENTS_LOOKED_AT, &events);
	if (rc == EXIT_OK) {
		draw_fitting(cli, state, json_object_get(events, "events"), rows);
		json_decref(events);
	}
	json_decref(state);
	return rc;
}

static int watch_on_screen(struct cli *cli)
{
	const struct timespec second = {.tv_sec = 1};
	size_t rows = 0;
	int rc = EXIT_OK;

	screen_open();
	while (rc == EXIT_OK && !screen_is_ended()) {
		rc = draw_screen(cli, &rows);
		if (rc == EXIT_OK)
			nanosleep(&second, NULL);
	}
	screen_close();
	return screen_is_ended() ? EXIT_OK : rc;
}

static char *change_lines(const struct cli *cli, const json_t *state)
{
	char *text = NULL;
	size_t size, index;
	FILE *out = open_memstream(&text, &size);
	const json_t *battery;

	if (!out)
		return NULL;
	json_array_foreach(json_object_get(state, "batteries"), index, battery)
	    status_line(cli, out, battery);
	fclose(out);
	return text;
}

/* Appends the lines when they are others than the last. */
static int append(struct cli *cli, char **last)
{
	json_t *state;
	char *lines;
	int rc = client_get_state(cli, &state);

	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON) {
		json_dumpf(state, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
		putchar('\n');
		json_decref(state);
		return EXIT_OK;
	}
	lines = change_lines(cli, state);
	if (lines && (!*last || strcmp(lines, *last) != 0)) {
		char buffer[64];
		struct text at = text_in(buffer, sizeof(buffer));

		if (!*last)
			warnings_show(cli, stderr, state);
		value_add(cli, &at, json_object_get(state, "time"), COLUMN_TIME);
		printf("%s  %s", buffer, lines);
	}
	free(*last);
	*last = lines;
	json_decref(state);
	return EXIT_OK;
}

static int watch_as_lines(struct cli *cli)
{
	const struct timespec second = {.tv_sec = 1};
	char *last = NULL;
	int rc = append(cli, &last);

	while (rc == EXIT_OK && fflush(stdout) == 0) {
		nanosleep(&second, NULL);
		rc = append(cli, &last);
	}
	free(last);
	return rc;
}

int command_status(struct cli *cli, int argc, char **argv)
{
	bool is_watching = take_flag(&argc, argv, "-w");

	if (!words_fit(argc, argv, 0, 0))
		return usage(cli);
	if (!is_watching)
		return show_once(cli);
	if (cli->is_terminal && cli->format == FORMAT_PEOPLE)
		return watch_on_screen(cli);
	return watch_as_lines(cli);
}
