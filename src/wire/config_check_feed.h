/* Whether what somebody else publishes can be read as configured. Internal to wire/config*.c. */
#pragma once

#include "wire/config_read.h"

/* How many of topic, file and url there are. */
int config_feed_places(const struct feed_config *feed);

/*
 * Fills in which of them it is and what follows, and notes what does not fit; `value` is what its
 * value is called in the file.
 */
void config_check_feed(struct config_reader *reader, struct feed_config *feed, int line,
		       const char *place, const char *value);
