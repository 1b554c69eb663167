/*
 * A CoAP context within a libuv loop, see coap_loop.h. It decides nothing: it
 * carries readiness from libuv to libcoap, for the daemon's hub and the nodes'
 * servers alike.
 *
 * libcoap's descriptor is an epoll set that holds its sockets and its timer. We
 * wait on it ourselves and hand over the events (coap_io_do_epoll), which spares
 * the two extra system calls of coap_io_process() for each packet.
 */
#include "adapt/coap_loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapt/coap_place.h"

#define EVENTS_MAX 32

static int listen_with(struct coap_loop *coap, const char *address, uint16_t port,
		       coap_proto_t protocol);
static void end_session(coap_session_t *session);
static bool is_free(const coap_address_t *where);
static void on_readable(uv_poll_t *poll, int status, int events);
static void on_poll_closed(uv_handle_t *handle);

int coap_loop_open(struct coap_loop *coap, uv_loop_t *loop, void (*on_turn)(void *user), void *user)
{
	int result;

	memset(coap, 0, sizeof(*coap));
	coap_startup();
	coap_set_log_level(LOG_EMERG); /* its words are not ours; errors reach us as values */
	coap->context = coap_new_context(NULL);
	if (!coap->context)
		return -ENOMEM;
	result = uv_poll_init(loop, &coap->poll, coap_context_get_coap_fd(coap->context));
	if (result < 0) {
		coap_free_context(coap->context);
		coap->context = NULL;
		return result;
	}
	coap->poll.data = coap;
	coap->user = user;
	coap->on_turn = on_turn;
	coap_set_app_data(coap->context, user);
	return uv_poll_start(&coap->poll, UV_READABLE, on_readable);
}

void coap_loop_close(struct coap_loop *coap, void (*on_closed)(void *user))
{
	coap_context_t *context = coap->context;

	coap->on_closed = on_closed;
	coap->on_turn = NULL;
	if (!context) {
		if (on_closed)
			on_closed(coap->user);
		return;
	}
	coap->context = NULL;
	uv_poll_stop(&coap->poll);
	coap_free_context(context);
	uv_close((uv_handle_t *)&coap->poll, on_poll_closed);
}

int coap_loop_listen(struct coap_loop *coap, const char *address, uint16_t port)
{
	return listen_with(coap, address, port, COAP_PROTO_UDP);
}

int coap_loop_listen_secure(struct coap_loop *coap, const char *address, uint16_t port,
			    dtls_find_key *find_key, void *user)
{
	int result = dtls_serve(coap->context, &coap->server, find_key, user);

	return result < 0 ? result : listen_with(coap, address, port, COAP_PROTO_DTLS);
}

int coap_loop_listen_node(struct coap_loop *coap, const char *address, uint16_t port,
			  struct shared_key *key)
{
	if (key->length == 0)
		return coap_loop_listen(coap, address, port);
	return coap_loop_listen_secure(coap, address, port, dtls_only_key, key);
}

void coap_loop_drop(struct coap_loop *coap, coap_session_t *session)
{
	if (!session)
		return;
	coap_session_set_app_data(session, NULL);
	if (!coap->is_in_turn)
		end_session(session);
	else if (coap->dropped_count < COAP_DROPPED_MAX)
		coap->dropped[coap->dropped_count++] = session;
	/* One more than could be: it stays, unheard, until the context goes. */
}

static int listen_with(struct coap_loop *coap, const char *address, uint16_t port,
		       coap_proto_t protocol)
{
	coap_address_t where;
	coap_endpoint_t *endpoint;
	const char *colon;

	if (coap_place_numeric(&where, address, port) < 0)
		return -EINVAL;
	if (port != 0 && !is_free(&where))
		return -EADDRINUSE;
	endpoint = coap_new_endpoint(coap->context, &where, protocol);
	if (!endpoint)
		return -EADDRNOTAVAIL;
	/* The bound address can only be had as text: `127.0.0.1:5683 UDP`. */
	colon = strrchr(coap_endpoint_str(endpoint), ':');
	return colon ? (int)strtol(colon + 1, NULL, 10) : port;
}

void coap_loop_flush(struct coap_loop *coap)
{
	coap_tick_t now;

	if (!coap->context || coap->is_in_turn)
		return;
	coap_ticks(&now);
	coap_loop_enter(coap);
	coap_io_prepare_epoll(coap->context, now);
	coap_loop_leave(coap, false);
}

bool coap_loop_enter(struct coap_loop *coap)
{
	bool was_in_turn = coap->is_in_turn;

	coap->is_in_turn = true;
	return was_in_turn;
}

void coap_loop_leave(struct coap_loop *coap, bool was_in_turn)
{
	coap->is_in_turn = was_in_turn;
	if (was_in_turn)
		return;
	for (size_t i = 0; i < coap->dropped_count; i++)
		end_session(coap->dropped[i]);
	coap->dropped_count = 0;
}

/* What is still under way in it would be sent again by itself: no longer. */
static void end_session(coap_session_t *session)
{
	coap_session_disconnected(session, COAP_NACK_NOT_DELIVERABLE);
	coap_session_release(session);
}

/*
 * libcoap binds with SO_REUSEADDR, and Linux then lets two programs share a UDP
 * port, one of them deaf. A plain bind tells.
 */
static bool is_free(const coap_address_t *where)
{
	int fd = socket(where->addr.sa.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_bound = fd >= 0 && bind(fd, &where->addr.sa, where->size) == 0;
	bool is_taken = !is_bound && errno == EADDRINUSE;

	if (fd >= 0)
		close(fd);
	return !is_taken;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
	struct coap_loop *coap = poll->data;
	struct epoll_event ready[EVENTS_MAX];
	int count;

	(void)events;
	if (status < 0)
		return;
	count = epoll_wait(coap_context_get_coap_fd(coap->context), ready, EVENTS_MAX, 0);
	coap_loop_enter(coap);
	if (count > 0)
		coap_io_do_epoll(coap->context, ready, (size_t)count);
	coap_loop_leave(coap, false);
	if (coap->on_turn)
		coap->on_turn(coap->user);
}

static void on_poll_closed(uv_handle_t *handle)
{
	struct coap_loop *coap = handle->data;

	if (coap->on_closed)
		coap->on_closed(coap->user);
}
