/*
 * Columns as text: JSON with an array a column, or CSV with a line a point.
 */
#include <math.h>
#include <stdlib.h>

#include "adapt/api_columns.h"
#include "adapt/api_rollup.h"
#include "base/zone.h"

#define VALUE_TEXT_MAX 32
#define HEAD_TEXT_MAX 1024

typedef double column_value(const struct columns_cell *cell, enum columns_way way);

struct column {
	const char *name;
	column_value *value; /* NaN: null */
	bool is_yes_or_no;
};

/* ---- values ---- */

static double of(const struct rollup_value *value, double number)
{
	return value->count > 0 ? number : (double)NAN;
}

static double usual(const struct rollup_value *value, enum columns_way way)
{
	return of(value, way == COLUMNS_LAST ? value->last : value->mean);
}

#define READING_COLUMN(name, quantity)                                                  \
	static double name(const struct columns_cell *cell, enum columns_way way)       \
	{                                                                               \
		return usual(&cell->readings.quantity, way);                            \
	}                                                                               \
	static double name##_min(const struct columns_cell *cell, enum columns_way way) \
	{                                                                               \
		(void)way;                                                              \
		return of(&cell->readings.quantity, cell->readings.quantity.min);       \
	}                                                                               \
	static double name##_max(const struct columns_cell *cell, enum columns_way way) \
	{                                                                               \
		(void)way;                                                              \
		return of(&cell->readings.quantity, cell->readings.quantity.max);       \
	}
READING_COLUMN(soc, soc_pct)
READING_COLUMN(temp, temp_c)
READING_COLUMN(power, power_w)

static double charged(const struct columns_cell *cell, enum columns_way way)
{
	(void)way;
	return of(&cell->readings.power_w, cell->readings.charged_wh);
}

static double discharged(const struct columns_cell *cell, enum columns_way way)
{
	(void)way;
	return of(&cell->readings.power_w, cell->readings.discharged_wh);
}

static double count(const struct columns_cell *cell, enum columns_way way)
{
	(void)way;
	return cell->readings.count > 0 ? (double)cell->readings.count : (double)NAN;
}

static double on(const struct columns_cell *cell, enum columns_way way)
{
	(void)way;
	return cell->has_state ? cell->is_on : (double)NAN;
}

static double on_s(const struct columns_cell *cell, enum columns_way way)
{
	(void)way;
	return cell->is_known ? (double)cell->on_ms / MS_PER_SECOND : (double)NAN;
}

static double closings(const struct columns_cell *cell, enum columns_way way)
{
	(void)way;
	return cell->is_known ? (double)cell->closings : (double)NAN;
}

static const struct column READINGS[] = {
    {"soc_pct", soc, false},
    {"soc_min_pct", soc_min, false},
    {"soc_max_pct", soc_max, false},
    {"temp_c", temp, false},
    {"power_w", power, false},
    {"charged_wh", charged, false},
    {"discharged_wh", discharged, false},
    {"count", count, false},
    /* with minmax */
    {"temp_min_c", temp_min, false},
    {"temp_max_c", temp_max, false},
    {"power_min_w", power_min, false},
    {"power_max_w", power_max, false},
};
#define READINGS_USUAL 8

static const struct column RELAYS[] = {
    {"on", on, true}, {"on_s", on_s, false}, {"closings", closings, false}};

/* Of a meter; the ms that are known are the weight of its power. */
static double known_s(const struct columns_cell *cell, enum columns_way way)
{
	(void)way;
	return of(&cell->readings.power_w, (double)cell->readings.power_w.count / MS_PER_SECOND);
}

static const struct column METERS[] = {
    {"power_w", power, false},
    {"imported_wh", charged, false},
    {"exported_wh", discharged, false},
    {"known_s", known_s, false},
    {"count", count, false},
    /* with minmax */
    {"power_min_w", power_min, false},
    {"power_max_w", power_max, false},
};
#define METERS_USUAL 5

static const struct column *columns_of(const struct columns *columns, size_t *out)
{
	bool has_extremes = columns->way == COLUMNS_EXTREMES;

	switch (columns->subject) {
	case JOURNAL_RELAY:
		*out = ARRAY_LENGTH(RELAYS);
		return RELAYS;
	case JOURNAL_METER:
		*out = has_extremes ? ARRAY_LENGTH(METERS) : METERS_USUAL;
		return METERS;
	case JOURNAL_NODE:
		break;
	}
	*out = has_extremes ? ARRAY_LENGTH(READINGS) : READINGS_USUAL;
	return READINGS;
}

/* ---- text ---- */

static int make_room(struct text *out, const struct columns *columns, size_t column_count)
{
	size_t size =
	    HEAD_TEXT_MAX + (columns->grid.count + 1) * (column_count + 1) * VALUE_TEXT_MAX;
	char *data = malloc(size);

	if (data)
		*out = text_in(data, size);
	return data ? 0 : -1;
}

static void add_value(struct text *text, const struct column *column, const struct columns *columns,
		      size_t place, const char *unknown)
{
	double value = column->value(&columns->cells[place], columns->way);

	if (!isfinite(value))
		text_add(text, "%s", unknown);
	else if (column->is_yes_or_no)
		text_add(text, "%s", value > 0 ? "true" : "false");
	else
		text_add(text, "%.9g", value);
}

static void add_head(struct text *text, const struct columns *columns)
{
	char from[WALL_TEXT_MAX], to[WALL_TEXT_MAX], rolled_up[WALL_TEXT_MAX];
	const struct series_grid *grid = &columns->grid;

	text_add(text, "{\"level\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",",
		 api_level_name(columns->level),
		 wall_format(from, (struct wall_time){grid->edges_ms[0]}, 0),
		 wall_format(to, (struct wall_time){grid->edges_ms[grid->count]}, 0));
	if (columns->rolled_up.ms > 0)
		text_add(text, "\"rolled_up_to\":\"%s\",",
			 wall_format(rolled_up, columns->rolled_up, 0));
	else
		text_add(text, "\"rolled_up_to\":null,");
	if (grid->step_ms > 0)
		text_add(text, "\"step_s\":%.12g,", (double)grid->step_ms / MS_PER_SECOND);
	else
		text_add(text, "\"step_s\":null,");
	text_add(text, "\"cut\":%s,\"columns\":{\"t\":[", columns->is_cut ? "true" : "false");
}

char *columns_json(const struct columns *columns, size_t *length)
{
	const struct series_grid *grid = &columns->grid;
	size_t column_count;
	const struct column *table = columns_of(columns, &column_count);
	struct text text;

	if (make_room(&text, columns, column_count) < 0)
		return NULL;
	add_head(&text, columns);
	for (size_t i = 0; i < grid->count; i++)
		text_add(&text, "%s%.14g", i ? "," : "", (double)grid->edges_ms[i] / MS_PER_SECOND);
	for (size_t c = 0; c < column_count; c++) {
		text_add(&text, "],\"%s\":[", table[c].name);
		for (size_t i = 0; i < grid->count; i++) {
			text_add(&text, "%s", i ? "," : "");
			add_value(&text, &table[c], columns, i, "null");
		}
	}
	text_add(&text, "]}}");
	*length = text.length;
	return text.data;
}

char *columns_csv(const struct columns *columns, size_t *length)
{
	const struct series_grid *grid = &columns->grid;
	char at[WALL_TEXT_MAX];
	size_t column_count;
	const struct column *table = columns_of(columns, &column_count);
	struct text text;

	if (make_room(&text, columns, column_count) < 0)
		return NULL;
	text_add(&text, "at");
	for (size_t c = 0; c < column_count; c++)
		text_add(&text, ",%s", table[c].name);
	for (size_t i = 0; i < grid->count; i++) {
		struct wall_time wall = {grid->edges_ms[i]};

		text_add(&text, "\r\n%s", wall_format(at, wall, zone_offset_s(wall)));
		for (size_t c = 0; c < column_count; c++) {
			text_add(&text, ",");
			add_value(&text, &table[c], columns, i, "");
		}
	}
	text_add(&text, "\r\n");
	*length = text.length;
	return text.data;
}
