/*
 * A sensor that is asked: GET /battery, observable, gives the last reading and says
 * with Max-Age how long it holds; PUT {"interval":N} sets how often it measures.
 */
#include <errno.h>
#include <string.h>

#include "node/sensor_parts.h"
#include "wire/link_format.h"

static void on_get(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		   const coap_string_t *query, coap_pdu_t *response);
static void on_put(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		   const coap_string_t *query, coap_pdu_t *response);
static void add_number(coap_pdu_t *response, coap_option_num_t option, uint32_t number);
static uint32_t max_age_s(const struct sensor *sensor);

int sensor_coap_open(struct sensor *sensor, const struct sensor_options *options,
		     struct text *error)
{
	int port = coap_loop_open(&sensor->coap, sensor->loop, NULL, sensor);
	coap_resource_t *resource;

	if (port == 0)
		port = coap_loop_listen_node(&sensor->coap, options->coap_address,
					     options->coap_port, &sensor->key);
	if (port < 0) {
		text_add(error, "cannot listen on %s port %u: %s", options->coap_address,
			 options->coap_port, strerror(-port));
		return port;
	}
	sensor->port = (uint16_t)port;
	resource =
	    coap_resource_init(coap_make_str_const("battery"), COAP_RESOURCE_FLAGS_NOTIFY_CON);
	if (!resource)
		return -ENOMEM;
	coap_resource_set_userdata(resource, sensor);
	coap_resource_set_get_observable(resource, 1);
	coap_register_handler(resource, COAP_REQUEST_GET, on_get);
	coap_register_handler(resource, COAP_REQUEST_PUT, on_put);
	coap_add_attr(resource, coap_make_str_const("rt"),
		      coap_make_str_const("\"" LINK_TYPE_BATTERY "\""), 0);
	coap_add_resource(sensor->coap.context, resource);
	sensor->resource = resource;
	return 0;
}

void sensor_coap_notify(struct sensor *sensor)
{
	coap_resource_notify_observers(sensor->resource, NULL);
}

static void on_get(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		   const coap_string_t *query, coap_pdu_t *response)
{
	struct sensor *sensor = coap_resource_get_userdata(resource);

	(void)session;
	(void)request;
	(void)query;
	if (sensor->is_silent || sensor->message_length == 0) {
		coap_pdu_set_code(response, COAP_RESPONSE_CODE_SERVICE_UNAVAILABLE);
		return;
	}
	coap_pdu_set_code(response, COAP_RESPONSE_CODE_CONTENT);
	add_number(response, COAP_OPTION_CONTENT_FORMAT, COAP_MEDIATYPE_APPLICATION_JSON);
	add_number(response, COAP_OPTION_MAXAGE, max_age_s(sensor));
	coap_add_data(response, sensor->message_length, (const uint8_t *)sensor->message);
}

static void on_put(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		   const coap_string_t *query, coap_pdu_t *response)
{
	struct sensor *sensor = coap_resource_get_userdata(resource);
	const uint8_t *payload = NULL;
	size_t length = 0;

	(void)session;
	(void)query;
	if (!coap_get_data(request, &length, &payload))
		length = 0;
	coap_pdu_set_code(response, sensor_take_setting(sensor, payload, length)
					? COAP_RESPONSE_CODE_CHANGED
					: COAP_RESPONSE_CODE_BAD_REQUEST);
}

static void add_number(coap_pdu_t *response, coap_option_num_t option, uint32_t number)
{
	uint8_t bytes[4];

	coap_add_option(response, option, coap_encode_var_safe(bytes, sizeof(bytes), number),
			bytes);
}

/* Caches live in the real world, so it is real seconds, rounded up. */
static uint32_t max_age_s(const struct sensor *sensor)
{
	return (uint32_t)((clock_real_ms(sensor->clock, sensor->interval_ms) + MS_PER_SECOND - 1) /
			  MS_PER_SECOND);
}
