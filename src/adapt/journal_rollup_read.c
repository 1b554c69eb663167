/* What minutes, quarters and days came to, and how far back each level reaches. */
#include <stdint.h>
#include <string.h>

#include "adapt/journal_read.h"
#include "adapt/journal_reader.h"
#include "base/text.h"

#define SQL_MAX 1024

static const char readings_columns[] =
    "from_ms, to_ms, node, last_ms, count, soc_min_pct, soc_mean_pct, soc_max_pct, soc_last_pct, "
    "temp_min_c, temp_mean_c, temp_max_c, temp_last_c, power_count, power_min_w, power_mean_w, "
    "power_max_w, power_last_w, charged_wh, discharged_wh";
static const char relays_columns[] = "from_ms, to_ms, relay, on_s, closings";

struct rollup_visitor {
	journal_rollup_visit *visit;
	void *user;
	bool is_relay;
};

static struct rollup_value value_at(sqlite3_stmt *row, int column, int64_t count)
{
	return (struct rollup_value){count, journal_column_real(row, column),
				     journal_column_real(row, column + 1),
				     journal_column_real(row, column + 2),
				     journal_column_real(row, column + 3)};
}

static bool read_rollup(void *user, sqlite3_stmt *row)
{
	const struct rollup_visitor *visitor = user;
	struct rollup_readings readings;
	struct journal_rollup_row out = {
	    .span = {{sqlite3_column_int64(row, 0)}, {sqlite3_column_int64(row, 1)}},
	    .name = journal_column_text(row, 2),
	};

	if (visitor->is_relay) {
		out.on_ms = (int64_t)(sqlite3_column_double(row, 3) * MS_PER_SECOND + 0.5);
		out.closings = sqlite3_column_int64(row, 4);
		return visitor->visit(visitor->user, &out);
	}
	readings = (struct rollup_readings){
	    .last = {sqlite3_column_int64(row, 3)},
	    .count = sqlite3_column_int64(row, 4),
	    .charged_wh = sqlite3_column_double(row, 18),
	    .discharged_wh = sqlite3_column_double(row, 19),
	};
	readings.soc_pct = value_at(row, 5, readings.count);
	readings.temp_c = value_at(row, 9, readings.count);
	readings.power_w = value_at(row, 14, sqlite3_column_int64(row, 13));
	out.readings = &readings;
	return visitor->visit(visitor->user, &out);
}

/* Parameters: 1 from, 2 to, 3 limit, 4 minutes, 5 the name. The key begins with the name. */
static void rollups_sql(struct text *sql, const char *name, bool is_relay, bool newest_first)
{
	const char *table = is_relay ? "relay_rollup" : "reading_rollup";
	const char *key = is_relay ? "relay" : "node";
	const char *way = newest_first ? "DESC" : "ASC";

	if (name != NULL)
		text_add(sql, "SELECT %s FROM %s WHERE %s = ?5",
			 is_relay ? relays_columns : readings_columns, table, key);
	else
		text_add(sql,
			 "WITH RECURSIVE names(name) AS (SELECT min(%s) FROM %s UNION ALL SELECT "
			 "(SELECT min(%s) FROM %s WHERE %s > name) FROM names WHERE name IS NOT "
			 "NULL) SELECT %s FROM names CROSS JOIN %s ON %s = name WHERE 1",
			 key, table, key, table, key, is_relay ? relays_columns : readings_columns,
			 table, key);
	text_add(sql,
		 " AND level = ?4 AND from_ms >= ?1 AND from_ms < ?2 ORDER BY from_ms %s, %s %s "
		 "LIMIT ?3",
		 way, key, way);
}

int journal_read_rollups(struct journal_reader *reader, const char *name, bool is_relay,
			 enum rollup_level level, struct journal_span span,
			 journal_rollup_visit *visit, void *user)
{
	struct rollup_visitor visitor = {visit, user, is_relay};
	char data[SQL_MAX];
	struct text sql = text_in(data, sizeof(data));
	sqlite3_stmt *statement;
	int answer;

	rollups_sql(&sql, name, is_relay, span.newest_first);
	answer = journal_reader_prepare(reader, &statement, data);
	if (answer != 0)
		return answer;
	sqlite3_bind_int64(statement, 1, span.from.ms);
	sqlite3_bind_int64(statement, 2, span.to.ms);
	sqlite3_bind_int64(statement, 3, span.limit);
	sqlite3_bind_int(statement, 4, rollup_level_minutes(level));
	if (name != NULL)
		sqlite3_bind_text(statement, 5, name, -1, SQLITE_STATIC);
	return journal_reader_run(reader, statement, read_rollup, &visitor);
}

/* --- how far back --------------------------------------------------------- */

static bool read_number(void *user, sqlite3_stmt *row)
{
	int64_t *out = user;

	if (sqlite3_column_type(row, 0) != SQLITE_NULL)
		*out = sqlite3_column_int64(row, 0);
	return false;
}

/* The first number of a query with the parameters 1 the name and 2 minutes. */
static int ask(struct journal_reader *reader, const char *sql, const char *name, int minutes,
	       int64_t *out)
{
	sqlite3_stmt *statement;
	int answer = journal_reader_prepare(reader, &statement, sql);

	if (answer != 0)
		return answer;
	if (name != NULL)
		sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	if (minutes > 0)
		sqlite3_bind_int(statement, 2, minutes);
	return journal_reader_run(reader, statement, read_number, out);
}

int journal_read_depth(struct journal_reader *reader, const char *name, bool is_relay,
		       struct journal_depth *out)
{
	const char *rows = is_relay ? "SELECT min(ts_ms) FROM rele_data WHERE relay = ?1"
				    : "SELECT min(ts_ms) FROM reading WHERE node = "
				      "(SELECT id FROM node WHERE name = ?1)";
	const char *rollups =
	    is_relay ? "SELECT min(from_ms) FROM relay_rollup WHERE relay = ?1 AND level = ?2"
		     : "SELECT min(from_ms) FROM reading_rollup WHERE node = ?1 AND level = ?2";
	int answer;

	*out = (struct journal_depth){INT64_MAX, {INT64_MAX, INT64_MAX, INT64_MAX}};
	if (name == NULL) {
		/* Of all: by the order in which rows came. */
		rows = is_relay ? "SELECT ts_ms FROM rele_data ORDER BY row LIMIT 1"
				: "SELECT ts_ms FROM reading ORDER BY row LIMIT 1";
		rollups = is_relay ? "SELECT min(from_ms) FROM relay_rollup WHERE level = ?2"
				   : "SELECT min(from_ms) FROM reading_rollup WHERE level = ?2";
	}
	answer = ask(reader, rows, name, 0, &out->rows_ms);
	for (enum rollup_level level = 0; level < ROLLUP_LEVELS && answer == 0; level++)
		answer = ask(reader, rollups, name, rollup_level_minutes(level),
			     &out->rollup_ms[level]);
	return answer;
}

int journal_read_rolled_up(struct journal_reader *reader, struct wall_time *out)
{
	out->ms = 0;
	return ask(reader,
		   "SELECT ts_ms FROM reading WHERE row <= (SELECT value FROM meta WHERE "
		   "name = 'rollup_after_reading') ORDER BY row DESC LIMIT 1",
		   NULL, 0, &out->ms);
}
