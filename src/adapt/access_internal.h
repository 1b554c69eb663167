/* What the files of access share. Nobody else includes it. */
#pragma once

#include <jansson.h>

#include "adapt/access.h"
#include "adapt/access_book.h"
#include "adapt/access_pace.h"
#include "adapt/access_rate.h"
#include "adapt/access_secret.h"
#include "adapt/access_session.h"
#include "adapt/access_session_file.h"
#include "wire/login_message.h"

#define ACCESS_PATH_MAX (PATH_TEXT_MAX + 16)
#define ACCESS_WORDS_MAX 384
#define ACCESS_CODES_MAX 8
#define ACCESS_CODE_LENGTH 12 /* 60 random bits */
#define ACCESS_JOBS_MAX 16    /* that wait for the worker */

/* A code that logs in once. */
struct access_code {
	char text[ACCESS_CODE_LENGTH + 1]; /* empty: free place */
	uint64_t until_ms;                 /* the loop's time */
};

struct access_job;

struct access {
	uv_loop_t *loop;
	const struct web_config *config;
	char path[ACCESS_PATH_MAX];
	struct access_book book;
	char trouble[ACCESS_WORDS_MAX]; /* why nobody can log in; empty: nothing is wrong */
	char first_code[ACCESS_CODE_LENGTH + 1]; /* while there is no user */
	struct access_code codes[ACCESS_CODES_MAX];
	struct access_sessions sessions;
	char sessions_path[ACCESS_PATH_MAX + 16];
	bool is_keeping; /* a job that writes them waits, and has not begun */
	struct access_pace pace;
	struct access_rate rate;
	struct access_job *running, *first_waiting, *last_waiting;
	size_t waiting_count;
	bool is_stopped, is_freed;
};

/*
 * Something that a worker does for a request: what it needs is copied here. `change` runs
 * there, on a copy of the book, which becomes the book where `writes` and all went
 * well. `finish` makes the reply, on the loop. The message is wiped at the end.
 */
struct access_job {
	uv_work_t work;
	struct access *access;
	struct access_job *next;
	struct http_exchange *exchange; /* NULL: it was answered already */
	struct login_message message;
	char address[ADDRESS_TEXT_MAX]; /* whose try it was */
	enum http_transport transport;
	bool is_secure;  /* over https: what the cookie becomes */
	bool must_exist; /* of a user: it is changed, not made */
	bool begins_session;
	bool writes;
	bool keeps_sessions; /* its `change` writes those that are when it begins */
	char secret[SECRET_TEXT_MAX]; /* of a token that was made */
	struct access_book book;
	struct access_sessions sessions; /* with `keeps_sessions` */
	struct session_clocks clocks;
	int (*change)(struct access_job *job, struct text *error);
	void (*finish)(struct access_job *job, struct http_reply *reply);
	int result; /* of change and of writing */
	bool is_unwritten;
	char words[ACCESS_WORDS_MAX];
};

/*
 * A job for `request`; NULL, with the problem in `reply`, where there are too many or
 * the file of users cannot be used.
 */
struct access_job *access_job_new(struct access *access, const struct http_request *request,
				  struct http_reply *reply) MUST_CHECK;

/* Hands it to the worker, and makes the request wait. `job` is taken. */
void access_job_begin(struct access_job *job, const struct http_request *request);

/* Frees a job that was not begun. */
void access_job_free(struct access_job *job);

/* Replies with what GET /session says of `role` and `user` (may be empty), over that transport. */
void access_reply_session(const struct access *access, struct http_reply *reply, enum role role,
			  const struct ident *user, enum http_transport transport);

/* Begins a session, and puts its cookie into `reply`, which is made already. */
void access_give_session(struct access *access, struct http_reply *reply, const struct ident *user,
			 enum role role, bool is_secure);

/* Has the sessions written as they are, soon. */
void access_keep_sessions(struct access *access);

/* The change of a job that `keeps_sessions`. */
int access_write_sessions(struct access_job *job, struct text *error) MUST_CHECK;

/* Takes the cookie back. */
void access_take_session(struct http_reply *reply, bool is_secure);

/* The name of the cookie; with https it is bound to this host by the browser. */
const char *access_cookie(bool is_secure);

/* The loop's time in real ms, and beside it the time of day. */
uint64_t access_now_ms(const struct access *access);
struct session_clocks access_clocks(const struct access *access);

/*
 * Takes a try of `request` at a secret. Returns false, with 429 in `reply`, where there
 * is none; the Unix socket has them without end.
 */
bool access_take_try(struct access *access, const struct http_request *request,
		     struct http_reply *reply) MUST_CHECK;
void access_give_try_back(struct access *access, const char *address);

/* Whether `text` is a code that logs in; it is used up then. The first run's is not. */
bool access_use_code(struct access *access, const char *text);

/* Replies with `body`, which is taken; NULL: out of memory. */
void access_reply(struct http_reply *reply, int status, json_t *body);
