/* The Unix socket that the API listens on. */
#pragma once

#include "base/result.h"
#include "base/text.h"

/*
 * Makes a listening Unix stream socket at `path` with mode 0660, close-on-exec
 * and non-blocking. A socket file that nobody answers on is replaced; one that
 * answers, or a file of another kind, stays. Returns the descriptor, or a
 * negative errno (-EADDRINUSE: someone answers) with a sentence in `error`.
 */
int http_listen(const char *path, struct text *error) MUST_CHECK;
