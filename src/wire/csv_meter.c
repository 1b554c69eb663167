/*
 * From the fields of a line to a stored minute of a meter, and back.
 *
 * Nothing else is taken than what the daemon could have stored itself: a minute's
 * beginning, a meter's bounds, and energy that follows from the mean.
 */
#include "wire/csv_meter.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/meter_message.h"
#include "wire/number.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* that some programs begin a file with */
#define YEAR_9999_MS 253402300799999
#define COUNT_MAX 1000000000

/* What rounding makes of the energy of a minute. */
#define ENERGY_SLACK_WH 0.01

enum column {
	COLUMN_AT,
	COLUMN_METER,
	COLUMN_POWER,
	COLUMN_MIN,
	COLUMN_MAX,
	COLUMN_LAST,
	COLUMN_IMPORTED,
	COLUMN_EXPORTED,
	COLUMN_KNOWN,
	COLUMN_NUMBER,
	COLUMN_QUALITY,
	COLUMN_WALL_TRUSTED,
	COLUMN_COUNT
};

static const char *const NAMES[COLUMN_COUNT] = {
    "at",          "meter",       "power_w", "power_min_w", "power_max_w", "power_last_w",
    "imported_wh", "exported_wh", "known_s", "count",       "quality",     "wall_trusted"};

const char csv_meter_head[] =
    "at,meter,power_w,power_min_w,power_max_w,power_last_w,imported_wh,exported_wh,known_s,count,"
    "quality,wall_trusted\r\n";

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

static const char *name_at(const struct csv_record *head, size_t place)
{
	const char *name = head->fields[place];

	if (place == 0 && strncmp(name, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
		name += strlen(BYTE_ORDER_MARK);
	return name;
}

bool csv_meter_is_head(const struct csv_record *head)
{
	for (size_t i = 0; i < head->count; i++) {
		if (strcmp(name_at(head, i), NAMES[COLUMN_METER]) == 0)
			return true;
	}
	return false;
}

static bool has_column(const struct csv_columns *columns, int column)
{
	for (size_t i = 0; i < columns->count; i++) {
		if (columns->column[i] == column)
			return true;
	}
	return false;
}

static int column_find(const char *name)
{
	for (int i = 0; i < COLUMN_COUNT; i++) {
		if (strcmp(NAMES[i], name) == 0)
			return i;
	}
	return -1;
}

int csv_meter_columns_parse(struct csv_columns *out, const struct csv_record *head,
			    struct csv_fault *fault)
{
	static const enum column REQUIRED[] = {COLUMN_AT, COLUMN_METER, COLUMN_POWER, COLUMN_KNOWN};
	struct csv_columns columns = {0};

	for (size_t i = 0; i < head->count; i++) {
		const char *name = name_at(head, i);
		int column = column_find(name);

		if (column < 0 || has_column(&columns, column)) {
			fault_set(fault, name,
				  column < 0 ? "there is no such column" : "it is there twice");
			return -EINVAL;
		}
		columns.column[columns.count++] = (uint8_t)column;
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

static int number_field(double *out, double least, double most, const char *field,
			const char **expected)
{
	double value;

	*expected = "a decimal number with a dot";
	if (number_parse(&value, field, strlen(field)) != 0)
		return -EINVAL;
	*expected = "a number within the bounds of a meter";
	if (value < least || value > most)
		return -EINVAL;
	*out = value;
	return 0;
}

static int power_field(double *out, const char *field, const char **expected)
{
	return number_field(out, -METER_POWER_W_MAX, METER_POWER_W_MAX, field, expected);
}

/* More than the greatest power comes to in a minute. */
static int energy_field(double *out, const char *field, const char **expected)
{
	return number_field(out, 0, METER_POWER_W_MAX / 60 + 1, field, expected);
}

static int count_field(int32_t *out, double most, double scale, const char *field,
		       const char **expected)
{
	double value;
	int rc = number_field(&value, 0, most, field, expected);

	if (rc != 0)
		return rc;
	*out = (int32_t)lround(value * scale);
	*expected = scale == 1 ? "a whole number" : "a number of whole ms";
	return fabs(*out / scale - value) < 1e-9 ? 0 : -EINVAL;
}

static int time_field(struct wall_time *out, const char *field, const char **expected)
{
	struct wall_time at;

	*expected = "an ISO 8601 time with a zone (2026-11-25T18:00:00.000+01:00)";
	if (wall_parse(&at, field, strlen(field)) < 0 || at.ms < 0 || at.ms > YEAR_9999_MS)
		return -EINVAL;
	*expected = "the beginning of a minute";
	if (at.ms % MS_PER_MINUTE != 0)
		return -EINVAL;
	*out = at;
	return 0;
}

static int meter_field(struct ident *out, const char *field, const char **expected)
{
	enum meter_kind kind;

	*expected = "grid, pv or load";
	return meter_kind_find(&kind, field) == 0 ? ident_parse(out, field, strlen(field))
						  : -EINVAL;
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

static int field_parse(struct csv_meter *out, int column, const char *field, const char **expected)
{
	struct meter_minute *minute = &out->minute;

	switch (column) {
	case COLUMN_AT:
		return time_field(&minute->from, field, expected);
	case COLUMN_METER:
		return meter_field(&out->meter, field, expected);
	case COLUMN_POWER:
		return power_field(&minute->mean_w, field, expected);
	case COLUMN_MIN:
		return power_field(&minute->min_w, field, expected);
	case COLUMN_MAX:
		return power_field(&minute->max_w, field, expected);
	case COLUMN_LAST:
		return power_field(&minute->last_w, field, expected);
	case COLUMN_IMPORTED:
		return energy_field(&minute->imported_wh, field, expected);
	case COLUMN_EXPORTED:
		return energy_field(&minute->exported_wh, field, expected);
	case COLUMN_KNOWN:
		return count_field(&minute->known_ms, 60, MS_PER_SECOND, field, expected);
	case COLUMN_NUMBER:
		return count_field(&minute->count, COUNT_MAX, 1, field, expected);
	case COLUMN_QUALITY:
		return quality_field(&minute->quality, field, expected);
	default:
		return truth_field(&out->at_is_trusted, field, expected);
	}
}

/* ---- a line ---- */

static bool is_required(int column)
{
	return column == COLUMN_AT || column == COLUMN_METER || column == COLUMN_KNOWN;
}

static double or_else(double value, double otherwise)
{
	return isfinite(value) ? value : otherwise;
}

/* What is not said follows from the mean. */
static void fill_in(struct meter_minute *minute)
{
	double mean_wh = or_else(minute->mean_w, 0) * minute->known_ms / MS_PER_HOUR;

	minute->min_w = or_else(minute->min_w, minute->mean_w);
	minute->max_w = or_else(minute->max_w, minute->mean_w);
	minute->last_w = or_else(minute->last_w, minute->mean_w);
	minute->exported_wh = or_else(minute->exported_wh, fmax(0, -mean_wh));
	minute->imported_wh = or_else(minute->imported_wh, fmax(0, mean_wh + minute->exported_wh));
}

/* Returns what contradicts, or NULL. */
static const char *contradiction(const struct meter_minute *minute, const char **column)
{
	double mean_wh = or_else(minute->mean_w, 0) * minute->known_ms / MS_PER_HOUR;

	*column = NAMES[COLUMN_POWER];
	if (isfinite(minute->mean_w) != (minute->known_ms > 0))
		return "there is a mean where and only where known_s is more than 0";
	*column = NAMES[COLUMN_MIN];
	if (minute->min_w > minute->max_w)
		return "the least is more than the greatest";
	*column = NAMES[COLUMN_IMPORTED];
	if (fabs(minute->imported_wh - minute->exported_wh - mean_wh) > ENERGY_SLACK_WH)
		return "it is not what power_w, known_s and exported_wh come to";
	return NULL;
}

int csv_meter_parse(struct csv_meter *out, const struct csv_columns *columns,
		    const struct csv_record *record, struct csv_fault *fault)
{
	struct csv_meter line = {
	    .at_is_trusted = true,
	    .minute = {.count = 1,
		       .quality = QUALITY_GOOD,
		       .mean_w = NAN,
		       .min_w = NAN,
		       .max_w = NAN,
		       .last_w = NAN,
		       .imported_wh = NAN,
		       .exported_wh = NAN},
	};
	const char *wrong, *column;

	if (record->count != columns->count) {
		fault_set(fault, "", "it has %zu fields, the first line has %zu", record->count,
			  columns->count);
		return -EINVAL;
	}
	for (size_t i = 0; i < record->count; i++) {
		const char *expected = "a value";

		if (record->fields[i][0] == '\0' && !is_required(columns->column[i]))
			continue;
		if (field_parse(&line, columns->column[i], record->fields[i], &expected) == 0)
			continue;
		fault_set(fault, NAMES[columns->column[i]], "\"%.40s\" is not %s",
			  record->fields[i], expected);
		return -EINVAL;
	}
	fill_in(&line.minute);
	wrong = contradiction(&line.minute, &column);
	if (wrong != NULL) {
		fault_set(fault, column, "%s", wrong);
		return -EINVAL;
	}
	*out = line;
	return 0;
}

/* ---- and back ---- */

static void add_number(struct text *out, double value)
{
	text_add(out, ",");
	if (isfinite(value))
		number_add_shortest(out, value);
}

void csv_meter_format(struct text *out, const struct csv_meter *line, int32_t offset_s)
{
	const struct meter_minute *minute = &line->minute;
	char iso[WALL_TEXT_MAX];

	/* As in csv_reading.c: no zone of seconds, no year with five digits. */
	offset_s = offset_s / 60 * 60;
	if (minute->from.ms < MS_PER_DAY || minute->from.ms > YEAR_9999_MS - MS_PER_DAY)
		offset_s = 0;
	text_add(out, "%s,%s", wall_format(iso, minute->from, offset_s), line->meter.text);
	add_number(out, minute->mean_w);
	add_number(out, minute->min_w);
	add_number(out, minute->max_w);
	add_number(out, minute->last_w);
	add_number(out, minute->imported_wh);
	add_number(out, minute->exported_wh);
	add_number(out, (double)minute->known_ms / MS_PER_SECOND);
	text_add(out, ",%d,%s,%s\r\n", (int)minute->count, quality_name(minute->quality),
		 line->at_is_trusted ? "true" : "false");
}
