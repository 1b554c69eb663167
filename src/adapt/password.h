/* Password files: one rule for all, whichever program reads one. */
#pragma once

#include <stddef.h>

#include "base/text.h"

/*
 * Reads the first line of the file `path` into `out` of `size` bytes, without
 * the line's end; an empty path is an empty password. Returns 0, or a negative errno with a
 * sentence in `error`: a directory (-EISDIR), a file that others may read (-EPERM), an empty first
 * line (-EINVAL), one of more than `size` - 1 bytes (-EFBIG), or what opening
 * and reading it says. `out` is wiped then. Blocks while the file does.
 */
int password_read(char *out, size_t size, const char *path, struct text *error) MUST_CHECK;
