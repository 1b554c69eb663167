/* The file of what was published: read by the same code as what services say. */
#include "wire/feed_book.h"

#include <errno.h>
#include <string.h>

#include "wire/feed_parts.h"
#include "wire/json_message.h"
#include "wire/number.h"

#define MARK_MAX 32

static const struct feed_config slots = {
    .items = "/slots", .from = "/0", .to = "/1", .value = "/2", .max = 1e12};

/* Names where values come from and how they are read; not when that is asked for. */
static void write_mark(char out[MARK_MAX], const struct feed_config *config)
{
	struct feed_config reading = *config;
	struct text text = text_in(out, MARK_MAX);
	uint64_t hash = 0;

	reading.every_s = 0;
	hash = hash_bytes(reading.topic, sizeof reading.topic) ^
	       3 * hash_bytes(reading.file, sizeof reading.file) ^
	       5 * hash_bytes(reading.url, sizeof reading.url) ^
	       7 * hash_bytes(reading.items, sizeof reading.items) ^
	       11 * hash_bytes(reading.value, sizeof reading.value) ^
	       13 * hash_bytes(reading.at, sizeof reading.at) ^
	       17 * hash_bytes(&reading.scale, sizeof reading.scale) ^
	       19 * hash_bytes(&reading.add, sizeof reading.add) ^
	       23 * hash_bytes(&reading.factor, sizeof reading.factor) ^
	       29 * hash_bytes(reading.from, sizeof reading.from) ^
	       31 * hash_bytes(reading.to, sizeof reading.to) ^
	       37 * hash_bytes(reading.body, sizeof reading.body);
	text_add(&text, "%016llx", (unsigned long long)hash);
}

void feed_book_write(struct text *out, const struct feed *feed, const struct feed_config *config,
		     int64_t good_s)
{
	size_t first = feed->count > FEED_BOOK_SLOTS_MAX ? feed->count - FEED_BOOK_SLOTS_MAX : 0;
	char mark[MARK_MAX];

	write_mark(mark, config);
	text_add(out, "{\"of\":\"%s\",\"at\":%lld,\"slots\":[", mark, (long long)good_s);
	for (size_t i = first; i < feed->count; i++) {
		const struct feed_slot *slot = &feed->slots[i];

		text_add(out, "%s[%lld,%lld,", i > first ? ",\n" : "\n", (long long)slot->from_s,
			 (long long)(slot->from_s + slot->length_s));
		number_add_shortest(out, slot->value);
		text_add(out, "]");
	}
	text_add(out, "\n]}\n");
}

static int32_t utc(int64_t at_s)
{
	(void)at_s;
	return 0;
}

int feed_book_read(struct feed_news *news, int64_t *good_s, const struct feed_config *config,
		   const void *bytes, size_t length)
{
	char mark[MARK_MAX], found[JSON_GLANCE_TEXT_MAX], words[80];
	struct text error = text_in(words, sizeof words);
	struct json_glance of, at;

	if (json_glance_check(bytes, length) != REFUSAL_NONE)
		return -EINVAL;
	of = json_glance_find(bytes, length, "/of");
	at = json_glance_find(bytes, length, "/at");
	write_mark(mark, config);
	if (of.kind != GLANCE_TEXT || json_glance_text(found, &of) < 0 ||
	    strcmp(found, mark) != 0 || !feed_read_time(good_s, &at, utc))
		return -EINVAL;
	return feed_message_read(news, &slots, utc, bytes, length, &error);
}
