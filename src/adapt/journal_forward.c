/*
 * Rows of any table by number, for the forwarder, and the sentences that the
 * server's tables have beside the codes: a person who asks the server has no
 * program of ours at hand that would turn codes into words.
 */
#include "adapt/journal_forward.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "model/alert.h"
#include "model/decision.h"

#define SQL_MAX 4096
#define SENTENCE_MAX 512

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

static const char *alert_at(int index)
{
	return alert_name((enum alert_code)index);
}

static const char *text_of(sqlite3_value *value)
{
	const char *text = (const char *)sqlite3_value_text(value);

	return text ? text : "";
}

static void give_sentence(sqlite3_context *context, const struct text *sentence)
{
	sqlite3_result_text(context, sentence->data, (int)sentence->length, SQLITE_TRANSIENT);
}

/* Of the journal's version 1 there is no flip: then the reason stands for it, as in the API. */
static void decision_sentence(sqlite3_context *context, int count, sqlite3_value **values)
{
	int intent = journal_name_find(text_of(values[0]), intent_at, INTENT_COUNT, -1);
	int winner = journal_name_find(text_of(values[1]), decider_at, DECIDER_COUNT, -1);
	int reason = journal_name_find(text_of(values[2]), reason_at, REASON_COUNT, -1);
	int flip = journal_name_find(text_of(values[5]), reason_at, REASON_COUNT, -1);
	char data[SENTENCE_MAX];
	struct text sentence = text_in(data, sizeof(data));

	(void)count;
	if (intent < 0 || winner < 0 || reason < 0)
		return;
	struct decision decision = {
	    .intent = (enum intent)intent,
	    .winner = (enum decider)winner,
	    .reason = {(enum reason_code)reason, sqlite3_value_int64(values[3]),
		       sqlite3_value_int64(values[4])},
	};
	decision.flip = decision.reason;
	if (flip >= 0) {
		decision.flip.code = (enum reason_code)flip;
		decision.flip.limit = sqlite3_value_int64(values[6]);
	}
	decision_format(&decision, NULL, &sentence);
	give_sentence(context, &sentence);
}

static void alert_sentence(sqlite3_context *context, int count, sqlite3_value **values)
{
	int code = journal_name_find(text_of(values[0]), alert_at, ALERT_COUNT, -1);
	char data[SENTENCE_MAX];
	struct text sentence = text_in(data, sizeof(data));
	struct alert alert = {
	    .value = sqlite3_value_int64(values[2]),
	    .limit = sqlite3_value_int64(values[3]),
	};

	(void)count;
	if (code <= ALERT_NONE)
		return;
	alert.code = (enum alert_code)code;
	(void)snprintf(alert.subject.text, sizeof(alert.subject.text), "%s", text_of(values[1]));
	(void)snprintf(alert.detail, sizeof(alert.detail), "%s", text_of(values[4]));
	if (sqlite3_value_int(values[5]))
		alert_format(&alert, &sentence);
	else
		alert_format_over(&alert, &sentence);
	give_sentence(context, &sentence);
}

int journal_forward_prepare(struct journal_reader *reader)
{
	const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;

	if (sqlite3_create_function(reader->db, "decision_sentence", 7, flags, NULL,
				    decision_sentence, NULL, NULL) != SQLITE_OK ||
	    sqlite3_create_function(reader->db, "alert_sentence", 6, flags, NULL, alert_sentence,
				    NULL, NULL) != SQLITE_OK)
		return -EIO;
	return 0;
}

int journal_forward_after(struct journal_reader *reader, const char *table, const char *columns,
			  int64_t row, uint32_t limit, journal_row_visit *visit, void *user)
{
	char data[SQL_MAX];
	struct text sql = text_in(data, sizeof(data));
	sqlite3_stmt *statement;
	int answer;

	text_add(&sql, "SELECT %s FROM %s WHERE row > ?1 ORDER BY row LIMIT ?2", columns, table);
	answer = journal_reader_prepare(reader, &statement, data);
	if (answer != 0)
		return answer;
	sqlite3_bind_int64(statement, 1, row);
	sqlite3_bind_int64(statement, 2, limit);
	return journal_reader_run(reader, statement, visit, user);
}

static bool read_last(void *user, sqlite3_stmt *row)
{
	*(int64_t *)user = sqlite3_column_int64(row, 0);
	return false;
}

int journal_forward_last(struct journal_reader *reader, const char *table, int64_t *row)
{
	char data[SQL_MAX];
	struct text sql = text_in(data, sizeof(data));
	sqlite3_stmt *statement;
	int answer;

	*row = 0;
	text_add(&sql, "SELECT row FROM %s ORDER BY row DESC LIMIT 1", table);
	answer = journal_reader_prepare(reader, &statement, data);
	return answer != 0 ? answer : journal_reader_run(reader, statement, read_last, row);
}
