/*
 * What mqtt_reader.c (life), mqtt_reader_io.c (bytes in and out) and mqtt_reader_take.c
 * (packets) share. Nobody else looks in here.
 */
#pragma once

#include <uv.h>

#include "adapt/mqtt_dial.h"
#include "adapt/mqtt_ending.h"
#include "adapt/mqtt_reader.h"
#include "wire/mqtt_packet.h"

/* From one wake-up, at most: what takes well below a millisecond to decide upon. */
#define MQTT_READ_MAX (16 * 1024)
#define MQTT_READER_IN (MQTT_PACKET_MAX + MQTT_READ_MAX)
#define MQTT_PUBLISH_MAX 512

/* The socket and its watch; outlives the connection by one turn of the loop. */
struct reader_watch {
	uv_poll_t poll;
	struct mqtt_socket socket;
	int armed; /* the events asked of libuv */
};

/* Topics that are being subscribed to. */
struct reader_subscription {
	const char *const *topics;
	size_t count, answered, asked; /* asked: in the packet that is on its way */
	uint16_t id;                   /* of that packet; 0: none is */
	uint8_t qos;
	bool is_granted;
};

struct mqtt_reader {
	uv_loop_t *loop;
	struct mqtt_reader_options options;
	struct mqtt_reader_events events;
	struct mqtt_tls *tls; /* NULL where nothing is encrypted */
	struct mqtt_attempt *attempt;
	struct mqtt_dial *dial; /* the attempt's job */
	struct reader_watch *watch;
	uv_async_t attempt_over;
	uv_timer_t retry, tick, nap;
	uv_idle_t again;
	int open_handles;

	enum link_state state;
	uint64_t state_since_ms; /* the loop's time */
	struct mqtt_ending ending;
	struct mqtt_connack granted; /* on this connection */

	uint8_t *in; /* MQTT_READER_IN bytes */
	size_t in_taken, in_length;
	struct mqtt_outbox out;
	bool was_full; /* -ENOBUFS was returned since there was room */

	uint64_t heard_ms, spoke_ms; /* the loop's time of the last bytes in and out */
	uint64_t asked_ms;           /* of a PINGREQ without an answer; 0: none */

	struct reader_subscription subscription;
	uint16_t last_id;
	uint16_t publish_id; /* of what is not acknowledged yet; 0: nothing */
	size_t publish_length;
	uint8_t publish_packet[MQTT_PUBLISH_MAX]; /* sent again on the next connection */

	bool is_paused, is_retry_due;
	bool is_busy; /* with what was read: no freeing */
	bool is_freed;
	uint32_t messages; /* ever */
	bool is_bursting;  /* input has not run dry since a message came */
	bool is_crowd;     /* the burst began with more than one message */
	bool wants_nap, is_napping;
	uint64_t window_ms;       /* begin of the window in which messages are counted */
	uint32_t window_messages; /* ever, at its begin */
	bool is_stream;           /* the window before brought as many as a stream does */
};

void mqtt_reader_enter(struct mqtt_reader *reader, enum link_state state);

/* The connection is over, or could not be made: tells the owner, tries again later. */
void mqtt_reader_down(struct mqtt_reader *reader, const char *reason);

/* The same with a negative errno or MOSQ_ERR_…, see mqtt_words.h. */
void mqtt_reader_failed(struct mqtt_reader *reader, int result);

/* Frees what is left after mqtt_reader_free(), not while it is busy. */
void mqtt_reader_destroy(struct mqtt_reader *reader);

/* --- mqtt_reader_io.c */

/* Begins watching `socket`, which it takes. Returns 0 or a negative errno. */
int mqtt_reader_watch(struct mqtt_reader *reader, struct mqtt_socket socket) MUST_CHECK;
void mqtt_reader_unwatch(struct mqtt_reader *reader);

/* Reads in the next turn, whether the socket wakes us or not. */
void mqtt_reader_read_again(struct mqtt_reader *reader);

/* Waits for what may come next. */
void mqtt_reader_arm(struct mqtt_reader *reader);

/* --- mqtt_reader_take.c */

/* Queues CONNECT. */
void mqtt_reader_greet(struct mqtt_reader *reader);

/*
 * Takes the whole packets that were read, until paused; false where the connection ended
 * with one, or the reader was freed.
 */
bool mqtt_reader_take(struct mqtt_reader *reader);

/* Goes on with what waited for room. */
void mqtt_reader_has_room(struct mqtt_reader *reader);
