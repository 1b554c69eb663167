/*
 * One connection to an MQTT v5 broker, driven by our event loop.
 *
 * It connects and reconnects by itself (back-off 1..30 s with jitter, real
 * time; longer where another client takes our id), on a thread of its own,
 * since name service and connecting block. All else happens on the loop, and
 * every callback comes there. Its session is clean. Whatever must wait for a disk
 * comes over mqtt_reader.h instead.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"

#define MQTT_TEXT_MAX 256
#define MQTT_TOPICS_MAX 96 /* in one subscription */

/* Larger payloads are delivered but not hashed whole; the owner refuses them. */
#define MQTT_PAYLOAD_MAX (64 * 1024)

/* The broker is asked to drop what is larger: it would be allocated by the library. */
#define MQTT_PACKET_MAX (256 * 1024)

struct mqtt_message {
	const char *topic;
	const uint8_t *payload; /* `length` bytes, not terminated; NULL where empty */
	size_t length;
	uint16_t id; /* packet id; 0 with QoS 0 */
	int qos;
	bool is_retained;
	bool is_backlog;         /* ingest: it queued while we were away; never act on it */
	bool is_duplicate;       /* so says the broker: it has sent it before */
	bool may_be_redelivered; /* ingest: ask redelivery_is_known() */
	uint64_t payload_hash;   /* of its first MQTT_PAYLOAD_MAX bytes */
};

struct mqtt_will {
	char topic[MQTT_TEXT_MAX]; /* empty: no will */
	char payload[64];
	int qos;
	bool is_retained;
};

struct mqtt_link_options {
	char host[MQTT_TEXT_MAX];
	uint16_t port;
	char client_id[96];
	char user[64]; /* empty: anonymous */
	char password[128];
	bool has_password;                 /* one is sent, for the words */
	char password_file[MQTT_TEXT_MAX]; /* where it is from, for the words; empty: none */
	uint16_t keepalive_s;              /* >= 5 */
	struct tls_config tls;
	struct mqtt_will will;
};

/* Every callback but `user` may be NULL. */
struct mqtt_link_events {
	void *user;

	/* The broker accepted us; `has_session` if it kept our session. Subscribe here. */
	void (*on_up)(void *user, bool has_session);

	/*
	 * Connecting failed or the connection ended; it is tried again. `reason` is
	 * for people. `is_taken_over` when it ended because another client has our
	 * id: the broker said so, or most likely (mqtt_patience.h).
	 */
	void (*on_down)(void *user, bool is_taken_over, const char *reason);

	/* The broker answered a subscription; `is_granted` for all of its topics. */
	void (*on_subscribed)(void *user, bool is_granted);

	void (*on_message)(void *user, const struct mqtt_message *message);

	/* The broker acknowledged one more of our QoS 1 messages; they come in their order. */
	void (*on_acknowledged)(void *user);

	/* Likewise, with its mqtt_link_last_id(); `is_taken` false: refused, for `reason`. */
	void (*on_answered)(void *user, int id, bool is_taken, const char *reason);
};

struct mqtt_link;

/*
 * Makes a link and begins to connect. `options` is copied. Returns 0, or
 * -EINVAL (an empty host or client id), -ENOMEM, or what mqtt_tls_new() says of the
 * files of TLS (ask it first for the words); writes `out` only on 0.
 */
int mqtt_link_new(struct mqtt_link **out, uv_loop_t *loop, const struct mqtt_link_options *options,
		  const struct mqtt_link_events *events) MUST_CHECK;

/*
 * Says goodbye to the broker if connected (no will is sent then), and frees
 * `link` when the loop next runs. No callback comes any more. Does not block;
 * NULL is fine.
 */
void mqtt_link_free(struct mqtt_link *link);

bool mqtt_link_is_up(const struct mqtt_link *link);

/* Until it is tried again, in ms of real time; -1 while it is up or being tried. */
int64_t mqtt_link_retry_ms(const struct mqtt_link *link);

/*
 * Publishes. Returns 0 when it is with the library, -ENOTCONN while not up
 * (nothing is queued for later), -EINVAL for a bad topic, -EIO otherwise.
 */
int mqtt_link_publish(struct mqtt_link *link, const char *topic, const void *payload, size_t length,
		      int qos, bool is_retained) MUST_CHECK;

/* The packet id of the last message that was published: no other has it before its answer. */
int mqtt_link_last_id(const struct mqtt_link *link);

/*
 * Subscribes to `count` (1..MQTT_TOPICS_MAX) topics at `qos`; on_subscribed()
 * follows. The topics must not overlap, or a message may come more than once.
 * Retained messages come only for topics not yet subscribed in this session.
 * Returns 0, -ENOTCONN, -EINVAL, -EIO.
 */
int mqtt_link_subscribe(struct mqtt_link *link, const char *const topics[], size_t count,
			int qos) MUST_CHECK;
int mqtt_link_unsubscribe(struct mqtt_link *link, const char *const topics[],
			  size_t count) MUST_CHECK;
