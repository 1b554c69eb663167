/*
 * Exported rows as an SQLite file for people: plain units, times as text with their
 * offset, and `ts_ms` (UTC) beside `at` for whoever computes.
 *
 * The file is for one writer and begins anew where it was not finished, so it needs
 * no journal of its own.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "cli/cli.h"
#include "cli/export_sink.h"

#define SQL_MAX 2048

struct export_sqlite {
	sqlite3 *db;
	sqlite3_stmt *insert;
	char index[SQL_MAX];
};

static int fail(const struct export_sqlite *file)
{
	complain("the SQLite file cannot be written: %s", sqlite3_errmsg(file->db));
	return -EIO;
}

static int execute(const struct export_sqlite *file, const char *sql)
{
	return sqlite3_exec(file->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(file);
}

int export_sqlite_new(struct export_sqlite **out, const char *path)
{
	struct export_sqlite *file = calloc(1, sizeof(*file));
	int rc;

	if (!file) {
		complain("out of memory");
		return -ENOMEM;
	}
	if (unlink(path) != 0 && errno != ENOENT) {
		complain("%s: %s", path, strerror(errno));
		free(file);
		return -EIO;
	}
	rc = sqlite3_open(path, &file->db) == SQLITE_OK ? 0 : fail(file);
	if (rc == 0)
		rc = execute(file, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; "
				   "PRAGMA cache_size=-4096; PRAGMA temp_store=FILE");
	if (rc != 0) {
		export_sqlite_free(file);
		return rc;
	}
	*out = file;
	return 0;
}

void export_sqlite_free(struct export_sqlite *file)
{
	if (!file)
		return;
	sqlite3_finalize(file->insert);
	sqlite3_close(file->db);
	free(file);
}

static const char *type_name(enum export_type type)
{
	switch (type) {
	case EXPORT_REAL:
		return "REAL";
	case EXPORT_WHOLE:
	case EXPORT_TRUTH:
		return "INTEGER";
	case EXPORT_TEXT:
	case EXPORT_TIME:
	case EXPORT_SWITCH:
	case EXPORT_CELLS:
		break;
	}
	return "TEXT";
}

/* `ts_ms` comes first; then the columns in their order. */
int export_sqlite_table(struct export_sqlite *file, const char *table, const char *key,
			const struct export_columns *columns)
{
	char create[SQL_MAX], insert[SQL_MAX];
	struct text create_text = text_in(create, sizeof(create));
	struct text insert_text = text_in(insert, sizeof(insert));
	struct text index_text = text_in(file->index, sizeof(file->index));

	text_add(&create_text, "CREATE TABLE %s (ts_ms INTEGER NOT NULL -- ms since 1970 UTC\n",
		 table);
	text_add(&insert_text, "INSERT INTO %s VALUES (?", table);
	for (size_t i = 0; i < columns->count; i++) {
		text_add(&create_text, ", %s %s", columns->names[i], type_name(columns->types[i]));
		text_add(&insert_text, ",?");
	}
	text_add(&create_text, "); BEGIN");
	text_add(&insert_text, ")");
	text_add(&index_text, "COMMIT; CREATE INDEX %s_%s ON %s (%s, ts_ms)", table, key, table,
		 key);
	if (execute(file, create) != 0)
		return -EIO;
	return sqlite3_prepare_v2(file->db, insert, -1, &file->insert, NULL) == SQLITE_OK
		   ? 0
		   : fail(file);
}

static void bind_value(sqlite3_stmt *insert, int position, enum export_type type, const char *field)
{
	double value;

	if (field[0] == '\0')
		sqlite3_bind_null(insert, position);
	else if (type == EXPORT_REAL && number_parse(&value, field, strlen(field)) == 0)
		sqlite3_bind_double(insert, position, value);
	else if (type == EXPORT_WHOLE)
		sqlite3_bind_int64(insert, position, (int64_t)strtoull(field, NULL, 10));
	else if (type == EXPORT_TRUTH)
		sqlite3_bind_int(insert, position, strcmp(field, "true") == 0);
	else
		sqlite3_bind_text(insert, position, field, -1, SQLITE_STATIC);
}

int export_sqlite_row(struct export_sqlite *file, const struct export_columns *columns,
		      const struct csv_record *record)
{
	struct wall_time at = {0};

	for (size_t i = 0; i < columns->count && i < record->count; i++) {
		const char *field = record->fields[i];

		if (strcmp(columns->names[i], "at") == 0 &&
		    wall_parse(&at, field, strlen(field)) == 0)
			sqlite3_bind_int64(file->insert, 1, at.ms);
		bind_value(file->insert, (int)i + 2, columns->types[i], field);
	}
	if (sqlite3_step(file->insert) != SQLITE_DONE)
		return fail(file);
	sqlite3_reset(file->insert);
	return 0;
}

int export_sqlite_table_end(struct export_sqlite *file)
{
	sqlite3_finalize(file->insert);
	file->insert = NULL;
	return execute(file, file->index);
}
