/*
 * Makes the server's tables, for an administrator, and checks them, for the
 * daemon: their version, whether they can roll back, and whether what is
 * stored in each column reads back equal.
 */
#include "adapt/server_schema.h"

#include <errmsg.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/server_partition.h"
#include "adapt/server_table.h"
#include "adapt/server_view.h"

#define VALUE_MAX 512
#define USER_MAX 80
#define HOST_MAX 255

static int create(struct server_link *link, const struct server_table *table, struct text *error)
{
	char statement[SERVER_STATEMENT_MAX];
	struct text text = text_in(statement, sizeof(statement));

	server_table_write_create(table, &text);
	return server_link_run(link, statement, error);
}

/*
 * What one step up in version takes. Steps that were released never change. One
 * that was cut off is taken again from its beginning: what it has done already
 * must not disturb it.
 */
static int step_to_1(struct server_link *link, struct text *error)
{
	if (create(link, server_table(SERVER_READINGS), error) != 0)
		return -EIO;
	return create(link, server_table(SERVER_RELAYS), error);
}

static int step_to_2(struct server_link *link, struct text *error)
{
	for (enum server_table_id id = SERVER_DECISIONS; id <= SERVER_PARAMETERS; id++)
		if (create(link, server_table(id), error) != 0)
			return -EIO;
	if (create(link, server_dead_letter_table(), error) != 0 ||
	    server_partition_make(link, server_table(SERVER_READINGS), "node", error) != 0)
		return -EIO;
	return server_partition_make(link, server_table(SERVER_RELAYS), "relay", error);
}

static int step_to_3(struct server_link *link, struct text *error)
{
	if (create(link, server_table(SERVER_METERS), error) != 0)
		return -EIO;
	return server_partition_make(link, server_table(SERVER_METERS), "meter", error);
}

static const struct {
	int (*run)(struct server_link *link, struct text *error);
	const char *done;
} steps[SERVER_SCHEMA_VERSION] = {
    {step_to_1, "made battery_data and rele_data (schema version 1)"},
    {step_to_2, "made decision_data, alert_data, parameter_data and dead_letter, and split "
		"battery_data and rele_data by month (schema version 2)"},
    {step_to_3, "made meter_data (schema version 3)"},
};

/* The version of the tables, 0 where there are none. */
static int read_version(struct server_link *link, int *version, struct text *error)
{
	char value[VALUE_MAX];

	if (server_link_ask(link, "SELECT MAX(version) FROM schema_version", value, sizeof(value),
			    error) != 0)
		return -EIO;
	*version = (int)strtol(value, NULL, 10);
	return 0;
}

static int take_step(struct server_link *link, int version, struct text *error)
{
	char statement[SERVER_STATEMENT_MAX];
	struct text text = text_in(statement, sizeof(statement));

	if (steps[version].run(link, error) != 0)
		return -EIO;
	text_add(&text,
		 "INSERT INTO schema_version (version, applied) VALUES (%d, UTC_TIMESTAMP())",
		 version + 1);
	return server_link_run(link, statement, error);
}

static int migrate_tables(struct server_link *link, server_schema_report report, void *context,
			  struct text *error)
{
	int version = 0;

	if (server_link_run(link,
			    "CREATE TABLE IF NOT EXISTS schema_version (version INT NOT NULL "
			    "PRIMARY KEY, applied DATETIME NOT NULL) ENGINE=InnoDB",
			    error) != 0 ||
	    read_version(link, &version, error) != 0)
		return -EINVAL;
	if (version > SERVER_SCHEMA_VERSION) {
		text_add(error,
			 "the tables have version %d, this program knows version %d: "
			 "use a newer amphora",
			 version, SERVER_SCHEMA_VERSION);
		return -EINVAL;
	}
	if (version == SERVER_SCHEMA_VERSION)
		report(context, "the tables are up to date");
	for (; version < SERVER_SCHEMA_VERSION; version++) {
		if (take_step(link, version, error) != 0)
			return -EINVAL;
		report(context, steps[version].done);
	}
	return 0;
}

/* Quotes `len` bytes of `name` for SQL into `quoted`, which holds twice as much and 3 more. */
static void quote(struct server_link *link, const char *name, size_t len, char *quoted)
{
	quoted[0] = '\'';
	size_t length = mysql_real_escape_string(link->mysql, quoted + 1, name, len);
	memcpy(quoted + 1 + length, "'", 2);
}

/* Writes 'user'@'host' for SQL. */
static int write_account(struct server_link *link, const char *grantee, char *account, size_t size,
			 struct text *error)
{
	const char *at = strrchr(grantee, '@');
	size_t user_length = at ? (size_t)(at - grantee) : strlen(grantee);
	const char *host = at ? at + 1 : link->is_local ? "localhost" : "%";
	char quoted_user[2 * USER_MAX + 3], quoted_host[2 * HOST_MAX + 3];
	struct text text = text_in(account, size);

	if (user_length == 0 || user_length > USER_MAX || host[0] == '\0' ||
	    strlen(host) > HOST_MAX) {
		text_add(error, "\"%s\" is no user: give NAME or NAME@HOST", grantee);
		return -EINVAL;
	}
	quote(link, grantee, user_length, quoted_user);
	quote(link, host, strlen(host), quoted_host);
	text_add(&text, "%s@%s", quoted_user, quoted_host);
	return 0;
}

/* All tables that the daemon writes: those that rows go to, and the dead letters. */
#define CHECKED_TABLES (SERVER_TABLES + 1)

static const struct server_table *checked_table(size_t index)
{
	return index < SERVER_TABLES ? server_table((enum server_table_id)index)
				     : server_dead_letter_table();
}

static int grant_on(struct server_link *link, const char *rights, const char *table,
		    const char *account, struct text *error)
{
	char statement[SERVER_STATEMENT_MAX];
	struct text text = text_in(statement, sizeof(statement));

	text_add(&text, "GRANT %s ON %s TO %s", rights, table, account);
	if (server_link_run(link, statement, error) == 0)
		return 0;
	text_add(error, " (granting to %s, who has to exist already)", account);
	return -EIO;
}

static int grant(struct server_link *link, const char *grantee, server_schema_report report,
		 void *context, struct text *error)
{
	char account[1024], statement[SERVER_STATEMENT_MAX];

	if (write_account(link, grantee, account, sizeof(account), error) != 0)
		return -EINVAL;
	/* MariaDB would make a user that does not exist, without a password. MySQL never does. */
	if (mariadb_connection(link->mysql) &&
	    server_link_run(link,
			    "SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, "
			    "',NO_AUTO_CREATE_USER')",
			    error) != 0)
		return -EINVAL;
	for (size_t i = 0; i < CHECKED_TABLES; i++)
		if (grant_on(link, "INSERT, SELECT", checked_table(i)->name, account, error) != 0)
			return -EINVAL;
	if (grant_on(link, "SELECT", "schema_version", account, error) != 0)
		return -EINVAL;
	struct text line = text_in(statement, sizeof(statement));
	text_add(&line, "%s may insert into and read the tables, and change nothing", account);
	report(context, statement);
	return 0;
}

/* `total` gets how many were added. */
static int add_partitions(struct server_link *link, server_schema_report report, void *context,
			  int *total, struct text *error)
{
	static const enum server_table_id ids[] = {SERVER_READINGS, SERVER_RELAYS,
						  SERVER_METERS};

	for (size_t i = 0; i < ARRAY_LENGTH(ids); i++) {
		const struct server_table *table = server_table(ids[i]);
		char data[128];
		struct text line = text_in(data, sizeof(data));
		int added = 0;

		if (server_partition_extend(link, table, &added, error) != 0)
			return -EINVAL;
		if (added == 0)
			continue;
		*total += added;
		text_add(&line, "added partitions for %d month%s to %s", added,
			 added == 1 ? "" : "s", table->name);
		report(context, data);
	}
	return 0;
}

int server_schema_partition(struct server_link *link, server_schema_report report, void *context,
			    struct text *error)
{
	int added = 0;
	int result = add_partitions(link, report, context, &added, error);

	if (result == 0 && added == 0)
		report(context, "the months to come have their partitions");
	return result;
}

int server_schema_migrate(struct server_link *link, const char *grantee,
			  server_schema_report report, void *context, struct text *error)
{
	int added = 0;
	int result = migrate_tables(link, report, context, error);

	if (result == 0)
		result = add_partitions(link, report, context, &added, error);
	if (result == 0 && server_view_make(link, error) != 0)
		result = -EINVAL;
	if (result == 0 && grantee && grantee[0] != '\0')
		result = grant(link, grantee, report, context, error);
	return result;
}

/* A table that cannot roll back would keep the sample rows, and half a batch. */
static int check_engines(struct server_link *link, struct text *error)
{
	char query[SERVER_STATEMENT_MAX], value[VALUE_MAX];
	struct text text = text_in(query, sizeof(query));

	text_add(&text, "SELECT GROUP_CONCAT(t.table_name SEPARATOR ', ') "
			"FROM information_schema.tables t "
			"LEFT JOIN information_schema.engines e ON e.engine = t.engine "
			"WHERE t.table_schema = DATABASE() "
			"AND COALESCE(e.transactions, 'NO') <> 'YES' AND t.table_name IN (");
	for (size_t i = 0; i < CHECKED_TABLES; i++)
		text_add(&text, "%s'%s'", i > 0 ? ", " : "", checked_table(i)->name);
	text_add(&text, ")");
	if (server_link_ask(link, query, value, sizeof(value), error) != 0)
		return -EIO;
	if (value[0] == '\0')
		return 0;
	text_add(error, "%s: the table's engine has no transactions; it must be InnoDB", value);
	return -EINVAL;
}

/* Stores a row of awkward values, reads it back and takes it away again. */
static int check_values(struct server_link *link, const struct server_table *table,
			struct text *error)
{
	char statement[SERVER_STATEMENT_MAX], altered[VALUE_MAX] = "";
	struct text insert = text_in(statement, sizeof(statement));
	int result;

	server_table_write_sample(table, &insert);
	if (server_link_run(link, "START TRANSACTION", error) != 0)
		return -EIO;
	result = server_link_run(link, statement, error);
	if (result == 0) {
		struct text compare = text_in(statement, sizeof(statement));
		server_table_write_compare(table, &compare);
		result = server_link_ask(link, statement, altered, sizeof(altered), error);
	}
	if (mysql_rollback(link->mysql) != 0)
		return -EIO;
	if (result == 0 && strcmp(altered, "=") != 0) {
		text_add(error, "the server alters values of %s: %s", table->name,
			 altered[0] == '=' ? altered + 1 : "its key");
		return -EINVAL;
	}
	return result;
}

/* Whether the last error was the way to the server, not its answer. */
static bool is_lost(struct server_link *link)
{
	return mysql_errno(link->mysql) >= CR_MIN_ERROR;
}

int server_schema_check(struct server_link *link, struct text *error)
{
	int version = 0;

	if (read_version(link, &version, error) != 0) {
		text_add(error, "; run `amphora db migrate`");
		return is_lost(link) ? -EIO : -EINVAL;
	}
	if (version != SERVER_SCHEMA_VERSION) {
		text_add(error,
			 "the tables have version %d, this program needs %d: run "
			 "`amphora db migrate`",
			 version, SERVER_SCHEMA_VERSION);
		return -EINVAL;
	}
	int result = check_engines(link, error);
	for (size_t i = 0; result == 0 && i < CHECKED_TABLES; i++)
		result = check_values(link, checked_table(i), error);
	return result == -EIO && !is_lost(link) ? -EINVAL : result;
}
