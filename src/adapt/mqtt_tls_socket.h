/* Bytes over a socket, encrypted or not; part of mqtt_reader. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/result.h"

struct ssl_st; /* OpenSSL's SSL */

/*
 * The TLS handshake over a connected socket. Blocks for as long as the socket does.
 * Returns 0, -ETIMEDOUT (the socket's own limit) or -ECONNRESET: mqtt_tls_explain()
 * knows why. Any thread that has SIGPIPE blocked.
 */
int mqtt_tls_shake(struct ssl_st *session, int fd) MUST_CHECK;

/* A socket that does not block, and its session or NULL. */
struct mqtt_socket {
	int fd;
	struct ssl_st *session;
	bool wants_writing; /* TLS has to write before it goes on */
};

/*
 * Reads up to `size` bytes, of TLS one record at most. Returns how many; 0 where nothing
 * is there now; a negative errno where the connection is over (-ECONNRESET: it was closed).
 */
ssize_t mqtt_socket_read(struct mqtt_socket *from, void *bytes, size_t size) MUST_CHECK;

/* Whether the peer has closed it, without reading what may lie before that. Does not block. */
bool mqtt_socket_has_ended(const struct mqtt_socket *socket);

/*
 * Writes what the socket takes: how many bytes, 0 for none now, or a negative errno. After
 * that the same bytes come again first, though they may lie elsewhere.
 */
ssize_t mqtt_socket_write(struct mqtt_socket *to, const void *bytes, size_t length) MUST_CHECK;

/* Says goodbye where TLS has a word for it, closes and frees. */
void mqtt_socket_close(struct mqtt_socket *socket);
