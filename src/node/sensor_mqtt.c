/*
 * A sensor's side of the broker: readings out (QoS 1), settings in, presence by a
 * retained status and its will. A retained setting is old and is refused.
 */
#include <errno.h>
#include <string.h>

#include "adapt/mqtt_tls.h"
#include "adapt/password.h"
#include "base/log.h"
#include "model/amount.h"
#include "node/sensor_parts.h"
#include "wire/node_message.h"

#define KEEPALIVE_S 30
#define DURATION_MAX 32

static int fill_options(struct mqtt_link_options *out, const struct sensor *sensor,
			const struct sensor_options *options, struct text *error);
static void on_up(void *user, bool has_session);
static void on_down(void *user, bool is_taken_over, const char *reason);
static void on_message(void *user, const struct mqtt_message *message);
static void on_acknowledged(void *user);
static void publish_presence(struct sensor *sensor, bool is_online);
static void name_topic(char out[TOPIC_MAX], const char *pattern, const struct sensor *sensor);

int sensor_mqtt_open(struct sensor *sensor, const struct sensor_options *options,
		     struct text *error)
{
	struct mqtt_link_events events = {
	    .user = sensor,
	    .on_up = on_up,
	    .on_down = on_down,
	    .on_message = on_message,
	    .on_acknowledged = on_acknowledged,
	};
	struct mqtt_link_options link = {0};
	int result;

	name_topic(sensor->battery_topic, TOPIC_BATTERY, sensor);
	name_topic(sensor->status_topic, TOPIC_STATUS, sensor);
	name_topic(sensor->set_topic, TOPIC_SET, sensor);
	result = fill_options(&link, sensor, options, error);
	if (result < 0)
		return result;
	result = mqtt_link_new(&sensor->link, sensor->loop, &link, &events);
	if (result < 0)
		text_add(error, "cannot begin to connect to %s: %s", link.host, strerror(-result));
	return result;
}

void sensor_mqtt_close(struct sensor *sensor)
{
	if (!sensor->link)
		return;
	if (mqtt_link_is_up(sensor->link))
		publish_presence(sensor, false);
	mqtt_link_free(sensor->link);
	sensor->link = NULL;
}

bool sensor_mqtt_send(struct sensor *sensor)
{
	int result = mqtt_link_publish(sensor->link, sensor->battery_topic, sensor->message,
				       sensor->message_length, 1, false);

	if (result < 0)
		log_warning("%s: a reading could not be sent: %s", sensor->node.text,
			    strerror(-result));
	return result == 0;
}

static int fill_options(struct mqtt_link_options *out, const struct sensor *sensor,
			const struct sensor_options *options, struct text *error)
{
	struct text host = text_in(out->host, sizeof(out->host));
	struct text id = text_in(out->client_id, sizeof(out->client_id));
	struct text user = text_in(out->user, sizeof(out->user));
	struct text file = text_in(out->password_file, sizeof(out->password_file));
	struct text topic = text_in(out->will.topic, sizeof(out->will.topic));
	struct text payload = text_in(out->will.payload, sizeof(out->will.payload));

	out->port = options->broker_port;
	out->keepalive_s = KEEPALIVE_S;
	out->tls = options->tls;
	out->will.qos = 1;
	out->will.is_retained = true;
	text_add(&host, "%s", options->broker_host);
	text_add(&id, "amphora-sensor-%s", sensor->node.text);
	text_add(&user, "%s", options->user ? options->user : "");
	text_add(&topic, "%s", sensor->status_topic);
	text_add(&payload, "%s", presence_message(false));
	text_add(&file, "%s", options->password_file ? options->password_file : "");
	if (host.is_cut || user.is_cut || file.is_cut) {
		text_add(error, "the broker's host, user name or password file is too long");
		return -EINVAL;
	}
	if (mqtt_tls_check(&out->tls, out->host, error) != 0)
		return -EINVAL;
	return password_read(out->password, sizeof(out->password), out->password_file, error);
}

static void on_up(void *user, bool has_session)
{
	struct sensor *sensor = user;
	const char *topic = sensor->set_topic;

	(void)has_session;
	sensor->down_reason = 0;
	log_info("%s: connected to the broker", sensor->node.text);
	publish_presence(sensor, true);
	if (mqtt_link_subscribe(sensor->link, &topic, 1, 1) < 0)
		log_warning("%s: cannot listen to %s", sensor->node.text, topic);
	sensor_measure_now(sensor);
}

static void on_down(void *user, bool is_taken_over, const char *reason)
{
	struct sensor *sensor = user;

	(void)is_taken_over; /* the reason says so */
	/* It is tried again and again: told once, and again when the reason changes. */
	if (hash_bytes(reason, strlen(reason)) == sensor->down_reason)
		return;
	sensor->down_reason = hash_bytes(reason, strlen(reason));
	log_warning("%s: no connection to the broker: %s", sensor->node.text, reason);
}

static void say_interval(const struct sensor *sensor)
{
	char words[DURATION_MAX];
	struct text duration = text_in(words, sizeof(words));

	duration_add(&duration, sensor->interval_ms, 0);
	log_info("%s: measures every %s", sensor->node.text, words);
}

static void on_message(void *user, const struct mqtt_message *message)
{
	struct sensor *sensor = user;

	if (message->is_retained) {
		sensor->counters.refused++;
		log_warning("%s: refused a retained message on %s", sensor->node.text,
			    message->topic);
		return;
	}
	if (sensor_take_setting(sensor, message->payload, message->length))
		say_interval(sensor);
}

/*
 * Greetings are acknowledged among the readings. While one is under way a reading
 * less than the broker has is counted, never one more.
 */
static void on_acknowledged(void *user)
{
	struct sensor *sensor = user;

	sensor->acknowledged++;
	if (sensor->acknowledged > sensor->greetings)
		sensor->counters.confirmed = sensor->acknowledged - sensor->greetings;
}

static void publish_presence(struct sensor *sensor, bool is_online)
{
	const char *message = presence_message(is_online);

	if (mqtt_link_publish(sensor->link, sensor->status_topic, message, strlen(message), 1,
			      true) < 0)
		log_warning("%s: its status could not be sent", sensor->node.text);
	else
		sensor->greetings++;
}

static void name_topic(char out[TOPIC_MAX], const char *pattern, const struct sensor *sensor)
{
	struct text text = text_in(out, TOPIC_MAX);

	topic_build(&text, pattern, sensor->node.text);
}
