/*
 * The tables at the server. One list of columns makes each, says what of the
 * journal goes into it, and checks that what is stored reads back as it was sent.
 *
 * What a released version made of a list never changes: a new column is a step in
 * adapt/server_schema, and then in the list.
 */
#include "adapt/server_table.h"

#include <assert.h>

/* An hour that a summer's clock skips, so that a zone at work would show. */
#define SAMPLE_TIME "'2026-03-29 02:10:00.123'"
/* 0.1 + 0.2: differs from 0.3 in the last bit only. */
#define SAMPLE_DOUBLE "3.0000000000000004e-1"
#define SAMPLE_INTEGER "9223372036854775807"
#define SAMPLE_FLAG "1"
#define SAMPLE_NAME "'bB-3456789-123456789-123456789-123456789-123456789-123456789-12'"
#define SAMPLE_WORD "'contradictory'"
#define SAMPLE_CHECKER "'amphora:check'"
#define THIS_CONNECTION "CONNECTION_ID()"

#define SAMPLE_SENTENCE "'IDLE: 2.1 °C < 5.0 °C; would be ON at ≥ 7.0 °C'"
#define SAMPLE_JSON "'[{\"value\":-1}]'"

#define NAME_TYPE "VARCHAR(63) NOT NULL"
#define WORD_TYPE "VARCHAR(15) NOT NULL"
#define CODE_TYPE "VARCHAR(31) NOT NULL"
#define SENTENCE_TYPE "VARCHAR(511)"
#define ID_TYPE "BIGINT UNSIGNED NOT NULL"
#define TIME_TYPE "DATETIME(3)"
#define BOOLEAN_TYPE "BOOLEAN NOT NULL"
#define REAL_TYPE "DOUBLE NULL"

#define QUALITY_WORD                                                                  \
	"CASE quality WHEN 4 THEN 'good' WHEN 3 THEN 'suspect' WHEN 2 THEN 'frozen' " \
	"WHEN 1 THEN 'assumed' ELSE 'missing' END"

/* How every table begins. */
#define KEY_COLUMNS                                                            \
	{"collector", COLUMN_TEXT, NAME_TYPE, SAMPLE_CHECKER, NULL},           \
	    {"epoch", COLUMN_INTEGER, ID_TYPE, THIS_CONNECTION, NULL},         \
	    {"row", COLUMN_INTEGER, ID_TYPE, SAMPLE_INTEGER, "row"},           \
	{                                                                      \
		"ts", COLUMN_TIME, TIME_TYPE " NOT NULL", SAMPLE_TIME, "ts_ms" \
	}
#define TRUSTED_COLUMN                                                                     \
	{                                                                                  \
		"ts_trusted", COLUMN_INTEGER, BOOLEAN_TYPE, SAMPLE_FLAG, "(flags & 2) = 0" \
	}
#define REAL_COLUMN(name)                                           \
	{                                                           \
		name, COLUMN_DOUBLE, REAL_TYPE, SAMPLE_DOUBLE, name \
	}
#define NAME_COLUMN(name)                                       \
	{                                                       \
		name, COLUMN_TEXT, NAME_TYPE, SAMPLE_NAME, name \
	}
#define WORD_COLUMN(name)                                       \
	{                                                       \
		name, COLUMN_TEXT, WORD_TYPE, SAMPLE_WORD, name \
	}
#define CODE_COLUMN(name)                                       \
	{                                                       \
		name, COLUMN_TEXT, CODE_TYPE, SAMPLE_WORD, name \
	}
#define NUMBER_COLUMN(name)                                                   \
	{                                                                     \
		name, COLUMN_INTEGER, "BIGINT NOT NULL", SAMPLE_INTEGER, name \
	}
#define NUMBER_COLUMN_NULL(name)                                          \
	{                                                                 \
		name, COLUMN_INTEGER, "BIGINT NULL", SAMPLE_INTEGER, name \
	}
#define FLAG_COLUMN(name)                                             \
	{                                                             \
		name, COLUMN_INTEGER, BOOLEAN_TYPE, SAMPLE_FLAG, name \
	}
#define ON_OFF_COLUMN(name)                                             \
	{                                                               \
		name, COLUMN_TEXT, "VARCHAR(3) NOT NULL", "'off'", name \
	}

static const struct server_column reading_columns[] = {
    KEY_COLUMNS,
    TRUSTED_COLUMN,
    NAME_COLUMN("node"),
    REAL_COLUMN("soc_pct"),
    REAL_COLUMN("temp_c"),
    REAL_COLUMN("temp_max_c"),
    REAL_COLUMN("voltage_v"),
    REAL_COLUMN("current_a"),
    REAL_COLUMN("power_w"),
    REAL_COLUMN("soh_pct"),
    REAL_COLUMN("interval_s"),
    {"cells_mv", COLUMN_TEXT, "VARCHAR(255) NULL", "'3301,3302'", "cells_mv"},
    {"measured", COLUMN_TIME, TIME_TYPE " NULL", SAMPLE_TIME, "measured_ms"},
    NUMBER_COLUMN_NULL("sequence"),
    {"quality", COLUMN_TEXT, WORD_TYPE, SAMPLE_WORD,
     QUALITY_WORD},
    {"acts", COLUMN_INTEGER, BOOLEAN_TYPE, SAMPLE_FLAG, "(flags & 1) = 0"},
};

static const struct server_column relay_columns[] = {
    KEY_COLUMNS,
    TRUSTED_COLUMN,
    NAME_COLUMN("relay"),
    NAME_COLUMN("battery"),
    WORD_COLUMN("role"),
    ON_OFF_COLUMN("state"),
    WORD_COLUMN("phase"),
    ON_OFF_COLUMN("wished"),
    {"lease_s", COLUMN_DOUBLE, "DOUBLE NOT NULL", SAMPLE_DOUBLE, "lease_s"},
    NUMBER_COLUMN_NULL("switches"),
    NUMBER_COLUMN_NULL("n"),
    NUMBER_COLUMN_NULL("boot"),
    REAL_COLUMN("power_w"),
};

/* `value` and `limit_value` are in the reason's own units; the sentence has plain ones. */
static const struct server_column decision_columns[] = {
    KEY_COLUMNS,
    TRUSTED_COLUMN,
    NUMBER_COLUMN("id"),
    NAME_COLUMN("battery"),
    WORD_COLUMN("intent"),
    WORD_COLUMN("winner"),
    CODE_COLUMN("reason"),
    NUMBER_COLUMN("value"),
    NUMBER_COLUMN("limit_value"),
    {"flip", COLUMN_TEXT, "VARCHAR(31) NULL", SAMPLE_WORD, "flip"},
    NUMBER_COLUMN_NULL("flip_limit"),
    {"sentence", COLUMN_TEXT, SENTENCE_TYPE " NULL", SAMPLE_SENTENCE,
     "decision_sentence(intent, winner, reason, value, limit_value, flip, flip_limit)"},
    WORD_COLUMN("wanted"),
    {"wishes", COLUMN_TEXT, "TEXT NOT NULL", SAMPLE_JSON, "wishes"},
    WORD_COLUMN("quality"),
    {"age_s", COLUMN_DOUBLE, REAL_TYPE, SAMPLE_DOUBLE, "age_ms / 1000.0"},
    REAL_COLUMN("soc_pct"),
    REAL_COLUMN("temp_c"),
    REAL_COLUMN("temp_max_c"),
};

static const struct server_column alert_columns[] = {
    KEY_COLUMNS,
    NUMBER_COLUMN("id"),
    CODE_COLUMN("code"),
    NAME_COLUMN("subject"),
    NUMBER_COLUMN("value"),
    NUMBER_COLUMN("limit_value"),
    {"detail", COLUMN_TEXT, SENTENCE_TYPE " NOT NULL", SAMPLE_SENTENCE, "detail"},
    {"sentence", COLUMN_TEXT, SENTENCE_TYPE " NULL", SAMPLE_SENTENCE,
     "alert_sentence(code, subject, value, limit_value, detail, is_active)"},
    FLAG_COLUMN("is_active"),
    FLAG_COLUMN("is_acknowledged"),
    NUMBER_COLUMN("count"),
    {"raised", COLUMN_TIME, TIME_TYPE " NULL", SAMPLE_TIME, "nullif(raised_ms, 0)"},
    {"cleared", COLUMN_TIME, TIME_TYPE " NULL", SAMPLE_TIME, "nullif(cleared_ms, 0)"},
};

static const struct server_column parameter_columns[] = {
    KEY_COLUMNS,
    NAME_COLUMN("battery"),
    NAME_COLUMN("parameter"),
    {"value", COLUMN_TEXT, SENTENCE_TYPE " NULL", SAMPLE_SENTENCE, "value"},
};

static const struct server_column meter_columns[] = {
    KEY_COLUMNS,
    TRUSTED_COLUMN,
    NAME_COLUMN("meter"),
    REAL_COLUMN("power_w"),
    REAL_COLUMN("power_min_w"),
    REAL_COLUMN("power_max_w"),
    REAL_COLUMN("power_last_w"),
    NUMBER_COLUMN("count"),
    {"known_s", COLUMN_DOUBLE, "DOUBLE NOT NULL", SAMPLE_DOUBLE, "known_s"},
    {"imported_wh", COLUMN_DOUBLE, "DOUBLE NOT NULL", SAMPLE_DOUBLE, "imported_wh"},
    {"exported_wh", COLUMN_DOUBLE, "DOUBLE NOT NULL", SAMPLE_DOUBLE, "exported_wh"},
    {"quality", COLUMN_TEXT, WORD_TYPE, SAMPLE_WORD, QUALITY_WORD},
};

/* `ts` is NULL where it is what the server refuses: `content` has it then as a number. */
static const struct server_column dead_letter_columns[] = {
    {"collector", COLUMN_TEXT, NAME_TYPE, SAMPLE_CHECKER, NULL},
    {"epoch", COLUMN_INTEGER, ID_TYPE, THIS_CONNECTION, NULL},
    {"table_name", COLUMN_TEXT, NAME_TYPE, SAMPLE_NAME, NULL},
    {"row", COLUMN_INTEGER, ID_TYPE, SAMPLE_INTEGER, NULL},
    {"ts", COLUMN_TIME, TIME_TYPE " NULL", SAMPLE_TIME, NULL},
    {"reason", COLUMN_TEXT, SENTENCE_TYPE " NOT NULL", SAMPLE_SENTENCE, NULL},
    {"content", COLUMN_TEXT, "TEXT NOT NULL", SAMPLE_JSON, NULL},
};

#define ROW_KEY "collector, epoch, `row`, ts"

#define FITS(columns) \
	static_assert(ARRAY_LENGTH(columns) <= SERVER_COLUMNS_MAX, "raise SERVER_COLUMNS_MAX")
FITS(reading_columns);
FITS(relay_columns);
FITS(decision_columns);
FITS(alert_columns);
FITS(parameter_columns);
FITS(meter_columns);
FITS(dead_letter_columns);

/* clang-format off */
static const struct server_table tables[SERVER_TABLES] = {
    [SERVER_READINGS] = {"battery_data", "battery_data", ROW_KEY, "node, ts",
			 ARRAY_LENGTH(reading_columns), reading_columns},
    [SERVER_RELAYS] = {"rele_data", "rele_data", ROW_KEY, "relay, ts",
		       ARRAY_LENGTH(relay_columns), relay_columns},
    [SERVER_DECISIONS] = {"decision_data", "decision", ROW_KEY, "battery, ts",
			  ARRAY_LENGTH(decision_columns), decision_columns},
    [SERVER_ALERTS] = {"alert_data", "alert", ROW_KEY, "ts",
		       ARRAY_LENGTH(alert_columns), alert_columns},
    [SERVER_PARAMETERS] = {"parameter_data", "setting_log", ROW_KEY, "ts",
			   ARRAY_LENGTH(parameter_columns), parameter_columns},
    [SERVER_METERS] = {"meter_data", "meter_data", ROW_KEY, "meter, ts",
		       ARRAY_LENGTH(meter_columns), meter_columns},
};
/* clang-format on */

static const struct server_table dead_letter = {
    "dead_letter",
    NULL,
    "collector, epoch, table_name, `row`",
    "ts",
    ARRAY_LENGTH(dead_letter_columns),
    dead_letter_columns,
};

const struct server_table *server_table(enum server_table_id id)
{
	return &tables[id];
}

const struct server_table *server_dead_letter_table(void)
{
	return &dead_letter;
}

void server_table_write_create(const struct server_table *table, struct text *out)
{
	text_add(out, "CREATE TABLE IF NOT EXISTS %s (", table->name);
	for (size_t i = 0; i < table->column_count; i++)
		text_add(out, "`%s` %s, ", table->columns[i].name, table->columns[i].type);
	text_add(out,
		 "PRIMARY KEY (%s), INDEX (%s)) ENGINE=InnoDB "
		 "DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
		 table->key, table->index);
}

void server_table_write_sources(const struct server_table *table, struct text *out)
{
	const char *between = "";

	for (size_t i = 0; i < table->column_count; i++) {
		if (!table->columns[i].source)
			continue;
		text_add(out, "%s%s", between, table->columns[i].source);
		between = ", ";
	}
}

static void write_insert_head(const struct server_table *table, struct text *out)
{
	text_add(out, "INSERT INTO %s (", table->name);
	for (size_t i = 0; i < table->column_count; i++)
		text_add(out, "%s`%s`", i > 0 ? ", " : "", table->columns[i].name);
	text_add(out, ") VALUES ");
}

void server_table_write_insert(const struct server_table *table, size_t row_count, struct text *out)
{
	write_insert_head(table, out);
	for (size_t row = 0; row < row_count; row++) {
		text_add(out, row > 0 ? ", (" : "(");
		for (size_t i = 0; i < table->column_count; i++)
			text_add(out, i > 0 ? ", ?" : "?");
		text_add(out, ")");
	}
}

void server_table_write_sample(const struct server_table *table, struct text *out)
{
	write_insert_head(table, out);
	for (size_t i = 0; i < table->column_count; i++)
		text_add(out, "%s%s", i > 0 ? ", " : "(", table->columns[i].sample);
	text_add(out, ")");
}

void server_table_write_compare(const struct server_table *table, struct text *out)
{
	text_add(out, "SELECT CONCAT('=', CONCAT_WS(', '");
	for (size_t i = 0; i < table->column_count; i++) {
		const struct server_column *column = &table->columns[i];
		text_add(out, ", IF(`%s` <=> %s, NULL, '%s')", column->name, column->sample,
			 column->name);
	}
	text_add(out,
		 ")) FROM %s WHERE collector = " SAMPLE_CHECKER " AND epoch = " THIS_CONNECTION,
		 table->name);
}
