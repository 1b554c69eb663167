/*
 * One step: read rows after the position, add each to the minute, quarter and
 * day that are open for its node or relay, and write those that are complete,
 * or all at the end of the step. What is written is added to the row that is
 * there, so that a bucket may come in any number of pieces, and late.
 */
#include "adapt/journal_rollup.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/journal_reader.h"
#include "adapt/journal_schema.h"
#include "adapt/journal_sql.h"
#include "model/ident.h"

#define STEP_ROWS 2000
#define SUBJECTS_MAX 96 /* nodes and relays that are remembered between rows */

enum subject_kind { SUBJECT_NONE, SUBJECT_NODE, SUBJECT_RELAY };

/* What was added to one minute, quarter or day since it was last written. */
struct piece {
	bool is_open;
	struct rollup_span span;
	struct rollup_readings readings;
	int64_t on_ms, closings;
};

struct subject {
	enum subject_kind kind;
	struct ident name;
	uint64_t used; /* to find the one that was not used for longest */
	struct piece pieces[ROLLUP_LEVELS];
	bool has_before; /* the row before is known */
	struct rollup_sample before;
	bool was_on;
};

struct journal_rollup {
	rollup_offset *offset_s;
	struct subject subjects[SUBJECTS_MAX];
	uint64_t uses;

	/* Of the step under way. */
	sqlite3 *db;
	sqlite3_stmt *add_readings, *add_relay;
	int64_t after_reading, after_relay;
};

static const char add_readings_sql[] =
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

static const char add_relay_sql[] =
    "INSERT INTO relay_rollup VALUES (?,?,?,?,?,?) ON CONFLICT (relay, level, from_ms)"
    " DO UPDATE SET on_s = on_s + excluded.on_s, closings = closings + excluded.closings";

int journal_rollup_new(struct journal_rollup **out, rollup_offset *offset_s)
{
	struct journal_rollup *rollup = calloc(1, sizeof(*rollup));

	if (rollup == NULL)
		return -ENOMEM;
	rollup->offset_s = offset_s;
	*out = rollup;
	return 0;
}

void journal_rollup_free(struct journal_rollup *rollup)
{
	free(rollup);
}

/* --- writing what was added ----------------------------------------------- */

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

static void bind_key(sqlite3_stmt *statement, const struct subject *subject,
		     enum rollup_level level)
{
	const struct rollup_span *span = &subject->pieces[level].span;

	sqlite3_bind_text(statement, 1, subject->name.text, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 2, rollup_level_minutes(level));
	sqlite3_bind_int64(statement, 3, span->from.ms);
	sqlite3_bind_int64(statement, 4, span->to.ms);
}

static void bind_readings(sqlite3_stmt *statement, const struct rollup_readings *readings)
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

static int write_piece(struct journal_rollup *rollup, struct subject *subject,
		       enum rollup_level level)
{
	struct piece *piece = &subject->pieces[level];
	sqlite3_stmt *statement =
	    subject->kind == SUBJECT_NODE ? rollup->add_readings : rollup->add_relay;
	int result;

	if (!piece->is_open)
		return SQLITE_OK;
	bind_key(statement, subject, level);
	if (subject->kind == SUBJECT_NODE) {
		bind_readings(statement, &piece->readings);
	} else {
		sqlite3_bind_double(statement, 5, (double)piece->on_ms / MS_PER_SECOND);
		sqlite3_bind_int64(statement, 6, piece->closings);
	}
	result = sqlite3_step(statement);
	sqlite3_reset(statement);
	*piece = (struct piece){0};
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

static int write_subject(struct journal_rollup *rollup, struct subject *subject)
{
	int result = SQLITE_OK;

	for (enum rollup_level level = 0; level < ROLLUP_LEVELS && result == SQLITE_OK; level++)
		result = write_piece(rollup, subject, level);
	return result;
}

/* The piece of `at`; another one that was open is written. NULL where that failed. */
static struct piece *piece_of(struct journal_rollup *rollup, struct subject *subject,
			      enum rollup_level level, struct wall_time at, int *result)
{
	struct piece *piece = &subject->pieces[level];

	if (piece->is_open && at.ms >= piece->span.from.ms && at.ms < piece->span.to.ms)
		return piece;
	*result = write_piece(rollup, subject, level);
	if (*result != SQLITE_OK)
		return NULL;
	piece->is_open = true;
	piece->span = rollup_span_of(level, at, rollup->offset_s);
	return piece;
}

/* --- whom a row is about -------------------------------------------------- */

/* What came before the rows of this step, for a subject that is not remembered. */
static int recall(struct journal_rollup *rollup, struct subject *subject)
{
	bool is_node = subject->kind == SUBJECT_NODE;
	sqlite3_stmt *statement;
	int result = sqlite3_prepare_v2(
	    rollup->db,
	    is_node ? "SELECT ts_ms, power_w, interval_s FROM battery_data WHERE node = ?1 AND "
		      "row <= ?2 AND flags & 1 = 0 ORDER BY ts_ms DESC, row DESC LIMIT 1"
		    : "SELECT ts_ms, state = 'on' FROM rele_data WHERE relay = ?1 AND row <= ?2 "
		      "ORDER BY ts_ms DESC, row DESC LIMIT 1",
	    -1, &statement, NULL);

	if (result != SQLITE_OK)
		return result;
	sqlite3_bind_text(statement, 1, subject->name.text, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, is_node ? rollup->after_reading : rollup->after_relay);
	result = sqlite3_step(statement);
	if (result == SQLITE_ROW) {
		subject->has_before = true;
		subject->before.at.ms = sqlite3_column_int64(statement, 0);
		subject->before.power_w = journal_column_real(statement, 1);
		subject->before.interval_s =
		    is_node ? journal_column_real(statement, 2) : (double)NAN;
		subject->was_on = !is_node && sqlite3_column_int(statement, 1) != 0;
	}
	sqlite3_finalize(statement);
	return result == SQLITE_ROW || result == SQLITE_DONE ? SQLITE_OK : result;
}

static struct subject *subject_of(struct journal_rollup *rollup, enum subject_kind kind,
				  const char *name, int *result)
{
	struct subject *oldest = &rollup->subjects[0];

	for (size_t i = 0; i < SUBJECTS_MAX; i++) {
		struct subject *subject = &rollup->subjects[i];

		if (subject->kind == kind && strcmp(subject->name.text, name) == 0) {
			subject->used = ++rollup->uses;
			return subject;
		}
		if (subject->used < oldest->used)
			oldest = subject;
	}
	*result = write_subject(rollup, oldest);
	*oldest = (struct subject){.kind = kind, .used = ++rollup->uses};
	(void)snprintf(oldest->name.text, sizeof(oldest->name.text), "%s", name);
	if (*result == SQLITE_OK)
		*result = recall(rollup, oldest);
	return *result == SQLITE_OK ? oldest : NULL;
}

/* --- rows ----------------------------------------------------------------- */

/* Columns: row, ts_ms, flags, node, soc, temp, temp_max, power, interval, measured_ms. */
static int add_reading(struct journal_rollup *rollup, sqlite3_stmt *row)
{
	bool is_passive = (sqlite3_column_int64(row, 2) & JOURNAL_FLAG_PASSIVE) != 0;
	struct rollup_sample sample = {
	    .at = {sqlite3_column_int64(row, 1)},
	    .soc_pct = journal_column_real(row, 4),
	    .temp_c = journal_column_real(row, 5),
	    .temp_max_c = journal_column_real(row, 6),
	    .power_w = journal_column_real(row, 7),
	    .interval_s = journal_column_real(row, 8),
	};
	int result = SQLITE_OK;
	struct subject *subject =
	    subject_of(rollup, SUBJECT_NODE, journal_column_text(row, 3), &result);

	/* One that comes late belongs to when it was measured. */
	if (is_passive && sqlite3_column_type(row, 9) != SQLITE_NULL &&
	    sqlite3_column_int64(row, 9) < sample.at.ms)
		sample.at.ms = sqlite3_column_int64(row, 9);
	for (enum rollup_level level = 0; level < ROLLUP_LEVELS && result == SQLITE_OK; level++) {
		struct piece *piece = piece_of(rollup, subject, level, sample.at, &result);

		if (piece == NULL)
			break;
		rollup_add(&piece->readings, &sample);
		if (subject->has_before && !is_passive)
			rollup_energy(&piece->readings, &subject->before, &sample);
	}
	if (result == SQLITE_OK && !is_passive) {
		subject->before = sample;
		subject->has_before = true;
	}
	rollup->after_reading = sqlite3_column_int64(row, 0);
	return result;
}

static int add_on_time(struct journal_rollup *rollup, struct subject *subject,
		       enum rollup_level level, struct wall_time until)
{
	struct wall_time at = subject->before.at;
	int result = SQLITE_OK;

	while (at.ms < until.ms) {
		struct piece *piece = piece_of(rollup, subject, level, at, &result);
		int64_t end_ms;

		if (piece == NULL)
			return result;
		end_ms = until.ms < piece->span.to.ms ? until.ms : piece->span.to.ms;
		piece->on_ms += end_ms - at.ms;
		at.ms = end_ms;
	}
	return SQLITE_OK;
}

/* Columns: row, ts_ms, relay, whether it is on. */
static int add_relay(struct journal_rollup *rollup, sqlite3_stmt *row)
{
	struct wall_time at = {sqlite3_column_int64(row, 1)};
	bool is_on = sqlite3_column_int(row, 3) != 0;
	int result = SQLITE_OK;
	struct subject *subject =
	    subject_of(rollup, SUBJECT_RELAY, journal_column_text(row, 2), &result);

	for (enum rollup_level level = 0; level < ROLLUP_LEVELS && result == SQLITE_OK; level++) {
		struct piece *piece;

		if (subject->was_on)
			result = add_on_time(rollup, subject, level,
					     rollup_on_until(subject->before.at, at));
		if (result != SQLITE_OK)
			break;
		piece = piece_of(rollup, subject, level, at, &result);
		if (piece != NULL)
			piece->closings += subject->has_before && is_on && !subject->was_on;
	}
	if (result == SQLITE_OK) {
		subject->before.at = at;
		subject->has_before = true;
		subject->was_on = is_on;
	}
	rollup->after_relay = sqlite3_column_int64(row, 0);
	return result;
}

/* Gives the rows after `after` to `add`; `count` says how many there were. */
static int add_rows(struct journal_rollup *rollup, const char *sql, int64_t after,
		    int (*add)(struct journal_rollup *rollup, sqlite3_stmt *row), int *count)
{
	sqlite3_stmt *statement;
	int result = sqlite3_prepare_v2(rollup->db, sql, -1, &statement, NULL);

	if (result != SQLITE_OK)
		return result;
	sqlite3_bind_int64(statement, 1, after);
	sqlite3_bind_int(statement, 2, STEP_ROWS);
	*count = 0;
	while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
		result = add(rollup, statement);
		if (result != SQLITE_OK)
			break;
		(*count)++;
	}
	sqlite3_finalize(statement);
	return result == SQLITE_DONE ? SQLITE_OK : result;
}

/* --- a step --------------------------------------------------------------- */

static int read_positions(struct journal_rollup *rollup)
{
	sqlite3_stmt *statement;
	int result =
	    sqlite3_prepare_v2(rollup->db,
			       "SELECT (SELECT value FROM meta WHERE name = 'rollup_after_reading'),"
			       " (SELECT value FROM meta WHERE name = 'rollup_after_relay')",
			       -1, &statement, NULL);

	if (result != SQLITE_OK)
		return result;
	result = sqlite3_step(statement);
	if (result == SQLITE_ROW) {
		rollup->after_reading = sqlite3_column_int64(statement, 0);
		rollup->after_relay = sqlite3_column_int64(statement, 1);
	}
	sqlite3_finalize(statement);
	return result == SQLITE_ROW ? SQLITE_OK : result;
}

static int write_positions(struct journal_rollup *rollup)
{
	char sql[160];

	(void)snprintf(sql, sizeof(sql),
		       "REPLACE INTO meta VALUES ('rollup_after_reading', %lld),"
		       " ('rollup_after_relay', %lld)",
		       (long long)rollup->after_reading, (long long)rollup->after_relay);
	return journal_sql_run(rollup->db, sql);
}

static int add_all(struct journal_rollup *rollup, bool *has_more)
{
	int readings = 0, relays = 0;
	int result = add_rows(rollup,
			      "SELECT row, ts_ms, flags, node, soc_pct, temp_c, temp_max_c, "
			      "power_w, interval_s, measured_ms FROM battery_data WHERE row > ?1 "
			      "ORDER BY row LIMIT ?2",
			      rollup->after_reading, add_reading, &readings);

	if (result == SQLITE_OK)
		result = add_rows(rollup,
				  "SELECT row, ts_ms, relay, state = 'on' FROM rele_data "
				  "WHERE row > ?1 ORDER BY row LIMIT ?2",
				  rollup->after_relay, add_relay, &relays);
	for (size_t i = 0; i < SUBJECTS_MAX && result == SQLITE_OK; i++)
		result = write_subject(rollup, &rollup->subjects[i]);
	if (result == SQLITE_OK && readings + relays > 0)
		result = write_positions(rollup);
	*has_more = readings == STEP_ROWS || relays == STEP_ROWS;
	return result;
}

static int prepare(struct journal_rollup *rollup)
{
	int result =
	    sqlite3_prepare_v2(rollup->db, add_readings_sql, -1, &rollup->add_readings, NULL);

	if (result == SQLITE_OK)
		result =
		    sqlite3_prepare_v2(rollup->db, add_relay_sql, -1, &rollup->add_relay, NULL);
	return result == SQLITE_OK ? read_positions(rollup) : result;
}

int journal_rollup_step(struct journal_rollup *rollup, sqlite3 *db, bool *has_more)
{
	int result;

	*has_more = false;
	rollup->db = db;
	result = prepare(rollup);
	if (result == SQLITE_OK)
		result = journal_sql_run(db, "BEGIN IMMEDIATE");
	if (result == SQLITE_OK)
		result = add_all(rollup, has_more);
	if (result == SQLITE_OK)
		result = journal_sql_run(db, "COMMIT");
	sqlite3_finalize(rollup->add_readings);
	sqlite3_finalize(rollup->add_relay);
	rollup->add_readings = rollup->add_relay = NULL;
	if (result == SQLITE_OK)
		return result;
	/* What is remembered is of rows that do not count yet. */
	journal_sql_roll_back(db);
	memset(rollup->subjects, 0, sizeof(rollup->subjects));
	return result;
}
