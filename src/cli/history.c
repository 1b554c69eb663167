/*
 * `amphora history`: readings, relay states or minutes of meters, oldest first: as they were stored,
 * or what they came to over minutes, quarters or days.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/show.h"
#include "cli/span.h"

static const struct column READING_COLUMNS[] = {
    {"at", "time", COLUMN_TIME},
    {"node", "node", COLUMN_TEXT},
    {"soc_pct", "SoC %", COLUMN_ONE_DECIMAL},
    {"temp_c", "°C", COLUMN_ONE_DECIMAL},
    {"temp_max_c", "°C max", COLUMN_ONE_DECIMAL},
    {"power_w", "W", COLUMN_WHOLE},
    {"quality", "quality", COLUMN_TEXT},
    {"acts", "acted on", COLUMN_YES},
    {"voltage_v", NULL, COLUMN_ONE_DECIMAL},
    {"current_a", NULL, COLUMN_ONE_DECIMAL},
    {"soh_pct", NULL, COLUMN_ONE_DECIMAL},
    {"measured", NULL, COLUMN_TIME},
    {"wall_trusted", NULL, COLUMN_YES},
    {"row", NULL, COLUMN_COUNT},
};

static const struct column RELAY_COLUMNS[] = {
    {"at", "time", COLUMN_TIME},           {"relay", "relay", COLUMN_TEXT},
    {"battery", "battery", COLUMN_TEXT},   {"role", "role", COLUMN_TEXT},
    {"wished", "asked", COLUMN_SWITCH},    {"state", "is", COLUMN_SWITCH},
    {"phase", "phase", COLUMN_TEXT},       {"lease_left_s", "lease left", COLUMN_DURATION},
    {"power_w", NULL, COLUMN_ONE_DECIMAL}, {"wall_trusted", NULL, COLUMN_YES},
    {"row", NULL, COLUMN_COUNT},
};

static const struct column READING_ROLLUP_COLUMNS[] = {
    {"from", "from", COLUMN_TIME},
    {"to", NULL, COLUMN_TIME},
    {"node", "node", COLUMN_TEXT},
    {"count", "readings", COLUMN_COUNT},
    {"soc_min_pct", "SoC % min", COLUMN_ONE_DECIMAL},
    {"soc_mean_pct", "mean", COLUMN_ONE_DECIMAL},
    {"soc_max_pct", "max", COLUMN_ONE_DECIMAL},
    {"soc_last_pct", "last", COLUMN_ONE_DECIMAL},
    {"temp_min_c", "°C min", COLUMN_ONE_DECIMAL},
    {"temp_mean_c", NULL, COLUMN_ONE_DECIMAL},
    {"temp_max_c", "max", COLUMN_ONE_DECIMAL},
    {"temp_last_c", NULL, COLUMN_ONE_DECIMAL},
    {"power_min_w", NULL, COLUMN_ONE_DECIMAL},
    {"power_mean_w", "W mean", COLUMN_WHOLE},
    {"power_max_w", NULL, COLUMN_ONE_DECIMAL},
    {"power_last_w", NULL, COLUMN_ONE_DECIMAL},
    {"charged_wh", "Wh in", COLUMN_WHOLE},
    {"discharged_wh", "Wh out", COLUMN_WHOLE},
};

static const struct column RELAY_ROLLUP_COLUMNS[] = {
    {"from", "from", COLUMN_TIME},    {"to", NULL, COLUMN_TIME},
    {"relay", "relay", COLUMN_TEXT},  {"on_s", "on for", COLUMN_DURATION},
    {"closings", "closed", COLUMN_COUNT},
};

static const struct column METER_COLUMNS[] = {
    {"at", "time", COLUMN_TIME},
    {"meter", "meter", COLUMN_TEXT},
    {"power_w", "W mean", COLUMN_WHOLE},
    {"power_min_w", "min", COLUMN_WHOLE},
    {"power_max_w", "max", COLUMN_WHOLE},
    {"power_last_w", "last", COLUMN_WHOLE},
    {"imported_wh", "Wh in", COLUMN_ONE_DECIMAL},
    {"exported_wh", "Wh out", COLUMN_ONE_DECIMAL},
    {"known_s", "known for", COLUMN_DURATION},
    {"count", "values", COLUMN_COUNT},
    {"quality", "quality", COLUMN_TEXT},
    {"wall_trusted", NULL, COLUMN_YES},
    {"row", NULL, COLUMN_COUNT},
};

static const struct column METER_ROLLUP_COLUMNS[] = {
    {"from", "from", COLUMN_TIME},
    {"to", NULL, COLUMN_TIME},
    {"meter", "meter", COLUMN_TEXT},
    {"power_mean_w", "W mean", COLUMN_WHOLE},
    {"power_min_w", "min", COLUMN_WHOLE},
    {"power_max_w", "max", COLUMN_WHOLE},
    {"power_last_w", NULL, COLUMN_WHOLE},
    {"imported_wh", "Wh in", COLUMN_WHOLE},
    {"exported_wh", "Wh out", COLUMN_WHOLE},
    {"known_s", "known for", COLUMN_DURATION},
    {"count", "values", COLUMN_COUNT},
    {"quality", "quality", COLUMN_TEXT},
};

/* What may be shown: its name in the API, single rows, and what they came to. */
static const struct kind {
	const char *name;
	const struct column *rows;
	size_t row_columns;
	const struct column *sums;
	size_t sum_columns;
} READINGS = {"reading", READING_COLUMNS, ARRAY_LENGTH(READING_COLUMNS), READING_ROLLUP_COLUMNS,
	      ARRAY_LENGTH(READING_ROLLUP_COLUMNS)},
  RELAYS = {"relay", RELAY_COLUMNS, ARRAY_LENGTH(RELAY_COLUMNS), RELAY_ROLLUP_COLUMNS,
	    ARRAY_LENGTH(RELAY_ROLLUP_COLUMNS)},
  METERS = {"meter", METER_COLUMNS, ARRAY_LENGTH(METER_COLUMNS), METER_ROLLUP_COLUMNS,
	    ARRAY_LENGTH(METER_ROLLUP_COLUMNS)};

#define NOTHING_STORED \
	"nothing is stored from that time; --from reaches further back, as in --from -2d"

struct question {
	const char *from, *to, *limit, *level;
	const struct kind *kind;
};

/* Which level it is, and until when: what came since is not in it yet. */
static void show_level(const struct cli *cli, const json_t *answer, const char *level)
{
	char words[96];
	struct text until = text_in(words, sizeof(words));

	value_add(cli, &until, json_object_get(answer, "rolled_up_to"), COLUMN_TIME);
	complain("in steps of %s, with what was stored until %s; --level raw shows single rows",
		 strcmp(level, "1min") == 0    ? "a minute"
		 : strcmp(level, "15min") == 0 ? "15 minutes"
					       : "a day",
		 words);
}

static void show_rows(const struct cli *cli, const json_t *answer, const struct kind *kind)
{
	const char *level = member_text(answer, "level");
	const json_t *rows = json_object_get(answer, "rows");

	if (strcmp(level, "raw") == 0) {
		rows_show(cli, stdout, rows, kind->rows, kind->row_columns, NOTHING_STORED);
		return;
	}
	rows_show(cli, stdout, rows, kind->sums, kind->sum_columns, NOTHING_STORED);
	show_level(cli, answer, level);
}

static int show(struct cli *cli, const char *node, const struct question *question)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	struct wall_time now;
	json_t *answer;
	int rc = span_now(cli, &now);

	text_add(&path, "series?kind=%s", question->kind->name);
	client_argument(&path, "node", node);
	client_argument(&path, "limit", question->limit);
	client_argument(&path, "level", question->level ? question->level : "auto");
	if (rc == EXIT_OK)
		rc = span_add(cli, &path, "from", question->from, now);
	if (rc == EXIT_OK)
		rc = span_add(cli, &path, "to", question->to, now);
	if (rc == EXIT_OK)
		rc = client_get(cli, buffer, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		show_rows(cli, answer, question->kind);
	if (member_is_true(answer, "cut"))
		complain("only the newest rows are shown; --limit shows more (10000 at most)");
	json_decref(answer);
	return EXIT_OK;
}

/* Returns 0, or -EINVAL where more than one kind is asked for. */
static int take_kind(const struct kind **out, int *argc, char **argv)
{
	bool is_relays = take_flag(argc, argv, "--relays");
	bool is_meters = take_flag(argc, argv, "--meters");

	*out = is_relays ? &RELAYS : is_meters ? &METERS : &READINGS;
	if (is_relays && is_meters)
		complain("either --relays or --meters");
	return is_relays && is_meters ? -EINVAL : 0;
}

int command_history(struct cli *cli, int argc, char **argv)
{
	struct question question = {0};

	if (take_kind(&question.kind, &argc, argv) < 0 ||
	    take_option(&argc, argv, "--from", &question.from) < 0 ||
	    take_option(&argc, argv, "--to", &question.to) < 0 ||
	    take_option(&argc, argv, "--limit", &question.limit) < 0 ||
	    take_option(&argc, argv, "--level", &question.level) < 0 ||
	    !words_fit(argc, argv, 0, 1))
		return usage(cli);
	return show(cli, argv[1], &question);
}
