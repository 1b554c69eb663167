/* What a relay node keeps over a boot, in a small file: `switches` and `n`. */
#pragma once

#include <stdint.h>

#include "base/result.h"

struct relay_memory {
	uint32_t switches;
	uint64_t number;
};

/*
 * Reads the file at `path`. Returns 0 (a file that is not there is a new node: all
 * 0), -EINVAL for one that is not ours, or a negative errno; then `out` is left
 * alone.
 */
int relay_memory_load(struct relay_memory *out, const char *path) MUST_CHECK;

/*
 * Replaces the file at `path` as a whole. It is not synced: after a power cut the
 * last second's numbers may be missing, which the controller's next epoch makes
 * good. Returns 0 or a negative errno.
 */
int relay_memory_save(const struct relay_memory *memory, const char *path) MUST_CHECK;
