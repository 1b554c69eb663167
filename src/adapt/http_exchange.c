/*
 * One request from its first line until its answer is sent.
 *
 * It decides which handler a request goes to, and enforces the limits on what
 * a stranger sends: path, query, body. Handlers that block are handed to
 * http_worker.c; the loop and the socket are http.c's affair.
 */
#include <stdlib.h>
#include <string.h>

#include "adapt/http_internal.h"

static const char *const METHODS[HTTP_METHOD_COUNT] = {"GET", "POST", "PATCH", "DELETE"};

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

static enum MHD_Result add_next(struct MHD_Response *response, const char *next)
{
	char value[HTTP_LINK_MAX + 16];
	struct text text = text_in(value, sizeof(value));

	text_add(&text, "<%s>; rel=\"next\"", next);
	return MHD_add_response_header(response, "Link", value);
}

/* How long the answer may be kept: not at all, unless it is a file of ours. */
static enum MHD_Result add_cache(struct MHD_Response *response, const struct http_fixed *fixed)
{
	if (!fixed->bytes)
		return MHD_add_response_header(response, "Cache-Control", "no-store");
	if (MHD_add_response_header(response, "Cache-Control", fixed->cache) == MHD_NO ||
	    MHD_add_response_header(response, "ETag", fixed->tag) == MHD_NO ||
	    MHD_add_response_header(response, "Vary", "Accept-Encoding") == MHD_NO)
		return MHD_NO;
	return fixed->encoding
		   ? MHD_add_response_header(response, "Content-Encoding", fixed->encoding)
		   : MHD_YES;
}

static enum MHD_Result add_headers(struct MHD_Response *response,
				   const struct http_exchange *exchange)
{
	const struct http_reply *reply = &exchange->reply;

	if (reply->content_type &&
	    MHD_add_response_header(response, "Content-Type", reply->content_type) == MHD_NO)
		return MHD_NO;
	if (reply->next[0] && add_next(response, reply->next) == MHD_NO)
		return MHD_NO;
	if (exchange->allow[0] &&
	    MHD_add_response_header(response, "Allow", exchange->allow) == MHD_NO)
		return MHD_NO;
	if (exchange->received > HTTP_BODY_MAX &&
	    MHD_add_response_header(response, "Connection", "close") == MHD_NO)
		return MHD_NO;
	return add_cache(response, &reply->fixed);
}

static struct MHD_Response *response_of(const struct http_reply *reply)
{
	const struct http_fixed *fixed = &reply->fixed;

	if (fixed->bytes)
		return MHD_create_response_from_buffer(fixed->length, (void *)fixed->bytes,
						       MHD_RESPMEM_PERSISTENT);
	return reply->body ? MHD_create_response_from_buffer(reply->body_length, reply->body,
							     MHD_RESPMEM_MUST_FREE)
			   : MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result send_reply(struct http_exchange *exchange)
{
	struct http_reply *reply = &exchange->reply;
	struct MHD_Response *response = response_of(reply);
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

void http_refuse(struct http_exchange *exchange, int status, const char *detail)
{
	http_problem(&exchange->reply, status, detail);
	exchange->is_answered = true;
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

static void find_route(struct http_exchange *exchange, const char *method, const char *path)
{
	const struct http_server *server = exchange->server;
	struct text allow = text_in(exchange->allow, sizeof(exchange->allow));

	for (size_t i = 0; i < server->route_count; i++) {
		const struct http_route *route = &server->routes[i];

		if (!path_fits(route->path, path, exchange->request.segment))
			continue;
		if (is_method(method, route->method)) {
			if (route->method != HTTP_GET && exchange->request.transport != HTTP_UNIX)
				http_refuse(exchange, 403, "over TCP only reading is open yet");
			exchange->route = route;
			exchange->request.method = route->method;
			exchange->allow[0] = '\0';
			return;
		}
		text_add(&allow, "%s%s", allow.length ? ", " : "", METHODS[route->method]);
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

static enum MHD_Result begin(struct http_listener *listener, struct MHD_Connection *connection,
			     const char *method, const char *path, void **memory)
{
	struct http_exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return MHD_NO;
	exchange->server = listener->server;
	exchange->listener = listener;
	exchange->request.transport = listener->transport;
	exchange->connection = connection;
	exchange->request.exchange = exchange;
	exchange->reply.status = 204;
	*memory = exchange;
	find_route(exchange, method, path);
	if (exchange->route)
		MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, take_argument,
					  exchange);
	return MHD_YES;
}

/* Keeps the body while it is small enough; then throws away, and at last cuts the connection. */
static enum MHD_Result take_body(struct http_exchange *exchange, const char *data, size_t *size)
{
	size_t length = *size;

	*size = 0;
	if (exchange->received + length > HTTP_DISCARD_MAX)
		return MHD_NO;
	if (exchange->received + length <= HTTP_BODY_MAX) {
		if (!exchange->body)
			exchange->body = malloc(HTTP_BODY_MAX);
		if (!exchange->body)
			return MHD_NO;
		memcpy(exchange->body + exchange->received, data, length);
	} else if (!exchange->is_answered) {
		http_refuse(exchange, 413, "the body is larger than 64 KiB");
	}
	exchange->received += length;
	return MHD_YES;
}

static enum MHD_Result answer(struct http_exchange *exchange)
{
	struct http_request *request = &exchange->request;

	if (exchange->is_answered)
		return send_reply(exchange);
	request->body = exchange->body;
	request->body_length = exchange->received;
	if (!exchange->route->blocks) {
		exchange->route->handle(exchange->server->user, request, &exchange->reply);
		if (exchange->is_deferred)
			return MHD_YES;
		exchange->is_answered = true;
		return send_reply(exchange);
	}
	if (exchange->server->is_closing) {
		http_refuse(exchange, 503, "the daemon is stopping");
		return send_reply(exchange);
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
	MHD_resume_connection(deferred->connection);
	http_turn(deferred->listener);
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
	free(exchange->reply.body);
	free(exchange->body);
	free(exchange);
	*memory = NULL;
}
