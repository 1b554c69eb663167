/* Plans of the past, as the journal keeps them: rows with a day of slots each. */
#include <errno.h>
#include <stdlib.h>

#include "adapt/journal_read.h"
#include "adapt/journal_reader.h"
#include "adapt/journal_schema.h"
#include "base/text.h"
#include "wire/plan_code.h"

#define SQL_MAX 256

struct plan_visitor {
	journal_plan_visit *visit;
	void *user;
	struct planned *plan; /* room for one */
};

static bool read_plan(void *user, sqlite3_stmt *row)
{
	const struct plan_visitor *visitor = user;
	const void *data = sqlite3_column_blob(row, 0);
	size_t length = (size_t)sqlite3_column_bytes(row, 0);

	if (data == NULL || plan_decode(visitor->plan, data, length) != 0)
		return true;
	return visitor->visit(visitor->user, visitor->plan);
}

int journal_read_plans(struct journal_reader *reader, const char *battery, struct journal_span span,
		       journal_plan_visit *visit, void *user)
{
	const char *way = span.newest_first ? "DESC" : "ASC";
	struct plan_visitor visitor = {visit, user, malloc(sizeof(struct planned))};
	char data[SQL_MAX];
	struct text sql = text_in(data, sizeof(data));
	int result;

	if (visitor.plan == NULL)
		return -ENOMEM;
	text_add(&sql,
		 "SELECT data FROM plan WHERE ts_ms >= ?1 AND ts_ms < ?2 AND battery = ?4 "
		 "ORDER BY ts_ms %s, row %s LIMIT ?3",
		 way, way);
	result = journal_reader_span(reader, data, battery, span, read_plan, &visitor);
	free(visitor.plan);
	return result;
}

static bool read_number(void *user, sqlite3_stmt *row)
{
	*(uint32_t *)user = (uint32_t)sqlite3_column_int64(row, 0);
	return false;
}

int journal_read_plan_number(struct journal_reader *reader, uint32_t *number)
{
	sqlite3_stmt *statement;
	uint32_t found = 0;
	int result = journal_reader_prepare(reader, &statement,
					    "SELECT number FROM plan ORDER BY row DESC LIMIT 1");

	if (result == 0)
		result = journal_reader_run(reader, statement, read_number, &found);
	if (result == 0)
		*number = found;
	return result;
}
