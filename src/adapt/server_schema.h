/*
 * The tables at the MariaDB or MySQL server, and their making and checking.
 *
 * `amphora db migrate` makes them as an administrator; the daemon only checks
 * that they are there, in the version that it knows.
 */
#pragma once

#include "adapt/server_link.h"

/* Raised with each change of the tables. */
#define SERVER_SCHEMA_VERSION 3

/* Writes a line of what was done; `context` is the caller's. */
typedef void (*server_schema_report)(void *context, const char *line);

/*
 * Brings the database of `link` to SERVER_SCHEMA_VERSION, step by step, adds the
 * partitions of coming months, makes the views anew, and,
 * with `grantee` ("user" or "user@host"; the host is localhost by default over a
 * socket, else '%'; NULL or empty: nobody), gives that user INSERT and SELECT. Doing it again
 * changes nothing. Blocks. Returns 0, or -EINVAL with a sentence in `error`: the server refused a
 * statement, the tables are newer than this program, or the name is none.
 */
int server_schema_migrate(struct server_link *link, const char *grantee,
			  server_schema_report report, void *context,
			  struct text *error) MUST_CHECK;

/*
 * Adds the partitions of coming months to battery_data and rele_data, as migrate
 * does too. Doing it again changes nothing. Blocks. Returns 0, or -EINVAL with a sentence in
 * `error`.
 */
int server_schema_partition(struct server_link *link, server_schema_report report, void *context,
			    struct text *error) MUST_CHECK;

/*
 * Whether the tables are there in the version that we know. Blocks. Returns 0,
 * or -EINVAL with a sentence in `error` that says what to do; -EIO when the
 * server went away.
 */
int server_schema_check(struct server_link *link, struct text *error) MUST_CHECK;
