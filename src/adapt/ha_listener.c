#include "adapt/ha_listener.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"

#define TOPICS_MAX (HA_WISHES_MAX * (1 + HA_AVAILABLE_MAX))
#define ANNOUNCED 2 /* topics of announcements: with a node and without */

struct ha_listener {
	struct mqtt_link *link;
	struct ha_book *book;
	struct ha_listener_events events;
	char announced[ANNOUNCED][MQTT_TEXT_MAX];
	size_t wish_count;
	uint32_t versions[HA_WISHES_MAX]; /* of what is bound, as subscribed */
	size_t topic_count;
	char *topics[TOPICS_MAX]; /* of what is bound, each once; owned */
};

const struct ha_book *ha_listener_book(const struct ha_listener *listener)
{
	return listener->book;
}

/* ---- which topics ---- */

static bool has_topic(char *const topics[], size_t count, const char *topic)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(topics[i], topic) == 0)
			return true;
	}
	return false;
}

static void add_topic(char *topics[], size_t *count, const char *topic)
{
	if (*count == TOPICS_MAX || has_topic(topics, *count, topic))
		return;
	topics[*count] = strdup(topic);
	*count += topics[*count] != NULL;
}

/* A failure means that the connection just ended: its successor subscribes to all. */
static void subscribe(struct ha_listener *listener, const char *topic)
{
	(void)!mqtt_link_subscribe(listener->link, &topic, 1, 1);
}

/* What is bound now is listened to, what was is not. */
static void follow_topics(struct ha_listener *listener)
{
	char *before[TOPICS_MAX];
	size_t before_count = listener->topic_count;

	memcpy(before, listener->topics, sizeof before);
	listener->topic_count = 0;
	for (size_t i = 0; i < listener->wish_count; i++) {
		const struct ha_binding *binding = ha_book_bound(listener->book, i)->binding;

		if (binding == NULL)
			continue;
		/* Whether it is there comes before what it says. */
		for (size_t k = 0; k < binding->source.available_count; k++)
			add_topic(listener->topics, &listener->topic_count,
				  binding->source.available[k].topic);
		add_topic(listener->topics, &listener->topic_count, binding->row.topic);
	}
	for (size_t i = 0; i < listener->topic_count; i++) {
		if (!has_topic(before, before_count, listener->topics[i]))
			subscribe(listener, listener->topics[i]);
	}
	for (size_t i = 0; i < before_count; i++) {
		const char *topic = before[i];

		if (!has_topic(listener->topics, listener->topic_count, topic))
			(void)!mqtt_link_unsubscribe(listener->link, &topic, 1);
		free(before[i]);
	}
}

/* ---- what comes ---- */

static void tell_bound(struct ha_listener *listener)
{
	bool has_changed = false;

	for (size_t i = 0; i < listener->wish_count; i++) {
		const struct ha_bound *bound = ha_book_bound(listener->book, i);

		if (bound->version == listener->versions[i])
			continue;
		listener->versions[i] = bound->version;
		has_changed = true;
		listener->events.on_bound(listener->events.user, i, bound);
	}
	if (has_changed)
		follow_topics(listener);
}

static void on_message(void *user, const struct mqtt_message *message)
{
	struct ha_listener *listener = user;
	const struct source_message taken = {.topic = message->topic,
					     .payload = message->payload,
					     .length = message->length,
					     .is_retained = message->is_retained};
	struct source_now now;
	enum refusal why;
	bool is_announcement;

	why = ha_book_hear(listener->book, message->topic, message->payload, message->length,
			   &is_announcement);
	if (is_announcement) {
		if (why != REFUSAL_NONE)
			log_debug("%s: %s", message->topic, refusal_name(why));
		tell_bound(listener);
		return;
	}
	now = listener->events.now(listener->events.user);
	if (ha_book_take(listener->book, &taken, &now) > 0)
		listener->events.on_news(listener->events.user, listener->book, &taken);
}

static void on_up(void *user, bool has_session)
{
	struct ha_listener *listener = user;

	(void)has_session;
	for (size_t i = 0; i < ANNOUNCED; i++) {
		const char *topic = listener->announced[i];

		(void)!mqtt_link_subscribe(listener->link, &topic, 1, 0);
	}
	for (size_t i = 0; i < listener->topic_count; i++)
		subscribe(listener, listener->topics[i]);
	listener->events.on_up(listener->events.user, true);
}

static void on_down(void *user, bool is_taken_over, const char *reason)
{
	struct ha_listener *listener = user;

	(void)is_taken_over;
	(void)reason;
	listener->events.on_up(listener->events.user, false);
}

/* ---- making and ending ---- */

int ha_listener_new(struct ha_listener **out, uv_loop_t *loop,
		    const struct mqtt_link_options *options, const char *prefix,
		    const struct ha_wish *wishes, size_t count,
		    const struct ha_listener_events *events)
{
	struct ha_listener *listener = calloc(1, sizeof *listener);
	struct mqtt_link_events link_events = {
	    .user = listener, .on_up = on_up, .on_down = on_down, .on_message = on_message};
	struct text without, with;
	int error = -ENOMEM;

	if (listener == NULL)
		return -ENOMEM;
	without = text_in(listener->announced[0], sizeof listener->announced[0]);
	with = text_in(listener->announced[1], sizeof listener->announced[1]);
	text_add(&without, "%s/+/+/config", prefix);
	text_add(&with, "%s/+/+/+/config", prefix);
	listener->events = *events;
	listener->wish_count = count;
	listener->book = ha_book_new(prefix, wishes, count);
	if (listener->book != NULL)
		error = mqtt_link_new(&listener->link, loop, options, &link_events);
	if (error != 0) {
		ha_book_free(listener->book);
		free(listener);
		return error;
	}
	*out = listener;
	return 0;
}

void ha_listener_free(struct ha_listener *listener)
{
	if (listener == NULL)
		return;
	mqtt_link_free(listener->link);
	ha_book_free(listener->book);
	for (size_t i = 0; i < listener->topic_count; i++)
		free(listener->topics[i]);
	free(listener);
}
