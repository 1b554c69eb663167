/* The library's call that connects, which blocks: the job of a link's attempt. */
#include <errno.h>
#include <mqtt_protocol.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/mqtt_link_parts.h"

static int call_run(void *job)
{
	const struct mqtt_link_call *call = job;
	const struct mqtt_link_options *options = &call->options;
	mosquitto_property *list = NULL;
	int result =
	    mosquitto_property_add_int32(&list, MQTT_PROP_MAXIMUM_PACKET_SIZE, MQTT_PACKET_MAX);

	if (result == MOSQ_ERR_SUCCESS)
		result = mosquitto_connect_bind_v5(call->client, options->host, options->port,
						   options->keepalive_s, NULL, list);
	if (result == MOSQ_ERR_ERRNO)
		result = -errno;
	mosquitto_property_free_all(&list);
	return result;
}

static void call_discard(void *job)
{
	struct mqtt_link_call *call = job;

	mosquitto_destroy(call->client);
	free(call);
}

int mqtt_link_call(struct mqtt_link *link)
{
	static const struct mqtt_attempt_work work = {call_run, call_discard};
	struct mqtt_link_call *call = calloc(1, sizeof(*call));
	int error;

	if (call == NULL)
		return -ENOMEM;
	call->client = link->client;
	call->options = link->options;
	explicit_bzero(call->options.password, sizeof(call->options.password));
	error = mqtt_attempt_new(&link->attempt, &work, call, &link->attempt_over);
	if (error != 0)
		free(call);
	else
		link->call = call;
	return error;
}
