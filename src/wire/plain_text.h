/* Plain-text payloads: borrowed bytes, without the white space around them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct plain_text {
	const char *data; /* borrowed, not terminated */
	size_t length;
};

/* `payload` without blanks, tabs and line ends at either end. */
struct plain_text plain_text_trim(const void *payload, size_t len);

bool plain_text_is(struct plain_text text, const char *word);
