/* What the web measurements share: connections to 127.0.0.1, and what was heard on them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

#define WEB_BUFFER (256 * 1024)

struct web_client {
	int fd;
	size_t used; /* of `buffer`, which is one byte longer and ends with a zero */
	char *buffer;
};

/* Connects to 127.0.0.1:`port`; blocks. 0 or a negative errno. */
int web_client_open(struct web_client *client, uint16_t port) MUST_CHECK;
void web_client_close(struct web_client *client);

/* Sends all of `text`; blocks. 0 or a negative errno. */
int web_client_say(struct web_client *client, const char *text) MUST_CHECK;

/* Takes what has come without waiting. The bytes, 0 at the end, or a negative errno. */
int web_client_take(struct web_client *client) MUST_CHECK;

/* Drops the first `length` bytes of what was heard. */
void web_client_drop(struct web_client *client, size_t length);
