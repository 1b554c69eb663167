/*
 * One connection to a MariaDB or MySQL server, with a session that alters no
 * value: time zone +00:00 and strict SQL mode, both set and read back.
 */
#pragma once

#include <mysql.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "model/house.h"

struct server_link {
	MYSQL *mysql;  /* NULL: not connected */
	bool is_local; /* over a Unix socket */
	bool has_bulk; /* MariaDB's array binding; else many rows in one statement */
};

enum server_link_answer {
	SERVER_LINK_OPEN = 0,
	SERVER_LINK_AWAY = 1, /* nobody answers, or access is denied */
	SERVER_LINK_UNFIT =
	    2, /* answers, but the session would alter values: time zone or SQL mode */
};

/*
 * Connects and makes the session; afterwards an answer may take `answer_s` (0: as
 * long as it takes). Blocks for at most SERVER_CONNECT_TIMEOUT_S before the server answers. Returns
 * an enum server_link_answer, with a sentence in `error` unless it is open.
 */
int server_link_open(struct server_link *link, const struct server_config *config,
		     const char *password, unsigned int answer_s, struct text *error) MUST_CHECK;

/* Closes; a link that is not open is fine. */
void server_link_close(struct server_link *link);

/* Runs a statement without a result. Returns 0, or -EIO with the server's words in `error`. */
int server_link_run(struct server_link *link, const char *statement, struct text *error) MUST_CHECK;

/*
 * Runs a query and copies the first column of its first row into `value`, cut
 * to `size`; no row or NULL is an empty text. Returns 0, or -EIO with the
 * server's words in `error`.
 */
int server_link_ask(struct server_link *link, const char *query, char *value, size_t size,
		    struct text *error) MUST_CHECK;
