/* Starts and stops the tests' private MariaDB with scripts/mariadb. */
#include "adapt/server_test_db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapt/password.h"
#include "adapt/server_schema.h"

static int script(const struct test_db *db, const char *verb)
{
	const char *source = getenv("AMPHORA_SOURCE");
	char command[512];

	snprintf(command, sizeof(command), "'%s/scripts/mariadb' %s '%s' >/dev/null",
		 source ? source : ".", verb, db->directory);
	return system(command);
}

static void connect_as_root(struct test_db *db)
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

static void make_tables(struct test_db *db)
{
	char words[256];
	struct text error = text_in(words, sizeof(words));

	if (server_schema_migrate(&db->admin, "amphora", say_nothing, NULL, &error) != 0)
		fail_msg("%s", words);
}

struct test_db *test_db_start(void)
{
	struct test_db *db = calloc(1, sizeof(*db));

	if (system("PATH=$PATH:/usr/sbin command -v mariadbd >/dev/null") != 0) {
		free(db);
		return NULL;
	}
	snprintf(db->directory, sizeof(db->directory), "/tmp/amphora-test-XXXXXX");
	assert_non_null(mkdtemp(db->directory));
	assert_int_equal(script(db, "start"), 0);

	struct server_config *config = &db->config;
	config->is_configured = true;
	snprintf(config->socket, sizeof(config->socket), "%s/mariadb.sock", db->directory);
	snprintf(config->user, sizeof(config->user), "amphora");
	snprintf(config->database, sizeof(config->database), "amphora");
	snprintf(config->password_file, sizeof(config->password_file), "%s/amphora.password",
		 db->directory);

	char words[256];
	struct text error = text_in(words, sizeof(words));
	assert_int_equal(
	    password_read(db->password, sizeof(db->password), config->password_file, &error), 0);
	connect_as_root(db);
	make_tables(db);
	return db;
}

void test_db_stop(struct test_db *db)
{
	char command[128];

	if (!db)
		return;
	server_link_close(&db->admin);
	script(db, "kill");
	snprintf(command, sizeof(command), "rm -rf '%s'", db->directory);
	if (system(command) != 0)
		print_error("%s is left behind\n", db->directory);
	free(db);
}

void test_db_kill(struct test_db *db)
{
	server_link_close(&db->admin);
	assert_int_equal(script(db, "kill"), 0);
}

void test_db_restart(struct test_db *db)
{
	assert_int_equal(script(db, "start"), 0);
	connect_as_root(db);
}

void test_db_run(struct test_db *db, const char *statement)
{
	char words[256];
	struct text error = text_in(words, sizeof(words));

	if (!db->admin.mysql)
		fail_msg("%s: not connected", statement);
	if (server_link_run(&db->admin, statement, &error) != 0)
		fail_msg("%s: %s", statement, words);
}

const char *test_db_ask(struct test_db *db, const char *query)
{
	static char value[1024];
	char words[256];
	struct text error = text_in(words, sizeof(words));

	if (server_link_ask(&db->admin, query, value, sizeof(value), &error) != 0)
		fail_msg("%s: %s", query, words);
	return value;
}

void test_db_reset(struct test_db *db)
{
	test_db_run(db, "DROP TABLE IF EXISTS battery_data, rele_data, decision_data, alert_data, "
			"parameter_data, meter_data, dead_letter, schema_version");
	make_tables(db);
}
