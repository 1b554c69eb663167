/*
 * Each minute is added to the rows of its quarter and its day, whatever is there of
 * them: in any number of pieces, and late. A minute knows its own energy, so that
 * nothing is remembered between rows. Means are by the time that is known.
 */
#include "adapt/journal_rollup_meter.h"

#include <stdio.h>

#include "adapt/journal_sql.h"

static const char add_sql[] =
    "INSERT INTO meter_rollup VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
    " ON CONFLICT (meter, level, from_ms) DO UPDATE SET"
    " power_min_w = min(ifnull(power_min_w, excluded.power_min_w),"
    "  ifnull(excluded.power_min_w, power_min_w)),"
    " power_mean_w = (ifnull(power_mean_w, 0) * known_ms"
    "  + ifnull(excluded.power_mean_w, 0) * excluded.known_ms)"
    "  / nullif(known_ms + excluded.known_ms, 0),"
    " power_max_w = max(ifnull(power_max_w, excluded.power_max_w),"
    "  ifnull(excluded.power_max_w, power_max_w)),"
    " power_last_w = iif(excluded.last_ms >= last_ms,"
    "  ifnull(excluded.power_last_w, power_last_w), ifnull(power_last_w, excluded.power_last_w)),"
    " imported_wh = imported_wh + excluded.imported_wh,"
    " exported_wh = exported_wh + excluded.exported_wh,"
    " last_ms = max(last_ms, excluded.last_ms),"
    " quality = min(quality, excluded.quality),"
    " known_ms = known_ms + excluded.known_ms,"
    " count = count + excluded.count";

/* From the fifth column of `add_sql` on, and row, ts_ms and name before them. */
static const char minutes_sql[] =
    "SELECT row, ts_ms, meter, ts_ms, count, quality, CAST(round(known_s * 1000) AS INTEGER),"
    " power_min_w, power_w, power_max_w, power_last_w, imported_wh, exported_wh"
    " FROM meter_data WHERE row > ?1 ORDER BY row LIMIT ?2";
#define MINUTES_FIRST 3 /* the first column that is taken as it is */
#define ADD_FIRST 5     /* and the parameter that it is for */
#define ADD_COUNT 10

static int add_minute(sqlite3_stmt *add, sqlite3_stmt *minute, enum rollup_level level,
		      rollup_offset *offset_s)
{
	struct rollup_span span =
	    rollup_span_of(level, (struct wall_time){sqlite3_column_int64(minute, 1)}, offset_s);
	int result;

	sqlite3_bind_value(add, 1, sqlite3_column_value(minute, 2));
	sqlite3_bind_int(add, 2, rollup_level_minutes(level));
	sqlite3_bind_int64(add, 3, span.from.ms);
	sqlite3_bind_int64(add, 4, span.to.ms);
	for (int i = 0; i < ADD_COUNT; i++)
		sqlite3_bind_value(add, ADD_FIRST + i,
				   sqlite3_column_value(minute, MINUTES_FIRST + i));
	result = sqlite3_step(add);
	sqlite3_reset(add);
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int add_minutes(sqlite3_stmt *add, sqlite3_stmt *minutes, rollup_offset *offset_s,
		       int64_t *after, int *count)
{
	int result;

	while ((result = sqlite3_step(minutes)) == SQLITE_ROW) {
		result = add_minute(add, minutes, ROLLUP_QUARTER, offset_s);
		if (result == SQLITE_OK)
			result = add_minute(add, minutes, ROLLUP_DAY, offset_s);
		if (result != SQLITE_OK)
			return result;
		*after = sqlite3_column_int64(minutes, 0);
		(*count)++;
	}
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

int journal_rollup_meters(sqlite3 *db, rollup_offset *offset_s, int limit, int *count)
{
	sqlite3_stmt *add = NULL, *minutes = NULL;
	char sql[96];
	int64_t after = 0;
	int result = journal_sql_number(
	    db, "SELECT value FROM meta WHERE name = 'rollup_after_meter'", &after);

	*count = 0;
	if (result == SQLITE_OK)
		result = sqlite3_prepare_v2(db, add_sql, -1, &add, NULL);
	if (result == SQLITE_OK)
		result = sqlite3_prepare_v2(db, minutes_sql, -1, &minutes, NULL);
	if (result == SQLITE_OK) {
		sqlite3_bind_int64(minutes, 1, after);
		sqlite3_bind_int(minutes, 2, limit);
		result = add_minutes(add, minutes, offset_s, &after, count);
	}
	sqlite3_finalize(add);
	sqlite3_finalize(minutes);
	if (result != SQLITE_OK || *count == 0)
		return result;
	(void)snprintf(sql, sizeof(sql), "REPLACE INTO meta VALUES ('rollup_after_meter', %lld)",
		       (long long)after);
	return journal_sql_run(db, sql);
}
