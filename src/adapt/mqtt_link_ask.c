/* What the owner of a connection asks of it: publish, subscribe, unsubscribe. */
#include <errno.h>
#include <string.h>

#include "adapt/mqtt_link_parts.h"

#define SEND_RETAINED_IF_NEW 0x10 /* retain handling 1 of a v5 subscription */

bool mqtt_link_is_up(const struct mqtt_link *link)
{
	return link->state == LINK_UP;
}

int64_t mqtt_link_retry_ms(const struct mqtt_link *link)
{
	return link->state == LINK_WAITING ? (int64_t)uv_timer_get_due_in(&link->retry) : -1;
}

static int link_asked(struct mqtt_link *link, int result)
{
	if (result == MOSQ_ERR_SUCCESS) {
		if (!link->is_in_library)
			mqtt_link_proceed(link);
		return 0;
	}
	if (result == MOSQ_ERR_NO_CONN)
		return -ENOTCONN;
	return result == MOSQ_ERR_INVAL || result == MOSQ_ERR_MALFORMED_UTF8 ? -EINVAL : -EIO;
}

int mqtt_link_publish(struct mqtt_link *link, const char *topic, const void *payload, size_t length,
		      int qos, bool is_retained)
{
	if (link->state != LINK_UP)
		return -ENOTCONN;
	if (length > MQTT_PACKET_MAX)
		return -EINVAL;
	return link_asked(link, mosquitto_publish_v5(link->client, &link->last_id, topic,
						     (int)length, payload, qos, is_retained, NULL));
}

int mqtt_link_last_id(const struct mqtt_link *link)
{
	return link->last_id;
}

int mqtt_link_subscribe(struct mqtt_link *link, const char *const topics[], size_t count, int qos)
{
	char *list[MQTT_TOPICS_MAX];

	if (count == 0 || count > MQTT_TOPICS_MAX)
		return -EINVAL;
	if (link->state != LINK_UP)
		return -ENOTCONN;
	for (size_t i = 0; i < count; i++)
		list[i] = (char *)topics[i];
	return link_asked(link, mosquitto_subscribe_multiple(link->client, NULL, (int)count, list,
							     qos, SEND_RETAINED_IF_NEW, NULL));
}

int mqtt_link_unsubscribe(struct mqtt_link *link, const char *const topics[], size_t count)
{
	char *list[MQTT_TOPICS_MAX];

	if (count == 0 || count > MQTT_TOPICS_MAX)
		return -EINVAL;
	if (link->state != LINK_UP)
		return -ENOTCONN;
	for (size_t i = 0; i < count; i++)
		list[i] = (char *)topics[i];
	return link_asked(
	    link, mosquitto_unsubscribe_multiple(link->client, NULL, (int)count, list, NULL));
}

/* The watch stays armed until it wakes: a pause is mostly over before that. */
