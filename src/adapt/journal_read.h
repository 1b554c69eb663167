/*
 * Reading the journal: for the API's history, for the forwarder, and at start.
 *
 * A reader is a read-only connection of its own. It may be made and used on any
 * one thread at a time, and it blocks on the disk: on a worker, or at the
 * start. Each call reads one consistent state and ends its read before it
 * returns, so that no reader holds back the write-ahead log for long.
 *
 * Every callback returns whether to go on (true) or to stop (false); rows and
 * the texts in them are borrowed for the callback. Calls return 0 (also when
 * stopped), or a negative errno: -EIO for what SQLite refuses, with the
 * sentence in journal_reader_error().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/time.h"
#include "model/event.h"
#include "model/ident.h"
#include "model/meter_minute.h"
#include "model/parameter.h"
#include "model/planned.h"
#include "model/reading.h"
#include "model/record.h"
#include "model/relay.h"
#include "model/rollup.h"

struct journal_reader;

/* Opens the journal at `path` for reading. Returns 0, -ENOENT, -EIO or -ENOMEM. */
int journal_reader_new(struct journal_reader **out, const char *path) MUST_CHECK;

/* NULL is fine. */
void journal_reader_free(struct journal_reader *reader);

/*
 * Whether it is a journal with the tables that this program knows. Returns 0, or
 * -EINVAL with what it is instead in journal_reader_error(), or -EIO.
 */
int journal_reader_check(struct journal_reader *reader) MUST_CHECK;

/* What went wrong in the last call that failed; borrowed until the next. */
const char *journal_reader_error(const struct journal_reader *reader);

/* Who wrote this journal: with the row number, the key of a row at the server. */
struct journal_identity {
	struct ident collector;
	int64_t epoch; /* random, > 0, made with the file */
	struct wall_time created;
};

int journal_read_identity(struct journal_reader *reader, struct journal_identity *out) MUST_CHECK;

/* One row of battery_data. */
struct journal_reading {
	int64_t row;           /* >= 1, grows */
	struct wall_time wall; /* arrival, by our clock */
	bool wall_is_trusted;
	bool has_mono; /* kept where the wall clock is not trusted */
	struct mono_time mono;
	const char *node;
	struct reading_received received; /* NaN where absent */
	uint8_t cell_count;
	uint16_t cell_mv[CELLS_MAX];
	bool has_measured;
	struct wall_time measured; /* by the node's clock */
	bool has_sequence;
	int64_t sequence;
	enum quality quality;
	bool acts; /* control could use it */
};

/* Whose rows are meant. */
enum journal_subject { JOURNAL_NODE, JOURNAL_RELAY, JOURNAL_METER };

/* One row of meter_data. */
struct journal_meter {
	int64_t row;
	bool wall_is_trusted;
	const char *meter;
	struct meter_minute minute;
};

/* One row of rele_data. */
struct journal_relay {
	int64_t row;
	struct wall_time wall;
	bool wall_is_trusted;
	const char *relay, *battery; /* `battery` may be empty */
	enum relay_role role;
	bool is_on;
	enum relay_phase phase;
	bool wished_on;
	int64_t lease_left_ms;
	bool has_switches;
	int64_t switches;
	bool has_number;
	int64_t number;
	bool has_boot;
	int64_t boot; /* the 64 bits that the node sent */
	bool has_power;
	double power_w;
};

struct journal_refused {
	int64_t row;
	struct wall_time wall;
	enum refusal refusal;
	const char *topic;
	int64_t payload_length; /* of the whole message */
	const uint8_t *payload; /* its beginning */
	size_t kept_length;
};

typedef bool journal_reading_visit(void *user, const struct journal_reading *reading);
typedef bool journal_relay_visit(void *user, const struct journal_relay *relay);
typedef bool journal_meter_visit(void *user, const struct journal_meter *meter);
typedef bool journal_refused_visit(void *user, const struct journal_refused *refused);
typedef bool journal_decision_visit(void *user, int64_t row, const struct ident *battery,
				    const struct decision *decision);
typedef bool journal_alert_visit(void *user, int64_t row, struct wall_time wall,
				 const struct alert *alert);

/* The half-open span of wall time to read, and how many rows at most. */
struct journal_span {
	struct wall_time from, to; /* from <= t < to */
	uint32_t limit;            /* >= 1 */
	bool newest_first;         /* else oldest first */
};

/*
 * Rows of a node, relay, meter or battery in `span`; NULL reads those of all. With
 * `newest_first` a limit keeps the newest.
 */
int journal_read_readings(struct journal_reader *reader, const char *node, struct journal_span span,
			  journal_reading_visit *visit, void *user) MUST_CHECK;
int journal_read_relays(struct journal_reader *reader, const char *relay, struct journal_span span,
			journal_relay_visit *visit, void *user) MUST_CHECK;
int journal_read_meters(struct journal_reader *reader, const char *meter, struct journal_span span,
			journal_meter_visit *visit, void *user) MUST_CHECK;
int journal_read_decisions(struct journal_reader *reader, const char *battery,
			   struct journal_span span, journal_decision_visit *visit,
			   void *user) MUST_CHECK;
int journal_read_alerts(struct journal_reader *reader, struct journal_span span,
			journal_alert_visit *visit, void *user) MUST_CHECK;
int journal_read_refused(struct journal_reader *reader, struct journal_span span,
			 journal_refused_visit *visit, void *user) MUST_CHECK;

/*
 * At the start: the last readings by time, an equal share of `limit` for each node, and the `last`
 * ones of all that were stored, in the order in which they were.
 */
int journal_read_newest_readings(struct journal_reader *reader, uint32_t limit, uint32_t last,
				 journal_reading_visit *visit, void *user) MUST_CHECK;

/* Where a page of rows ended: what comes after in the order of time and number is newer. */
struct journal_cursor {
	struct wall_time wall;
	int64_t row;
};

/* Names (nodes, relays, batteries) that are put into one order of time, at most. */
#define JOURNAL_PAGE_NAMES_MAX 128

/* Positive answer of the next four. */
#define JOURNAL_TOO_MANY_NAMES 1

/*
 * For exports: rows of `span` that come after `after` (NULL: from the first), oldest
 * first, in the order of time and number; of one node, relay or battery, or of all where it is NULL.
 * The time it takes depends on `span.limit`, not on how many rows there are.
 * `span.newest_first` counts for nothing. JOURNAL_TOO_MANY_NAMES where it is NULL and there are
 * more than JOURNAL_PAGE_NAMES_MAX. (journal_page.c)
 */
int journal_page_readings(struct journal_reader *reader, const char *node, struct journal_span span,
			  const struct journal_cursor *after, journal_reading_visit *visit,
			  void *user) MUST_CHECK;
int journal_page_relays(struct journal_reader *reader, const char *relay, struct journal_span span,
			const struct journal_cursor *after, journal_relay_visit *visit,
			void *user) MUST_CHECK;
int journal_page_meters(struct journal_reader *reader, const char *meter, struct journal_span span,
			const struct journal_cursor *after, journal_meter_visit *visit,
			void *user) MUST_CHECK;
int journal_page_decisions(struct journal_reader *reader, const char *battery,
			   struct journal_span span, const struct journal_cursor *after,
			   journal_decision_visit *visit, void *user) MUST_CHECK;

/* One row of reading_rollup, relay_rollup or meter_rollup, or a minute of a meter. */
struct journal_rollup_row {
	struct rollup_span span;
	const char *name; /* node, relay or meter */
	/*
	 * Of a node or meter, else NULL. Of a meter there is power only: charged is what was
	 * imported, discharged what was exported, and power_w.count the ms that are known.
	 */
	const struct rollup_readings *readings;
	enum quality quality;       /* of a meter: the worst */
	int64_t on_ms, closings;    /* of a relay */
	enum journal_subject subject;
};

typedef bool journal_rollup_visit(void *user, const struct journal_rollup_row *row);

/*
 * What the readings of a node, the states of a relay, or what a meter said came to; NULL: of all.
 * A meter's minutes are its rows; after a restart there may be two pieces of one.
 */
int journal_read_rollups(struct journal_reader *reader, const char *name,
			 enum journal_subject subject, enum rollup_level level,
			 struct journal_span span, journal_rollup_visit *visit,
			 void *user) MUST_CHECK;

/* Where the rows begin that are still there, single ones and of each level; INT64_MAX: none. */
struct journal_depth {
	int64_t rows_ms, rollup_ms[ROLLUP_LEVELS];
};

int journal_read_depth(struct journal_reader *reader, const char *name,
		       enum journal_subject subject, struct journal_depth *out) MUST_CHECK;

/* Until when readings, or minutes of meters, are rolled up; 0: none is. */
int journal_read_rolled_up(struct journal_reader *reader, enum journal_subject subject,
			   struct wall_time *out) MUST_CHECK;

/* At the start: the alerts that were active when the journal was last written, oldest first. */
int journal_read_active_alerts(struct journal_reader *reader, journal_alert_visit *visit,
			       void *user) MUST_CHECK;

/* At the start: what RECORD_ASKED keeps, the oldest first. */
typedef void journal_asked_visit(void *user, uint32_t place, const char *text);
int journal_read_asked(struct journal_reader *reader, journal_asked_visit *visit,
		       void *user) MUST_CHECK;

/* At the start: what RECORD_NOTE keeps. */
typedef void journal_note_visit(void *user, const char *name, const char *text);
int journal_read_notes(struct journal_reader *reader, journal_note_visit *visit,
		       void *user) MUST_CHECK;

/* One row of the trace: what the core was given, as wire/trace_code reads it. */
struct journal_trace {
	int64_t row;
	struct wall_time wall; /* of its first entry */
	enum trace_begin begin;
	const uint8_t *data;
	size_t length;
};

typedef bool journal_trace_visit(void *user, const struct journal_trace *trace);

/*
 * The row from which the trace is to be followed for what happened from `from`
 * on: the last before it that begins with a start (or, unless `starts_only`, with
 * a copy of the state), else the first; 0 where there is none.
 */
int journal_find_trace(struct journal_reader *reader, struct wall_time from, bool starts_only,
		       int64_t *row) MUST_CHECK;

/* Up to `limit` rows of the trace from `row` on, in order. */
int journal_read_trace(struct journal_reader *reader, int64_t row, uint32_t limit,
		       journal_trace_visit *visit, void *user) MUST_CHECK;

/* One row of who asked for what; texts may be empty. */
struct journal_audit {
	int64_t row;
	struct wall_time wall;
	bool wall_is_trusted;
	const char *who, *name;
	int64_t uid; /* -1: none */
	const char *transport, *address, *method, *path, *what;
	int status;
	int64_t command; /* 0: none */
	int64_t count;
};

typedef bool journal_audit_visit(void *user, const struct journal_audit *audit);

int journal_read_audit(struct journal_reader *reader, struct journal_span span,
		       journal_audit_visit *visit, void *user) MUST_CHECK;

/* A plan as it was made; borrowed for the call. One that cannot be read is passed over. */
typedef bool journal_plan_visit(void *user, const struct planned *plan);

/* Plans of `battery` that were made in `span`. */
int journal_read_plans(struct journal_reader *reader, const char *battery, struct journal_span span,
		       journal_plan_visit *visit, void *user) MUST_CHECK;

/* The highest number that a plan has, 0 without any. */
int journal_read_plan_number(struct journal_reader *reader, uint32_t *number) MUST_CHECK;

/* What energy cost in a slot, as it was known when that had begun, or came later in it. */
struct journal_price {
	struct price_slot slot; /* PRICE_MISSING where one of both was not known */
	const char *currency;
};

typedef bool journal_price_visit(void *user, const struct journal_price *price);

/*
 * Of slots that begin in `span`, oldest first (`newest_first` counts for nothing); of two of one
 * beginning the later one counts, and comes later.
 */
int journal_read_prices(struct journal_reader *reader, struct journal_span span,
			journal_price_visit *visit, void *user) MUST_CHECK;

/* The highest row numbers of battery_data and rele_data, 0 where empty; fast. */
int journal_read_last(struct journal_reader *reader, int64_t *readings_last,
		      int64_t *relays_last) MUST_CHECK;

/* Counts refused messages by reason, in `counts[REFUSAL_COUNT]`; reads that whole table. */
int journal_count_refused(struct journal_reader *reader, int64_t counts[REFUSAL_COUNT]) MUST_CHECK;

/* At the start: what the journal kept for us. */
struct journal_restored {
	uint32_t epoch;          /* of our command numbers; 0 = none yet */
	bool has_rows;           /* it has stored readings before */
	bool has_session;        /* it knows where the rows of the broker's session begin */
	struct wall_time newest; /* of the newest reading or relay row; 0 without any */
	uint32_t last_decision_id, last_alert_id;
};

struct journal_restore_visit {
	void *user;
	/* What a person has let in; before all that may be about it. */
	void (*on_admission)(void *user, const char *node, const char *text);
	void (*on_setting)(void *user, const char *battery, enum parameter_id parameter,
			   const struct parameter_value *value); /* `battery` empty: the house */
	/* A kept setting that this version cannot read: it must not become the default silently. */
	void (*on_unreadable)(void *user, const char *battery, const char *name, const char *value);
	void (*on_battery)(void *user, const char *battery, const struct kept_battery *kept);
	void (*on_relay)(void *user, const char *relay, const struct kept_relay *kept);
	/* The last stored messages of the broker's session, oldest first, for redelivery.h. */
	void (*on_message)(void *user, uint16_t message_id, uint64_t payload_hash);
};

/* Reads all of it. Every callback is required. */
int journal_restore(struct journal_reader *reader, struct journal_restored *out,
		    const struct journal_restore_visit *visit) MUST_CHECK;
