/* `amphora alerts`: what a person should know, and that it has been seen. */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/show.h"

static const struct column ALERT_COLUMNS[] = {
    {"id", "id", COLUMN_COUNT},          {"level", "level", COLUMN_TEXT},
    {"active", "active", COLUMN_YES},    {"acknowledged", "seen", COLUMN_YES},
    {"subject", "subject", COLUMN_TEXT}, {"raised", "since", COLUMN_TIME},
    {"count", "times", COLUMN_COUNT},    {"words", "what", COLUMN_TEXT},
    {"code", NULL, COLUMN_TEXT},         {"cleared", NULL, COLUMN_TIME},
};

static int list(struct cli *cli)
{
	json_t *answer;
	int rc = client_introduce(cli);

	if (rc == EXIT_OK)
		rc = client_get(cli, "alerts", &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		rows_show(cli, stdout, json_object_get(answer, "alerts"), ALERT_COLUMNS,
			  ARRAY_LENGTH(ALERT_COLUMNS), "there are no alerts");
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
	if (argc == 3 && strcmp(argv[1], "ack") == 0 && word_is_id(argv[2]))
		return acknowledge(cli, argv[2]);
	return usage(cli);
}
