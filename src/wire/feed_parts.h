/* The values of a feed's entries. Internal to wire/feed*.c. */
#pragma once

#include <stdbool.h>

#include "base/time.h"
#include "wire/feed_message.h"
#include "wire/json_glance.h"

/* An entry before it is known how long it lasts. */
struct feed_item {
	size_t number; /* in the order of the message */
	bool has_from, has_to;
	int64_t from_s, to_s;
	double value;
};

struct feed_reader {
	struct feed_news *out;
	const struct feed_config *config;
	feed_offset_at *offset_at;
	bool is_full;
	size_t count;
	struct feed_item items[FEED_ITEMS_MAX]; /* 64 KB, on the stack of the loop's thread */
};

/* Whether there is a time, or a number, and which. A number may be a text. */
bool feed_read_time(int64_t *out_s, const struct json_glance *json, feed_offset_at *offset_at);
bool feed_read_number(double *out, const struct json_glance *json);
