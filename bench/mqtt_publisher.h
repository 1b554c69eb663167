/*
 * A publisher that costs next to nothing, so that a measurement is of what
 * listens and not of what speaks: MQTT 3.1.1 written into a buffer and that
 * into a socket. It knows CONNECT, PUBLISH and PUBACK, and brokers on loopback.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

#define PUBLISHER_BUFFER 16384
#define PUBLISHER_MESSAGE_MAX 1024 /* topic and payload */

struct mqtt_publisher {
	int fd;
	uint16_t next_id;
	uint64_t published, acknowledged; /* QoS 1 */
	size_t used;                      /* of `buffer` */
	uint8_t buffer[PUBLISHER_BUFFER];
	size_t partial; /* bytes of an answer that is not whole yet */
	uint8_t answer[4];
};

/* Connects to the broker at 127.0.0.1:`port`; blocks. 0 or a negative errno. */
int mqtt_publisher_open(struct mqtt_publisher *publisher, uint16_t port,
			const char *client_id) MUST_CHECK;
void mqtt_publisher_close(struct mqtt_publisher *publisher);

/*
 * Puts one message (`qos` 0 or 1) into the buffer, and writes the buffer when
 * it is full. Blocks on the socket only. 0, -EMSGSIZE or a negative errno.
 */
int mqtt_publisher_put(struct mqtt_publisher *publisher, const char *topic, const char *payload,
		       int qos) MUST_CHECK;

/* Writes what is in the buffer; blocks until the kernel has it. */
int mqtt_publisher_flush(struct mqtt_publisher *publisher) MUST_CHECK;

/* Takes the acknowledgements that have come, first waiting up to `wait_ms` for one. */
int mqtt_publisher_take(struct mqtt_publisher *publisher, int wait_ms) MUST_CHECK;
