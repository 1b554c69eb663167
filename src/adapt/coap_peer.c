/*
 * The life of a peer, see coap_peer.h: its address, its session and its one
 * timer. It decides when something is due; what is sent and how an answer is
 * taken is coap_exchange.c's, what it means the actions'.
 *
 * libcoap sends a request again after 1, 2 and 4 s; we stop waiting after
 * COAP_COMMAND_DEADLINE_MS. An address that is answered for with "unreachable" is
 * not given up before that: a node that is just starting is reached by the
 * second try.
 */
#include "adapt/coap_peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/coap_hub_parts.h"

#define ACK_TIMEOUT ((coap_fixed_point_t){1, 0})
#define ACK_RANDOM_FACTOR ((coap_fixed_point_t){1, 0})
#define RETRANSMISSIONS 3
#define PARALLEL_REQUESTS 4 /* libcoap's NSTART: a read never waits for a write, or the reverse */
#define RESOLVE_AGAIN_MS 5000
#define NEVER UINT64_MAX

static void move_to(struct coap_peer *peer, const struct coap_place *place);
static void connect_to(struct coap_peer *peer);
static void disconnect(struct coap_peer *peer);
static bool is_there(const struct coap_peer *peer, const struct coap_place *place);
static bool is_reachable(const struct coap_peer *peer);
static void resolve(struct coap_peer *peer);
static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found);
static void on_timer(uv_timer_t *timer);
static void on_timer_closed(uv_handle_t *handle);
static bool is_over(const struct coap_peer *peer, const struct peer_exchange *exchange);
static uint64_t due_of(const struct peer_exchange *exchange);
static void fail_write(struct coap_peer *peer);
static void fail_read(struct coap_peer *peer);
static void begin_read(struct coap_peer *peer);
static uint64_t earlier(uint64_t a_ms, uint64_t b_ms);

int peer_set(struct coap_peer *peer, struct coap_hub *hub, size_t index,
	     const struct peer_actions *actions, const struct coap_place *place,
	     const struct shared_key *key, bool is_observed)
{
	if (!peer->is_set) {
		int result = uv_timer_init(hub->loop, &peer->timer);

		if (result < 0)
			return result;
		hub_hold(hub);
		peer->timer.data = peer;
		peer->is_set = true;
		coap_prng(&peer->next_token, sizeof(peer->next_token));
	} else if (is_there(peer, place)) {
		peer_observe_anew(peer, 0);
		peer_read_within(peer, 0);
		return 0;
	}
	peer->hub = hub;
	peer->index = index;
	peer->actions = actions;
	peer->key = key;
	peer->is_observed = is_observed;
	peer->renew_at_ms = NEVER;
	peer->has_moved = peer->is_resolving;
	move_to(peer, place);
	return 0;
}

void peer_close(struct coap_peer *peer)
{
	if (!peer->is_set)
		return;
	peer->is_set = false;
	disconnect(peer);
	if (peer->is_resolving)
		uv_cancel((uv_req_t *)&peer->resolver);
	uv_close((uv_handle_t *)&peer->timer, on_timer_closed);
}

void peer_leave(struct coap_peer *peer)
{
	if (!peer->is_set)
		return;
	disconnect(peer);
	peer->write.is_open = false;
	peer->has_moved = peer->is_resolving;
	peer->place = (struct coap_place){0};
	peer->renew_at_ms = NEVER;
	peer_read_never(peer);
}

void peer_read_within(struct coap_peer *peer, uint64_t delay_ms)
{
	peer->read_at_ms = earlier(peer->read_at_ms, peer_now_ms(peer) + delay_ms);
	peer_schedule(peer);
}

void peer_read_after(struct coap_peer *peer, uint64_t delay_ms)
{
	peer->read_at_ms = peer_now_ms(peer) + delay_ms;
	peer_schedule(peer);
}

void peer_read_never(struct coap_peer *peer)
{
	peer->read_at_ms = NEVER;
	peer_schedule(peer);
}

void peer_schedule(struct coap_peer *peer)
{
	uint64_t due_ms = earlier(due_of(&peer->write), due_of(&peer->read));
	uint64_t at_ms = peer_now_ms(peer);

	if (!peer->is_set)
		return;
	if (!peer->read.is_open)
		due_ms = earlier(due_ms, earlier(peer->read_at_ms, peer->renew_at_ms));
	due_ms = earlier(due_ms, peer_secure_due(peer));
	if (due_ms == NEVER)
		uv_timer_stop(&peer->timer);
	else
		uv_timer_start(&peer->timer, on_timer, due_ms > at_ms ? due_ms - at_ms : 0, 0);
}

void peer_stop_sending(struct coap_peer *peer)
{
	if (peer->read.is_open) {
		peer->read.is_open = false;
		peer->read_at_ms = peer_now_ms(peer);
	}
	if (peer->place.is_secure)
		peer_secure_end(peer);
	else if (peer->session)
		coap_session_disconnected(peer->session, COAP_NACK_NOT_DELIVERABLE);
}

uint64_t peer_now_ms(const struct coap_peer *peer)
{
	return uv_now(peer->timer.loop);
}

static void move_to(struct coap_peer *peer, const struct coap_place *place)
{
	disconnect(peer);
	peer->place = *place;
	peer_observe_anew(peer, 0);
	peer->read_at_ms = peer_now_ms(peer);
	if (place->is_resolved)
		connect_to(peer);
	peer_schedule(peer);
}

/* A secure session is begun when something is to be sent. */
static void connect_to(struct coap_peer *peer)
{
	if (peer->place.is_secure)
		return;
	peer->session = coap_new_client_session(peer->hub->coap.context, NULL, &peer->place.address,
						COAP_PROTO_UDP);
	if (peer->session)
		peer_prepare_session(peer);
	/* else no route, or no memory: tried again at the next read */
}

void peer_prepare_session(struct coap_peer *peer)
{
	coap_session_t *session = peer->session;

	coap_session_set_ack_timeout(session, ACK_TIMEOUT);
	coap_session_set_ack_random_factor(session, ACK_RANDOM_FACTOR);
	coap_session_set_max_retransmit(session, RETRANSMISSIONS);
	coap_session_set_nstart(session, PARALLEL_REQUESTS);
	coap_session_set_app_data(session, peer);
}

/*
 * Leaves the present session with all that is under way in it. A write has failed with
 * it, which the timer reports: its owner waits for one or the other.
 */
static void disconnect(struct coap_peer *peer)
{
	peer->write.has_failed = true;
	peer->write.trouble = "it has moved to another address";
	peer->read.is_open = false;
	peer->observe_token = 0;
	free(peer->body);
	peer->body = NULL;
	coap_loop_drop(&peer->hub->coap, peer->session);
	peer->session = NULL;
	peer->secure = (struct peer_secure){0};
}

/* Whether `place`, numeric, is the resource that the peer talks to already. */
static bool is_there(const struct coap_peer *peer, const struct coap_place *place)
{
	return is_reachable(peer) && place->is_resolved &&
	       place->is_secure == peer->place.is_secure &&
	       coap_address_equals(&place->address, &peer->place.address) &&
	       strcmp(place->path, peer->place.path) == 0 &&
	       strcmp(place->query, peer->place.query) == 0;
}

/* Whether something can be sent to it, at once or as soon as a secure session stands. */
static bool is_reachable(const struct coap_peer *peer)
{
	return peer->session || (peer->place.is_secure && peer->place.is_resolved);
}

/* In case the peer has forgotten us and begins to count anew. */
void peer_observe_anew(struct coap_peer *peer, uint64_t delay_ms)
{
	peer->order.has_sequence = false;
	if (peer->is_observed)
		peer->renew_at_ms = peer_now_ms(peer) + delay_ms;
}

static void resolve(struct coap_peer *peer)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};

	if (peer->is_resolving)
		return;
	peer->resolver.data = peer;
	if (uv_getaddrinfo(peer->hub->loop, &peer->resolver, on_resolved, peer->place.host, NULL,
			   &hints) < 0)
		return;
	peer->is_resolving = true;
	peer->has_moved = false;
	hub_hold(peer->hub);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
	struct coap_peer *peer = request->data;
	struct coap_hub *hub = peer->hub;
	struct coap_place place = peer->place;

	peer->is_resolving = false;
	if (peer->is_set && !peer->has_moved && status == 0) {
		coap_place_resolve(&place, found->ai_addr);
		if (!is_reachable(peer) ||
		    !coap_address_equals(&place.address, &peer->place.address))
			move_to(peer, &place);
	} else if (peer->is_set && !peer->has_moved && !is_reachable(peer)) {
		peer_read_after(peer, RESOLVE_AGAIN_MS);
		peer->actions->read_failed(peer, false, "its host name is not known");
	} else if (peer->is_set) {
		peer_schedule(peer);
	}
	uv_freeaddrinfo(found);
	hub_release(hub);
}

static void on_timer(uv_timer_t *timer)
{
	struct coap_peer *peer = timer->data;

	peer_secure_turn(peer);
	if (is_over(peer, &peer->write))
		fail_write(peer);
	if (is_over(peer, &peer->read))
		fail_read(peer);
	if (!peer->read.is_open &&
	    peer_now_ms(peer) >= earlier(peer->read_at_ms, peer->renew_at_ms))
		begin_read(peer);
	peer_schedule(peer);
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct coap_peer *peer = handle->data;

	hub_release(peer->hub);
}

static bool is_over(const struct coap_peer *peer, const struct peer_exchange *exchange)
{
	return exchange->is_open &&
	       (exchange->has_failed || peer_now_ms(peer) >= exchange->deadline_ms);
}

static uint64_t due_of(const struct peer_exchange *exchange)
{
	if (!exchange->is_open)
		return NEVER;
	return exchange->has_failed ? 0 : exchange->deadline_ms;
}

static const char *trouble_of(const struct coap_peer *peer, const struct peer_exchange *exchange)
{
	if (exchange->trouble)
		return exchange->trouble;
	return exchange->is_waiting ? peer_secure_trouble(peer) : "no answer";
}

static void fail_write(struct coap_peer *peer)
{
	const char *trouble = trouble_of(peer, &peer->write);

	peer->write.is_open = false;
	peer_stop_sending(peer);
	peer->actions->write_failed(peer, false, trouble);
}

static void fail_read(struct coap_peer *peer)
{
	const char *trouble = trouble_of(peer, &peer->read);

	peer->read.is_open = false;
	if (!peer->write.is_open)
		peer_stop_sending(peer);
	peer_observe_anew(peer, RESOLVE_AGAIN_MS);
	peer_read_never(peer);
	peer->actions->read_failed(peer, false, trouble);
}

static void begin_read(struct coap_peer *peer)
{
	bool is_numeric;
	coap_address_t numeric;

	if (!peer->session && peer->place.is_resolved)
		connect_to(peer);
	is_numeric = coap_place_numeric(&numeric, peer->place.host, 0) == 0;
	if (!is_numeric && (!is_reachable(peer) || peer_now_ms(peer) >= peer->renew_at_ms))
		resolve(peer); /* a name may move */
	if (is_reachable(peer) && peer->is_write_only) {
		peer->read_at_ms = NEVER;
		peer->renew_at_ms = NEVER;
	} else if (is_reachable(peer)) {
		peer_read(peer);
	} else if (peer->is_observed) {
		peer->read_at_ms = NEVER;
		peer->renew_at_ms = peer_now_ms(peer) + RESOLVE_AGAIN_MS;
	} else {
		peer->read_at_ms = peer_now_ms(peer) + RESOLVE_AGAIN_MS;
	}
}

static uint64_t earlier(uint64_t a_ms, uint64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}
