/*
 * A node's announcement, see announce.h. Whether it is welcome is the collector's
 * to say; a refusal is told once and tried again, since pairing may be opened later.
 */
#include "node/announce.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/coap_loop.h"
#include "adapt/coap_place.h"
#include "base/log.h"

struct announce {
	struct coap_loop coap;
	uv_timer_t timer;
	uv_getaddrinfo_t resolver;
	bool is_resolving, is_closing;
	size_t open_handles;
	struct coap_place place;
	coap_session_t *session;
	struct registration registration;
	struct shared_key key;
	struct dtls_client client;
	coap_pdu_code_t last_code; /* what was told last */
};

static int find_place(struct coap_place *out, const char *uri, bool has_key);
static void on_timer(uv_timer_t *timer);
static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found);
static void post(struct announce *announce);
static bool fill(const struct announce *announce, coap_pdu_t *pdu);
static coap_response_t on_response(coap_session_t *session, const coap_pdu_t *sent,
				   const coap_pdu_t *received, coap_mid_t mid);
static void tell(struct announce *announce, coap_pdu_code_t code);
static void on_timer_closed(uv_handle_t *handle);
static void release(void *user);

int announce_check(const char *uri, bool has_key)
{
	struct coap_place place;

	return find_place(&place, uri, has_key);
}

int announce_new(struct announce **out, uv_loop_t *loop, const char *uri,
		 const struct registration *registration, const struct shared_key *key)
{
	struct announce *announce = calloc(1, sizeof(*announce));
	int result;

	if (!announce)
		return -ENOMEM;
	announce->registration = *registration;
	if (key)
		announce->key = *key;
	result = find_place(&announce->place, uri, announce->key.length > 0);
	if (result == 0)
		result = coap_loop_open(&announce->coap, loop, NULL, announce);
	if (result < 0) {
		free(announce);
		return result;
	}
	coap_register_response_handler(announce->coap.context, on_response);
	uv_timer_init(loop, &announce->timer);
	announce->timer.data = announce;
	announce->open_handles = 2; /* the timer, the CoAP context */
	uv_timer_start(&announce->timer, on_timer, 0, ANNOUNCE_RETRY_MS);
	*out = announce;
	return 0;
}

void announce_free(struct announce *announce)
{
	if (!announce)
		return;
	announce->is_closing = true;
	announce->session = NULL; /* goes with the context */
	if (announce->is_resolving)
		uv_cancel((uv_req_t *)&announce->resolver);
	uv_close((uv_handle_t *)&announce->timer, on_timer_closed);
	coap_loop_close(&announce->coap, release);
}

/* The collector's resource; a URI with a path of its own would name something else. */
static int find_place(struct coap_place *out, const char *uri, bool has_key)
{
	struct coap_place place;

	if (coap_place_parse(&place, uri) < 0 || place.path[0] != '\0' ||
	    place.is_secure != has_key)
		return -EINVAL;
	strcpy(place.path, "registration");
	*out = place;
	return 0;
}

static void on_timer(uv_timer_t *timer)
{
	struct announce *announce = timer->data;
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};

	if (announce->place.is_resolved) {
		post(announce);
		return;
	}
	announce->resolver.data = announce;
	if (announce->is_resolving || uv_getaddrinfo(timer->loop, &announce->resolver, on_resolved,
						     announce->place.host, NULL, &hints) < 0)
		return;
	announce->is_resolving = true;
	announce->open_handles++;
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct announce *announce = request->data;

	announce->is_resolving = false;
	if (status == 0 && !announce->is_closing) {
		coap_place_resolve(&announce->place, found->ai_addr);
		post(announce);
	} else if (!announce->is_closing) {
		log_warning("cannot find the collector %s", announce->place.host);
	}
	uv_freeaddrinfo(found);
	release(announce);
}

/* A secure session is made for each try: the collector may have forgotten the last one. */
static void open_session(struct announce *announce)
{
	coap_context_t *context = announce->coap.context;

	if (announce->place.is_secure) {
		coap_loop_drop(&announce->coap, announce->session);
		announce->session = dtls_connect(context, &announce->place.address, &announce->key,
						 &announce->client);
	} else if (!announce->session) {
		announce->session = coap_new_client_session(context, NULL, &announce->place.address,
							    COAP_PROTO_UDP);
	}
}

/* One datagram a try: our timer is the retransmission. */
static void post(struct announce *announce)
{
	coap_pdu_t *pdu;

	open_session(announce);
	if (!announce->session)
		return;
	coap_session_set_app_data(announce->session, announce);
	pdu = coap_pdu_init(COAP_MESSAGE_NON, COAP_REQUEST_CODE_POST,
			    coap_new_message_id(announce->session),
			    coap_session_max_pdu_size(announce->session));
	if (!pdu)
		return;
	if (fill(announce, pdu))
		coap_send(announce->session, pdu);
	else
		coap_delete_pdu(pdu);
	coap_loop_flush(&announce->coap);
}

static bool fill(const struct announce *announce, coap_pdu_t *pdu)
{
	char message[NODE_MESSAGE_MAX];
	struct text text = text_in(message, sizeof(message));
	uint8_t token[8], format[4];
	size_t length;

	registration_format(&text, &announce->registration);
	coap_session_new_token(announce->session, &length, token);
	return coap_add_token(pdu, length, token) && coap_place_add_path(announce->place.path, pdu) &&
	       coap_add_option(
		   pdu, COAP_OPTION_CONTENT_FORMAT,
		   coap_encode_var_safe(format, sizeof(format), COAP_MEDIATYPE_APPLICATION_JSON),
		   format) &&
	       coap_add_data(pdu, text.length, (const uint8_t *)text.data);
}

static coap_response_t on_response(coap_session_t *session, const coap_pdu_t *sent,
				   const coap_pdu_t *received, coap_mid_t mid)
{
	struct announce *announce = coap_session_get_app_data(session);
	coap_pdu_code_t code = coap_pdu_get_code(received);

	(void)sent;
	(void)mid;
	if (!announce || announce->is_closing)
		return COAP_RESPONSE_OK;
	if (COAP_RESPONSE_CLASS(code) == 2)
		uv_timer_start(&announce->timer, on_timer, ANNOUNCE_AGAIN_MS, ANNOUNCE_RETRY_MS);
	if (code != announce->last_code)
		tell(announce, code);
	announce->last_code = code;
	return COAP_RESPONSE_OK;
}

static void tell(struct announce *announce, coap_pdu_code_t code)
{
	const char *host = announce->place.host;

	if (COAP_RESPONSE_CLASS(code) == 2)
		log_info("registered with %s", host);
	else if (code == COAP_RESPONSE_CODE_FORBIDDEN)
		log_warning(
		    "%s does not accept the node %s: add it to the collector's list of nodes, open "
		    "pairing there, or register over coaps:// if the collector has a key for it",
		    host, announce->registration.node.text);
	else
		log_warning("%s answered the registration with %d.%02d", host,
			    COAP_RESPONSE_CLASS(code), code & 0x1f);
}

static void on_timer_closed(uv_handle_t *handle)
{
	release(handle->data);
}

static void release(void *user)
{
	struct announce *announce = user;

	if (--announce->open_handles > 0)
		return;
	explicit_bzero(&announce->key, sizeof(announce->key));
	free(announce);
}
