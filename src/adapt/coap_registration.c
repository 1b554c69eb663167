/*
 * POST /registration: a node says its name and where it serves. It is taken from
 * the nodes that the configuration allows, or from any while pairing is open; who has
 * a key in the configuration must prove it, so that no one can take its name. An
 * address is only ever the sender's own, so that no one can register another
 * machine. What the registration is good for is the owner's to say.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "adapt/coap_hub_parts.h"

#define REGISTRATION_URI_MAX 96

static void on_post(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		    const coap_string_t *query, coap_pdu_t *response);
static const struct shared_key *key_of(const struct coap_hub *hub,
				       const struct registration *registration);
static bool may_register(const struct coap_hub *hub, const coap_session_t *session,
			 const struct registration *registration);
static bool write_uri(char out[REGISTRATION_URI_MAX], const coap_session_t *session,
		      const struct registration *registration);

int hub_add_registration(struct coap_hub *hub)
{
	coap_resource_t *resource = coap_resource_init(coap_make_str_const("registration"), 0);

	if (!resource)
		return -ENOMEM;
	coap_resource_set_userdata(resource, hub);
	coap_register_handler(resource, COAP_REQUEST_POST, on_post);
	coap_add_resource(hub->coap.context, resource);
	coap_context_set_max_idle_sessions(hub->coap.context, RELAYS_MAX);
	return 0;
}

static void on_post(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		    const coap_string_t *query, coap_pdu_t *response)
{
	struct coap_hub *hub = coap_resource_get_userdata(resource);
	const struct coap_hub_handlers *handlers = &hub->handlers;
	struct registration registration;
	char uri[REGISTRATION_URI_MAX];
	const uint8_t *payload;
	size_t length;

	(void)query;
	if (!coap_get_data(request, &length, &payload))
		length = 0;
	if (registration_parse(&registration, payload, length, NULL) != REFUSAL_NONE ||
	    !write_uri(uri, session, &registration)) {
		hub->counters.registrations_refused++;
		coap_pdu_set_code(response, COAP_RESPONSE_CODE_BAD_REQUEST);
		return;
	}
	if (!may_register(hub, session, &registration)) {
		hub->counters.registrations_refused++;
		coap_pdu_set_code(response, COAP_RESPONSE_CODE_FORBIDDEN);
		return;
	}
	hub->counters.registrations++;
	coap_pdu_set_code(response, COAP_RESPONSE_CODE_CREATED);
	if (handlers->on_registered)
		handlers->on_registered(handlers->user, &registration.node, registration.type, uri);
}

/* The key that the configuration has for that node, or NULL. */
static const struct shared_key *key_of(const struct coap_hub *hub,
				       const struct registration *registration)
{
	bool is_relay = registration->type == NODE_RELAY;
	const struct hub_key *keys = is_relay ? hub->relay_keys : hub->sensor_keys;
	size_t count = is_relay ? RELAYS_MAX : COAP_SENSORS_MAX;

	for (size_t i = 0; i < count; i++) {
		if (keys[i].key.length > 0 && ident_equal(&keys[i].node, &registration->node))
			return &keys[i].key;
	}
	return NULL;
}

static bool may_register(const struct coap_hub *hub, const coap_session_t *session,
			 const struct registration *registration)
{
	const struct shared_key *key = key_of(hub, registration);
	const coap_bin_const_t *identity;

	if (coap_session_get_proto(session) != COAP_PROTO_DTLS)
		return !key && coap_admits(hub->config, &registration->node);
	identity = coap_session_get_psk_identity(session);
	return key && identity && shared_key_is_of(key, identity->s, identity->length);
}

static bool write_uri(char out[REGISTRATION_URI_MAX], const coap_session_t *session,
		      const struct registration *registration)
{
	const char *scheme = coap_session_get_proto(session) == COAP_PROTO_DTLS ? "coaps" : "coap";
	const coap_address_t *from = coap_session_get_addr_remote(session);
	const char *path = registration->type == NODE_RELAY ? "relay" : "battery";
	unsigned int port = registration->port ? registration->port : coap_address_get_port(from);
	char host[INET6_ADDRSTRLEN];

	if (from->addr.sa.sa_family == AF_INET6) {
		if (!inet_ntop(AF_INET6, &from->addr.sin6.sin6_addr, host, sizeof(host)))
			return false;
		snprintf(out, REGISTRATION_URI_MAX, "%s://[%s]:%u/%s", scheme, host, port, path);
	} else {
		if (!inet_ntop(AF_INET, &from->addr.sin.sin_addr, host, sizeof(host)))
			return false;
		snprintf(out, REGISTRATION_URI_MAX, "%s://%s:%u/%s", scheme, host, port, path);
	}
	return true;
}
