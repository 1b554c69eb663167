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
	batch->has_relays = false;
}

bool journal_batch_is_full(const struct journal_batch *batch)
{
	size_t end =
	    JOURNAL_BATCH_BYTES - JOURNAL_SHARE_EVENTS - JOURNAL_SHARE_TRACE - JOURNAL_SHARE_STATE;

	return batch->bulk >= JOURNAL_BATCH_ROWS_MAX || batch->used + BULK_ROW_MAX > end;
}

/* What a row is played back with. */
struct player {
	sqlite3_stmt *const *statements;
	struct journal_nodes *nodes;
	const uint8_t *at; /* the next value */
};

static void bind_number(struct player *player, sqlite3_stmt *statement, int position)
{
	enum journal_value kind = player->at[-1];
	int64_t integer;
	double real;

	if (kind == VALUE_INTEGER) {
		memcpy(&integer, player->at, sizeof(integer));
		sqlite3_bind_int64(statement, position, integer);
		player->at += sizeof(integer);
	} else {
		memcpy(&real, player->at, sizeof(real));
		sqlite3_bind_double(statement, position, real);
		player->at += sizeof(real);
	}
}

static int bind_bytes(struct player *player, sqlite3_stmt *statement, int position)
{
	enum journal_value kind = player->at[-1];
	const char *bytes = (const char *)player->at + sizeof(uint16_t);
	int result = SQLITE_OK;
	uint16_t length;
	int64_t node;

	memcpy(&length, player->at, sizeof(length));
	player->at += sizeof(length) + length;
	if (kind == VALUE_NODE) {
		result = journal_node_find(player->nodes, player->statements, bytes, length, &node);
		if (result == SQLITE_OK)
			sqlite3_bind_int64(statement, position, node);
	} else if (kind == VALUE_TEXT) {
		sqlite3_bind_text(statement, position, bytes, length, SQLITE_STATIC);
	} else {
		sqlite3_bind_blob(statement, position, bytes, length, SQLITE_STATIC);
	}
	return result;
}

/* Binds the next value and goes on to the one behind it. Returns an SQLite result. */
static int bind_value(struct player *player, sqlite3_stmt *statement, int position)
{
	switch ((enum journal_value) * player->at++) {
	case VALUE_NULL:
		sqlite3_bind_null(statement, position);
		return SQLITE_OK;
	case VALUE_INTEGER:
	case VALUE_REAL:
		bind_number(player, statement, position);
		return SQLITE_OK;
	case VALUE_TEXT:
	case VALUE_BLOB:
	case VALUE_NODE:
		break;
	}
	return bind_bytes(player, statement, position);
}

/* One row, whose statement's number is next. Returns SQLITE_DONE, or what failed. */
static int run_row(struct player *player)
{
	sqlite3_stmt *statement = player->statements[*player->at++];
	int result = SQLITE_OK;

	for (int position = 1; *player->at != VALUE_END && result == SQLITE_OK; position++)
		result = bind_value(player, statement, position);
	if (result != SQLITE_OK)
		return result;
	player->at++;
	result = sqlite3_step(statement);
	sqlite3_reset(statement);
	return result;
}

/* The imported rows of a batch that were new. */
struct imported {
	uint64_t count;
	int64_t first, last; /* readings; a meter's minute needs no neighbours */
};

static void note_imported(struct imported *imported, sqlite3 *db, bool is_reading)
{
	if (sqlite3_changes(db) == 0)
		return;
	imported->count++;
	if (!is_reading)
		return;
	imported->last = sqlite3_last_insert_rowid(db);
	if (imported->first == 0)
		imported->first = imported->last;
}

/* For the rollups, which else take them for readings that came late. */
static int tell_imported(const struct imported *imported, sqlite3_stmt *statement)
{
	int result;

	if (imported->first == 0)
		return SQLITE_OK;
	sqlite3_bind_int64(statement, 1, imported->first);
	sqlite3_bind_int64(statement, 2, imported->last);
	result = sqlite3_step(statement);
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

int journal_batch_run(const struct journal_batch *batch,
		      sqlite3_stmt *const statements[STATEMENT_COUNT], struct journal_nodes *nodes)
{
	struct player player = {statements, nodes, batch->data};
	const uint8_t *end = batch->data + batch->used;
	struct imported imported = {0};

	while (player.at < end) {
		bool is_reading = *player.at == STATEMENT_IMPORTED;
		bool is_imported = is_reading || *player.at == STATEMENT_METER_IMPORTED;
		int result = run_row(&player);

		if (result != SQLITE_DONE)
			return result;
		if (is_imported)
			note_imported(&imported, sqlite3_db_handle(statements[STATEMENT_IMPORTED]),
				      is_reading);
	}
	if (batch->imported != NULL)
		*batch->imported = imported.count;
	return tell_imported(&imported, statements[STATEMENT_IMPORTED_ROWS]);
}
