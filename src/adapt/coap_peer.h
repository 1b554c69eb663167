/*
 * One CoAP resource of another machine, read, observed and written. For the hub's
 * files only: relays, sensors and discovery are each a peer with their own
 * actions.
 *
 * A peer has at most one write and one read under way. Each ends in exactly one of
 * its actions, unless it is replaced or abandoned.
 */
#pragma once

#include <coap3/coap.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/coap_dtls.h"
#include "adapt/coap_place.h"
#include "base/result.h"
#include "base/text.h"
#include "wire/coap_answer.h"

#define COAP_PAYLOAD_MAX (64 * 1024)
#define PEER_DETAIL_MAX 64
#define PEER_MESSAGE_MAX 512

struct coap_hub;
struct coap_peer;

struct coap_answer {
	coap_pdu_code_t code;
	bool has_format;
	uint16_t format;
	bool is_text; /* text/plain, else taken for JSON */
	const uint8_t *payload;
	size_t length;
	bool is_notification; /* not asked for just now */
	uint32_t max_age_s;   /* 60 where it is not said (RFC 7252, 5.10.5) */
};

/* What is written: by default a PUT of JSON to where the peer is. */
struct peer_message {
	struct text payload;
	const char *path, *query; /* path NULL: the peer's; query NULL: none */
	bool is_post;
	bool is_text; /* else JSON, where there is a payload */
};

struct peer_actions {
	void (*read_answered)(struct coap_peer *peer, const struct coap_answer *answer);
	void (*read_failed)(struct coap_peer *peer, bool is_refused, const char *detail);
	void (*write_answered)(struct coap_peer *peer, const struct coap_answer *answer);
	void (*write_failed)(struct coap_peer *peer, bool is_refused, const char *detail);

	/*
	 * Writes the message as it is right at this moment, which is when it goes
	 * out. Returns whether there is any use in it still.
	 */
	bool (*compose)(struct coap_peer *peer, struct peer_message *out);
};

struct peer_request {
	coap_pdu_code_t code;
	uint64_t token;
	bool observes;
	bool has_block;
	coap_block_t block; /* the one that is asked for */
};

struct peer_exchange {
	bool is_open;
	bool is_waiting; /* for a secure session; not sent yet */
	struct peer_request request;
	uint64_t sent_at_ms, deadline_ms; /* on the loop's clock */
	const char *trouble;              /* what the network has said of it so far, static */
	bool has_failed;                  /* no use waiting for the deadline */
};

enum secure_state { SECURE_NONE, SECURE_SHAKES_HANDS, SECURE_STANDS };

/* In the order of what they say: the later ones need an answer. */
enum secure_trouble { SECURE_FINE, SECURE_SILENT, SECURE_KEY_DIFFERS, SECURE_REFUSED };

/* The DTLS session, where `place` is secure. */
struct peer_secure {
	enum secure_state state;
	enum secure_trouble trouble; /* of the handshakes before the present one */
	bool key_was_wanted;         /* the other side has come as far in the present one */
	uint64_t since_ms;           /* when it was begun */
	uint64_t begin_at_ms;        /* not before */
	struct dtls_client client;
};

struct coap_peer {
	struct coap_hub *hub;
	size_t index;
	const struct peer_actions *actions;
	bool is_set;
	bool is_observed;   /* wanted: renewed every COAP_OBSERVE_RENEW_MS */
	bool is_write_only; /* can not be read; set before peer_set() */
	struct coap_place place;
	const struct shared_key *key; /* of a secure place; borrowed */
	coap_session_t *session;      /* NULL until the address is known */
	struct peer_secure secure;

	bool is_resolving;
	bool has_moved; /* while it was being resolved */
	uv_getaddrinfo_t resolver;

	uv_timer_t timer;

	struct peer_exchange write, read;
	uint64_t next_token;
	uint64_t observe_token; /* 0 before the first registration */
	bool read_is_registration;
	struct coap_order order; /* the last notification used */
	uint64_t renew_at_ms;    /* when to observe anew */
	uint64_t read_at_ms;     /* when to read next, UINT64_MAX for never */

	uint8_t *body; /* an answer of several blocks while it comes in, of COAP_PAYLOAD_MAX */
	size_t body_length;
};

/*
 * Begins a peer of `hub` at `place`, or moves it there; `key`, which stays, is for a
 * secure place and not used for another. The struct is zero before
 * the first call. It is read (observed, where `is_observed`) at once. A write under
 * way goes on where `place` is where the peer is already, and has failed, as the loop
 * reports, where it is not. Returns 0, or libuv's error.
 */
int peer_set(struct coap_peer *peer, struct coap_hub *hub, size_t index,
	     const struct peer_actions *actions, const struct coap_place *place,
	     const struct shared_key *key, bool is_observed) MUST_CHECK;

/* Stops it for good; its handles release the hub when the loop has let them go. */
void peer_close(struct coap_peer *peer);

/* Leaves where it is, reporting nothing; peer_set() may begin it anew. */
void peer_leave(struct coap_peer *peer);

/* Reads within `delay_ms` at the latest. */
void peer_read_within(struct coap_peer *peer, uint64_t delay_ms);

/* Puts the next read off until `delay_ms` from now. */
void peer_read_after(struct coap_peer *peer, uint64_t delay_ms);

/* No reads but those asked for. */
void peer_read_never(struct coap_peer *peer);

/* Sets the timer to what is due next; after every change of the above. */
void peer_schedule(struct coap_peer *peer);

/* Stops libcoap's retransmissions to it; a read under way begins again later. */
void peer_stop_sending(struct coap_peer *peer);

/* The loop's time in ms. */
uint64_t peer_now_ms(const struct coap_peer *peer);

/* Sets a new session up for us. */
void peer_prepare_session(struct coap_peer *peer);

/* Registers as an observer again with a read in `delay_ms`, where it is observed. */
void peer_observe_anew(struct coap_peer *peer, uint64_t delay_ms);

/* coap_secure.c: the session of a secure place. */

/* Does what is due, and when that is on the loop's clock; UINT64_MAX for never. */
void peer_secure_turn(struct coap_peer *peer);
uint64_t peer_secure_due(const struct coap_peer *peer);

/* Whether its session stands, so that something can be sent. */
bool peer_secure_is_up(const struct coap_peer *peer);

/* Why what waits for it is still waiting, in words. */
const char *peer_secure_trouble(const struct coap_peer *peer);

/* Leaves the session; what was sent in it and not answered waits for the next. */
void peer_secure_end(struct coap_peer *peer);

/* What libcoap says of the session. */
void peer_on_event(struct coap_peer *peer, coap_event_t event);

/* coap_exchange.c: what is sent and what is made of the answers. */

/* PUTs what the actions compose, at once, instead of any write that is still open. */
void peer_write(struct coap_peer *peer);

/* Sends what waits for a secure session, which stands now. */
void peer_send_waiting(struct coap_peer *peer);

/* GETs, and registers as an observer when that is due. */
void peer_read(struct coap_peer *peer);

/* Forgets a read that is under way: what it would say is older than what is known. */
void peer_abandon_read(struct coap_peer *peer);

coap_response_t peer_on_response(struct coap_peer *peer, const coap_pdu_t *received);
void peer_on_nack(struct coap_peer *peer, const coap_pdu_t *sent, coap_nack_reason_t reason);
