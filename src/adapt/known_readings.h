/*
 * Which readings are in the journal already, by what they say: the last
 * KNOWN_READINGS_MAX that a copy can be told by. A reading with a time of its
 * own or a number is itself whoever brings it and however often: the broker, in
 * this session or another, or its node once more. What has neither cannot be
 * told from another that says the same, and is not in here (see redelivery.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/reading.h"

/* At a reading every 10 s those of one battery's last 3.8 days. */
#define KNOWN_READINGS_MAX 32768

/* A node's clock that shows less has not been set, and starts over with each boot: 2020. */
#define KNOWN_TIME_EARLIEST_MS INT64_C(1577836800000)

/* All zero is empty. */
struct known_readings {
	size_t next; /* where the next goes */
	uint64_t keys[KNOWN_READINGS_MAX];
	uint16_t heads[KNOWN_READINGS_MAX]; /* by a key's low bits: its place + 1, 0 = none */
	struct known_link {
		uint16_t next; /* the next of the same low bits, as `heads` */
		uint16_t high; /* bits of the key: most others need not be looked up in `keys` */
	} links[KNOWN_READINGS_MAX]; /* by place */
};

/* Whether its own time says when it was measured. */
bool reading_is_timed(const struct reading *reading);

/* Whether a copy of it can be told. */
bool reading_is_known_by_itself(const struct reading *reading);

/*
 * What it is known by: node, time, number and all values. `restarts` is how often
 * its node has begun to count anew, which matters where there is no time.
 */
uint64_t reading_key(const struct reading *reading, uint32_t restarts);

bool known_readings_have(const struct known_readings *known, uint64_t key);

/* Remembers one that is not known yet; the oldest is forgotten. */
void known_readings_add(struct known_readings *known, uint64_t key);
