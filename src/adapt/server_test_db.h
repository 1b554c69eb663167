/* A private MariaDB for the tests, made by scripts/mariadb. */
#pragma once

#include "adapt/server_link.h"

struct test_db {
	char directory[64];
	struct server_config config; /* of the daemon's user */
	char password[64];
	struct server_link admin; /* a connection as root */
};

/* Starts it, with the tables made and the daemon's user granted. NULL where there is no MariaDB. */
struct test_db *test_db_start(void);
void test_db_stop(struct test_db *db);

/* Ends it as a power cut would, and starts it again with its data. */
void test_db_kill(struct test_db *db);
void test_db_restart(struct test_db *db);

/* Runs a statement as root; fails the test where the server refuses. */
void test_db_run(struct test_db *db, const char *statement);

/* The first value of a query; static until the next call. */
const char *test_db_ask(struct test_db *db, const char *query);

/* Empties both tables and gives them their columns back. */
void test_db_reset(struct test_db *db);
