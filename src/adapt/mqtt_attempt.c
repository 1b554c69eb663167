/*
 * Connecting blocks, in name service and in the handshake, for as long as the
 * network likes: minutes where packets vanish. So each attempt has a detached
 * thread of its own that nobody has to wait for, neither the loop nor the end
 * of the program (libuv's pool joins its threads at exit).
 *
 * The client belongs to the thread until the loop takes it back; `lock` decides
 * who frees what when the loop lets go at the same moment.
 */
#include "adapt/mqtt_attempt.h"

#include <errno.h>
#include <mqtt_protocol.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define ATTEMPT_STACK (256 * 1024)

struct mqtt_attempt {
	pthread_mutex_t lock;
	bool is_over, is_abandoned;
	int result;
	uv_async_t *wake;
	struct mosquitto *client;
	char host[MQTT_TEXT_MAX];
	uint16_t port, keepalive_s, receive_max;
	uint32_t session_expiry_s;
};

static int attempt_properties(mosquitto_property **list, const struct mqtt_attempt *attempt)
{
	/* Only here: 2.0.11 does not send what MOSQ_OPT_RECEIVE_MAXIMUM sets. */
	int result =
	    mosquitto_property_add_int32(list, MQTT_PROP_MAXIMUM_PACKET_SIZE, MQTT_PACKET_MAX);

	if (result == MOSQ_ERR_SUCCESS && attempt->receive_max > 0)
		result = mosquitto_property_add_int16(list, MQTT_PROP_RECEIVE_MAXIMUM,
						      attempt->receive_max);
	if (result == MOSQ_ERR_SUCCESS && attempt->session_expiry_s > 0)
		result = mosquitto_property_add_int32(list, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
						      attempt->session_expiry_s);
	return result;
}

static int attempt_connect(const struct mqtt_attempt *attempt)
{
	mosquitto_property *list = NULL;
	int result = attempt_properties(&list, attempt);

	if (result == MOSQ_ERR_SUCCESS)
		result = mosquitto_connect_bind_v5(attempt->client, attempt->host, attempt->port,
						   attempt->keepalive_s, NULL, list);
	if (result == MOSQ_ERR_ERRNO)
		result = -errno;
	mosquitto_property_free_all(&list);
	return result;
}

static void attempt_free(struct mqtt_attempt *attempt)
{
	pthread_mutex_destroy(&attempt->lock);
	free(attempt);
}

static void *attempt_run(void *argument)
{
	struct mqtt_attempt *attempt = argument;
	int result = attempt_connect(attempt);
	bool is_abandoned;

	pthread_mutex_lock(&attempt->lock);
	attempt->result = result;
	attempt->is_over = true;
	is_abandoned = attempt->is_abandoned;
	if (!is_abandoned)
		uv_async_send(attempt->wake);
	pthread_mutex_unlock(&attempt->lock);
	if (is_abandoned) {
		mosquitto_destroy(attempt->client);
		attempt_free(attempt);
	}
	return NULL;
}

/* Signals are the loop's affair: the thread is born with all of them blocked. */
static int attempt_spawn(struct mqtt_attempt *attempt)
{
	pthread_attr_t attributes;
	pthread_t thread;
	sigset_t all, before;
	int error = pthread_attr_init(&attributes);

	if (error != 0)
		return -error;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, ATTEMPT_STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, attempt_run, attempt);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return -error;
}

int mqtt_attempt_new(struct mqtt_attempt **out, struct mosquitto *client,
		     const struct mqtt_link_options *options, uv_async_t *wake)
{
	struct mqtt_attempt *attempt = calloc(1, sizeof(*attempt));
	int error;

	if (attempt == NULL)
		return -ENOMEM;
	pthread_mutex_init(&attempt->lock, NULL);
	attempt->client = client;
	attempt->wake = wake;
	memcpy(attempt->host, options->host, sizeof(attempt->host));
	attempt->port = options->port;
	attempt->keepalive_s = options->keepalive_s;
	attempt->receive_max = options->receive_max;
	attempt->session_expiry_s = options->keeps_session ? options->session_expiry_s : 0;
	error = attempt_spawn(attempt);
	if (error != 0) {
		attempt_free(attempt);
		return error;
	}
	*out = attempt;
	return 0;
}

bool mqtt_attempt_take(struct mqtt_attempt *attempt, int *result)
{
	bool is_over;

	pthread_mutex_lock(&attempt->lock);
	is_over = attempt->is_over;
	*result = attempt->result;
	pthread_mutex_unlock(&attempt->lock);
	if (is_over)
		attempt_free(attempt);
	return is_over;
}

void mqtt_attempt_abandon(struct mqtt_attempt *attempt)
{
	bool is_over;

	pthread_mutex_lock(&attempt->lock);
	is_over = attempt->is_over;
	attempt->is_abandoned = true;
	pthread_mutex_unlock(&attempt->lock);
	if (is_over) {
		mosquitto_destroy(attempt->client);
		attempt_free(attempt);
	}
}
