/*
 * POST /registration, and where nodes of other makes expect it: a node says its name and where it
 * serves. It is taken from
 * the nodes that the configuration allows, or from any while pairing is open; who has
 * a key in the configuration must prove it, so that no one can take its name. An
 * address is only ever the sender's own, so that no one can register another
 * machine. What the registration is good for is the owner's to say.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>

#include "adapt/coap_hub_parts.h"
#include "wire/course_registration.h"

#define REGISTRATION_URI_MAX 96

static void on_post(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		    const coap_string_t *query, coap_pdu_t *response);
static int register_own(struct coap_hub *hub, const coap_session_t *session,
			const struct registration *registration);
static int register_stranger(struct coap_hub *hub, const coap_session_t *session, const char *path,
			     const uint8_t *payload, size_t length);
static const struct shared_key *key_of(const struct coap_hub *hub,
				       const struct registration *registration);
static bool may_register(const struct coap_hub *hub, const coap_session_t *session,
			 const struct registration *registration);
static bool has_key(const struct coap_hub *hub, const struct ident *name);
static bool write_host(char out[INET6_ADDRSTRLEN], const coap_session_t *session);
static bool write_uri(char out[REGISTRATION_URI_MAX], const coap_session_t *session,
		      unsigned int port, const char *path);

static int add_resource(struct coap_hub *hub, const char *path)
{
	coap_resource_t *resource = coap_resource_init(coap_make_str_const(path), 0);

	if (!resource)
		return -ENOMEM;
	coap_resource_set_userdata(resource, hub);
	coap_register_handler(resource, COAP_REQUEST_POST, on_post);
	coap_add_resource(hub->coap.context, resource);
	return 0;
}

int hub_add_registration(struct coap_hub *hub)
{
	int result = 0;

	for (size_t i = 0; course_registration_paths[i] != NULL && result == 0; i++)
		result = add_resource(hub, course_registration_paths[i]);
	coap_context_set_max_idle_sessions(hub->coap.context, RELAYS_MAX);
	return result;
}

static void on_post(coap_resource_t *resource, coap_session_t *session, const coap_pdu_t *request,
		    const coap_string_t *query, coap_pdu_t *response)
{
	struct coap_hub *hub = coap_resource_get_userdata(resource);
	const char *path = (const char *)coap_resource_get_uri_path(resource)->s;
	struct registration registration;
	const uint8_t *payload;
	size_t length;
	int code;

	(void)query;
	if (!coap_get_data(request, &length, &payload))
		length = 0;
	if (registration_parse(&registration, payload, length, NULL) == REFUSAL_NONE)
		code = register_own(hub, session, &registration);
	else
		code = register_stranger(hub, session, path, payload, length);
	if (code == COAP_RESPONSE_CODE_CREATED)
		hub->counters.registrations++;
	else
		hub->counters.registrations_refused++;
	coap_pdu_set_code(response, (coap_pdu_code_t)code);
}

/* Returns the code to answer. */
static int register_own(struct coap_hub *hub, const coap_session_t *session,
			const struct registration *registration)
{
	const struct coap_hub_handlers *handlers = &hub->handlers;
	const char *path = registration->type == NODE_RELAY ? "/relay" : "/battery";
	char uri[REGISTRATION_URI_MAX];

	if (!write_uri(uri, session, registration->port, path))
		return COAP_RESPONSE_CODE_BAD_REQUEST;
	if (!may_register(hub, session, registration)) {
		if (coap_session_get_proto(session) != COAP_PROTO_DTLS &&
		    !key_of(hub, registration) && handlers->on_refused)
			handlers->on_refused(handlers->user, &registration->node,
					     registration->type, uri);
		return COAP_RESPONSE_CODE_FORBIDDEN;
	}
	if (handlers->on_registered)
		handlers->on_registered(handlers->user, &registration->node, registration->type,
					uri);
	return COAP_RESPONSE_CODE_CREATED;
}

/* A node of another make, which says of itself what it likes: wire/course_registration.h. */
static int register_stranger(struct coap_hub *hub, const coap_session_t *session, const char *path,
			     const uint8_t *payload, size_t length)
{
	static const coap_pdu_code_t codes[] = {
	    [COURSE_CREATED] = COAP_RESPONSE_CODE_CREATED,
	    [COURSE_BAD_REQUEST] = COAP_RESPONSE_CODE_BAD_REQUEST,
	    [COURSE_FORBIDDEN] = COAP_RESPONSE_CODE_FORBIDDEN,
	    [COURSE_NOT_FOUND] = COAP_RESPONSE_CODE_NOT_FOUND,
	};
	const struct course_admission admission = {.pairing_is_open = hub->config->pairing_is_open,
						   .allowed_count = hub->config->allowed_count,
						   .allowed = hub->config->allowed};
	const struct coap_hub_handlers *handlers = &hub->handlers;
	char address[INET6_ADDRSTRLEN], uri[REGISTRATION_URI_MAX];
	enum refusal why = REFUSAL_NONE;
	enum course_answer answer;
	struct ident name;

	if (!write_host(address, session) || !write_uri(uri, session, 0, ""))
		return COAP_RESPONSE_CODE_BAD_REQUEST;
	answer = course_registration_judge(&name, &why, &admission, path, address, payload, length);
	if (answer != COURSE_CREATED)
		return codes[answer];
	if (has_key(hub, &name) || !handlers->on_stranger ||
	    !handlers->on_stranger(handlers->user, &name, address, uri))
		return COAP_RESPONSE_CODE_FORBIDDEN;
	return COAP_RESPONSE_CODE_CREATED;
}

/* Who has a key registers with it, under a type. */
static bool has_key(const struct coap_hub *hub, const struct ident *name)
{
	const struct registration relay = {.node = *name, .type = NODE_RELAY};
	const struct registration sensor = {.node = *name, .type = NODE_SENSOR};

	return name->text[0] != '\0' && (key_of(hub, &relay) || key_of(hub, &sensor));
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

static bool write_host(char out[INET6_ADDRSTRLEN], const coap_session_t *session)
{
	const coap_address_t *from = coap_session_get_addr_remote(session);

	if (from->addr.sa.sa_family == AF_INET6)
		return inet_ntop(AF_INET6, &from->addr.sin6.sin6_addr, out, INET6_ADDRSTRLEN);
	return inet_ntop(AF_INET, &from->addr.sin.sin_addr, out, INET6_ADDRSTRLEN);
}

/* `port` 0 is the one that the message came from. */
static bool write_uri(char out[REGISTRATION_URI_MAX], const coap_session_t *session,
		      unsigned int port, const char *path)
{
	const char *scheme = coap_session_get_proto(session) == COAP_PROTO_DTLS ? "coaps" : "coap";
	const coap_address_t *from = coap_session_get_addr_remote(session);
	bool is_v6 = from->addr.sa.sa_family == AF_INET6;
	char host[INET6_ADDRSTRLEN];

	if (!write_host(host, session))
		return false;
	snprintf(out, REGISTRATION_URI_MAX, "%s://%s%s%s:%u%s", scheme, is_v6 ? "[" : "", host,
		 is_v6 ? "]" : "", port ? port : coap_address_get_port(from), path);
	return true;
}
