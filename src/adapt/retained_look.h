/*
 * Which commands a broker keeps and repeats to every device that connects: asked of the broker, over
 * a connection of its own that publishes nothing, for a second or two.
 */
#pragma once

#include <uv.h>

#include "base/result.h"
#include "base/text.h"
#include "model/house.h"

#define RETAINED_TOPICS_MAX 16
#define RETAINED_TOPIC_MAX 128 /* bytes of each that are kept, with the zero */

struct retained_found {
	const char *trouble; /* why nothing is known; "" where it is */
	size_t count;        /* all that there were; the first RETAINED_TOPICS_MAX are told */
	char topics[RETAINED_TOPICS_MAX][RETAINED_TOPIC_MAX];
};

struct retained_look;

/*
 * Begins; `on_done` is called once, on the loop. Returns 0, or a negative errno with a sentence.
 * Blocks while the password file does.
 */
int retained_look_new(struct retained_look **out, uv_loop_t *loop,
		      const struct broker_config *broker,
		      void (*on_done)(void *user, const struct retained_found *found), void *user,
		      struct text *error) MUST_CHECK;

/* Ends it, also before on_done(). NULL is fine. */
void retained_look_free(struct retained_look *look);
