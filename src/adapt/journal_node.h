/*
 * Nodes by name: readings hold a number instead, which is found here without
 * asking SQLite for each. Used by the journal's thread; part of journal.
 */
#pragma once

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "adapt/journal_schema.h"
#include "base/result.h"
#include "model/ident.h"

/* More than a house has; two names may share a place, which costs a question each time. */
#define JOURNAL_NODES_KEPT 64

/* All zero is empty. To be forgotten when a transaction is rolled back. */
struct journal_nodes {
	struct {
		struct ident name;
		int64_t id; /* 0: none */
	} each[JOURNAL_NODES_KEPT];
};

/*
 * The number of the node `name`, of `length` bytes, which is given one where it
 * has none. Returns an SQLite result; writes `id` when that is SQLITE_OK.
 */
int journal_node_find(struct journal_nodes *nodes, sqlite3_stmt *const statements[STATEMENT_COUNT],
		      const char *name, size_t length, int64_t *id) MUST_CHECK;
