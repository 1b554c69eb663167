/* One attempt to connect, on a thread of its own; part of mqtt_link. */
#pragma once

#include <mosquitto.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/mqtt_link.h"
#include "base/result.h"

struct mqtt_attempt;

/*
 * Connects `client`, which belongs to the attempt until it is taken. `wake` is
 * sent when it is over. Returns 0, -ENOMEM or -EAGAIN (no thread).
 */
int mqtt_attempt_new(struct mqtt_attempt **out, struct mosquitto *client,
                     const struct mqtt_link_options *options, uv_async_t *wake) MUST_CHECK;

/* Whether it is over; then `*result` is the library's answer and `attempt` is freed. */
bool mqtt_attempt_take(struct mqtt_attempt *attempt, int *result);

/* Lets go of it: the thread destroys the client when it is over; `wake` may be closed. */
void mqtt_attempt_abandon(struct mqtt_attempt *attempt);
