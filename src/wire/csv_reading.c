/*
 * From the fields of a line to a stored reading, and back.
 *
 * It decides what each column holds and its bounds: those of a sensor's
 * message (mapping.h), since nothing else is ever stored.
 */
#include "wire/csv_reading.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/mapping.h"
#include "wire/number.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* that some programs begin a file with */
#define YEAR_9999_MS 253402300799999
#define CELL_MV_MAX 65535

enum column {
	COLUMN_AT,
	COLUMN_NODE,
	COLUMN_SOC,
	COLUMN_TEMP,
	COLUMN_TEMP_MAX,
	COLUMN_VOLTAGE,
	COLUMN_CURRENT,
	COLUMN_POWER,
	COLUMN_SOH,
	COLUMN_INTERVAL,
	COLUMN_CELLS,
	COLUMN_MEASURED,
	COLUMN_SEQUENCE,
	COLUMN_QUALITY,
	COLUMN_WALL_TRUSTED,
	COLUMN_COUNT
};

static const char *const NAMES[COLUMN_COUNT] = {
    "at",        "node",      "soc_pct",  "temp_c",  "temp_max_c",
    "voltage_v", "current_a", "power_w",  "soh_pct", "interval_s",
    "cells_mv",  "measured",  "sequence", "quality", "wall_trusted"};

const char csv_reading_head[] =
    "at,node,soc_pct,temp_c,temp_max_c,voltage_v,current_a,power_w,soh_pct,interval_s,cells_mv,"
    "measured,sequence,quality,wall_trusted\r\n";

static void fault_set(struct csv_fault *fault, const char *column, const char *format, ...)
    PRINTF_LIKE(3, 4);

static void fault_set(struct csv_fault *fault, const char *column, const char *format, ...)
{
	struct text name = text_in(fault->column, sizeof(fault->column));
	va_list arguments;

	text_add(&name, "%s", column);
	va_start(arguments, format);
	vsnprintf(fault->words, sizeof(fault->words), format, arguments);
	va_end(arguments);
}

/* ---- the first line ---- */

static int column_find(const char *name)
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (strcmp(NAMES[i], name) == 0)
			return i;
	}
	return -1;
}

static bool has_column(const struct csv_columns *columns, int column)
{
	for (size_t i = 0; i < columns->count; i++) {
		if (columns->column[i] == column)
			return true;
	}
	return false;
}

static int add_column(struct csv_columns *columns, const char *name, struct csv_fault *fault)
{
	int column = column_find(name);

	if (column < 0 || has_column(columns, column)) {
		fault_set(fault, name,
			  column < 0 ? "there is no such column" : "it is there twice");
		return -EINVAL;
	}
	columns->column[columns->count++] = (uint8_t)column;
	return 0;
}

int csv_columns_parse(struct csv_columns *out, const struct csv_record *head,
		      struct csv_fault *fault)
{
	static const enum column REQUIRED[] = {COLUMN_AT, COLUMN_NODE, COLUMN_SOC, COLUMN_TEMP};
	struct csv_columns columns = {0};

	for (size_t i = 0; i < head->count; i++) {
		const char *name = head->fields[i];

		if (i == 0 && strncmp(name, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
			name += strlen(BYTE_ORDER_MARK);
		if (add_column(&columns, name, fault) < 0)
			return -EINVAL;
	}
	for (size_t i = 0; i < ARRAY_LENGTH(REQUIRED); i++) {
		if (has_column(&columns, REQUIRED[i]))
			continue;
		fault_set(fault, NAMES[REQUIRED[i]], "this column is missing");
		return -EINVAL;
	}
	*out = columns;
	return 0;
}

/* ---- fields ---- */

static int number_field(double *out, enum quantity quantity, const char *field,
			const char **expected)
{
	const struct quantity_range *range = quantity_range(quantity);
	double value;

	*expected = "a decimal number with a dot";
	if (number_parse(&value, field, strlen(field)) != 0)
		return -EINVAL;
	*expected = "a number within the bounds of a sensor's message";
	if (value < range->min || value > range->max)
		return -EINVAL;
	*out = value;
	return 0;
}

static int whole_field(int64_t *out, const char *field, const char **expected)
{
	double most = quantity_range(QUANTITY_SEQUENCE)->max;
	char *end;
	long long value;

	*expected = "a whole number";
	if (field[0] < '0' || field[0] > '9')
		return -EINVAL;
	errno = 0;
	value = strtoll(field, &end, 10);
	if (*end || errno || (double)value > most)
		return -EINVAL;
	*out = value;
	return 0;
}

static int time_field(struct wall_time *out, const char *field, const char **expected)
{
	struct wall_time at;

	*expected = "an ISO 8601 time with a zone (2026-11-25T18:00:00.000+01:00)";
	if (wall_parse(&at, field, strlen(field)) < 0 || at.ms < 0 || at.ms > YEAR_9999_MS)
		return -EINVAL;
	*out = at;
	return 0;
}

/* 3301,3302,… */
static int cells_field(struct reading *out, const char *field, const char **expected)
{
	*expected = "up to 32 whole numbers with commas between them";
	out->cell_count = 0;
	for (;;) {
		char *end;
		unsigned long cell_mv;

		if (out->cell_count == CELLS_MAX || field[0] < '0' || field[0] > '9')
			return -EINVAL;
		cell_mv = strtoul(field, &end, 10);
		if (cell_mv > CELL_MV_MAX)
			return -EINVAL;
		out->cell_mv[out->cell_count++] = (uint16_t)cell_mv;
		if (*end == '\0')
			return 0;
		if (*end != ',')
			return -EINVAL;
		field = end + 1;
	}
}

static int quality_field(enum quality *out, const char *field, const char **expected)
{
	*expected = "good, suspect, frozen, assumed or missing";
	for (int i = QUALITY_MISSING; i <= QUALITY_GOOD; i++) {
		if (strcmp(quality_name((enum quality)i), field) != 0)
			continue;
		*out = (enum quality)i;
		return 0;
	}
	return -EINVAL;
}

static int truth_field(bool *out, const char *field, const char **expected)
{
	*expected = "true or false";
	if (strcmp(field, "true") != 0 && strcmp(field, "false") != 0)
		return -EINVAL;
	*out = field[0] == 't';
	return 0;
}

static int node_field(struct ident *out, const char *field, const char **expected)
{
	*expected = "a name of up to 63 letters, digits, . _ - :";
	return ident_parse(out, field, strlen(field));
}

static int field_parse(struct csv_reading *out, int column, const char *field,
		       const char **expected)
{
	struct reading *reading = &out->reading;
	struct reading_received *received = &reading->received;

	switch (column) {
	case COLUMN_AT:
		return time_field(&out->at, field, expected);
	case COLUMN_NODE:
		return node_field(&reading->node, field, expected);
	case COLUMN_SOC:
		return number_field(&received->soc_pct, QUANTITY_SOC, field, expected);
	case COLUMN_TEMP:
		return number_field(&received->temp_c, QUANTITY_TEMP, field, expected);
	case COLUMN_TEMP_MAX:
		return number_field(&received->temp_max_c, QUANTITY_TEMP_MAX, field, expected);
	case COLUMN_VOLTAGE:
		return number_field(&received->voltage_v, QUANTITY_VOLTAGE, field, expected);
	case COLUMN_CURRENT:
		return number_field(&received->current_a, QUANTITY_CURRENT, field, expected);
	case COLUMN_POWER:
		return number_field(&received->power_w, QUANTITY_POWER, field, expected);
	case COLUMN_SOH:
		return number_field(&received->soh_pct, QUANTITY_SOH, field, expected);
	case COLUMN_INTERVAL:
		return number_field(&received->interval_s, QUANTITY_INTERVAL, field, expected);
	case COLUMN_CELLS:
		return cells_field(reading, field, expected);
	case COLUMN_MEASURED:
		reading->has_time = true;
		return time_field(&reading->measured, field, expected);
	case COLUMN_SEQUENCE:
		reading->has_sequence = true;
		return whole_field(&reading->sequence, field, expected);
	case COLUMN_QUALITY:
		return quality_field(&out->quality, field, expected);
	default:
		return truth_field(&out->at_is_trusted, field, expected);
	}
}

static bool is_required(int column)
{
	return column == COLUMN_AT || column == COLUMN_NODE || column == COLUMN_SOC ||
	       column == COLUMN_TEMP;
}

int csv_reading_parse(struct csv_reading *out, const struct csv_columns *columns,
		      const struct csv_record *record, struct csv_fault *fault)
{
	struct csv_reading reading = {
	    .at_is_trusted = true,
	    .quality = QUALITY_GOOD,
	    .reading.received = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN},
	};

	if (record->count != columns->count) {
		fault_set(fault, "", "it has %zu fields, the first line has %zu", record->count,
			  columns->count);
		return -EINVAL;
	}
	for (size_t i = 0; i < record->count; i++) {
		int column = columns->column[i];
		const char *expected = "a value";

		if (record->fields[i][0] == '\0' && !is_required(column))
			continue;
		if (field_parse(&reading, column, record->fields[i], &expected) == 0)
			continue;
		fault_set(fault, NAMES[column], "\"%.40s\" is not %s", record->fields[i], expected);
		return -EINVAL;
	}
	if (reading.reading.received.temp_max_c < reading.reading.received.temp_c) {
		fault_set(fault, NAMES[COLUMN_TEMP_MAX], "the hottest is colder than the coldest");
		return -EINVAL;
	}
	*out = reading;
	return 0;
}

/* ---- and back ---- */

static void add_char(struct text *out, char character)
{
	text_add_bytes(out, &character, 1);
}

static void add_text(struct text *out, const char *text)
{
	text_add_bytes(out, text, strlen(text));
}

static void add_number(struct text *out, double value)
{
	add_char(out, ',');
	if (isfinite(value))
		number_add_shortest(out, value);
}

static void add_time(struct text *out, struct wall_time at, int32_t offset_s)
{
	char iso[WALL_TEXT_MAX];

	/* A zone of so many seconds is none that ISO 8601 can name, and no year has five digits. */
	offset_s = offset_s / 60 * 60;
	if (at.ms < MS_PER_DAY || at.ms > YEAR_9999_MS - MS_PER_DAY)
		offset_s = 0;
	add_text(out, wall_format(iso, at, offset_s));
}

static void add_cells(struct text *out, const struct reading *reading)
{
	const char *quote = reading->cell_count > 1 ? "\"" : "";

	add_char(out, ',');
	add_text(out, quote);
	for (size_t i = 0; i < reading->cell_count; i++) {
		if (i > 0)
			add_char(out, ',');
		text_add_scaled(out, reading->cell_mv[i], 1);
	}
	add_text(out, quote);
}

void csv_reading_format(struct text *out, const struct csv_reading *reading, int32_t at_offset_s,
			int32_t measured_offset_s)
{
	const struct reading_received *received = &reading->reading.received;

	add_time(out, reading->at, at_offset_s);
	add_char(out, ',');
	add_text(out, reading->reading.node.text); /* an ident needs no quotes */
	add_number(out, received->soc_pct);
	add_number(out, received->temp_c);
	add_number(out, received->temp_max_c);
	add_number(out, received->voltage_v);
	add_number(out, received->current_a);
	add_number(out, received->power_w);
	add_number(out, received->soh_pct);
	add_number(out, received->interval_s);
	add_cells(out, &reading->reading);
	add_char(out, ',');
	if (reading->reading.has_time)
		add_time(out, reading->reading.measured, measured_offset_s);
	add_char(out, ',');
	if (reading->reading.has_sequence)
		text_add_scaled(out, reading->reading.sequence, 1);
	add_char(out, ',');
	add_text(out, quality_name(reading->quality));
	add_text(out, reading->at_is_trusted ? ",true\r\n" : ",false\r\n");
}
