/* Trials of relays that a person asks for through the API; one at a time. */
#pragma once

#include "daemon/daemon.h"

/* As api_host's try_relay() and trial(). */
int trial_begin(struct daemon *daemon, size_t relay, struct text *error) MUST_CHECK;
void trial_tell(const struct daemon *daemon, size_t relay, struct api_trial *out);

/* Once a second: one that waits for what keeps the relay from being closed begins, or gives up. */
void trial_second(struct daemon *daemon);

/* One that is under way ends, with its relay told to open. */
void trial_close(struct daemon *daemon);
