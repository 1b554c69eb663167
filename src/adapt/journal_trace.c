/* The trace as it is stored: which row to begin with, and the rows from there on. */
#include "adapt/journal_read.h"
#include "adapt/journal_reader.h"

static bool read_number(void *user, sqlite3_stmt *row)
{
	*(int64_t *)user = sqlite3_column_int64(row, 0);
	return false;
}

int journal_find_trace(struct journal_reader *reader, struct wall_time from, bool starts_only,
		       int64_t *row)
{
	sqlite3_stmt *statement;
	int result = journal_reader_prepare(
	    reader, &statement,
	    "SELECT ifnull((SELECT max(row) FROM trace WHERE begins > 0 AND begins <= ?2 AND "
	    "ts_ms <= ?1), ifnull((SELECT min(row) FROM trace WHERE begins > 0 AND begins <= ?2), "
	    "0))");

	if (result != 0)
		return result;
	sqlite3_bind_int64(statement, 1, from.ms);
	sqlite3_bind_int(statement, 2,
			 starts_only ? TRACE_BEGINS_WITH_START : TRACE_BEGINS_WITH_COPY);
	return journal_reader_run(reader, statement, read_number, row);
}

struct trace_visitor {
	journal_trace_visit *visit;
	void *user;
};

static bool read_trace(void *user, sqlite3_stmt *row)
{
	const struct trace_visitor *visitor = user;
	struct journal_trace trace = {
	    .row = sqlite3_column_int64(row, 0),
	    .wall = {sqlite3_column_int64(row, 1)},
	    .begin = (enum trace_begin)sqlite3_column_int(row, 2),
	    .data = sqlite3_column_blob(row, 3),
	    .length = (size_t)sqlite3_column_bytes(row, 3),
	};

	return visitor->visit(visitor->user, &trace);
}

int journal_read_trace(struct journal_reader *reader, int64_t row, uint32_t limit,
		       journal_trace_visit *visit, void *user)
{
	struct trace_visitor visitor = {visit, user};
	sqlite3_stmt *statement;
	int result = journal_reader_prepare(
	    reader, &statement,
	    "SELECT row, ts_ms, begins, data FROM trace WHERE row >= ?1 ORDER BY row LIMIT ?2");

	if (result != 0)
		return result;
	sqlite3_bind_int64(statement, 1, row);
	sqlite3_bind_int64(statement, 2, limit);
	return journal_reader_run(reader, statement, read_trace, &visitor);
}
