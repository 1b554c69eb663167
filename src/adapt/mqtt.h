/*
 * The broker, as the daemon uses it: over two connections.
 *
 * `ingest` has a persistent session and QoS 1 and brings what is to be stored; it reads
 * with a reader of our own (mqtt_reader.h). No message is acknowledged before the owner
 * says that it is durable. `control` has a clean session and sends commands, state and
 * replies, so that they never wait for a disk.
 *
 * The order within one turn (docs/design.md, section 3):
 *
 *   on_message() x n        decode, decide, send relay commands, journal_append()
 *   on_dry()                the moment for journal_commit(); what needs no disk is released
 *   journal_commit()        notes mqtt_ingest_taken(): what is in that batch
 *   journal's on_committed  mqtt_ingest_release() of it: its acknowledgements go out
 *
 * Reading goes on meanwhile; what is read during a commit waits for the next one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/mqtt_link.h"
#include "adapt/mqtt_topics.h"
#include "base/result.h"
#include "model/alert.h"
#include "model/house.h"

/*
 * QoS 1 messages that the broker may send us before it waits for acknowledgements; and about how
 * many messages of any QoS are handed over without on_dry().
 */
#define MQTT_UNACKNOWLEDGED_MAX 1000

/* How long the broker keeps our session and its queue while we are away. */
#define MQTT_SESSION_EXPIRY_S (7 * 24 * 3600)

#define MQTT_MARKER_REPEAT_MS 5000
#define MQTT_MARKER_SILENT_MS 30000

/* After a hold this long, or as long without an acknowledgement, what is read next queued
 * meanwhile: a new marker tells where that ends. */
#define MQTT_HOLD_LONG_MS 1000

/* Called on the event loop. All are required. */
struct mqtt_ingest_events {
	void *user;

	/*
	 * The broker has accepted us, and kept our session or begun a new one, in which
	 * packet ids begin anew. Before any message of this connection.
	 */
	void (*on_session)(void *user, bool is_kept);

	void (*on_message)(void *user, const struct mqtt_message *message);

	/* Input ran dry, or never did for MQTT_UNACKNOWLEDGED_MAX messages: the moment to commit.
	 */
	void (*on_dry)(void *user);

	/*
	 * ALERT_BROKER_AWAY, _TAKEN_OVER, _SESSION_LOST and ALERT_MARKER_SILENT
	 * begin and end; `detail` is for people, may be empty. Comes once a change.
	 * While another client takes our id, the connection that comes and goes is
	 * no BROKER_AWAY.
	 */
	void (*on_condition)(void *user, enum alert_code code, bool is_active, const char *detail);
};

struct mqtt_ingest;

struct mqtt_ingest_options {
	const struct broker_config *broker; /* borrowed for the call */
	const char *password;               /* may be NULL; copied */
	const char *collector;              /* names the marker's topic */
	const char *const *topics;          /* to be stored, QoS 1, not overlapping; copied */
	size_t topic_count;                 /* below MQTT_TOPIC_LIST_MAX */
	bool expects_session; /* the journal has rows: a missing session is a lost one */
};

/* Returns 0, -EINVAL (no host, too many or too long topics) or -ENOMEM. */
int mqtt_ingest_new(struct mqtt_ingest **out, uv_loop_t *loop,
		    const struct mqtt_ingest_options *options,
		    const struct mqtt_ingest_events *events) MUST_CHECK;

/*
 * Says goodbye and frees. Messages not yet released are not acknowledged: the
 * broker keeps them for the next start. NULL is fine.
 */
void mqtt_ingest_free(struct mqtt_ingest *ingest);

/* Reads nothing until released. Calling it twice is calling it once. */
void mqtt_ingest_hold(struct mqtt_ingest *ingest);

/*
 * How many QoS 1 messages have been handed over, ever; not the one that is being handed
 * over now.
 */
uint64_t mqtt_ingest_taken(const struct mqtt_ingest *ingest);

/*
 * The first `durable` of them are: acknowledges those, in their order, and reads on. What
 * came over a connection that has ended is not acknowledged any more: it comes again.
 */
void mqtt_ingest_release(struct mqtt_ingest *ingest, uint64_t durable);

/* QoS 1 messages handed over and not yet acknowledged. */
size_t mqtt_ingest_unacknowledged(const struct mqtt_ingest *ingest);

bool mqtt_ingest_is_up(const struct mqtt_ingest *ingest);

/* As mqtt_link_retry_ms(). */
int64_t mqtt_ingest_retry_ms(const struct mqtt_ingest *ingest);

/* Another client has our id, and no connection has lasted since. */
bool mqtt_ingest_is_taken_over(const struct mqtt_ingest *ingest);

/* Whether the broker had kept our session at the last connect. */
bool mqtt_ingest_had_session(const struct mqtt_ingest *ingest);

/* Connected, and the marker was echoed: what arrives now was sent now. */
bool mqtt_ingest_is_live(const struct mqtt_ingest *ingest);

/*
 * Fills the part of a link's options that comes from the configuration; the
 * client id is the broker's with `suffix`. Returns 0 or -EINVAL (no host, too
 * long) and leaves `out` alone.
 */
int mqtt_broker_options(struct mqtt_link_options *out, const struct broker_config *broker,
			const char *password, const char *suffix) MUST_CHECK;

struct mqtt_control;

#define MQTT_TROUBLE_MAX 160

struct mqtt_control_events {
	void *user;
	void (*on_message)(void *user, const struct mqtt_message *message);  /* while listening */
	void (*on_standing)(void *user, const struct mqtt_message *message); /* of those topics */
	void (*on_up)(void *user, bool is_up);                               /* may be NULL */

	/* As the link's; may be NULL. */
	void (*on_answered)(void *user, int id, bool is_taken, const char *reason);
};

struct mqtt_control_options {
	const struct broker_config *broker; /* borrowed for the call */
	const char *password;               /* may be NULL; copied */
	const char *const *topics;          /* to listen to on demand; copied */
	size_t topic_count;                 /* below MQTT_TOPIC_LIST_MAX */
	const char *const *standing;        /* always listened to, QoS 1; may have `+`; copied */
	size_t standing_count;              /* likewise */
	struct mqtt_will will;              /* what the broker says when we are cut off */
};

int mqtt_control_new(struct mqtt_control **out, uv_loop_t *loop,
		     const struct mqtt_control_options *options,
		     const struct mqtt_control_events *events) MUST_CHECK;
void mqtt_control_free(struct mqtt_control *control);

/*
 * Subscribes to the topics with QoS 0, so that control sees while the journal
 * is down, or stops that. Holds over reconnects.
 */
void mqtt_control_listen(struct mqtt_control *control, bool is_listening);

/* Whether it listens. */
bool mqtt_control_is_listening(const struct mqtt_control *control);

/* As mqtt_link_publish(). */
int mqtt_control_publish(struct mqtt_control *control, const char *topic, const void *payload,
			 size_t length, int qos, bool is_retained) MUST_CHECK;

/* As mqtt_link_last_id(). */
int mqtt_control_last_id(const struct mqtt_control *control);

bool mqtt_control_is_up(const struct mqtt_control *control);

/*
 * Why it does not stand; empty while it does and before the first try has ended. For
 * people; borrowed until the loop next runs.
 */
const char *mqtt_control_trouble(const struct mqtt_control *control);
