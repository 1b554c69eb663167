/* Sessions, see access_session.h. */
#include "adapt/access_session.h"

#include <string.h>

#define MS_PER_DAY UINT64_C(86400000)

bool session_is_over(const struct access_session *session, uint64_t now_ms)
{
	return now_ms - session->began_ms >= SESSION_DAYS_MAX * MS_PER_DAY ||
	       now_ms - session->seen_ms >= SESSION_IDLE_DAYS_MAX * MS_PER_DAY;
}

/* A free place, else that of a session that is over, else of the one not seen for longest. */
static struct access_session *place(struct access_sessions *sessions, uint64_t now_ms)
{
	struct access_session *oldest = &sessions->entries[0];

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct access_session *session = &sessions->entries[i];

		if (!session->is_used || session_is_over(session, now_ms))
			return session;
		if (now_ms - session->seen_ms > now_ms - oldest->seen_ms)
			oldest = session;
	}
	return oldest;
}

void session_begin(struct access_sessions *sessions, const struct ident *user, enum role role,
		   uint64_t now_ms, char secret[SECRET_TEXT_MAX])
{
	struct access_session *session = place(sessions, now_ms);

	secret_make(secret, "");
	*session = (struct access_session){.is_used = true,
					   .user = *user,
					   .role = role,
					   .began_ms = now_ms,
					   .seen_ms = now_ms,
					   .kept_ms = now_ms};
	secret_digest(session->digest, secret);
}

struct access_session *session_find(struct access_sessions *sessions, const char *secret,
				    uint64_t now_ms)
{
	uint8_t digest[ACCESS_DIGEST_BYTES];

	secret_digest(digest, secret);
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct access_session *session = &sessions->entries[i];

		if (!session->is_used || !secret_digest_equal(session->digest, digest))
			continue;
		if (session_is_over(session, now_ms)) {
			session_end(session);
			return NULL;
		}
		session->seen_ms = now_ms;
		return session;
	}
	return NULL;
}

bool session_holds(struct access_sessions *sessions, uint64_t pass, uint64_t now_ms)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		struct access_session *session = &sessions->entries[i];

		if (!session->is_used || secret_pass(session->digest) != pass)
			continue;
		if (session_is_over(session, now_ms))
			return false;
		session->seen_ms = now_ms;
		return true;
	}
	return false;
}

bool session_is_seen_anew(struct access_sessions *sessions)
{
	bool is_anew = false;

	for (size_t i = 0; i < SESSIONS_MAX; i++) {
		const struct access_session *session = &sessions->entries[i];

		is_anew |= session->is_used && session->seen_ms - session->kept_ms >= MS_PER_DAY;
	}
	for (size_t i = 0; i < SESSIONS_MAX && is_anew; i++)
		sessions->entries[i].kept_ms = sessions->entries[i].seen_ms;
	return is_anew;
}

void session_end(struct access_session *session)
{
	*session = (struct access_session){0};
}

void session_end_of(struct access_sessions *sessions, const struct ident *user)
{
	for (size_t i = 0; i < SESSIONS_MAX; i++)
		if (sessions->entries[i].is_used && ident_equal(&sessions->entries[i].user, user))
			session_end(&sessions->entries[i]);
}
