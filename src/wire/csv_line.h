/*
 * What the lines of all our CSV files have in common: a first line that names
 * the columns in any order, and fields that are read by the column they stand in.
 * Which columns there are is told by a table (csv_reading.h, csv_meter.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "model/quantity.h"
#include "wire/csv_record.h"

/* Which column each field of a record belongs to. */
struct csv_columns {
	size_t count;
	uint8_t column[CSV_FIELDS_MAX];
};

/* What is wrong with a record. */
struct csv_fault {
	char column[32]; /* empty: the whole line */
	char words[128];
};

/* The columns of a kind of line. */
struct csv_table {
	const char *const *names; /* static */
	int count;                /* 1..32 */
	uint32_t required;        /* a bit for each column without which there is no line */
	uint32_t filled;          /* a bit for each one whose fields may not be empty */

	/*
	 * Reads a field of `column` into `out`. Returns 0, or -EINVAL after saying in `expected`
	 * (static) what may stand there: "a whole number".
	 */
	int (*read)(void *out, int column, const char *field, const char **expected);
};

/*
 * Reads the first line; some programs begin it with a byte order mark. Returns 0, or -EINVAL and
 * says in `fault` what is wrong. Writes `out` only on 0.
 */
int csv_columns_parse(struct csv_columns *out, const struct csv_table *table,
		      const struct csv_record *head, struct csv_fault *fault) MUST_CHECK;

/* Whether the first line has a column of that name. */
bool csv_head_names(const struct csv_record *head, const char *name);

/*
 * Reads the fields of any other line into `out`, but those that are empty and may be. Returns 0,
 * or -EINVAL and says in `fault` which column cannot be read and why.
 */
int csv_line_parse(void *out, const struct csv_table *table, const struct csv_columns *columns,
		   const struct csv_record *record, struct csv_fault *fault) MUST_CHECK;

/* Says what is wrong with `column`, "" for the whole line. */
void csv_fault_set(struct csv_fault *fault, const char *column, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Fields that several kinds of lines have; as csv_table.read. */
int csv_read_time(struct wall_time *out, const char *field, const char **expected) MUST_CHECK;
int csv_read_quality(enum quality *out, const char *field, const char **expected) MUST_CHECK;
int csv_read_truth(bool *out, const char *field, const char **expected) MUST_CHECK;

/* Adds a comma and the shortest number that reads as `value`; nothing after the comma for NaN. */
void csv_add_number(struct text *out, double value);

/* Adds `at`, at `offset_s` east of UTC, cut to whole minutes. */
void csv_add_time(struct text *out, struct wall_time at, int32_t offset_s);
