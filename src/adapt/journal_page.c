/*
 * Pages of rows for exports: all of a long time, some rows at a time.
 *
 * A page begins where the one before ended, by time and number, which the index
 * of name and time finds at once. The rows of several names are put into one
 * order as they are read, one statement a name, so that nothing is sorted and no
 * page reads more than its rows. Each page is one short read: between two pages
 * nothing is held, and the write-ahead log can be folded back.
 */
#include "adapt/journal_read.h"

#include <errno.h>

#include "adapt/journal_reader.h"
#include "base/text.h"

#define SQL_MAX 1024

struct page_query {
	const struct journal_table *table;
	struct journal_span span;
	struct journal_cursor after;
	journal_row_visit *visit;
	struct journal_visitor *visitor;
};

/* The rows of one name, at the next of them. */
struct page_source {
	sqlite3_stmt *statement; /* NULL: no more of them */
	struct journal_cursor at;
};

struct page_sources {
	size_t count;
	struct page_source each[JOURNAL_PAGE_NAMES_MAX];
};

static int fail(struct journal_reader *reader)
{
	struct text text = text_in(reader->error, sizeof(reader->error));

	text_add(&text, "cannot read the journal: %s", sqlite3_errmsg(reader->db));
	return -EIO;
}

/* ---- one name ---- */

/* To the next row, or to the end. */
static int source_step(struct journal_reader *reader, struct page_source *source)
{
	int result = sqlite3_step(source->statement);

	if (result == SQLITE_ROW) {
		source->at.row = sqlite3_column_int64(source->statement, 0);
		source->at.wall.ms = sqlite3_column_int64(source->statement, 1);
		return 0;
	}
	sqlite3_finalize(source->statement);
	source->statement = NULL;
	return result == SQLITE_DONE ? 0 : fail(reader);
}

/* Parameters: 1 the name, 2 from, 3 to, 4 and 5 the cursor, 6 limit. */
static int source_open(struct journal_reader *reader, struct page_source *out,
		       const struct page_query *query, const char *name)
{
	const struct journal_span *span = &query->span;
	const struct journal_cursor *after = &query->after;
	int64_t from_ms = after->wall.ms > span->from.ms ? after->wall.ms : span->from.ms;
	char data[SQL_MAX];
	struct text sql = text_in(data, sizeof(data));
	int answer;

	text_add(&sql,
		 "SELECT %s FROM %s WHERE %s = ?1 AND ts_ms >= ?2 AND ts_ms < ?3 "
		 "AND (ts_ms > ?4 OR row > ?5) ORDER BY ts_ms, row LIMIT ?6",
		 query->table->columns, query->table->name, query->table->key);
	answer = journal_reader_prepare(reader, &out->statement, data);
	if (answer != 0)
		return answer;
	sqlite3_bind_text(out->statement, 1, name, -1, SQLITE_TRANSIENT);
	sqlite3_bind_int64(out->statement, 2, from_ms);
	sqlite3_bind_int64(out->statement, 3, span->to.ms);
	sqlite3_bind_int64(out->statement, 4, after->wall.ms);
	sqlite3_bind_int64(out->statement, 5, after->row);
	sqlite3_bind_int64(out->statement, 6, span->limit);
	return source_step(reader, out);
}

/* ---- all of them ---- */

struct name_visitor {
	struct journal_reader *reader;
	const struct page_query *query;
	struct page_sources *sources;
	int answer;
};

static bool open_name(void *user, sqlite3_stmt *row)
{
	struct name_visitor *visitor = user;
	struct page_sources *sources = visitor->sources;

	if (sources->count == JOURNAL_PAGE_NAMES_MAX) {
		visitor->answer = JOURNAL_TOO_MANY_NAMES;
		return false;
	}
	visitor->answer = source_open(visitor->reader, &sources->each[sources->count],
				      visitor->query, journal_column_text(row, 0));
	sources->count++;
	return visitor->answer == 0;
}

/* One source for each name that there is. */
static int open_all(struct journal_reader *reader, struct page_sources *sources,
		    const struct page_query *query)
{
	struct name_visitor visitor = {reader, query, sources, 0};
	sqlite3_stmt *statement;
	int answer = journal_reader_prepare(reader, &statement, query->table->names);

	if (answer == 0)
		answer = journal_reader_run(reader, statement, open_name, &visitor);
	return answer == 0 ? visitor.answer : answer;
}

static void close_all(struct page_sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		sqlite3_finalize(sources->each[i].statement);
}

static bool is_before(const struct journal_cursor *a, const struct journal_cursor *b)
{
	return a->wall.ms < b->wall.ms || (a->wall.ms == b->wall.ms && a->row < b->row);
}

/* Whose row comes next; NULL where there are none. */
static struct page_source *first(struct page_sources *sources)
{
	struct page_source *found = NULL;

	for (size_t i = 0; i < sources->count; i++) {
		struct page_source *source = &sources->each[i];

		if (source->statement && (!found || is_before(&source->at, &found->at)))
			found = source;
	}
	return found;
}

static int merge(struct journal_reader *reader, struct page_sources *sources,
		 const struct page_query *query)
{
	int answer = 0;

	for (uint32_t i = 0; i < query->span.limit && answer == 0; i++) {
		struct page_source *source = first(sources);

		if (!source || !query->visit(query->visitor, source->statement))
			break;
		answer = source_step(reader, source);
	}
	return answer;
}

static int execute(struct journal_reader *reader, const char *sql)
{
	return sqlite3_exec(reader->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : fail(reader);
}

/* All names in one state of the journal, and nothing held when it returns. */
static int read_page(struct journal_reader *reader, const char *name,
		     const struct page_query *query)
{
	struct page_sources sources = {0};
	int answer = execute(reader, "BEGIN"), end;

	if (answer != 0)
		return answer;
	if (name == NULL)
		answer = open_all(reader, &sources, query);
	else
		answer = source_open(reader, &sources.each[sources.count++], query, name);
	if (answer == 0)
		answer = merge(reader, &sources, query);
	close_all(&sources);
	end = execute(reader, "COMMIT");
	return answer != 0 ? answer : end;
}

static struct journal_cursor cursor_or_first(const struct journal_cursor *after)
{
	return after ? *after : (struct journal_cursor){{INT64_MIN}, 0};
}

int journal_page_readings(struct journal_reader *reader, const char *node, struct journal_span span,
			  const struct journal_cursor *after, journal_reading_visit *visit,
			  void *user)
{
	struct journal_visitor visitor = {.reading = visit, .user = user};
	const struct page_query query = {&journal_readings_table, span, cursor_or_first(after),
					 journal_visit_reading, &visitor};

	return read_page(reader, node, &query);
}

int journal_page_relays(struct journal_reader *reader, const char *relay, struct journal_span span,
			const struct journal_cursor *after, journal_relay_visit *visit, void *user)
{
	struct journal_visitor visitor = {.relay = visit, .user = user};
	const struct page_query query = {&journal_relays_table, span, cursor_or_first(after),
					 journal_visit_relay, &visitor};

	return read_page(reader, relay, &query);
}

int journal_page_meters(struct journal_reader *reader, const char *meter, struct journal_span span,
			const struct journal_cursor *after, journal_meter_visit *visit, void *user)
{
	struct journal_visitor visitor = {.meter = visit, .user = user};
	const struct page_query query = {&journal_meters_table, span, cursor_or_first(after),
					 journal_visit_meter, &visitor};

	return read_page(reader, meter, &query);
}

int journal_page_decisions(struct journal_reader *reader, const char *battery,
			   struct journal_span span, const struct journal_cursor *after,
			   journal_decision_visit *visit, void *user)
{
	struct journal_visitor visitor = {.decision = visit, .user = user};
	const struct page_query query = {&journal_decisions_table, span, cursor_or_first(after),
					 journal_visit_decision, &visitor};

	return read_page(reader, battery, &query);
}
