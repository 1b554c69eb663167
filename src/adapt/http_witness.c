/*
 * What is told to who writes down what was asked: each request that could change something,
 * refused or not, and each whose token is not known; once.
 */
#include <stdarg.h>
#include <stdio.h>

#include "adapt/http_internal.h"

void http_set_witness(struct http_server *server, struct http_witness witness)
{
	server->witness = witness;
}

void http_note(const struct http_request *request, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(request->exchange->note, HTTP_NOTE_MAX, format, arguments);
	va_end(arguments);
}

void http_set_caller(struct http_exchange *exchange, enum http_caller_kind kind,
		     const struct ident *name)
{
	exchange->request.caller.kind = kind;
	exchange->request.caller.name = *name;
}

struct http_deed http_take_deed(const struct http_request *request)
{
	struct http_exchange *exchange = request->exchange;

	exchange->is_seen = true;
	return (struct http_deed){
	    .request = request,
	    .method = http_methods[request->method],
	    .path = exchange->path,
	    .note = exchange->note,
	    .uid = http_peer_uid(exchange->connection),
	};
}

static bool is_token_unknown(const struct http_exchange *exchange)
{
	return exchange->reply.status == 401 && http_header(&exchange->request, "Authorization");
}

bool http_is_held(struct http_exchange *exchange)
{
	const struct http_witness *witness = &exchange->server->witness;
	struct http_deed deed;

	if (!witness->see || exchange->is_seen || !exchange->route ||
	    (exchange->route->method == HTTP_GET && !is_token_unknown(exchange)))
		return false;
	deed = http_take_deed(&exchange->request);
	return witness->see(witness->user, &deed, &exchange->reply);
}

void http_release(struct http_exchange *held)
{
	MHD_resume_connection(held->connection);
	http_turn(held->listener);
}
