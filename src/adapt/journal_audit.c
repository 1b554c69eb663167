/* Rows of who asked for what: how a user's number gets its name, and how they are read. */
#include "adapt/journal_audit.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "adapt/journal_read.h"
#include "adapt/journal_reader.h"
#include "adapt/journal_schema.h"
#include "base/text.h"
#include "model/ident.h"

#define PASSWD_LINE_MAX 1024
#define SQL_MAX 384

/* --- written -------------------------------------------------------------- */

/* Returns whether `uid` has a name that can stand in any text. */
static bool find_login_name(sqlite3_int64 uid, struct ident *out)
{
	FILE *file = fopen("/etc/passwd", "re");
	char line[PASSWD_LINE_MAX];
	struct passwd place, *entry = NULL;
	bool is_found = false;

	if (file == NULL)
		return false;
	while (!is_found && fgetpwent_r(file, &place, line, sizeof(line), &entry) == 0)
		is_found = entry->pw_uid == uid;
	is_found = is_found && ident_parse(out, entry->pw_name, strlen(entry->pw_name)) == 0;
	fclose(file);
	return is_found;
}

static void login_name(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct ident name;

	(void)count;
	if (sqlite3_value_type(values[0]) == SQLITE_INTEGER &&
	    find_login_name(sqlite3_value_int64(values[0]), &name))
		sqlite3_result_text(context, name.text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_result_null(context);
}

int journal_audit_functions(sqlite3 *db)
{
	return sqlite3_create_function(db, "login_name", 1, SQLITE_UTF8, NULL, login_name, NULL,
				       NULL);
}

/* --- read ----------------------------------------------------------------- */

struct audit_visitor {
	journal_audit_visit *visit;
	void *user;
};

static bool read_audit(void *user, sqlite3_stmt *row)
{
	const struct audit_visitor *visitor = user;
	bool has_uid = sqlite3_column_type(row, 5) != SQLITE_NULL;
	struct journal_audit audit = {
	    .row = sqlite3_column_int64(row, 0),
	    .wall = {sqlite3_column_int64(row, 1)},
	    .wall_is_trusted = (sqlite3_column_int64(row, 2) & JOURNAL_FLAG_UNTRUSTED) == 0,
	    .who = journal_column_text(row, 3),
	    .name = journal_column_text(row, 4),
	    .uid = has_uid ? sqlite3_column_int64(row, 5) : -1,
	    .transport = journal_column_text(row, 6),
	    .address = journal_column_text(row, 7),
	    .method = journal_column_text(row, 8),
	    .path = journal_column_text(row, 9),
	    .what = journal_column_text(row, 10),
	    .status = sqlite3_column_int(row, 11),
	    .command = sqlite3_column_int64(row, 12),
	    .count = sqlite3_column_int64(row, 13),
	};

	return visitor->visit(visitor->user, &audit);
}

int journal_read_audit(struct journal_reader *reader, struct journal_span span,
		       journal_audit_visit *visit, void *user)
{
	const char *way = span.newest_first ? "DESC" : "ASC";
	struct audit_visitor visitor = {visit, user};
	char data[SQL_MAX];
	struct text sql = text_in(data, sizeof(data));

	text_add(
	    &sql,
	    "SELECT row, ts_ms, flags, who, name, uid, transport, address, method, path, what, "
	    "status, command, count FROM audit WHERE ts_ms >= ?1 AND ts_ms < ?2 "
	    "ORDER BY ts_ms %s, row %s LIMIT ?3",
	    way, way);
	return journal_reader_span(reader, data, NULL, span, read_audit, &visitor);
}
