/*
 * What a broker sends, read and checked: whole packets only, each as chapter 3 of the
 * standard has it. What is done about one that breaks a rule is the connection's affair.
 */
#include "wire/mqtt_packet.h"

#include <string.h>

#include "wire/mqtt_property.h"

static enum mqtt_reading read_connack(struct mqtt_connack *out, struct mqtt_bytes from)
{
	uint8_t flags;

	*out = (struct mqtt_connack){
	    .qos_max = 2, .receive_max = UINT16_MAX, .packet_max = UINT32_MAX, .keepalive_s = -1};
	if (!mqtt_take_u8(&from, &flags) || !mqtt_take_u8(&from, &out->reason) || flags > 1)
		return MQTT_READ_MALFORMED;
	out->has_session = flags != 0;
	if (from.at == from.end) {
		/* An older broker, which has no properties and answers in words of its own. */
		if (out->reason == 0)
			return MQTT_READ_MALFORMED;
		out->reason = MQTT_REASON_VERSION;
		return MQTT_READ_PACKET;
	}
	return mqtt_take_properties(&from, MQTT_IS_CONNACK, out);
}

static bool is_topic(const struct mqtt_bytes *topic)
{
	size_t length = mqtt_left(topic);

	return memchr(topic->at, '+', length) == NULL && memchr(topic->at, '#', length) == NULL &&
	       mqtt_is_utf8(topic);
}

static enum mqtt_reading read_publish(struct mqtt_publish *out, uint8_t flags,
				      struct mqtt_bytes from)
{
	struct mqtt_bytes topic;
	enum mqtt_reading reading;

	*out = (struct mqtt_publish){.is_duplicate = (flags & 8) != 0,
				     .is_retained = (flags & 1) != 0,
				     .qos = flags >> 1 & 3};
	if (out->qos == 3 || (out->qos == 0 && out->is_duplicate) ||
	    !mqtt_take_block(&from, &topic))
		return MQTT_READ_MALFORMED;
	if (out->qos > 0 && (!mqtt_take_u16(&from, &out->id) || out->id == 0))
		return MQTT_READ_MALFORMED;
	if (out->qos == 2 || mqtt_left(&topic) == 0) /* no topic: an alias */
		return MQTT_READ_PROTOCOL;
	if (!is_topic(&topic))
		return MQTT_READ_MALFORMED;
	reading = mqtt_take_properties(&from, MQTT_IS_PUBLISH, NULL);
	out->topic = (const char *)topic.at;
	out->topic_length = mqtt_left(&topic);
	out->payload = from.at;
	out->length = mqtt_left(&from);
	return reading;
}

/* Reason and properties may be left out together, or the properties alone (3.4.2.1). */
static enum mqtt_reading read_puback(struct mqtt_packet *out, struct mqtt_bytes from)
{
	out->puback.reason = 0;
	if (!mqtt_take_u16(&from, &out->puback.id) || out->puback.id == 0)
		return MQTT_READ_MALFORMED;
	if (!mqtt_take_u8(&from, &out->puback.reason) || from.at == from.end)
		return MQTT_READ_PACKET;
	return mqtt_take_properties(&from, MQTT_IS_PUBACK, NULL);
}

static enum mqtt_reading read_suback(struct mqtt_packet *out, struct mqtt_bytes from)
{
	enum mqtt_reading reading;

	if (!mqtt_take_u16(&from, &out->suback.id) || out->suback.id == 0)
		return MQTT_READ_MALFORMED;
	reading = mqtt_take_properties(&from, MQTT_IS_SUBACK, NULL);
	if (reading == MQTT_READ_PACKET && from.at == from.end)
		return MQTT_READ_PROTOCOL;
	out->suback.reasons = from.at;
	out->suback.count = mqtt_left(&from);
	return reading;
}

static enum mqtt_reading read_disconnect(struct mqtt_packet *out, struct mqtt_bytes from)
{
	out->disconnect.reason = 0;
	if (!mqtt_take_u8(&from, &out->disconnect.reason) || from.at == from.end)
		return MQTT_READ_PACKET;
	return mqtt_take_properties(&from, MQTT_IS_DISCONNECT, NULL);
}

static enum mqtt_reading read_body(struct mqtt_packet *out, uint8_t flags, struct mqtt_bytes from)
{
	if (out->kind == MQTT_IS_PUBLISH)
		return read_publish(&out->publish, flags, from);
	if (flags != 0)
		return MQTT_READ_MALFORMED;
	switch (out->kind) {
	case MQTT_IS_CONNACK:
		return read_connack(&out->connack, from);
	case MQTT_IS_PUBACK:
		return read_puback(out, from);
	case MQTT_IS_SUBACK:
		return read_suback(out, from);
	case MQTT_IS_PINGRESP:
		return from.at == from.end ? MQTT_READ_PACKET : MQTT_READ_MALFORMED;
	case MQTT_IS_DISCONNECT:
		return read_disconnect(out, from);
	default:
		return MQTT_READ_PROTOCOL;
	}
}

enum mqtt_reading mqtt_packet_read(struct mqtt_packet *out, const uint8_t *bytes, size_t length,
				   size_t packet_max)
{
	struct mqtt_bytes from = {bytes, bytes + length};
	struct mqtt_packet packet;
	enum mqtt_reading reading;
	uint32_t remaining;
	uint8_t first;

	if (!mqtt_take_u8(&from, &first))
		return MQTT_READ_PART;
	reading = mqtt_take_varint(&from, &remaining);
	if (reading != MQTT_READ_PACKET)
		return reading;
	packet.kind = (enum mqtt_packet_kind)(first >> 4);
	packet.size = (size_t)(from.at - bytes) + remaining;
	if (packet.size > packet_max)
		return MQTT_READ_TOO_LARGE;
	if (mqtt_left(&from) < remaining)
		return MQTT_READ_PART;
	from.end = from.at + remaining;
	reading = read_body(&packet, first & 15, from);
	if (reading == MQTT_READ_PACKET)
		*out = packet;
	return reading;
}
