/* What minutes, quarters and days came to, and how far back each level reaches. */
#include <stdint.h>
#include <string.h>

#include "adapt/journal_read.h"
#include "adapt/journal_reader.h"
#include "base/text.h"

#define SQL_MAX 1024

/* Where the rows of a level are, and what is read of them in the order of read_rollup(). */
static const struct place {
	const char *table, *key, *columns;
} places[] = {
    [JOURNAL_NODE] = {"reading_rollup", "node",
		      "from_ms, to_ms, node, last_ms, count, soc_min_pct, soc_mean_pct, "
		      "soc_max_pct, soc_last_pct, temp_min_c, temp_mean_c, temp_max_c, temp_last_c, "
		      "power_count, power_min_w, power_mean_w, power_max_w, power_last_w, "
		      "charged_wh, discharged_wh"},
    [JOURNAL_RELAY] = {"relay_rollup", "relay", "from_ms, to_ms, relay, on_s, closings"},
    [JOURNAL_METER] = {"meter_rollup", "meter",
		       "from_ms, to_ms, meter, last_ms, count, known_ms, power_min_w, "
		       "power_mean_w, power_max_w, power_last_w, imported_wh, exported_wh, quality"},
};

/* A meter's minutes are its rows. */
#define METER_MINUTES                                                                           \
	"SELECT ts_ms AS from_ms, ts_ms + 60000, meter, ts_ms, count, known_s * 1000, "         \
	"power_min_w, power_w, power_max_w, power_last_w, imported_wh, exported_wh, quality " \
	"FROM meter_data WHERE "

struct rollup_visitor {
	journal_rollup_visit *visit;
	void *user;
	enum journal_subject subject;
};

static struct rollup_value value_at(sqlite3_stmt *row, int column, int64_t count)
{
	return (struct rollup_value){count, journal_column_real(row, column),
				     journal_column_real(row, column + 1),
				     journal_column_real(row, column + 2),
				     journal_column_real(row, column + 3)};
}

/* Columns from 3 on. */
static struct rollup_readings readings_at(sqlite3_stmt *row)
{
	struct rollup_readings readings = {
	    .last = {sqlite3_column_int64(row, 3)},
	    .count = sqlite3_column_int64(row, 4),
	    .charged_wh = sqlite3_column_double(row, 18),
	    .discharged_wh = sqlite3_column_double(row, 19),
	};

	readings.soc_pct = value_at(row, 5, readings.count);
	readings.temp_c = value_at(row, 9, readings.count);
	readings.power_w = value_at(row, 14, sqlite3_column_int64(row, 13));
	return readings;
}

/* Likewise, of a meter. */
static struct rollup_readings minutes_at(sqlite3_stmt *row)
{
	return (struct rollup_readings){
	    .last = {sqlite3_column_int64(row, 3)},
	    .count = sqlite3_column_int64(row, 4),
	    .power_w = value_at(row, 6, sqlite3_column_int64(row, 5)),
	    .charged_wh = sqlite3_column_double(row, 10),
	    .discharged_wh = sqlite3_column_double(row, 11),
	};
}

static bool read_rollup(void *user, sqlite3_stmt *row)
{
	const struct rollup_visitor *visitor = user;
	struct rollup_readings readings;
	struct journal_rollup_row out = {
	    .span = {{sqlite3_column_int64(row, 0)}, {sqlite3_column_int64(row, 1)}},
	    .name = journal_column_text(row, 2),
	    .subject = visitor->subject,
	};

	switch (visitor->subject) {
	case JOURNAL_RELAY:
		out.on_ms = (int64_t)(sqlite3_column_double(row, 3) * MS_PER_SECOND + 0.5);
		out.closings = sqlite3_column_int64(row, 4);
		break;
	case JOURNAL_NODE:
		readings = readings_at(row);
		out.readings = &readings;
		break;
	case JOURNAL_METER:
		readings = minutes_at(row);
		out.readings = &readings;
		out.quality = (enum quality)sqlite3_column_int(row, 12);
		break;
	}
	return visitor->visit(visitor->user, &out);
}

/* Parameters: 1 from, 2 to, 3 limit, 4 minutes, 5 the name. The key begins with the name. */
static void rollups_sql(struct text *sql, const char *name, const struct place *place,
			bool newest_first)
{
	const char *way = newest_first ? "DESC" : "ASC", *key = place->key, *table = place->table;

	if (name != NULL)
		text_add(sql, "SELECT %s FROM %s WHERE %s = ?5", place->columns, table, key);
	else
		text_add(sql,
			 "WITH RECURSIVE names(name) AS (SELECT min(%s) FROM %s UNION ALL SELECT "
			 "(SELECT min(%s) FROM %s WHERE %s > name) FROM names WHERE name IS NOT "
			 "NULL) SELECT %s FROM names CROSS JOIN %s ON %s = name WHERE 1",
			 key, table, key, table, key, place->columns, table, key);
	text_add(sql,
		 " AND level = ?4 AND from_ms >= ?1 AND from_ms < ?2 ORDER BY from_ms %s, %s %s "
		 "LIMIT ?3",
		 way, key, way);
}

static void minutes_sql(struct text *sql, const char *name, bool newest_first)
{
	const char *way = newest_first ? "DESC" : "ASC";

	text_add(sql,
		 METER_MINUTES "%sts_ms >= ?1 AND ts_ms < ?2 AND ?4 = 1 "
			       "ORDER BY ts_ms %s, row %s LIMIT ?3",
		 name != NULL ? "meter = ?5 AND " : "", way, way);
}

int journal_read_rollups(struct journal_reader *reader, const char *name,
			 enum journal_subject subject, enum rollup_level level,
			 struct journal_span span, journal_rollup_visit *visit, void *user)
{
	struct rollup_visitor visitor = {visit, user, subject};
	char data[SQL_MAX];
	struct text sql = text_in(data, sizeof(data));
	sqlite3_stmt *statement;
	int answer;

	if (subject == JOURNAL_METER && level == ROLLUP_MINUTE)
		minutes_sql(&sql, name, span.newest_first);
	else
		rollups_sql(&sql, name, &places[subject], span.newest_first);
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

/* The first time of one name, of all, and of a level of either. */
static const struct depth_queries {
	const char *rows, *all_rows, *level, *all_level;
} depths[] = {
    [JOURNAL_NODE] = {"SELECT min(ts_ms) FROM reading WHERE node = "
		      "(SELECT id FROM node WHERE name = ?1)",
		      "SELECT ts_ms FROM reading ORDER BY row LIMIT 1",
		      "SELECT min(from_ms) FROM reading_rollup WHERE node = ?1 AND level = ?2",
		      "SELECT min(from_ms) FROM reading_rollup WHERE level = ?2"},
    [JOURNAL_RELAY] = {"SELECT min(ts_ms) FROM rele_data WHERE relay = ?1",
		       "SELECT ts_ms FROM rele_data ORDER BY row LIMIT 1",
		       "SELECT min(from_ms) FROM relay_rollup WHERE relay = ?1 AND level = ?2",
		       "SELECT min(from_ms) FROM relay_rollup WHERE level = ?2"},
    /* From its first day on, or of the last day: the index is of all meters' time. */
    [JOURNAL_METER] = {"SELECT ts_ms FROM meter WHERE meter = "
		       "(SELECT id FROM meter_name WHERE name = ?1) AND ts_ms >= ifnull((SELECT "
		       "min(from_ms) FROM meter_rollup WHERE meter = ?1 AND level = 1440), (SELECT "
		       "max(ts_ms) - 86400000 FROM meter)) ORDER BY ts_ms LIMIT 1",
		       "SELECT min(ts_ms) FROM meter",
		       "SELECT min(from_ms) FROM meter_rollup WHERE meter = ?1 AND level = ?2",
		       "SELECT min(from_ms) FROM meter_rollup WHERE level = ?2"},
};

int journal_read_depth(struct journal_reader *reader, const char *name,
		       enum journal_subject subject, struct journal_depth *out)
{
	const struct depth_queries *queries = &depths[subject];
	int answer;

	*out = (struct journal_depth){INT64_MAX, {INT64_MAX, INT64_MAX, INT64_MAX}};
	answer = ask(reader, name != NULL ? queries->rows : queries->all_rows, name, 0,
		     &out->rows_ms);
	for (enum rollup_level level = 0; level < ROLLUP_LEVELS && answer == 0; level++)
		answer = ask(reader, name != NULL ? queries->level : queries->all_level, name,
			     rollup_level_minutes(level), &out->rollup_ms[level]);
	if (subject == JOURNAL_METER)
		out->rollup_ms[ROLLUP_MINUTE] = out->rows_ms;
	return answer;
}

int journal_read_rolled_up(struct journal_reader *reader, enum journal_subject subject,
			   struct wall_time *out)
{
	const char *sql = subject == JOURNAL_METER
			      ? "SELECT ts_ms + 60000 FROM meter WHERE row <= (SELECT value FROM "
				"meta WHERE name = 'rollup_after_meter') ORDER BY row DESC LIMIT 1"
			      : "SELECT ts_ms FROM reading WHERE row <= (SELECT value FROM meta WHERE "
				"name = 'rollup_after_reading') ORDER BY row DESC LIMIT 1";

	out->ms = 0;
	return ask(reader, sql, NULL, 0, &out->ms);
}
