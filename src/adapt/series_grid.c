#include "adapt/series_grid.h"

#include <errno.h>
#include <stdlib.h>

static int64_t divide_up(int64_t value, int64_t by)
{
	return (value + by - 1) / by;
}

static int allocate(struct series_grid *grid, size_t count)
{
	grid->edges_ms = malloc((count + 1) * sizeof(*grid->edges_ms));
	grid->count = count;
	return grid->edges_ms ? 0 : -ENOMEM;
}

static int equal_pieces(struct series_grid *out, int level, int64_t from_ms, int64_t to_ms,
			uint32_t points, int64_t least_ms)
{
	int64_t unit_ms = level == SERIES_ROWS ? 1
					       : rollup_level_minutes((enum rollup_level)level) *
						     (int64_t)MS_PER_MINUTE;
	int64_t start_ms = from_ms - from_ms % unit_ms;
	int64_t step_ms = divide_up(to_ms - start_ms, points);

	if (step_ms < least_ms)
		step_ms = least_ms;
	out->step_ms = divide_up(step_ms, unit_ms) * unit_ms;
	if (allocate(out, (size_t)divide_up(to_ms - start_ms, out->step_ms)) < 0)
		return -ENOMEM;
	for (size_t i = 0; i <= out->count; i++)
		out->edges_ms[i] = start_ms + (int64_t)i * out->step_ms;
	if (level == SERIES_ROWS)
		out->edges_ms[out->count] = to_ms;
	return 0;
}

static int days(struct series_grid *out, struct wall_time from, struct wall_time to,
		uint32_t points, rollup_offset *offset_s)
{
	struct wall_time at = rollup_span_of(ROLLUP_DAY, from, offset_s).from;
	size_t count = 0, together;

	for (struct wall_time day = at; day.ms < to.ms; count++)
		day = rollup_span_of(ROLLUP_DAY, day, offset_s).to;
	together = (count + points - 1) / points;
	if (allocate(out, (count + together - 1) / together) < 0)
		return -ENOMEM;
	out->step_ms = 0;
	for (size_t i = 0; i <= out->count; i++) {
		out->edges_ms[i] = at.ms;
		for (size_t day = 0; day < together && at.ms < to.ms; day++)
			at = rollup_span_of(ROLLUP_DAY, at, offset_s).to;
	}
	return 0;
}

int series_grid_init(struct series_grid *out, int level, struct wall_time from, struct wall_time to,
		     uint32_t points, int64_t least_ms, rollup_offset *offset_s)
{
	*out = (struct series_grid){0};
	if (from.ms < 0 || to.ms <= from.ms || to.ms - from.ms > SERIES_DAYS_MAX * MS_PER_DAY)
		return -EINVAL;
	return level == ROLLUP_DAY ? days(out, from, to, points, offset_s)
				   : equal_pieces(out, level, from.ms, to.ms, points, least_ms);
}

void series_grid_deinit(struct series_grid *grid)
{
	free(grid->edges_ms);
	*grid = (struct series_grid){0};
}

int series_grid_find(const struct series_grid *grid, struct wall_time at)
{
	size_t low = 0, high = grid->count;

	if (grid->count == 0 || at.ms < grid->edges_ms[0] || at.ms >= grid->edges_ms[grid->count])
		return -1;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (at.ms < grid->edges_ms[middle])
			high = middle;
		else
			low = middle;
	}
	return (int)low;
}
