#include "wire/csv_line.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/number.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* that some programs begin a file with */
#define YEAR_9999_MS 253402300799999

void csv_fault_set(struct csv_fault *fault, const char *column, const char *format, ...)
{
	struct text name = text_in(fault->column, sizeof(fault->column));
	va_list arguments;

	text_add(&name, "%s", column);
	va_start(arguments, format);
	vsnprintf(fault->words, sizeof(fault->words), format, arguments);
	va_end(arguments);
}

/* ---- the first line ---- */

static const char *name_at(const struct csv_record *head, size_t place)
{
	const char *name = head->fields[place];

	if (place == 0 && strncmp(name, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		name += strlen(BYTE_ORDER_MARK);
	return name;
}

bool csv_head_names(const struct csv_record *head, const char *name)
{
	for (size_t i = 0; i < head->count; i++) {
		if (strcmp(name_at(head, i), name) == 0)
			return true;
	}
	return false;
}

static int column_find(const struct csv_table *table, const char *name)
{
	for (int i = 0; i < table->count; i++) {
		if (strcmp(table->names[i], name) == 0)
			return i;
	}
	return -1;
}

int csv_columns_parse(struct csv_columns *out, const struct csv_table *table,
		      const struct csv_record *head, struct csv_fault *fault)
{
	struct csv_columns columns = {0};
	uint32_t seen = 0;

	for (size_t i = 0; i < head->count; i++) {
		const char *name = name_at(head, i);
		int column = column_find(table, name);

		if (column < 0 || (seen & UINT32_C(1) << column)) {
			csv_fault_set(fault, name,
				      column < 0 ? "there is no such column" : "it is there twice");
			return -EINVAL;
		}
		seen |= UINT32_C(1) << column;
		columns.column[columns.count++] = (uint8_t)column;
	}
	for (int i = 0; i < table->count; i++) {
		if (!(table->required & ~seen & UINT32_C(1) << i))
			continue;
		csv_fault_set(fault, table->names[i], "this column is missing");
		return -EINVAL;
	}
	*out = columns;
	return 0;
}

/* ---- any other line ---- */

int csv_line_parse(void *out, const struct csv_table *table, const struct csv_columns *columns,
		   const struct csv_record *record, struct csv_fault *fault)
{
	if (record->count != columns->count) {
		csv_fault_set(fault, "", "it has %zu fields, the first line has %zu", record->count,
			      columns->count);
		return -EINVAL;
	}
	for (size_t i = 0; i < record->count; i++) {
		const char *field = record->fields[i], *expected = "a value";
		int column = columns->column[i];

		if (field[0] == '\0' && !(table->filled & UINT32_C(1) << column))
			continue;
		if (table->read(out, column, field, &expected) == 0)
			continue;
		csv_fault_set(fault, table->names[column], "\"%.40s\" is not %s", field, expected);
		return -EINVAL;
	}
	return 0;
}

int csv_read_time(struct wall_time *out, const char *field, const char **expected)
{
	struct wall_time at;

	*expected = "an ISO 8601 time with a zone (2026-11-25T18:00:00.000+01:00)";
	if (wall_parse(&at, field, strlen(field)) < 0 || at.ms < 0 || at.ms > YEAR_9999_MS)
		return -EINVAL;
	*out = at;
	return 0;
}

int csv_read_quality(enum quality *out, const char *field, const char **expected)
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

int csv_read_truth(bool *out, const char *field, const char **expected)
{
	*expected = "true or false";
	if (strcmp(field, "true") != 0 && strcmp(field, "false") != 0)
		return -EINVAL;
	*out = field[0] == 't';
	return 0;
}

/* ---- and back ---- */

void csv_add_number(struct text *out, double value)
{
	text_add_bytes(out, ",", 1);
	if (isfinite(value))
		number_add_shortest(out, value);
}

void csv_add_time(struct text *out, struct wall_time at, int32_t offset_s)
{
	char iso[WALL_TEXT_MAX];
	const char *words;

	/* A zone of so many seconds is none that ISO 8601 can name, and no year has five digits. */
	offset_s = offset_s / 60 * 60;
	if (at.ms < MS_PER_DAY || at.ms > YEAR_9999_MS - MS_PER_DAY)
		offset_s = 0;
	words = wall_format(iso, at, offset_s);
	text_add_bytes(out, words, strlen(words));
}
