/* `amphora audit`: who asked for what through the API, oldest first, and what was answered. */
#include <string.h>

#include "cli/client.h"
#include "cli/show.h"
#include "cli/span.h"

#define ROOT "/api/v1/"
#define REQUEST_MAX 128

/* What is made of a row for people: see words_add(). */
static const struct column PEOPLE_COLUMNS[] = {
    {"at", "time", COLUMN_TIME},      {"by", "who", COLUMN_TEXT},
    {"from", "from", COLUMN_TEXT},    {"request", "asked for", COLUMN_TEXT},
    {"what", "what", COLUMN_TEXT},    {"status", "answer", COLUMN_COUNT},
    {"count", "times", COLUMN_COUNT},
};

static const struct column COLUMNS[] = {
    {"at", NULL, COLUMN_TIME},          {"who", NULL, COLUMN_TEXT},
    {"name", NULL, COLUMN_TEXT},        {"uid", NULL, COLUMN_COUNT},
    {"transport", NULL, COLUMN_TEXT},   {"address", NULL, COLUMN_TEXT},
    {"method", NULL, COLUMN_TEXT},      {"path", NULL, COLUMN_TEXT},
    {"what", NULL, COLUMN_TEXT},        {"status", NULL, COLUMN_COUNT},
    {"command", NULL, COLUMN_COUNT},    {"count", NULL, COLUMN_COUNT},
    {"wall_trusted", NULL, COLUMN_YES}, {"row", NULL, COLUMN_COUNT},
};

static const char *first_of(const json_t *row, const char *name, const char *otherwise)
{
	const char *text = member_text(row, name);

	return text[0] ? text : member_text(row, otherwise);
}

/* "anna", "root", "nobody"; "192.0.2.7", "unix"; "PATCH settings". */
static void words_add(json_t *row)
{
	char buffer[REQUEST_MAX];
	struct text request = text_in(buffer, sizeof(buffer));
	const char *path = member_text(row, "path");

	text_add(&request, "%s %s", member_text(row, "method"),
		 strncmp(path, ROOT, strlen(ROOT)) == 0 ? path + strlen(ROOT) : path);
	json_object_set_new(row, "request", json_string(buffer));
	json_object_set_new(row, "by", json_string(first_of(row, "name", "who")));
	json_object_set_new(row, "from", json_string(first_of(row, "address", "transport")));
}

static void show_rows(const struct cli *cli, json_t *rows)
{
	size_t i;
	json_t *row;

	if (cli->format == FORMAT_CSV) {
		rows_show(cli, stdout, rows, COLUMNS, ARRAY_LENGTH(COLUMNS), "");
		return;
	}
	json_array_foreach(rows, i, row) words_add(row);
	rows_show(cli, stdout, rows, PEOPLE_COLUMNS, ARRAY_LENGTH(PEOPLE_COLUMNS),
		  "nobody asked for anything in that time");
}

static int show(struct cli *cli, const char *from, const char *to, const char *limit)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	struct wall_time now;
	json_t *answer;
	int rc = span_now(cli, &now);

	text_add(&path, "audit");
	client_argument(&path, "limit", limit);
	if (rc == EXIT_OK)
		rc = span_add(cli, &path, "from", from, now);
	if (rc == EXIT_OK)
		rc = span_add(cli, &path, "to", to, now);
	if (rc == EXIT_OK)
		rc = client_get(cli, buffer, &answer);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		show_rows(cli, json_object_get(answer, "rows"));
	if (member_is_true(answer, "cut"))
		complain("only the newest rows are shown; --limit shows more (10000 at most)");
	json_decref(answer);
	return EXIT_OK;
}

int command_audit(struct cli *cli, int argc, char **argv)
{
	const char *from = NULL, *to = NULL, *limit = NULL;

	if (take_option(&argc, argv, "--from", &from) < 0 ||
	    take_option(&argc, argv, "--to", &to) < 0 ||
	    take_option(&argc, argv, "--limit", &limit) < 0 || !words_fit(argc, argv, 0, 0))
		return usage(cli);
	return show(cli, from, to, limit);
}
