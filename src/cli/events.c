/* `amphora events`: what happened last, and with -w what happens. */
#include "cli/events.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/client.h"
#include "cli/show.h"
#include "cli/told_relay.h"

#define POLL_MS 500
#define LINE_MAX_BYTES 512
#define NOTHING_HAPPENED "nothing has happened yet"

void event_add(const struct cli *cli, struct text *out, const json_t *event)
{
	const char *kind = member_text(event, "kind");
	const char *subject = member_text(event, "subject");

	value_add(cli, out, json_object_get(event, "at"), COLUMN_TIME);
	text_add(out, "  %-8s  %-6s  ", kind, subject[0] ? subject : "house");
	if (strcmp(kind, "reading") == 0) {
		value_add(cli, out, json_object_get(event, "soc_pct"), COLUMN_ONE_DECIMAL);
		text_add(out, " %%  ");
		value_add(cli, out, json_object_get(event, "temp_c"), COLUMN_ONE_DECIMAL);
		text_add(out, " °C  %s%s", member_text(event, "quality"),
			 member_is_true(event, "acts") ? "" : ", recorded only");
	} else if (strcmp(kind, "relay") == 0) {
		text_add(out, "asked %s, is %s, %s", told_switch(json_object_get(event, "wished")),
			 told_switch(json_object_get(event, "state")),
			 told_sign_words(told_sign(event, NULL)));
	} else {
		text_add(out, "%s", member_text(event, "words"));
	}
}

static const struct column EVENT_COLUMNS[] = {
    {"number", "n", COLUMN_COUNT},       {"at", "time", COLUMN_TIME},
    {"kind", "kind", COLUMN_TEXT},       {"subject", "subject", COLUMN_TEXT},
    {"soc_pct", "", COLUMN_ONE_DECIMAL}, {"temp_c", "", COLUMN_ONE_DECIMAL},
    {"quality", "", COLUMN_TEXT},        {"state", "", COLUMN_SWITCH},
    {"wished", "", COLUMN_SWITCH},       {"phase", "", COLUMN_TEXT},
    {"words", "", COLUMN_TEXT},
};

/* In JSON one event a line, so that a program can follow. */
static void show(const struct cli *cli, const json_t *events, bool is_first)
{
	const json_t *event;
	size_t index;

	if (cli->format == FORMAT_CSV) {
		rows_show(cli, stdout, events, EVENT_COLUMNS, ARRAY_LENGTH(EVENT_COLUMNS),
			  NOTHING_HAPPENED);
		return;
	}
	if (cli->format == FORMAT_PEOPLE && is_first && json_array_size(events) == 0)
		complain(NOTHING_HAPPENED);
	json_array_foreach(events, index, event)
	{
		char buffer[LINE_MAX_BYTES];
		struct text line = text_in(buffer, sizeof(buffer));

		if (cli->format == FORMAT_JSON) {
			json_dumpf(event, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
			putchar('\n');
			continue;
		}
		event_add(cli, &line, event);
		puts(buffer);
	}
}

/* Shows what came after `*after` and moves it on; after the daemon's restart it begins anew. */
static int show_next(struct cli *cli, int64_t *after, const char *limit)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *answer;
	int64_t last, oldest;
	int rc;

	text_add(&path, "events?after=%lld", (long long)*after);
	client_argument(&path, "limit", limit);
	rc = client_get(cli, buffer, &answer);
	if (rc != EXIT_OK)
		return rc;
	last = (int64_t)member_number(answer, "last");
	oldest = (int64_t)member_number(answer, "oldest");
	if (*after > 0 && oldest > *after + 1)
		complain("events that were too fast to show: %lld",
			 (long long)(oldest - *after - 1));
	show(cli, json_object_get(answer, "events"), *after == 0);
	json_decref(answer);
	*after = last < *after ? 0 : last;
	return EXIT_OK;
}

int command_events(struct cli *cli, int argc, char **argv)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
	bool is_watching = take_flag(&argc, argv, "-w");
	const char *last = "20";
	int64_t after = 0;
	int rc;

	if (take_option(&argc, argv, "--last", &last) < 0 || !words_fit(argc, argv, 0, 0))
		return usage(cli);
	rc = client_introduce(cli);
	if (rc == EXIT_OK)
		rc = show_next(cli, &after, last);
	while (is_watching && rc == EXIT_OK && fflush(stdout) == 0) {
		nanosleep(&pause, NULL);
		rc = show_next(cli, &after, NULL);
	}
	return rc;
}
