/*
 * Turns journal rows into inserts. MariaDB takes a whole span of rows in one
 * message (array binding); MySQL gets many rows in one statement, and what is
 * left over row by row. Both are plain inserts of binary values: doubles
 * arrive bit for bit, and what the server would have to alter is refused.
 */
#include "adapt/server_batch.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <mysqld_error.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/server_time.h"

#define ROW_TEXTS_MAX 8192    /* of one row, with their ends; what is longer is cut */
#define TEXTS_PER_ROW 64      /* of a usual row: more of them make a batch of fewer rows */
#define ROWS_PER_STATEMENT 50 /* where there is no array binding */
#define STATEMENT_MAX 8192

/* One column: an array with a value per row; the unused arrays are NULL. */
struct values {
	char *indicators;  /* STMT_INDICATOR_NONE or _NULL */
	int64_t *integers; /* of times too: ms */
	double *doubles;
	MYSQL_TIME *times;
	void **starts; /* of times and texts: array binding wants pointers to them */
	unsigned long *lengths;
};

struct server_batch {
	const struct server_table *table;
	size_t capacity, count;
	size_t column; /* the next to be put in the row being added */
	struct values columns[SERVER_COLUMNS_MAX];
	char *texts; /* of all rows, one after the other */
	size_t texts_size, texts_used;
	MYSQL_STMT *insert;      /* one row, or an array of rows */
	MYSQL_STMT *insert_many; /* ROWS_PER_STATEMENT rows; NULL with array binding */
};

static bool allocate_column(struct values *values, enum server_column_kind kind, size_t capacity)
{
	values->indicators = calloc(capacity, sizeof(*values->indicators));
	switch (kind) {
	case COLUMN_INTEGER:
		values->integers = calloc(capacity, sizeof(*values->integers));
		return values->indicators && values->integers;
	case COLUMN_DOUBLE:
		values->doubles = calloc(capacity, sizeof(*values->doubles));
		return values->indicators && values->doubles;
	case COLUMN_TIME:
		values->integers = calloc(capacity, sizeof(*values->integers));
		values->times = calloc(capacity, sizeof(*values->times));
		values->starts = calloc(capacity, sizeof(*values->starts));
		return values->indicators && values->integers && values->times && values->starts;
	case COLUMN_TEXT:
		values->starts = calloc(capacity, sizeof(*values->starts));
		values->lengths = calloc(capacity, sizeof(*values->lengths));
		return values->indicators && values->starts && values->lengths;
	}
	return false;
}

int server_batch_new(struct server_batch **out, const struct server_table *table, size_t capacity)
{
	struct server_batch *batch = calloc(1, sizeof(*batch));

	if (!batch)
		return -ENOMEM;
	batch->table = table;
	batch->capacity = capacity;
	batch->texts_size = capacity * TEXTS_PER_ROW + ROW_TEXTS_MAX;
	batch->texts = malloc(batch->texts_size);
	if (!batch->texts) {
		server_batch_free(batch);
		return -ENOMEM;
	}
	for (size_t i = 0; i < table->column_count; i++) {
		if (!allocate_column(&batch->columns[i], table->columns[i].kind, capacity)) {
			server_batch_free(batch);
			return -ENOMEM;
		}
	}
	*out = batch;
	return 0;
}

static void close_statements(struct server_batch *batch)
{
	if (batch->insert)
		mysql_stmt_close(batch->insert);
	if (batch->insert_many)
		mysql_stmt_close(batch->insert_many);
	batch->insert = NULL;
	batch->insert_many = NULL;
}

void server_batch_free(struct server_batch *batch)
{
	if (!batch)
		return;
	close_statements(batch);
	for (size_t i = 0; i < batch->table->column_count; i++) {
		struct values *values = &batch->columns[i];
		free(values->indicators);
		free(values->integers);
		free(values->doubles);
		free(values->times);
		free(values->starts);
		free(values->lengths);
	}
	free(batch->texts);
	free(batch);
}

void server_batch_clear(struct server_batch *batch)
{
	batch->count = 0;
	batch->texts_used = 0;
}

size_t server_batch_count(const struct server_batch *batch)
{
	return batch->count;
}

int64_t server_batch_row(const struct server_batch *batch, size_t index)
{
	return batch->columns[SERVER_ROW_COLUMN].integers[index];
}

/* The next column of the row being added. */
static struct values *next_column(struct server_batch *batch, enum server_column_kind kind,
				  bool has_value)
{
	assert(batch->count < batch->capacity && batch->column < batch->table->column_count);
	assert(batch->table->columns[batch->column].kind == kind);

	struct values *values = &batch->columns[batch->column++];
	values->indicators[batch->count] = has_value ? STMT_INDICATOR_NONE : STMT_INDICATOR_NULL;
	return values;
}

static void put_integer(struct server_batch *batch, bool has_value, int64_t value)
{
	next_column(batch, COLUMN_INTEGER, has_value)->integers[batch->count] = value;
}

/* NaN is NULL. */
static void put_double(struct server_batch *batch, double value)
{
	next_column(batch, COLUMN_DOUBLE, !isnan(value))->doubles[batch->count] = value;
}

/* A text that stays where it is. */
static void put_text_borrowed(struct server_batch *batch, const char *value, size_t length)
{
	struct values *values = next_column(batch, COLUMN_TEXT, value != NULL);

	values->starts[batch->count] = (void *)(value ? value : "");
	values->lengths[batch->count] = length;
}

/* NULL is NULL. */
static void put_text(struct server_batch *batch, const char *value, size_t length)
{
	size_t room = batch->texts_size - batch->texts_used;
	char *copy = batch->texts + batch->texts_used;

	if (!value) {
		put_text_borrowed(batch, NULL, 0);
		return;
	}
	if (length >= room) /* longer than any column of ours */
		length = room > 0 ? room - 1 : 0;
	if (room > 0) {
		memcpy(copy, value, length);
		copy[length] = '\0';
		batch->texts_used += length + 1;
	}
	put_text_borrowed(batch, room > 0 ? copy : "", length);
}

static void put_time(struct server_batch *batch, bool has_value, int64_t wall_ms)
{
	struct values *values = next_column(batch, COLUMN_TIME, has_value);
	MYSQL_TIME *time = &values->times[batch->count];

	values->integers[batch->count] = wall_ms;
	values->starts[batch->count] = time;
	*time = server_time_of(wall_ms);
}

static void end_row(struct server_batch *batch)
{
	assert(batch->column == batch->table->column_count);
	batch->column = 0;
	batch->count++;
}

bool server_batch_has_room(const struct server_batch *batch)
{
	return batch->count < batch->capacity &&
	       batch->texts_size - batch->texts_used >= ROW_TEXTS_MAX;
}

static void put_column(struct server_batch *batch, enum server_column_kind kind, sqlite3_stmt *row,
		       int column)
{
	bool has_value = sqlite3_column_type(row, column) != SQLITE_NULL;

	switch (kind) {
	case COLUMN_INTEGER:
		put_integer(batch, has_value, sqlite3_column_int64(row, column));
		break;
	case COLUMN_DOUBLE:
		put_double(batch, has_value ? sqlite3_column_double(row, column) : NAN);
		break;
	case COLUMN_TIME:
		put_time(batch, has_value, sqlite3_column_int64(row, column));
		break;
	case COLUMN_TEXT:
		put_text(batch, (const char *)sqlite3_column_text(row, column),
			 (size_t)sqlite3_column_bytes(row, column));
		break;
	}
}

void server_batch_add(struct server_batch *batch, const struct journal_identity *identity,
		      sqlite3_stmt *row)
{
	const char *collector = identity->collector.text;
	const struct server_table *table = batch->table;
	int column = 0;

	put_text_borrowed(batch, collector, strlen(collector));
	put_integer(batch, true, identity->epoch);
	while (batch->column < table->column_count)
		put_column(batch, table->columns[batch->column].kind, row, column++);
	end_row(batch);
}

void server_batch_add_values(struct server_batch *batch, const struct server_value *values)
{
	for (; batch->column < batch->table->column_count; values++) {
		switch (values->kind) {
		case COLUMN_INTEGER:
			put_integer(batch, !values->is_null, values->integer);
			break;
		case COLUMN_DOUBLE:
			put_double(batch, values->is_null ? NAN : values->real);
			break;
		case COLUMN_TIME:
			put_time(batch, !values->is_null, values->integer);
			break;
		case COLUMN_TEXT:
			put_text(batch, values->is_null ? NULL : values->text,
				 values->is_null ? 0 : strlen(values->text));
			break;
		}
	}
	end_row(batch);
}

struct server_value server_batch_value(const struct server_batch *batch, size_t column,
				       size_t index)
{
	const struct values *values = &batch->columns[column];
	enum server_column_kind kind = batch->table->columns[column].kind;

	return (struct server_value){
	    .kind = kind,
	    .is_null = values->indicators[index] == STMT_INDICATOR_NULL,
	    .integer = values->integers ? values->integers[index] : 0,
	    .real = values->doubles ? values->doubles[index] : NAN,
	    .text = kind == COLUMN_TEXT ? values->starts[index] : NULL,
	};
}

static MYSQL_STMT *prepare(const struct server_table *table, struct server_link *link,
			   size_t row_count, struct text *error)
{
	char statement[STATEMENT_MAX];
	struct text text = text_in(statement, sizeof(statement));
	MYSQL_STMT *prepared = mysql_stmt_init(link->mysql);

	server_table_write_insert(table, row_count, &text);
	assert(!text.is_cut);
	if (!prepared || mysql_stmt_prepare(prepared, text.data, text.length) != 0) {
		text_add(error, "%s", prepared ? mysql_stmt_error(prepared) : "no memory");
		if (prepared)
			mysql_stmt_close(prepared);
		return NULL;
	}
	return prepared;
}

int server_batch_prepare(struct server_batch *batch, struct server_link *link, struct text *error)
{
	close_statements(batch);
	batch->insert = prepare(batch->table, link, 1, error);
	if (batch->insert && !link->has_bulk)
		batch->insert_many = prepare(batch->table, link, ROWS_PER_STATEMENT, error);
	return batch->insert && (link->has_bulk || batch->insert_many) ? 0 : -EIO;
}

/* Binds one column from `row` on; `is_array` as array binding wants it, else that row alone. */
static MYSQL_BIND bind_column(struct values *values, enum server_column_kind kind, size_t row,
			      bool is_array)
{
	MYSQL_BIND bind = {0};

	if (is_array)
		bind.u.indicator = &values->indicators[row];
	switch (kind) {
	case COLUMN_INTEGER:
		bind.buffer_type = MYSQL_TYPE_LONGLONG;
		bind.buffer = &values->integers[row];
		break;
	case COLUMN_DOUBLE:
		bind.buffer_type = MYSQL_TYPE_DOUBLE;
		bind.buffer = &values->doubles[row];
		break;
	case COLUMN_TIME:
		bind.buffer_type = MYSQL_TYPE_DATETIME;
		bind.buffer = is_array ? (void *)&values->starts[row] : &values->times[row];
		break;
	case COLUMN_TEXT:
		bind.buffer_type = MYSQL_TYPE_STRING;
		bind.buffer = is_array ? (void *)&values->starts[row] : values->starts[row];
		bind.length = &values->lengths[row];
		break;
	}
	if (!is_array && values->indicators[row] == STMT_INDICATOR_NULL)
		bind.buffer_type = MYSQL_TYPE_NULL;
	return bind;
}

/* All rows of the span in one message. */
static bool store_array(struct server_batch *batch, size_t first, size_t count)
{
	MYSQL_BIND binds[SERVER_COLUMNS_MAX];
	unsigned int rows = (unsigned int)count;

	for (size_t i = 0; i < batch->table->column_count; i++)
		binds[i] =
		    bind_column(&batch->columns[i], batch->table->columns[i].kind, first, true);
	return mysql_stmt_attr_set(batch->insert, STMT_ATTR_ARRAY_SIZE, &rows) == 0 &&
	       mysql_stmt_bind_param(batch->insert, binds) == 0 &&
	       mysql_stmt_execute(batch->insert) == 0;
}

/* `row_count` rows with a statement that has a place for each of their values. */
static bool store_rows(struct server_batch *batch, MYSQL_STMT *statement, size_t first,
		       size_t row_count)
{
	MYSQL_BIND binds[SERVER_COLUMNS_MAX * ROWS_PER_STATEMENT];
	size_t columns = batch->table->column_count;

	for (size_t row = 0; row < row_count; row++)
		for (size_t i = 0; i < columns; i++)
			binds[row * columns + i] = bind_column(
			    &batch->columns[i], batch->table->columns[i].kind, first + row, false);
	return mysql_stmt_bind_param(statement, binds) == 0 && mysql_stmt_execute(statement) == 0;
}

/* Returns the statement that failed, or NULL. */
static MYSQL_STMT *execute(struct server_batch *batch, const struct server_link *link, size_t first,
			   size_t count)
{
	if (link->has_bulk)
		return store_array(batch, first, count) ? NULL : batch->insert;
	for (; count >= ROWS_PER_STATEMENT;
	     first += ROWS_PER_STATEMENT, count -= ROWS_PER_STATEMENT)
		if (!store_rows(batch, batch->insert_many, first, ROWS_PER_STATEMENT))
			return batch->insert_many;
	for (; count > 0; first++, count--)
		if (!store_rows(batch, batch->insert, first, 1))
			return batch->insert;
	return NULL;
}

/* Whether an error is about the values of a row, not about the server or the table as a whole. */
static bool is_about_a_row(unsigned int code, const char *sqlstate)
{
	static const unsigned int general[] = {
	    ER_NO_DEFAULT_FOR_FIELD,
	    ER_TRUNCATED_WRONG_VALUE_FOR_FIELD,
	    WARN_DATA_TRUNCATED,
	    ER_NO_PARTITION_FOR_GIVEN_VALUE,
	    3819 /* MySQL: a CHECK is violated */,
	};

	for (size_t i = 0; i < ARRAY_LENGTH(general); i++)
		if (code == general[i])
			return true;
	/* SQL:2016, subclause 24.1: data exception, integrity violation; 45: raised by a trigger */
	return strncmp(sqlstate, "22", 2) == 0 || strncmp(sqlstate, "23", 2) == 0 ||
	       strncmp(sqlstate, "45", 2) == 0;
}

int server_batch_store(struct server_batch *batch, struct server_link *link, size_t first,
		       size_t count, struct text *error)
{
	if (server_link_run(link, "START TRANSACTION", error) != 0)
		return SERVER_BATCH_FAILED;
	MYSQL_STMT *failed = execute(batch, link, first, count);
	if (!failed)
		return server_link_run(link, "COMMIT", error) == 0 ? SERVER_BATCH_STORED
								   : SERVER_BATCH_FAILED;

	bool is_refused = is_about_a_row(mysql_stmt_errno(failed), mysql_stmt_sqlstate(failed));
	text_add(error, "%s", mysql_stmt_error(failed));
	if (mysql_rollback(link->mysql) != 0)
		return SERVER_BATCH_FAILED;
	return is_refused ? SERVER_BATCH_REFUSED : SERVER_BATCH_FAILED;
}
