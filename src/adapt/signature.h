/* Whether a body is ours, for who shares a secret with us: HMAC with SHA-256 (RFC 2104). */
#pragma once

#include <stddef.h>

#define SIGNATURE_TEXT_MAX 65 /* 64 hexadecimal digits */

/* Writes the HMAC of `body` with the text `secret` as its key, in small hexadecimal digits. */
void signature_write(char out[SIGNATURE_TEXT_MAX], const char *secret, const void *body,
		     size_t length);
