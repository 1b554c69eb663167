/* Short questions to SQLite, and what its answers mean; part of journal. */
#pragma once

#include <sqlite3.h>
#include <stdint.h>

#include "base/result.h"

/* The errno nearest to an SQLite result; negative, 0 for SQLITE_OK. */
int journal_sqlite_errno(int result);

/* Runs statements whose rows nobody wants. Returns an SQLite result. */
int journal_sql_run(sqlite3 *db, const char *sql) MUST_CHECK;

/* Ends the transaction that failed, unless it has ended by itself. */
void journal_sql_roll_back(sqlite3 *db);

/* The first number that `sql` answers, 0 where it has no row. Returns an SQLite result. */
int journal_sql_number(sqlite3 *db, const char *sql, int64_t *out) MUST_CHECK;
