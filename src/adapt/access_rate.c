/* The pace of requests, see access_rate.h. */
#include "adapt/access_rate.h"

#include "base/result.h"

static const struct pace PACES[RATE_KIND_COUNT] = {
    [RATE_READ] = {RATE_READS, RATE_READ_MS},
    [RATE_CHANGE] = {RATE_CHANGES, RATE_CHANGE_MS},
};

/* FNV-1a: two addresses that share a key would share a pace, no more. */
uint64_t rate_key_of_address(const char *address)
{
	char prefix[ADDRESS_TEXT_MAX];
	uint64_t key = 0xcbf29ce484222325u;

	pace_prefix(prefix, address);
	for (const char *at = prefix; *at != '\0'; at++)
		key = (key ^ (uint8_t)*at) * 0x100000001b3u;
	return key != 0 ? key : 1;
}

static uint64_t full_at_ms(const struct rate_caller *caller)
{
	uint64_t reads = caller->buckets[RATE_READ].full_at_ms;
	uint64_t changes = caller->buckets[RATE_CHANGE].full_at_ms;

	return reads > changes ? reads : changes;
}

/* The place of that caller; else a free one, else the one with most turns back. */
static struct rate_caller *find(struct access_rate *rate, uint64_t key)
{
	struct rate_caller *best = &rate->callers[0];

	for (size_t i = 0; i < RATE_CALLERS_MAX; i++) {
		struct rate_caller *caller = &rate->callers[i];

		if (caller->key == key)
			return caller;
		if (full_at_ms(caller) < full_at_ms(best))
			best = caller;
	}
	*best = (struct rate_caller){.key = key};
	return best;
}

unsigned rate_take(struct access_rate *rate, uint64_t key, enum rate_kind kind, uint64_t now_ms)
{
	unsigned wait_s = pace_bucket_take(&find(rate, key)->buckets[kind], &PACES[kind], now_ms);

	if (wait_s > 0)
		rate->refused[kind]++;
	return wait_s;
}
