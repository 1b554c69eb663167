/*
 * The table is 2.2.2.2 of the standard: which property is of what type, and in which of
 * the packets that we read it may stand. Each is checked, few are kept.
 */
#include "wire/mqtt_property.h"

enum property_type {
	TYPE_NONE,
	TYPE_U8,
	TYPE_U16,
	TYPE_U32,
	TYPE_VARINT,
	TYPE_TEXT,
	TYPE_BINARY,
	TYPE_PAIR
};

#define IN(kind) (1u << (kind))
#define IN_CONNACK IN(MQTT_IS_CONNACK)
#define IN_PUBLISH IN(MQTT_IS_PUBLISH)
#define IN_DISCONNECT IN(MQTT_IS_DISCONNECT)
#define IN_ANSWER (IN_CONNACK | IN(MQTT_IS_PUBACK) | IN(MQTT_IS_SUBACK) | IN_DISCONNECT)

#define PROPERTY_SUBSCRIPTION 0x0b
#define PROPERTY_KEEPALIVE 0x13
#define PROPERTY_RECEIVE_MAX 0x21
#define PROPERTY_TOPIC_ALIAS 0x23
#define PROPERTY_QOS_MAX 0x24
#define PROPERTY_USER 0x26
#define PROPERTY_PACKET_MAX 0x27

static const struct {
	uint8_t type;
	uint16_t in;
} PROPERTIES[] = {
    [0x01] = {TYPE_U8, IN_PUBLISH},                      /* payload format */
    [0x02] = {TYPE_U32, IN_PUBLISH},                     /* message expiry */
    [0x03] = {TYPE_TEXT, IN_PUBLISH},                    /* content type */
    [0x08] = {TYPE_TEXT, IN_PUBLISH},                    /* response topic */
    [0x09] = {TYPE_BINARY, IN_PUBLISH},                  /* correlation data */
    [PROPERTY_SUBSCRIPTION] = {TYPE_VARINT, IN_PUBLISH}, /* one for each that matched */
    [0x11] = {TYPE_U32, IN_CONNACK | IN_DISCONNECT},     /* session expiry */
    [0x12] = {TYPE_TEXT, IN_CONNACK},                    /* assigned client id */
    [PROPERTY_KEEPALIVE] = {TYPE_U16, IN_CONNACK},       /* of the server */
    [0x15] = {TYPE_TEXT, IN_CONNACK},                    /* authentication method */
    [0x16] = {TYPE_BINARY, IN_CONNACK},                  /* authentication data */
    [0x1a] = {TYPE_TEXT, IN_CONNACK},                    /* response information */
    [0x1c] = {TYPE_TEXT, IN_CONNACK | IN_DISCONNECT},    /* another server */
    [0x1f] = {TYPE_TEXT, IN_ANSWER},                     /* reason in words */
    [PROPERTY_RECEIVE_MAX] = {TYPE_U16, IN_CONNACK},
    [0x22] = {TYPE_U16, IN_CONNACK},        /* topic alias maximum */
    [PROPERTY_TOPIC_ALIAS] = {TYPE_U16, 0}, /* we allow none */
    [PROPERTY_QOS_MAX] = {TYPE_U8, IN_CONNACK},
    [0x25] = {TYPE_U8, IN_CONNACK},                        /* retain available */
    [PROPERTY_USER] = {TYPE_PAIR, IN_ANSWER | IN_PUBLISH}, /* as many as one likes */
    [PROPERTY_PACKET_MAX] = {TYPE_U32, IN_CONNACK},
    [0x28] = {TYPE_U8, IN_CONNACK}, /* wildcard subscriptions */
    [0x29] = {TYPE_U8, IN_CONNACK}, /* subscription identifiers */
    [0x2a] = {TYPE_U8, IN_CONNACK}, /* shared subscriptions */
};

bool mqtt_take_u8(struct mqtt_bytes *from, uint8_t *out)
{
	if (from->at == from->end)
		return false;
	*out = *from->at++;
	return true;
}

bool mqtt_take_u16(struct mqtt_bytes *from, uint16_t *out)
{
	if (mqtt_left(from) < 2)
		return false;
	*out = (uint16_t)(from->at[0] << 8 | from->at[1]);
	from->at += 2;
	return true;
}

static bool take_u32(struct mqtt_bytes *from, uint32_t *out)
{
	uint16_t high, low;

	if (mqtt_left(from) < 4 || !mqtt_take_u16(from, &high) || !mqtt_take_u16(from, &low))
		return false;
	*out = (uint32_t)high << 16 | low;
	return true;
}

bool mqtt_take_block(struct mqtt_bytes *from, struct mqtt_bytes *out)
{
	struct mqtt_bytes rest = *from;
	uint16_t length;

	if (!mqtt_take_u16(&rest, &length) || mqtt_left(&rest) < length)
		return false;
	*out = (struct mqtt_bytes){rest.at, rest.at + length};
	from->at = out->end;
	return true;
}

enum mqtt_reading mqtt_take_varint(struct mqtt_bytes *from, uint32_t *out)
{
	uint32_t value = 0;

	for (unsigned shift = 0; shift < 28; shift += 7) {
		if (from->at == from->end)
			return MQTT_READ_PART;
		value |= (uint32_t)(*from->at & 0x7f) << shift;
		if (!(*from->at++ & 0x80)) {
			*out = value;
			return MQTT_READ_PACKET;
		}
	}
	return MQTT_READ_MALFORMED;
}

/* How many bytes the character at `at` has, of `left`; 0 where it is none. */
static size_t character_length(const uint8_t *at, size_t left)
{
	static const uint32_t LEAST[] = {0, 0x01, 0x80, 0x800,
					 0x10000}; /* no NUL, nothing overlong */
	size_t length = at[0] < 0x80   ? 1
			: at[0] < 0xc0 ? 0
			: at[0] < 0xe0 ? 2
			: at[0] < 0xf0 ? 3
				       : 4;
	uint32_t code;

	if (length == 0 || length > left || at[0] > 0xf4)
		return 0;
	code = length == 1 ? at[0] : at[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	return code < LEAST[length] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)
		   ? 0
		   : length;
}

bool mqtt_is_utf8(const struct mqtt_bytes *text)
{
	const uint8_t *at = text->at;

	while (at < text->end) {
		size_t length = character_length(at, (size_t)(text->end - at));

		if (length == 0)
			return false;
		at += length;
	}
	return true;
}

static bool take_text(struct mqtt_bytes *from)
{
	struct mqtt_bytes text;

	return mqtt_take_block(from, &text) && mqtt_is_utf8(&text);
}

/* Takes a value of that type; a number goes into `out`. */
static bool take_value(struct mqtt_bytes *from, uint8_t type, uint32_t *out)
{
	struct mqtt_bytes block;
	uint16_t u16;
	uint8_t u8;

	switch ((enum property_type)type) {
	case TYPE_U8:
		if (!mqtt_take_u8(from, &u8))
			return false;
		*out = u8;
		return true;
	case TYPE_U16:
		if (!mqtt_take_u16(from, &u16))
			return false;
		*out = u16;
		return true;
	case TYPE_U32:
		return take_u32(from, out);
	case TYPE_VARINT:
		return mqtt_take_varint(from, out) == MQTT_READ_PACKET;
	case TYPE_TEXT:
		return take_text(from);
	case TYPE_BINARY:
		return mqtt_take_block(from, &block);
	case TYPE_PAIR:
		return take_text(from) && take_text(from);
	case TYPE_NONE:
		break;
	}
	return false;
}

/* Keeps what concerns us; false where it is no value for it (3.2.2.3). */
static bool keep(struct mqtt_connack *connack, uint8_t property, uint32_t value)
{
	switch (property) {
	case PROPERTY_KEEPALIVE:
		connack->keepalive_s = (int32_t)value;
		return true;
	case PROPERTY_RECEIVE_MAX:
		connack->receive_max = (uint16_t)value;
		return value > 0;
	case PROPERTY_QOS_MAX:
		connack->qos_max = (uint8_t)value;
		return value <= 1;
	case PROPERTY_PACKET_MAX:
		connack->packet_max = value;
		return value > 0;
	default:
		return true;
	}
}

static bool may_repeat(uint8_t property)
{
	return property == PROPERTY_USER || property == PROPERTY_SUBSCRIPTION;
}

static enum mqtt_reading take_property(struct mqtt_bytes *from, enum mqtt_packet_kind kind,
				       struct mqtt_connack *connack, uint64_t *seen)
{
	uint32_t value = 0;
	uint8_t property;

	if (!mqtt_take_u8(from, &property) || property >= ARRAY_LENGTH(PROPERTIES) ||
	    PROPERTIES[property].type == TYPE_NONE)
		return MQTT_READ_MALFORMED;
	if (!(PROPERTIES[property].in & IN(kind)) ||
	    ((*seen >> property & 1) && !may_repeat(property)))
		return MQTT_READ_PROTOCOL;
	*seen |= UINT64_C(1) << property;
	if (!take_value(from, PROPERTIES[property].type, &value))
		return MQTT_READ_MALFORMED;
	return connack == NULL || keep(connack, property, value) ? MQTT_READ_PACKET
								 : MQTT_READ_PROTOCOL;
}

enum mqtt_reading mqtt_take_properties(struct mqtt_bytes *from, enum mqtt_packet_kind kind,
				       struct mqtt_connack *connack)
{
	enum mqtt_reading reading = MQTT_READ_PACKET;
	struct mqtt_bytes list;
	uint64_t seen = 0;
	uint32_t length;

	if (mqtt_take_varint(from, &length) != MQTT_READ_PACKET || length > mqtt_left(from))
		return MQTT_READ_MALFORMED;
	list = (struct mqtt_bytes){from->at, from->at + length};
	from->at = list.end;
	while (reading == MQTT_READ_PACKET && list.at < list.end)
		reading = take_property(&list, kind, connack, &seen);
	return reading;
}
