/*
 * One connection to an MQTT v5 broker, made to take in what must not be lost: many
 * messages from one read(), each acknowledged when its owner says so, many
 * acknowledgements in one write(). Its session is kept by the broker.
 *
 * Everything else goes over mqtt_link.h, which is libmosquitto's; why this one is our own
 * is docs/decisions/0020. It connects and reconnects as the link does, and every callback
 * comes on the loop. Memory is two buffers, made with it: packets of at most
 * MQTT_PACKET_MAX bytes in, MQTT_READER_OUT out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/mqtt_link.h"
#include "base/result.h"

#define MQTT_READER_OUT (32 * 1024)

struct mqtt_reader_options {
	struct mqtt_link_options link; /* the will is not used */
	uint32_t session_expiry_s;
	uint16_t receive_max; /* unacknowledged QoS 1 messages from the broker, at least 1 */
};

/* All are required. */
struct mqtt_reader_events {
	void *user;

	/* The broker accepted us; `has_session` if it kept our session. Subscribe here. */
	void (*on_up)(void *user, bool has_session);

	/* As the link's. What was not acknowledged comes again on the next connection. */
	void (*on_down)(void *user, bool is_taken_over, const char *reason);

	/* After a takeover, a connection lasts again. */
	void (*on_settled)(void *user);

	/* All topics of mqtt_reader_subscribe() are answered; `is_granted`: each was. */
	void (*on_subscribed)(void *user, bool is_granted);

	/* `message` and what it points to are borrowed for the call. */
	void (*on_message)(void *user, const struct mqtt_message *message);

	/* The end of a wake-up that read; `is_dry` when nothing more is waiting. */
	void (*on_read)(void *user, bool is_dry);

	/* There is room again after -ENOBUFS. */
	void (*on_room)(void *user);
};

struct mqtt_reader;

/* As mqtt_link_new(). */
int mqtt_reader_new(struct mqtt_reader **out, uv_loop_t *loop,
		    const struct mqtt_reader_options *options,
		    const struct mqtt_reader_events *events) MUST_CHECK;

/*
 * Says goodbye if connected and frees `reader` when the loop next runs. No callback comes
 * any more. Does not block; NULL is fine.
 */
void mqtt_reader_free(struct mqtt_reader *reader);

bool mqtt_reader_is_up(const struct mqtt_reader *reader);

/* As mqtt_link_retry_ms(). */
int64_t mqtt_reader_retry_ms(const struct mqtt_reader *reader);

/*
 * Subscribes to `count` topics, packet after packet, each after the answer to the one
 * before; on_subscribed() follows. Borrows them until then or on_down(). Retained messages
 * come only for topics not yet subscribed in this session. Once a connection.
 */
void mqtt_reader_subscribe(struct mqtt_reader *reader, const char *const topics[], size_t count,
			   uint8_t qos);

/*
 * Publishes with QoS 1, where the broker allows it. One at a time: returns 0, -ENOTCONN,
 * -EBUSY (the last one is not acknowledged yet), -ENOBUFS or -EINVAL (over 512 bytes).
 */
int mqtt_reader_publish(struct mqtt_reader *reader, const char *topic, const void *payload,
			size_t length) MUST_CHECK;

/*
 * Queues the acknowledgement of a message; mqtt_reader_flush() sends what is queued.
 * Returns 0, -ENOTCONN, or -ENOBUFS: the broker does not read; on_room() follows.
 */
int mqtt_reader_acknowledge(struct mqtt_reader *reader, uint16_t id) MUST_CHECK;

/* Does not block; what the socket does not take goes out later. No callback from here. */
void mqtt_reader_flush(struct mqtt_reader *reader);

/*
 * Stops and resumes reading; what arrives waits with the broker meanwhile, and what has
 * been read here. A paused reader that lost its connection says so within a second or two,
 * without the broker's word for why, which lies behind what it does not read, and does not
 * connect before it is resumed.
 */
void mqtt_reader_pause(struct mqtt_reader *reader);
void mqtt_reader_resume(struct mqtt_reader *reader);
