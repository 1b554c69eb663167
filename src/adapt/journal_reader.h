/* What the files of the journal's reader share; part of journal_read. */
#pragma once

#include <sqlite3.h>

#include "adapt/journal_read.h"

#define JOURNAL_READER_ERROR_MAX 256

struct journal_reader {
	sqlite3 *db;
	char error[JOURNAL_READER_ERROR_MAX];
};

/* Visits one row; returns whether to go on. */
typedef bool journal_row_visit(void *user, sqlite3_stmt *row);

/*
 * Prepares `sql`. Returns 0, or what journal_reader_fail() says.
 */
int journal_reader_prepare(struct journal_reader *reader, sqlite3_stmt **out,
			   const char *sql) MUST_CHECK;

/* Runs a prepared statement over all of its rows, and finalizes it. */
int journal_reader_run(struct journal_reader *reader, sqlite3_stmt *statement,
		       journal_row_visit *visit, void *user) MUST_CHECK;

/*
 * Runs `sql` over a span: ?1 and ?2 are its times, ?3 its limit, and ?4 is `name`, where it is not
 * NULL. Returns 0, or what journal_reader_fail() says.
 */
int journal_reader_span(struct journal_reader *reader, const char *sql, const char *name,
			struct journal_span span, journal_row_visit *visit, void *user) MUST_CHECK;

/*
 * What is read by name and time: the query for all names, and the columns in the order of its
 * row visitor.
 */
struct journal_table {
	const char *name, *key, *names, *columns;
};

/* All names in an indexed column, found by steps over the index. */
#define JOURNAL_NAMES(key, table)                                                             \
	"WITH RECURSIVE names(name) AS (SELECT min(" key ") FROM " table " UNION ALL SELECT " \
	"(SELECT min(" key ") FROM " table " WHERE " key                                      \
	" > name) FROM names WHERE name IS NOT NULL) "                                        \
	"SELECT name FROM names WHERE name IS NOT NULL"

extern const struct journal_table journal_readings_table, journal_relays_table,
    journal_meters_table, journal_decisions_table;

/* Who is told about each row: `user` of the row visitors of these tables. */
struct journal_visitor {
	journal_reading_visit *reading;
	journal_relay_visit *relay;
	journal_meter_visit *meter;
	journal_decision_visit *decision;
	void *user;
};

journal_row_visit journal_visit_reading, journal_visit_relay, journal_visit_meter,
    journal_visit_decision;

/* The text in a column, "" for NULL; borrowed until the next row. */
const char *journal_column_text(sqlite3_stmt *row, int column);

/* The number in a column, NaN for NULL. */
double journal_column_real(sqlite3_stmt *row, int column);

/*
 * The index of `name` among `count` names, or `otherwise`: names outlive enums.
 */
int journal_name_find(const char *name, const char *(*name_of)(int index), int count,
		      int otherwise);
