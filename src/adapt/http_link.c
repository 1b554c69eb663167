/*
 * The connections of TCP: how many from where, and for how long without a whole request.
 *
 * The library ends a connection that is silent for HTTP_TIMEOUT_S. Who sends a byte now
 * and then is not silent: this file gives a request's head and its body a time in all.
 * Such a byte wakes us, so that looking at each wake-up, once a second, is enough.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapt/http_internal.h"
#include "wire/plain_channel.h"

#define LOOK_MS 1000
#define MS_PER_S UINT64_C(1000)

/* Behind this machine's own address may be a tunnel or a proxy with many browsers. */
static size_t most_from(const struct http_listener *listener, const char *address)
{
	bool is_shared = host_is_loopback(address) ||
			 (listener->server->gate.is_proxy &&
			  listener->server->gate.is_proxy(listener->server->gate.user, address));

	return is_shared ? HTTP_SHARED_MAX : HTTP_ADDRESS_MAX;
}

enum MHD_Result http_on_accept(void *user, const struct sockaddr *address, socklen_t length)
{
	struct http_listener *listener = user;
	char text[ADDRESS_TEXT_MAX];
	size_t count = 0;

	(void)length;
	if (http_address_write(text, address) < 0)
		return MHD_YES; /* the Unix socket */
	for (const struct http_link *link = listener->links; link; link = link->next)
		count += strcmp(link->address, text) == 0;
	return count < most_from(listener, text) ? MHD_YES : MHD_NO;
}

static void begin(struct http_listener *listener, struct MHD_Connection *connection, void **context)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct http_link *link = calloc(1, sizeof(*link));

	*context = link;
	if (!link)
		return; /* it is then not watched, and the library's own limits hold */
	link->fd = info ? info->connect_fd : -1;
	http_peer_address(connection, link->address);
	link->until_ms = uv_now(listener->server->loop) + HTTP_HEAD_S * MS_PER_S;
	link->next = listener->links;
	link->place = &listener->links;
	if (link->next)
		link->next->place = &link->next;
	listener->links = link;
}

static void end(struct http_link *link)
{
	if (!link)
		return;
	*link->place = link->next;
	if (link->next)
		link->next->place = link->place;
	free(link);
}

void http_on_connection(void *user, struct MHD_Connection *connection, void **context,
			enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		begin(user, connection, context);
	else
		end(*context);
}

void http_link_allow(const struct http_exchange *exchange, unsigned seconds)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_link *link = info ? info->socket_context : NULL;

	if (link)
		link->until_ms =
		    seconds ? uv_now(exchange->server->loop) + seconds * MS_PER_S : UINT64_MAX;
}

void http_links_look(struct http_listener *listener)
{
	uint64_t now_ms = uv_now(listener->server->loop);

	if (now_ms - listener->looked_ms < LOOK_MS)
		return;
	listener->looked_ms = now_ms;
	for (struct http_link *link = listener->links; link; link = link->next) {
		if (now_ms < link->until_ms || link->fd < 0)
			continue;
		/* The library sees its end, and closes it. */
		shutdown(link->fd, SHUT_RDWR);
		link->until_ms = UINT64_MAX;
	}
}

static size_t count_links(const struct http_listener *listener)
{
	size_t count = 0;

	for (const struct http_link *link = listener->links; link; link = link->next)
		count++;
	return count;
}

struct http_clients http_count_clients(const struct http_server *server)
{
	return (struct http_clients){.on_socket = count_links(&server->listeners[HTTP_AT_UNIX]),
				     .on_tcp = count_links(&server->listeners[HTTP_AT_TCP])};
}
