/* `amphora override`: a person takes over relays, all of a battery's at once, for a while. */
#include "cli/override.h"

#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/show.h"

static const struct column OVERRIDE_COLUMNS[] = {
    {"id", "id", COLUMN_COUNT},          {"battery", "battery", COLUMN_TEXT},
    {"relay", "relay", COLUMN_TEXT},     {"state", "asked", COLUMN_TEXT},
    {"left_s", "left", COLUMN_DURATION}, {"ends", "ends", COLUMN_TIME},
    {"held_by", "not sent yet", COLUMN_TEXT},
};

static int list(struct cli *cli)
{
	json_t *state;
	int rc = client_get_state(cli, &state);

	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, json_object_get(state, "overrides"));
	else
		rows_show(cli, stdout, json_object_get(state, "overrides"), OVERRIDE_COLUMNS,
			  ARRAY_LENGTH(OVERRIDE_COLUMNS), "no override is in force");
	json_decref(state);
	return EXIT_OK;
}

static int cancel(struct cli *cli, const char *id)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *answer;
	int rc;

	text_add(&path, "overrides/");
	client_segment(&path, id);
	rc = client_command(cli, "DELETE", buffer, NULL, &answer);
	if (rc == EXIT_OK)
		rc = override_await(cli, answer);
	json_decref(answer);
	if (rc == EXIT_NOT_CONFIRMED)
		complain("override %s has not ended yet", id);
	if (rc == EXIT_OK)
		done_show(cli, "override", id, "has ended", "ended");
	return rc;
}

static bool is_intent(const char *word)
{
	return strcmp(word, "charge") == 0 || strcmp(word, "discharge") == 0 ||
	       strcmp(word, "hold") == 0;
}

int command_override(struct cli *cli, int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "list";
	int64_t ms;
	int rc;

	if (strcmp(verb, "add") == 0) {
		rc = take_duration(cli, &argc, argv, &ms);
		if (rc != EXIT_OK)
			return rc;
		if (!words_fit(argc, argv, 3, 3))
			return usage(cli);
		if (!is_intent(argv[3])) {
			complain("%s: charge, discharge or hold is needed", argv[3]);
			return usage(cli);
		}
		return override_ask(
		    cli, json_pack("{s:s, s:s}", "battery", argv[2], "intent", argv[3]), ms);
	}
	if (!words_fit(argc, argv, 0, 2))
		return usage(cli);
	if (strcmp(verb, "list") == 0 && argc <= 2)
		return list(cli);
	if (strcmp(verb, "cancel") == 0 && argc == 3 && word_is_id(argv[2]))
		return cancel(cli, argv[2]);
	return usage(cli);
}
