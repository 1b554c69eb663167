/* Any bytes as what a price service says: slots in order, none overlapping, none beyond the most.
 */
#include "wire/feed_message.h"

#include <math.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MOST 5.0

static int32_t by_the_quarter(int64_t at_s)
{
	return (int32_t)(at_s / 86400 % 5) * 900;
}

static void check(const struct feed_news *news)
{
	if (news->count > FEED_ITEMS_MAX || news->count == 0)
		abort();
	for (size_t i = 0; i < news->count; i++) {
		const struct feed_slot *slot = &news->slots[i];

		if (slot->length_s <= 0 || !(fabs(slot->value) <= MOST))
			abort();
		if (i > 0 && slot[-1].from_s + slot[-1].length_s > slot->from_s)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct feed_config configs[] = {
	    {.scale = 1, .max = MOST},
	    {.at = "/a", .scale = 1, .max = MOST},
	    {.items = "/p", .from = "/s", .to = "/e", .value = "/v", .scale = 1, .max = MOST},
	    {.items = "/p /q", .from = "/s", .value = "/v", .scale = 0.01, .add = 1, .max = MOST},
	    {.items = "/p", .to = "/", .amount = FEED_IS_ENERGY, .max = MOST},
	    {.items = "/p", .value = "/v", .max = MOST},
	    {.items = "/p", .to = "/e", .value = "/v", .amount = FEED_IS_ENERGY, .max = MOST},
	    {.from = "/s", .value = "/v", .factor = 0.001, .max = MOST},
	    {.from = "/0", .value = "/1", .length_s = 900, .max = MOST},
	};
	static struct feed_news news;
	char words[200];

	for (size_t i = 0; i < sizeof configs / sizeof configs[0]; i++) {
		struct text text = text_in(words, sizeof words);

		if (feed_message_read(&news, &configs[i], by_the_quarter, data, size, &text) == 0)
			check(&news);
	}
	return 0;
}
