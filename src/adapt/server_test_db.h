/* A private MariaDB for the tests, made by scripts/mariadb. */
#pragma once

#include <sqlite3.h>

#include "adapt/server_link.h"

struct test_db {
	char directory[64];
	struct server_config config; /* of the daemon's user */
	char password[64];
	struct server_link admin; /* a connection as root */
};

/* The one that a program's tests share; NULL where there is no MariaDB. */
extern struct test_db *db;

/*
 * Set-up and tear-down of a group of tests: start it, with the tables made and the
 * daemon's user granted, and stop it.
 */
int test_db_group_start(void **state);
int test_db_group_stop(void **state);

/* Skips the test that calls it where there is no MariaDB. */
void test_db_need(void);

/* Ends it as a power cut would, and starts it again with its data. */
void test_db_kill(void);
void test_db_restart(void);

/* Runs a statement as root; fails the test where the server refuses. */
void test_db_run(const char *statement);

/* The first value of a query; static until the next call. */
const char *test_db_ask(const char *query);

/* Empties both tables and gives them their columns back. */
void test_db_reset(void);

/* The tables of a journal of today's version, in a database that is empty. */
void test_db_make_journal(sqlite3 *journal);
