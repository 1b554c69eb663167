/*
 * A sensor node, see sensor.h: measures every interval and hands the reading to the
 * broker or to whoever asks. What cannot be measured is not sent: a missing
 * value is not zero. Over MQTT nothing is measured while there is no connection,
 * so that a reading is never older than it looks.
 */
#include "node/sensor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "node/sensor_parts.h"
#include "wire/node_message.h"

static void on_interval(uv_timer_t *timer);
static bool measure(struct sensor *sensor);
static void on_timer_closed(uv_handle_t *handle);
static void release(void *user);

int sensor_new(struct sensor **out, uv_loop_t *loop, const struct clock *clock,
	       const struct sensor_options *options, const struct sensor_driver *driver,
	       struct text *error)
{
	struct sensor *sensor = calloc(1, sizeof(*sensor));
	bool is_mqtt = options->broker_host && options->broker_host[0] != '\0';
	int result;

	if (!sensor) {
		if (driver->close)
			driver->close(driver->user);
		return -ENOMEM;
	}
	sensor->loop = loop;
	sensor->clock = clock;
	sensor->node = options->node;
	sensor->driver = *driver;
	sensor->interval_ms = options->interval_ms > 0 ? options->interval_ms : SENSOR_INTERVAL_MS;
	sensor->coap.user = sensor;
	if (options->key)
		sensor->key = *options->key;
	uv_timer_init(loop, &sensor->timer);
	sensor->timer.data = sensor;
	sensor->open_handles = 2; /* the timer, the CoAP context */
	result = is_mqtt ? sensor_mqtt_open(sensor, options, error)
			 : sensor_coap_open(sensor, options, error);
	if (result < 0) {
		sensor_free(sensor);
		return result;
	}
	sensor_measure_now(sensor);
	*out = sensor;
	return 0;
}

void sensor_free(struct sensor *sensor)
{
	if (!sensor)
		return;
	if (sensor->driver.close)
		sensor->driver.close(sensor->driver.user);
	sensor->driver = (struct sensor_driver){0};
	sensor_mqtt_close(sensor);
	uv_close((uv_handle_t *)&sensor->timer, on_timer_closed);
	coap_loop_close(&sensor->coap, release);
}

void sensor_set_silent(struct sensor *sensor, bool is_silent)
{
	sensor->is_silent = is_silent;
}

struct sensor_counters sensor_counters(const struct sensor *sensor)
{
	return sensor->counters;
}

int64_t sensor_interval_ms(const struct sensor *sensor)
{
	return sensor->interval_ms;
}

uint16_t sensor_coap_port(const struct sensor *sensor)
{
	return sensor->port;
}

void sensor_measure_now(struct sensor *sensor)
{
	uv_timer_start(&sensor->timer, on_interval, 0,
		       clock_real_ms(sensor->clock, sensor->interval_ms));
}

bool sensor_take_setting(struct sensor *sensor, const void *payload, size_t len)
{
	int64_t interval_ms;

	if (interval_message_parse(&interval_ms, payload, len, NULL) != REFUSAL_NONE ||
	    interval_ms < SENSOR_INTERVAL_MS_MIN || interval_ms > SENSOR_INTERVAL_MS_MAX) {
		sensor->counters.refused++;
		log_warning("%s: refused a setting that is not {\"interval\":1..3600}",
			    sensor->node.text);
		return false;
	}
	sensor->interval_ms = interval_ms;
	sensor_measure_now(sensor); /* the reading is the answer */
	return true;
}

static void on_interval(uv_timer_t *timer)
{
	struct sensor *sensor = timer->data;
	bool is_possible = !sensor->is_silent && (!sensor->link || mqtt_link_is_up(sensor->link));

	if (!is_possible || !measure(sensor)) {
		sensor->counters.skipped++;
		return;
	}
	if (!sensor->link)
		sensor_coap_notify(sensor);
	else if (!sensor_mqtt_send(sensor))
		return;
	sensor->counters.sent++;
}

static bool measure(struct sensor *sensor)
{
	struct reading reading = {.node = sensor->node, .has_time = true, .has_sequence = true};
	struct text text = text_in(sensor->message, sizeof(sensor->message));
	int result;

	sensor->message_length = 0;
	reading.measured = clock_wall(sensor->clock);
	result = sensor->driver.measure(sensor->driver.user, reading.measured, &reading.received);
	if (result < 0) {
		log_warning("%s: nothing measured: %s", sensor->node.text,
			    result == -ENODATA ? "the battery does not say" : strerror(-result));
		return false;
	}
	reading.sequence = ++sensor->sequence;
	reading.received.interval_s = (double)sensor->interval_ms / MS_PER_SECOND;
	sensor_message_format(&text, &reading);
	sensor->message_length = text.length;
	return !text.is_cut;
}

static void on_timer_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void release(void *user)
{
	struct sensor *sensor = user;

	if (--sensor->open_handles > 0)
		return;
	explicit_bzero(&sensor->key, sizeof(sensor->key));
	free(sensor);
}
