/*
 * The rows of battery_data and rele_data, for the API's history by node and time.
 *
 * Both have an index of name and time only. A query over all names asks for the
 * names first, in a table or by steps over the index, and then for each as for one.
 */
#include "adapt/journal_read.h"

#include <stdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/journal_reader.h"
#include "adapt/journal_schema.h"
#include "base/text.h"

#define SQL_MAX 1024

const struct journal_table journal_readings_table = {
    "battery_data", "node",
    "SELECT name FROM node WHERE EXISTS (SELECT 1 FROM reading WHERE node = id) ORDER BY name",
    "row, ts_ms, mono_ms, flags, node, soc_pct, temp_c, temp_max_c, voltage_v, current_a, power_w, "
    "soh_pct, interval_s, cells_mv, measured_ms, sequence, quality"};

const struct journal_table journal_relays_table = {
    "rele_data", "relay", JOURNAL_NAMES("relay", "rele_data"),
    "row, ts_ms, flags, relay, battery, role, state, phase, wished, lease_s, switches, n, boot, "
    "power_w"};

const struct journal_table journal_meters_table = {
    "meter_data", "meter", "SELECT name FROM meter_name ORDER BY name",
    "row, ts_ms, flags, meter, power_w, power_min_w, power_max_w, power_last_w, count, known_s, "
    "imported_wh, exported_wh, quality"};

/* --- rows ----------------------------------------------------------------- */

static bool has_column(sqlite3_stmt *row, int column)
{
	return sqlite3_column_type(row, column) != SQLITE_NULL;
}

static uint8_t cells_parse(uint16_t cells[CELLS_MAX], const char *text)
{
	uint8_t count = 0;

	while (*text != '\0' && count < CELLS_MAX) {
		char *end;

		cells[count++] = (uint16_t)strtoul(text, &end, 10);
		text = *end == ',' ? end + 1 : end;
		if (*end != ',')
			break;
	}
	return count;
}

bool journal_visit_reading(void *user, sqlite3_stmt *row)
{
	const struct journal_visitor *visitor = user;
	int64_t flags = sqlite3_column_int64(row, 3);
	struct journal_reading reading = {
	    .row = sqlite3_column_int64(row, 0),
	    .wall = {sqlite3_column_int64(row, 1)},
	    .wall_is_trusted = (flags & JOURNAL_FLAG_UNTRUSTED) == 0,
	    .has_mono = has_column(row, 2),
	    .mono = {sqlite3_column_int64(row, 2)},
	    .node = journal_column_text(row, 4),
	    .received =
		{
		    .soc_pct = journal_column_real(row, 5),
		    .temp_c = journal_column_real(row, 6),
		    .temp_max_c = journal_column_real(row, 7),
		    .voltage_v = journal_column_real(row, 8),
		    .current_a = journal_column_real(row, 9),
		    .power_w = journal_column_real(row, 10),
		    .soh_pct = journal_column_real(row, 11),
		    .interval_s = journal_column_real(row, 12),
		},
	    .has_measured = has_column(row, 14),
	    .measured = {sqlite3_column_int64(row, 14)},
	    .has_sequence = has_column(row, 15),
	    .sequence = sqlite3_column_int64(row, 15),
	    .quality = (enum quality)sqlite3_column_int(row, 16),
	    .acts = (flags & JOURNAL_FLAG_PASSIVE) == 0,
	};

	reading.cell_count = cells_parse(reading.cell_mv, journal_column_text(row, 13));
	return visitor->reading(visitor->user, &reading);
}

static const char *phase_name_at(int index)
{
	return relay_phase_name((enum relay_phase)index);
}

static bool column_is(sqlite3_stmt *row, int column, const char *word)
{
	return strcmp(journal_column_text(row, column), word) == 0;
}

bool journal_visit_relay(void *user, sqlite3_stmt *row)
{
	const struct journal_visitor *visitor = user;
	struct journal_relay relay = {
	    .row = sqlite3_column_int64(row, 0),
	    .wall = {sqlite3_column_int64(row, 1)},
	    .wall_is_trusted = (sqlite3_column_int64(row, 2) & JOURNAL_FLAG_UNTRUSTED) == 0,
	    .relay = journal_column_text(row, 3),
	    .battery = journal_column_text(row, 4),
	    .role = column_is(row, 5, relay_role_name(RELAY_LOAD)) ? RELAY_LOAD : RELAY_SOURCE,
	    .is_on = column_is(row, 6, "on"),
	    .phase = (enum relay_phase)journal_name_find(journal_column_text(row, 7), phase_name_at,
							 RELAY_TIMEOUT + 1, RELAY_UNKNOWN),
	    .wished_on = column_is(row, 8, "on"),
	    .lease_left_ms = (int64_t)(sqlite3_column_double(row, 9) * MS_PER_SECOND + 0.5),
	    .has_switches = has_column(row, 10),
	    .switches = sqlite3_column_int64(row, 10),
	    .has_number = has_column(row, 11),
	    .number = sqlite3_column_int64(row, 11),
	    .has_boot = has_column(row, 12),
	    .boot = sqlite3_column_int64(row, 12),
	    .has_power = has_column(row, 13),
	    .power_w = journal_column_real(row, 13),
	};

	return visitor->relay(visitor->user, &relay);
}

bool journal_visit_meter(void *user, sqlite3_stmt *row)
{
	const struct journal_visitor *visitor = user;
	struct journal_meter meter = {
	    .row = sqlite3_column_int64(row, 0),
	    .wall_is_trusted = (sqlite3_column_int64(row, 2) & JOURNAL_FLAG_UNTRUSTED) == 0,
	    .meter = journal_column_text(row, 3),
	    .minute =
		{
		    .from = {sqlite3_column_int64(row, 1)},
		    .count = sqlite3_column_int(row, 8),
		    .known_ms = (int32_t)lround(sqlite3_column_double(row, 9) * MS_PER_SECOND),
		    .quality = (enum quality)sqlite3_column_int(row, 12),
		    .mean_w = journal_column_real(row, 4),
		    .min_w = journal_column_real(row, 5),
		    .max_w = journal_column_real(row, 6),
		    .last_w = journal_column_real(row, 7),
		    .imported_wh = journal_column_real(row, 10),
		    .exported_wh = journal_column_real(row, 11),
		},
	};

	return visitor->meter(visitor->user, &meter);
}

/* --- queries -------------------------------------------------------------- */

/* Parameters: 1 from, 2 to, 3 limit, 4 the name. */
static void span_sql(struct text *sql, const struct journal_table *table, bool has_name,
		     bool newest_first)
{
	const char *way = newest_first ? "DESC" : "ASC";

	if (has_name)
		text_add(sql, "SELECT %s FROM %s WHERE %s = ?4", table->columns, table->name,
			 table->key);
	else
		text_add(sql, "SELECT %s FROM (%s) CROSS JOIN %s ON %s = name WHERE 1",
			 table->columns, table->names, table->name, table->key);
	text_add(sql, " AND ts_ms >= ?1 AND ts_ms < ?2 ORDER BY ts_ms %s, row %s LIMIT ?3", way,
		 way);
}

int journal_reader_span(struct journal_reader *reader, const char *sql, const char *name,
			struct journal_span span, journal_row_visit *visit, void *user)
{
	sqlite3_stmt *statement;
	int answer = journal_reader_prepare(reader, &statement, sql);

	if (answer != 0)
		return answer;
	sqlite3_bind_int64(statement, 1, span.from.ms);
	sqlite3_bind_int64(statement, 2, span.to.ms);
	sqlite3_bind_int64(statement, 3, span.limit);
	if (name != NULL)
		sqlite3_bind_text(statement, 4, name, -1, SQLITE_STATIC);
	return journal_reader_run(reader, statement, visit, user);
}

static int read_span(struct journal_reader *reader, const struct journal_table *table,
		     const char *name, struct journal_span span, journal_row_visit *visit,
		     struct journal_visitor *visitor)
{
	char data[SQL_MAX];
	struct text sql = text_in(data, sizeof(data));

	span_sql(&sql, table, name != NULL, span.newest_first);
	return journal_reader_span(reader, data, name, span, visit, visitor);
}

int journal_read_readings(struct journal_reader *reader, const char *node, struct journal_span span,
			  journal_reading_visit *visit, void *user)
{
	struct journal_visitor visitor = {.reading = visit, .user = user};

	return read_span(reader, &journal_readings_table, node, span, journal_visit_reading,
			 &visitor);
}

/*
 * By the time of each node, since an import of the past may have brought many rows lately; all
 * nodes have the same share of ?1. And the last ?2 rows.
 */
static const char newest_sql[] =
    "WITH nodes(id) AS MATERIALIZED (SELECT id FROM node WHERE EXISTS "
    "(SELECT 1 FROM reading WHERE node = id) LIMIT 200), "
    "newest(number) AS (SELECT r.row FROM nodes CROSS JOIN reading r ON r.node = id "
    "AND r.ts_ms >= ifnull((SELECT c.ts_ms FROM reading c WHERE c.node = id ORDER BY c.ts_ms DESC "
    "LIMIT 1 OFFSET ?1 / (SELECT max(1, count(*)) FROM nodes) - 1), 0) "
    "UNION SELECT * FROM (SELECT row FROM reading ORDER BY row DESC LIMIT ?2)) "
    "SELECT %s FROM newest CROSS JOIN battery_data ON row = number ORDER BY row";

int journal_read_newest_readings(struct journal_reader *reader, uint32_t limit, uint32_t last,
				 journal_reading_visit *visit, void *user)
{
	struct journal_visitor visitor = {.reading = visit, .user = user};
	char data[SQL_MAX];
	struct text sql = text_in(data, sizeof(data));
	sqlite3_stmt *statement;
	int answer;

	text_add(&sql, newest_sql, journal_readings_table.columns);
	answer = journal_reader_prepare(reader, &statement, data);
	if (answer != 0)
		return answer;
	sqlite3_bind_int64(statement, 1, limit);
	sqlite3_bind_int64(statement, 2, last);
	return journal_reader_run(reader, statement, journal_visit_reading, &visitor);
}

int journal_read_meters(struct journal_reader *reader, const char *meter, struct journal_span span,
			journal_meter_visit *visit, void *user)
{
	struct journal_visitor visitor = {.meter = visit, .user = user};

	return read_span(reader, &journal_meters_table, meter, span, journal_visit_meter, &visitor);
}

int journal_read_relays(struct journal_reader *reader, const char *relay, struct journal_span span,
			journal_relay_visit *visit, void *user)
{
	struct journal_visitor visitor = {.relay = visit, .user = user};

	return read_span(reader, &journal_relays_table, relay, span, journal_visit_relay, &visitor);
}

/* --- who and how far ------------------------------------------------------ */

static bool read_last(void *user, sqlite3_stmt *row)
{
	int64_t *last = user;

	last[0] = sqlite3_column_int64(row, 0);
	last[1] = sqlite3_column_int64(row, 1);
	return false;
}

int journal_read_last(struct journal_reader *reader, int64_t *readings_last, int64_t *relays_last)
{
	sqlite3_stmt *statement;
	int64_t last[2] = {0, 0};
	int answer = journal_reader_prepare(
	    reader, &statement,
	    "SELECT (SELECT max(row) FROM reading), (SELECT max(row) FROM rele_data)");

	if (answer == 0)
		answer = journal_reader_run(reader, statement, read_last, last);
	if (answer == 0) {
		*readings_last = last[0];
		*relays_last = last[1];
	}
	return answer;
}

static bool read_identity(void *user, sqlite3_stmt *row)
{
	struct journal_identity *identity = user;

	(void)snprintf(identity->collector.text, sizeof(identity->collector.text), "%s",
		       journal_column_text(row, 0));
	identity->epoch = sqlite3_column_int64(row, 1);
	identity->created.ms = sqlite3_column_int64(row, 2);
	return false;
}

int journal_read_identity(struct journal_reader *reader, struct journal_identity *out)
{
	sqlite3_stmt *statement;
	struct journal_identity identity = {0};
	int answer = journal_reader_prepare(
	    reader, &statement,
	    "SELECT (SELECT value FROM meta WHERE name = 'collector'), (SELECT value FROM meta "
	    "WHERE "
	    "name = 'epoch'), (SELECT value FROM meta WHERE name = 'created')");

	if (answer == 0)
		answer = journal_reader_run(reader, statement, read_identity, &identity);
	if (answer == 0)
		*out = identity;
	return answer;
}
