/* `amphora nodes`: the sensors and relays that are known, and those that are not; lets these in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/client.h"
#include "cli/show.h"

/* For people `presence` is put into the page's words. */
static const struct column NODE_COLUMNS[] = {
    {"node", "node", COLUMN_TEXT},
    {"kind", "kind", COLUMN_TEXT},
    {"battery", "battery", COLUMN_TEXT},
    {"transport", "by", COLUMN_TEXT},
    {"presence", "", COLUMN_TEXT},
    {"age_s", "last heard", COLUMN_DURATION},
    {"interval", "every", COLUMN_TEXT},
    {"missing_readings", "lost on the way", COLUMN_COUNT},
    {"address", "at", COLUMN_TEXT},
    {"interval_s", NULL, COLUMN_DURATION},
    {"interval_says_s", NULL, COLUMN_DURATION},
    {"interval_set_s", NULL, COLUMN_DURATION},
    {"interval_confirmed", NULL, COLUMN_YES},
    {"soc_pct", NULL, COLUMN_ONE_DECIMAL},
    {"temp_c", NULL, COLUMN_ONE_DECIMAL},
    {"on", NULL, COLUMN_YES},
    {"trouble", NULL, COLUMN_TEXT},
};

static const char *sensor_words(const json_t *node, const json_t *battery)
{
	const json_t *age_s = json_object_get(node, "age_s");

	if (!json_is_number(age_s))
		return "not heard yet";
	if (json_number_value(age_s) > member_number(battery, "stale_after_s"))
		return "silent";
	return strcmp(member_text(node, "presence"), "offline") == 0 ? "said goodbye" : "heard";
}

static const char *relay_words(const json_t *relay)
{
	const char *phase = member_text(relay, "phase");

	if (strcmp(phase, "timeout") == 0)
		return "does not answer";
	if (strcmp(phase, "mismatch") == 0)
		return "does not follow";
	if (!json_is_number(json_object_get(relay, "heard_age_s")))
		return "not heard yet";
	return strcmp(phase, "requested") == 0 || strcmp(phase, "sent") == 0 ||
		       strcmp(phase, "acked") == 0
		   ? "asked, not confirmed"
		   : "heard";
}

/* How the node is, as the page's Nodes says it; those that nobody configured are not ours yet. */
static const char *node_words(const json_t *state, const json_t *node)
{
	const json_t *battery =
	    row_find(json_object_get(state, "batteries"), member_text(node, "battery"));
	const json_t *relay = row_find(json_object_get(state, "relays"), member_text(node, "node"));

	if (strcmp(member_text(node, "kind"), "sensor") == 0 && battery)
		return sensor_words(node, battery);
	if (strcmp(member_text(node, "kind"), "relay") == 0 && relay)
		return relay_words(relay);
	return strcmp(member_text(node, "presence"), "offline") == 0 ? "does not answer"
								     : "not yours yet";
}

static void put_words(json_t *nodes, const json_t *state)
{
	json_t *node;
	size_t index;

	json_array_foreach(nodes, index, node)
	    json_object_set_new(node, "presence", json_string(node_words(state, node)));
}

static int list(struct cli *cli)
{
	json_t *state = NULL, *answer = NULL;
	int rc = client_get(cli, "nodes", &answer);

	if (rc == EXIT_OK && cli->format == FORMAT_PEOPLE)
		rc = client_get_state(cli, &state);
	if (rc != EXIT_OK) {
		json_decref(answer);
		return rc;
	}
	if (cli->format == FORMAT_PEOPLE)
		put_words(json_object_get(answer, "nodes"), state);
	json_decref(state);
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		rows_show(cli, stdout, json_object_get(answer, "nodes"), NODE_COLUMNS,
			  ARRAY_LENGTH(NODE_COLUMNS), "no node is configured, and none was heard");
	json_decref(answer);
	return EXIT_OK;
}

/* ---- strangers ---- */

/* What a person says of the battery, or of the relay, beside its name; NULL where nothing. */
struct facts {
	const char *chemistry, *capacity, *power;
	const char *relay, *battery, *lease, *address; /* `relay` is its role */
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

static void put_text(json_t *body, const char *member, const char *text)
{
	if (text)
		json_object_set_new(body, member, json_string(text));
}

static int admit(struct cli *cli, const char *node, const struct facts *facts)
{
	json_t *body = json_pack("{s:s}", "node", node), *answer;
	int rc;

	put_text(body, "chemistry", facts->chemistry);
	put_size(body, "capacity_kwh", facts->capacity);
	put_size(body, "power_kw", facts->power);
	put_text(body, "role", facts->relay);
	put_text(body, "battery", facts->battery);
	put_text(body, "lease", facts->lease);
	put_text(body, "address", facts->address);
	rc = client_call(cli, "POST", "nodes/admissions", body, &answer);
	json_decref(body);
	json_decref(answer);
	if (rc == EXIT_OK)
		done_show(cli, "node", node,
			  facts->relay ? "is let in: a relay that begins open"
				       : "is let in: a battery that is watched",
			  "admitted");
	return rc;
}

static int forget(struct cli *cli, const char *node, bool is_seen_open)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *answer;
	int rc;

	text_add(&path, "nodes/admissions/");
	client_segment(&path, node);
	text_add(&path, "%s", is_seen_open ? "?seen_open=true" : "");
	rc = client_call(cli, "DELETE", buffer, NULL, &answer);
	json_decref(answer);
	if (rc == EXIT_OK)
		done_show(cli, "node", node, "is forgotten, and a stranger again", "forgotten");
	return rc;
}

/* ---- looking for relays ---- */

#define LOOK_AGAIN_MS 250
#define LOOK_TIMES 120 /* a relay that does not answer takes 4 s, and there may be several */

static int say_look(struct cli *cli, const char *address, json_t *answer)
{
	const char *detail = json_string_value(json_object_get(answer, "detail"));
	json_int_t found = json_integer_value(json_object_get(answer, "found"));

	if (detail) {
		complain("%s: %s", address, detail);
		return EXIT_REFUSED;
	}
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		printf("%s has %lld new relay%s%s\n", address, (long long)found,
		       found == 1 ? "" : "s", found > 0 ? ": see amphora nodes" : "");
	return EXIT_OK;
}

static int look(struct cli *cli, const char *address)
{
	static const struct timespec pause = {.tv_nsec = LOOK_AGAIN_MS * 1000000L};
	json_t *body = json_pack("{s:s}", "address", address), *answer;
	int rc = client_call(cli, "POST", "nodes/looks", body, &answer);

	json_decref(body);
	for (int i = 0; rc == EXIT_OK && i < LOOK_TIMES; i++) {
		json_decref(answer);
		nanosleep(&pause, NULL);
		rc = client_get(cli, "nodes/looks", &answer);
		if (rc == EXIT_OK &&
		    strcmp(json_string_value(json_object_get(answer, "state")), "looking") != 0)
			break;
	}
	if (rc == EXIT_OK)
		rc = say_look(cli, address, answer);
	json_decref(answer);
	return rc;
}

static bool is_empty(const struct facts *facts)
{
	return !facts->chemistry && !facts->capacity && !facts->power && !facts->relay &&
	       !facts->battery && !facts->lease && !facts->address;
}

static int take_facts(int *argc, char **argv, struct facts *facts)
{
	const struct {
		const char *name;
		const char **to;
	} OPTIONS[] = {{"--chemistry", &facts->chemistry}, {"--capacity", &facts->capacity},
		       {"--power", &facts->power},         {"--relay", &facts->relay},
		       {"--battery", &facts->battery},     {"--lease", &facts->lease},
		       {"--at", &facts->address}};

	for (size_t i = 0; i < ARRAY_LENGTH(OPTIONS); i++)
		if (take_option(argc, argv, OPTIONS[i].name, OPTIONS[i].to) < 0)
			return -1;
	return 0;
}

int command_nodes(struct cli *cli, int argc, char **argv)
{
	struct facts facts = {0};
	bool is_seen_open = take_flag(&argc, argv, "--seen-open");

	if (take_facts(&argc, argv, &facts) < 0 || !words_fit(argc, argv, 0, 2))
		return usage(cli);
	if (argc == 3 && strcmp(argv[1], "forget") == 0 && is_empty(&facts))
		return forget(cli, argv[2], is_seen_open);
	if (is_seen_open)
		return usage(cli);
	if (argc == 3 && strcmp(argv[1], "admit") == 0)
		return admit(cli, argv[2], &facts);
	if (!is_empty(&facts))
		return usage(cli);
	if (argc == 1)
		return list(cli);
	if (argc == 3 && strcmp(argv[1], "look") == 0)
		return look(cli, argv[2]);
	return usage(cli);
}
