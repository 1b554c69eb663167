/*
 * `amphora db migrate`: makes or updates the tables at the MariaDB or MySQL
 * server, as an administrator, and lets the daemon's user write and read them.
 * `amphora db partition` only adds the months to come.
 *
 * It needs no daemon. Where the server is can come from the daemon's own
 * configuration, so that both mean the same place; who administers it never
 * does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/password.h"
#include "adapt/server.h"
#include "adapt/server_link.h"
#include "adapt/server_schema.h"
#include "cli/cli.h"
#include "cli/house.h"

#define SENTENCE_MAX 512

struct migration {
	bool is_partition_only;
	struct server_config server; /* with the administrator's name and password file */
	char grantee[sizeof(((struct server_config *)0)->user)];
};

/* Reads the daemon's configuration for where the server is and who the daemon is there. */
static int read_config(struct migration *migration, const char *path)
{
	struct house *house = malloc(sizeof(*house));
	int result = house ? house_read(house, path) : -ENOMEM;

	if (result == 0 && !house->store.server.is_configured) {
		complain("%s: there is no store.server", path);
		result = -ENOENT;
	}
	if (result == 0) {
		migration->server = house->store.server;
		memcpy(migration->grantee, migration->server.user, sizeof(migration->grantee));
	}
	free(house);
	return result;
}

/* One option with a text as its value. Returns -EINVAL where it has none or one too long. */
static int take_text(int *argc, char **argv, const char *name, char *out, size_t size)
{
	const char *value = NULL;
	int result = take_option(argc, argv, name, &value);

	if (result <= 0)
		return result;
	if (strlen(value) >= size) {
		complain("%s is too long", name);
		return -EINVAL;
	}
	memcpy(out, value, strlen(value) + 1);
	return 0;
}

static int take_port(int *argc, char **argv, uint16_t *port)
{
	char digits[8] = "", *end = digits;

	if (take_text(argc, argv, "--port", digits, sizeof(digits)) < 0)
		return -EINVAL;
	if (digits[0] == '\0')
		return 0;
	long value = strtol(digits, &end, 10);
	if (*end != '\0' || value < 1 || value > UINT16_MAX) {
		complain("--port must be 1..65535");
		return -EINVAL;
	}
	*port = (uint16_t)value;
	return 0;
}

/* Encryption is required with a host unless it is switched off, as in the configuration. */
static int take_tls(struct server_config *server, int *argc, char **argv)
{
	char word[16] = "";

	if (take_text(argc, argv, "--tls-ca", server->tls_ca, sizeof(server->tls_ca)) < 0 ||
	    take_text(argc, argv, "--tls", word, sizeof(word)) < 0)
		return -EINVAL;
	if (strcmp(word, "required") == 0 || strcmp(word, "off") == 0) {
		server->tls_is_required = strcmp(word, "required") == 0;
	} else if (word[0] != '\0') {
		complain("--tls must be required or off");
		return -EINVAL;
	}
	return 0;
}

/* Where the server is, over what the configuration says. */
static int take_place(struct server_config *server, int *argc, char **argv)
{
	struct server_config given = {0};

	if (take_text(argc, argv, "--host", given.host, sizeof(given.host)) < 0 ||
	    take_port(argc, argv, &given.port) < 0 ||
	    take_text(argc, argv, "--db-socket", given.socket, sizeof(given.socket)) < 0 ||
	    take_text(argc, argv, "--database", server->database, sizeof(server->database)) < 0)
		return -EINVAL;
	if (given.host[0] != '\0' && given.socket[0] != '\0') {
		complain("give --host or --db-socket, not both");
		return -EINVAL;
	}
	if (given.host[0] != '\0' || given.socket[0] != '\0') {
		memcpy(server->host, given.host, sizeof(server->host));
		memcpy(server->socket, given.socket, sizeof(server->socket));
		server->tls_is_required = given.host[0] != '\0';
	}
	if (given.port != 0)
		server->port = given.port;
	return take_tls(server, argc, argv);
}

/* Reads the words after `migrate` or `partition`. Returns an exit code. */
static int read_options(struct migration *migration, int argc, char **argv)
{
	const char *config = NULL;

	if (take_option(&argc, argv, "--config", &config) < 0)
		return EXIT_USAGE;
	if (config && read_config(migration, config) != 0)
		return EXIT_FAILED;

	struct server_config *server = &migration->server;
	server->user[0] = '\0';
	server->password_file[0] = '\0';
	if (take_place(server, &argc, argv) < 0 ||
	    take_text(&argc, argv, "--user", server->user, sizeof(server->user)) < 0 ||
	    take_text(&argc, argv, "--password-file", server->password_file,
		      sizeof(server->password_file)) < 0 ||
	    (!migration->is_partition_only &&
	     take_text(&argc, argv, "--grant-to", migration->grantee, sizeof(migration->grantee)) <
		 0) ||
	    !words_fit(argc, argv, 0, 0))
		return EXIT_USAGE;
	if (server->user[0] == '\0' || server->database[0] == '\0' ||
	    (server->host[0] == '\0' && server->socket[0] == '\0')) {
		complain("db needs --user, and where the server is: --config FILE, or "
			 "--database and one of --host, --db-socket");
		return EXIT_USAGE;
	}
	return EXIT_OK;
}

static void show_line(void *context, const char *line)
{
	const struct cli *cli = context;

	if (cli->format == FORMAT_PEOPLE) {
		printf("%s\n", line);
		return;
	}
	json_t *entry = json_pack("{s:s}", "done", line);
	if (cli->format == FORMAT_JSON && entry) {
		json_dumpf(entry, stdout, JSON_COMPACT);
		printf("\n");
	} else {
		printf("\"%s\"\n", line);
	}
	json_decref(entry);
}

/* Returns an exit code. */
static int migrate(struct cli *cli, const struct migration *migration)
{
	char password[SERVER_PASSWORD_MAX], words[SENTENCE_MAX];
	struct text error = text_in(words, sizeof(words));
	struct server_link link = {0};
	int result;

	if (password_read(password, sizeof(password), migration->server.password_file, &error) !=
	    0) {
		complain("%s", words);
		return EXIT_FAILED;
	}
	result = server_link_open(&link, &migration->server, password, 0, &error);
	explicit_bzero(password, sizeof(password));
	if (result == SERVER_LINK_OPEN)
		result =
		    migration->is_partition_only
			? server_schema_partition(&link, show_line, cli, &error)
			: server_schema_migrate(&link, migration->grantee, show_line, cli, &error);
	server_link_close(&link);
	if (result != 0)
		complain("the database server: %s", words);
	return result == 0 ? EXIT_OK : EXIT_FAILED;
}

int command_db(struct cli *cli, int argc, char **argv)
{
	struct migration migration = {0};

	if (argc < 2 || (strcmp(argv[1], "migrate") != 0 && strcmp(argv[1], "partition") != 0))
		return usage(cli);
	migration.is_partition_only = strcmp(argv[1], "partition") == 0;
	int result = read_options(&migration, argc - 1, argv + 1);
	if (result == EXIT_USAGE)
		return usage(cli);
	return result == EXIT_OK ? migrate(cli, &migration) : result;
}
