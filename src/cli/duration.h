/* Durations and moments as people write them. Pure. */
#pragma once

#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "base/time.h"

/*
 * Reads `90s`, `15m`, `2h`, `1h30m`, `1d` (units in falling order, each once,
 * whole numbers, more than 0, at most 366 days). Returns 0, or -EINVAL and leaves `out_ms` alone.
 */
int duration_parse(int64_t *out_ms, const char *text) MUST_CHECK;

/* Writes the two greatest units: "1 h 30 min", "2 min 5 s", "3 s"; below a second "0 s". */
void duration_format(struct text *out, int64_t ms);

/* What to add to UTC at `at` to get a zone's local time, in seconds; `zone` is the caller's. */
typedef int32_t moment_offset(const void *zone, struct wall_time at);

/*
 * Reads a moment: ISO 8601 with a zone; `-2h`, a duration before `now`; `now`;
 * `today` and `yesterday`, which begin at midnight of the zone that `offset_at` tells of (NULL:
 * UTC), also where that day has 23 or 25 hours; `yesterday 18:30`, as clocks show it there. Returns
 * 0, or -EINVAL and leaves `out` alone.
 */
int moment_parse(struct wall_time *out, const char *text, struct wall_time now,
		 moment_offset *offset_at, const void *zone) MUST_CHECK;
