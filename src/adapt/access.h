/*
 * Who may do what over HTTP, and how one logs in. It stands before every request:
 *
 *   the Unix socket                       control, by the file's permission
 *   from this machine, not by a proxy     view, and control once logged in
 *   by TLS, by a proxy, or in the open    nothing before one has logged in
 *
 * One logs in with name and password or with a code that only this machine shows, and
 * has a session then; programs show a token. The file of users and passwords'
 * hashes are on a worker, one at a time, so that no login stands before control.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/http.h"
#include "base/result.h"
#include "base/text.h"
#include "model/house.h"

/* How long the code of `amphora open` is good for. */
#define LOGIN_CODE_S 600

struct access;

/*
 * Reads the file of users. `house` is borrowed. A file that is there and cannot be
 * used lets nobody log in, and is told in `trouble`; control goes on. Returns 0,
 * or a negative errno where there is no memory or no randomness.
 */
int access_open(struct access **out, uv_loop_t *loop, const struct house *house,
		const char *journal_path, struct text *trouble) MUST_CHECK;

/* Answers who still waits for a worker: the daemon ends. Nothing is begun after it. */
void access_stop(struct access *access);

/* Frees it, once its worker is done. Accepts NULL. */
void access_free(struct access *access);

/* How many requests came faster than their caller may ask, see access_rate.h. */
struct access_refusals {
	uint64_t reads, changes;
};

struct access_refusals access_refusals(const struct access *access);

/* What http_set_gate() is given. */
struct http_gate access_gate(struct access *access);

/* Where the file of users lies. */
void access_file_of(const struct house *house, const char *journal_path, struct text *out);

/* The code with which the first user is made, NULL where there is one. */
const char *access_first_code(const struct access *access);

/* Handlers; `access` in place of the routes' user. */
void access_get_session(struct access *access, const struct http_request *request,
			struct http_reply *reply);
void access_post_session(struct access *access, const struct http_request *request,
			 struct http_reply *reply);
void access_delete_session(struct access *access, const struct http_request *request,
			   struct http_reply *reply);
void access_post_login_code(struct access *access, const struct http_request *request,
			    struct http_reply *reply);
void access_get_users(struct access *access, const struct http_request *request,
		      struct http_reply *reply);
void access_post_user(struct access *access, const struct http_request *request,
		      struct http_reply *reply);
void access_patch_user(struct access *access, const struct http_request *request,
		       struct http_reply *reply);
void access_delete_user(struct access *access, const struct http_request *request,
			struct http_reply *reply);
void access_get_tokens(struct access *access, const struct http_request *request,
		       struct http_reply *reply);
void access_post_token(struct access *access, const struct http_request *request,
		       struct http_reply *reply);
void access_delete_token(struct access *access, const struct http_request *request,
			 struct http_reply *reply);
