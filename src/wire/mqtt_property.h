/* Properties of MQTT 5 packets (2.2.2): those that concern us are kept, the others passed over. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "wire/mqtt_packet.h"

/* Bytes not yet read. */
struct mqtt_bytes {
	const uint8_t *at, *end;
};

static inline size_t mqtt_left(const struct mqtt_bytes *from)
{
	return (size_t)(from->end - from->at);
}

/* Each takes what it names from the front; false where the bytes end before it does. */
bool mqtt_take_u8(struct mqtt_bytes *from, uint8_t *out) MUST_CHECK;
bool mqtt_take_u16(struct mqtt_bytes *from, uint16_t *out) MUST_CHECK;

/* A length before its bytes (1.5.4, 1.5.6). */
bool mqtt_take_block(struct mqtt_bytes *from, struct mqtt_bytes *out) MUST_CHECK;

/* A variable byte integer (1.5.5): MQTT_READ_PACKET, _PART or _MALFORMED (over four bytes). */
enum mqtt_reading mqtt_take_varint(struct mqtt_bytes *from, uint32_t *out) MUST_CHECK;

/* UTF-8 as the standard has it (1.5.4): no surrogates, nothing overlong, no NUL. */
bool mqtt_is_utf8(const struct mqtt_bytes *text) MUST_CHECK;

/*
 * Takes the properties of a packet of that kind from the front of `from`; those of a
 * CONNACK go into `connack`, which may be NULL for the others. Returns MQTT_READ_PACKET,
 * MQTT_READ_MALFORMED or MQTT_READ_PROTOCOL (unknown there, twice, or a value that is none).
 */
enum mqtt_reading mqtt_take_properties(struct mqtt_bytes *from, enum mqtt_packet_kind kind,
				       struct mqtt_connack *connack) MUST_CHECK;
