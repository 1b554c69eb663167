/*
 * From the fields of a line to a stored reading, and back.
 *
 * It decides what each column holds and its bounds: those of a sensor's
 * message (mapping.h), since nothing else is ever stored.
 */
#include "wire/csv_reading.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "wire/mapping.h"
#include "wire/number.h"

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

static int node_field(struct ident *out, const char *field, const char **expected)
{
	*expected = "a name of up to 63 letters, digits, . _ - :";
	return ident_parse(out, field, strlen(field));
}

static int field_read(void *out, int column, const char *field, const char **expected)
{
	struct csv_reading *line = out;
	struct reading *reading = &line->reading;
	struct reading_received *received = &reading->received;

	switch (column) {
	case COLUMN_AT:
		return csv_read_time(&line->at, field, expected);
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
		return csv_read_time(&reading->measured, field, expected);
	case COLUMN_SEQUENCE:
		reading->has_sequence = true;
		return whole_field(&reading->sequence, field, expected);
	case COLUMN_QUALITY:
		return csv_read_quality(&line->quality, field, expected);
	default:
		return csv_read_truth(&line->at_is_trusted, field, expected);
	}
}

#define BIT(column) (UINT32_C(1) << (column))

static const struct csv_table TABLE = {
    .names = NAMES,
    .count = COLUMN_COUNT,
    .required = BIT(COLUMN_AT) | BIT(COLUMN_NODE) | BIT(COLUMN_SOC) | BIT(COLUMN_TEMP),
    .filled = BIT(COLUMN_AT) | BIT(COLUMN_NODE) | BIT(COLUMN_SOC) | BIT(COLUMN_TEMP),
    .read = field_read,
};

int csv_reading_columns_parse(struct csv_columns *out, const struct csv_record *head,
			      struct csv_fault *fault)
{
	return csv_columns_parse(out, &TABLE, head, fault);
}

int csv_reading_parse(struct csv_reading *out, const struct csv_columns *columns,
		      const struct csv_record *record, struct csv_fault *fault)
{
	struct csv_reading reading = {
	    .at_is_trusted = true,
	    .quality = QUALITY_GOOD,
	    .reading.received = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN},
	};

	if (csv_line_parse(&reading, &TABLE, columns, record, fault) < 0)
		return -EINVAL;
	if (reading.reading.received.temp_max_c < reading.reading.received.temp_c) {
		csv_fault_set(fault, NAMES[COLUMN_TEMP_MAX],
			      "the hottest is colder than the coldest");
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

	csv_add_time(out, reading->at, at_offset_s);
	add_char(out, ',');
	add_text(out, reading->reading.node.text); /* an ident needs no quotes */
	csv_add_number(out, received->soc_pct);
	csv_add_number(out, received->temp_c);
	csv_add_number(out, received->temp_max_c);
	csv_add_number(out, received->voltage_v);
	csv_add_number(out, received->current_a);
	csv_add_number(out, received->power_w);
	csv_add_number(out, received->soh_pct);
	csv_add_number(out, received->interval_s);
	add_cells(out, &reading->reading);
	add_char(out, ',');
	if (reading->reading.has_time)
		csv_add_time(out, reading->reading.measured, measured_offset_s);
	add_char(out, ',');
	if (reading->reading.has_sequence)
		text_add_scaled(out, reading->reading.sequence, 1);
	add_char(out, ',');
	add_text(out, quality_name(reading->quality));
	add_text(out, reading->at_is_trusted ? ",true\r\n" : ",false\r\n");
}
