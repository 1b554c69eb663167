/*
 * The daily schedule: windows of local time in which to charge or discharge.
 *
 * It is followed by level, not by edges: what counts is which window the
 * present moment lies in. Windows are half-open and may cross midnight.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/quantity.h"

#define SCHEDULE_WINDOWS_MAX 8
#define SECONDS_PER_DAY 86400

struct schedule_window {
	enum intent intent; /* charge or discharge */
	int32_t start_s;    /* of the local day, 0..86399 */
	int32_t end_s;      /* exclusive; <= start_s means past midnight */
};

struct schedule {
	uint8_t count;
	struct schedule_window windows[SCHEDULE_WINDOWS_MAX];
};

/*
 * Reads `charge 00:30-04:30, discharge 18:00-22:00` (times HH:MM or HH:MM:SS;
 * empty means no window). Where windows overlap the first named counts.
 * Returns 0, or -EINVAL with a sentence in `error`, and leaves `out` alone.
 */
int schedule_parse(struct schedule *out, const char *text, struct text *error) MUST_CHECK;

/* Writes what schedule_parse() reads. */
void schedule_format(const struct schedule *schedule, struct text *out);

/* Reads `HH:MM` or `HH:MM:SS` as seconds of the day. Returns 0 or -EINVAL. */
int time_of_day_parse(int32_t *out_s, const char *text, size_t len) MUST_CHECK;

/*
 * The window that `second_of_day` (local, 0..86399) lies in, or NULL. Borrowed
 * from `schedule`.
 */
const struct schedule_window *schedule_at(const struct schedule *schedule, int32_t second_of_day);
