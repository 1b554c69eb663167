/*
 * The least that hears readings: libmosquitto, one subscription, one loop. The
 * reference programs (bare_*.c) are built on it, so that what they measure is
 * the libraries and the broker and no logic of anyone.
 */
#pragma once

#include <mosquitto.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

#define BARE_TOPIC "amphora/+/battery"
#define BARE_RECEIVE_MAX 1000 /* as amphorad */
#define BARE_WAIT_MS 1000

struct bare_events {
	void *user;
	void (*on_message)(void *user, const struct mosquitto_message *message);
	/* Input ran dry or a batch is full; acknowledgements go out after it. May be NULL. */
	void (*on_dry)(void *user);
};

struct bare_subscriber {
	struct mosquitto *client;
	struct bare_events events;
	bool is_subscribed;
	uint64_t messages;  /* taken since the start */
	uint64_t fresh;     /* since on_dry() */
	uint64_t batch_max; /* messages before on_dry() at the latest; BARE_RECEIVE_MAX */
	int wait_ms;        /* a turn's longest wait; BARE_WAIT_MS */
	bool is_holding;    /* no acknowledgement goes out */
};

/*
 * Connects to 127.0.0.1:`port` as `client_id` (MQTT v5) and subscribes with
 * `qos`; blocks. 0 or a negative errno.
 */
int bare_subscriber_open(struct bare_subscriber *subscriber, uint16_t port, const char *client_id,
			 int qos, const struct bare_events *events) MUST_CHECK;
void bare_subscriber_close(struct bare_subscriber *subscriber);

/*
 * Waits for the broker or for `other_fd` (-1: none), at most `wait_ms`, and
 * takes what the broker sent. Returns 1 when `other_fd` is readable, 0 when
 * not, a negative errno when the connection ended.
 */
int bare_subscriber_turn(struct bare_subscriber *subscriber, int other_fd) MUST_CHECK;

/* Has SIGTERM and SIGINT end the program's loop; whether one has come. */
void bare_catch_signals(void);
bool bare_is_stopped(void);
