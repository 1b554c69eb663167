#include "adapt/mqtt_topics.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add(struct mqtt_topics *topics, const char *topic)
{
	if (strlen(topic) >= MQTT_TEXT_MAX)
		return -EINVAL;
	topics->list[topics->count] = strdup(topic);
	if (topics->list[topics->count] == NULL)
		return -ENOMEM;
	topics->count++;
	return 0;
}

int mqtt_topics_take(struct mqtt_topics *out, const char *const topics[], size_t count,
		     const char *last)
{
	int result = 0;

	*out = (struct mqtt_topics){0};
	if (count >= MQTT_TOPIC_LIST_MAX)
		return -EINVAL;
	out->list = calloc(count + 1, sizeof(*out->list));
	if (out->list == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < count && result == 0; i++)
		result = add(out, topics[i]);
	return result == 0 && last != NULL ? add(out, last) : result;
}

void mqtt_topics_free(struct mqtt_topics *topics)
{
	for (size_t i = 0; i < topics->count; i++)
		free(topics->list[i]);
	free(topics->list);
	*topics = (struct mqtt_topics){0};
}

static size_t piece_at(const struct mqtt_topics *topics, size_t from)
{
	size_t left = topics->count - from;

	return left < MQTT_TOPICS_MAX ? left : MQTT_TOPICS_MAX;
}

size_t mqtt_topics_subscribe(const struct mqtt_topics *topics, struct mqtt_link *link, int qos)
{
	size_t answers = 0;

	for (size_t from = 0; from < topics->count; from += piece_at(topics, from)) {
		if (mqtt_link_subscribe(link, (const char *const *)topics->list + from,
					piece_at(topics, from), qos) != 0)
			break;
		answers++;
	}
	return answers;
}

void mqtt_topics_unsubscribe(const struct mqtt_topics *topics, struct mqtt_link *link)
{
	for (size_t from = 0; from < topics->count; from += piece_at(topics, from))
		(void)!mqtt_link_unsubscribe(link, (const char *const *)topics->list + from,
					     piece_at(topics, from));
}
