/*
 * How often somebody may try to log in: five times in a row from one address and
 * then once in half a minute; from everywhere together thirty times in a row and
 * then once in two seconds. What succeeds does not count. Times are real ms.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "wire/http_words.h"

#define PACE_ADDRESSES_MAX 64
#define PACE_TRIES 5
#define PACE_TRY_MS 30000
#define PACE_ALL_TRIES 30
#define PACE_ALL_TRY_MS 2000

/* So many in a row, and then one in so long. */
struct pace {
	uint64_t tries, try_ms;
};

/* Tries are used up, and come back with time. */
struct pace_bucket {
	uint64_t full_at_ms; /* all tries are back then */
};

/* Takes a try. Returns 0, or in how many seconds there is one; then none is taken. */
unsigned pace_bucket_take(struct pace_bucket *bucket, const struct pace *pace, uint64_t now_ms);

/* Whose pace an address has: its own, of IPv6 that of the network of 64 bits. */
void pace_prefix(char out[ADDRESS_TEXT_MAX], const char *address);

struct access_pace {
	struct pace_bucket all;
	struct pace_address {
		char prefix[ADDRESS_TEXT_MAX]; /* of IPv6 the network of 64 bits; empty: free */
		struct pace_bucket bucket;
	} addresses[PACE_ADDRESSES_MAX];
};

/* Takes a try from `address`. Returns 0, or in how many seconds there is one; then none is taken.
 */
unsigned pace_take(struct access_pace *pace, const char *address, uint64_t now_ms);

/* It succeeded: gives the try back. */
void pace_give_back(struct access_pace *pace, const char *address, uint64_t now_ms);
