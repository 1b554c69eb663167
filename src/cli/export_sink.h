/*
 * Where exported rows go: CSV as it comes, JSON one object a line, or an SQLite
 * file. Part of `amphora export`.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/result.h"
#include "wire/csv_record.h"

/* What a column's text is, by the column's name. */
enum export_type {
	EXPORT_TEXT,
	EXPORT_TIME,
	EXPORT_REAL,
	EXPORT_WHOLE,
	EXPORT_TRUTH,  /* true, false */
	EXPORT_SWITCH, /* on, off */
	EXPORT_CELLS,  /* 3301,3302,… */
};

/* The columns of the rows that are being exported, from their first line. */
struct export_columns {
	size_t count;
	char names[CSV_FIELDS_MAX][32];
	enum export_type types[CSV_FIELDS_MAX];
};

/* Returns 0, or -EINVAL where it names none or too long ones. */
int export_columns_read(struct export_columns *out, const struct csv_record *head) MUST_CHECK;

/* Writes a row as a JSON object and a line end: NaN there is none, absent is null. */
void export_json_row(FILE *out, const struct export_columns *columns,
		     const struct csv_record *record);

/* An SQLite file that is being filled. */
struct export_sqlite;

/*
 * Makes the file `path`, which there is not, or only a part of one. Returns 0, or a
 * negative errno after it has complained.
 */
int export_sqlite_new(struct export_sqlite **out, const char *path) MUST_CHECK;

/* Begins `table` with these columns and `key`, by which it will be looked up. As above. */
int export_sqlite_table(struct export_sqlite *file, const char *table, const char *key,
			const struct export_columns *columns) MUST_CHECK;
int export_sqlite_row(struct export_sqlite *file, const struct export_columns *columns,
		      const struct csv_record *record) MUST_CHECK;

/* The table is complete: makes it durable, and the index. */
int export_sqlite_table_end(struct export_sqlite *file) MUST_CHECK;

/* Closes it; NULL is fine. */
void export_sqlite_free(struct export_sqlite *file);
