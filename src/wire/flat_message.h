/*
 * The usual message, read where it lies: one JSON object of a few members that
 * are numbers or plain texts. Most of what sensors send is this, and building
 * JSON values for it costs more than all else that is done with it.
 *
 * It only ever declines: whatever is not plainly this, malformed, nested,
 * escaped, not ASCII, a member twice, a number that takes care, is left to
 * json_message_load(), which decides about it. What it reads that would read
 * likewise, to the last bit.
 */
#pragma once

#include <stddef.h>

#include "base/result.h"

#define FLAT_MEMBERS_MAX 16

struct flat_member {
	const char *name; /* borrowed, as `text`; neither ends with a zero */
	size_t name_length;
	const char *text; /* NULL: it is a number */
	size_t length;
	double number;
};

struct flat_message {
	size_t count;
	struct flat_member members[FLAT_MEMBERS_MAX];
};

/* Returns 0, or -EINVAL where it declines; `out` means nothing then. Does not allocate. */
int flat_message_read(struct flat_message *out, const void *payload, size_t length) MUST_CHECK;
