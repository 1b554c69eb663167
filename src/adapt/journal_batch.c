/*
 * The buffer between the loop and the journal's thread, and how it is played
 * back: for each row its statement, then its values, then an end. What goes in
 * is journal_pack.c's affair.
 */
#include "adapt/journal_batch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/journal.h"

/* More than the largest reading (cells) or refused message takes. */
#define BULK_ROW_MAX 768

int journal_batch_init(struct journal_batch *batch)
{
	uint8_t *data = malloc(JOURNAL_BATCH_BYTES);

	if (data == NULL)
		return -ENOMEM;
	*batch = (struct journal_batch){.data = data};
	return 0;
}

void journal_batch_deinit(struct journal_batch *batch)
{
	free(batch->data);
	*batch = (struct journal_batch){0};
}

void journal_batch_clear(struct journal_batch *batch)
{
	batch->used = batch->records = batch->bulk = 0;
}

bool journal_batch_is_full(const struct journal_batch *batch)
{
	size_t end = JOURNAL_BATCH_BYTES - JOURNAL_SHARE_EVENTS - JOURNAL_SHARE_TRACE -
		     JOURNAL_SHARE_STATE;

	return batch->bulk >= JOURNAL_BATCH_ROWS_MAX || batch->used + BULK_ROW_MAX > end;
}

/* Binds the value at `at` and returns where the next begins. */
static const uint8_t *bind_value(sqlite3_stmt *statement, int position, const uint8_t *at)
{
	enum journal_value kind = *at++;
	int64_t integer;
	uint16_t length;
	double real;

	switch (kind) {
	case VALUE_NULL:
		sqlite3_bind_null(statement, position);
		return at;
	case VALUE_INTEGER:
		memcpy(&integer, at, sizeof(integer));
		sqlite3_bind_int64(statement, position, integer);
		return at + sizeof(integer);
	case VALUE_REAL:
		memcpy(&real, at, sizeof(real));
		sqlite3_bind_double(statement, position, real);
		return at + sizeof(real);
	case VALUE_TEXT:
	case VALUE_BLOB:
		break;
	}
	memcpy(&length, at, sizeof(length));
	at += sizeof(length);
	if (kind == VALUE_TEXT)
		sqlite3_bind_text(statement, position, (const char *)at, length, SQLITE_STATIC);
	else
		sqlite3_bind_blob(statement, position, at, length, SQLITE_STATIC);
	return at + length;
}

int journal_batch_run(const struct journal_batch *batch,
		      sqlite3_stmt *const statements[STATEMENT_COUNT])
{
	const uint8_t *at = batch->data;
	const uint8_t *end = batch->data + batch->used;
	uint64_t imported = 0;

	while (at < end) {
		bool is_imported = *at == STATEMENT_IMPORTED;
		sqlite3_stmt *statement = statements[*at++];
		int result;

		for (int position = 1; *at != VALUE_END; position++)
			at = bind_value(statement, position, at);
		at++;
		result = sqlite3_step(statement);
		sqlite3_reset(statement);
		if (result != SQLITE_DONE)
			return result;
		if (is_imported)
			imported += (uint64_t)sqlite3_changes(sqlite3_db_handle(statement));
	}
	if (batch->imported != NULL)
		*batch->imported = imported;
	return SQLITE_OK;
}
