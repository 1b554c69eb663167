/*
 * TLS for one connection to a broker: whom to trust, who we are, and what went wrong,
 * in words. The broker's name is always checked against its certificate.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"

struct mosquitto;
struct ssl_st; /* OpenSSL's SSL */
struct mqtt_tls;

/*
 * Reads the files of `config`, which are not read again, for connections to `host`.
 * Returns 0, or a negative errno with a sentence in `error`: a file that cannot be
 * read or holds nothing of its kind, a key that others may read, a key that does not
 * belong to its certificate. Blocks while the files do.
 */
int mqtt_tls_new(struct mqtt_tls **out, const struct tls_config *config, const char *host,
		 struct text *error) MUST_CHECK;

/* Whether mqtt_tls_new() would do, with its errors; 0 where `config` requires no TLS. */
int mqtt_tls_check(const struct tls_config *config, const char *host,
		   struct text *error) MUST_CHECK;

/* NULL is fine; what a client was given stays with it. */
void mqtt_tls_free(struct mqtt_tls *tls);

/* Lets `client` connect with it. Returns 0 or -ENOTSUP. */
int mqtt_tls_use(struct mqtt_tls *tls, struct mosquitto *client) MUST_CHECK;

/*
 * A session for one connection, of which the caller makes what mqtt_tls_socket.h has.
 * Returns 0 or -ENOMEM; free it with SSL_free(), also after `tls`.
 */
int mqtt_tls_session(const struct mqtt_tls *tls, struct ssl_st **out) MUST_CHECK;

/* A new attempt to connect begins: forgets what went wrong with the last one. */
void mqtt_tls_begin(struct mqtt_tls *tls);

/*
 * Why the connection failed, as far as TLS knows: writes it
 * and returns true, or returns false. `was_greeted` once the broker has accepted us;
 * `port` is for the words. Not while an attempt is under way.
 */
bool mqtt_tls_explain(const struct mqtt_tls *tls, struct text *out, bool was_greeted,
		      uint16_t port) MUST_CHECK;

/* Whether `client` has decrypted more than was read from it: its socket does not tell. */
bool mqtt_tls_holds_input(struct mosquitto *client);
