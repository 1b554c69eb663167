/*
 * Who is logged in. Of the secret in a browser's cookie only the digest is kept. Times are
 * those of the real, monotonic clock, which the caller passes in; one may be before its
 * beginning, since sessions outlive a restart (access_session_file.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapt/access_secret.h"

#define SESSIONS_MAX 64
#define SESSION_DAYS_MAX 30 /* however busy it is */
#define SESSION_IDLE_DAYS_MAX 7
#define SESSION_MS_MAX (SESSION_DAYS_MAX * UINT64_C(86400000))

struct access_session {
	bool is_used;
	struct ident user; /* empty: came in by a login code */
	enum role role;
	uint8_t digest[ACCESS_DIGEST_BYTES];
	uint64_t began_ms, seen_ms;
	uint64_t kept_ms; /* seen_ms, as the file has it */
};

struct access_sessions {
	struct access_session entries[SESSIONS_MAX];
};

/*
 * Begins a session and writes its secret. Where all places are taken, the one
 * that was not seen for longest ends.
 */
void session_begin(struct access_sessions *sessions, const struct ident *user, enum role role,
		   uint64_t now_ms, char secret[SECRET_TEXT_MAX]);

/* The session of that secret, seen now; NULL where there is none or it is over. */
struct access_session *session_find(struct access_sessions *sessions, const char *secret,
				    uint64_t now_ms);

bool session_is_over(const struct access_session *session, uint64_t now_ms);

/* Whether the file is to learn that one was seen since: it may lag by a day. All is noted as kept.
 */
bool session_is_seen_anew(struct access_sessions *sessions);

/* Whether there is one with that pass (secret_pass()) that is not over; it is seen now. */
bool session_holds(struct access_sessions *sessions, uint64_t pass, uint64_t now_ms);

void session_end(struct access_session *session);

/* Ends all of a user: its password or role has changed, or it is gone. */
void session_end_of(struct access_sessions *sessions, const struct ident *user);
