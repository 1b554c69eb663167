/* Topics that a connection listens to: a list of its own, subscribed to in pieces that fit. */
#pragma once

#include <stddef.h>

#include "adapt/mqtt_link.h"
#include "base/result.h"

#define MQTT_TOPIC_LIST_MAX 40000

struct mqtt_topics {
	size_t count;
	char **list;
};

/*
 * Copies `count` topics, and `last` behind them where it is not NULL. Returns 0, -EINVAL (too many,
 * or one of MQTT_TEXT_MAX bytes or more) or -ENOMEM; `out` is for mqtt_topics_free() in any case.
 */
int mqtt_topics_take(struct mqtt_topics *out, const char *const topics[], size_t count,
		     const char *last) MUST_CHECK;
void mqtt_topics_free(struct mqtt_topics *topics);

/* Subscribes to all, or ends that. Returns how many answers follow; a failure means that the link
 * just went down. */
size_t mqtt_topics_subscribe(const struct mqtt_topics *topics, struct mqtt_link *link, int qos);
void mqtt_topics_unsubscribe(const struct mqtt_topics *topics, struct mqtt_link *link);
