/* `amphora alerts`: what a person should know, that it has been seen, and where it goes. */
#include <stdio.h>
#include <string.h>

#include "cli/alert_words.h"
#include "cli/client.h"
#include "cli/show.h"

#define WORDS_MAX 512

static const struct column ALERT_COLUMNS[] = {
    {"id", "id", COLUMN_COUNT},          {"level", "level", COLUMN_TEXT},
    {"active", "active", COLUMN_YES},    {"acknowledged", "seen", COLUMN_YES},
    {"subject", "subject", COLUMN_TEXT}, {"raised", "since", COLUMN_TIME},
    {"count", "times", COLUMN_COUNT},    {"words", "what", COLUMN_TEXT},
    {"code", NULL, COLUMN_TEXT},         {"cleared", NULL, COLUMN_TIME},
};

static const struct column OUTLET_COLUMNS[] = {
    {"name", "outlet", COLUMN_TEXT},        {"kind", "kind", COLUMN_TEXT},
    {"minimum", "from level", COLUMN_TEXT}, {"waiting", "waiting", COLUMN_COUNT},
    {"lost", "lost", COLUMN_COUNT},         {"tried", "last tried", COLUMN_TIME},
    {"arrived", "arrived", COLUMN_TEXT},
};

/* Rows for a table: what is known of the last try beside the rest. */
static json_t *outlet_rows(const json_t *outlets)
{
	json_t *rows = json_array();
	const json_t *outlet;
	size_t index;

	json_array_foreach(outlets, index, outlet)
	{
		json_t *row = json_copy((json_t *)outlet);
		const json_t *last = json_object_get(outlet, "last");
		char buffer[WORDS_MAX];
		struct text words = text_in(buffer, sizeof(buffer));

		text_add(&words, "%s",
			 !json_is_object(last)        ? "not tried yet"
			 : member_is_true(last, "ok") ? "yes"
						      : "no: ");
		if (json_is_object(last) && !member_is_true(last, "ok"))
			text_add(&words, "%s", member_text(last, "detail"));
		json_object_set(row, "tried", json_object_get(last, "at"));
		json_object_set_new(row, "arrived", json_string(buffer));
		json_array_append_new(rows, row);
	}
	return rows;
}

static void show_outlets(const struct cli *cli, const json_t *answer)
{
	json_t *rows = outlet_rows(json_object_get(answer, "outlets"));

	rows_show(cli, stdout, rows, OUTLET_COLUMNS, ARRAY_LENGTH(OUTLET_COLUMNS),
		  "alerts go nowhere else: no outlet is configured (notify)");
	json_decref(rows);
}

/* Exit code: whether each outlet's test arrived. */
static int test(struct cli *cli)
{
	json_t *answer;
	const json_t *outlet;
	size_t index;
	int rc = client_call(cli, "POST", "alerts/test", NULL, &answer);

	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		show_outlets(cli, answer);
	json_array_foreach(json_object_get(answer, "outlets"), index, outlet)
	{
		if (!member_is_true(json_object_get(outlet, "last"), "ok"))
			rc = EXIT_NOT_CONFIRMED;
	}
	json_decref(answer);
	return rc;
}

/* For people each begins with the title that the page gives it. */
static void put_titles(json_t *alerts)
{
	json_t *alert;
	size_t index;

	json_array_foreach(alerts, index, alert)
	{
		char buffer[WORDS_MAX];
		struct text words = text_in(buffer, sizeof(buffer));

		alert_words_add(&words, alert);
		json_object_set_new(alert, "words", json_string(buffer));
	}
}

static int list(struct cli *cli)
{
	json_t *answer;
	int rc = client_introduce(cli);

	if (rc == EXIT_OK)
		rc = client_get(cli, "alerts", &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_PEOPLE)
		put_titles(json_object_get(answer, "alerts"));
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		rows_show(cli, stdout, json_object_get(answer, "alerts"), ALERT_COLUMNS,
			  ARRAY_LENGTH(ALERT_COLUMNS), "there are no alerts");
	if (cli->format == FORMAT_PEOPLE &&
	    json_array_size(json_object_get(answer, "outlets")) > 0) {
		puts("");
		show_outlets(cli, answer);
	}
	json_decref(answer);
	return EXIT_OK;
}

static int acknowledge(struct cli *cli, const char *id)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *answer;
	int rc;

	text_add(&path, "alerts/");
	client_segment(&path, id);
	text_add(&path, "/acknowledge");
	rc = client_call(cli, "POST", buffer, NULL, &answer);
	json_decref(answer);
	if (rc == EXIT_OK)
		done_show(cli, "alert", id, "is acknowledged", "acknowledged");
	return rc;
}

int command_alerts(struct cli *cli, int argc, char **argv)
{
	if (!words_fit(argc, argv, 0, 2))
		return usage(cli);
	if (argc == 1 || (argc == 2 && strcmp(argv[1], "list") == 0))
		return list(cli);
	if (argc == 2 && strcmp(argv[1], "test") == 0)
		return test(cli);
	if (argc == 3 && strcmp(argv[1], "ack") == 0 && word_is_id(argv[2]))
		return acknowledge(cli, argv[2]);
	return usage(cli);
}
