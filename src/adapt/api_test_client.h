/*
 * A client for tests of the API: sends raw bytes to its socket from a thread
 * of its own while the loop serves, and gives back what came.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <uv.h>

#define CLIENT_ANSWER_MAX (256 * 1024)

struct client_answer {
	int status; /* 0: the connection was cut without an answer */
	char head[4096];
	json_t *body; /* NULL where there is none or it is not JSON */
};

/* Sends `request` to `path` and runs `loop` until the answer is complete. Free with client_done().
 */
struct client_answer client_send(uv_loop_t *loop, const char *path, const char *request,
				 size_t length);

/* A request with a JSON body (may be NULL). */
struct client_answer client_ask(uv_loop_t *loop, const char *path, const char *method,
				const char *target, const char *body);

void client_done(struct client_answer *answer);
