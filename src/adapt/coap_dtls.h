/*
 * CoAP over DTLS with pre-shared keys, both sides, as libcoap 4.3.1 with OpenSSL
 * does it. Certificates are not used: whoever lacks the key gets no session.
 */
#pragma once

#include <coap3/coap.h>
#include <stddef.h>
#include <stdint.h>

#include "adapt/key_file.h"
#include "base/result.h"

/* One side's memory of a session that it begins; stays until the session is released. */
struct dtls_client {
	coap_dtls_cpsk_info_t info;
	void *user;
	void (*on_key_wanted)(void *user); /* the other side has answered up to the key */
};

/*
 * Begins a session with `where` as the owner of `key`, which stays borrowed by
 * `client` as long as the session lives. The handshake goes on by itself;
 * COAP_EVENT_DTLS_CONNECTED, _ERROR and _CLOSED say how it ends, though not those
 * of this very call. Returns NULL where that failed at once.
 */
coap_session_t *dtls_connect(coap_context_t *context, const coap_address_t *where,
			     const struct shared_key *key, struct dtls_client *client);

/* Which key belongs to `identity`, `length` bytes; NULL: none, and there will be no session. */
typedef const struct shared_key *dtls_find_key(void *user, const uint8_t *identity, size_t length);

struct dtls_server {
	void *user;
	dtls_find_key *find_key;
	coap_bin_const_t found;
};

/*
 * Lets the context's DTLS endpoints ask `find_key` for keys, with `user`. `server`
 * stays as long as the context. Returns 0 or -ENOMEM.
 */
int dtls_serve(coap_context_t *context, struct dtls_server *server, dtls_find_key *find_key,
	       void *user) MUST_CHECK;

/* A dtls_find_key for a server with one key: `user` is that struct shared_key. */
const struct shared_key *dtls_only_key(void *user, const uint8_t *identity, size_t length);

/* Whether `key` is there and belongs to that identity. */
bool shared_key_is_of(const struct shared_key *key, const uint8_t *identity, size_t length);
