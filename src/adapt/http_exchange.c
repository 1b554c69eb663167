/*
 * One request from its first line until its answer is sent.
 *
 * It decides which handler a request goes to, and enforces the limits on what
 * a stranger sends: path, query, body. Handlers that block are handed to
 * http_worker.c; answers are sent by http_reply.c, who may come in is the gate's
 * affair, the loop and the sockets are http.c's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "adapt/http_internal.h"

const char *const http_methods[HTTP_METHOD_COUNT] = {"GET", "POST", "PATCH", "DELETE"};

const char *http_argument(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->argument_count; i++) {
		if (strcmp(request->arguments[i].name, name) == 0)
			return request->arguments[i].value;
	}
	return NULL;
}

const char *http_header(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->exchange->connection, MHD_HEADER_KIND, name);
}

void http_set_gate(struct http_server *server, struct http_gate gate)
{
	server->gate = gate;
}

void http_refuse(struct http_exchange *exchange, int status, const char *detail)
{
	http_problem(&exchange->reply, status, detail);
	exchange->is_answered = true;
}

/* ---- requests ---- */

/* Whether `path` fits `pattern`; what stands for `*` is copied to `segment`. */
static bool path_fits(const char *pattern, const char *path, char segment[HTTP_SEGMENT_MAX])
{
	size_t length;

	for (; *pattern == *path && *pattern != '*'; pattern++, path++)
		if (*pattern == '\0')
			return true;
	if (*pattern != '*')
		return false;
	length = strcspn(path, "/");
	if (length == 0 || length >= HTTP_SEGMENT_MAX || strcmp(path + length, pattern + 1) != 0)
		return false;
	memcpy(segment, path, length);
	segment[length] = '\0';
	return true;
}

/* HEAD is GET without a body, which the library leaves out by itself. */
static bool is_method(const char *method, enum http_method wanted)
{
	return strcmp(method, http_methods[wanted]) == 0 ||
	       (wanted == HTTP_GET && strcmp(method, "HEAD") == 0);
}

static void find_route(struct http_exchange *exchange, const char *method, const char *path)
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
		text_add(&allow, "%s%s", allow.length ? ", " : "", http_methods[route->method]);
	}
	if (allow.length)
		http_refuse(exchange, 405, "this path knows other methods");
	else
		http_refuse(exchange, 404, "no such path");
}

static enum MHD_Result take_argument(void *user, enum MHD_ValueKind kind, const char *name,
				     const char *value)
{
	struct http_exchange *exchange = user;
	struct http_request *request = &exchange->request;

	(void)kind;
	if (request->argument_count == HTTP_ARGUMENTS_MAX) {
		if (!exchange->is_answered)
			http_refuse(exchange, 400, "too many arguments in the query");
		return MHD_NO;
	}
	request->arguments[request->argument_count++] =
	    (struct http_argument){name, value ? value : ""};
	return MHD_YES;
}

/* What a request needs; one that goes nowhere needs no more than a Host that is ours. */
static enum role role_needed(const struct http_exchange *exchange)
{
	const struct http_route *route = exchange->route;

	if (!route || (route->traits & HTTP_OPEN))
		return ROLE_NONE;
	return route->method == HTTP_GET && !(route->traits & HTTP_CONTROL) ? ROLE_VIEW
									    : ROLE_CONTROL;
}

static void pass_gate(struct http_exchange *exchange)
{
	const struct http_gate *gate = &exchange->server->gate;
	struct http_reply refusal = {0};

	if (!gate->admit ||
	    gate->admit(gate->user, &exchange->request, role_needed(exchange), &refusal))
		return;
	free(exchange->reply.body);
	http_feed_leave(exchange->reply.feed);
	exchange->reply = refusal;
	exchange->is_answered = true;
	exchange->allow[0] = '\0';
}

/* Of headers of which a second one would be another answer to the same question. */
struct head_count {
	int hosts, lengths, encodings;
};

static enum MHD_Result count_header(void *user, enum MHD_ValueKind kind, const char *name,
				    const char *value)
{
	struct head_count *count = user;

	(void)kind;
	(void)value;
	count->hosts += strcasecmp(name, "Host") == 0;
	count->lengths += strcasecmp(name, "Content-Length") == 0;
	count->encodings += strcasecmp(name, "Transfer-Encoding") == 0;
	return MHD_YES;
}

/* What another reader, such as a proxy, may read in another way than we. */
static void refuse_ambiguous(struct http_exchange *exchange)
{
	struct head_count count = {0};

	MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, count_header, &count);
	if (count.hosts <= 1 && count.lengths + count.encodings <= 1)
		return;
	http_refuse(exchange, 400, "this request can be read in two ways");
	exchange->is_last = true;
}

static enum MHD_Result begin(struct http_listener *listener, struct MHD_Connection *connection,
			     const char *method, const char *path, void **memory)
{
	struct http_exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return MHD_NO;
	exchange->server = listener->server;
	exchange->listener = listener;
	exchange->request.transport = listener->transport;
	exchange->request.role = ROLE_CONTROL;
	http_peer_address(connection, exchange->request.caller.address);
	exchange->connection = connection;
	exchange->request.exchange = exchange;
	exchange->reply.status = 204;
	*memory = exchange;
	snprintf(exchange->path, sizeof(exchange->path), "%s", path);
	find_route(exchange, method, path);
	if (exchange->route)
		MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_argument,
					  exchange);
	pass_gate(exchange);
	refuse_ambiguous(exchange);
	http_link_allow(exchange, HTTP_BODY_S);
	return MHD_YES;
}

/* Keeps the body while it is small enough; then throws away, and at last cuts the connection. */
static enum MHD_Result take_body(struct http_exchange *exchange, const char *data, size_t *size)
{
	size_t length = *size;

	*size = 0;
	if (exchange->received + length > HTTP_DISCARD_MAX)
		return MHD_NO;
	if (exchange->is_answered) {
		/* Refused before it came: thrown away. */
	} else if (exchange->received + length <= HTTP_BODY_MAX) {
		if (!exchange->body)
			exchange->body = malloc(HTTP_BODY_MAX);
		if (!exchange->body)
			return MHD_NO;
		memcpy(exchange->body + exchange->received, data, length);
	} else {
		http_refuse(exchange, 413, "the body is larger than 64 KiB");
	}
	exchange->received += length;
	return MHD_YES;
}

/* Sends the answer, or lets it wait for what the witness has to do. */
static enum MHD_Result conclude(struct http_exchange *exchange)
{
	if (!http_is_held(exchange))
		return http_send(exchange);
	MHD_suspend_connection(exchange->connection);
	return MHD_YES;
}

static enum MHD_Result answer(struct http_exchange *exchange)
{
	struct http_request *request = &exchange->request;

	http_link_allow(exchange, 0);
	if (exchange->is_answered)
		return conclude(exchange);
	request->body = exchange->body;
	request->body_length = exchange->received;
	if (!(exchange->route->traits & HTTP_BLOCKS)) {
		exchange->route->handle(exchange->server->user, request, &exchange->reply);
		if (exchange->is_deferred)
			return MHD_YES;
		exchange->is_answered = true;
		return conclude(exchange);
	}
	if (exchange->server->is_closing) {
		http_refuse(exchange, 503, "the daemon is stopping");
		return http_send(exchange);
	}
	http_wait_for_reader(exchange);
	return MHD_YES;
}

enum MHD_Result http_on_request(void *listener, struct MHD_Connection *connection, const char *path,
				const char *method, const char *version, const char *data,
				size_t *size, void **memory)
{
	(void)version;
	if (!*memory)
		return begin(listener, connection, method, path, memory);
	if (*size > 0)
		return take_body(*memory, data, size);
	return answer(*memory);
}

/* ---- answers that wait ---- */

struct http_exchange *http_defer(const struct http_request *request)
{
	struct http_exchange *exchange = request->exchange;

	MHD_suspend_connection(exchange->connection);
	exchange->is_deferred = true;
	return exchange;
}

void http_answer(struct http_exchange *deferred, struct http_reply reply)
{
	free(deferred->reply.body);
	deferred->reply = reply;
	deferred->is_answered = true;
	if (!http_is_held(deferred))
		http_release(deferred);
}

void http_on_completed(void *listener, struct MHD_Connection *connection, void **memory,
		       enum MHD_RequestTerminationCode code)
{
	struct http_exchange *exchange = *memory;

	(void)listener;
	(void)connection;
	(void)code;
	if (!exchange)
		return;
	http_link_allow(exchange, HTTP_BODY_S);
	free(exchange->reply.body);
	http_feed_leave(exchange->reply.feed);
	free(exchange->body);
	free(exchange);
	*memory = NULL;
}
