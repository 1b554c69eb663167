/*
 * The connection to a MariaDB or MySQL server and its session.
 *
 * It decides whom to talk to and under which conditions: TLS where it is asked
 * for, no files of ours read on the server's behalf, no password in the clear,
 * every wait limited, values stored as sent or not at all. What is said over
 * it is for adapt/server_batch and adapt/server_schema.
 */
#include "adapt/server_link.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adapt/server.h"

#define TIME_ZONE "+00:00"
#define STRICT_MODE "STRICT_ALL_TABLES"
#define SQL_MODE                                                                \
	STRICT_MODE ",NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO," \
		    "NO_ENGINE_SUBSTITUTION"
/* None of these sends the password itself over a connection that is not encrypted. */
#define AUTHENTICATION \
	"mysql_native_password,client_ed25519,caching_sha2_password,auth_gssapi_client"

static void set_limits(MYSQL *mysql, unsigned int answer_s)
{
	unsigned int connect_s = SERVER_CONNECT_TIMEOUT_S;
	unsigned int no = 0;

	mysql_optionsv(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &connect_s);
	mysql_optionsv(mysql, MYSQL_OPT_READ_TIMEOUT, &answer_s);
	mysql_optionsv(mysql, MYSQL_OPT_WRITE_TIMEOUT, &answer_s);
	mysql_optionsv(mysql, MYSQL_OPT_LOCAL_INFILE, &no);
	mysql_optionsv(mysql, MARIADB_OPT_RESTRICTED_AUTH, AUTHENTICATION);
	mysql_optionsv(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
}

static bool wants_tls(const struct server_config *config)
{
	return config->socket[0] == '\0' && (config->tls_is_required || config->tls_ca[0] != '\0');
}

static void set_tls(MYSQL *mysql, const struct server_config *config)
{
	my_bool yes = 1;

	if (!wants_tls(config))
		return;
	mysql_optionsv(mysql, MYSQL_OPT_SSL_ENFORCE, &yes);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
	if (config->tls_ca[0] != '\0')
		mysql_optionsv(mysql, MYSQL_OPT_SSL_CA, config->tls_ca);
}

static MYSQL *connect_to(MYSQL *mysql, const struct server_config *config, const char *password)
{
	bool is_local = config->socket[0] != '\0';
	unsigned int protocol = is_local ? MYSQL_PROTOCOL_SOCKET : MYSQL_PROTOCOL_TCP;

	mysql_optionsv(mysql, MYSQL_OPT_PROTOCOL, &protocol);
	return mysql_real_connect(mysql, is_local ? NULL : config->host, config->user, password,
				  config->database[0] != '\0' ? config->database : NULL,
				  config->port, is_local ? config->socket : NULL, 0);
}

/* Sets the session and reads it back: a proxy or a server's own rule may have changed it. */
static int make_session(struct server_link *link, struct text *error)
{
	char zone[32], mode[512];

	if (server_link_run(link,
			    "SET SESSION time_zone = '" TIME_ZONE "', SESSION sql_mode = '" SQL_MODE
			    "', SESSION autocommit = 1",
			    error) != 0 ||
	    server_link_ask(link, "SELECT @@SESSION.time_zone", zone, sizeof(zone), error) != 0 ||
	    server_link_ask(link, "SELECT @@SESSION.sql_mode", mode, sizeof(mode), error) != 0)
		return SERVER_LINK_AWAY;
	if (strcmp(zone, TIME_ZONE) != 0) {
		text_add(error, "the session's time_zone is %s and stays so; it must be " TIME_ZONE,
			 zone);
		return SERVER_LINK_UNFIT;
	}
	if (!strstr(mode, STRICT_MODE)) {
		text_add(error, "the session's sql_mode stays without " STRICT_MODE
				": the server would alter values");
		return SERVER_LINK_UNFIT;
	}
	return SERVER_LINK_OPEN;
}

static bool has_bulk_inserts(MYSQL *mysql)
{
	unsigned long capabilities = 0;

	return mariadb_connection(mysql) &&
	       mariadb_get_infov(mysql, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES,
				 &capabilities) == 0 &&
	       (capabilities & (MARIADB_CLIENT_STMT_BULK_OPERATIONS >> 32)) != 0;
}

int server_link_open(struct server_link *link, const struct server_config *config,
		     const char *password, unsigned int answer_s, struct text *error)
{
	*link = (struct server_link){.is_local = config->socket[0] != '\0'};
	link->mysql = mysql_init(NULL);
	if (!link->mysql) {
		text_add(error, "no memory for a connection");
		return SERVER_LINK_AWAY;
	}
	set_limits(link->mysql, answer_s);
	set_tls(link->mysql, config);

	int answer = SERVER_LINK_AWAY;
	if (!connect_to(link->mysql, config, password))
		text_add(error, "%s", mysql_error(link->mysql));
	else if (wants_tls(config) && !mysql_get_ssl_cipher(link->mysql))
		text_add(error, "the server does not encrypt, and TLS is required");
	else
		answer = make_session(link, error);
	if (answer == SERVER_LINK_OPEN)
		link->has_bulk = has_bulk_inserts(link->mysql);
	else
		server_link_close(link);
	return answer;
}

void server_link_close(struct server_link *link)
{
	if (link->mysql)
		mysql_close(link->mysql);
	link->mysql = NULL;
}

int server_link_run(struct server_link *link, const char *statement, struct text *error)
{
	if (mysql_real_query(link->mysql, statement, strlen(statement)) == 0)
		return 0;
	text_add(error, "%s", mysql_error(link->mysql));
	return -EIO;
}

int server_link_ask(struct server_link *link, const char *query, char *value, size_t size,
		    struct text *error)
{
	if (server_link_run(link, query, error) != 0)
		return -EIO;
	MYSQL_RES *result = mysql_store_result(link->mysql);
	if (!result) {
		text_add(error, "%s", mysql_error(link->mysql));
		return -EIO;
	}
	MYSQL_ROW row = mysql_fetch_row(result);
	snprintf(value, size, "%s", row && row[0] ? row[0] : "");
	mysql_free_result(result);
	return 0;
}
