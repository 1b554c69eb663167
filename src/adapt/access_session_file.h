/*
 * Sessions over a restart: one JSON file with mode 0600 beside the file of users. Of a secret only
 * the digest is in it. A session comes back only while its user is there, with the role that the
 * file of users gives now, and only with the password that it was begun with; where the time of
 * day says that it lies ahead, nobody knows how old it is, and it has ended.
 */
#pragma once

#include <stdint.h>

#include "adapt/access_book.h"
#include "adapt/access_session.h"
#include "base/result.h"
#include "base/text.h"

/* Two clocks at one moment, in ms: the loop's, and since 1970. */
struct session_clocks {
	uint64_t mono_ms;
	int64_t wall_ms;
};

/* "users.json" -> "users.json.sessions" */
void session_file_of(const char *users, struct text *out);

/*
 * Takes the sessions of the file at `path` that `book` and the clocks let come back; none there is
 * none. Returns 0, or a negative errno with a sentence in `error` for a file that others may read,
 * that cannot be read, or that is no such file: then there are none. Blocks.
 */
int session_file_read(struct access_sessions *out, const struct access_book *book,
		      struct session_clocks now, const char *path, struct text *error) MUST_CHECK;

/* Writes them durably. Returns 0, or a negative errno with a sentence in `error`. Blocks. */
int session_file_write(const struct access_sessions *sessions, const struct access_book *book,
		       struct session_clocks now, const char *path, struct text *error) MUST_CHECK;
