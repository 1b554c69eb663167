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

#include "adapt/journal_between.h"
#include "adapt/journal_reader.h"
#include "adapt/journal_rollup_meter.h"
#include "adapt/journal_rollup_write.h"
#include "adapt/journal_schema.h"
#include "adapt/journal_sql.h"
#include "model/ident.h"

#define STEP_ROWS 2000
#define STEP_MINUTES 500 /* of meters: each is written to its quarter and its day */
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
	struct journal_rollup_position position;
	struct journal_between between;
};

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

static void bind_key(sqlite3_stmt *statement, const struct subject *subject,
		     enum rollup_level level)
{
	const struct rollup_span *span = &subject->pieces[level].span;

	sqlite3_bind_text(statement, 1, subject->name.text, -1, SQLITE_STATIC);
	sqlite3_bind_int(statement, 2, rollup_level_minutes(level));
	sqlite3_bind_int64(statement, 3, span->from.ms);
	sqlite3_bind_int64(statement, 4, span->to.ms);
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
		journal_rollup_bind_readings(statement, &piece->readings);
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
	sqlite3_bind_int64(statement, 2,
			   is_node ? rollup->position.after_reading : rollup->position.after_relay);
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

/* Adds to what is rolled up already of a time, where there is anything. */
static int correct_energy(struct journal_rollup *rollup, struct subject *subject,
			  enum rollup_level level, struct wall_time at,
			  const struct journal_energy *by)
{
	struct piece *piece = &subject->pieces[level];

	if (piece->is_open && at.ms >= piece->span.from.ms && at.ms < piece->span.to.ms) {
		piece->readings.charged_wh += by->charged_wh;
		piece->readings.discharged_wh += by->discharged_wh;
		return SQLITE_OK;
	}
	return journal_rollup_add_energy(rollup->db, &subject->name, level,
					 rollup_span_of(level, at, rollup->offset_s).from, by);
}

/* An imported reading gets its energy, and what comes after it is corrected. */
static int add_between(struct journal_rollup *rollup, struct subject *subject,
		       const struct rollup_sample *sample, int64_t row)
{
	struct journal_neighbours neighbours;
	struct journal_energy by;
	int result =
	    journal_between_find(&rollup->between, rollup->db, subject->name.text, sample->at, row,
				 rollup->position.after_reading, &neighbours);

	if (result != SQLITE_OK)
		return result;
	by = journal_between_energy(&neighbours, sample);
	for (enum rollup_level level = 0; level < ROLLUP_LEVELS && result == SQLITE_OK; level++) {
		if (neighbours.has_before) /* its piece is open: the reading was just added to it */
			rollup_energy(&subject->pieces[level].readings, &neighbours.before, sample);
		if (by.charged_wh != 0 || by.discharged_wh != 0)
			result = correct_energy(rollup, subject, level, neighbours.after.at, &by);
	}
	return result;
}

/* What the energy of the next reading that comes is counted from. */
static void remember(struct subject *subject, const struct rollup_sample *sample)
{
	if (subject->has_before && sample->at.ms < subject->before.at.ms)
		return;
	subject->before = *sample;
	subject->has_before = true;
}

/*
 * One that comes late belongs to when it was measured, and has no energy: another may hold there.
 * One that was imported comes when it came first. Returns whether it is such a one.
 */
static bool find_time(const struct journal_rollup *rollup, sqlite3_stmt *row,
		      struct rollup_sample *sample)
{
	int64_t number = sqlite3_column_int64(row, 0), measured_ms = sqlite3_column_int64(row, 9);
	bool is_late = sqlite3_column_type(row, 9) != SQLITE_NULL && measured_ms < sample->at.ms;

	if (number >= rollup->position.imported_from && number <= rollup->position.imported_to &&
	    !(is_late && sample->at.ms - measured_ms > JOURNAL_BETWEEN_LATE_MS))
		return true;
	if (is_late)
		sample->at.ms = measured_ms;
	return false;
}

/* Columns: row, ts_ms, flags, node, soc, temp, temp_max, power, interval, measured_ms, quality. */
static int add_reading(struct journal_rollup *rollup, sqlite3_stmt *row)
{
	bool is_passive = (sqlite3_column_int64(row, 2) & JOURNAL_FLAG_PASSIVE) != 0;
	bool is_imported;
	struct rollup_sample sample = {
	    .at = {sqlite3_column_int64(row, 1)},
	    .soc_pct = journal_column_real(row, 4),
	    .temp_c = journal_column_real(row, 5),
	    .temp_max_c = journal_column_real(row, 6),
	    .power_w = journal_column_real(row, 7),
	    .interval_s = journal_column_real(row, 8),
	    .is_doubted = quality_is_doubted((enum quality)sqlite3_column_int(row, 10)),
	};
	int result = SQLITE_OK;
	struct subject *subject =
	    subject_of(rollup, SUBJECT_NODE, journal_column_text(row, 3), &result);

	is_imported = is_passive && find_time(rollup, row, &sample);
	for (enum rollup_level level = 0; level < ROLLUP_LEVELS && result == SQLITE_OK; level++) {
		struct piece *piece = piece_of(rollup, subject, level, sample.at, &result);

		if (piece == NULL)
			break;
		rollup_add(&piece->readings, &sample);
		if (subject->has_before && !is_passive)
			rollup_energy(&piece->readings, &subject->before, &sample);
	}
	if (result == SQLITE_OK && is_imported) {
		result = add_between(rollup, subject, &sample, sqlite3_column_int64(row, 0));
		remember(subject, &sample);
	}
	if (result == SQLITE_OK && !is_passive) {
		subject->before = sample;
		subject->has_before = true;
	}
	rollup->position.after_reading = sqlite3_column_int64(row, 0);
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
	rollup->position.after_relay = sqlite3_column_int64(row, 0);
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

static int add_all(struct journal_rollup *rollup, bool *has_more)
{
	int readings = 0, relays = 0, minutes = 0;
	int result =
	    add_rows(rollup,
		     "SELECT row, ts_ms, flags, node, soc_pct, temp_c, temp_max_c, "
		     "power_w, interval_s, measured_ms, quality FROM battery_data WHERE row > ?1 "
		     "ORDER BY row LIMIT ?2",
		     rollup->position.after_reading, add_reading, &readings);

	if (result == SQLITE_OK)
		result = add_rows(rollup,
				  "SELECT row, ts_ms, relay, state = 'on' FROM rele_data "
				  "WHERE row > ?1 ORDER BY row LIMIT ?2",
				  rollup->position.after_relay, add_relay, &relays);
	for (size_t i = 0; i < SUBJECTS_MAX && result == SQLITE_OK; i++)
		result = write_subject(rollup, &rollup->subjects[i]);
	if (result == SQLITE_OK && readings + relays > 0)
		result = journal_rollup_write_position(rollup->db, &rollup->position);
	if (result == SQLITE_OK)
		result =
		    journal_rollup_meters(rollup->db, rollup->offset_s, STEP_MINUTES, &minutes);
	*has_more = readings == STEP_ROWS || relays == STEP_ROWS || minutes == STEP_MINUTES;
	return result;
}

static int prepare(struct journal_rollup *rollup)
{
	int result = sqlite3_prepare_v2(rollup->db, journal_rollup_add_readings_sql, -1,
					&rollup->add_readings, NULL);

	if (result == SQLITE_OK)
		result = sqlite3_prepare_v2(rollup->db, journal_rollup_add_relay_sql, -1,
					    &rollup->add_relay, NULL);
	return result == SQLITE_OK ? journal_rollup_read_position(rollup->db, &rollup->position)
				   : result;
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
	journal_between_finish(&rollup->between);
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
