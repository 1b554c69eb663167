/*
 * The loop of the reference programs, see bare_subscriber.h. What they do with
 * a message is theirs. Acknowledgements wait for on_dry(), in the order that
 * docs/design.md asks of amphorad, since a reference that may lose readings is none.
 */
#include "bare_subscriber.h"

#include <errno.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

static void on_message(struct mosquitto *client, void *user,
		       const struct mosquitto_message *message)
{
	struct bare_subscriber *subscriber = user;

	(void)client;
	subscriber->messages++;
	subscriber->fresh++;
	subscriber->events.on_message(subscriber->events.user, message);
}

static void on_subscribed(struct mosquitto *client, void *user, int id, int count,
			  const int *granted)
{
	struct bare_subscriber *subscriber = user;

	(void)client, (void)id, (void)count, (void)granted;
	subscriber->is_subscribed = true;
}

static int connect_and_subscribe(struct bare_subscriber *subscriber, uint16_t port, int qos)
{
	struct mosquitto *client = subscriber->client;
	mosquitto_property *properties = NULL;
	int result;

	mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
	mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
	mosquitto_threaded_set(client, true); /* keeps acknowledgements until loop_write */
	mosquitto_message_callback_set(client, on_message);
	mosquitto_subscribe_callback_set(client, on_subscribed);
	mosquitto_property_add_int16(&properties, MQTT_PROP_RECEIVE_MAXIMUM, BARE_RECEIVE_MAX);
	result = mosquitto_connect_bind_v5(client, "127.0.0.1", port, 60, NULL, properties);
	mosquitto_property_free_all(&properties);
	if (result == MOSQ_ERR_SUCCESS)
		result = mosquitto_loop_write(client, 1);
	if (result == MOSQ_ERR_SUCCESS)
		result = mosquitto_subscribe(client, NULL, BARE_TOPIC, qos);
	if (result == MOSQ_ERR_SUCCESS)
		result = mosquitto_loop_write(client, 1);
	if (result != MOSQ_ERR_SUCCESS)
		return -ECONNREFUSED;
	for (result = 0; result >= 0 && !subscriber->is_subscribed;)
		result = bare_subscriber_turn(subscriber, -1);
	return result < 0 ? result : 0;
}

int bare_subscriber_open(struct bare_subscriber *subscriber, uint16_t port, const char *client_id,
			 int qos, const struct bare_events *events)
{
	int result;

	*subscriber = (struct bare_subscriber){
	    .events = *events, .batch_max = BARE_RECEIVE_MAX, .wait_ms = BARE_WAIT_MS};
	mosquitto_lib_init();
	subscriber->client = mosquitto_new(client_id, true, subscriber);
	if (subscriber->client == NULL)
		return -ENOMEM;
	result = connect_and_subscribe(subscriber, port, qos);
	if (result < 0)
		bare_subscriber_close(subscriber);
	return result;
}

void bare_subscriber_close(struct bare_subscriber *subscriber)
{
	mosquitto_disconnect(subscriber->client);
	mosquitto_destroy(subscriber->client);
	mosquitto_lib_cleanup();
}

/* Reads until input ran dry or a batch is full; returns whether the connection stands. */
static bool read_all(struct bare_subscriber *subscriber)
{
	bool is_dry = false;

	while (!is_dry && subscriber->fresh < subscriber->batch_max) {
		uint64_t before = subscriber->messages;

		errno = 0;
		if (mosquitto_loop_read(subscriber->client, 1) != MOSQ_ERR_SUCCESS)
			return false;
		is_dry = subscriber->messages == before && errno == EAGAIN;
	}
	if (subscriber->fresh > 0 && subscriber->events.on_dry != NULL)
		subscriber->events.on_dry(subscriber->events.user);
	subscriber->fresh = 0;
	return true;
}

int bare_subscriber_turn(struct bare_subscriber *subscriber, int other_fd)
{
	struct pollfd wait[] = {
	    {.fd = mosquitto_socket(subscriber->client), .events = POLLIN},
	    {.fd = other_fd, .events = POLLIN},
	};

	if (poll(wait, 2, subscriber->wait_ms) < 0)
		return errno == EINTR ? 0 : -errno;
	if (wait[0].revents != 0 && !read_all(subscriber))
		return -ECONNRESET;
	if (!subscriber->is_holding && mosquitto_want_write(subscriber->client) &&
	    mosquitto_loop_write(subscriber->client, 1) != MOSQ_ERR_SUCCESS)
		return -ECONNRESET;
	if (mosquitto_loop_misc(subscriber->client) != MOSQ_ERR_SUCCESS)
		return -ECONNRESET;
	return wait[1].revents != 0;
}

static volatile sig_atomic_t is_stopped;

static void on_signal(int number)
{
	(void)number;
	is_stopped = 1;
}

void bare_catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
}

bool bare_is_stopped(void)
{
	return is_stopped;
}
