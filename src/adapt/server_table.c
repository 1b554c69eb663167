/*
 * The two tables at the server. One list of columns makes them, fills them and
 * checks that what is stored reads back as it was sent; adapt/server_batch
 * puts values in the same order.
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

#define NAME_TYPE "VARCHAR(63) NOT NULL"
#define WORD_TYPE "VARCHAR(15) NOT NULL"

static const struct server_column reading_columns[] = {
    {"collector", COLUMN_TEXT, NAME_TYPE, SAMPLE_CHECKER},
    {"epoch", COLUMN_INTEGER, "BIGINT UNSIGNED NOT NULL", THIS_CONNECTION},
    {"row", COLUMN_INTEGER, "BIGINT UNSIGNED NOT NULL", SAMPLE_INTEGER},
    {"ts", COLUMN_TIME, "DATETIME(3) NOT NULL", SAMPLE_TIME},
    {"ts_trusted", COLUMN_INTEGER, "BOOLEAN NOT NULL", SAMPLE_FLAG},
    {"node", COLUMN_TEXT, NAME_TYPE, SAMPLE_NAME},
    {"soc_pct", COLUMN_DOUBLE, "DOUBLE NULL", SAMPLE_DOUBLE},
    {"temp_c", COLUMN_DOUBLE, "DOUBLE NULL", SAMPLE_DOUBLE},
    {"temp_max_c", COLUMN_DOUBLE, "DOUBLE NULL", SAMPLE_DOUBLE},
    {"voltage_v", COLUMN_DOUBLE, "DOUBLE NULL", SAMPLE_DOUBLE},
    {"current_a", COLUMN_DOUBLE, "DOUBLE NULL", SAMPLE_DOUBLE},
    {"power_w", COLUMN_DOUBLE, "DOUBLE NULL", SAMPLE_DOUBLE},
    {"soh_pct", COLUMN_DOUBLE, "DOUBLE NULL", SAMPLE_DOUBLE},
    {"interval_s", COLUMN_DOUBLE, "DOUBLE NULL", SAMPLE_DOUBLE},
    {"cells_mv", COLUMN_TEXT, "VARCHAR(255) NULL", "'3301,3302'"},
    {"measured", COLUMN_TIME, "DATETIME(3) NULL", SAMPLE_TIME},
    {"sequence", COLUMN_INTEGER, "BIGINT NULL", SAMPLE_INTEGER},
    {"quality", COLUMN_TEXT, WORD_TYPE, SAMPLE_WORD},
    {"acts", COLUMN_INTEGER, "BOOLEAN NOT NULL", SAMPLE_FLAG},
};

static const struct server_column relay_columns[] = {
    {"collector", COLUMN_TEXT, NAME_TYPE, SAMPLE_CHECKER},
    {"epoch", COLUMN_INTEGER, "BIGINT UNSIGNED NOT NULL", THIS_CONNECTION},
    {"row", COLUMN_INTEGER, "BIGINT UNSIGNED NOT NULL", SAMPLE_INTEGER},
    {"ts", COLUMN_TIME, "DATETIME(3) NOT NULL", SAMPLE_TIME},
    {"ts_trusted", COLUMN_INTEGER, "BOOLEAN NOT NULL", SAMPLE_FLAG},
    {"relay", COLUMN_TEXT, NAME_TYPE, SAMPLE_NAME},
    {"battery", COLUMN_TEXT, NAME_TYPE, SAMPLE_NAME},
    {"role", COLUMN_TEXT, WORD_TYPE, SAMPLE_WORD},
    {"state", COLUMN_TEXT, "VARCHAR(3) NOT NULL", "'off'"},
    {"phase", COLUMN_TEXT, WORD_TYPE, SAMPLE_WORD},
    {"wished", COLUMN_TEXT, "VARCHAR(3) NOT NULL", "'off'"},
    {"lease_s", COLUMN_DOUBLE, "DOUBLE NOT NULL", SAMPLE_DOUBLE},
    {"switches", COLUMN_INTEGER, "BIGINT NULL", SAMPLE_INTEGER},
    {"n", COLUMN_INTEGER, "BIGINT NULL", SAMPLE_INTEGER},
    {"boot", COLUMN_INTEGER, "BIGINT NULL", SAMPLE_INTEGER},
    {"power_w", COLUMN_DOUBLE, "DOUBLE NULL", SAMPLE_DOUBLE},
};

static_assert(ARRAY_LENGTH(reading_columns) <= SERVER_COLUMNS_MAX, "raise SERVER_COLUMNS_MAX");
static_assert(ARRAY_LENGTH(relay_columns) <= SERVER_COLUMNS_MAX, "raise SERVER_COLUMNS_MAX");

static const struct server_table tables[SERVER_TABLES] = {
    [SERVER_READINGS] = {"battery_data", "node, ts", ARRAY_LENGTH(reading_columns),
			 reading_columns},
    [SERVER_RELAYS] = {"rele_data", "relay, ts", ARRAY_LENGTH(relay_columns), relay_columns},
};

const struct server_table *server_table(enum server_table_id id)
{
	return &tables[id];
}

void server_table_write_create(const struct server_table *table, struct text *out)
{
	text_add(out, "CREATE TABLE IF NOT EXISTS %s (", table->name);
	for (size_t i = 0; i < table->column_count; i++)
		text_add(out, "`%s` %s, ", table->columns[i].name, table->columns[i].type);
	text_add(out,
		 "PRIMARY KEY (collector, epoch, `row`, ts), INDEX (%s)) ENGINE=InnoDB "
		 "DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
		 table->index);
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
