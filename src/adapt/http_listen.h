/* The sockets that the API listens on. */
#pragma once

#include <stdint.h>

#include "base/result.h"
#include "base/text.h"

/*
 * Makes a listening Unix stream socket at `path` with mode 0660, close-on-exec
 * and non-blocking. A socket file that nobody answers on is replaced; one that
 * answers, or a file of another kind, stays. Returns the descriptor, or a
 * negative errno (-EADDRINUSE: someone answers) with a sentence in `error`.
 */
int http_listen(const char *path, struct text *error) MUST_CHECK;

/*
 * Likewise a listening TCP socket at a numeric `address` and `port` (0: any
 * that is free), of which IPv6 takes IPv6 alone. `*got` is the port. Returns the
 * descriptor, or a negative errno with a sentence in `error`.
 */
int http_listen_tcp(const char *address, uint16_t port, uint16_t *got,
		    struct text *error) MUST_CHECK;
