/*
 * The two clocks, as two types that cannot be mixed up.
 *
 * Every age, dwell and lease is measured with `mono_time`; `wall_time` is for
 * records and for the schedule, and may jump. A clock may run faster than the
 * world (`factor`), so that a day of a simulated home passes in minutes: all
 * programs that are given the same factor and origin read the same time.
 * Deadlines of the network are not scaled: they use the event loop's timers.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* Milliseconds on a clock that never jumps; its zero means nothing. */
struct mono_time {
	int64_t ms;
};

/* Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted. */
struct wall_time {
	int64_t ms;
};

#define MS_PER_SECOND 1000
#define MS_PER_MINUTE (60 * MS_PER_SECOND)
#define MS_PER_HOUR (60 * MS_PER_MINUTE)
#define MS_PER_DAY (24 * (int64_t)MS_PER_HOUR)

/* `later` - `earlier`, in ms. */
static inline int64_t mono_since(struct mono_time later, struct mono_time earlier)
{
	return later.ms - earlier.ms;
}

static inline struct mono_time mono_add(struct mono_time at, int64_t ms)
{
	return (struct mono_time){at.ms + ms};
}

/* A source of both times. Made by clock_parse() or clock_real(). */
struct clock {
	int32_t factor;          /* 1 = as the world; 1..CLOCK_FACTOR_MAX */
	struct wall_time origin; /* the real wall time at which both clocks agree */
	int64_t mono_offset_ms;  /* real monotonic time at `origin` */
};

#define CLOCK_FACTOR_MAX 3600

/* The clock of the world. */
struct clock clock_real(void);

/*
 * Reads `FACTOR` or `FACTOR@ORIGIN`, ORIGIN being the real time in ms since
 * 1970 from which time runs FACTOR times as fast (default: now). Returns 0, or
 * -EINVAL and leaves `out` alone.
 */
int clock_parse(struct clock *out, const char *text) MUST_CHECK;

struct mono_time clock_mono(const struct clock *clock);
struct wall_time clock_wall(const struct clock *clock);

/* How long to wait in the real world, in ms, for `ms` to pass on `clock`; at least 1 for ms > 0. */
uint64_t clock_real_ms(const struct clock *clock, int64_t ms);

#define WALL_TEXT_MAX 32

/*
 * Writes `2026-11-25T04:30:22.125Z` into `out`, shifted by and labelled with
 * `offset_s` (`+01:00`) when that is not 0. Returns `out`.
 */
const char *wall_format(char out[WALL_TEXT_MAX], struct wall_time at, int32_t offset_s);

/*
 * Reads an ISO 8601 date and time with a zone (`Z`, `+01:00`, `+0100`), whole
 * seconds or a fraction, from `text` of `len` bytes. Returns 0, or -EINVAL and
 * leaves `out` alone; a time without a zone is refused.
 */
int wall_parse(struct wall_time *out, const char *text, size_t len) MUST_CHECK;
