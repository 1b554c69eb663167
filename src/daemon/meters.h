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
#include "model/meter_check.h"
#include "model/meter_counter.h"
#include "model/meter_group.h"
#include "model/meter_minute.h"
#include "model/meter_still.h"

/* Minutes that wait for a batch, at most: half an hour of a disk that takes nothing. */
#define METERS_WAITING_MAX 96

struct meters_waiting {
	enum meter_kind kind;
	bool wall_is_trusted;
	int64_t mono_ms;
	struct meter_minute minute;
};

/* Counters of one meter, and the power that they last came to. */
struct meters_counters {
	struct meter_counter in, out;
	double in_w, out_w;
	bool is_needed; /* it has not said a power of its own */
};

struct meters {
	/* By the places of each kind's group, which is in the status. */
	struct meters_counters counters[METER_COUNT][METER_MEMBERS_MAX];
	struct meter_sum sums[METER_COUNT];
	/* daemon/meters_doubt.h */
	struct meter_still still[METER_COUNT][METER_MEMBERS_MAX]; /* likewise by place */
	const struct meter_still *frozen;                         /* the one that was told of */
	struct meter_check check;
	struct mono_time checked_at;
	bool is_checking, is_balanced; /* all that `check` needs is known now */
	struct meters_waiting waiting[METERS_WAITING_MAX];
	size_t waiting_count;
	uint64_t waiting_since; /* the loop's time; 0: none waits */
	bool energy_is_owed[METER_COUNT]; /* a note of the sums: daemon/meters_energy.h */
};
