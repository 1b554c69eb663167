/* The pace of logins, see access_pace.h. */
#include "adapt/access_pace.h"

#include <arpa/inet.h>
#include <string.h>

#define MS_PER_S 1000

/* Somebody at home has a whole network of IPv6 addresses to try from. */
void pace_prefix(char out[ADDRESS_TEXT_MAX], const char *address)
{
	struct in6_addr bytes;

	memset(out, 0, ADDRESS_TEXT_MAX);
	if (inet_pton(AF_INET6, address, &bytes) == 1) {
		memset(&bytes.s6_addr[8], 0, 8);
		inet_ntop(AF_INET6, &bytes, out, ADDRESS_TEXT_MAX);
	} else {
		memcpy(out, address, strnlen(address, ADDRESS_TEXT_MAX - 1));
	}
}

/* The place of that address; else a free one, else the one with most tries left. */
static struct pace_address *find(struct access_pace *pace, const char *address)
{
	struct pace_address *best = &pace->addresses[0];
	char prefix[ADDRESS_TEXT_MAX];

	pace_prefix(prefix, address);
	for (size_t i = 0; i < PACE_ADDRESSES_MAX; i++) {
		struct pace_address *entry = &pace->addresses[i];

		if (strcmp(entry->prefix, prefix) == 0)
			return entry;
		if (entry->bucket.full_at_ms < best->bucket.full_at_ms)
			best = entry;
	}
	*best = (struct pace_address){0};
	memcpy(best->prefix, prefix, sizeof(prefix));
	return best;
}

/* How long until there is a try; 0: now. */
static uint64_t wait_ms(const struct pace_bucket *bucket, uint64_t tries, uint64_t try_ms,
			uint64_t now_ms)
{
	uint64_t missing_ms = bucket->full_at_ms > now_ms ? bucket->full_at_ms - now_ms : 0;

	return missing_ms > (tries - 1) * try_ms ? missing_ms - (tries - 1) * try_ms : 0;
}

static void use(struct pace_bucket *bucket, uint64_t try_ms, uint64_t now_ms)
{
	bucket->full_at_ms = (bucket->full_at_ms > now_ms ? bucket->full_at_ms : now_ms) + try_ms;
}

static void restore(struct pace_bucket *bucket, uint64_t try_ms, uint64_t now_ms)
{
	bucket->full_at_ms = bucket->full_at_ms > now_ms + try_ms ? bucket->full_at_ms - try_ms : 0;
}

static unsigned seconds(uint64_t ms)
{
	return (unsigned)((ms + MS_PER_S - 1) / MS_PER_S);
}

unsigned pace_bucket_take(struct pace_bucket *bucket, const struct pace *pace, uint64_t now_ms)
{
	uint64_t ms = wait_ms(bucket, pace->tries, pace->try_ms, now_ms);

	if (ms == 0)
		use(bucket, pace->try_ms, now_ms);
	return seconds(ms);
}

unsigned pace_take(struct access_pace *pace, const char *address, uint64_t now_ms)
{
	struct pace_bucket *its = &find(pace, address)->bucket;
	uint64_t its_ms = wait_ms(its, PACE_TRIES, PACE_TRY_MS, now_ms);
	uint64_t all_ms = wait_ms(&pace->all, PACE_ALL_TRIES, PACE_ALL_TRY_MS, now_ms);
	uint64_t longer_ms = its_ms > all_ms ? its_ms : all_ms;

	if (longer_ms > 0)
		return seconds(longer_ms);
	use(its, PACE_TRY_MS, now_ms);
	use(&pace->all, PACE_ALL_TRY_MS, now_ms);
	return 0;
}

void pace_give_back(struct access_pace *pace, const char *address, uint64_t now_ms)
{
	restore(&find(pace, address)->bucket, PACE_TRY_MS, now_ms);
	restore(&pace->all, PACE_ALL_TRY_MS, now_ms);
}
