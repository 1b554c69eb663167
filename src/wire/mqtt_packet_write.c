/*
 * What a client says, written whole or not at all: the length of a packet is known
 * before its first byte is written.
 */
#include "wire/mqtt_packet.h"

#include <errno.h>
#include <string.h>

#define TEXT_MAX UINT16_MAX
#define REMAINING_MAX 268435455 /* four bytes of seven bits (1.5.5) */

#define CLEAN_START_OFF 0
#define FLAG_USER 0x80
#define FLAG_PASSWORD 0x40

#define PROPERTY_SESSION_EXPIRY 0x11
#define PROPERTY_RECEIVE_MAX 0x21
#define PROPERTY_PACKET_MAX 0x27
#define CONNECT_PROPERTIES 13 /* bytes of those three */

/* Retained messages only with a subscription that is new (3.8.3.1). */
#define RETAINED_IF_NEW 0x10

static void add_u8(struct mqtt_outbox *out, unsigned value)
{
	out->bytes[out->length++] = (uint8_t)value;
}

static void add_u16(struct mqtt_outbox *out, unsigned value)
{
	add_u8(out, value >> 8);
	add_u8(out, value);
}

static void add_u32(struct mqtt_outbox *out, uint32_t value)
{
	add_u16(out, value >> 16);
	add_u16(out, value & 0xffff);
}

static void add_bytes(struct mqtt_outbox *out, const void *bytes, size_t length)
{
	if (length > 0)
		memcpy(out->bytes + out->length, bytes, length);
	out->length += length;
}

static void add_text(struct mqtt_outbox *out, const char *text, size_t length)
{
	add_u16(out, (unsigned)length);
	add_bytes(out, text, length);
}

static size_t header_size(size_t remaining)
{
	return (size_t)(2 + (remaining > 127) + (remaining > 16383) + (remaining > 2097151));
}

/* First byte and remaining length, where the whole packet has room. */
static int begin(struct mqtt_outbox *out, enum mqtt_packet_kind kind, unsigned flags,
		 size_t remaining)
{
	if (remaining > REMAINING_MAX ||
	    out->size - out->length < header_size(remaining) + remaining)
		return -ENOBUFS;
	add_u8(out, (unsigned)kind << 4 | flags);
	do {
		add_u8(out, (unsigned)(remaining & 0x7f) | (remaining > 0x7f ? 0x80 : 0));
		remaining >>= 7;
	} while (remaining > 0);
	return 0;
}

int mqtt_packet_connect(struct mqtt_outbox *out, const struct mqtt_connect *connect)
{
	size_t id = strlen(connect->client_id), user = strlen(connect->user),
	       password = strlen(connect->password);
	bool is_named = user > 0;
	unsigned flags = CLEAN_START_OFF | (is_named ? FLAG_USER | FLAG_PASSWORD : 0);
	size_t remaining = 10 + 1 + CONNECT_PROPERTIES + 2 + id;
	int error;

	if (is_named)
		remaining += 2 + user + 2 + password;
	if (id > TEXT_MAX || user > TEXT_MAX || password > TEXT_MAX)
		return -ENOBUFS;
	error = begin(out, MQTT_IS_CONNECT, 0, remaining);
	if (error != 0)
		return error;
	add_text(out, "MQTT", 4);
	add_u8(out, 5);
	add_u8(out, flags);
	add_u16(out, connect->keepalive_s);
	add_u8(out, CONNECT_PROPERTIES);
	add_u8(out, PROPERTY_SESSION_EXPIRY);
	add_u32(out, connect->session_expiry_s);
	add_u8(out, PROPERTY_RECEIVE_MAX);
	add_u16(out, connect->receive_max);
	add_u8(out, PROPERTY_PACKET_MAX);
	add_u32(out, connect->packet_max);
	add_text(out, connect->client_id, id);
	if (is_named) {
		add_text(out, connect->user, user);
		add_text(out, connect->password, password);
	}
	return 0;
}

/* How many of the topics fit into `room` bytes with their header; their bytes in `remaining`. */
static size_t topics_that_fit(const char *const topics[], size_t count, size_t room,
			      size_t *remaining)
{
	size_t size = 2 + 1; /* packet id, no properties */
	size_t taken = 0;

	while (taken < count) {
		size_t length = strlen(topics[taken]);
		size_t grown = size + 2 + length + 1;

		if (length > TEXT_MAX || header_size(grown) + grown > room)
			break;
		size = grown;
		taken++;
	}
	*remaining = size;
	return taken;
}

size_t mqtt_packet_subscribe(struct mqtt_outbox *out, uint16_t id, const char *const topics[],
			     size_t count, uint8_t qos, size_t packet_max)
{
	size_t room = out->size - out->length, remaining, taken;

	taken = topics_that_fit(topics, count, room < packet_max ? room : packet_max, &remaining);
	if (taken == 0 || begin(out, MQTT_IS_SUBSCRIBE, 2, remaining) != 0)
		return 0;
	add_u16(out, id);
	add_u8(out, 0);
	for (size_t i = 0; i < taken; i++) {
		add_text(out, topics[i], strlen(topics[i]));
		add_u8(out, qos | RETAINED_IF_NEW);
	}
	return taken;
}

int mqtt_packet_puback(struct mqtt_outbox *out, uint16_t id)
{
	int error = begin(out, MQTT_IS_PUBACK, 0, 2);

	if (error == 0)
		add_u16(out, id);
	return error;
}

int mqtt_packet_publish(struct mqtt_outbox *out, const struct mqtt_publish *publish)
{
	bool has_id = publish->qos > 0;
	size_t remaining = 2 + publish->topic_length + (has_id ? 2 : 0) + 1 + publish->length;
	unsigned flags = (publish->is_duplicate ? 8u : 0u) | (unsigned)publish->qos << 1 |
			 (publish->is_retained ? 1u : 0u);
	int error = -ENOBUFS;

	if (publish->topic_length <= TEXT_MAX && publish->length <= REMAINING_MAX)
		error = begin(out, MQTT_IS_PUBLISH, flags, remaining);
	if (error != 0)
		return error;
	add_text(out, publish->topic, publish->topic_length);
	if (has_id)
		add_u16(out, publish->id);
	add_u8(out, 0);
	add_bytes(out, publish->payload, publish->length);
	return 0;
}

int mqtt_packet_pingreq(struct mqtt_outbox *out)
{
	return begin(out, MQTT_IS_PINGREQ, 0, 0);
}

int mqtt_packet_disconnect(struct mqtt_outbox *out, uint8_t reason)
{
	int error = begin(out, MQTT_IS_DISCONNECT, 0, reason != 0);

	if (error == 0 && reason != 0)
		add_u8(out, reason);
	return error;
}
