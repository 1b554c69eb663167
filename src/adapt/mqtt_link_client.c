/*
 * The library's client of a connection: how it is set up, and what it tells us.
 */
#include <errno.h>
#include <string.h>

#include "adapt/mqtt_link_parts.h"

#define MQTT_V5 5
#define REASON_CODE_FAILED 0x80 /* and above, in CONNACK and SUBACK */

/* --- what the library tells us -------------------------------------------- */

static void link_on_connect(struct mosquitto *client, void *object, int reason, int flags,
			    const mosquitto_property *properties)
{
	struct mqtt_link *link = object;

	(void)client;
	(void)properties;
	if (reason != 0) {
		mqtt_ending_refused(&link->ending, reason, &link->options);
		return;
	}
	mqtt_link_enter(link, LINK_UP);
	if (link->events.on_up != NULL)
		link->events.on_up(link->events.user, (flags & 1) != 0);
}

static void link_on_disconnect(struct mosquitto *client, void *object, int reason,
			       const mosquitto_property *properties)
{
	struct mqtt_link *link = object;

	(void)client;
	(void)properties;
	/* A refused CONNECT ends here too, with the library's own code: what was said counts. */
	if (reason >= REASON_CODE_FAILED)
		mqtt_ending_goodbye(&link->ending, reason, &link->options);
}

static void link_on_subscribe(struct mosquitto *client, void *object, int id, int count,
			      const int *granted, const mosquitto_property *properties)
{
	struct mqtt_link *link = object;
	bool is_granted = true;

	(void)client;
	(void)id;
	(void)properties;
	for (int i = 0; i < count; i++)
		is_granted = is_granted && granted[i] < REASON_CODE_FAILED;
	if (link->events.on_subscribed != NULL)
		link->events.on_subscribed(link->events.user, is_granted);
}

static void link_on_acknowledged(struct mosquitto *client, void *object, int id, int reason,
				 const mosquitto_property *properties)
{
	struct mqtt_link *link = object;

	(void)client;
	(void)properties;
	if (reason < REASON_CODE_FAILED && link->events.on_acknowledged != NULL)
		link->events.on_acknowledged(link->events.user);
	if (link->events.on_answered != NULL)
		link->events.on_answered(link->events.user, id, reason < REASON_CODE_FAILED,
					 mosquitto_reason_string(reason));
}

static void link_on_message(struct mosquitto *client, void *object,
			    const struct mosquitto_message *from,
			    const mosquitto_property *properties)
{
	struct mqtt_link *link = object;
	size_t length = from->payloadlen > 0 ? (size_t)from->payloadlen : 0;
	struct mqtt_message message = {
	    .topic = from->topic,
	    .payload = from->payload,
	    .length = length,
	    .id = (uint16_t)(from->qos > 0 ? from->mid : 0),
	    .qos = from->qos,
	    .is_retained = from->retain,
	    .payload_hash =
		hash_bytes(from->payload, length < MQTT_PAYLOAD_MAX ? length : MQTT_PAYLOAD_MAX),
	};

	(void)client;
	(void)properties;
	if (link->events.on_message != NULL)
		link->events.on_message(link->events.user, &message);
}

/* --- setting it up -------------------------------------------------------- */

static int link_configure(struct mqtt_link *link)
{
	const struct mqtt_link_options *options = &link->options;
	const struct mqtt_will *will = &options->will;
	struct mosquitto *client = link->client;
	int result = mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_V5);

	if (link->tls != NULL && mqtt_tls_use(link->tls, client) != 0)
		return -EINVAL;
	mosquitto_threaded_set(client, true);
	mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
	if (result == MOSQ_ERR_SUCCESS && options->user[0] != '\0')
		result = mosquitto_username_pw_set(client, options->user, options->password);
	if (result == MOSQ_ERR_SUCCESS && will->topic[0] != '\0')
		result = mosquitto_will_set_v5(client, will->topic, (int)strlen(will->payload),
					       will->payload, will->qos, will->is_retained, NULL);
	mosquitto_connect_v5_callback_set(client, link_on_connect);
	mosquitto_disconnect_v5_callback_set(client, link_on_disconnect);
	mosquitto_subscribe_v5_callback_set(client, link_on_subscribe);
	mosquitto_message_v5_callback_set(client, link_on_message);
	mosquitto_publish_v5_callback_set(client, link_on_acknowledged);
	return result == MOSQ_ERR_SUCCESS ? 0 : -EINVAL;
}

int mqtt_link_make_client(struct mqtt_link *link)
{
	const struct mqtt_link_options *options = &link->options;
	char words[MQTT_REASON_MAX];
	struct text text = text_in(words, sizeof(words));
	int error = 0;

	if (options->tls.is_required)
		error = mqtt_tls_new(&link->tls, &options->tls, options->host, &text);
	if (error != 0)
		return error;
	link->client = mosquitto_new(options->client_id, true, link);
	return link->client == NULL ? -ENOMEM : link_configure(link);
}
