/*
 * CoRE link format (RFC 6690), as /.well-known/core answers:
 *
 *     </relay>;rt="amphora.relay";obs,</time>;title="now, here"
 *
 * Read within fixed bounds and without copying; commas and semicolons inside
 * quotes and angle brackets divide nothing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"
#include "base/text.h"

#define LINK_FORMAT_MAX (16 * 1024)
#define LINKS_MAX 128 /* in one answer */
#define LINK_TARGET_MAX 128

#define LINK_TYPE_RELAY "amphora.relay"
#define LINK_TYPE_BATTERY "amphora.battery"

struct link_span {
	const char *data; /* borrowed from the answer, not terminated */
	size_t length;
};

struct link {
	struct link_span target; /* between < and > */
	struct link_span type;   /* value of rt, without quotes; may be empty */
	bool is_observable;
};

struct link_cursor {
	const char *data;
	size_t length, at;
	size_t count;
};

/* Begins at the first link of `data`, which is borrowed until the last link_next(). */
struct link_cursor links_of(const void *data, size_t len);

/*
 * Reads the next link. Returns 0, -ENOENT at the end, -EINVAL where it is
 * malformed, or -E2BIG past a bound; after an error there is nothing more to
 * read. Writes `out` only on 0.
 */
int link_next(struct link_cursor *cursor, struct link *out) MUST_CHECK;

/* Whether `type` is one of the blank-separated types of the link. */
bool link_has_type(const struct link *link, const char *type);

/*
 * Writes the targets of the links of `type` into `targets` (`max` of them), in
 * their order; a target that does not begin with `/` or is longer than
 * LINK_TARGET_MAX - 1 is passed over. Returns how many there are, or the error of
 * link_next(), in which case nothing of `targets` is to be used.
 */
int links_find(char targets[][LINK_TARGET_MAX], size_t max, const char *type, const void *data,
	       size_t len) MUST_CHECK;
