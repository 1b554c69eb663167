/* One attempt to connect, on a thread of its own; part of mqtt_link and mqtt_reader. */
#pragma once

#include <stdbool.h>
#include <uv.h>

#include "base/result.h"

struct mqtt_attempt;

/* What an attempt does with its job, on its thread. */
struct mqtt_attempt_work {
	int (*run)(void *job);      /* blocks; what it returns is the attempt's result */
	void (*discard)(void *job); /* nobody wants it any more: frees it */
};

/*
 * Begins. `job` belongs to the attempt until it is taken. `wake` is sent when it is
 * over. Returns 0, -ENOMEM or -EAGAIN (no thread); then the job is the caller's.
 */
int mqtt_attempt_new(struct mqtt_attempt **out, const struct mqtt_attempt_work *work, void *job,
		     uv_async_t *wake) MUST_CHECK;

/* Whether it is over; then `*result` is what the work returned and `attempt` is freed. */
bool mqtt_attempt_take(struct mqtt_attempt *attempt, int *result);

/* Lets go of it: the job is discarded when it is over; `wake` may be closed. */
void mqtt_attempt_abandon(struct mqtt_attempt *attempt);
