/*
 * From the fields of a line to a home's slot. What is no number is refused;
 * a number that no home can have is not known, and its reader says so.
 */
#include "wire/home_csv.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define POWER_W_MAX 100000
#define PRICE_MAX 1000 /* per kWh, in any currency */

static const struct {
	const char *name;
	double least, most;
} COLUMNS[HOME_COLUMNS] = {
    [HOME_TIME] = {"time", 0, 0},
    [HOME_LOAD] = {"load_w", 0, POWER_W_MAX},
    [HOME_PV] = {"pv_w", 0, POWER_W_MAX},
    [HOME_BUY] = {"import_price", -PRICE_MAX, PRICE_MAX},
    [HOME_SELL] = {"export_price", -PRICE_MAX, PRICE_MAX},
};

const char *home_column_name(enum home_column column)
{
	return COLUMNS[column].name;
}

static int refuse(struct csv_fault *fault, const char *column, const char *words, const char *field)
{
	snprintf(fault->column, sizeof(fault->column), "%s", column);
	snprintf(fault->words, sizeof(fault->words), words, field);
	return -EINVAL;
}

int home_columns_parse(struct home_columns *out, const struct csv_record *head,
		       struct csv_fault *fault)
{
	struct home_columns columns = {.count = head->count};

	for (int c = 0; c < HOME_COLUMNS; c++)
		columns.field[c] = -1;
	for (size_t f = 0; f < head->count; f++) {
		const char *name = head->fields[f];

		if (f == 0 && strncmp(name, BYTE_ORDER_MARK, 3) == 0)
			name += 3;
		for (int c = 0; c < HOME_COLUMNS; c++) {
			if (strcmp(name, COLUMNS[c].name) != 0)
				continue;
			if (columns.field[c] >= 0)
				return refuse(fault, COLUMNS[c].name, "is there twice%s", "");
			columns.field[c] = (int)f;
		}
	}
	if (columns.field[HOME_TIME] < 0)
		return refuse(fault, "",
			      "there is no column time; the first line names the columns, such as "
			      "time,load_w,pv_w,import_price,export_price%s",
			      "");
	*out = columns;
	return 0;
}

static int digits(const char *text)
{
	return (text[0] - '0') * 10 + text[1] - '0';
}

/* East of UTC, at the end of a time that wall_parse() has taken: Z, +hh:mm or +hhmm. */
static int32_t offset_of(const char *text, size_t length)
{
	const char *sign =
	    length > 6 && text[length - 3] == ':' ? text + length - 6 : text + length - 5;
	int32_t offset;

	if (text[length - 1] == 'Z' || text[length - 1] == 'z')
		return 0;
	offset = digits(sign + 1) * 3600 + digits(text + length - 2) * 60;
	return *sign == '-' ? -offset : offset;
}

static int read_time(struct home_row *row, const char *field, struct csv_fault *fault)
{
	size_t length = strlen(field);

	if (wall_parse(&row->start, field, length) < 0)
		return refuse(fault, "time",
			      "%.40s is no time with a zone, such as 2026-01-31T18:00:00+01:00",
			      field);
	row->utc_offset_s = offset_of(field, length);
	return 0;
}

static int read_number(struct home_row *row, enum home_column column, const char *field,
		       struct csv_fault *fault)
{
	double value = NAN;

	row->is_absurd[column] = false;
	if (field[0] != '\0' && strcasecmp(field, "nan") != 0 &&
	    number_parse(&value, field, strlen(field)) < 0)
		return refuse(fault, COLUMNS[column].name,
			      "%.40s is no number (a dot is the decimal point; empty: not known)",
			      field);
	if (value < COLUMNS[column].least || value > COLUMNS[column].most) {
		row->is_absurd[column] = true;
		value = NAN;
	}
	row->value[column] = value;
	return 0;
}

int home_row_parse(struct home_row *out, const struct home_columns *columns,
		   const struct csv_record *record, struct csv_fault *fault)
{
	struct home_row row = {0};

	if (record->count != columns->count) {
		char words[64];

		snprintf(words, sizeof(words), "it has %zu fields, the first line %zu",
			 record->count, columns->count);
		return refuse(fault, "", "%s", words);
	}
	if (read_time(&row, record->fields[columns->field[HOME_TIME]], fault) < 0)
		return -EINVAL;
	for (int c = HOME_LOAD; c < HOME_COLUMNS; c++) {
		row.value[c] = NAN;
		if (columns->field[c] >= 0 &&
		    read_number(&row, c, record->fields[columns->field[c]], fault) < 0)
			return -EINVAL;
	}
	*out = row;
	return 0;
}
