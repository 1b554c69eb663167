/*
 * An answer without an end, of which all who read it get the same: what is
 * written is kept once, in a ring of bytes, and each reader has a place in it.
 *
 * A reader may begin with something of its own. One that falls further behind
 * than the ring is long is cut off, so that nobody's slowness costs memory. One
 * whose pass (its login) is over gets nothing more, and the end.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "adapt/http.h"
#include "base/result.h"

#define HTTP_FEED_READERS_MAX 112
#define HTTP_FEED_BYTES (512 * 1024)

struct http_feed;

/* Returns NULL when memory is out. Freed by http_feed_free(), or never where it is NULL. */
struct http_feed *http_feed_new(void);

/* After http_feed_end() and once the server is closed: nobody reads any more. Accepts NULL. */
void http_feed_free(struct http_feed *feed);

size_t http_feed_readers(const struct http_feed *feed);

/*
 * Makes `reply` the feed from now on, after `first` (`length` bytes from malloc, taken; may be
 * NULL). Returns 0, -EBUSY where there are HTTP_FEED_READERS_MAX, or -ENOMEM; then `reply` is
 * as it was. The reply has to be sent: by returning it from a handler.
 */
int http_feed_join(struct http_feed *feed, const struct http_request *request,
		   struct http_reply *reply, char *first, size_t length) MUST_CHECK;

/* Appends at most HTTP_FEED_BYTES / 2 bytes for all readers; they go out in http_feed_flush(). */
void http_feed_write(struct http_feed *feed, const char *data, size_t length);

/* Lets what was written go out, and cuts off who is too far behind. From the loop only. */
void http_feed_flush(struct http_feed *feed);

/* Each reader gets what was written, and then the end. Before http_close(). Accepts NULL. */
void http_feed_end(struct http_feed *feed);
