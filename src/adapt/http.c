/*
 * HTTP/1.1 on a Unix socket, in our event loop.
 *
 * libmicrohttpd parses and writes; it runs without a thread, on its epoll
 * descriptor (uv_poll) and its own deadline (uv_timer). This file is the
 * server's life: open, turn, close. What happens to a request stands in
 * http_exchange.c, the socket in http_listen.c, what is served in api.c.
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

static int start_daemon(struct http_server *server, int listener);
static int watch_daemon(struct http_server *server);
static void unlink_ours(const struct http_server *server);

int http_open(struct http_server **out, uv_loop_t *loop, const char *socket_path,
	      const struct http_route *routes, size_t count, void *user, struct text *error)
{
	struct http_server *server;
	struct stat made;
	int listener = http_listen(socket_path, error);
	int rc;

	if (listener < 0)
		return listener;
	server = calloc(1, sizeof(*server));
	if (!server) {
		close(listener);
		return -ENOMEM;
	}
	server->loop = loop;
	server->routes = routes;
	server->route_count = count;
	server->user = user;
	snprintf(server->path, sizeof(server->path), "%s", socket_path);
	server->inode = stat(socket_path, &made) == 0 ? made.st_ino : 0;
	rc = start_daemon(server, listener);
	if (rc < 0) {
		close(listener);
		unlink_ours(server);
		free(server);
		text_add(error, "cannot serve on %s: %s", socket_path, strerror(-rc));
		return rc;
	}
	rc = watch_daemon(server);
	if (rc < 0) {
		text_add(error, "cannot watch %s: %s", socket_path, strerror(-rc));
		http_close(server, NULL);
		return rc;
	}
	*out = server;
	return 0;
}

void http_close(struct http_server *server, void (*closed)(void *user))
{
	int listener;

	if (!server)
		return;
	server->is_closing = true;
	server->closed = closed;
	MHD_run(server->daemon); /* lets answers that are ready go out */
	listener = MHD_quiesce_daemon(server->daemon);
	if (listener != MHD_INVALID_SOCKET)
		close(listener);
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

void http_turn(struct http_server *server)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;

	MHD_run(server->daemon);
	if (MHD_get_timeout(server->daemon, &timeout_ms) == MHD_YES)
		uv_timer_start(&server->timer, on_deadline, timeout_ms, 0);
	else
		uv_timer_stop(&server->timer);
}

static int watch_daemon(struct http_server *server)
{
	const union MHD_DaemonInfo *info =
	    MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int rc;

	server->timer.data = server->poll.data = server;
	if (!info)
		return -ENOSYS;
	rc = uv_timer_init(server->loop, &server->timer);
	if (rc < 0)
		return rc;
	server->open_handles++;
	rc = uv_poll_init(server->loop, &server->poll, info->epoll_fd);
	if (rc < 0)
		return rc;
	server->open_handles++;
	return uv_poll_start(&server->poll, UV_READABLE, on_readable);
}

static void free_when_closed(uv_handle_t *handle)
{
	struct http_server *server = handle->data;

	if (--server->open_handles > 0)
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

void http_stop(struct http_server *server)
{
	http_refuse_waiting(server);
	MHD_run(server->daemon);
	if (server->open_handles > 1)
		uv_poll_stop(&server->poll);
	MHD_stop_daemon(server->daemon);
	server->daemon = NULL;
	if (server->open_handles > 1)
		uv_close((uv_handle_t *)&server->poll, free_when_closed);
	if (server->open_handles > 0)
		uv_close((uv_handle_t *)&server->timer, free_when_closed);
	else
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

static int start_daemon(struct http_server *server, int listener)
{
	server->daemon =
	    MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL,
			     NULL, http_on_request, server, MHD_OPTION_EXTERNAL_LOGGER,
			     on_library_log, NULL, MHD_OPTION_LISTEN_SOCKET, listener,
			     MHD_OPTION_CONNECTION_LIMIT, (unsigned int)HTTP_CONNECTIONS_MAX,
			     MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)HTTP_TIMEOUT_S,
			     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
			     MHD_OPTION_NOTIFY_COMPLETED, http_on_completed, NULL, MHD_OPTION_END);
	return server->daemon ? 0 : errno ? -errno : -EIO;
}
