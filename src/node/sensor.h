/*
 * A sensor node: measures a battery through a driver, and publishes it over MQTT or
 * serves it over CoAP, as in docs/design.md, section 6.
 *
 * Many may live in one process. Used from the loop's thread alone.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/key_file.h"
#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "model/ident.h"
#include "model/reading.h"
#include "node/sensor_driver.h"

#define SENSOR_INTERVAL_MS_MIN (1 * (int64_t)MS_PER_SECOND)
#define SENSOR_INTERVAL_MS_MAX (3600 * (int64_t)MS_PER_SECOND)
#define SENSOR_INTERVAL_MS (10 * (int64_t)MS_PER_SECOND) /* default */

struct sensor_options {
	struct ident node;
	int64_t interval_ms; /* on the clock; SENSOR_INTERVAL_MS_MIN.._MAX; 0: default */

	/* over MQTT, where `broker_host` is not empty */
	const char *broker_host; /* borrowed for the call, as are the other texts */
	uint16_t broker_port;
	const char *user;          /* NULL: anonymous */
	const char *password_file; /* NULL: none; its first line is the password */
	struct tls_config tls;

	/* over CoAP, otherwise */
	const char *coap_address;     /* numeric */
	uint16_t coap_port;           /* 0: any free one, see sensor_coap_port() */
	const struct shared_key *key; /* NULL: plain CoAP, else nothing but DTLS with it; copied */
};

struct sensor;

/*
 * Starts a sensor; its first reading goes out as soon as it can. `clock` is
 * borrowed until the sensor is freed; `driver` is copied and then belongs to the
 * sensor, also when this fails. Looks up a broker's name on a worker; a broker
 * that is away is tried again for ever. Returns 0, or a negative errno with a
 * sentence in `error`.
 */
int sensor_new(struct sensor **out, uv_loop_t *loop, const struct clock *clock,
	       const struct sensor_options *options, const struct sensor_driver *driver,
	       struct text *error) MUST_CHECK;

/* Says "offline" where it can, and stops; the memory goes when the loop has turned. */
void sensor_free(struct sensor *sensor);

/* A fault on command: measures and sends nothing while `is_silent`. */
void sensor_set_silent(struct sensor *sensor, bool is_silent);

struct sensor_counters {
	uint64_t sent;      /* readings handed to the broker connection, or served */
	uint64_t confirmed; /* of those, acknowledged by the broker (MQTT) */
	uint64_t skipped;   /* intervals without a measurement */
	uint64_t refused;   /* settings that were not understood, or retained */
};

struct sensor_counters sensor_counters(const struct sensor *sensor);
int64_t sensor_interval_ms(const struct sensor *sensor);
uint16_t sensor_coap_port(const struct sensor *sensor);
