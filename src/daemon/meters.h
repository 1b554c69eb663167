/*
 * Meters on their way in: what they say now, for whoever looks, and what each
 * minute came to, for the journal. None of it is on the way of a decision, and a
 * minute waits for a batch that is written anyway: no commit of its own, as a rule.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/meter.h"
#include "model/meter_minute.h"

/* Minutes that wait for a batch, at most: half an hour of a disk that takes nothing. */
#define METERS_WAITING_MAX 96

struct meters_waiting {
	enum meter_kind kind;
	bool wall_is_trusted;
	int64_t mono_ms;
	struct meter_minute minute;
};

struct meters {
	struct meter_sum sums[METER_COUNT];
	struct meters_waiting waiting[METERS_WAITING_MAX];
	size_t waiting_count;
	uint64_t waiting_since; /* the loop's time; 0: none waits */
};
