/* Files that hold a secret key, one rule for all of them, and the keys of DTLS with PSK. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"

#define SHARED_KEY_BYTES_MIN 16
#define SHARED_KEY_BYTES_MAX 128

/* What two machines know and nobody else. Plain data; wipe it where it ends. */
struct shared_key {
	char identity[IDENTITY_TEXT_MAX]; /* under which the key is asked for */
	size_t length;                    /* 0: there is none */
	uint8_t secret[SHARED_KEY_BYTES_MAX];
};

/*
 * Opens `path` for reading if it is a regular file that belongs to root or to the
 * user who runs this program, and that nobody else may even read (mode 0600 or
 * stricter). Returns the descriptor, or a negative errno with a sentence in
 * `error` that says what to do. Does not block on a pipe.
 */
int key_file_open(const char *path, struct text *error) MUST_CHECK;

/*
 * Reads the first line of `path`, SHARED_KEY_BYTES_MIN.._MAX bytes that are taken
 * as they are, as the key of `identity`. Returns 0, or a negative errno with a
 * sentence in `error`, and leaves `out` alone.
 */
int shared_key_read(struct shared_key *out, const char *path, const char *identity,
		    struct text *error) MUST_CHECK;
