/*
 * The connection that brings what is to be stored: a persistent session whose
 * acknowledgements wait for the disk, each for its own message, in the order in which
 * the messages came.
 *
 * What queued at the broker while we were away is told from what is sent now by
 * a marker of our own: it goes through the same queue, so all that comes before
 * its echo is backlog.
 */
#include "adapt/mqtt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "adapt/mqtt_reader.h"

#define KEEPALIVE_S 30
#define NONCE_MAX 17 /* 64 bits in hexadecimal */

/* Some brokers send more than they were allowed: so many are taken before reading stops. */
#define WAITING_MAX 2048

struct mqtt_ingest {
	uv_timer_t marker_timer;
	struct mqtt_reader *reader;
	struct mqtt_ingest_events events;
	struct mqtt_topics topics; /* the marker's is the last */

	bool is_held;       /* by the owner */
	bool is_full;       /* WAITING_MAX wait: nothing is read either */
	bool is_live;       /* the marker was echoed on this connection */
	bool may_redeliver; /* the broker kept our session, and the marker is not echoed yet */
	bool had_session;
	bool expects_session;

	/*
	 * QoS 1 messages, numbered from 1 since the start: handed over, durable as the owner
	 * says, and acknowledged (or lost with their connection). Those between wait.
	 */
	uint64_t taken, durable, acknowledged;
	uint16_t ids[WAITING_MAX]; /* of message n at n % WAITING_MAX */
	size_t fresh;              /* handed over since on_dry() */

	uint64_t stuck_since_ms; /* held, or the broker's window is used up; 0: neither */
	char nonce[NONCE_MAX];
	uint64_t marker_since_ms; /* the loop's time of the first publication */
	bool has_condition[ALERT_COUNT];
};

static void ingest_condition(struct mqtt_ingest *ingest, enum alert_code code, bool is_active,
			     const char *detail)
{
	if (ingest->has_condition[code] == is_active)
		return;
	ingest->has_condition[code] = is_active;
	ingest->events.on_condition(ingest->events.user, code, is_active, detail);
}

/* --- the marker ----------------------------------------------------------- */

static const char *marker_topic(const struct mqtt_ingest *ingest)
{
	return ingest->topics.list[ingest->topics.count - 1];
}

static void marker_publish(uv_timer_t *timer)
{
	struct mqtt_ingest *ingest = timer->data;
	char detail[ALERT_DETAIL_MAX];
	struct text words = text_in(detail, sizeof(detail));

	text_add(&words, "nothing comes back on %s", marker_topic(ingest));
	if (uv_now(timer->loop) - ingest->marker_since_ms >= MQTT_MARKER_SILENT_MS)
		ingest_condition(ingest, ALERT_MARKER_SILENT, true, detail);
	/* A failure shows as silence, and it is published again. */
	(void)!mqtt_reader_publish(ingest->reader, marker_topic(ingest), ingest->nonce,
				   strlen(ingest->nonce));
}

/* A fresh nonce for each connection: an echo of an older one proves nothing. */
static void marker_begin(struct mqtt_ingest *ingest)
{
	uint64_t random = 0;
	struct text nonce = text_in(ingest->nonce, sizeof(ingest->nonce));

	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		random = uv_hrtime();
	text_add(&nonce, "%016llx", (unsigned long long)random);
	ingest->marker_since_ms = uv_now(ingest->marker_timer.loop);
	uv_timer_start(&ingest->marker_timer, marker_publish, 0, MQTT_MARKER_REPEAT_MS);
}

static void marker_echoed(struct mqtt_ingest *ingest, const struct mqtt_message *message)
{
	if (ingest->nonce[0] == '\0' || message->length != strlen(ingest->nonce) ||
	    memcmp(message->payload, ingest->nonce, message->length) != 0)
		return;
	uv_timer_stop(&ingest->marker_timer);
	ingest->is_live = true;
	ingest->may_redeliver = false;
	ingest_condition(ingest, ALERT_MARKER_SILENT, false, "");
	ingest_condition(ingest, ALERT_BROKER_SESSION_LOST, false, "");
}

/* --- what the reader tells us ---------------------------------------------- */

static void ingest_on_up(void *user, bool has_session)
{
	struct mqtt_ingest *ingest = user;

	ingest->events.on_session(ingest->events.user, has_session);
	ingest_condition(ingest, ALERT_BROKER_AWAY, false, "");
	if (ingest->expects_session && !has_session)
		ingest_condition(ingest, ALERT_BROKER_SESSION_LOST, true, "");
	ingest->had_session = has_session;
	ingest->may_redeliver = has_session;
	ingest->expects_session = true;
	mqtt_reader_subscribe(ingest->reader, (const char *const *)ingest->topics.list,
			      ingest->topics.count, 1);
}

static void ingest_on_subscribed(void *user, bool is_granted)
{
	struct mqtt_ingest *ingest = user;

	if (!is_granted)
		ingest_condition(ingest, ALERT_MARKER_SILENT, true,
				 "the broker refused a subscription");
	marker_begin(ingest);
}

/* Reads on where nothing speaks against it any more. */
static void ingest_go_on(struct mqtt_ingest *ingest)
{
	ingest->is_full = mqtt_ingest_unacknowledged(ingest) >= WAITING_MAX;
	if (!ingest->is_full && !ingest->is_held)
		mqtt_reader_resume(ingest->reader);
}

/* What was not acknowledged comes again on the next connection. */
static void ingest_on_down(void *user, bool is_taken_over, const char *reason)
{
	struct mqtt_ingest *ingest = user;

	uv_timer_stop(&ingest->marker_timer);
	ingest->nonce[0] = '\0';
	ingest->is_live = false;
	ingest->durable = ingest->acknowledged = ingest->taken;
	ingest_go_on(ingest);
	/* The broker is there, and is given to us and taken from us: one alert for all of it. */
	ingest_condition(ingest, is_taken_over ? ALERT_BROKER_TAKEN_OVER : ALERT_BROKER_AWAY, true,
			 reason);
	if (ingest->fresh > 0) {
		ingest->fresh = 0;
		ingest->events.on_dry(ingest->events.user);
	}
}

static void ingest_on_settled(void *user)
{
	ingest_condition(user, ALERT_BROKER_TAKEN_OVER, false, "");
}

static void take_id(struct mqtt_ingest *ingest, uint16_t id)
{
	ingest->taken++;
	ingest->ids[ingest->taken % WAITING_MAX] = id;
	if (mqtt_ingest_unacknowledged(ingest) == WAITING_MAX) {
		ingest->is_full = true;
		mqtt_reader_pause(ingest->reader);
	}
}

static void ingest_on_message(void *user, const struct mqtt_message *message)
{
	struct mqtt_ingest *ingest = user;
	struct mqtt_message marked = *message;

	ingest->fresh++;
	if (strcmp(message->topic, marker_topic(ingest)) == 0) {
		marker_echoed(ingest, message);
	} else {
		marked.is_backlog = !ingest->is_live;
		marked.may_be_redelivered = (ingest->may_redeliver && message->qos > 0) || message->is_duplicate;
		ingest->events.on_message(ingest->events.user, &marked);
	}
	/* After it: a commit that begins in the owner's call does not have all of this message. */
	if (message->qos > 0)
		take_id(ingest, message->id);
}

/* Acknowledges what is durable, in the order in which it came. */
static void ingest_acknowledge(void *user)
{
	struct mqtt_ingest *ingest = user;

	while (ingest->acknowledged < ingest->durable &&
	       mqtt_reader_acknowledge(ingest->reader,
				       ingest->ids[(ingest->acknowledged + 1) % WAITING_MAX]) == 0)
		ingest->acknowledged++;
	mqtt_reader_flush(ingest->reader);
	ingest_go_on(ingest);
}

/* Whether the broker sends no more before we acknowledge: what comes then has waited there. */
static void look_at_window(struct mqtt_ingest *ingest)
{
	if (ingest->stuck_since_ms == 0 &&
	    mqtt_ingest_unacknowledged(ingest) >= MQTT_UNACKNOWLEDGED_MAX)
		ingest->stuck_since_ms = uv_now(ingest->marker_timer.loop);
}

static void ingest_on_read(void *user, bool is_dry)
{
	struct mqtt_ingest *ingest = user;

	look_at_window(ingest);
	if (ingest->fresh == 0 ||
	    (!is_dry && !ingest->is_full && ingest->fresh < MQTT_UNACKNOWLEDGED_MAX))
		return;
	ingest->fresh = 0;
	ingest->events.on_dry(ingest->events.user);
}

/* --- for the owner -------------------------------------------------------- */

static int ingest_take_topics(struct mqtt_ingest *ingest, const struct mqtt_ingest_options *options)
{
	char marker[MQTT_TEXT_MAX];
	struct text text = text_in(marker, sizeof marker);

	text_add(&text, "amphora/%s/marker", options->collector);
	if (text.is_cut)
		return -EINVAL;
	return mqtt_topics_take(&ingest->topics, options->topics, options->topic_count, marker);
}

static void ingest_dispose(struct mqtt_ingest *ingest)
{
	mqtt_topics_free(&ingest->topics);
	free(ingest);
}

static int ingest_connect(struct mqtt_ingest *ingest, uv_loop_t *loop,
			  const struct mqtt_ingest_options *options)
{
	struct mqtt_reader_options reader = {.session_expiry_s = MQTT_SESSION_EXPIRY_S,
					     .receive_max = MQTT_UNACKNOWLEDGED_MAX};
	struct mqtt_reader_events events = {
	    .user = ingest,
	    .on_up = ingest_on_up,
	    .on_down = ingest_on_down,
	    .on_settled = ingest_on_settled,
	    .on_subscribed = ingest_on_subscribed,
	    .on_message = ingest_on_message,
	    .on_read = ingest_on_read,
	    .on_room = ingest_acknowledge,
	};
	int error = mqtt_broker_options(&reader.link, options->broker, options->password, "");

	if (error != 0)
		return error;
	reader.link.keepalive_s = KEEPALIVE_S;
	return mqtt_reader_new(&ingest->reader, loop, &reader, &events);
}

int mqtt_ingest_new(struct mqtt_ingest **out, uv_loop_t *loop,
		    const struct mqtt_ingest_options *options,
		    const struct mqtt_ingest_events *events)
{
	struct mqtt_ingest *ingest = calloc(1, sizeof(*ingest));
	int error;

	if (ingest == NULL)
		return -ENOMEM;
	ingest->events = *events;
	ingest->expects_session = options->expects_session;
	error = ingest_take_topics(ingest, options);
	if (error == 0)
		error = ingest_connect(ingest, loop, options);
	if (error != 0) {
		ingest_dispose(ingest);
		return error;
	}
	uv_timer_init(loop, &ingest->marker_timer);
	ingest->marker_timer.data = ingest;
	*out = ingest;
	return 0;
}

static void ingest_closed(uv_handle_t *handle)
{
	ingest_dispose(handle->data);
}

void mqtt_ingest_free(struct mqtt_ingest *ingest)
{
	if (ingest == NULL)
		return;
	mqtt_reader_free(ingest->reader);
	uv_close((uv_handle_t *)&ingest->marker_timer, ingest_closed);
}

void mqtt_ingest_hold(struct mqtt_ingest *ingest)
{
	if (ingest->stuck_since_ms == 0)
		ingest->stuck_since_ms = uv_now(ingest->marker_timer.loop);
	ingest->is_held = true;
	mqtt_reader_pause(ingest->reader);
}

uint64_t mqtt_ingest_taken(const struct mqtt_ingest *ingest)
{
	return ingest->taken;
}

void mqtt_ingest_release(struct mqtt_ingest *ingest, uint64_t durable)
{
	uint64_t stuck_ms = uv_now(ingest->marker_timer.loop) - ingest->stuck_since_ms;

	/* What queued behind a slow disk is as old as what queued while we were away. */
	if (ingest->stuck_since_ms != 0 && ingest->is_live && stuck_ms >= MQTT_HOLD_LONG_MS) {
		ingest->is_live = false;
		marker_begin(ingest);
	}
	ingest->stuck_since_ms = 0;
	ingest->is_held = false;
	if (durable > ingest->durable)
		ingest->durable = durable < ingest->taken ? durable : ingest->taken;
	ingest_acknowledge(ingest);
}

size_t mqtt_ingest_unacknowledged(const struct mqtt_ingest *ingest)
{
	return (size_t)(ingest->taken - ingest->acknowledged);
}

int64_t mqtt_ingest_retry_ms(const struct mqtt_ingest *ingest)
{
	return mqtt_reader_retry_ms(ingest->reader);
}

bool mqtt_ingest_is_taken_over(const struct mqtt_ingest *ingest)
{
	return ingest->has_condition[ALERT_BROKER_TAKEN_OVER];
}

bool mqtt_ingest_is_up(const struct mqtt_ingest *ingest)
{
	return mqtt_reader_is_up(ingest->reader);
}

bool mqtt_ingest_had_session(const struct mqtt_ingest *ingest)
{
	return ingest->had_session;
}

bool mqtt_ingest_is_live(const struct mqtt_ingest *ingest)
{
	return ingest->is_live;
}
