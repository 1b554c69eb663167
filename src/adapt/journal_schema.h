/*
 * The journal's tables and the statements that write them; part of journal.
 *
 * Texts are the names that model/ gives them, so that the file can be read
 * without Amphora and outlives a change of its enums. Of readings, of which there
 * are millions, `quality` and `flags` are numbers, and the values whole ones
 * where that takes less; the view battery_data shows them.
 */
#pragma once

/* "Amph", in SQLite's application_id. */
#define JOURNAL_APPLICATION_ID 0x416d7068

/* Bits of the column `flags`, and the lowest of a reading's `marks`. */
#define JOURNAL_FLAG_PASSIVE 1   /* control could not use it: retained, backlog */
#define JOURNAL_FLAG_UNTRUSTED 2 /* the wall clock was not trusted; mono_ms is kept */

/* What else is in a reading's `marks`, 0 as a rule: what quality lacks of good, mono_ms + 1. */
#define JOURNAL_MARK_QUALITY 2
#define JOURNAL_MARK_MONO 5

/* Of what a reading's values are whole numbers where they can be, in 1/these. */
#define JOURNAL_SCALE 100
#define JOURNAL_SCALE_ELECTRIC 1000 /* V and A */

/* Of what a meter's values are whole numbers: rounded, as a mean always is. */
#define JOURNAL_SCALE_METER_W 10
#define JOURNAL_SCALE_METER_WH 1000

/* The tables of version 1; a new file gets these, then each step of journal_upgrade_sql. */
extern const char journal_schema_sql[];

/* The version of the tables, in SQLite's user_version. */
#define JOURNAL_VERSION 9

enum journal_statement {
	STATEMENT_READING,
	STATEMENT_NODE_ADD,
	STATEMENT_NODE_FIND,
	STATEMENT_RELAY,
	STATEMENT_REFUSED,
	STATEMENT_DECISION,
	STATEMENT_ALERT,
	STATEMENT_SETTING_SET,
	STATEMENT_SETTING_UNSET,
	STATEMENT_SETTING_LOG,
	STATEMENT_KEPT_BATTERY,
	STATEMENT_KEPT_RELAY,
	STATEMENT_EPOCH,
	STATEMENT_ADMIT,
	STATEMENT_FORGET,
	STATEMENT_ASKED,
	STATEMENT_NOTE,
	STATEMENT_SESSION_READINGS,
	STATEMENT_SESSION_REFUSED,
	STATEMENT_TRACE,
	STATEMENT_IMPORTED,
	STATEMENT_IMPORTED_ROWS,
	STATEMENT_AUDIT,
	STATEMENT_METER_NAME,
	STATEMENT_METER,
	STATEMENT_METER_IMPORTED,
	STATEMENT_PLAN,
	STATEMENT_PRICE,
	STATEMENT_COUNT
};

/* [n - 1] makes the tables of version n those of version n + 1, in old files and in new ones. */
extern const char *const journal_upgrade_sql[JOURNAL_VERSION - 1];

/* The SQL of each; its parameters are the values that journal_pack() writes, in order. */
extern const char *const journal_statement_sql[STATEMENT_COUNT];
