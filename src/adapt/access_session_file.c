/* The file of sessions, see access_session_file.h. */
#include "adapt/access_session_file.h"

#include <errno.h>
#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/access_file.h"

#define VERSION 1
#define HEX_MAX (ACCESS_DIGEST_BYTES * 2 + 1)

void session_file_of(const char *users, struct text *out)
{
	text_add(out, "%s.sessions", users);
}

/* What tells whether the password is still the one that the session was begun with. */
static void write_print(char out[HEX_MAX], const struct access_book *book, const struct ident *user)
{
	int index = access_book_find_user(book, user->text);
	uint8_t digest[ACCESS_DIGEST_BYTES];

	out[0] = '\0';
	if (index < 0)
		return;
	secret_digest(digest, book->users[index].password_hash);
	sodium_bin2hex(out, HEX_MAX, digest, sizeof(digest));
}

/* ---- from JSON ---- */

static int take_digest(uint8_t out[ACCESS_DIGEST_BYTES], const char *hex)
{
	size_t length;

	return hex &&
		       sodium_hex2bin(out, ACCESS_DIGEST_BYTES, hex, strlen(hex), NULL, &length,
				      NULL) == 0 &&
		       length == ACCESS_DIGEST_BYTES
		   ? 0
		   : -EINVAL;
}

/* The loop's time of a moment on the other clock, which may lie before it was started. */
static int take_time(uint64_t *out, const json_t *value, struct session_clocks now)
{
	int64_t wall_ms = json_integer_value(value);

	if (!json_is_integer(value) || wall_ms < 0)
		return -EINVAL;
	/* Ahead of the clock: counts as older than any may be. */
	*out = wall_ms > now.wall_ms ? now.mono_ms - SESSION_MS_MAX
				     : now.mono_ms - (uint64_t)(now.wall_ms - wall_ms);
	return 0;
}

/* Returns 0 with `out->is_used` where it comes back, or -EINVAL for what is no session. */
static int take_session(struct access_session *out, const struct access_book *book,
			struct session_clocks now, const json_t *entry)
{
	const char *user = json_string_value(json_object_get(entry, "user"));
	const char *print = json_string_value(json_object_get(entry, "print"));
	struct access_session session = {.role = ROLE_CONTROL};
	char its_print[HEX_MAX];
	int index;

	if (!user || !print ||
	    take_digest(session.digest, json_string_value(json_object_get(entry, "digest"))) != 0 ||
	    take_time(&session.began_ms, json_object_get(entry, "began_ms"), now) != 0 ||
	    take_time(&session.seen_ms, json_object_get(entry, "seen_ms"), now) != 0 ||
	    (user[0] != '\0' && ident_parse(&session.user, user, strlen(user)) != 0))
		return -EINVAL;
	session.kept_ms = session.seen_ms;
	index = access_book_find_user(book, user);
	write_print(its_print, book, &session.user);
	if (index >= 0)
		session.role = book->users[index].role;
	session.is_used = (user[0] == '\0' || index >= 0) && strcmp(print, its_print) == 0 &&
			  !session_is_over(&session, now.mono_ms);
	*out = session;
	return 0;
}

static int take_sessions(struct access_sessions *out, const struct access_book *book,
			 struct session_clocks now, const json_t *object)
{
	const json_t *list = json_object_get(object, "sessions");
	int rc = json_integer_value(json_object_get(object, "version")) == VERSION &&
			 json_is_array(list) && json_array_size(list) <= SESSIONS_MAX
		     ? 0
		     : -EINVAL;

	for (size_t i = 0; rc == 0 && i < json_array_size(list); i++)
		rc = take_session(&out->entries[i], book, now, json_array_get(list, i));
	return rc;
}

int session_file_read(struct access_sessions *out, const struct access_book *book,
		      struct session_clocks now, const char *path, struct text *error)
{
	struct access_sessions *sessions;
	json_t *object;
	int rc = access_file_read(&object, path, error);

	*out = (struct access_sessions){0};
	if (rc < 0 || !object)
		return rc;
	sessions = calloc(1, sizeof(*sessions));
	rc = sessions ? take_sessions(sessions, book, now, object) : -ENOMEM;
	if (rc == 0)
		*out = *sessions;
	else
		text_add(error,
			 "%s: this is no file of sessions; whoever was logged in logs in anew",
			 path);
	free(sessions);
	json_decref(object);
	return rc;
}

/* ---- to JSON ---- */

static json_int_t wall_of(uint64_t mono_ms, struct session_clocks now)
{
	int64_t wall_ms = now.wall_ms - (int64_t)(now.mono_ms - mono_ms);

	return wall_ms > 0 ? wall_ms : 0;
}

static json_t *sessions_json(const struct access_sessions *sessions, const struct access_book *book,
			     struct session_clocks now)
{
	json_t *list = json_array();

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		const struct access_session *session = &sessions->entries[i];
		char digest[HEX_MAX], print[HEX_MAX];

		if (!session->is_used || session_is_over(session, now.mono_ms))
			continue;
		sodium_bin2hex(digest, sizeof(digest), session->digest, sizeof(session->digest));
		write_print(print, book, &session->user);
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s, s:I, s:I}", "user",
						session->user.text, "print", print, "digest",
						digest, "began_ms", wall_of(session->began_ms, now),
						"seen_ms", wall_of(session->seen_ms, now)));
	}
	return json_pack("{s:i, s:o}", "version", VERSION, "sessions", list);
}

int session_file_write(const struct access_sessions *sessions, const struct access_book *book,
		       struct session_clocks now, const char *path, struct text *error)
{
	return access_file_write(sessions_json(sessions, book, now), path, error);
}
