/*
 * Keys of DTLS handed to libcoap, see coap_dtls.h. When a session is begun, what
 * is said over it and what follows when it ends is the peer's (coap_secure.c) or
 * the server's affair.
 *
 * libcoap offers only suites with a pre-shared key to a server, so that no
 * certificate can stand in for the key; as a server it has no certificate, so
 * that nothing else can be agreed on.
 */
#include "adapt/coap_dtls.h"

#include <errno.h>
#include <string.h>

/* Handshakes that strangers leave half done; each is given up by libcoap after 30 s. */
#define HANDSHAKES_MAX 32

/* The server has spoken, and it is our turn to show that we have the key. */
static const coap_dtls_cpsk_info_t *on_hint(coap_str_const_t *hint, coap_session_t *session,
					    void *user)
{
	struct dtls_client *client = user;

	(void)hint;
	(void)session;
	if (client->on_key_wanted)
		client->on_key_wanted(client->user);
	return &client->info;
}

coap_session_t *dtls_connect(coap_context_t *context, const coap_address_t *where,
			     const struct shared_key *key, struct dtls_client *client)
{
	coap_dtls_cpsk_t setup = {
	    .version = COAP_DTLS_CPSK_SETUP_VERSION,
	    .validate_ih_call_back = on_hint,
	    .ih_call_back_arg = client,
	};

	client->info = (coap_dtls_cpsk_info_t){
	    .identity = {.length = strlen(key->identity), .s = (const uint8_t *)key->identity},
	    .key = {.length = key->length, .s = key->secret},
	};
	setup.psk_info = client->info;
	return coap_new_client_session_psk2(context, NULL, where, COAP_PROTO_DTLS, &setup);
}

static const coap_bin_const_t *on_identity(coap_bin_const_t *identity, coap_session_t *session,
					   void *user)
{
	struct dtls_server *server = user;
	const struct shared_key *key =
	    server->find_key(server->user, identity->s, identity->length);

	(void)session;
	if (!key)
		return NULL;
	server->found = (coap_bin_const_t){.length = key->length, .s = key->secret};
	return &server->found;
}

int dtls_serve(coap_context_t *context, struct dtls_server *server, dtls_find_key *find_key,
	       void *user)
{
	coap_dtls_spsk_t setup = {
	    .version = COAP_DTLS_SPSK_SETUP_VERSION,
	    .validate_id_call_back = on_identity,
	    .id_call_back_arg = server,
	};

	server->user = user;
	server->find_key = find_key;
	coap_context_set_max_handshake_sessions(context, HANDSHAKES_MAX);
	return coap_context_set_psk2(context, &setup) ? 0 : -ENOMEM;
}

const struct shared_key *dtls_only_key(void *user, const uint8_t *identity, size_t length)
{
	const struct shared_key *key = user;

	return shared_key_is_of(key, identity, length) ? key : NULL;
}

bool shared_key_is_of(const struct shared_key *key, const uint8_t *identity, size_t length)
{
	return key->length > 0 && strlen(key->identity) == length &&
	       memcmp(key->identity, identity, length) == 0;
}
