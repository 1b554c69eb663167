/*
 * libmosquitto's own texts name its functions' troubles, not the user's. What
 * is met in the field has a sentence here; the rest keeps the library's.
 */
#include "adapt/mqtt_words.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <string.h>

/* 2.0.11 answers a wrong password with the one, others with the other. */
static bool is_about_credentials(int reason)
{
	return reason == MQTT_RC_NOT_AUTHORIZED || reason == MQTT_RC_BAD_USERNAME_OR_PASSWORD;
}

static void add_credentials(struct text *out, const struct mqtt_link_options *options)
{
	if (options->user[0] == '\0')
		text_add(out, "the broker wants a user and a password, and none is configured");
	else if (options->password_file[0] == '\0' && options->has_password)
		text_add(out, "the broker refuses user %s: check the name and the password",
			 options->user);
	else if (options->password_file[0] == '\0')
		text_add(out, "the broker refuses user %s, who is sent without a password",
			 options->user);
	else
		text_add(out, "the broker refuses user %s: check the name and the password in %s",
			 options->user, options->password_file);
}

void mqtt_words_refusal(struct text *out, int reason, const struct mqtt_link_options *options)
{
	if (is_about_credentials(reason))
		add_credentials(out, options);
	else if (reason == MQTT_RC_CLIENTID_NOT_VALID)
		text_add(out, "the broker refuses the client id %s", options->client_id);
	else if (reason == MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION)
		text_add(out, "the broker does not speak MQTT 5, which is needed");
	else if (reason == MQTT_RC_SERVER_UNAVAILABLE || reason == MQTT_RC_SERVER_BUSY)
		text_add(out, "the broker is not ready yet");
	else
		text_add(out, "the broker refuses us: %s", mosquitto_reason_string(reason));
}

void mqtt_words_goodbye(struct text *out, int reason, const struct mqtt_link_options *options)
{
	if (is_about_credentials(reason))
		add_credentials(out, options);
	else if (reason == MQTT_RC_SERVER_SHUTTING_DOWN)
		text_add(out, "the broker is shutting down");
	else if (reason == MQTT_RC_SESSION_TAKEN_OVER)
		text_add(out, "client id %s taken over by another client", options->client_id);
	else if (reason == MQTT_RC_KEEP_ALIVE_TIMEOUT)
		text_add(out, "the broker heard nothing from us for too long");
	else
		text_add(out, "the broker ended the connection: %s",
			 mosquitto_reason_string(reason));
}

void mqtt_words_failure(struct text *out, int result, const struct mqtt_link_options *options)
{
	switch (result) {
	case -ECONNREFUSED:
		text_add(out, "nobody listens on %s port %u: see whether the broker runs",
			 options->host, options->port);
		break;
	case -ETIMEDOUT:
	case -EHOSTUNREACH:
	case -ENETUNREACH:
		text_add(out, "%s is out of reach (%s): check the network and the address",
			 options->host, strerror(-result));
		break;
	case MOSQ_ERR_EAI:
		text_add(out, "nobody knows a host named %s: check the name and the name service",
			 options->host);
		break;
	case -ECONNRESET:
	case -EPIPE:
	case MOSQ_ERR_CONN_LOST:
	case MOSQ_ERR_NO_CONN:
		text_add(out, "the broker closed the connection");
		break;
	case MOSQ_ERR_KEEPALIVE:
		text_add(out, "the broker does not answer any more");
		break;
	case MOSQ_ERR_PROTOCOL:
	case MOSQ_ERR_MALFORMED_PACKET:
		text_add(out, "what answers on %s port %u does not speak MQTT 5", options->host,
			 options->port);
		break;
	default:
		text_add(out, "%s port %u: %s", options->host, options->port,
			 result < 0 ? strerror(-result) : mosquitto_strerror(result));
		break;
	}
}
