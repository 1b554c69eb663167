/*
 * From the fields of a line to a stored minute of a meter, and back.
 *
 * Nothing else is taken than what the daemon could have stored itself: a minute's
 * beginning, a meter's bounds, and energy that follows from the mean.
 */
#include "wire/csv_meter.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "wire/meter_message.h"
#include "wire/number.h"

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

static int minute_field(struct wall_time *out, const char *field, const char **expected)
{
	int rc = csv_read_time(out, field, expected);

	if (rc != 0)
		return rc;
	*expected = "the beginning of a minute";
	return out->ms % MS_PER_MINUTE == 0 ? 0 : -EINVAL;
}

static int meter_field(struct ident *out, const char *field, const char **expected)
{
	enum meter_kind kind;

	*expected = "grid, pv or load";
	return meter_kind_find(&kind, field) == 0 ? ident_parse(out, field, strlen(field))
						  : -EINVAL;
}

static int field_read(void *out, int column, const char *field, const char **expected)
{
	struct csv_meter *line = out;
	struct meter_minute *minute = &line->minute;

	switch (column) {
	case COLUMN_AT:
		return minute_field(&minute->from, field, expected);
	case COLUMN_METER:
		return meter_field(&line->meter, field, expected);
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
		return csv_read_quality(&minute->quality, field, expected);
	default:
		return csv_read_truth(&line->at_is_trusted, field, expected);
	}
}

#define BIT(column) (UINT32_C(1) << (column))

static const struct csv_table TABLE = {
    .names = NAMES,
    .count = COLUMN_COUNT,
    .required = BIT(COLUMN_AT) | BIT(COLUMN_METER) | BIT(COLUMN_POWER) | BIT(COLUMN_KNOWN),
    .filled = BIT(COLUMN_AT) | BIT(COLUMN_METER) | BIT(COLUMN_KNOWN),
    .read = field_read,
};

bool csv_meter_is_head(const struct csv_record *head)
{
	return csv_head_names(head, NAMES[COLUMN_METER]);
}

int csv_meter_columns_parse(struct csv_columns *out, const struct csv_record *head,
			    struct csv_fault *fault)
{
	return csv_columns_parse(out, &TABLE, head, fault);
}

/* ---- a line ---- */

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

	if (csv_line_parse(&line, &TABLE, columns, record, fault) < 0)
		return -EINVAL;
	fill_in(&line.minute);
	wrong = contradiction(&line.minute, &column);
	if (wrong != NULL) {
		csv_fault_set(fault, column, "%s", wrong);
		return -EINVAL;
	}
	*out = line;
	return 0;
}

/* ---- and back ---- */

void csv_meter_format(struct text *out, const struct csv_meter *line, int32_t offset_s)
{
	const struct meter_minute *minute = &line->minute;

	csv_add_time(out, minute->from, offset_s);
	text_add(out, ",%s", line->meter.text);
	csv_add_number(out, minute->mean_w);
	csv_add_number(out, minute->min_w);
	csv_add_number(out, minute->max_w);
	csv_add_number(out, minute->last_w);
	csv_add_number(out, minute->imported_wh);
	csv_add_number(out, minute->exported_wh);
	csv_add_number(out, (double)minute->known_ms / MS_PER_SECOND);
	text_add(out, ",%d,%s,%s\r\n", (int)minute->count, quality_name(minute->quality),
		 line->at_is_trusted ? "true" : "false");
}
