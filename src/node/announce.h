/*
 * A node's announcement: POSTs itself to a collector's /registration until that
 * answers 2.01, and again every ANNOUNCE_AGAIN_MS, since the collector may have
 * forgotten it. In the loop; nothing blocks.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/key_file.h"
#include "base/result.h"
#include "wire/node_message.h"

#define ANNOUNCE_RETRY_MS 10000 /* real, while there is no 2.01 */
#define ANNOUNCE_AGAIN_MS 180000

struct announce;

/*
 * Whether `uri` names a collector, `coap://host[:port]`, or `coaps://` where `has_key`.
 * Returns 0 or -EINVAL.
 */
int announce_check(const char *uri, bool has_key) MUST_CHECK;

/*
 * Begins to announce `registration` (its port must be set) to the collector at
 * `uri`, as announce_check() has it where `key` (copied; NULL is none) has a length.
 * Returns 0, -EINVAL for another URI, -ENOMEM, or libuv's error.
 */
int announce_new(struct announce **out, uv_loop_t *loop, const char *uri,
		 const struct registration *registration, const struct shared_key *key) MUST_CHECK;

/* The memory goes when the loop has turned. NULL is fine. */
void announce_free(struct announce *announce);
