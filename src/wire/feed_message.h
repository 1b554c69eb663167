/*
 * What a price service or a forecast says, as slots: JSON read by the pointers of
 * the configuration (docs/prices.md).
 *
 * Values stand in lists of items, in objects whose members are named by their
 * time, or in two lists beside each other; in any order. What cannot be read is left
 * out and counted, never taken for 0; where a value is beyond anything that its
 * unit can mean, all of it is refused.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "model/feed.h"

#define FEED_ITEMS_MAX 1600

/* What to add to UTC, `at_s` since 1970, to get the clock of the house, in s. */
typedef int32_t feed_offset_at(int64_t at_s);

struct feed_news {
	size_t count; /* in the order of time, none overlaps another */
	struct feed_slot slots[FEED_ITEMS_MAX];
	size_t left_out; /* items without a value or time that can be read */
	size_t overlaps; /* items that contradicted another, of which the first counts */
	bool is_present; /* one value without a time, in the first slot, which begins at 0 */
};

/*
 * Reads `payload` by `config`, which has passed its check. Times without a zone are those of the
 * house. Returns 0; or -EINVAL with a sentence in `words`, and then `out` is of no use. On 0
 * `words` may say what is odd. Does not allocate.
 */
int feed_message_read(struct feed_news *out, const struct feed_config *config,
		      feed_offset_at *offset_at, const void *payload, size_t length,
		      struct text *words) MUST_CHECK;

/* Reads a time: ISO 8601 with or without a zone, epoch in s or ms. Returns 0 or -EINVAL. */
int feed_time_read(int64_t *out_s, const char *text, size_t length,
		   feed_offset_at *offset_at) MUST_CHECK;
