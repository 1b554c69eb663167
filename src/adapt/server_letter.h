/*
 * The dead letters: rows that the server refuses, kept there as JSON with its
 * words, so that a person can see and mend them without the journal.
 */
#pragma once

#include "adapt/journal_read.h"
#include "adapt/server_batch.h"
#include "adapt/server_link.h"
#include "adapt/server_table.h"

struct server_letters;

/* Allocates. Returns 0 or -ENOMEM. */
int server_letters_new(struct server_letters **out) MUST_CHECK;

/* NULL is fine. Before or after the link is closed. */
void server_letters_free(struct server_letters *letters);

/* Makes the statement for a new connection. Returns 0, or -EIO with the server's words. */
int server_letters_prepare(struct server_letters *letters, struct server_link *link,
			   struct text *error) MUST_CHECK;

/*
 * Stores the row at `index` of `batch`, which is of `table`, with why the server
 * refuses it, in a transaction of its own. Blocks. Returns an enum
 * server_batch_answer, with the server's words in `error` unless stored.
 */
int server_letters_store(struct server_letters *letters, struct server_link *link,
			 const struct journal_identity *identity, const struct server_table *table,
			 const struct server_batch *batch, size_t index, const char *reason,
			 struct text *error) MUST_CHECK;

/* Enough for any row of ours. */
#define SERVER_LETTER_MAX 6144

/* Writes the row at `index` of `batch` as a JSON object with the names of its columns. */
void server_letter_write(const struct server_table *table, const struct server_batch *batch,
			 size_t index, struct text *out);
