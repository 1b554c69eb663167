/* Starts and stops the tests' private MariaDB with scripts/mariadb. */
#include "adapt/server_test_db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/journal_schema.h"
#include "adapt/password.h"
#include "adapt/server_schema.h"

struct test_db *db;

static int script(const char *verb)
{
	const char *source = getenv("AMPHORA_SOURCE");
	char command[512];

	snprintf(command, sizeof(command), "'%s/scripts/mariadb' %s '%s' >/dev/null",
		 source ? source : ".", verb, db->directory);
	return system(command);
}

static void connect_as_root(void)
{
	char words[256];
	struct text error = text_in(words, sizeof(words));
	struct server_config root = db->config;

	snprintf(root.user, sizeof(root.user), "root");
	if (server_link_open(&db->admin, &root, "", 0, &error) != SERVER_LINK_OPEN)
		fail_msg("%s", words);
}

static void say_nothing(void *context, const char *line)
{
	(void)context;
	(void)line;
}

static void make_tables(void)
{
	char words[256];
	struct text error = text_in(words, sizeof(words));

	if (server_schema_migrate(&db->admin, "amphora", say_nothing, NULL, &error) != 0)
		fail_msg("%s", words);
}

static void start(void)
{
	char words[256];
	struct text error = text_in(words, sizeof(words));
	struct server_config *config = &db->config;

	snprintf(db->directory, sizeof(db->directory), "/tmp/amphora-test-XXXXXX");
	assert_non_null(mkdtemp(db->directory));
	assert_int_equal(script("start"), 0);
	config->is_configured = true;
	snprintf(config->socket, sizeof(config->socket), "%s/mariadb.sock", db->directory);
	snprintf(config->user, sizeof(config->user), "amphora");
	snprintf(config->database, sizeof(config->database), "amphora");
	snprintf(config->password_file, sizeof(config->password_file), "%s/amphora.password",
		 db->directory);
	assert_int_equal(
	    password_read(db->password, sizeof(db->password), config->password_file, &error), 0);
	connect_as_root();
	make_tables();
}

int test_db_group_start(void **state)
{
	(void)state;
	if (system("PATH=$PATH:/usr/sbin command -v mariadbd >/dev/null") != 0)
		return 0;
	db = calloc(1, sizeof(*db));
	assert_non_null(db);
	start();
	return 0;
}

int test_db_group_stop(void **state)
{
	char command[128];

	(void)state;
	if (!db)
		return 0;
	server_link_close(&db->admin);
	script("kill");
	snprintf(command, sizeof(command), "rm -rf '%s'", db->directory);
	if (system(command) != 0)
		print_error("%s is left behind\n", db->directory);
	free(db);
	return 0;
}

void test_db_need(void)
{
	if (!db) {
		print_message("# MariaDB is not installed\n");
		skip();
	}
}

void test_db_kill(void)
{
	server_link_close(&db->admin);
	assert_int_equal(script("kill"), 0);
}

void test_db_restart(void)
{
	assert_int_equal(script("start"), 0);
	connect_as_root();
}

void test_db_run(const char *statement)
{
	char words[256];
	struct text error = text_in(words, sizeof(words));

	if (!db->admin.mysql)
		fail_msg("%s: not connected", statement);
	if (server_link_run(&db->admin, statement, &error) != 0)
		fail_msg("%s: %s", statement, words);
}

const char *test_db_ask(const char *query)
{
	static char value[1024];
	char words[256];
	struct text error = text_in(words, sizeof(words));

	if (server_link_ask(&db->admin, query, value, sizeof(value), &error) != 0)
		fail_msg("%s: %s", query, words);
	return value;
}

void test_db_reset(void)
{
	test_db_run("DROP TABLE IF EXISTS battery_data, rele_data, decision_data, alert_data, "
		    "parameter_data, meter_data, dead_letter, schema_version");
	make_tables();
}

void test_db_make_journal(sqlite3 *journal)
{
	const char *statement = journal_schema_sql;

	for (int version = 1; version <= JOURNAL_VERSION; version++) {
		if (sqlite3_exec(journal, statement, NULL, NULL, NULL) != SQLITE_OK)
			fail_msg("%s: %s", statement, sqlite3_errmsg(journal));
		if (version < JOURNAL_VERSION)
			statement = journal_upgrade_sql[version - 1];
	}
}
