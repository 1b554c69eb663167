/* A read-only connection to the journal, and how a query is run on it. */
#include "adapt/journal_reader.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapt/journal_schema.h"
#include "adapt/journal_sql.h"
#include "base/text.h"

#define BUSY_MS 2000

int journal_reader_new(struct journal_reader **out, const char *path)
{
	struct journal_reader *reader;

	if (access(path, F_OK) != 0)
		return errno == ENOENT ? -ENOENT : -EIO;
	reader = calloc(1, sizeof(*reader));
	if (reader == NULL)
		return -ENOMEM;
	if (sqlite3_open_v2(path, &reader->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) !=
		SQLITE_OK ||
	    sqlite3_exec(reader->db, "PRAGMA cache_size=-256", NULL, NULL, NULL) != SQLITE_OK) {
		journal_reader_free(reader);
		return -EIO;
	}
	sqlite3_busy_timeout(reader->db, BUSY_MS);
	*out = reader;
	return 0;
}

void journal_reader_free(struct journal_reader *reader)
{
	if (reader == NULL)
		return;
	sqlite3_close(reader->db);
	free(reader);
}

const char *journal_reader_error(const struct journal_reader *reader)
{
	return reader->error;
}

static int reader_fail(struct journal_reader *reader)
{
	struct text text = text_in(reader->error, sizeof(reader->error));

	text_add(&text, "cannot read the journal: %s", sqlite3_errmsg(reader->db));
	return -EIO;
}

int journal_reader_check(struct journal_reader *reader)
{
	struct text text = text_in(reader->error, sizeof(reader->error));
	int64_t application = 0, version = 0;

	if (journal_sql_number(reader->db, "PRAGMA application_id", &application) != SQLITE_OK ||
	    journal_sql_number(reader->db, "PRAGMA user_version", &version) != SQLITE_OK)
		return reader_fail(reader);
	if (application != JOURNAL_APPLICATION_ID)
		text_add(&text, "this is a database, but not a journal of Amphora");
	else if (version > JOURNAL_VERSION)
		text_add(
		    &text,
		    "a newer Amphora made this (version %lld of the tables, this program knows "
		    "%d)",
		    (long long)version, JOURNAL_VERSION);
	else if (version < JOURNAL_VERSION)
		text_add(
		    &text,
		    "an older Amphora made this (version %lld of the tables, this program reads "
		    "%d); amphorad brings its journal up to date when it starts",
		    (long long)version, JOURNAL_VERSION);
	else
		return 0;
	return -EINVAL;
}

int journal_reader_prepare(struct journal_reader *reader, sqlite3_stmt **out, const char *sql)
{
	if (sqlite3_prepare_v2(reader->db, sql, -1, out, NULL) != SQLITE_OK)
		return reader_fail(reader);
	return 0;
}

int journal_reader_run(struct journal_reader *reader, sqlite3_stmt *statement,
		       journal_row_visit *visit, void *user)
{
	int result = sqlite3_step(statement);
	int answer;

	while (result == SQLITE_ROW && visit(user, statement))
		result = sqlite3_step(statement);
	answer = result == SQLITE_ROW || result == SQLITE_DONE ? 0 : reader_fail(reader);
	sqlite3_finalize(statement);
	return answer;
}

const char *journal_column_text(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text != NULL ? text : "";
}

double journal_column_real(sqlite3_stmt *row, int column)
{
	if (sqlite3_column_type(row, column) == SQLITE_NULL)
		return NAN;
	return sqlite3_column_double(row, column);
}

int journal_name_find(const char *name, const char *(*name_of)(int index), int count, int otherwise)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(name_of(i), name) == 0)
			return i;
	}
	return otherwise;
}
