/*
 * Packets of MQTT 5.0 (OASIS standard of 7 March 2019), as far as a client needs them
 * that subscribes, acknowledges and publishes now and then.
 *
 * Reading borrows: what a packet says points into the bytes that it was read from.
 * Nothing here allocates, and nothing is read past the length that was given.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/* The first byte's upper half (2.1.2). */
enum mqtt_packet_kind {
	MQTT_IS_CONNECT = 1,
	MQTT_IS_CONNACK = 2,
	MQTT_IS_PUBLISH = 3,
	MQTT_IS_PUBACK = 4,
	MQTT_IS_SUBSCRIBE = 8,
	MQTT_IS_SUBACK = 9,
	MQTT_IS_PINGREQ = 12,
	MQTT_IS_PINGRESP = 13,
	MQTT_IS_DISCONNECT = 14,
};

/* Reason codes (2.4); from here on they are failures. */
#define MQTT_REASON_FAILURE 0x80
#define MQTT_REASON_MALFORMED 0x81
#define MQTT_REASON_PROTOCOL 0x82
#define MQTT_REASON_VERSION 0x84
#define MQTT_REASON_TAKEN_OVER 0x8e
#define MQTT_REASON_TOO_LARGE 0x95

/* What a broker allows and grants, with the standard's defaults where it says nothing. */
struct mqtt_connack {
	uint8_t reason;
	bool has_session;
	uint8_t qos_max;
	uint16_t receive_max;
	uint32_t packet_max; /* bytes; UINT32_MAX: no limit */
	int32_t keepalive_s; /* the broker's own; -1: as we asked, 0: none */
};

struct mqtt_publish {
	bool is_duplicate, is_retained;
	uint8_t qos;
	uint16_t id; /* 0 with QoS 0 */
	/* UTF-8 without NUL and wildcards; at least one byte of the packet follows it */
	const char *topic;
	size_t topic_length; /* 1..65535 */
	const uint8_t *payload;
	size_t length;
};

struct mqtt_packet {
	enum mqtt_packet_kind kind; /* CONNACK, PUBLISH, PUBACK, SUBACK, PINGRESP or DISCONNECT */
	size_t size;                /* of the whole packet */
	union {
		struct mqtt_connack connack;
		struct mqtt_publish publish;
		struct {
			uint16_t id;
			uint8_t reason;
		} puback;
		struct {
			uint16_t id;
			const uint8_t *reasons; /* one a topic */
			size_t count;
		} suback;
		struct {
			uint8_t reason;
		} disconnect;
	};
};

enum mqtt_reading {
	MQTT_READ_PACKET,
	MQTT_READ_PART,      /* whole packets only: more bytes are needed */
	MQTT_READ_MALFORMED, /* cannot be parsed (4.13.1) */
	MQTT_READ_PROTOCOL,  /* nothing that a broker may send us */
	MQTT_READ_TOO_LARGE, /* larger than `packet_max` */
};

/*
 * Reads the packet that `bytes` begins with, of at most `packet_max` bytes. Writes `out`
 * only on MQTT_READ_PACKET. We never allow topic aliases, and subscribe with QoS 1 at most:
 * an alias and QoS 2 are MQTT_READ_PROTOCOL.
 */
enum mqtt_reading mqtt_packet_read(struct mqtt_packet *out, const uint8_t *bytes, size_t length,
				   size_t packet_max) MUST_CHECK;

/* --- writing: each returns 0, or -ENOBUFS (no room) and leaves `out` as it was ---------- */

/* Packets on their way out, one behind the other. */
struct mqtt_outbox {
	uint8_t *bytes; /* borrowed */
	size_t size, length;
};

struct mqtt_connect {
	const char *client_id, *user, *password; /* `user` empty: anonymous */
	uint16_t keepalive_s;
	uint32_t session_expiry_s; /* a session is kept, and begun only where there is none */
	uint16_t receive_max;      /* at least 1 */
	uint32_t packet_max;       /* at least 1 */
};

/* Without a will. */
int mqtt_packet_connect(struct mqtt_outbox *out, const struct mqtt_connect *connect) MUST_CHECK;

/*
 * As many of `count` topics, from the first, as fit into one packet of `packet_max` bytes
 * and into `out`; retained messages are asked for with new subscriptions only. Returns how
 * many; 0 where not even one fits.
 */
size_t mqtt_packet_subscribe(struct mqtt_outbox *out, uint16_t id, const char *const topics[],
			     size_t count, uint8_t qos, size_t packet_max) MUST_CHECK;

/* Reason 0; 4 bytes. */
int mqtt_packet_puback(struct mqtt_outbox *out, uint16_t id) MUST_CHECK;

/* What of `publish` a client says: topic, payload, QoS with its id, duplicate. */
int mqtt_packet_publish(struct mqtt_outbox *out, const struct mqtt_publish *publish) MUST_CHECK;

int mqtt_packet_pingreq(struct mqtt_outbox *out) MUST_CHECK;

int mqtt_packet_disconnect(struct mqtt_outbox *out, uint8_t reason) MUST_CHECK;
