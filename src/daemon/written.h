/*
 * How much is written to the disk in a day, from a total that only grows: over
 * the last 24 hours, or over what there was of them so far.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

#define WRITTEN_HOURS 24

/* A shorter time says nothing about a day. */
#define WRITTEN_LEAST_MS (10 * (int64_t)MS_PER_MINUTE)

struct written {
	bool has_begun;
	struct mono_time began;
	int64_t hour;                     /* the present one, from 0 */
	uint64_t total_at[WRITTEN_HOURS]; /* when an hour began, by its number modulo 24 */
};

/* Takes in that `total` bytes have been written by `now`; at least once an hour, from the start. */
void written_follow(struct written *written, struct mono_time now, uint64_t total);

/* Bytes a day, or -1 while that cannot be told yet. */
int64_t written_per_day(const struct written *written, struct mono_time now, uint64_t total);
