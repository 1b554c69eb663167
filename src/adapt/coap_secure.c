/*
 * The DTLS session of a peer, see coap_peer.h: begun when something is to be sent,
 * begun anew when the other side has forgotten it.
 *
 * A node that started again has lost its sessions and says nothing of it: DTLS
 * drops what it cannot read. So silence over a session that stands is answered
 * with a new handshake, within the deadline of what is under way, which is sent
 * again in the new session. Nothing is handed to libcoap before a session stands,
 * since it would go out with whatever was right when it was asked for.
 *
 * A wrong key shows as a handshake that never ends: what cannot be decrypted is
 * dropped, too. That the other side came as far as asking for the key tells it from
 * one that does not speak DTLS.
 */
#include "adapt/coap_hub_parts.h"

#define SILENCE_MS 2500       /* of a session that stands, then it is taken for lost */
#define HANDSHAKE_MS 2000     /* OpenSSL repeats itself after 1 s */
#define CONNECT_AGAIN_MS 1000 /* after a session that could not be made, or was closed */
#define NEVER UINT64_MAX

static bool waits(const struct peer_exchange *exchange)
{
	return exchange->is_open && exchange->is_waiting && !exchange->has_failed;
}

static bool is_waiting(const struct coap_peer *peer)
{
	return waits(&peer->write) || waits(&peer->read);
}

/* When the silence after it has become too long. */
static uint64_t silent_at(const struct peer_exchange *exchange)
{
	return exchange->is_open && !exchange->is_waiting && !exchange->has_failed
		   ? exchange->sent_at_ms + SILENCE_MS
		   : NEVER;
}

static uint64_t earlier(uint64_t a_ms, uint64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

/* How far the present handshake has come. */
static enum secure_trouble present_trouble(const struct peer_secure *secure)
{
	if (secure->state != SECURE_SHAKES_HANDS)
		return SECURE_FINE;
	return secure->key_was_wanted ? SECURE_KEY_DIFFERS : SECURE_SILENT;
}

/* The most that is known: a later handshake that has not come as far says nothing new. */
static enum secure_trouble known_trouble(const struct peer_secure *secure)
{
	enum secure_trouble present = present_trouble(secure);

	return present > secure->trouble ? present : secure->trouble;
}

static void on_key_wanted(void *user)
{
	struct coap_peer *peer = user;

	peer->secure.key_was_wanted = true;
}

static void begin(struct coap_peer *peer)
{
	struct peer_secure *secure = &peer->secure;

	secure->client.user = peer;
	secure->client.on_key_wanted = on_key_wanted;
	secure->key_was_wanted = false;
	secure->since_ms = peer_now_ms(peer);
	secure->begin_at_ms = secure->since_ms + CONNECT_AGAIN_MS;
	peer->session =
	    dtls_connect(peer->hub->coap.context, &peer->place.address, peer->key, &secure->client);
	if (!peer->session)
		return;
	peer_prepare_session(peer);
	if (coap_session_get_state(peer->session) == COAP_SESSION_STATE_NONE)
		peer_secure_end(peer);
	else
		secure->state = SECURE_SHAKES_HANDS;
}

void peer_secure_end(struct coap_peer *peer)
{
	peer->secure.trouble = known_trouble(&peer->secure);
	peer->secure.state = SECURE_NONE;
	peer->write.is_waiting = peer->read.is_waiting = true;
	coap_loop_drop(&peer->hub->coap, peer->session);
	peer->session = NULL;
	peer_observe_anew(peer, CONNECT_AGAIN_MS);
}

bool peer_secure_is_up(const struct coap_peer *peer)
{
	return peer->secure.state == SECURE_STANDS;
}

const char *peer_secure_trouble(const struct coap_peer *peer)
{
	static const char *const words[] = {
	    [SECURE_FINE] = "no answer",
	    [SECURE_SILENT] = "it does not answer the DTLS handshake",
	    [SECURE_KEY_DIFFERS] = "it does not have the key that is in our key_file",
	    [SECURE_REFUSED] = "it refuses the identity that we give",
	};

	return words[known_trouble(&peer->secure)];
}

uint64_t peer_secure_due(const struct coap_peer *peer)
{
	const struct peer_secure *secure = &peer->secure;

	if (!peer->place.is_secure)
		return NEVER;
	switch (secure->state) {
	case SECURE_NONE:
		return is_waiting(peer) ? secure->begin_at_ms : NEVER;
	case SECURE_SHAKES_HANDS:
		return secure->since_ms + HANDSHAKE_MS;
	default:
		return is_waiting(peer) ? 0
					: earlier(silent_at(&peer->write), silent_at(&peer->read));
	}
}

void peer_secure_turn(struct coap_peer *peer)
{
	struct peer_secure *secure = &peer->secure;

	if (peer_secure_due(peer) > peer_now_ms(peer))
		return;
	if (peer_secure_is_up(peer) && is_waiting(peer)) {
		peer_send_waiting(peer);
	} else {
		if (secure->state != SECURE_NONE)
			peer_secure_end(peer);
		if (is_waiting(peer))
			begin(peer);
	}
	coap_loop_flush(&peer->hub->coap);
}

/*
 * From within libcoap: it is only noted what became of the session, and acted on from
 * the timer.
 */
void peer_on_event(struct coap_peer *peer, coap_event_t event)
{
	struct peer_secure *secure = &peer->secure;

	switch (event) {
	case COAP_EVENT_DTLS_CONNECTED:
		secure->state = SECURE_STANDS;
		secure->trouble = SECURE_FINE;
		break;
	case COAP_EVENT_DTLS_ERROR:
		if (secure->state == SECURE_SHAKES_HANDS)
			secure->trouble = SECURE_REFUSED;
		break;
	case COAP_EVENT_DTLS_CLOSED:
		peer_secure_end(peer);
		break;
	default:
		return;
	}
	peer_schedule(peer);
}
