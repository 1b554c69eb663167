/*
 * Logging in and out: name and password, which a worker checks, or a code; and what
 * one is told of oneself.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/access_internal.h"

#define S_PER_DAY 86400

void access_reply(struct http_reply *reply, int status, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

	json_decref(body);
	if (!text) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	*reply = (struct http_reply){.status = status,
				     .content_type = "application/json",
				     .body = text,
				     .body_length = strlen(text)};
}

static bool is_insecure(const struct access *access, enum http_transport transport)
{
	return transport == HTTP_INSECURE && access->config->is_insecure;
}

void access_reply_session(const struct access *access, struct http_reply *reply, enum role role,
			  const struct ident *user, enum http_transport transport)
{
	access_reply(reply, 200,
		     json_pack("{s:s?, s:s, s:b, s:b, s:s, s:b}", "user",
			       user->text[0] ? user->text : NULL, "role", role_name(role),
			       "first_run", access_first_code(access) != NULL, "insecure",
			       is_insecure(access, transport), "transport",
			       http_transport_name(transport), "login_needed", role == ROLE_NONE));
}

void access_give_session(struct access *access, struct http_reply *reply, const struct ident *user,
			 enum role role, bool is_secure)
{
	char secret[SECRET_TEXT_MAX];

	session_begin(&access->sessions, user, role, access_now_ms(access), secret);
	http_reply_header(reply, "Set-Cookie",
			  "%s=%s; Path=/; HttpOnly; SameSite=Strict%s; Max-Age=%d",
			  access_cookie(is_secure), secret, is_secure ? "; Secure" : "",
			  SESSION_DAYS_MAX * S_PER_DAY);
	explicit_bzero(secret, sizeof(secret));
	access_keep_sessions(access);
}

void access_take_session(struct http_reply *reply, bool is_secure)
{
	http_reply_header(reply, "Set-Cookie",
			  "%s=; Path=/; HttpOnly; SameSite=Strict%s; Max-Age=0",
			  access_cookie(is_secure), is_secure ? "; Secure" : "");
}

bool access_take_try(struct access *access, const struct http_request *request,
		     struct http_reply *reply)
{
	unsigned wait_s;

	if (request->transport == HTTP_UNIX)
		return true;
	wait_s = pace_take(&access->pace, request->caller.address, access_now_ms(access));
	if (wait_s == 0)
		return true;
	http_problem_of(reply, 429, "too-many-tries", "too many tries to log in; wait a little");
	http_reply_header(reply, "Retry-After", "%u", wait_s);
	return false;
}

void access_give_try_back(struct access *access, const char *address)
{
	if (address[0])
		pace_give_back(&access->pace, address, access_now_ms(access));
}

/* Ends the session that the request came with, if any; returns whether there was one. */
static bool end_session(struct access *access, const struct http_request *request)
{
	const char *cookies = http_header(request, "Cookie");
	struct access_session *session = NULL;
	char secret[SECRET_TEXT_MAX];

	if (cookies &&
	    cookie_find(secret, sizeof(secret), cookies, access_cookie(request->is_secure)) > 0)
		session = session_find(&access->sessions, secret, access_now_ms(access));
	if (session)
		session_end(session);
	return session != NULL;
}

/* ---- by password ---- */

static int check_password(struct access_job *job, struct text *error)
{
	int user = access_book_find_user(&job->book, job->message.name.text);
	const char *hash = user >= 0 ? job->book.users[user].password_hash : NULL;

	(void)error;
	return secret_password_is_right(hash, job->message.password) ? 0 : -EKEYREJECTED;
}

static void finish_login(struct access_job *job, struct http_reply *reply)
{
	struct access *access = job->access;
	const struct ident *name = &job->message.name;
	int user = access_book_find_user(&access->book, name->text);

	if (job->result != 0 || user < 0) {
		http_problem_of(reply, 401, "login-failed", "name or password is wrong");
		return;
	}
	access_give_try_back(access, job->address);
	if (job->exchange)
		http_set_caller(job->exchange, HTTP_CALLER_USER, name);
	access_reply_session(access, reply, access->book.users[user].role, name, job->transport);
	access_give_session(access, reply, name, access->book.users[user].role, job->is_secure);
}

static void login_by_password(struct access *access, const struct http_request *request,
			      const struct login_message *message, struct http_reply *reply)
{
	struct access_job *job = access_job_new(access, request, reply);

	if (!job)
		return;
	(void)end_session(access, request);
	job->message = *message;
	job->change = check_password;
	job->finish = finish_login;
	/* What is no name may be a password, typed where the name belongs. */
	http_note(request, "%s",
		  access_book_find_user(&access->book, message->name.text) >= 0
		      ? message->name.text
		      : "a name that no user has");
	access_job_begin(job, request);
}

/* ---- by code ---- */

static void login_by_code(struct access *access, const struct http_request *request,
			  const struct login_message *message, struct http_reply *reply)
{
	static const struct ident nobody = {""};

	http_note(request, "by code");
	if (!access_use_code(access, message->code)) {
		http_problem_of(
		    reply, 401, "login-failed",
		    "this code is wrong, was used already, or is older than 10 minutes");
		return;
	}
	access_give_try_back(access, request->caller.address);
	(void)end_session(access, request);
	http_set_caller(request->exchange, HTTP_CALLER_CODE, &nobody);
	access_reply_session(access, reply, ROLE_CONTROL, &nobody, request->transport);
	access_give_session(access, reply, &nobody, ROLE_CONTROL, request->is_secure);
}

/* ---- handlers ---- */

void access_get_session(struct access *access, const struct http_request *request,
			struct http_reply *reply)
{
	static const struct ident nobody = {""};
	bool is_user = request->caller.kind == HTTP_CALLER_USER;

	access_reply_session(access, reply, request->role,
			     is_user ? &request->caller.name : &nobody, request->transport);
}

void access_post_session(struct access *access, const struct http_request *request,
			 struct http_reply *reply)
{
	char words[ACCESS_WORDS_MAX];
	struct text error = text_in(words, sizeof(words));
	struct login_message message;

	if (login_message_parse(&message, request->body, request->body_length,
				LOGIN_CODE | LOGIN_NAME | LOGIN_PASSWORD, 0, &error) != 0 ||
	    (message.code[0] != '\0') == (message.name.text[0] != '\0') ||
	    (message.name.text[0] != '\0') != (message.password[0] != '\0'))
		http_problem(reply, 400,
			     error.length ? words : "either name and password or a code is needed");
	else if (!access_take_try(access, request, reply))
		;
	else if (message.code[0])
		login_by_code(access, request, &message, reply);
	else
		login_by_password(access, request, &message, reply);
	explicit_bzero(&message, sizeof(message));
}

/* Answered once it is durable: no restart brings it back. */
static void finish_logout(struct access_job *job, struct http_reply *reply)
{
	if (job->result != 0)
		http_problem(reply, 503, job->words);
	access_take_session(reply, job->is_secure);
}

void access_delete_session(struct access *access, const struct http_request *request,
			   struct http_reply *reply)
{
	struct access_job *job;

	if (!end_session(access, request)) {
		access_take_session(reply, request->is_secure);
		return;
	}
	job = access_job_new(access, request, reply);
	if (!job) { /* it has ended here, and its cookie goes all the same */
		access_take_session(reply, request->is_secure);
		return;
	}
	job->keeps_sessions = true;
	job->change = access_write_sessions;
	job->finish = finish_logout;
	access_job_begin(job, request);
}
