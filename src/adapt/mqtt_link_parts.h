/*
 * What mqtt_link.c (connecting, life), mqtt_link_client.c (the library's client),
 * mqtt_link_io.c (reading, writing) and mqtt_link_ask.c (what an owner asks)
 * share. Nobody else looks in here.
 */
#pragma once

#include <mosquitto.h>
#include <uv.h>

#include "adapt/mqtt_attempt.h"
#include "adapt/mqtt_link.h"
#include "adapt/mqtt_patience.h"
#include "adapt/mqtt_tls.h"

#define MQTT_REASON_MAX 160

/* How far a connection has come. */
enum link_state {
	LINK_WAITING,    /* until `retry` fires */
	LINK_CONNECTING, /* the attempt owns the client */
	LINK_GREETING,   /* CONNECT is on its way, no CONNACK yet */
	LINK_UP,
};

/* The duplicate of the socket; outlives the connection by one turn of the loop. */
struct link_watch {
	uv_poll_t poll;
	int fd;
	int armed; /* the events asked of libuv */
};

struct mqtt_link {
	uv_loop_t *loop;
	struct mqtt_link_options options;
	struct mqtt_link_events events;
	struct mosquitto *client; /* the attempt's while there is one */
	struct mqtt_tls *tls;     /* NULL where nothing is encrypted */
	struct mqtt_attempt *attempt;
	struct link_watch *watch;
	uv_async_t attempt_over;
	uv_timer_t retry, tick, nap;
	int open_handles;

	/* How far a connection has come. */
	enum link_state state;
	uint64_t state_since_ms; /* the loop's time */
	struct mqtt_patience patience;
	char refusal[MQTT_REASON_MAX]; /* what CONNACK or DISCONNECT said */
	int goodbye;                   /* DISCONNECT's reason, 0: none came */

	bool is_paused, is_retry_due;
	bool is_in_library; /* in one of its calls: no writing, no freeing */
	bool is_freed;
	bool is_draining; /* a flush met a full socket: write on before reading */
	bool wants_nap, is_napping;
	int last_id;       /* of what was published */
	uint32_t messages; /* since the last flush */
	bool is_bursting;  /* input has not run dry since a message came */
	bool is_crowd;     /* the burst began with more than one message in the socket */
	size_t waiting;    /* bytes that were in it before the burst's first message was read */
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

/* Writes what is queued, if the owner allows it now, and waits for what comes next. */
void mqtt_link_proceed(struct mqtt_link *link);

/* Whether the owner allows that something is written now. */
bool mqtt_link_may_write(const struct mqtt_link *link);
