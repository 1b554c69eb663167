/* Those who publish prices, as the rest of the daemon sees them. */
#pragma once

#include "base/result.h"
#include "base/text.h"

struct daemon;
struct mqtt_message;

/* Opens what is configured under `prices`, and takes back what was known before a restart. */
int feeds_open(struct daemon *daemon, struct text *error) MUST_CHECK;

/* Nothing is asked any more; what is being written ends with the loop, and then all can be freed.
 */
void feeds_close(struct daemon *daemon);
void feeds_free(struct daemon *daemon);

/* Once a second: asks who is due, looks at files, keeps what is new, tells what is missing. */
void feeds_second(struct daemon *daemon);

/* The topics to listen to are added to a list of `*count`; `*topics` is for free() then. */
int feeds_add_topics(const struct daemon *daemon, const char ***topics, size_t *count) MUST_CHECK;

/* A message of the connection for commands. */
void feeds_heard(struct daemon *daemon, const struct mqtt_message *message);
