/*
 * Users and tokens: listed to who has control, changed over the Unix socket alone; but
 * the first user may be made in a browser with the code that only this machine shows.
 */
#include <errno.h>
#include <string.h>

#include "adapt/access_internal.h"

static bool is_local(const struct http_request *request, struct http_reply *reply)
{
	if (request->transport == HTTP_UNIX)
		return true;
	http_problem_of(reply, 403, "role-too-low",
			"users and tokens are changed on the machine itself: amphora user, amphora "
			"token");
	return false;
}

/* Reads the body. Returns false with the problem in `reply`. */
static bool read_message(const struct http_request *request, struct login_message *message,
			 unsigned allowed, unsigned needed, struct http_reply *reply)
{
	char words[ACCESS_WORDS_MAX];
	struct text error = text_in(words, sizeof(words));

	if (login_message_parse(message, request->body, request->body_length, allowed, needed,
				&error) == 0) {
		if (message->password[0] == '\0' || strlen(message->password) >= PASSWORD_BYTES_MIN)
			return true;
		text_add(&error, "password: has 8 to 256 bytes");
	}
	explicit_bzero(message, sizeof(*message));
	http_problem(reply, 400, words);
	return false;
}

/* ---- users ---- */

static json_t *user_json(const struct access_user *user)
{
	return json_pack("{s:s, s:s}", "name", user->name.text, "role", role_name(user->role));
}

void access_get_users(struct access *access, const struct http_request *request,
		      struct http_reply *reply)
{
	json_t *users = json_array();

	(void)request;
	for (size_t i = 0; i < access->book.user_count; i++)
		json_array_append_new(users, user_json(&access->book.users[i]));
	access_reply(reply, 200, json_pack("{s:o}", "users", users));
}

/* On the worker. -EEXIST, -ENOENT, -ENOSPC or -ENOMEM. */
static int put_user(struct access_job *job, struct text *error)
{
	const struct login_message *message = &job->message;
	int index = access_book_find_user(&job->book, message->name.text);
	struct access_user user = {.name = message->name};
	int rc = 0;

	if ((index >= 0) != job->must_exist)
		return index >= 0 ? -EEXIST : -ENOENT;
	if (index >= 0)
		user = job->book.users[index];
	if (message->role != ROLE_NONE)
		user.role = message->role;
	if (message->password[0])
		rc = secret_hash_password(user.password_hash, message->password);
	if (rc == 0)
		rc = access_book_put_user(&job->book, &user);
	if (rc == -ENOSPC)
		text_add(error, "there are %d users already: that is the most", ACCESS_USERS_MAX);
	return rc;
}

static void finish_user(struct access_job *job, struct http_reply *reply)
{
	struct access *access = job->access;
	const struct ident *name = &job->message.name;
	int index = access_book_find_user(&access->book, name->text);

	if (job->result == -EEXIST)
		http_problem_of(reply, 409, "exists-already",
				"there is a user with this name already");
	else if (job->result == -ENOENT)
		http_problem(reply, 404, "no user has this name");
	else if (job->result == -ENOSPC)
		http_problem_of(reply, 409, "too-many", job->words);
	else if (job->result != 0 || index < 0)
		http_problem(reply, 500, job->words[0] ? job->words : "out of memory");
	else {
		const struct access_user *user = &access->book.users[index];

		session_end_of(&access->sessions, name);
		access_keep_sessions(access);
		if (job->begins_session)
			access_reply_session(access, reply, user->role, name, job->transport);
		else
			access_reply(reply, 200, user_json(user));
		reply->status = job->must_exist ? 200 : 201;
		if (job->begins_session)
			access_give_session(access, reply, name, user->role, job->is_secure);
	}
}

static void begin_user(struct access *access, const struct http_request *request,
		       const struct login_message *message, bool must_exist,
		       struct http_reply *reply)
{
	struct access_job *job = access_job_new(access, request, reply);

	if (!job)
		return;
	job->message = *message;
	job->must_exist = must_exist;
	job->writes = true;
	job->begins_session = request->transport != HTTP_UNIX;
	job->change = put_user;
	job->finish = finish_user;
	http_note(request, "%s%s%s%s", message->name.text,
		  message->role != ROLE_NONE ? ", role " : "",
		  message->role != ROLE_NONE ? role_name(message->role) : "",
		  must_exist && message->password[0] ? ", a new password" : "");
	access_job_begin(job, request);
}

/* Whether the first user may be made by this request: by code, or logged in by one. */
static bool may_make_first(struct access *access, const struct http_request *request,
			   const struct login_message *message, struct http_reply *reply)
{
	uint8_t digest[ACCESS_DIGEST_BYTES], first[ACCESS_DIGEST_BYTES];

	if (!access->first_code[0])
		return is_local(request, reply);
	if (request->role == ROLE_CONTROL && request->caller.kind == HTTP_CALLER_CODE)
		return true;
	if (!access_take_try(access, request, reply))
		return false;
	secret_digest(digest, message->code);
	secret_digest(first, access->first_code);
	if (secret_digest_equal(digest, first) || access_use_code(access, message->code)) {
		access_give_try_back(access, request->caller.address);
		return true;
	}
	http_problem_of(reply, 401, "login-failed",
			"this code is wrong: the log of amphorad has it, and amphora open");
	return false;
}

void access_post_user(struct access *access, const struct http_request *request,
		      struct http_reply *reply)
{
	bool is_first = request->transport != HTTP_UNIX;
	unsigned allowed = LOGIN_NAME | LOGIN_PASSWORD | (is_first ? LOGIN_CODE : LOGIN_ROLE);
	unsigned needed = LOGIN_NAME | LOGIN_PASSWORD | (is_first ? 0 : LOGIN_ROLE);
	struct login_message message;

	if (!read_message(request, &message, allowed, needed, reply))
		return;
	if (!is_first || may_make_first(access, request, &message, reply)) {
		if (is_first)
			message.role = ROLE_CONTROL;
		begin_user(access, request, &message, false, reply);
	}
	explicit_bzero(&message, sizeof(message));
}

void access_patch_user(struct access *access, const struct http_request *request,
		       struct http_reply *reply)
{
	struct login_message message;

	if (!is_local(request, reply) ||
	    !read_message(request, &message, LOGIN_PASSWORD | LOGIN_ROLE, 0, reply))
		return;
	if (ident_parse(&message.name, request->segment, strlen(request->segment)) != 0)
		http_problem(reply, 404, "no user has this name");
	else if (message.password[0] == '\0' && message.role == ROLE_NONE)
		http_problem(reply, 400, "password or role is needed");
	else
		begin_user(access, request, &message, true, reply);
	explicit_bzero(&message, sizeof(message));
}

static int remove_user(struct access_job *job, struct text *error)
{
	int index = access_book_find_user(&job->book, job->message.name.text);

	(void)error;
	if (index < 0)
		return -ENOENT;
	access_book_remove_user(&job->book, (size_t)index);
	return 0;
}

static void finish_removed_user(struct access_job *job, struct http_reply *reply)
{
	struct access *access = job->access;

	if (job->result != 0) {
		http_problem(reply, 404, "no user has this name");
		return;
	}
	session_end_of(&access->sessions, &job->message.name);
	access_keep_sessions(access);
	if (access->book.user_count == 0)
		secret_make_code(access->first_code, ACCESS_CODE_LENGTH);
}

/* A job about what the path names. */
static void begin_named(struct access *access, const struct http_request *request,
			int (*change)(struct access_job *job, struct text *error),
			void (*finish)(struct access_job *job, struct http_reply *reply),
			struct http_reply *reply)
{
	struct access_job *job = access_job_new(access, request, reply);

	if (!job)
		return;
	if (ident_parse(&job->message.name, request->segment, strlen(request->segment)) != 0) {
		access_job_free(job);
		http_problem(reply, 404, "nobody has this name");
		return;
	}
	job->writes = true;
	job->change = change;
	job->finish = finish;
	access_job_begin(job, request);
}

void access_delete_user(struct access *access, const struct http_request *request,
			struct http_reply *reply)
{
	if (is_local(request, reply))
		begin_named(access, request, remove_user, finish_removed_user, reply);
}

/* ---- tokens ---- */

void access_get_tokens(struct access *access, const struct http_request *request,
		       struct http_reply *reply)
{
	json_t *tokens = json_array();

	(void)request;
	for (size_t i = 0; i < access->book.token_count; i++) {
		const struct access_token *token = &access->book.tokens[i];

		json_array_append_new(tokens, json_pack("{s:s, s:s}", "name", token->name.text,
							"role", role_name(token->role)));
	}
	access_reply(reply, 200, json_pack("{s:o}", "tokens", tokens));
}

static int make_token(struct access_job *job, struct text *error)
{
	struct access_token token = {.name = job->message.name, .role = job->message.role};

	if (access_book_find_token(&job->book, token.name.text) >= 0)
		return -EEXIST;
	secret_make(job->secret, "amphora_");
	secret_digest(token.digest, job->secret);
	if (access_book_put_token(&job->book, &token) == 0)
		return 0;
	text_add(error, "there are %d tokens already: that is the most", ACCESS_TOKENS_MAX);
	return -ENOSPC;
}

static void finish_token(struct access_job *job, struct http_reply *reply)
{
	if (job->result == -EEXIST)
		http_problem_of(reply, 409, "exists-already",
				"there is a token with this name already");
	else if (job->result == -ENOSPC)
		http_problem_of(reply, 409, "too-many", job->words);
	else if (job->result != 0)
		http_problem(reply, 500, job->words[0] ? job->words : "out of memory");
	else
		access_reply(reply, 201,
			     json_pack("{s:s, s:s, s:s}", "name", job->message.name.text, "role",
				       role_name(job->message.role), "token", job->secret));
}

void access_post_token(struct access *access, const struct http_request *request,
		       struct http_reply *reply)
{
	const unsigned members = LOGIN_NAME | LOGIN_ROLE;
	struct login_message message;
	struct access_job *job;

	if (!is_local(request, reply) || !read_message(request, &message, members, members, reply))
		return;
	job = access_job_new(access, request, reply);
	if (!job)
		return;
	job->message = message;
	job->writes = true;
	job->change = make_token;
	job->finish = finish_token;
	http_note(request, "%s, role %s", message.name.text, role_name(message.role));
	access_job_begin(job, request);
}

static int remove_token(struct access_job *job, struct text *error)
{
	int index = access_book_find_token(&job->book, job->message.name.text);

	(void)error;
	if (index < 0)
		return -ENOENT;
	access_book_remove_token(&job->book, (size_t)index);
	return 0;
}

static void finish_removed_token(struct access_job *job, struct http_reply *reply)
{
	if (job->result != 0)
		http_problem(reply, 404, "no token has this name");
}

void access_delete_token(struct access *access, const struct http_request *request,
			 struct http_reply *reply)
{
	if (is_local(request, reply))
		begin_named(access, request, remove_token, finish_removed_token, reply);
}
