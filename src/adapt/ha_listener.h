/*
 * Listening to what others announce to Home Assistant, over a connection of its own: however
 * much that is, it does not stand before commands and readings.
 *
 * It hears all announcements below a prefix, binds what was named (wire/ha_book.h), and
 * subscribes to what is bound. The session is clean: what was said while we were away is lost,
 * but for what the broker keeps.
 */
#pragma once

#include <stddef.h>
#include <uv.h>

#include "adapt/mqtt_link.h"
#include "base/result.h"
#include "wire/ha_book.h"

/* Called on the event loop; all are required. */
struct ha_listener_events {
	void *user;

	struct source_now (*now)(void *user);

	/* A message of what is bound came: see each one's `news`. */
	void (*on_news)(void *user, const struct ha_book *book,
			const struct source_message *message);

	/* The connection has come or gone. */
	void (*on_up)(void *user, bool is_up);

	/* An entity that was named was announced, changed or taken away. */
	void (*on_bound)(void *user, size_t wish, const struct ha_bound *bound);
};

struct ha_listener;

/* `options` says which broker, with a client id of its own. Returns 0, -EINVAL or -ENOMEM. */
int ha_listener_new(struct ha_listener **out, uv_loop_t *loop,
		    const struct mqtt_link_options *options, const char *prefix,
		    const struct ha_wish *wishes, size_t count,
		    const struct ha_listener_events *events) MUST_CHECK;
void ha_listener_free(struct ha_listener *listener); /* NULL is fine */

/* What was found; borrowed. */
const struct ha_book *ha_listener_book(const struct ha_listener *listener);
