/*
 * The life of what guards the API, and its codes; see access.h. Who a request is from is
 * decided in access_gate.c, logins in access_login.c, users and tokens in access_people.c.
 */
#include "adapt/access.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapt/access_internal.h"
#include "base/log.h"

#define MS_PER_S UINT64_C(1000)

void access_file_of(const struct house *house, const char *journal_path, struct text *out)
{
	const char *slash = strrchr(journal_path, '/');

	if (house->web.users[0])
		text_add(out, "%s", house->web.users);
	else
		text_add(out, "%.*susers.json", slash ? (int)(slash - journal_path) + 1 : 0,
			 journal_path);
}

struct session_clocks access_clocks(const struct access *access)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (struct session_clocks){
	    .mono_ms = access_now_ms(access),
	    .wall_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000};
}

/* A file of sessions that is of no use lets everybody log in anew, which is no trouble. */
static void recall_sessions(struct access *access)
{
	char words[ACCESS_WORDS_MAX];
	struct text error = text_in(words, sizeof(words));
	struct text path = text_in(access->sessions_path, sizeof(access->sessions_path));

	session_file_of(access->path, &path);
	if (session_file_read(&access->sessions, &access->book, access_clocks(access),
			      access->sessions_path, &error) < 0)
		log_warning("%s", words);
}

int access_open(struct access **out, uv_loop_t *loop, const struct house *house,
		const char *journal_path, struct text *trouble)
{
	struct access *access = calloc(1, sizeof(*access));
	struct text path, words;

	if (!access || secret_begin() < 0) {
		free(access);
		return -ENOMEM;
	}
	access->loop = loop;
	access->config = &house->web;
	path = text_in(access->path, sizeof(access->path));
	access_file_of(house, journal_path, &path);
	words = text_in(access->trouble, sizeof(access->trouble));
	if (access_book_read(&access->book, access->path, &words) < 0)
		text_add(trouble, "%s", access->trouble);
	else if (access->book.user_count == 0)
		secret_make_code(access->first_code, ACCESS_CODE_LENGTH);
	recall_sessions(access);
	*out = access;
	return 0;
}

void access_free(struct access *access)
{
	if (!access)
		return;
	access->is_freed = true;
	if (!access->running) {
		explicit_bzero(access, sizeof(*access));
		free(access);
	}
}

uint64_t access_now_ms(const struct access *access)
{
	return uv_now(access->loop);
}

const char *access_first_code(const struct access *access)
{
	return access->first_code[0] ? access->first_code : NULL;
}

/* ---- codes ---- */

static const char *make_code(struct access *access)
{
	struct access_code *place = &access->codes[0];

	for (size_t i = 0; i < ACCESS_CODES_MAX; i++)
		if (access->codes[i].until_ms < place->until_ms)
			place = &access->codes[i];
	secret_make_code(place->text, ACCESS_CODE_LENGTH);
	place->until_ms = access_now_ms(access) + LOGIN_CODE_S * MS_PER_S;
	return place->text;
}

bool access_use_code(struct access *access, const char *text)
{
	uint8_t digest[ACCESS_DIGEST_BYTES], its[ACCESS_DIGEST_BYTES];
	bool is_found = false;

	secret_digest(digest, text);
	for (size_t i = 0; i < ACCESS_CODES_MAX; i++) {
		struct access_code *code = &access->codes[i];

		secret_digest(its, code->text);
		if (!code->text[0] || !secret_digest_equal(its, digest))
			continue;
		is_found = access_now_ms(access) < code->until_ms;
		*code = (struct access_code){0};
	}
	return is_found;
}

void access_post_login_code(struct access *access, const struct http_request *request,
			    struct http_reply *reply)
{
	const char *code;

	if (request->transport != HTTP_UNIX) {
		http_problem_of(reply, 403, "role-too-low",
				"codes are made over the Unix socket alone: amphora open");
		return;
	}
	code = make_code(access);
	access_reply(reply, 201, json_pack("{s:s, s:i}", "code", code, "expires_s", LOGIN_CODE_S));
}
