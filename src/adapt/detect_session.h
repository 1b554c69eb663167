/*
 * Listens to all that a broker carries for a while, for wire/detect.h.
 *
 * It has a client id of its own, keeps no session and stores nothing. Unless it only
 * listens it asks devices how they are, in the ways that their makers give for that;
 * nothing that it asks switches or sets anything.
 */
#pragma once

#include <uv.h>

#include "base/result.h"
#include "model/house.h"
#include "wire/detect.h"

#define DETECT_SECONDS_MAX 300

struct detect_session_options {
	const struct broker_config *broker; /* borrowed for the call; its client_id is not used */
	const char *password;
	uint32_t seconds; /* 1..DETECT_SECONDS_MAX, counted from when the broker took us */
	bool only_listens;
};

/* Called once, on the loop. */
struct detect_session_events {
	void *user;

	/* Time is over, or the broker could not be reached in `seconds`: `trouble` says why then, else it
	 * is "". `detect` ends with detect_session_free(). */
	void (*on_done)(void *user, struct detect *detect, const char *trouble);
};

struct detect_session;

/* Begins. Returns 0, or a negative errno and writes nothing. */
int detect_session_new(struct detect_session **out, uv_loop_t *loop,
		       const struct detect_session_options *options,
		       const struct detect_session_events *events) MUST_CHECK;

/* Whether the broker has taken us. */
bool detect_session_is_up(const struct detect_session *session);

/* Ends it, also before on_done(); its handles close as the loop runs on. NULL is fine. */
void detect_session_free(struct detect_session *session);
