/*
 * What the journal kept for our next start: settings, locks, overrides,
 * counters, the epoch of our commands, and the last messages stored.
 *
 * A setting that this version cannot read is told apart from one that is not
 * set: it must stop control, not become the default.
 */
#include "adapt/journal_read.h"

#include <string.h>

#include "adapt/journal_reader.h"
#include "base/text.h"

#define SENTENCE_MAX 256
#define LAST "16384" /* as many as REDELIVERY_MAX of redelivery.h */

/*
 * An id names a message within one session of the broker only: rows of older ones
 * are left out, and all of them where it is not known when the session began.
 * A hash is stored folded to 32 bits; redelivery folds that to itself. Those of the last rows
 * by their number come last and are kept; before them those of the last rows by their time, as an
 * import of the past may have brought many since.
 */
static const char messages_sql[] =
    "WITH nodes(id) AS (SELECT id FROM node WHERE EXISTS "
    "(SELECT 1 FROM reading WHERE node = id) LIMIT 200), "
    "last AS (SELECT ts_ms, row, message >> 32 AS message_id, message & 4294967295 AS payload_hash "
    "FROM reading "
    "WHERE row > (SELECT value FROM meta WHERE name = 'session_after_reading') "
    "ORDER BY row DESC LIMIT " LAST ") "
    "SELECT message_id, payload_hash FROM ("
    "SELECT 1 AS rank, * FROM last UNION ALL "
    "SELECT 0, b.ts_ms, b.row, b.message >> 32, b.message & 4294967295 FROM nodes "
    "CROSS JOIN reading b ON b.node = nodes.id "
    "AND b.ts_ms >= ifnull((SELECT c.ts_ms FROM reading c WHERE c.node = nodes.id "
    "ORDER BY c.ts_ms DESC LIMIT 1 OFFSET 999), 0) "
    "WHERE b.row > (SELECT value FROM meta WHERE name = 'session_after_reading') "
    "AND b.row < (SELECT min(row) FROM last) UNION ALL "
    "SELECT 1, * FROM (SELECT ts_ms, row, message_id, payload_hash FROM refused "
    "WHERE row > (SELECT value FROM meta WHERE name = 'session_after_refused') "
    "ORDER BY row DESC LIMIT " LAST ")) "
    "WHERE message_id IS NOT NULL ORDER BY rank, ts_ms, row";

static const char summary_sql[] =
    "SELECT (SELECT value FROM meta WHERE name = 'command_epoch'),"
    " (SELECT max(row) FROM reading),"
    " max(ifnull((SELECT max(ts_ms) FROM (SELECT ts_ms FROM reading ORDER BY row DESC LIMIT "
    "1000)), 0), ifnull((SELECT max(ts_ms) FROM (SELECT ts_ms FROM rele_data ORDER BY row DESC "
    "LIMIT 1000)), 0)),"
    " (SELECT max(id) FROM (SELECT id FROM decision ORDER BY row DESC LIMIT 1000)),"
    " (SELECT max(id) FROM (SELECT id FROM alert ORDER BY row DESC LIMIT 1000)),"
    " (SELECT count(*) FROM meta WHERE name = 'session_after_reading')";

static bool restore_summary(void *user, sqlite3_stmt *row)
{
	struct journal_restored *restored = user;

	restored->epoch = (uint32_t)sqlite3_column_int64(row, 0);
	restored->has_rows = sqlite3_column_int64(row, 1) > 0;
	restored->newest.ms = sqlite3_column_int64(row, 2);
	restored->last_decision_id = (uint32_t)sqlite3_column_int64(row, 3);
	restored->last_alert_id = (uint32_t)sqlite3_column_int64(row, 4);
	restored->has_session = sqlite3_column_int(row, 5) != 0;
	return false;
}

static bool restore_admission(void *user, sqlite3_stmt *row)
{
	const struct journal_restore_visit *visit = user;

	visit->on_admission(visit->user, journal_column_text(row, 0), journal_column_text(row, 1));
	return true;
}

static bool restore_setting(void *user, sqlite3_stmt *row)
{
	const struct journal_restore_visit *visit = user;
	const char *battery = journal_column_text(row, 0);
	const char *name = journal_column_text(row, 1);
	const char *text = journal_column_text(row, 2);
	struct parameter_value value;
	enum parameter_id parameter;
	char sentence[SENTENCE_MAX];
	struct text error = text_in(sentence, sizeof(sentence));

	if (parameter_find(&parameter, name) == 0 &&
	    parameter_parse(&value, parameter, text, &error) == 0)
		visit->on_setting(visit->user, battery, parameter, &value);
	else
		visit->on_unreadable(visit->user, battery, name, text);
	return true;
}

static bool restore_battery(void *user, sqlite3_stmt *row)
{
	const struct journal_restore_visit *visit = user;
	struct kept_battery kept = {
	    .day = sqlite3_column_int64(row, 1),
	    .trips_today = sqlite3_column_int(row, 2),
	    .is_locked_out = sqlite3_column_int(row, 3) != 0,
	};

	visit->on_battery(visit->user, journal_column_text(row, 0), &kept);
	return true;
}

static bool restore_relay(void *user, sqlite3_stmt *row)
{
	const struct journal_restore_visit *visit = user;
	struct kept_relay kept = {
	    .day = sqlite3_column_int64(row, 1),
	    .switches_today = sqlite3_column_int(row, 2),
	    .has_switches = sqlite3_column_type(row, 3) != SQLITE_NULL,
	    .switches = (uint32_t)sqlite3_column_int64(row, 3),
	    .is_ours = sqlite3_column_int(row, 7) != 0,
	    .override =
		{
		    .is_active = sqlite3_column_type(row, 4) != SQLITE_NULL,
		    .id = (uint32_t)sqlite3_column_int64(row, 4),
		    .is_on = strcmp(journal_column_text(row, 5), "on") == 0,
		    .ends_wall = {sqlite3_column_int64(row, 6)},
		},
	};

	visit->on_relay(visit->user, journal_column_text(row, 0), &kept);
	return true;
}

static bool restore_message(void *user, sqlite3_stmt *row)
{
	const struct journal_restore_visit *visit = user;

	visit->on_message(visit->user, (uint16_t)sqlite3_column_int(row, 0),
			  (uint32_t)sqlite3_column_int64(row, 1));
	return true;
}

static int restore_each(struct journal_reader *reader, const char *sql, journal_row_visit *visit,
			const void *user)
{
	sqlite3_stmt *statement;
	int answer = journal_reader_prepare(reader, &statement, sql);

	if (answer == 0)
		answer = journal_reader_run(reader, statement, visit, (void *)user);
	return answer;
}

int journal_restore(struct journal_reader *reader, struct journal_restored *out,
		    const struct journal_restore_visit *visit)
{
	struct journal_restored restored = {0};
	int answer = restore_each(reader, summary_sql, restore_summary, &restored);

	if (answer == 0)
		answer = restore_each(reader,
				      "SELECT substr(name, 10), value FROM meta "
				      /* A relay's battery may be one that was let in, too. */
				      "WHERE name GLOB 'admitted:*' "
				      "ORDER BY value GLOB 'relay *', name",
				      restore_admission, visit);
	if (answer == 0)
		answer = restore_each(reader, "SELECT battery, parameter, value FROM setting",
				      restore_setting, visit);
	if (answer == 0)
		answer = restore_each(
		    reader, "SELECT battery, day, trips_today, is_locked_out FROM kept_battery",
		    restore_battery, visit);
	if (answer == 0)
		answer = restore_each(reader,
				      "SELECT relay, day, switches_today, switches, override_id, "
				      "override_state, override_ends_ms, is_ours FROM kept_relay",
				      restore_relay, visit);
	if (answer == 0)
		answer = restore_each(reader, messages_sql, restore_message, visit);
	if (answer == 0)
		*out = restored;
	return answer;
}

struct asked_visit {
	journal_asked_visit *visit;
	void *user;
};

static bool restore_asked(void *user, sqlite3_stmt *row)
{
	const struct asked_visit *asked = user;

	asked->visit(asked->user, (uint32_t)sqlite3_column_int(row, 0), journal_column_text(row, 1));
	return true;
}

/* The texts begin with a time, all of the same length. */
int journal_read_asked(struct journal_reader *reader, journal_asked_visit *visit, void *user)
{
	const struct asked_visit asked = {visit, user};

	return restore_each(reader,
			    "SELECT substr(name, 7), value FROM meta WHERE name GLOB 'asked:*' "
			    "ORDER BY value",
			    restore_asked, &asked);
}

struct note_visit {
	journal_note_visit *visit;
	void *user;
};

static bool restore_note(void *user, sqlite3_stmt *row)
{
	const struct note_visit *note = user;

	note->visit(note->user, journal_column_text(row, 0), journal_column_text(row, 1));
	return true;
}

int journal_read_notes(struct journal_reader *reader, journal_note_visit *visit, void *user)
{
	const struct note_visit note = {visit, user};

	return restore_each(reader,
			    "SELECT substr(name, 6), value FROM meta WHERE name GLOB 'note:*' "
			    "ORDER BY name",
			    restore_note, &note);
}
