/*
 * `amphora user` and `amphora token`: who may come in over TCP. The daemon keeps
 * the file; a password goes there over the Unix socket and nowhere else.
 */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/password.h"
#include "cli/show.h"

#define PASSWORD_MAX 260

static const struct column PEOPLE_COLUMNS[] = {
    {"name", "name", COLUMN_TEXT},
    {"role", "role", COLUMN_TEXT},
};

/* `kind` is "users" or "tokens". */
static int list(struct cli *cli, const char *kind, const char *none)
{
	json_t *answer;
	int rc = client_get(cli, kind, &answer);

	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		rows_show(cli, stdout, json_object_get(answer, kind), PEOPLE_COLUMNS,
			  ARRAY_LENGTH(PEOPLE_COLUMNS), none);
	json_decref(answer);
	return EXIT_OK;
}

/* Calls `method` on users/NAME or tokens/NAME; `body` is taken. */
static int call_named(struct cli *cli, const char *method, const char *kind, const char *name,
		      json_t *body)
{
	char buffer[CLIENT_PATH_MAX];
	struct text path = text_in(buffer, sizeof(buffer));
	json_t *answer;
	int rc;

	text_add(&path, "%s/", kind);
	client_segment(&path, name);
	rc = client_call(cli, method, buffer, body, &answer);
	json_decref(answer);
	json_decref(body);
	return rc;
}

/* ---- users ---- */

static int add_user(struct cli *cli, const char *name, const char *role)
{
	char password[PASSWORD_MAX];
	json_t *body, *answer;
	int rc = password_ask(password, sizeof(password));

	if (rc != EXIT_OK)
		return rc;
	body = json_pack("{s:s, s:s, s:s}", "name", name, "role", role, "password", password);
	explicit_bzero(password, sizeof(password));
	rc = client_call(cli, "POST", "users", body, &answer);
	json_decref(answer);
	json_decref(body);
	if (rc == EXIT_OK)
		done_show(cli, "user", name, "may log in", "added");
	return rc;
}

static int set_password(struct cli *cli, const char *name)
{
	char password[PASSWORD_MAX];
	json_t *body;
	int rc = password_ask(password, sizeof(password));

	if (rc != EXIT_OK)
		return rc;
	body = json_pack("{s:s}", "password", password);
	explicit_bzero(password, sizeof(password));
	rc = call_named(cli, "PATCH", "users", name, body);
	if (rc == EXIT_OK)
		done_show(cli, "user", name, "has a new password and is logged out everywhere",
			  "changed");
	return rc;
}

static int set_role(struct cli *cli, const char *name, const char *role)
{
	int rc = call_named(cli, "PATCH", "users", name, json_pack("{s:s}", "role", role));

	if (rc == EXIT_OK)
		done_show(cli, "user", name, "has a new role and is logged out everywhere",
			  "changed");
	return rc;
}

static int remove_named(struct cli *cli, const char *kind, const char *subject, const char *name)
{
	int rc = call_named(cli, "DELETE", kind, name, NULL);

	if (rc == EXIT_OK)
		done_show(cli, subject, name, "may not come in any more", "removed");
	return rc;
}

int command_user(struct cli *cli, int argc, char **argv)
{
	const char *role = NULL;

	if (take_option(&argc, argv, "--role", &role) < 0 || !words_fit(argc, argv, 0, 3))
		return usage(cli);
	if (argc == 1 || (argc == 2 && strcmp(argv[1], "list") == 0))
		return list(cli, "users", "there are no users: amphora user add makes one");
	if (argc == 3 && strcmp(argv[1], "add") == 0 && role)
		return add_user(cli, argv[2], role);
	if (argc == 3 && strcmp(argv[1], "password") == 0 && !role)
		return set_password(cli, argv[2]);
	if (argc == 4 && strcmp(argv[1], "role") == 0 && !role)
		return set_role(cli, argv[2], argv[3]);
	if (argc == 3 && strcmp(argv[1], "remove") == 0 && !role)
		return remove_named(cli, "users", "user", argv[2]);
	return usage(cli);
}

/* ---- tokens ---- */

static int add_token(struct cli *cli, const char *name, const char *role)
{
	json_t *body = json_pack("{s:s, s:s}", "name", name, "role", role), *answer;
	int rc = client_call(cli, "POST", "tokens", body, &answer);

	json_decref(body);
	if (rc != EXIT_OK)
		return rc;
	if (cli->format == FORMAT_JSON)
		json_show(stdout, answer);
	else
		printf("%s\n", member_text(answer, "token"));
	if (cli->is_terminal && cli->format != FORMAT_JSON)
		complain("this is shown once: it goes into the header \"Authorization: Bearer …\"");
	json_decref(answer);
	return EXIT_OK;
}

int command_token(struct cli *cli, int argc, char **argv)
{
	const char *role = NULL;

	if (take_option(&argc, argv, "--role", &role) < 0 || !words_fit(argc, argv, 0, 2))
		return usage(cli);
	if (argc == 1 || (argc == 2 && strcmp(argv[1], "list") == 0))
		return list(cli, "tokens", "there are no tokens: amphora token add makes one");
	if (argc == 3 && strcmp(argv[1], "add") == 0 && role)
		return add_token(cli, argv[2], role);
	if (argc == 3 && strcmp(argv[1], "remove") == 0 && !role)
		return remove_named(cli, "tokens", "token", argv[2]);
	return usage(cli);
}
