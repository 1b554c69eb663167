/*
 * The journal's file: opened, locked, checked, begun, set aside; and one batch
 * written. Used by the journal's thread; part of journal.
 */
#pragma once

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "adapt/journal.h"
#include "adapt/journal_batch.h"
#include "adapt/journal_vfs.h"
#include "base/result.h"
#include "base/text.h"
#include "model/house.h"
#include "model/ident.h"

#define JOURNAL_NAME_MAX (PATH_TEXT_MAX + 32)

struct journal_file {
	struct journal_vfs vfs; /* so it must stay where it is while open */
	sqlite3 *db;     /* NULL where it could not be opened again yet */
	bool is_damaged; /* found so, and not set aside yet */
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct journal_nodes nodes; /* of this file */
	int lock_fd;
	int64_t max_bytes; /* 0: no bound; set before it is opened */
	char path[PATH_TEXT_MAX];
	struct ident collector;
	enum store_sync sync;
};

/* As journal_open(), without the thread. */
int journal_file_open(struct journal_file *file, const char *path, enum store_sync sync,
		      const char *collector, char set_aside[JOURNAL_NAME_MAX],
		      struct text *error) MUST_CHECK;

/* Folds the write-ahead log back and lets go of the lock. */
void journal_file_close(struct journal_file *file);

/*
 * Writes the batch as one transaction. Returns 0 when it is durable, else a
 * negative errno with a sentence in `error`, and nothing of it is written: call
 * it again. A file found damaged is set aside and the batch goes into a new one:
 * then `set_aside` is not empty. What of that fails is tried again by the next call.
 */
int journal_file_write(struct journal_file *file, const struct journal_batch *batch,
		       char set_aside[JOURNAL_NAME_MAX], struct text *error) MUST_CHECK;
