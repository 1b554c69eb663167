/* `amphora explain`: who decided, why, who lost, what would flip it; now or the last times. */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/show.h"

static const struct column DECISION_COLUMNS[] = {
    {"at", "time", COLUMN_TIME},
    {"battery", "battery", COLUMN_TEXT},
    {"winner", "decided by", COLUMN_TEXT},
    {"words", "what and why", COLUMN_TEXT},
    {"intent", NULL, COLUMN_TEXT},
    {"wanted", NULL, COLUMN_TEXT},
    {"id", NULL, COLUMN_COUNT},
};

static void show_losers(const json_t *decision)
{
	const json_t *loser;
	size_t index;

	json_array_foreach(json_object_get(decision, "losers"), index, loser)
	{
		const json_t *reason = json_object_get(loser, "reason");

		printf("  lost: %s wanted %s: %s\n", member_text(loser, "decider"),
		       member_text(loser, "intent"), member_text(reason, "words"));
	}
}

static void show_saw(const struct cli *cli, const json_t *saw)
{
	char buffer[256];
	struct text line = text_in(buffer, sizeof(buffer));

	text_add(&line, "  it saw: SoC ");
	value_add(cli, &line, json_object_get(saw, "soc_pct"), COLUMN_ONE_DECIMAL);
	text_add(&line, " %%, ");
	value_add(cli, &line, json_object_get(saw, "temp_c"), COLUMN_ONE_DECIMAL);
	text_add(&line, " °C, quality %s, age ", member_text(saw, "quality"));
	value_add(cli, &line, json_object_get(saw, "age_s"), COLUMN_DURATION);
	printf("%s\n", buffer);
}

/* "is on"; or what it said last, where that is not sure any more. */
static const char *state_words(const json_t *relay)
{
	bool was_on = member_is_true(relay, "last_state");
	const json_t *left_s = json_object_get(relay, "lease_left_s");

	if (!json_is_null(json_object_get(relay, "state")))
		return was_on ? "is on" : "is off";
	if (json_is_null(json_object_get(relay, "last_state")))
		return "never heard";
	if (json_is_number(left_s) && json_number_value(left_s) <= 0)
		return "was on, its lease is over: should be off, not read back since";
	return was_on ? "was on when last heard" : "was off when last heard";
}

/* How far the wish has come: the relays' own word. */
static void show_relays(const json_t *relays)
{
	const json_t *relay;
	size_t index;

	json_array_foreach(relays, index, relay)
	    printf("  relay %s (%s): wished %s, %s, %s\n", member_text(relay, "id"),
		   member_text(relay, "role"), member_is_true(relay, "wished") ? "on" : "off",
		   state_words(relay), member_text(relay, "phase"));
}

static void show_alerts(const struct cli *cli, const json_t *alerts)
{
	const json_t *alert;
	size_t index;

	json_array_foreach(alerts, index, alert)
	{
		bool is_alarm = strcmp(member_text(alert, "level"), "alarm") == 0;

		printf("  %s%s%s: %s\n", colour_begin(cli, is_alarm ? COLOUR_RED : COLOUR_YELLOW),
		       member_text(alert, "level"), colour_end(cli), member_text(alert, "words"));
	}
}

static void show_decision(const struct cli *cli, const json_t *battery)
{
	const json_t *decision = json_object_get(battery, "decision");
	const char *flip = member_text(json_object_get(decision, "reason"), "flip");

	if (!json_is_object(decision)) {
		printf("%s: nothing decided yet\n", member_text(battery, "battery"));
		return;
	}
	printf("%s%s%s  %s\n", colour_begin(cli, COLOUR_BOLD), member_text(battery, "battery"),
	       colour_end(cli), member_text(decision, "words"));
	printf("  decided by: %s, wanted: %s\n", member_text(decision, "winner"),
	       member_text(decision, "wanted"));
	if (flip[0])
		printf("  what would flip it: %s\n", flip);
	show_losers(decision);
	show_saw(cli, json_object_get(decision, "saw"));
	show_relays(json_object_get(battery, "relays"));
	show_alerts(cli, json_object_get(battery, "alerts"));
}

static int show_now(struct cli *cli, const char *battery)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *answer;
	const json_t *one;
	size_t index;
	int rc = client_introduce(cli);

	text_add(&path, "explain");
	client_argument(&path, "battery", battery);
	if (rc == EXIT_OK)
		rc = client_get(cli, buffer, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON) {
		json_show(stdout, answer);
	} else {
		json_array_foreach(json_object_get(answer, "batteries"), index, one)
		    show_decision(cli, one);
		if (json_array_size(json_object_get(answer, "batteries")) == 0)
			complain("no battery is configured: there is nothing to explain");
	}
	json_decref(answer);
	return EXIT_OK;
}

static int show_last(struct cli *cli, const char *battery, const char *count)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *answer;
	int rc = client_introduce(cli);

	text_add(&path, "decisions");
	client_argument(&path, "limit", count);
	client_argument(&path, "battery", battery);
	if (rc == EXIT_OK)
		rc = client_get(cli, buffer, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		rows_show(cli, stdout, json_object_get(answer, "rows"), DECISION_COLUMNS,
			  ARRAY_LENGTH(DECISION_COLUMNS), "no decision is stored yet");
	json_decref(answer);
	return EXIT_OK;
}

int command_explain(struct cli *cli, int argc, char **argv)
{
	const char *last = NULL;

	if (take_option(&argc, argv, "--last", &last) < 0 || !words_fit(argc, argv, 0, 1))
		return usage(cli);
	if (last || cli->format == FORMAT_CSV)
		return show_last(cli, argv[1], last ? last : "1");
	return show_now(cli, argv[1]);
}
