/* `amphora nodes`: the sensors and relays that are known, and those that are not; lets these in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static int list(struct cli *cli)
{
	json_t *answer;
	int rc = client_get(cli, "nodes", &answer);

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

/* ---- strangers ---- */

/* What a person says of the battery beside its name; NULL where nothing. */
struct facts {
	const char *chemistry, *capacity, *power;
};

/* Puts a size into `body`, as a number where it is one: the daemon says what is allowed. */
static void put_size(json_t *body, const char *member, const char *text)
{
	char *end;
	double size;

	if (!text)
		return;
	size = strtod(text, &end);
	json_object_set_new(body, member,
			    *end || end == text ? json_string(text) : json_real(size));
}

static int admit(struct cli *cli, const char *node, const struct facts *facts)
{
	json_t *body = json_pack("{s:s}", "node", node), *answer;
	int rc;

	if (facts->chemistry)
		json_object_set_new(body, "chemistry", json_string(facts->chemistry));
	put_size(body, "capacity_kwh", facts->capacity);
	put_size(body, "power_kw", facts->power);
	rc = client_call(cli, "POST", "nodes/admissions", body, &answer);
	json_decref(body);
	json_decref(answer);
	if (rc == EXIT_OK)
		done_show(cli, "node", node, "is let in: a battery that is watched", "admitted");
	return rc;
}

static int forget(struct cli *cli, const char *node)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *answer;
	int rc;

	text_add(&path, "nodes/admissions/");
	client_segment(&path, node);
	rc = client_call(cli, "DELETE", buffer, NULL, &answer);
	json_decref(answer);
	if (rc == EXIT_OK)
		done_show(cli, "node", node, "is forgotten, and a stranger again", "forgotten");
	return rc;
}

int command_nodes(struct cli *cli, int argc, char **argv)
{
	struct facts facts = {0};

	if (take_option(&argc, argv, "--chemistry", &facts.chemistry) < 0 ||
	    take_option(&argc, argv, "--capacity", &facts.capacity) < 0 ||
	    take_option(&argc, argv, "--power", &facts.power) < 0 || !words_fit(argc, argv, 0, 2))
		return usage(cli);
	if (argc == 3 && strcmp(argv[1], "admit") == 0)
		return admit(cli, argv[2], &facts);
	if (facts.chemistry || facts.capacity || facts.power)
		return usage(cli);
	if (argc == 1)
		return list(cli);
	if (argc == 3 && strcmp(argv[1], "forget") == 0)
		return forget(cli, argv[2]);
	return usage(cli);
}
