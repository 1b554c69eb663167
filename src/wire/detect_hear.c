/* What was heard on a broker: one last message a topic, within bounds. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "wire/detect_parts.h"

#define HOME_PREFIX "homeassistant"

const char *detect_kind_name(enum detect_kind kind)
{
	static const char *const NAMES[] = {"battery", "relay", "meter", "other"};

	return NAMES[kind];
}

struct detect *detect_new(void)
{
	struct detect *detect = calloc(1, sizeof(*detect));

	if (detect) {
		detect_patterns_read(&detect->patterns);
		detect->home = ha_book_new(HOME_PREFIX, NULL, 0);
	}
	return detect;
}

void detect_free(struct detect *detect)
{
	if (detect) {
		detect_forget(detect);
		ha_book_free(detect->home);
	}
	free(detect);
}

void detect_forget(struct detect *detect)
{
	for (size_t i = 0; i < detect->topic_count; i++) {
		free(detect->topics[i].topic);
		free(detect->topics[i].payload);
	}
	memset(detect->topics, 0, detect->topic_count * sizeof(*detect->topics));
	memset(detect->slots, 0, sizeof(detect->slots));
	detect->topic_count = 0;
	detect->left_out = 0;
	ha_book_free(detect->home);
	detect->home = ha_book_new(HOME_PREFIX, NULL, 0);
}

size_t detect_topic_count(const struct detect *detect)
{
	return detect->topic_count;
}

uint64_t detect_left_out(const struct detect *detect)
{
	return detect->left_out;
}

/* --- hearing ---------------------------------------------------------------- */

/* The slot of `topic`, or the free one where it would be. */
static uint16_t *slot_of(struct detect *detect, const char *topic)
{
	size_t at = hash_bytes(topic, strlen(topic)) % DETECT_SLOTS;

	while (detect->slots[at] != 0 &&
	       strcmp(detect->topics[detect->slots[at] - 1].topic, topic) != 0)
		at = (at + 1) % DETECT_SLOTS;
	return &detect->slots[at];
}

static void keep_payload(struct detect_heard *heard, const void *payload, size_t length, bool is_retained)
{
	unsigned char *copy;

	if (length > DETECT_PAYLOAD_MAX)
		length = DETECT_PAYLOAD_MAX;
	copy = malloc(length + 1);
	if (!copy)
		return;
	if (length > 0)
		memcpy(copy, payload, length);
	copy[length] = '\0';
	free(heard->payload);
	heard->payload = copy;
	heard->length = length;
	heard->is_retained = is_retained;
}

void detect_hear(struct detect *detect, const char *topic, const void *payload, size_t length,
		 bool is_retained)
{
	uint16_t *slot = slot_of(detect, topic);
	struct detect_heard *heard;
	bool is_announced;

	if (detect->home)
		(void)!ha_book_hear(detect->home, topic, payload, length, &is_announced);
	if (*slot != 0) {
		heard = &detect->topics[*slot - 1];
		if (!is_retained || heard->is_retained)
			keep_payload(heard, payload, length, is_retained);
		return;
	}
	if (detect->topic_count == DETECT_TOPICS_MAX || strlen(topic) >= SOURCE_TOPIC_MAX) {
		detect->left_out++;
		return;
	}
	heard = &detect->topics[detect->topic_count];
	heard->topic = strdup(topic);
	keep_payload(heard, payload, length, is_retained);
	if (!heard->topic || !heard->payload) {
		free(heard->topic);
		free(heard->payload);
		*heard = (struct detect_heard){0};
		detect->left_out++;
		return;
	}
	*slot = (uint16_t)++detect->topic_count;
}
