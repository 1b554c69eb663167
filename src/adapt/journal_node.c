#include "adapt/journal_node.h"

#include <string.h>

#include "base/text.h"

static int ask(sqlite3_stmt *find, const char *name, size_t length, int64_t *id)
{
	int result;

	sqlite3_bind_text(find, 1, name, (int)length, SQLITE_STATIC);
	result = sqlite3_step(find);
	if (result == SQLITE_ROW)
		*id = sqlite3_column_int64(find, 0);
	sqlite3_reset(find);
	return result;
}

static int add(sqlite3_stmt *statement, const char *name, size_t length)
{
	int result;

	sqlite3_bind_text(statement, 1, name, (int)length, SQLITE_STATIC);
	result = sqlite3_step(statement);
	sqlite3_reset(statement);
	return result;
}

int journal_node_find(struct journal_nodes *nodes, sqlite3_stmt *const statements[STATEMENT_COUNT],
		      const char *name, size_t length, int64_t *id)
{
	size_t place = hash_bytes(name, length) % JOURNAL_NODES_KEPT;
	struct ident *kept = &nodes->each[place].name;
	int result;

	if (nodes->each[place].id != 0 && strlen(kept->text) == length &&
	    memcmp(kept->text, name, length) == 0) {
		*id = nodes->each[place].id;
		return SQLITE_OK;
	}
	result = ask(statements[STATEMENT_NODE_FIND], name, length, id);
	if (result == SQLITE_DONE) {
		result = add(statements[STATEMENT_NODE_ADD], name, length);
		if (result == SQLITE_DONE)
			result = ask(statements[STATEMENT_NODE_FIND], name, length, id);
	}
	if (result != SQLITE_ROW)
		return result == SQLITE_DONE ? SQLITE_CORRUPT : result;
	if (length < sizeof(kept->text)) {
		memcpy(kept->text, name, length);
		kept->text[length] = '\0';
		nodes->each[place].id = *id;
	}
	return SQLITE_OK;
}
