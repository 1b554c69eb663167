/*
 * Whether a sensor sends as often as it was told to. What counts is the spacing of
 * its readings, not what they say of themselves.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

#define INTERVAL_ATTEMPTS_MAX 3

/* Readings in a row, so that one that is late or lost is no verdict. */
#define INTERVAL_READINGS_NEEDED 2

struct interval_watch {
	int64_t told_ms; /* the interval that it was told last; 0 = none */
	struct mono_time told_at;
	int32_t attempts; /* how often it was told since it last did as told */
	int32_t run;      /* readings in a row that came at that interval; < 0: that did not */
	bool is_confirmed;
};

enum interval_verdict {
	INTERVAL_OPEN,       /* nothing new is known */
	INTERVAL_CONFIRMED,  /* from now on it does as told */
	INTERVAL_TELL_AGAIN, /* it does not; the message may have been lost */
	INTERVAL_IGNORED,    /* it does not, however often it was told: said once */
};

/* It was told `interval_ms` (> 0) at `now`, once more or for the first time. */
void interval_watch_told(struct interval_watch *watch, int64_t interval_ms, struct mono_time now);

/* A reading came at `now`, `spacing_ms` after the one before (0 = unknown). */
enum interval_verdict interval_watch_heard(struct interval_watch *watch, int64_t spacing_ms,
					   struct mono_time now);
