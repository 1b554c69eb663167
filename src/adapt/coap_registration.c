/*
 * POST /registration: a node says its name and where it serves. It is taken from
 * the nodes that the configuration allows, or from any while pairing is open; an
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
	if (!coap_admits(hub->config, &registration.node)) {
		hub->counters.registrations_refused++;
		coap_pdu_set_code(response, COAP_RESPONSE_CODE_FORBIDDEN);
		return;
	}
	hub->counters.registrations++;
	coap_pdu_set_code(response, COAP_RESPONSE_CODE_CREATED);
	if (handlers->on_registered)
		handlers->on_registered(handlers->user, &registration.node, registration.type, uri);
}

static bool write_uri(char out[REGISTRATION_URI_MAX], const coap_session_t *session,
		      const struct registration *registration)
{
	const coap_address_t *from = coap_session_get_addr_remote(session);
	const char *path = registration->type == NODE_RELAY ? "relay" : "battery";
	unsigned int port = registration->port ? registration->port : coap_address_get_port(from);
	char host[INET6_ADDRSTRLEN];

	if (from->addr.sa.sa_family == AF_INET6) {
		if (!inet_ntop(AF_INET6, &from->addr.sin6.sin6_addr, host, sizeof(host)))
			return false;
		snprintf(out, REGISTRATION_URI_MAX, "coap://[%s]:%u/%s", host, port, path);
	} else {
		if (!inet_ntop(AF_INET, &from->addr.sin.sin_addr, host, sizeof(host)))
			return false;
		snprintf(out, REGISTRATION_URI_MAX, "coap://%s:%u/%s", host, port, path);
	}
	return true;
}
