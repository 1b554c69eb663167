/*
 * What the points of a series come to, from rows or from rollups of the journal.
 *
 * Energy is added up, a mean is weighted by readings, extremes are kept. A relay
 * that is on is noted each minute, so that no row says anything over a gap; one
 * that is off stays so until a row says otherwise, as nobody else closes it.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "adapt/api_columns.h"

#define ROWS_MAX 1000000

/* A walk through rows, oldest first. */
struct walk {
	struct columns *columns;
	bool has_before;
	struct rollup_sample before;
	bool was_on;
	struct wall_time until; /* of what the relay's last row says */
	uint32_t count;
};

static struct columns_cell *cell_at(struct columns *columns, struct wall_time at)
{
	int place = series_grid_find(&columns->grid, at);

	return place < 0 ? NULL : &columns->cells[place];
}

/* ---- readings ---- */

static bool add_reading(void *user, const struct journal_reading *reading)
{
	struct walk *walk = user;
	const struct reading_received *received = &reading->received;
	struct rollup_sample sample = {reading->wall,
				       received->soc_pct,
				       received->temp_c,
				       received->temp_max_c,
				       received->power_w,
				       received->interval_s,
				       quality_is_doubted(reading->quality)};
	struct columns_cell *cell;

	/* One that comes late belongs to when it was measured. */
	if (!reading->acts && reading->has_measured && reading->measured.ms < sample.at.ms)
		sample.at = reading->measured;
	cell = cell_at(walk->columns, sample.at);
	if (cell) {
		rollup_add(&cell->readings, &sample);
		if (reading->acts && walk->has_before)
			rollup_energy(&cell->readings, &walk->before, &sample);
	}
	if (reading->acts) {
		walk->before = sample;
		walk->has_before = true;
	}
	walk->count++;
	return true;
}

/* ---- relays ---- */

/* The relay was on or off from..to. */
static void note_state(struct columns *columns, struct wall_time from, struct wall_time to,
		       bool is_on)
{
	const struct series_grid *grid = &columns->grid;
	int64_t at_ms = from.ms < grid->edges_ms[0] ? grid->edges_ms[0] : from.ms;
	int place = series_grid_find(grid, (struct wall_time){at_ms});

	for (; place >= 0 && (size_t)place < grid->count && at_ms < to.ms; place++) {
		struct columns_cell *cell = &columns->cells[place];
		int64_t end_ms = grid->edges_ms[place + 1];
		bool is_whole = to.ms >= end_ms || to.ms >= columns->now.ms;

		cell->is_known = true;
		cell->has_state = is_whole;
		cell->is_on = is_on;
		if (is_on)
			cell->on_ms += (to.ms < end_ms ? to.ms : end_ms) - at_ms;
		at_ms = end_ms;
	}
}

static void note_until(struct walk *walk, struct wall_time to)
{
	struct wall_time until = walk->was_on ? rollup_on_until(walk->before.at, to) : to;

	if (walk->has_before)
		note_state(walk->columns, walk->before.at, until, walk->was_on);
}

static bool add_relay(void *user, const struct journal_relay *relay)
{
	struct walk *walk = user;
	struct columns_cell *cell = cell_at(walk->columns, relay->wall);

	note_until(walk, relay->wall);
	if (cell) {
		cell->is_known = cell->has_state = true;
		cell->closings += walk->has_before && relay->is_on && !walk->was_on;
	}
	walk->before.at = relay->wall;
	walk->was_on = relay->is_on;
	walk->has_before = true;
	walk->count++;
	return true;
}

/* ---- rows and rollups ---- */

static int read_rows(struct columns *columns, struct journal_reader *reader)
{
	struct wall_time from = {columns->grid.edges_ms[0]};
	struct wall_time to = {columns->grid.edges_ms[columns->grid.count]};
	struct journal_span before = {.to = from, .limit = 1, .newest_first = true};
	struct journal_span span = {from, to, ROWS_MAX, false};
	struct walk walk = {.columns = columns};
	int rc;

	if (columns->subject != JOURNAL_RELAY) {
		rc = journal_read_readings(reader, columns->name, before, add_reading, &walk);
		if (rc == 0)
			rc = journal_read_readings(reader, columns->name, span, add_reading, &walk);
	} else {
		rc = journal_read_relays(reader, columns->name, before, add_relay, &walk);
		if (rc == 0)
			rc = journal_read_relays(reader, columns->name, span, add_relay, &walk);
		if (rc == 0)
			note_until(&walk, to.ms < columns->now.ms ? to : columns->now);
	}
	columns->is_cut = walk.count >= ROWS_MAX;
	return rc;
}

static bool add_rollup(void *user, const struct journal_rollup_row *row)
{
	struct columns_cell *cell = cell_at(user, row->span.from);

	if (!cell)
		return true;
	if (row->readings) {
		rollup_merge(&cell->readings, row->readings);
	} else {
		cell->is_known = true;
		cell->on_ms += row->on_ms;
		cell->closings += row->closings;
	}
	return true;
}

int columns_read(struct columns *columns, struct journal_reader *reader)
{
	struct journal_span span = {{columns->grid.edges_ms[0]},
				    {columns->grid.edges_ms[columns->grid.count]},
				    ROWS_MAX,
				    false};
	int rc;

	columns->cells = calloc(columns->grid.count, sizeof(*columns->cells));
	if (!columns->cells)
		return -ENOMEM;
	if (columns->level == SERIES_ROWS)
		return read_rows(columns, reader);
	rc = journal_read_rollups(reader, columns->name, columns->subject,
				  (enum rollup_level)columns->level, span, add_rollup, columns);
	return rc == 0 ? journal_read_rolled_up(reader, columns->subject, &columns->rolled_up) : rc;
}
