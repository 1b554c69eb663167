/*
 * Records on their way to the disk, as the values that their statements take:
 * a buffer that is filled on the loop and emptied on the journal's thread.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapt/journal_node.h"
#include "adapt/journal_schema.h"
#include "base/result.h"
#include "model/record.h"

struct journal_batch {
	uint8_t *data; /* JOURNAL_BATCH_BYTES */
	size_t used;
	size_t records;
	size_t bulk; /* of them readings and refused messages */
	bool has_relays; /* relays are being switched, and somebody waits for them */
	uint64_t *imported; /* where each run says how many imported rows were new; NULL: nowhere */
};

int journal_batch_init(struct journal_batch *batch) MUST_CHECK;
void journal_batch_deinit(struct journal_batch *batch);

/* Forgets what is in it. */
void journal_batch_clear(struct journal_batch *batch);

/* Whether another reading or refused message of the largest kind might not fit. */
bool journal_batch_is_full(const struct journal_batch *batch);

/*
 * Adds a record whole, or returns -ENOBUFS and adds nothing. (journal_pack.c)
 */
int journal_batch_add(struct journal_batch *batch, const struct record *record) MUST_CHECK;

/*
 * Runs the statements of all records in order, and stops at the first that
 * fails. `nodes` is what is known of them. Returns an SQLite result. (journal_batch.c)
 */
int journal_batch_run(const struct journal_batch *batch,
		      sqlite3_stmt *const statements[STATEMENT_COUNT],
		      struct journal_nodes *nodes) MUST_CHECK;

/* How a value stands in `data`: one byte of this, then what is said here. */
enum journal_value {
	VALUE_NULL,
	VALUE_INTEGER, /* int64_t */
	VALUE_REAL,    /* double */
	VALUE_TEXT,    /* uint16_t length, bytes */
	VALUE_BLOB,    /* likewise */
	VALUE_NODE,    /* likewise: a node's name, for which its number stands in the row */
};

/* Adds the first byte of a row: its statement. Values follow, VALUE_END ends it. */
#define VALUE_END 0xff
