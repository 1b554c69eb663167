/* JSON from the API as text for people: values, rows of a table, colours. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "base/text.h"
#include "cli/cli.h"

#define NOTHING "—" /* what is missing: never 0 */

enum column_kind {
	COLUMN_TEXT,
	COLUMN_COUNT,
	COLUMN_ONE_DECIMAL,
	COLUMN_WHOLE,    /* a number; rounded for people */
	COLUMN_SWITCH,   /* true, false: on, off */
	COLUMN_YES,      /* true, false: yes, empty */
	COLUMN_TIME,     /* ISO 8601; local date and time for people */
	COLUMN_DURATION, /* seconds; "2 min 5 s" for people */
};

struct column {
	const char *name;  /* the member of the row; also the heading in CSV */
	const char *title; /* the heading for people; NULL: only in CSV */
	enum column_kind kind;
};

/* Columns that text takes on a terminal: code points, without escape sequences. */
size_t display_width(const char *text);

/*
 * Prints `rows`, an array of objects, as an aligned table or as CSV (RFC 4180,
 * dots, empty for null). For people, where there are no rows, prints no table
 * and says `none` on standard error.
 */
void rows_show(const struct cli *cli, FILE *out, const json_t *rows, const struct column *columns,
	       size_t count, const char *none);

/* Adds "no rows", "1 row", "2 rows" for `thing` "row". */
void count_add(struct text *out, double count, const char *thing);

/* Prints `document` as JSON, indented, with a line end. */
void json_show(FILE *out, const json_t *document);

/* That it is done: "override 3 has ended", or with `member` {"id": 3, "ended": true}. */
void done_show(const struct cli *cli, const char *subject, const char *id, const char *words,
	       const char *member);

/* Adds the value as a person reads it. */
void value_add(const struct cli *cli, struct text *out, const json_t *value, enum column_kind kind);

/* Text of a member that may be missing; "" then. */
const char *member_text(const json_t *object, const char *name);
double member_number(const json_t *object, const char *name);
bool member_is_true(const json_t *object, const char *name);

/* Adds the member of `object` as a duration. */
void duration_member_add(const struct cli *cli, struct text *out, const json_t *object,
			 const char *name);

/* The row whose `id` that is; NULL where there is none. */
const json_t *row_find(const json_t *rows, const char *id);

enum colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_DIM, COLOUR_RED, COLOUR_GREEN, COLOUR_YELLOW };

/* Escape sequences, "" where there is no colour. `colour_end` ends all. */
const char *colour_begin(const struct cli *cli, enum colour colour);
const char *colour_end(const struct cli *cli);

/* What must be seen with any output for people: another clock, no lease. Reads /state's answer. */
void warnings_show(const struct cli *cli, FILE *out, const json_t *state);
