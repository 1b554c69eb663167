/*
 * A row goes when it is older than store.keep_… allows, or when the journal has
 * come near store.max_mb; but never before it is rolled up and at the server,
 * where there is one, and never the newest of its table, on whose number the
 * next builds. A row whose time was not trusted is as old as what follows it.
 */
#include "adapt/journal_upkeep.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "adapt/journal_rollup.h"
#include "adapt/journal_sql.h"

#define STEP_ROWS 500
#define VACUUM_FREE_PAGES 2048 /* kept for new rows: giving them back and taking them again wears */
#define VACUUM_STEP_PAGES 64
#define VACUUM_IS_INCREMENTAL 2 /* as PRAGMA auto_vacuum says it */
#define FULL_PERCENT 95 /* of store.max_mb: from here the oldest rows go, whatever their age */
#define SQL_MAX 640

struct journal_upkeep {
	struct journal_rollup *rollup;
	struct store_keep keep;
	char path[PATH_TEXT_MAX];
};

int journal_upkeep_new(struct journal_upkeep **out, const char *path,
		       const struct store_keep *keep, rollup_offset *offset_s)
{
	struct journal_upkeep *upkeep = calloc(1, sizeof(*upkeep));

	if (upkeep == NULL || journal_rollup_new(&upkeep->rollup, offset_s) != 0) {
		free(upkeep);
		return -ENOMEM;
	}
	upkeep->keep = *keep;
	(void)snprintf(upkeep->path, sizeof(upkeep->path), "%s", path);
	*out = upkeep;
	return 0;
}

void journal_upkeep_free(struct journal_upkeep *upkeep)
{
	if (upkeep == NULL)
		return;
	journal_rollup_free(upkeep->rollup);
	free(upkeep);
}

/* --- how large it is ------------------------------------------------------ */

static int measure(const struct journal_upkeep *upkeep, sqlite3 *db, struct journal_size *size)
{
	int64_t page_bytes, pages, free_pages;
	struct statvfs disk;
	int result = journal_sql_number(db, "PRAGMA page_size", &page_bytes);

	if (result == SQLITE_OK)
		result = journal_sql_number(db, "PRAGMA page_count", &pages);
	if (result == SQLITE_OK)
		result = journal_sql_number(db, "PRAGMA freelist_count", &free_pages);
	if (result == SQLITE_OK)
		result = journal_sql_number(
		    db,
		    "SELECT ts_ms FROM reading WHERE row <= (SELECT value FROM meta "
		    "WHERE name = 'rollup_after_reading') ORDER BY row DESC LIMIT 1",
		    &size->rolled_up.ms);
	if (result != SQLITE_OK)
		return result;
	size->used_bytes = (pages - free_pages) * page_bytes;
	size->file_bytes = pages * page_bytes;
	size->max_bytes = upkeep->keep.max_mb * 1000000LL;
	size->disk_free_bytes = -1;
	if (statvfs(upkeep->path, &disk) == 0)
		size->disk_free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	size->is_known = true;
	return SQLITE_OK;
}

/* --- what is too old ------------------------------------------------------ */

/* A table whose rows have numbers, and what must have happened to a row before it may go. */
struct book {
	const char *name;
	const char *passed; /* the meta value with the last row that is rolled up, or NULL */
	const char *flags; /* the column that says whether the time of a row was trusted, or NULL */
	enum { KEEP_ROWS, KEEP_MINUTES, KEEP_TRACE, KEEP_AUDIT } keep;
	enum {
		ROWS_OF_READINGS,
		ROWS_OF_RELAYS,
		ROWS_OF_DECISIONS,
		ROWS_OF_METERS,
		ROWS_OF_NOBODY
	} server;
};

static const struct book books[] = {
    {"reading", "rollup_after_reading", "marks", KEEP_ROWS, ROWS_OF_READINGS},
    {"rele_data", "rollup_after_relay", "flags", KEEP_ROWS, ROWS_OF_RELAYS},
    {"meter", "rollup_after_meter", "marks", KEEP_MINUTES, ROWS_OF_METERS},
    {"decision", NULL, "flags", KEEP_ROWS, ROWS_OF_DECISIONS},
    {"refused", NULL, "flags", KEEP_ROWS, ROWS_OF_NOBODY},
    {"trace", NULL, NULL, KEEP_TRACE, ROWS_OF_NOBODY},
    {"audit", NULL, "flags", KEEP_AUDIT, ROWS_OF_NOBODY},
    {"plan", NULL, "flags", KEEP_ROWS, ROWS_OF_NOBODY},
    {"price", NULL, NULL, KEEP_MINUTES, ROWS_OF_NOBODY},
};

static int64_t at_server(const struct book *book, const struct journal_circumstances *of)
{
	if (!of->has_server || book->server == ROWS_OF_NOBODY)
		return INT64_MAX;
	if (book->server == ROWS_OF_READINGS)
		return of->reading_row;
	if (book->server == ROWS_OF_METERS)
		return of->meter_row;
	return book->server == ROWS_OF_RELAYS ? of->relay_row : of->decision_row;
}

/* The last row that may go at all, 0 for none. */
static int last_to_go(sqlite3 *db, const struct book *book,
		      const struct journal_circumstances *circumstances, int64_t *last)
{
	char sql[SQL_MAX];
	int64_t passed = INT64_MAX, server = at_server(book, circumstances);
	int result;

	(void)snprintf(sql, sizeof(sql), "SELECT max(row) - 1 FROM %s", book->name);
	result = journal_sql_number(db, sql, last);
	if (result == SQLITE_OK && book->passed != NULL) {
		(void)snprintf(sql, sizeof(sql), "SELECT value FROM meta WHERE name = '%s'",
			       book->passed);
		result = journal_sql_number(db, sql, &passed);
	}
	if (passed < *last)
		*last = passed;
	if (server < *last)
		*last = server;
	return result;
}

/* Deletes from the oldest rows those before the first that is of `keep_from` or later. */
static int delete_before(sqlite3 *db, const struct book *book, int64_t last, int64_t keep_from_ms,
			 int *deleted)
{
	const char *trusted = book->flags == NULL ? "0" : book->flags;
	char sql[SQL_MAX];
	int result;

	(void)snprintf(
	    sql, sizeof(sql),
	    "WITH oldest AS (SELECT row, ts_ms >= %lld AND %s & 2 = 0 AS is_kept, %s & 2 = 0 AS "
	    "is_trusted FROM %s "
	    "WHERE row <= %lld ORDER BY row LIMIT %d) DELETE FROM %s WHERE row IN "
	    "(SELECT row FROM oldest WHERE row <= (SELECT max(row) FROM oldest WHERE is_trusted "
	    "AND row < ifnull((SELECT min(row) FROM oldest WHERE is_kept), "
	    "9223372036854775807)))",
	    (long long)keep_from_ms, trusted, trusted, book->name, (long long)last, STEP_ROWS,
	    book->name);
	result = journal_sql_run(db, sql);
	*deleted = sqlite3_changes(db);
	return result;
}

/* What there may be too many of without being old. */
static int tidy_audit(sqlite3 *db, bool *has_more)
{
	char sql[SQL_MAX];
	int result;

	(void)snprintf(sql, sizeof(sql),
		       "DELETE FROM audit WHERE row IN (SELECT row FROM audit WHERE row <= "
		       "(SELECT max(row) FROM audit) - %d ORDER BY row LIMIT %d)",
		       JOURNAL_AUDIT_ROWS_MAX, STEP_ROWS);
	result = journal_sql_run(db, sql);
	*has_more = *has_more || sqlite3_changes(db) == STEP_ROWS;
	return result;
}

static int tidy_book(const struct journal_upkeep *upkeep, sqlite3 *db, const struct book *book,
		     const struct journal_circumstances *circumstances, bool is_full,
		     bool *has_more)
{
	int64_t days = book->keep == KEEP_TRACE     ? upkeep->keep.trace_days
		       : book->keep == KEEP_MINUTES ? upkeep->keep.minutes_days
						    : upkeep->keep.readings_days;
	int64_t keep_from_ms =
	    is_full ? circumstances->now.ms : circumstances->now.ms - days * MS_PER_DAY;
	int64_t last;
	int deleted, result;

	/* A full journal is not of its making, and nobody may fill it to be forgotten. */
	if (book->keep == KEEP_AUDIT && is_full)
		return SQLITE_OK;
	result = last_to_go(db, book, circumstances, &last);
	if (result != SQLITE_OK || last <= 0)
		return result;
	result = delete_before(db, book, last, keep_from_ms, &deleted);
	*has_more = *has_more || deleted == STEP_ROWS;
	return result;
}

static int tidy_rollups(const struct journal_upkeep *upkeep, sqlite3 *db,
			const struct journal_circumstances *circumstances, bool *has_more)
{
	static const char *const tables[] = {"reading_rollup", "relay_rollup", "meter_rollup"};
	static const char *const names[] = {"node", "relay", "meter"};
	const struct {
		int minutes;
		int64_t days;
	} levels[] = {{rollup_level_minutes(ROLLUP_MINUTE), upkeep->keep.minutes_days},
		      {rollup_level_minutes(ROLLUP_QUARTER), upkeep->keep.quarters_days}};
	int result = SQLITE_OK;

	for (size_t i = 0; i < 6 && result == SQLITE_OK; i++) {
		const char *table = tables[i / 2], *name = names[i / 2];
		int64_t before_ms = circumstances->now.ms - levels[i % 2].days * MS_PER_DAY;
		char sql[SQL_MAX];

		/* By name and level: the key's own order. */
		(void)snprintf(
		    sql, sizeof(sql),
		    "DELETE FROM %s WHERE (%s, level, from_ms) IN (SELECT %s, level, from_ms FROM "
		    "%s WHERE %s IN (SELECT DISTINCT %s FROM %s WHERE level = 1440) AND level = %d "
		    "AND from_ms < %lld LIMIT %d)",
		    table, name, name, table, name, name, table, levels[i % 2].minutes,
		    (long long)before_ms, STEP_ROWS);
		result = journal_sql_run(db, sql);
		*has_more = *has_more || sqlite3_changes(db) == STEP_ROWS;
	}
	return result;
}

static int tidy(const struct journal_upkeep *upkeep, sqlite3 *db,
		const struct journal_circumstances *circumstances, bool is_full, bool *has_more)
{
	int result = SQLITE_OK;

	for (size_t i = 0; i < sizeof(books) / sizeof(books[0]) && result == SQLITE_OK; i++)
		result = tidy_book(upkeep, db, &books[i], circumstances, is_full, has_more);
	if (result == SQLITE_OK)
		result = tidy_audit(db, has_more);
	return result == SQLITE_OK ? tidy_rollups(upkeep, db, circumstances, has_more) : result;
}

/* Gives pages back to the disk, a few at a time; in a file that was begun without this, none. */
static int give_back(sqlite3 *db, const struct journal_size *size, bool *has_more)
{
	char sql[64];
	int64_t page_bytes = 0, vacuum = 0;
	int result = journal_sql_number(db, "PRAGMA page_size", &page_bytes);

	if (result == SQLITE_OK)
		result = journal_sql_number(db, "PRAGMA auto_vacuum", &vacuum);
	if (result != SQLITE_OK || vacuum != VACUUM_IS_INCREMENTAL ||
	    size->file_bytes - size->used_bytes < VACUUM_FREE_PAGES * page_bytes)
		return result;
	(void)snprintf(sql, sizeof(sql), "PRAGMA incremental_vacuum(%d)", VACUUM_STEP_PAGES);
	*has_more = true;
	return journal_sql_run(db, sql);
}

int journal_upkeep_step(struct journal_upkeep *upkeep, sqlite3 *db,
			const struct journal_circumstances *circumstances,
			struct journal_size *size, bool *has_more)
{
	bool is_full, rolls_on = false;
	int result = journal_rollup_step(upkeep->rollup, db, &rolls_on);

	*has_more = rolls_on;
	if (result == SQLITE_OK)
		result = measure(upkeep, db, size);
	if (result != SQLITE_OK || rolls_on)
		return result;
	is_full = size->max_bytes > 0 && size->used_bytes >= size->max_bytes / 100 * FULL_PERCENT;
	if (circumstances->may_delete || is_full)
		result = tidy(upkeep, db, circumstances, is_full, has_more);
	if (result == SQLITE_OK)
		result = give_back(db, size, has_more);
	return result;
}
