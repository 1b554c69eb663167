/*
 * HTTP/1.1 on a Unix socket and on TCP, in our event loop.
 *
 * libmicrohttpd parses and writes; each socket has a daemon of it, which runs
 * without a thread, on its epoll descriptor (uv_poll) and its own deadline (uv_timer). This file is
 * the server's life: open, turn, close. What happens to a request stands in http_exchange.c, the
 * socket in http_listen.c, what is served in api.c.
 */
#include "adapt/http.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapt/http_internal.h"
#include "adapt/http_listen.h"
#include "base/log.h"

#define CONNECTION_MEMORY (16 * 1024)

static int start_daemon(struct http_listener *listener, int fd, const struct http_tcp *tcp);
static int watch_daemon(struct http_listener *listener);
static void stop_listener(struct http_listener *listener);
static void unlink_ours(const struct http_server *server);

static struct http_listener *listener_at(struct http_server *server, enum http_place place)
{
	struct http_listener *listener = &server->listeners[place];

	listener->server = server;
	return listener;
}

int http_open(struct http_server **out, uv_loop_t *loop, const char *socket_path,
	      const struct http_route *routes, size_t count, void *user, struct text *error)
{
	struct http_server *server;
	struct stat made;
	int fd = http_listen(socket_path, error);
	int rc;

	if (fd < 0)
		return fd;
	server = calloc(1, sizeof(*server));
	if (!server) {
		close(fd);
		return -ENOMEM;
	}
	server->loop = loop;
	server->routes = routes;
	server->route_count = count;
	server->user = user;
	snprintf(server->path, sizeof(server->path), "%s", socket_path);
	server->inode = stat(socket_path, &made) == 0 ? made.st_ino : 0;
	rc = start_daemon(listener_at(server, HTTP_AT_UNIX), fd, NULL);
	if (rc < 0) {
		close(fd);
		unlink_ours(server);
		free(server);
		text_add(error, "cannot serve on %s: %s", socket_path, strerror(-rc));
		return rc;
	}
	rc = watch_daemon(&server->listeners[HTTP_AT_UNIX]);
	if (rc < 0) {
		text_add(error, "cannot watch %s: %s", socket_path, strerror(-rc));
		http_close(server, NULL);
		return rc;
	}
	*out = server;
	return 0;
}

int http_open_tcp(struct http_server *server, const struct http_tcp *tcp, struct text *error)
{
	struct http_listener *listener = listener_at(server, HTTP_AT_TCP);
	uint16_t port;
	int fd = listener->timer.data ? -EALREADY
				      : http_listen_tcp(tcp->address, tcp->port, &port, error);
	int rc;

	if (fd < 0)
		return fd;
	listener->transport = tcp->transport;
	rc = start_daemon(listener, fd, tcp);
	if (rc < 0)
		close(fd);
	else
		rc = watch_daemon(listener);
	if (rc < 0) {
		text_add(error, "cannot serve on %s:%u: %s", tcp->address, port,
			 tcp->certificate ? "the library refuses web.certificate and web.key"
					  : strerror(-rc));
		stop_listener(listener);
		return rc;
	}
	return port;
}

/* Lets answers that are ready go out, and takes no more connections. */
static void quiesce(struct http_listener *listener)
{
	int fd;

	if (!listener->daemon)
		return;
	MHD_run(listener->daemon);
	fd = MHD_quiesce_daemon(listener->daemon);
	if (fd != MHD_INVALID_SOCKET)
		close(fd);
}

void http_close(struct http_server *server, void (*closed)(void *user))
{
	if (!server)
		return;
	server->is_closing = true;
	server->closed = closed;
	for (int i = 0; i < HTTP_PLACES; i++)
		quiesce(&server->listeners[i]);
	unlink_ours(server);
	if (server->readers == 0)
		http_stop(server);
}

/* ---- the loop ---- */

static void on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	http_turn(poll->data);
}

static void on_deadline(uv_timer_t *timer)
{
	http_turn(timer->data);
}

void http_turn(struct http_listener *listener)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;

	MHD_run(listener->daemon);
	http_links_look(listener);
	if (MHD_get_timeout(listener->daemon, &timeout_ms) == MHD_YES)
		uv_timer_start(&listener->timer, on_deadline, timeout_ms, 0);
	else
		uv_timer_stop(&listener->timer);
}

static int watch_daemon(struct http_listener *listener)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	struct http_server *server = listener->server;
	int rc;

	if (!info)
		return -ENOSYS;
	rc = uv_timer_init(server->loop, &listener->timer);
	if (rc < 0)
		return rc;
	listener->timer.data = listener;
	server->open_handles++;
	rc = uv_poll_init(server->loop, &listener->poll, info->epoll_fd);
	if (rc < 0)
		return rc;
	listener->poll.data = listener;
	server->open_handles++;
	return uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

static void free_when_closed(uv_handle_t *handle)
{
	struct http_server *server = ((struct http_listener *)handle->data)->server;

	if (--server->open_handles > 0 || !server->is_stopped)
		return;
	if (server->closed)
		server->closed(server->user);
	free(server);
}

static void unlink_ours(const struct http_server *server)
{
	struct stat found;

	if (stat(server->path, &found) == 0 && found.st_ino == server->inode)
		unlink(server->path);
}

/* Its handles have `data` where they were made. */
static void stop_listener(struct http_listener *listener)
{
	if (listener->poll.data)
		uv_poll_stop(&listener->poll);
	if (listener->daemon)
		MHD_stop_daemon(listener->daemon);
	listener->daemon = NULL;
	if (listener->poll.data && !uv_is_closing((uv_handle_t *)&listener->poll))
		uv_close((uv_handle_t *)&listener->poll, free_when_closed);
	if (listener->timer.data && !uv_is_closing((uv_handle_t *)&listener->timer))
		uv_close((uv_handle_t *)&listener->timer, free_when_closed);
}

void http_stop(struct http_server *server)
{
	http_refuse_waiting(server);
	for (int i = 0; i < HTTP_PLACES; i++)
		if (server->listeners[i].daemon)
			MHD_run(server->listeners[i].daemon);
	server->is_stopped = true;
	for (int i = 0; i < HTTP_PLACES; i++)
		stop_listener(&server->listeners[i]);
	http_kept_end(server);
	if (server->open_handles == 0)
		free(server);
}

static void PRINTF_LIKE(2, 0) on_library_log(void *user, const char *format, va_list arguments)
{
	char line[256];

	(void)user;
	vsnprintf(line, sizeof(line), format, arguments);
	line[strcspn(line, "\n")] = '\0';
	log_debug("http: %s", line);
}

/*
 * With TLS the library's own choice of versions and ciphers is narrowed to what
 * browsers of the last ten years speak.
 */
#define TLS_PRIORITIES "SECURE128:+SECURE192:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

static int start_daemon(struct http_listener *listener, int fd, const struct http_tcp *tcp)
{
	bool has_tls = tcp && tcp->certificate;
	const struct MHD_OptionItem tls[] =
	    {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, has_tls ? (void *)tcp->certificate : NULL},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, has_tls ? (void *)tcp->key : NULL},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)TLS_PRIORITIES},
		{MHD_OPTION_END, 0, NULL},
	    },
				    *more = has_tls ? tls : &tls[ARRAY_LENGTH(tls) - 1];

	errno = 0;
	listener->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
		(has_tls ? MHD_USE_TLS : 0),
	    0, http_on_accept, listener, http_on_request, listener, MHD_OPTION_EXTERNAL_LOGGER,
	    on_library_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
	    (unsigned int)(tcp ? HTTP_TCP_MAX : HTTP_UNIX_MAX), MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned int)HTTP_TIMEOUT_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)CONNECTION_MEMORY, MHD_OPTION_NOTIFY_COMPLETED, http_on_completed, NULL,
	    MHD_OPTION_NOTIFY_CONNECTION, http_on_connection, listener, MHD_OPTION_ARRAY, more,
	    MHD_OPTION_END);
	return listener->daemon ? 0 : errno ? -errno : -EIO;
}
