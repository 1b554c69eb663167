/* `amphora relay`: how the relays stand, switching one for a while, within the limits, and
 * trying whether one opens by itself. */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/override.h"
#include "cli/relay_trial.h"
#include "cli/show.h"
#include "cli/told_relay.h"

/* For people: `does` and `compared` are put in beside what the daemon says. */
static const struct column RELAY_COLUMNS[] = {
    {"id", "relay", COLUMN_TEXT},
    {"battery", "battery", COLUMN_TEXT},
    {"does", "does", COLUMN_TEXT},
    {"wished", "asked", COLUMN_SWITCH},
    {"state", "is", COLUMN_SWITCH},
    {"compared", "compared", COLUMN_TEXT},
    {"deadline_left_s", "to answer", COLUMN_DURATION},
    {"lease", "lease", COLUMN_TEXT},
    {"lease_left_s", "left", COLUMN_DURATION},
    {"switches_today", "switched on today", COLUMN_COUNT},
    {"heard_age_s", "read back", COLUMN_DURATION},
    {"uri", "at", COLUMN_TEXT},
};

static const struct column RELAY_CSV_COLUMNS[] = {
    {"id", NULL, COLUMN_TEXT},
    {"battery", NULL, COLUMN_TEXT},
    {"role", NULL, COLUMN_TEXT},
    {"wished", NULL, COLUMN_SWITCH},
    {"state", NULL, COLUMN_SWITCH},
    {"phase", NULL, COLUMN_TEXT},
    {"lease", NULL, COLUMN_TEXT},
    {"lease_left_s", NULL, COLUMN_DURATION},
    {"switches_today", NULL, COLUMN_COUNT},
    {"heard_age_s", NULL, COLUMN_DURATION},
    {"uri", NULL, COLUMN_TEXT},
    {"power_w", NULL, COLUMN_ONE_DECIMAL},
    {"commands", NULL, COLUMN_COUNT},
    {"confirmed", NULL, COLUMN_COUNT},
    {"mismatches", NULL, COLUMN_COUNT},
    {"timeouts", NULL, COLUMN_COUNT},
};

static void show_people(const struct cli *cli, json_t *state)
{
	json_t *relays = json_object_get(state, "relays"), *relay;
	const json_t *alerts = json_object_get(state, "alerts");
	size_t index;

	warnings_show(cli, stderr, state);
	json_array_foreach(relays, index, relay)
	{
		json_object_set_new(relay, "does",
				    json_string(told_role(member_text(relay, "role"))));
		json_object_set_new(relay, "compared",
				    json_string(told_sign_words(told_sign(relay, alerts))));
	}
	rows_show(cli, stdout, relays, RELAY_COLUMNS, ARRAY_LENGTH(RELAY_COLUMNS),
		  "no relay is configured");
}

static int list(struct cli *cli)
{
	json_t *state;
	int rc = client_get_state(cli, &state);

	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_PEOPLE)
		show_people(cli, state);
	else if (cli->format == FORMAT_JSON)
		json_show(stdout, json_object_get(state, "relays"));
	else
		rows_show(cli, stdout, json_object_get(state, "relays"), RELAY_CSV_COLUMNS,
			  ARRAY_LENGTH(RELAY_CSV_COLUMNS), "no relay is configured");
	json_decref(state);
	return EXIT_OK;
}

static int set(struct cli *cli, int argc, char **argv)
{
	int64_t ms;
	int rc = take_duration(cli, &argc, argv, &ms);

	if (rc != EXIT_OK)
		return rc;
	if (!words_fit(argc, argv, 3, 3))
		return usage(cli);
	if (strcmp(argv[3], "on") != 0 && strcmp(argv[3], "off") != 0) {
		complain("%s: a relay is set on or off", argv[3]);
		return usage(cli);
	}
	return override_ask(cli, json_pack("{s:s, s:s}", "relay", argv[2], "state", argv[3]), ms);
}

int command_relay(struct cli *cli, int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "set") == 0)
		return set(cli, argc, argv);
	if (argc > 1 && strcmp(argv[1], "trial") == 0)
		return relay_trial(cli, argc, argv);
	if (!words_fit(argc, argv, 0, 1) || (argc == 2 && strcmp(argv[1], "list") != 0))
		return usage(cli);
	return list(cli);
}
