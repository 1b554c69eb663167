/*
 * How much one caller may ask for in a second, so that none, logged in or not, crowds the others
 * out. A caller is a session, a token, or an address where there is neither.
 *
 * Changes are paced wherever they come from but the Unix socket: each is decided, written and told
 * to everybody. Reads are paced from beyond this machine alone: on it, who can ask can also take
 * the processor, and programs there read as fast as they like. Times are real ms.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "adapt/access_pace.h"

#define RATE_CALLERS_MAX 64
/* A page that opens asks some 60 times, and then once in a second at most. */
#define RATE_READS 600
#define RATE_READ_MS 10
#define RATE_CHANGES 60
#define RATE_CHANGE_MS 100

enum rate_kind { RATE_READ, RATE_CHANGE, RATE_KIND_COUNT };

struct access_rate {
	struct rate_caller {
		uint64_t key; /* 0: free */
		struct pace_bucket buckets[RATE_KIND_COUNT];
	} callers[RATE_CALLERS_MAX];
	uint64_t refused[RATE_KIND_COUNT];
};

/* The key of who has no session and no token: never 0. */
uint64_t rate_key_of_address(const char *address);

/*
 * Takes one of the caller's turns. Returns 0, or in how many seconds there is one; then it is
 * counted as refused. Where there are more callers than places, the one that asked least
 * lately is forgotten.
 */
unsigned rate_take(struct access_rate *rate, uint64_t key, enum rate_kind kind, uint64_t now_ms);
