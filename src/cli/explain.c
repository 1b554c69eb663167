/* `amphora explain`: who decided, why, who lost, what would flip it; now or the last times. */
#include <stdio.h>
#include <string.h>

#include "cli/alert_words.h"
#include "cli/client.h"
#include "cli/show.h"
#include "cli/told.h"

#define WORDS_MAX 768

static const struct column DECISION_COLUMNS[] = {
    {"at", "time", COLUMN_TIME},
    {"battery", "battery", COLUMN_TEXT},
    {"winner", "decided by", COLUMN_TEXT},
    {"words", "what and why", COLUMN_TEXT},
    {"intent", NULL, COLUMN_TEXT},
    {"wanted", NULL, COLUMN_TEXT},
    {"id", NULL, COLUMN_COUNT},
};

/* What somebody else would do, who did not decide. */
static const char *would_words(const char *intent)
{
	return strcmp(intent, "charge") == 0      ? "would charge"
	       : strcmp(intent, "discharge") == 0 ? "would use it"
	       : strcmp(intent, "both") == 0      ? "would charge and use it"
						  : "would rest";
}

static void show_losers(const struct told *told)
{
	const json_t *decision = json_object_get(told->explained, "decision"), *loser;
	size_t index;

	json_array_foreach(json_object_get(decision, "losers"), index, loser)
	{
		char buffer[WORDS_MAX];
		struct text why = text_in(buffer, sizeof(buffer));

		told_why(told, &why, json_object_get(loser, "reason"));
		printf("  %s %s: %s\n", told_decider(member_text(loser, "decider")),
		       would_words(member_text(loser, "intent")), buffer);
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

/* Of one that does not answer: what it was last, and whether its lease has opened it. */
static void add_last(const struct cli *cli, struct text *out, const json_t *relay)
{
	const json_t *left_s = json_object_get(relay, "lease_left_s");

	text_add(out, " (");
	told_heard(cli, out, relay);
	if (json_is_number(left_s) && json_number_value(left_s) <= 0)
		text_add(out, "; its lease is over: should be off");
	text_add(out, ")");
}

/* How far what was asked has come: the relays' own word. */
static void show_relays(const struct told *told)
{
	const json_t *relay;
	size_t index;

	json_array_foreach(json_object_get(told->explained, "relays"), index, relay)
	{
		const json_t *state = json_object_get(relay, "state");
		char buffer[WORDS_MAX];
		struct text line = text_in(buffer, sizeof(buffer));

		text_add(&line, "  relay %s, %s: asked %s, is %s", member_text(relay, "id"),
			 told_role(member_text(relay, "role")),
			 told_switch(json_object_get(relay, "wished")), told_switch(state));
		if (!json_is_boolean(state))
			add_last(told->cli, &line, relay);
		text_add(&line, ". ");
		told_said(told->cli, &line, relay, json_object_get(told->explained, "alerts"));
		printf("%s\n", buffer);
	}
}

static void show_alerts(const struct cli *cli, const json_t *alerts)
{
	const json_t *alert;
	size_t index;

	json_array_foreach(alerts, index, alert)
	{
		bool is_alarm = strcmp(member_text(alert, "level"), "alarm") == 0;
		char buffer[WORDS_MAX];
		struct text words = text_in(buffer, sizeof(buffer));

		alert_words_add(&words, alert);

		printf("  %s%s%s: %s\n", colour_begin(cli, is_alarm ? COLOUR_RED : COLOUR_YELLOW),
		       member_text(alert, "level"), colour_end(cli), buffer);
	}
}

/* With the reason, where the sentence was about what a relay answers. */
static void show_decider(const struct told *told, const json_t *decision)
{
	const json_t *reason = json_object_get(decision, "reason");
	char buffer[WORDS_MAX];
	struct text line = text_in(buffer, sizeof(buffer));

	text_add(&line, "  decided by %s", told_decider(member_text(decision, "winner")));
	if (told_is_of_relay(told)) {
		text_add(&line, ": ");
		told_why(told, &line, reason);
		text_add(&line, ". %s", member_text(reason, "flip"));
	}
	printf("%s\n", buffer);
}

static void show_decision(const struct cli *cli, const struct told *told)
{
	const json_t *decision = json_object_get(told->explained, "decision");
	char doing[WORDS_MAX], flip[WORDS_MAX];
	struct text doing_line = text_in(doing, sizeof(doing));
	struct text flip_line = text_in(flip, sizeof(flip));

	told_doing(told, &doing_line);
	told_flip(told, &flip_line);
	printf("%s%s%s  %s\n", colour_begin(cli, COLOUR_BOLD),
	       member_text(told->explained, "battery"), colour_end(cli), doing);
	if (json_is_object(decision)) {
		printf("  %s\n", flip);
		show_decider(told, decision);
		show_losers(told);
		show_saw(cli, json_object_get(decision, "saw"));
	}
	show_relays(told);
	show_alerts(cli, json_object_get(told->explained, "alerts"));
}

static void show_people(const struct cli *cli, const json_t *state, const json_t *explanations)
{
	const json_t *batteries = json_object_get(state, "batteries"), *battery;
	size_t index;

	warnings_show(cli, stderr, state);
	json_array_foreach(batteries, index, battery)
	{
		struct told told = told_find(cli, battery, explanations);

		if (told.explained)
			show_decision(cli, &told);
	}
	if (json_array_size(explanations) == 0)
		complain("no battery is configured: there is nothing to explain");
}

static int show_now(struct cli *cli, const char *battery)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *state = NULL, *answer = NULL;
	int rc = EXIT_OK;

	text_add(&path, "explain");
	client_argument(&path, "battery", battery);
	if (cli->format != FORMAT_JSON)
		rc = client_get_state(cli, &state);
	if (rc == EXIT_OK)
		rc = client_get(cli, buffer, &answer);
	if (rc == EXIT_OK && cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else if (rc == EXIT_OK)
		show_people(cli, state, json_object_get(answer, "batteries"));
	json_decref(answer);
	json_decref(state);
	return rc;
}

/* ---- the last ones ---- */

/* For people a decision is by "the rule", not by "threshold". */
static void name_deciders(json_t *rows)
{
	json_t *row;
	size_t index;

	json_array_foreach(rows, index, row) json_object_set_new(
	    row, "winner", json_string(told_decider(member_text(row, "winner"))));
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
	if (cli->format == FORMAT_PEOPLE)
		name_deciders(json_object_get(answer, "rows"));
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
