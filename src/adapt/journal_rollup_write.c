/*
 * The statements that add a piece of a minute, quarter or day to what is there of
 * it: in any number of pieces, and late.
 */
#include "adapt/journal_rollup_write.h"

#include <stdio.h>

#include "adapt/journal_sql.h"
#include "base/time.h"

const char journal_rollup_add_readings_sql[] =
    "INSERT INTO reading_rollup VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
    " ON CONFLICT (node, level, from_ms) DO UPDATE SET"
    " soc_min_pct = min(soc_min_pct, excluded.soc_min_pct),"
    " soc_mean_pct = (soc_mean_pct * count + excluded.soc_mean_pct * excluded.count)"
    "  / (count + excluded.count),"
    " soc_max_pct = max(soc_max_pct, excluded.soc_max_pct),"
    " soc_last_pct = iif(excluded.last_ms >= last_ms, excluded.soc_last_pct, soc_last_pct),"
    " temp_min_c = min(temp_min_c, excluded.temp_min_c),"
    " temp_mean_c = (temp_mean_c * count + excluded.temp_mean_c * excluded.count)"
    "  / (count + excluded.count),"
    " temp_max_c = max(temp_max_c, excluded.temp_max_c),"
    " temp_last_c = iif(excluded.last_ms >= last_ms, excluded.temp_last_c, temp_last_c),"
    " power_min_w = min(ifnull(power_min_w, excluded.power_min_w),"
    "  ifnull(excluded.power_min_w, power_min_w)),"
    " power_mean_w = (ifnull(power_mean_w, 0) * power_count"
    "  + ifnull(excluded.power_mean_w, 0) * excluded.power_count)"
    "  / nullif(power_count + excluded.power_count, 0),"
    " power_max_w = max(ifnull(power_max_w, excluded.power_max_w),"
    "  ifnull(excluded.power_max_w, power_max_w)),"
    " power_last_w = iif(excluded.last_ms >= last_ms,"
    "  ifnull(excluded.power_last_w, power_last_w), ifnull(power_last_w, excluded.power_last_w)),"
    " charged_wh = charged_wh + excluded.charged_wh,"
    " discharged_wh = discharged_wh + excluded.discharged_wh,"
    " last_ms = max(last_ms, excluded.last_ms),"
    " power_count = power_count + excluded.power_count,"
    " count = count + excluded.count";

const char journal_rollup_add_relay_sql[] =
    "INSERT INTO relay_rollup VALUES (?,?,?,?,?,?) ON CONFLICT (relay, level, from_ms)"
    " DO UPDATE SET on_s = on_s + excluded.on_s, closings = closings + excluded.closings";

static void bind_value(sqlite3_stmt *statement, int *column, const struct rollup_value *value)
{
	const double numbers[] = {value->min, value->mean, value->max, value->last};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (value->count > 0)
			sqlite3_bind_double(statement, (*column)++, numbers[i]);
		else
			sqlite3_bind_null(statement, (*column)++);
	}
}

void journal_rollup_bind_readings(sqlite3_stmt *statement, const struct rollup_readings *readings)
{
	int column = 5;

	sqlite3_bind_int64(statement, column++, readings->last.ms);
	sqlite3_bind_int64(statement, column++, readings->count);
	bind_value(statement, &column, &readings->soc_pct);
	bind_value(statement, &column, &readings->temp_c);
	sqlite3_bind_int64(statement, column++, readings->power_w.count);
	bind_value(statement, &column, &readings->power_w);
	sqlite3_bind_double(statement, column++, readings->charged_wh);
	sqlite3_bind_double(statement, column, readings->discharged_wh);
}

int journal_rollup_add_energy(sqlite3 *db, const struct ident *node, enum rollup_level level,
			      struct wall_time from, const struct journal_energy *energy)
{
	char sql[320];

	(void)snprintf(sql, sizeof(sql),
		       "UPDATE reading_rollup SET charged_wh = charged_wh + %.17g, discharged_wh = "
		       "discharged_wh + %.17g WHERE node = '%s' AND level = %d AND from_ms = %lld",
		       energy->charged_wh, energy->discharged_wh, node->text,
		       rollup_level_minutes(level), (long long)from.ms);
	return journal_sql_run(db, sql);
}

int journal_rollup_read_position(sqlite3 *db, struct journal_rollup_position *out)
{
	sqlite3_stmt *statement;
	int result = sqlite3_prepare_v2(
	    db,
	    "SELECT (SELECT value FROM meta WHERE name = 'rollup_after_reading'),"
	    " (SELECT value FROM meta WHERE name = 'rollup_after_relay'),"
	    " (SELECT value FROM meta WHERE name = 'imported_from'),"
	    " ifnull((SELECT value FROM meta WHERE name = 'imported_to'), -1)",
	    -1, &statement, NULL);

	if (result != SQLITE_OK)
		return result;
	result = sqlite3_step(statement);
	if (result == SQLITE_ROW)
		*out = (struct journal_rollup_position){
		    .after_reading = sqlite3_column_int64(statement, 0),
		    .after_relay = sqlite3_column_int64(statement, 1),
		    .imported_from = sqlite3_column_int64(statement, 2),
		    .imported_to = sqlite3_column_int64(statement, 3),
		};
	sqlite3_finalize(statement);
	return result == SQLITE_ROW ? SQLITE_OK : result;
}

int journal_rollup_write_position(sqlite3 *db, const struct journal_rollup_position *position)
{
	char sql[160];

	(void)snprintf(sql, sizeof(sql),
		       "REPLACE INTO meta VALUES ('rollup_after_reading', %lld),"
		       " ('rollup_after_relay', %lld)",
		       (long long)position->after_reading, (long long)position->after_relay);
	return journal_sql_run(db, sql);
}
