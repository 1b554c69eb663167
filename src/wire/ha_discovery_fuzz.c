/*
 * Any bytes as an announcement, whole and after another; then, past a line of `~`, as a message of
 * what was bound. What is bound has topics that can be listened to and a value within its range.
 */
#include "wire/ha_book.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/topic.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct ha_wish wishes[] = {
    {"s", SOURCE_SOC, true, 60000, SOURCE_LEASE_UNSUPPORTED},
    {"t", SOURCE_TEMP, true, 60000, SOURCE_LEASE_UNSUPPORTED},
    {"w", SOURCE_STATE, true, 60000, SOURCE_LEASE_NONE},
};

static void check(const struct ha_bound *bound)
{
	const struct source_field_info *info = source_field_info(bound->wish.field);
	double value;
	int64_t age_ms;

	if (bound->binding == NULL)
		return;
	for (size_t i = 0; i < bound->binding->source.available_count; i++) {
		if (!topic_is_plain(bound->binding->source.available[i].topic))
			abort();
	}
	if (!topic_is_plain(bound->binding->row.topic))
		abort();
	if (source_value(&value, &age_ms, &bound->binding->source, &bound->state, bound->wish.field,
			 (struct mono_time){1000}) &&
	    info->kind == SOURCE_IS_NUMBER && !(value >= info->min && value <= info->max))
		abort();
}

static void take(struct ha_book *book, const uint8_t *payload, size_t size)
{
	const struct source_now now = {.mono = {1000}};

	for (size_t i = 0; i < ARRAY_LENGTH(wishes); i++) {
		const struct ha_bound *bound = ha_book_bound(book, i);
		struct source_message message = {.payload = payload, .length = size};
		struct source source;

		if (bound->binding == NULL)
			continue;
		source = bound->binding->source;
		for (size_t k = 0; k < source.available_count; k++) {
			message.topic = source.available[k].topic;
			ha_book_take(book, &message, &now);
		}
		message.topic = bound->binding->row.topic;
		ha_book_take(book, &message, &now);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const topics[] = {"homeassistant/sensor/s/config",
					     "homeassistant/switch/w/config",
					     "homeassistant/device/d/config"};
	const uint8_t *end = size > 0 ? memmem(data, size, "\n~\n", 3) : NULL;
	size_t length = end != NULL ? (size_t)(end - data) : size;
	struct ha_book *book = ha_book_new("homeassistant", wishes, ARRAY_LENGTH(wishes));
	bool is_ours;

	if (book == NULL)
		return 0;
	for (size_t i = 0; i < ARRAY_LENGTH(topics); i++) {
		(void)!ha_book_hear(book, topics[i], data, length, &is_ours);
		if (end != NULL)
			take(book, end + 3, size - length - 3);
		for (size_t k = 0; k < ARRAY_LENGTH(wishes); k++)
			check(ha_book_bound(book, k));
	}
	(void)!ha_book_hear(book, topics[2], "", 0, &is_ours);
	ha_book_free(book);
	return 0;
}
