/*
 * HTTP/1.1 on a Unix socket, in our event loop.
 *
 * libmicrohttpd parses and writes; it runs without a thread, on its epoll
 * descriptor (uv_poll) and its own deadline (uv_timer). This file decides which
 * handler a request goes to and enforces the limits on what a stranger sends;
 * a handler that blocks runs on a worker while its connection is suspended.
 * What is served is api.c's affair, the socket http_listen.c's.
 */
#include "adapt/http.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapt/http_listen.h"
#include "base/log.h"

#define PATH_LENGTH_MAX 108
#define CONNECTION_MEMORY (16 * 1024)
#define DISCARD_MAX (1024 * 1024) /* of a body that is too large, before the connection is cut */
#define ALLOW_MAX 32

/* One request and its answer, from its first line until it is sent. */
struct exchange {
	struct http_server *server;
	struct MHD_Connection *connection;
	const struct http_route *route; /* NULL: no such path or method */
	struct http_request request;
	struct http_reply reply;
	bool is_answered;
	char allow[ALLOW_MAX]; /* methods of the path, where the method was not one of them */
	char *body;            /* HTTP_BODY_MAX bytes, made when the first arrive */
	size_t received;       /* also what was thrown away */
	uv_work_t work;
	struct exchange *next; /* waiting for a worker */
};

struct http_server {
	struct MHD_Daemon *daemon;
	const struct http_route *routes;
	size_t route_count;
	void *user;
	char path[PATH_LENGTH_MAX];
	ino_t inode; /* of our socket file */
	uv_loop_t *loop;
	uv_poll_t poll;
	uv_timer_t timer;
	int open_handles;
	int readers; /* blocking handlers at work */
	struct exchange *first_waiting, *last_waiting;
	bool is_closing;
	void (*closed)(void *user);
};

static const char *const METHODS[HTTP_METHOD_COUNT] = {"GET", "POST", "PATCH", "DELETE"};

static int start_daemon(struct http_server *server, int listener);
static int watch_daemon(struct http_server *server);
static void turn(struct http_server *server);
static void stop_daemon(struct http_server *server);
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
		stop_daemon(server);
}

/* ---- the loop ---- */

static void on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	turn(poll->data);
}

static void on_deadline(uv_timer_t *timer)
{
	turn(timer->data);
}

/* Lets the library do what is ready, and asks it when it wants to run again. */
static void turn(struct http_server *server)
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

/* ---- answers ---- */

const char *http_argument(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->argument_count; i++) {
		if (strcmp(request->arguments[i].name, name) == 0)
			return request->arguments[i].value;
	}
	return NULL;
}

static enum MHD_Result add_headers(struct MHD_Response *response, const struct exchange *exchange)
{
	const struct http_reply *reply = &exchange->reply;

	if (reply->content_type &&
	    MHD_add_response_header(response, "Content-Type", reply->content_type) == MHD_NO)
		return MHD_NO;
	if (exchange->allow[0] &&
	    MHD_add_response_header(response, "Allow", exchange->allow) == MHD_NO)
		return MHD_NO;
	if (exchange->received > HTTP_BODY_MAX &&
	    MHD_add_response_header(response, "Connection", "close") == MHD_NO)
		return MHD_NO;
	return MHD_add_response_header(response, "Cache-Control", "no-store");
}

static enum MHD_Result send_reply(struct exchange *exchange)
{
	struct http_reply *reply = &exchange->reply;
	struct MHD_Response *response =
	    reply->body ? MHD_create_response_from_buffer(reply->body_length, reply->body,
							  MHD_RESPMEM_MUST_FREE)
			: MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result = MHD_NO;

	if (!response)
		return MHD_NO;
	reply->body = NULL; /* the response has taken it */
	if (add_headers(response, exchange) == MHD_YES)
		result =
		    MHD_queue_response(exchange->connection, (unsigned int)reply->status, response);
	MHD_destroy_response(response);
	return result;
}

static void refuse(struct exchange *exchange, int status, const char *detail)
{
	http_problem(&exchange->reply, status, detail);
	exchange->is_answered = true;
}

/* ---- workers ---- */

static void start_readers(struct http_server *server);

static void read_on_worker(uv_work_t *work)
{
	struct exchange *exchange = work->data;

	exchange->route->handle(exchange->server->user, &exchange->request, &exchange->reply);
}

static void after_reading(uv_work_t *work, int status)
{
	struct exchange *exchange = work->data;
	struct http_server *server = exchange->server;

	if (status < 0)
		http_problem(&exchange->reply, 503, "the daemon is stopping");
	exchange->is_answered = true;
	server->readers--;
	MHD_resume_connection(exchange->connection);
	if (!server->is_closing) {
		start_readers(server);
		turn(server);
	} else if (server->readers == 0) {
		stop_daemon(server);
	}
}

static void start_readers(struct http_server *server)
{
	while (server->first_waiting && server->readers < HTTP_READERS_MAX) {
		struct exchange *exchange = server->first_waiting;

		server->first_waiting = exchange->next;
		exchange->work.data = exchange;
		/* Fails only for a NULL callback. */
		(void)uv_queue_work(server->loop, &exchange->work, read_on_worker, after_reading);
		server->readers++;
	}
}

/* The connections' limit is the queue's. */
static void wait_for_reader(struct exchange *exchange)
{
	struct http_server *server = exchange->server;

	MHD_suspend_connection(exchange->connection);
	if (server->first_waiting)
		server->last_waiting->next = exchange;
	else
		server->first_waiting = exchange;
	server->last_waiting = exchange;
	start_readers(server);
}

static void refuse_waiting(struct http_server *server)
{
	while (server->first_waiting) {
		struct exchange *exchange = server->first_waiting;

		server->first_waiting = exchange->next;
		refuse(exchange, 503, "the daemon is stopping");
		MHD_resume_connection(exchange->connection);
	}
}

static void stop_daemon(struct http_server *server)
{
	refuse_waiting(server);
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

/* ---- requests ---- */

/* Whether `path` fits `pattern`; what stands for `*` is copied to `segment`. */
static bool path_fits(const char *pattern, const char *path, char segment[HTTP_SEGMENT_MAX])
{
	const char *star = strchr(pattern, '*');
	size_t before, length;

	if (!star)
		return strcmp(pattern, path) == 0;
	before = (size_t)(star - pattern);
	if (strncmp(pattern, path, before) != 0)
		return false;
	length = strcspn(path + before, "/");
	if (length == 0 || length >= HTTP_SEGMENT_MAX ||
	    strcmp(path + before + length, star + 1) != 0)
		return false;
	memcpy(segment, path + before, length);
	segment[length] = '\0';
	return true;
}

/* HEAD is GET without a body, which the library leaves out by itself. */
static bool is_method(const char *method, enum http_method wanted)
{
	return strcmp(method, METHODS[wanted]) == 0 ||
	       (wanted == HTTP_GET && strcmp(method, "HEAD") == 0);
}

static void find_route(struct exchange *exchange, const char *method, const char *path)
{
	const struct http_server *server = exchange->server;
	struct text allow = text_in(exchange->allow, sizeof(exchange->allow));

	for (size_t i = 0; i < server->route_count; i++) {
		const struct http_route *route = &server->routes[i];

		if (!path_fits(route->path, path, exchange->request.segment))
			continue;
		if (is_method(method, route->method)) {
			exchange->route = route;
			exchange->request.method = route->method;
			exchange->allow[0] = '\0';
			return;
		}
		text_add(&allow, "%s%s", allow.length ? ", " : "", METHODS[route->method]);
	}
	if (allow.length)
		refuse(exchange, 405, "this path knows other methods");
	else
		refuse(exchange, 404, "no such path");
}

static enum MHD_Result take_argument(void *user, enum MHD_ValueKind kind, const char *name,
				     const char *value)
{
	struct exchange *exchange = user;
	struct http_request *request = &exchange->request;

	(void)kind;
	if (request->argument_count == HTTP_ARGUMENTS_MAX) {
		if (!exchange->is_answered)
			refuse(exchange, 400, "too many arguments in the query");
		return MHD_NO;
	}
	request->arguments[request->argument_count++] =
	    (struct http_argument){name, value ? value : ""};
	return MHD_YES;
}

static enum MHD_Result begin(struct http_server *server, struct MHD_Connection *connection,
			     const char *method, const char *path, void **memory)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return MHD_NO;
	exchange->server = server;
	exchange->connection = connection;
	exchange->reply.status = 204;
	*memory = exchange;
	find_route(exchange, method, path);
	if (exchange->route)
		MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_argument,
					  exchange);
	return MHD_YES;
}

/* Keeps the body while it is small enough; then throws away, and at last cuts the connection. */
static enum MHD_Result take_body(struct exchange *exchange, const char *data, size_t *size)
{
	size_t length = *size;

	*size = 0;
	if (exchange->received + length > DISCARD_MAX)
		return MHD_NO;
	if (exchange->received + length <= HTTP_BODY_MAX) {
		if (!exchange->body)
			exchange->body = malloc(HTTP_BODY_MAX);
		if (!exchange->body)
			return MHD_NO;
		memcpy(exchange->body + exchange->received, data, length);
	} else if (!exchange->is_answered) {
		refuse(exchange, 413, "the body is larger than 64 KiB");
	}
	exchange->received += length;
	return MHD_YES;
}

static enum MHD_Result answer(struct exchange *exchange)
{
	if (!exchange->is_answered) {
		exchange->request.body = exchange->body;
		exchange->request.body_length = exchange->received;
		if (exchange->route->blocks && !exchange->server->is_closing) {
			wait_for_reader(exchange);
			return MHD_YES;
		}
		exchange->is_answered = true;
		exchange->route->handle(exchange->server->user, &exchange->request,
					&exchange->reply);
	}
	return send_reply(exchange);
}

/* The library calls it for a request's head, for each piece of its body, and at its end. */
static enum MHD_Result on_request(void *user, struct MHD_Connection *connection, const char *path,
				  const char *method, const char *version, const char *data,
				  size_t *size, void **memory)
{
	(void)version;
	if (!*memory)
		return begin(user, connection, method, path, memory);
	if (*size > 0)
		return take_body(*memory, data, size);
	return answer(*memory);
}

static void on_completed(void *user, struct MHD_Connection *connection, void **memory,
			 enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *memory;

	(void)user;
	(void)connection;
	(void)code;
	if (!exchange)
		return;
	free(exchange->reply.body);
	free(exchange->body);
	free(exchange);
	*memory = NULL;
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
	server->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request,
	    server, MHD_OPTION_EXTERNAL_LOGGER, on_library_log, NULL, MHD_OPTION_LISTEN_SOCKET,
	    listener, MHD_OPTION_CONNECTION_LIMIT, (unsigned int)HTTP_CONNECTIONS_MAX,
	    MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)HTTP_TIMEOUT_S,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_NOTIFY_COMPLETED, on_completed, NULL, MHD_OPTION_END);
	return server->daemon ? 0 : errno ? -errno : -EIO;
}
