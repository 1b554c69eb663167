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
#include "cli/status_battery.h"
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

/* What the picture is made of. */
struct answers {
	json_t *state, *explain, *events; /* new references, or NULL */
};

static void answers_done(struct answers *answers)
{
	json_decref(answers->state);
	json_decref(answers->explain);
	json_decref(answers->events);
}

static int get_answers(struct cli *cli, struct answers *answers)
{
	int rc = client_get_state(cli, &answers->state);

	if (rc == EXIT_OK && cli->format != FORMAT_JSON)
		rc = client_get(cli, "explain", &answers->explain);
	return rc;
}

/* The picture as text, from malloc, with the last `shown` events; NULL where memory is out. */
static char *draw(const struct cli *cli, const struct answers *answers, size_t shown)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	status_view(cli, out, answers->state, json_object_get(answers->explain, "batteries"),
		    json_object_get(answers->events, "events"), shown);
	fclose(out);
	return text;
}

static void print_once(const struct cli *cli, const struct answers *answers)
{
	char *text = draw(cli, answers, 0);

	if (text)
		screen_print(text);
	free(text);
}

static int show_once(struct cli *cli)
{
	struct answers answers = {0};
	int rc = get_answers(cli, &answers);

	if (rc == EXIT_OK && cli->format == FORMAT_JSON)
		json_show(stdout, answers.state);
	else if (rc == EXIT_OK && cli->format == FORMAT_CSV)
		rows_show(cli, stdout, json_object_get(answers.state, "batteries"), BATTERY_COLUMNS,
			  ARRAY_LENGTH(BATTERY_COLUMNS), "no battery is configured");
	else if (rc == EXIT_OK)
		print_once(cli, &answers);
	answers_done(&answers);
	return rc;
}

/* ---- -w ---- */

/* As many of the last events as fit below all the rest. */
static void draw_fitting(const struct cli *cli, const struct answers *answers, size_t *rows)
{
	struct screen_size size = screen_size();
	char *text = draw(cli, answers, EVENTS_SHOWN);

	for (size_t shown = EVENTS_SHOWN;
	     text && shown > 0 && screen_rows(text, size.columns) > size.rows; shown--) {
		free(text);
		text = draw(cli, answers, shown - 1);
	}
	if (text)
		screen_draw(text, size, rows);
	free(text);
}

static int draw_screen(struct cli *cli, size_t *rows)
{
	struct answers answers = {0};
	int rc = get_answers(cli, &answers);

	if (rc == EXIT_OK)
		rc = client_get(cli, "events?limit=" EVENTS_LOOKED_AT, &answers.events);
	if (rc == EXIT_OK)
		draw_fitting(cli, &answers, rows);
	answers_done(&answers);
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

static char *change_lines(const struct cli *cli, const struct answers *answers)
{
	char *text = NULL;
	size_t size, index;
	FILE *out = open_memstream(&text, &size);
	const json_t *battery;

	if (!out)
		return NULL;
	json_array_foreach(json_object_get(answers->state, "batteries"), index, battery)
	    status_line(cli, out, battery, json_object_get(answers->explain, "batteries"));
	fclose(out);
	return text;
}

/* Prints the lines when they are others than the last. */
static void show_changes(const struct cli *cli, const struct answers *answers, char **last)
{
	char *lines = change_lines(cli, answers);

	if (lines && (!*last || strcmp(lines, *last) != 0)) {
		char buffer[64];
		struct text at = text_in(buffer, sizeof(buffer));

		if (!*last)
			warnings_show(cli, stderr, answers->state);
		value_add(cli, &at, json_object_get(answers->state, "time"), COLUMN_TIME);
		printf("%s  %s", buffer, lines);
	}
	free(*last);
	*last = lines;
}

static int append(struct cli *cli, char **last)
{
	struct answers answers = {0};
	int rc = get_answers(cli, &answers);

	if (rc == EXIT_OK && cli->format == FORMAT_JSON) {
		json_dumpf(answers.state, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
		putchar('\n');
	} else if (rc == EXIT_OK) {
		show_changes(cli, &answers, last);
	}
	answers_done(&answers);
	return rc;
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
