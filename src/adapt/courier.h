/*
 * Carries letters out of the house, HTTP and mail, and brings answers home, by libcurl.
 *
 * On a thread of its own, so that neither name service nor certificates that are
 * read nor a server that hangs ever stand before control (docs/decisions/0015).
 * All functions are called on the loop; none of them blocks but courier_free().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/result.h"
#include "base/text.h"

#define COURIER_WAYS_MAX 16 /* each carries one letter at a time */
#define COURIER_HEADERS_MAX 6
#define COURIER_CONNECT_S 10
#define COURIER_TIMEOUT_S 20 /* for all of it */
#define COURIER_DETAIL_MAX 160
#define COURIER_REDIRECTS_MAX 3 /* of a question; never from https to http */

/* Borrowed for the call; empty or NULL is what there is none of. */
struct courier_order {
	const char *url; /* http, https: a POST, or a question; smtp, smtps: a mail */
	bool is_question; /* GET, or POST where there is a body; its answer is kept */
	size_t answer_max; /* of a question: one that is larger fails */
	bool tls_is_required;
	const char *tls_ca;
	const char *user, *password; /* without a user the password is a bearer token */
	const char *headers[COURIER_HEADERS_MAX]; /* "Name: value", of a POST */
	const char *from, *to;                    /* of a mail */
	const char *body;
	size_t length;
};

/*
 * What became of the letter on `way`: it arrived, or `detail` says for people why
 * it is not known to have. On the loop, never within courier_send().
 */
typedef void courier_answer(void *user, size_t way, bool has_arrived, const char *detail);

struct courier;

/*
 * What the question was answered with that courier_answer is being called for, `*length` bytes;
 * NULL where nothing was. Borrowed until that returns.
 */
const char *courier_answer_of(const struct courier *courier, size_t *length);

/*
 * Whether the file of certificates, "" for the system's, can be read. Returns 0, or a
 * negative errno with a sentence in `error`.
 */
int courier_check_ca(const char *path, struct text *error) MUST_CHECK;

/* Returns 0, -ENOMEM, or what beginning a thread says. */
int courier_new(struct courier **out, uv_loop_t *loop, courier_answer *answer,
		void *user) MUST_CHECK;

/*
 * Sends a letter on `way`, which must not be under way; the answer comes within
 * COURIER_TIMEOUT_S or a little more. Returns 0 or -ENOMEM.
 */
int courier_send(struct courier *courier, size_t way, const struct courier_order *order) MUST_CHECK;

/*
 * Gives up what is under way, whose answer does not come any more, and frees when
 * the loop next runs. NULL is fine.
 */
void courier_free(struct courier *courier);
