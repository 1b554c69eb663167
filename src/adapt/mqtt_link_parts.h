/*
 * What mqtt_link.c (connecting, life), mqtt_link_call.c (the call that connects),
 * mqtt_link_client.c (the library's client), mqtt_link_io.c (reading, writing) and
 * mqtt_link_ask.c (what an owner asks) share. Nobody else looks in here.
 */
#pragma once

#include <mosquitto.h>
#include <uv.h>

#include "adapt/mqtt_attempt.h"
#include "adapt/mqtt_ending.h"
#include "adapt/mqtt_link.h"

/* The duplicate of the socket; outlives the connection by one turn of the loop. */
struct link_watch {
	uv_poll_t poll;
	int fd;
	int armed; /* the events asked of libuv */
};

/* The job of an attempt: what connecting needs, and the client meanwhile. */
struct mqtt_link_call {
	struct mosquitto *client;
	struct mqtt_link_options options; /* without the password, which the client has */
};

struct mqtt_link {
	uv_loop_t *loop;
	struct mqtt_link_options options;
	struct mqtt_link_events events;
	struct mosquitto *client; /* the attempt's while there is one */
	struct mqtt_tls *tls;     /* NULL where nothing is encrypted */
	struct mqtt_attempt *attempt;
	struct mqtt_link_call *call; /* the attempt's job */
	struct link_watch *watch;
	uv_async_t attempt_over;
	uv_timer_t retry, tick;
	int open_handles;

	enum link_state state;
	uint64_t state_since_ms; /* the loop's time */
	struct mqtt_ending ending;

	bool is_in_library; /* in one of its calls: no writing, no freeing */
	bool is_freed;
	int last_id; /* of what was published */
};

/* Makes the client from the options, and its TLS; what fails is the caller's to free. */
int mqtt_link_make_client(struct mqtt_link *link) MUST_CHECK;

void mqtt_link_enter(struct mqtt_link *link, enum link_state state);

/* The connection is over, or could not be made: tells the owner, tries again later. */
void mqtt_link_down(struct mqtt_link *link, const char *reason);

/* The same with what the library or the system said: MOSQ_ERR_… (with errno) or a negative errno.
 */
void mqtt_link_failed(struct mqtt_link *link, int result);

/* Frees what is left after mqtt_link_free(); never inside a call of the library. */
void mqtt_link_destroy(struct mqtt_link *link);

/* Begins and ends watching the client's socket. Returns 0 or a negative errno. */
int mqtt_link_watch(struct mqtt_link *link) MUST_CHECK;
void mqtt_link_unwatch(struct mqtt_link *link);

/* Begins an attempt to connect the client. Returns 0, -ENOMEM or -EAGAIN. */
int mqtt_link_call(struct mqtt_link *link) MUST_CHECK;

/* Writes what is queued, and waits for what comes next. */
void mqtt_link_proceed(struct mqtt_link *link);
