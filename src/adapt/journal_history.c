/* What happened and why: decisions, alerts and refused messages, for people. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "adapt/journal_read.h"
#include "adapt/journal_reader.h"
#include "adapt/journal_schema.h"
#include "base/text.h"

#define SQL_MAX 512

static const char *intent_at(int index)
{
	return intent_name((enum intent)index);
}

static const char *decider_at(int index)
{
	return decider_name((enum decider)index);
}

static const char *reason_at(int index)
{
	return reason_name((enum reason_code)index);
}

static const char *quality_at(int index)
{
	return quality_name((enum quality)index);
}

static const char *alert_at(int index)
{
	return alert_name((enum alert_code)index);
}

static const char *refusal_at(int index)
{
	return refusal_name((enum refusal)index);
}

static enum intent intent_find(const char *name)
{
	return (enum intent)journal_name_find(name, intent_at, INTENT_COUNT, INTENT_SAFE);
}

static enum reason_code reason_find(const char *name)
{
	return (enum reason_code)journal_name_find(name, reason_at, REASON_COUNT, REASON_NONE);
}

static void ident_copy(struct ident *out, const char *text)
{
	(void)snprintf(out->text, sizeof(out->text), "%s", text);
}

/* Parameters: 1 from, 2 to, 3 limit, 4 the battery where `key` is not NULL. */
static int history_run(struct journal_reader *reader, const char *select, const char *name,
		       struct journal_span span, journal_row_visit *visit, void *visitor)
{
	const char *way = span.newest_first ? "DESC" : "ASC";
	char data[SQL_MAX];
	struct text sql = text_in(data, sizeof(data));

	text_add(&sql, "%s WHERE ts_ms >= ?1 AND ts_ms < ?2%s ORDER BY ts_ms %s, row %s LIMIT ?3",
		 select, name != NULL ? " AND battery = ?4" : "", way, way);
	return journal_reader_span(reader, data, name, span, visit, visitor);
}

/* --- decisions ------------------------------------------------------------ */

#define DECISION_COLUMNS                                                         \
	"row, ts_ms, mono_ms, flags, id, battery, intent, winner, reason, "      \
	"value, limit_value, wanted, wishes, quality, age_ms, soc_pct, temp_c, " \
	"temp_max_c, flip, flip_limit"

const struct journal_table journal_decisions_table = {
    .name = "decision",
    .key = "battery",
    .names = JOURNAL_NAMES("battery", "decision"),
    .columns = DECISION_COLUMNS,
};

static const char *member_text(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "";
}

static void wishes_parse(struct decision *decision, const char *text)
{
	json_t *list = json_loads(text, 0, NULL);
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
	{
		int decider =
		    journal_name_find(member_text(item, "decider"), decider_at, DECIDER_COUNT, -1);

		if (decider < 0)
			continue;
		decision->wishes[decider] = (struct wish){
		    .is_given = true,
		    .intent = intent_find(member_text(item, "intent")),
		    .reason =
			{
			    .code = reason_find(member_text(item, "reason")),
			    .value = json_integer_value(json_object_get(item, "value")),
			    .limit = json_integer_value(json_object_get(item, "limit")),
			},
		};
	}
	json_decref(list);
}

bool journal_visit_decision(void *user, sqlite3_stmt *row)
{
	const struct journal_visitor *visitor = user;
	struct ident battery;
	struct decision decision = {
	    .at = {sqlite3_column_int64(row, 1)},
	    .at_mono = {sqlite3_column_int64(row, 2)},
	    .wall_is_trusted = (sqlite3_column_int64(row, 3) & JOURNAL_FLAG_UNTRUSTED) == 0,
	    .id = (uint32_t)sqlite3_column_int64(row, 4),
	    .intent = intent_find(journal_column_text(row, 6)),
	    .winner = (enum decider)journal_name_find(journal_column_text(row, 7), decider_at,
						      DECIDER_COUNT, DECIDER_SAFETY),
	    .reason = {reason_find(journal_column_text(row, 8)), sqlite3_column_int64(row, 9),
		       sqlite3_column_int64(row, 10)},
	    .wanted = intent_find(journal_column_text(row, 11)),
	    .quality = (enum quality)journal_name_find(journal_column_text(row, 13), quality_at,
						       QUALITY_GOOD + 1, QUALITY_MISSING),
	    .age_ms = sqlite3_column_int64(row, 14),
	    .soc_bp = (int32_t)lround(sqlite3_column_double(row, 15) * 100),
	    .temp_min_mc = (int32_t)lround(sqlite3_column_double(row, 16) * 1000),
	    .temp_max_mc = (int32_t)lround(sqlite3_column_double(row, 17) * 1000),
	};

	decision.flip = decision.reason;
	/* Rows of the time before version 2 do not have it. */
	if (sqlite3_column_type(row, 18) != SQLITE_NULL) {
		decision.flip.code = reason_find(journal_column_text(row, 18));
		decision.flip.limit = sqlite3_column_int64(row, 19);
	}
	ident_copy(&battery, journal_column_text(row, 5));
	wishes_parse(&decision, journal_column_text(row, 12));
	return visitor->decision(visitor->user, sqlite3_column_int64(row, 0), &battery, &decision);
}

int journal_read_decisions(struct journal_reader *reader, const char *battery,
			   struct journal_span span, journal_decision_visit *visit, void *user)
{
	struct journal_visitor visitor = {.decision = visit, .user = user};

	return history_run(reader, "SELECT " DECISION_COLUMNS " FROM decision", battery, span,
			   journal_visit_decision, &visitor);
}

/* --- alerts --------------------------------------------------------------- */

#define ALERT_COLUMNS                                                 \
	"row, ts_ms, id, code, subject, value, limit_value, detail, " \
	"is_active, is_acknowledged, count, raised_ms, cleared_ms"
#define ROWS_LOOKED_AT "100000"

struct alert_visitor {
	journal_alert_visit *visit;
	void *user;
};

static bool read_alert(void *user, sqlite3_stmt *row)
{
	const struct alert_visitor *visitor = user;
	struct alert alert = {
	    .id = (uint32_t)sqlite3_column_int64(row, 2),
	    .code = (enum alert_code)journal_name_find(journal_column_text(row, 3), alert_at,
						       ALERT_COUNT, ALERT_NONE),
	    .value = sqlite3_column_int64(row, 5),
	    .limit = sqlite3_column_int64(row, 6),
	    .is_active = sqlite3_column_int(row, 8) != 0,
	    .is_acknowledged = sqlite3_column_int(row, 9) != 0,
	    .count = (uint32_t)sqlite3_column_int64(row, 10),
	    .raised = {sqlite3_column_int64(row, 11)},
	    .cleared = {sqlite3_column_int64(row, 12)},
	};

	ident_copy(&alert.subject, journal_column_text(row, 4));
	(void)snprintf(alert.detail, sizeof(alert.detail), "%s", journal_column_text(row, 7));
	return visitor->visit(visitor->user, sqlite3_column_int64(row, 0),
			      (struct wall_time){sqlite3_column_int64(row, 1)}, &alert);
}

int journal_read_alerts(struct journal_reader *reader, struct journal_span span,
			journal_alert_visit *visit, void *user)
{
	struct alert_visitor visitor = {visit, user};

	return history_run(reader, "SELECT " ALERT_COLUMNS " FROM alert", NULL, span, read_alert,
			   &visitor);
}

/*
 * The last row about a matter says whether it is over. Not all of a book of years is looked
 * through: what is older than that many rows about other matters was told long ago.
 */
int journal_read_active_alerts(struct journal_reader *reader, journal_alert_visit *visit,
			       void *user)
{
	struct alert_visitor visitor = {visit, user};
	sqlite3_stmt *statement;
	int result = journal_reader_prepare(
	    reader, &statement,
	    "SELECT " ALERT_COLUMNS " FROM alert WHERE is_active AND row IN "
	    "(SELECT max(row) FROM alert WHERE row > (SELECT max(row) FROM alert) - " ROWS_LOOKED_AT
	    " GROUP BY code, subject) ORDER BY row");

	return result != 0 ? result : journal_reader_run(reader, statement, read_alert, &visitor);
}

/* --- refused messages ----------------------------------------------------- */

struct refused_visitor {
	journal_refused_visit *visit;
	void *user;
};

static enum refusal refusal_find(const char *name)
{
	return (enum refusal)journal_name_find(name, refusal_at, REFUSAL_COUNT, REFUSAL_NONE);
}

static bool read_refused(void *user, sqlite3_stmt *row)
{
	const struct refused_visitor *visitor = user;
	struct journal_refused refused = {
	    .row = sqlite3_column_int64(row, 0),
	    .wall = {sqlite3_column_int64(row, 1)},
	    .refusal = refusal_find(journal_column_text(row, 2)),
	    .topic = journal_column_text(row, 3),
	    .payload_length = sqlite3_column_int64(row, 4),
	    .payload = sqlite3_column_blob(row, 5),
	    .kept_length = (size_t)sqlite3_column_bytes(row, 5),
	};

	return visitor->visit(visitor->user, &refused);
}

int journal_read_refused(struct journal_reader *reader, struct journal_span span,
			 journal_refused_visit *visit, void *user)
{
	struct refused_visitor visitor = {visit, user};

	return history_run(reader, "SELECT row, ts_ms, reason, topic, length, payload FROM refused",
			   NULL, span, read_refused, &visitor);
}

static bool count_refused(void *user, sqlite3_stmt *row)
{
	int64_t *counts = user;

	counts[refusal_find(journal_column_text(row, 0))] += sqlite3_column_int64(row, 1);
	return true;
}

int journal_count_refused(struct journal_reader *reader, int64_t counts[REFUSAL_COUNT])
{
	int64_t found[REFUSAL_COUNT] = {0};
	sqlite3_stmt *statement;
	int answer = journal_reader_prepare(reader, &statement,
					    "SELECT reason, count(*) FROM refused GROUP BY reason");

	if (answer == 0)
		answer = journal_reader_run(reader, statement, count_refused, found);
	if (answer == 0)
		memcpy(counts, found, sizeof(found));
	return answer;
}
