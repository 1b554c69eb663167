/* The daemon's API, called over its Unix socket. */
#pragma once

#include <jansson.h>

#include "base/text.h"
#include "cli/cli.h"

#define CLIENT_PATH_MAX 512

/*
 * Calls `method` on `path` (after /api/v1/) with `body` (borrowed, may be
 * NULL), waits for the answer (30 s at most) and gives it in `answer` (a new
 * reference; NULL where there is none). Returns EXIT_OK, or another exit code after
 * it has complained, and `answer` is NULL then.
 */
int client_call(struct cli *cli, const char *method, const char *path, const json_t *body,
		json_t **answer) MUST_CHECK;

/* Likewise, where what is changed still has the ETag `match`. */
int client_change(struct cli *cli, const char *method, const char *path, const json_t *body,
		  const char *match, json_t **answer) MUST_CHECK;

/*
 * Likewise, and done once: where the answer is lost on its way it is asked for again with the same
 * Idempotency-Key.
 */
int client_command(struct cli *cli, const char *method, const char *path, const json_t *body,
		   json_t **answer) MUST_CHECK;

/* Likewise for GET. */
int client_get(struct cli *cli, const char *path, json_t **answer) MUST_CHECK;

/* What is sent along; all borrowed. */
struct client_body {
	const char *type; /* "text/csv" */
	const char *data;
	size_t length;
	const char *match; /* If-Match; NULL: none */
	const char *key;   /* Idempotency-Key; NULL: none */
};

/* As client_call() with a body that is not JSON. */
int client_send(struct cli *cli, const char *method, const char *path,
		const struct client_body *body, json_t **answer) MUST_CHECK;

/* One page of a long answer, borrowed until the next call. */
struct client_page {
	const char *text;
	size_t length;
	char next[CLIENT_PATH_MAX]; /* path (after /api/v1/) of the page after it; empty: none */
};

/* GET of what is not JSON. As client_get(). */
int client_get_page(struct cli *cli, const char *path, struct client_page *out) MUST_CHECK;

/* GET /state; remembers the house's zone, so that times are shown in it. As client_get(). */
int client_get_state(struct cli *cli, json_t **state) MUST_CHECK;

/*
 * What any output for people begins with: learns the zone, and warns on standard error of what
 * must be seen with it (another clock, no lease). Asks nothing for programs. Returns an exit code.
 */
int client_introduce(struct cli *cli) MUST_CHECK;

/* Whether anybody answers on the socket; complains of nothing. */
bool client_is_answered(struct cli *cli);

/* Adds `?name=value` or `&name=value`, encoded; nothing where `value` is NULL. */
void client_argument(struct text *path, const char *name, const char *value);

/* Adds one segment of a path, encoded. */
void client_segment(struct text *path, const char *segment);

void client_free(struct client *client);
