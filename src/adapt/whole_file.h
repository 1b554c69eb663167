/* Small files that are written whole: a crash leaves the old one or the new one. */
#pragma once

#include <stddef.h>

#include "base/result.h"

#define WHOLE_FILE_PATH_MAX 320

/*
 * Writes `bytes` as the file `path`, mode 0600, durably: beside it first, as
 * `path`.new, then in its place. Returns 0 or a negative errno. Blocks.
 */
int whole_file_write(const char *path, const char *bytes, size_t length) MUST_CHECK;
