/*
 * Each reading's power holds until the next one. One that is put between two
 * takes a part of the time of the one before: what was added up for the one
 * after has to be corrected, or the part would count twice.
 */
#include "adapt/journal_between.h"

#include <math.h>

#include "adapt/journal_reader.h"
#include "adapt/journal_schema.h"

#define TEXT_OF(number) #number
#define LATE_MS(number) TEXT_OF(number)

#define COLUMNS                                                                                  \
	"SELECT r.ts_ms, CASE typeof(r.power) WHEN 'integer' THEN r.power / 100.0 ELSE r.power " \
	"END, CASE typeof(r.interval) WHEN 'integer' THEN r.interval / 100.0 ELSE r.interval "   \
	"END, r.marks FROM reading r WHERE r.node = (SELECT id FROM node WHERE name = ?1) AND "  \
	"r.row <= ?4 AND NOT (r.marks & 1 AND ifnull(r.age_ms, 0) > " LATE_MS(                   \
	    JOURNAL_BETWEEN_LATE_MS) ") AND "

static const char before_sql[] =
    COLUMNS "r.ts_ms <= ?2 AND (r.ts_ms < ?2 OR r.row < ?3) ORDER BY r.ts_ms DESC, r.row DESC "
	    "LIMIT 1";
static const char after_sql[] =
    COLUMNS "r.ts_ms >= ?2 AND (r.ts_ms > ?2 OR r.row > ?3) ORDER BY r.ts_ms, r.row LIMIT 1";

/* What it lacks of good is in the marks; flags are below, and what is above may be there or not. */
static enum quality quality_of(int64_t marks)
{
	return (enum quality)(QUALITY_GOOD - (marks >> JOURNAL_MARK_QUALITY & 7));
}

static int find_one(sqlite3_stmt *statement, const char *node, struct wall_time at, int64_t row,
		    int64_t last_row, bool *is_found, struct rollup_sample *out)
{
	int result;

	sqlite3_bind_text(statement, 1, node, -1, SQLITE_STATIC);
	sqlite3_bind_int64(statement, 2, at.ms);
	sqlite3_bind_int64(statement, 3, row);
	sqlite3_bind_int64(statement, 4, last_row);
	result = sqlite3_step(statement);
	*is_found = result == SQLITE_ROW;
	if (*is_found)
		*out = (struct rollup_sample){
		    .at = {sqlite3_column_int64(statement, 0)},
		    .power_w = journal_column_real(statement, 1),
		    .interval_s = journal_column_real(statement, 2),
		    .is_doubted =
			quality_is_doubted(quality_of(sqlite3_column_int64(statement, 3))),
		};
	sqlite3_reset(statement);
	return result == SQLITE_ROW || result == SQLITE_DONE ? SQLITE_OK : result;
}

int journal_between_find(struct journal_between *between, sqlite3 *db, const char *node,
			 struct wall_time at, int64_t row, int64_t last_row,
			 struct journal_neighbours *out)
{
	int result = SQLITE_OK;

	*out = (struct journal_neighbours){0};
	if (between->before == NULL)
		result = sqlite3_prepare_v2(db, before_sql, -1, &between->before, NULL);
	if (result == SQLITE_OK && between->after == NULL)
		result = sqlite3_prepare_v2(db, after_sql, -1, &between->after, NULL);
	if (result == SQLITE_OK)
		result = find_one(between->before, node, at, row, last_row, &out->has_before,
				  &out->before);
	if (result == SQLITE_OK)
		result =
		    find_one(between->after, node, at, row, last_row, &out->has_after, &out->after);
	return result;
}

void journal_between_finish(struct journal_between *between)
{
	sqlite3_finalize(between->before);
	sqlite3_finalize(between->after);
	*between = (struct journal_between){0};
}

struct journal_energy journal_between_energy(const struct journal_neighbours *neighbours,
					     const struct rollup_sample *sample)
{
	struct rollup_readings now = {0}, was = {0};

	if (neighbours->has_after)
		rollup_energy(&now, sample, &neighbours->after);
	if (neighbours->has_after && neighbours->has_before)
		rollup_energy(&was, &neighbours->before, &neighbours->after);
	return (struct journal_energy){now.charged_wh - was.charged_wh,
				       now.discharged_wh - was.discharged_wh};
}
