/* `amphora relay`: how the relays stand, switching one for a while, within the limits, and
 * trying whether one opens by itself. */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/override.h"
#include "cli/relay_trial.h"
#include "cli/show.h"

static const struct column RELAY_COLUMNS[] = {
    {"id", "relay", COLUMN_TEXT},
    {"battery", "battery", COLUMN_TEXT},
    {"role", "role", COLUMN_TEXT},
    {"wished", "wished", COLUMN_SWITCH},
    {"state", "state", COLUMN_SWITCH},
    {"phase", "phase", COLUMN_TEXT},
    {"lease", "lease", COLUMN_TEXT},
    {"lease_left_s", "left", COLUMN_DURATION},
    {"switches_today", "today", COLUMN_COUNT},
    {"heard_age_s", "heard", COLUMN_DURATION},
    {"uri", "address", COLUMN_TEXT},
    {"power_w", NULL, COLUMN_ONE_DECIMAL},
    {"commands", NULL, COLUMN_COUNT},
    {"confirmed", NULL, COLUMN_COUNT},
    {"mismatches", NULL, COLUMN_COUNT},
    {"timeouts", NULL, COLUMN_COUNT},
};

static int list(struct cli *cli)
{
	json_t *state;
	int rc = client_get_state(cli, &state);

	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_PEOPLE)
		warnings_show(cli, stderr, state);
	if (cli->format == FORMAT_JSON)
		json_show(stdout, json_object_get(state, "relays"));
	else
		rows_show(cli, stdout, json_object_get(state, "relays"), RELAY_COLUMNS,
			  ARRAY_LENGTH(RELAY_COLUMNS), "no relay is configured");
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
