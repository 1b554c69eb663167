/*
 * The connection for commands, state and replies: a clean session that never
 * waits for a disk. While the journal is down it also brings the readings, at
 * QoS 0, so that control is never blind; what is stored comes over the other
 * connection all the same, once the journal is back.
 *
 * Its client id ends in digits of chance, so that a second daemon with our
 * configuration, which ends our ingest connection, leaves control sighted.
 */
#include "adapt/mqtt.h"

#include <errno.h>
#include <inttypes.h>
#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define KEEPALIVE_S 20
#define SUFFIX_MAX sizeof("-control-01234567")

struct mqtt_control {
	struct mqtt_link *link;
	struct mqtt_control_events events;
	bool is_listening;
	char trouble[MQTT_TROUBLE_MAX];
	struct mqtt_topics topics, standing;
};

int mqtt_broker_options(struct mqtt_link_options *out, const struct broker_config *broker,
			const char *password, const char *suffix)
{
	struct mqtt_link_options options = {.port = broker->port};
	struct text host = text_in(options.host, sizeof(options.host));
	struct text id = text_in(options.client_id, sizeof(options.client_id));
	struct text user = text_in(options.user, sizeof(options.user));
	struct text secret = text_in(options.password, sizeof(options.password));
	struct text file = text_in(options.password_file, sizeof(options.password_file));

	text_add(&host, "%s", broker->host);
	text_add(&id, "%s%s", broker->client_id.text, suffix);
	text_add(&user, "%s", broker->user);
	text_add(&secret, "%s", password != NULL ? password : "");
	options.has_password = secret.length > 0;
	text_add(&file, "%s", broker->password_file);
	options.tls = broker->tls;
	if (host.length == 0 || host.is_cut || id.is_cut || user.is_cut || secret.is_cut)
		return -EINVAL;
	*out = options;
	return 0;
}

/* Makes the subscription agree with the wish; a failure means that the link just went down. */
static void control_subscribe(struct mqtt_control *control)
{
	if (control->is_listening) {
		mqtt_topics_subscribe(&control->topics, control->link, 0);
		return;
	}
	mqtt_topics_unsubscribe(&control->topics, control->link);
	/* A topic may be in both lists, and would be silent now. */
	mqtt_topics_subscribe(&control->standing, control->link, 1);
}

static void control_on_up(void *user, bool has_session)
{
	struct mqtt_control *control = user;

	(void)has_session;
	control->trouble[0] = '\0';
	mqtt_topics_subscribe(&control->standing, control->link, 1);
	if (control->is_listening)
		control_subscribe(control);
	if (control->events.on_up != NULL)
		control->events.on_up(control->events.user, true);
}

static void control_on_down(void *user, bool is_taken_over, const char *reason)
{
	struct mqtt_control *control = user;

	(void)is_taken_over; /* nobody else has our id but who means to; the reason says so */
	snprintf(control->trouble, sizeof(control->trouble), "%s", reason);
	if (control->events.on_up != NULL)
		control->events.on_up(control->events.user, false);
}

static bool is_standing(const struct mqtt_control *control, const char *topic)
{
	for (size_t i = 0; i < control->standing.count; i++) {
		bool is_matched = false;

		if (mosquitto_topic_matches_sub(control->standing.list[i], topic, &is_matched) ==
			MOSQ_ERR_SUCCESS &&
		    is_matched)
			return true;
	}
	return false;
}

static void control_on_message(void *user, const struct mqtt_message *message)
{
	struct mqtt_control *control = user;

	if (is_standing(control, message->topic))
		control->events.on_standing(control->events.user, message);
	else if (control->is_listening)
		control->events.on_message(control->events.user, message);
}

static void control_on_answered(void *user, int id, bool is_taken, const char *reason)
{
	struct mqtt_control *control = user;

	if (control->events.on_answered != NULL)
		control->events.on_answered(control->events.user, id, is_taken, reason);
}

static int control_take_topics(struct mqtt_control *control,
			       const struct mqtt_control_options *options)
{
	int error = mqtt_topics_take(&control->topics, options->topics, options->topic_count, NULL);

	return error != 0 ? error
			  : mqtt_topics_take(&control->standing, options->standing,
					     options->standing_count, NULL);
}

static void control_dispose(struct mqtt_control *control)
{
	mqtt_topics_free(&control->topics);
	mqtt_topics_free(&control->standing);
	free(control);
}

/* The same for all our life: what is left of a connection of ours is ended by our next. */
static void write_suffix(char suffix[SUFFIX_MAX])
{
	struct text text = text_in(suffix, SUFFIX_MAX);
	uint32_t chance;

	if (getrandom(&chance, sizeof(chance), 0) != (ssize_t)sizeof(chance))
		chance = (uint32_t)uv_hrtime();
	text_add(&text, "-control-%08" PRIx32, chance);
}

static int control_connect(struct mqtt_control *control, uv_loop_t *loop,
			   const struct mqtt_control_options *options)
{
	struct mqtt_link_options link;
	struct mqtt_link_events events = {
	    .user = control,
	    .on_up = control_on_up,
	    .on_down = control_on_down,
	    .on_message = control_on_message,
	    .on_answered = control_on_answered,
	};
	char suffix[SUFFIX_MAX];
	int error;

	write_suffix(suffix);
	error = mqtt_broker_options(&link, options->broker, options->password, suffix);
	if (error != 0)
		return error;
	link.keepalive_s = KEEPALIVE_S;
	link.will = options->will;
	return mqtt_link_new(&control->link, loop, &link, &events);
}

int mqtt_control_new(struct mqtt_control **out, uv_loop_t *loop,
		     const struct mqtt_control_options *options,
		     const struct mqtt_control_events *events)
{
	struct mqtt_control *control = calloc(1, sizeof(*control));
	int error;

	if (control == NULL)
		return -ENOMEM;
	control->events = *events;
	error = control_take_topics(control, options);
	if (error == 0)
		error = control_connect(control, loop, options);
	if (error != 0) {
		control_dispose(control);
		return error;
	}
	*out = control;
	return 0;
}

void mqtt_control_free(struct mqtt_control *control)
{
	if (control == NULL)
		return;
	mqtt_link_free(control->link);
	control_dispose(control);
}

void mqtt_control_listen(struct mqtt_control *control, bool is_listening)
{
	if (control->is_listening == is_listening || control->topics.count == 0)
		return;
	control->is_listening = is_listening;
	if (mqtt_link_is_up(control->link))
		control_subscribe(control);
}

bool mqtt_control_is_listening(const struct mqtt_control *control)
{
	return control->is_listening;
}

int mqtt_control_publish(struct mqtt_control *control, const char *topic, const void *payload,
			 size_t length, int qos, bool is_retained)
{
	return mqtt_link_publish(control->link, topic, payload, length, qos, is_retained);
}

int mqtt_control_last_id(const struct mqtt_control *control)
{
	return mqtt_link_last_id(control->link);
}

bool mqtt_control_is_up(const struct mqtt_control *control)
{
	return mqtt_link_is_up(control->link);
}

const char *mqtt_control_trouble(const struct mqtt_control *control)
{
	return control->trouble;
}
