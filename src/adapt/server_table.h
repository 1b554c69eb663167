/*
 * The tables at the server as data: what they are made from, filled from and
 * checked against. Names and units are those of the journal's own tables.
 */
#pragma once

#include <stddef.h>

#include "base/text.h"

/* How a column's value is sent. */
enum server_column_kind { COLUMN_TEXT, COLUMN_INTEGER, COLUMN_DOUBLE, COLUMN_TIME };

struct server_column {
	const char *name;
	enum server_column_kind kind;
	const char *type;   /* in CREATE TABLE */
	const char *sample; /* a literal that a column of a lesser type would alter */
	const char *source; /* SQL over the journal's table, a time in ms; NULL: not from there */
};

#define SERVER_COLUMNS_MAX 24
#define SERVER_ROW_COLUMN 2 /* where `row` and `ts` are in every table that rows go to */
#define SERVER_TS_COLUMN 3

struct server_table {
	const char *name;
	const char *journal_table; /* NULL: not from there */
	const char *key;           /* primary; begins with collector and epoch */
	const char *index;         /* "this node, this period" */
	size_t column_count;
	const struct server_column *columns; /* collector and epoch come first */
};

/* The tables that rows are forwarded to. */
enum server_table_id {
	SERVER_READINGS,
	SERVER_RELAYS,
	SERVER_DECISIONS,
	SERVER_ALERTS,
	SERVER_PARAMETERS,
	SERVER_METERS,
	SERVER_TABLES
};

/* battery_data, rele_data, decision_data, alert_data, parameter_data and meter_data; static. */
const struct server_table *server_table(enum server_table_id id);

/* Rows that the server refuses, as JSON; static. */
const struct server_table *server_dead_letter_table(void);

/* Enough for any statement written here for one row. */
#define SERVER_STATEMENT_MAX 4096

/* Writes CREATE TABLE IF NOT EXISTS. */
void server_table_write_create(const struct server_table *table, struct text *out);

/* Writes what is selected from the journal: the sources of all columns that have one, in order. */
void server_table_write_sources(const struct server_table *table, struct text *out);

/* Writes INSERT with `row_count` rows of question marks; 100 bytes a row must be enough. */
void server_table_write_insert(const struct server_table *table, size_t row_count,
			       struct text *out);

/* Writes INSERT of one row of samples, whose epoch is this connection's number. */
void server_table_write_sample(const struct server_table *table, struct text *out);

/*
 * Writes a query for the columns in which that row reads back altered: `=` and
 * their names. No row at all means that it was not stored under its key.
 */
void server_table_write_compare(const struct server_table *table, struct text *out);
