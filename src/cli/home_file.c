/*
 * From the lines of a file to slots without holes. Time is counted in UTC, so
 * that a day may have 23 or 25 hours; the place of a slot in its day is that of
 * the clock that the file writes.
 */
#include "cli/home_file.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/home_rows.h"

#define GAP_MAX_MS (366 * MS_PER_DAY)
#define NIGHT_SUN_W 50
#define NIGHT_FROM_MIN (23 * 60) /* until 3: dark wherever one lives by such a clock, or nearly */
#define NIGHT_TO_MIN (3 * 60)
#define FROZEN_HOURS 24

static void say(struct home_record *record, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(struct home_record *record, const char *format, ...)
{
	va_list arguments;

	if (record->said >= HOME_COMPLAINTS_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(record->words[record->said++], sizeof(record->words[0]), format, arguments);
	va_end(arguments);
}

static const char *when(char text[WALL_TEXT_MAX], const struct home_row *row)
{
	return wall_format(text, row->start, row->utc_offset_s);
}

/* ---- the step ---- */

static int64_t between(const struct home_rows *rows, size_t i)
{
	return rows->rows[i].start.ms - rows->rows[i - 1].start.ms;
}

/* The most common distance of two rows, by the vote of the majority; then all must be multiples. */
static int find_step(struct home_record *record, const struct home_rows *rows, const char *path)
{
	int64_t step = 0, votes = 0;
	char text[WALL_TEXT_MAX];

	for (size_t i = 1; i < rows->count; i++) {
		if (votes == 0)
			step = between(rows, i);
		votes += between(rows, i) == step ? 1 : -1;
	}
	if (step < MS_PER_MINUTE || MS_PER_HOUR % step != 0 || step % MS_PER_MINUTE != 0) {
		complain("%s: rows are %.1f min apart; a step divides an hour: 60, 30, 20, 15, 10, "
			 "5 or 1 "
			 "min",
			 path, (double)step / MS_PER_MINUTE);
		return -EINVAL;
	}
	for (size_t i = 1; i < rows->count; i++) {
		if (between(rows, i) % step != 0 || between(rows, i) > GAP_MAX_MS) {
			complain(
			    "%s:%zu: column time: %s is %.1f min after the row before; steps of "
			    "%d min are expected, and no gap of more than a year",
			    path, rows->lines[i], when(text, &rows->rows[i]),
			    (double)between(rows, i) / MS_PER_MINUTE, (int)(step / MS_PER_MINUTE));
			return -EINVAL;
		}
	}
	record->step_minutes = (int)(step / MS_PER_MINUTE);
	record->plan_minutes = record->step_minutes;
	while (record->plan_minutes < PLAN_SLOT_MINUTES_MIN || 60 % record->plan_minutes != 0)
		record->plan_minutes += record->step_minutes;
	return 0;
}

/* ---- slots ---- */

static struct home_slot slot_of(const struct home_record *record, const struct home_row *row,
				int64_t start_ms, bool is_there)
{
	int64_t local_ms = start_ms + (int64_t)row->utc_offset_s * MS_PER_SECOND;
	int64_t day = local_ms / MS_PER_DAY - (local_ms % MS_PER_DAY < 0);
	int64_t minute = (local_ms - day * MS_PER_DAY) / MS_PER_MINUTE;
	double hours = record->step_minutes / 60.0;
	struct home_slot slot = {
	    .start = {start_ms},
	    .utc_offset_s = row->utc_offset_s,
	    .plan = {.when = {(int32_t)day, (int32_t)(minute / record->plan_minutes)},
		     .price = {NAN, NAN},
		     .load_kwh = NAN,
		     .pv_kwh = NAN},
	};

	if (!is_there)
		return slot;
	slot.plan.load_kwh = (float)(row->value[HOME_LOAD] * hours / 1000);
	slot.plan.pv_kwh = (float)(row->value[HOME_PV] * hours / 1000);
	slot.plan.price.buy = (float)row->value[HOME_BUY];
	slot.plan.price.sell = (float)row->value[HOME_SELL];
	return slot;
}

static int lay_out(struct home_record *record, const struct home_rows *rows)
{
	int64_t step = (int64_t)record->step_minutes * MS_PER_MINUTE;
	int64_t span = rows->rows[rows->count - 1].start.ms - rows->rows[0].start.ms;
	size_t holes = 0, first_hole = 0;
	char text[WALL_TEXT_MAX];

	record->slots = malloc(sizeof(*record->slots) * (size_t)(span / step + 1));
	if (record->slots == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < rows->count; i++) {
		const struct home_row *row = &rows->rows[i];
		int64_t at = i == 0 ? row->start.ms : rows->rows[i - 1].start.ms + step;

		for (; at < row->start.ms; at += step) {
			first_hole = holes++ == 0 ? i : first_hole;
			record->slots[record->count++] =
			    slot_of(record, &rows->rows[i - 1], at, false);
		}
		record->slots[record->count++] = slot_of(record, row, row->start.ms, true);
	}
	if (holes > 0)
		say(record, "%zu slots are missing, the first before line %zu (%s)", holes,
		    rows->lines[first_hole], when(text, &rows->rows[first_hole]));
	return 0;
}

/* ---- what is odd ---- */

static void tell_absurd(struct home_record *record, const struct home_rows *rows)
{
	for (int c = HOME_LOAD; c < HOME_COLUMNS; c++) {
		size_t count = 0, first = 0;

		for (size_t i = 0; i < rows->count; i++) {
			if (rows->rows[i].is_absurd[c])
				first = count++ == 0 ? rows->lines[i] : first;
		}
		if (count > 0)
			say(record,
			    "%zu values of %s no home can have, the first in line %zu: not known",
			    count, home_column_name(c), first);
	}
}

static void tell_night_sun(struct home_record *record, const struct home_rows *rows)
{
	size_t count = 0, first = 0;

	for (size_t i = 0; i < rows->count; i++) {
		const struct home_row *row = &rows->rows[i];
		int64_t local_ms = row->start.ms + (int64_t)row->utc_offset_s * MS_PER_SECOND;
		int64_t minute = (local_ms % MS_PER_DAY + MS_PER_DAY) % MS_PER_DAY / MS_PER_MINUTE;

		if ((minute >= NIGHT_FROM_MIN || minute < NIGHT_TO_MIN) &&
		    row->value[HOME_PV] > NIGHT_SUN_W)
			first = count++ == 0 ? rows->lines[i] : first;
	}
	if (count > 0)
		say(record,
		    "%zu times PV gives power between 23 and 3 on the clock, the first in line "
		    "%zu: is "
		    "the zone of `time` right?",
		    count, first);
}

/* A load that stands still may be a meter that hangs; or a home that somebody made up. */
static void tell_frozen(struct home_record *record, const struct home_rows *rows)
{
	size_t run = 1, count = 0, first = 0;
	size_t most = (size_t)(FROZEN_HOURS * 60 / record->step_minutes);

	for (size_t i = 1; i < rows->count; i++) {
		double load = rows->rows[i].value[HOME_LOAD];

		run = load > 0 && load == rows->rows[i - 1].value[HOME_LOAD] ? run + 1 : 1;
		if (run > most)
			first = count++ == 0 ? rows->lines[i] : first;
	}
	if (count > 0)
		say(record,
		    "load_w stands still for more than %d h, in %zu rows from line %zu on: does "
		    "the "
		    "meter hang?",
		    FROZEN_HOURS, count, first);
}

static void count_unknown(struct home_record *record)
{
	for (size_t i = 0; i < record->count; i++) {
		const struct plan_slot *slot = &record->slots[i].plan;

		record->unknown += isnan(slot->load_kwh) || isnan(slot->pv_kwh) ||
				   isnan(slot->price.buy) || isnan(slot->price.sell);
	}
	if (record->unknown > 0)
		say(record,
		    "%zu of %zu slots have no load, PV or price: the battery rests in them and "
		    "they are "
		    "not billed",
		    record->unknown, record->count);
}

/* ---- */

static int check_columns(const struct home_rows *rows, const char *path)
{
	for (int c = HOME_LOAD; c < HOME_COLUMNS; c++) {
		if (rows->has[c])
			continue;
		complain(
		    "%s:1: there is no column %s; needed are time, load_w, pv_w, import_price and "
		    "export_price%s",
		    path, home_column_name(c),
		    c == HOME_PV     ? " (without PV: a column of 0)"
		    : c == HOME_SELL ? ", or --export-price in the last one's place"
				     : "");
		return -EINVAL;
	}
	return 0;
}

int home_record_read(struct home_record *out, const char *path, const struct home_export *export)
{
	struct home_record record = {0};
	struct home_rows rows = {0};
	int rc = home_rows_read(&rows, path, 2);

	if (rc == 0)
		rc = home_rows_set_export(&rows, export);
	if (rc == 0)
		rc = check_columns(&rows, path);
	if (rc == 0)
		rc = find_step(&record, &rows, path);
	if (rc == 0)
		rc = lay_out(&record, &rows);
	if (rc == 0) {
		tell_absurd(&record, &rows);
		tell_night_sun(&record, &rows);
		tell_frozen(&record, &rows);
		count_unknown(&record);
		*out = record;
	} else {
		home_record_free(&record);
	}
	home_rows_free(&rows);
	return rc;
}

void home_record_free(struct home_record *record)
{
	free(record->slots);
	record->slots = NULL;
	record->count = 0;
}
