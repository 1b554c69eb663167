/*
 * The hub: one CoAP context for all relays, sensors and registrations, in one
 * loop. It owns their memory and hands what libcoap says to the peer concerned.
 * What is asked and reported is coap_relay.c's, coap_sensor.c's,
 * coap_registration.c's and coap_discovery.c's; how, coap_peer.c's.
 */
#include "adapt/coap_hub.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/coap_hub_parts.h"

static coap_response_t on_response(coap_session_t *session, const coap_pdu_t *sent,
				   const coap_pdu_t *received, coap_mid_t mid);
static void on_nack(coap_session_t *session, const coap_pdu_t *sent, coap_nack_reason_t reason,
		    coap_mid_t mid);
static int on_event(coap_session_t *session, coap_event_t event);
static const struct shared_key *find_key(void *user, const uint8_t *identity, size_t length);
static void on_coap_closed(void *user);

int coap_hub_new(struct coap_hub **out, uv_loop_t *loop, const struct coap_hub_handlers *handlers)
{
	struct coap_hub *hub = calloc(1, sizeof(*hub));
	int result;

	if (!hub)
		return -ENOMEM;
	hub->loop = loop;
	hub->handlers = *handlers;
	hub->readback_ms = COAP_READBACK_MS;
	hub->clock_factor = 1;
	result = coap_loop_open(&hub->coap, loop, NULL, hub);
	if (result < 0) {
		free(hub);
		return result;
	}
	hub_hold(hub);
	coap_register_response_handler(hub->coap.context, on_response);
	coap_register_nack_handler(hub->coap.context, on_nack);
	coap_register_event_handler(hub->coap.context, on_event);
	*out = hub;
	return 0;
}

void coap_hub_free(struct coap_hub *hub)
{
	if (!hub)
		return;
	for (size_t i = 0; i < RELAYS_MAX; i++)
		peer_close(&hub->relays[i].peer);
	for (size_t i = 0; i < COAP_SENSORS_MAX; i++)
		peer_close(&hub->sensors[i]);
	for (size_t i = 0; i < hub->part_count; i++)
		peer_close(&hub->parts[i].peer);
	peer_close(&hub->discovery);
	explicit_bzero(hub->relay_keys, sizeof(hub->relay_keys));
	explicit_bzero(hub->sensor_keys, sizeof(hub->sensor_keys));
	coap_loop_close(&hub->coap, on_coap_closed);
}

void coap_hub_set_clock_factor(struct coap_hub *hub, int factor)
{
	hub->clock_factor = (uint64_t)factor;
}

int coap_hub_set_relay_key(struct coap_hub *hub, size_t index, const struct ident *node,
			   const struct shared_key *key)
{
	if (index >= RELAYS_MAX)
		return -EINVAL;
	hub->relay_keys[index] = (struct hub_key){.node = *node, .key = *key};
	return 0;
}

int coap_hub_set_sensor_key(struct coap_hub *hub, size_t index, const struct ident *node,
			    const struct shared_key *key)
{
	if (index >= COAP_SENSORS_MAX)
		return -EINVAL;
	hub->sensor_keys[index] = (struct hub_key){.node = *node, .key = *key};
	return 0;
}

int coap_hub_listen(struct coap_hub *hub, const struct coap_config *config)
{
	const struct listen_config *open = &config->listen, *secure = &config->listen_secure;
	int port = 0, result = 0;

	if (open->address[0] != '\0')
		port = coap_loop_listen(&hub->coap, open->address, open->port);
	if (port >= 0 && secure->address[0] != '\0')
		result = coap_loop_listen_secure(&hub->coap, secure->address, secure->port,
						 find_key, hub);
	if (port < 0 || result < 0)
		return port < 0 ? port : result;
	port = port > 0 ? port : result;
	hub->config = config;
	result = hub_add_registration(hub);
	return result < 0 ? result : port;
}

/* The key that a node which wants to register must have. */
static const struct shared_key *find_key(void *user, const uint8_t *identity, size_t length)
{
	struct coap_hub *hub = user;

	for (size_t i = 0; i < RELAYS_MAX; i++) {
		if (shared_key_is_of(&hub->relay_keys[i].key, identity, length))
			return &hub->relay_keys[i].key;
	}
	for (size_t i = 0; i < COAP_SENSORS_MAX; i++) {
		if (shared_key_is_of(&hub->sensor_keys[i].key, identity, length))
			return &hub->sensor_keys[i].key;
	}
	hub->counters.registrations_refused++;
	return NULL;
}

struct coap_hub_counters coap_hub_counters(const struct coap_hub *hub)
{
	return hub->counters;
}

void hub_hold(struct coap_hub *hub)
{
	hub->open_handles++;
}

void hub_release(struct coap_hub *hub)
{
	if (--hub->open_handles == 0)
		free(hub);
}

static coap_response_t on_response(coap_session_t *session, const coap_pdu_t *sent,
				   const coap_pdu_t *received, coap_mid_t mid)
{
	struct coap_peer *peer = coap_session_get_app_data(session);

	(void)sent;
	(void)mid;
	return peer ? peer_on_response(peer, received) : COAP_RESPONSE_FAIL;
}

static void on_nack(coap_session_t *session, const coap_pdu_t *sent, coap_nack_reason_t reason,
		    coap_mid_t mid)
{
	struct coap_peer *peer = coap_session_get_app_data(session);

	(void)mid;
	if (peer && sent)
		peer_on_nack(peer, sent, reason);
}

static int on_event(coap_session_t *session, coap_event_t event)
{
	struct coap_peer *peer = coap_session_get_app_data(session);

	if (peer)
		peer_on_event(peer, event);
	return 0;
}

static void on_coap_closed(void *user)
{
	hub_release(user);
}
