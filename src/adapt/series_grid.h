/*
 * The points of a series: a span of time in equal pieces, or in the house's days.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/time.h"
#include "model/rollup.h"

#define SERIES_POINTS_MAX 5000
#define SERIES_DAYS_MAX 40000 /* a hundred years */

struct series_grid {
	size_t count;      /* pieces */
	int64_t *edges_ms; /* count + 1: piece i is from edges_ms[i] until edges_ms[i + 1] */
	int64_t step_ms;   /* 0: days, which need not be equally long */
};

/* The single rows, in place of an enum rollup_level. */
#define SERIES_ROWS (-1)

/*
 * Divides from..to into at most `points` (1..SERIES_POINTS_MAX) pieces that consist of whole ones
 * of `level`, none shorter than `least_ms`. Allocates. Returns 0, -ENOMEM, or -EINVAL where the
 * span is empty, before 1970, or longer than SERIES_DAYS_MAX.
 */
int series_grid_init(struct series_grid *out, int level, struct wall_time from, struct wall_time to,
		     uint32_t points, int64_t least_ms, rollup_offset *offset_s) MUST_CHECK;

void series_grid_deinit(struct series_grid *grid);

/* The piece that `at` is in, or -1. */
int series_grid_find(const struct series_grid *grid, struct wall_time at);
