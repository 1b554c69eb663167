/* The sensor's inside, shared by sensor.c, sensor_mqtt.c and sensor_coap.c. */
#pragma once

#include "adapt/coap_loop.h"
#include "adapt/mqtt_link.h"
#include "node/sensor.h"
#include "wire/sensor_message.h"
#include "wire/topic.h"

struct sensor {
	uv_loop_t *loop;
	uv_timer_t timer;
	size_t open_handles;
	const struct clock *clock;
	struct ident node;
	struct sensor_driver driver;
	int64_t interval_ms;
	bool is_silent;
	int64_t sequence;
	char message[SENSOR_MESSAGE_MAX]; /* the last reading */
	size_t message_length; /* 0 before the first, and where the last measurement failed */
	struct sensor_counters counters;

	/* over MQTT */
	struct mqtt_link *link;
	char battery_topic[TOPIC_MAX], status_topic[TOPIC_MAX], set_topic[TOPIC_MAX];
	uint64_t greetings; /* status messages sent, and acknowledged like readings */
	uint64_t acknowledged;
	uint64_t down_reason; /* hash of why there is no connection, as told; 0 while there is one */

	/* over CoAP */
	struct coap_loop coap;
	struct shared_key key; /* length 0: anyone may read it */
	coap_resource_t *resource;
	uint16_t port;
};

/* Measures and sends now, and from then on every interval. */
void sensor_measure_now(struct sensor *sensor);

/* Takes a set message; counts a refused one. Returns whether it was understood. */
bool sensor_take_setting(struct sensor *sensor, const void *payload, size_t len);

/* sensor_mqtt.c */
int sensor_mqtt_open(struct sensor *sensor, const struct sensor_options *options,
		     struct text *error) MUST_CHECK;
void sensor_mqtt_close(struct sensor *sensor);

/* Publishes the last reading. Returns whether it went out. */
bool sensor_mqtt_send(struct sensor *sensor) MUST_CHECK;

/* sensor_coap.c; what `on_closed` gets is the sensor */
int sensor_coap_open(struct sensor *sensor, const struct sensor_options *options,
		     struct text *error) MUST_CHECK;
void sensor_coap_notify(struct sensor *sensor);
