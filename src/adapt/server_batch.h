/*
 * Rows on their way to one table of the server, column by column as array
 * binding wants them.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapt/journal_read.h"
#include "adapt/server_link.h"
#include "adapt/server_table.h"

struct server_batch;

/* For up to `capacity` rows of `table`. Allocates. Returns 0 or -ENOMEM. */
int server_batch_new(struct server_batch **out, const struct server_table *table,
		     size_t capacity) MUST_CHECK;

/* NULL is fine. Before or after the link is closed. */
void server_batch_free(struct server_batch *batch);

/* Empties the batch. */
void server_batch_clear(struct server_batch *batch);

size_t server_batch_count(const struct server_batch *batch);

/* The number of the row at `index`, which is less than the count. */
int64_t server_batch_row(const struct server_batch *batch, size_t index);

/* Whether another row of any size has room. */
bool server_batch_has_room(const struct server_batch *batch);

/*
 * Adds a row of the journal `identity`, which has to stay as it is until the batch
 * is cleared: `row` has the values of server_table_write_sources(). The batch has room.
 */
void server_batch_add(struct server_batch *batch, const struct journal_identity *identity,
		      sqlite3_stmt *row);

/* One value of a row. */
struct server_value {
	enum server_column_kind kind;
	bool is_null;
	int64_t integer; /* of a time: ms since 1970 UTC */
	double real;
	const char *text; /* until the batch is cleared */
};

/* The value at `index` in the column at `column`, both less than there are. */
struct server_value server_batch_value(const struct server_batch *batch, size_t column,
				       size_t index);

/* Adds a row of values: one for each column, of its kind. The batch has room. */
void server_batch_add_values(struct server_batch *batch, const struct server_value *values);

/* Makes the statements for a new connection. Returns 0, or -EIO with the server's words. */
int server_batch_prepare(struct server_batch *batch, struct server_link *link,
			 struct text *error) MUST_CHECK;

enum server_batch_answer {
	SERVER_BATCH_STORED = 0,
	SERVER_BATCH_REFUSED = 1, /* because of the value of a row */
	SERVER_BATCH_FAILED = 2,  /* because of the server or the way to it */
};

/*
 * Stores the `count` rows from `first` on in one transaction: all of them, or
 * none. Blocks. Returns an enum server_batch_answer, with the server's words in
 * `error` unless stored; after a failure it is not known whether they are.
 */
int server_batch_store(struct server_batch *batch, struct server_link *link, size_t first,
		       size_t count, struct text *error) MUST_CHECK;
