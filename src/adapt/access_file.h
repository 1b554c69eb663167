/* Files of JSON that only we may read and write, one rule for all of them: users and tokens, sessions. */
#pragma once

#include <jansson.h>

#include "base/result.h"
#include "base/text.h"

/*
 * Reads `path`, which must be a key file (see key_file_open). `*out` is then the
 * caller's to release: NULL where there is no file, and null where it holds no
 * JSON. Returns 0, or a negative errno with a sentence in `error` and NULL in
 * `*out`.
 */
int access_file_read(json_t **out, const char *path, struct text *error) MUST_CHECK;

/*
 * Writes `object`, whose reference it takes (NULL: no memory was left for it),
 * whole or not at all. Returns 0, or a negative errno with a sentence in `error`.
 */
int access_file_write(json_t *object, const char *path, struct text *error) MUST_CHECK;
