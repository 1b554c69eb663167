/* `amphora nodes`: the sensors and relays that are known, and those that are not. */
#include <stdio.h>

#include "cli/client.h"
#include "cli/show.h"

static const struct column NODE_COLUMNS[] = {
    {"node", "node", COLUMN_TEXT},
    {"kind", "kind", COLUMN_TEXT},
    {"battery", "battery", COLUMN_TEXT},
    {"transport", "via", COLUMN_TEXT},
    {"presence", "presence", COLUMN_TEXT},
    {"age_s", "last heard", COLUMN_DURATION},
    {"interval", "interval", COLUMN_TEXT},
    {"missing_readings", "missing", COLUMN_COUNT},
    {"address", "address", COLUMN_TEXT},
    {"interval_s", NULL, COLUMN_DURATION},
    {"interval_says_s", NULL, COLUMN_DURATION},
    {"interval_set_s", NULL, COLUMN_DURATION},
    {"interval_confirmed", NULL, COLUMN_YES},
    {"soc_pct", NULL, COLUMN_ONE_DECIMAL},
    {"temp_c", NULL, COLUMN_ONE_DECIMAL},
};

int command_nodes(struct cli *cli, int argc, char **argv)
{
	json_t *answer;
	int rc;

	if (!words_fit(argc, argv, 0, 0))
		return usage(cli);
	rc = client_get(cli, "nodes", &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		rows_show(cli, stdout, json_object_get(answer, "nodes"), NODE_COLUMNS,
			  ARRAY_LENGTH(NODE_COLUMNS), "no node is configured, and none was heard");
	json_decref(answer);
	return EXIT_OK;
}
