/*
 * The answer on its way out: its headers, and what protects a browser that shows it.
 *
 * Nothing of ours is inline and nothing comes from elsewhere, so that is all that a page
 * may do, whoever got a text of his into it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "adapt/http_internal.h"

#define POLICY                                                                          \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "     \
	"connect-src 'self'; manifest-src 'self'; worker-src 'self'; font-src 'self'; " \
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

static const struct {
	const char *name, *value;
} protection[] = {
    {"Content-Security-Policy", POLICY},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
};

void http_reply_header(struct http_reply *reply, const char *name, const char *format, ...)
{
	struct http_field *field;
	va_list arguments;

	if (reply->field_count == HTTP_FIELDS_MAX)
		return;
	field = &reply->fields[reply->field_count++];
	field->name = name;
	va_start(arguments, format);
	vsnprintf(field->value, sizeof(field->value), format, arguments);
	va_end(arguments);
}

static bool add_protection(struct MHD_Response *response)
{
	for (size_t i = 0; i < ARRAY_LENGTH(protection); i++)
		if (MHD_add_response_header(response, protection[i].name, protection[i].value) ==
		    MHD_NO)
			return false;
	return true;
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
	for (size_t i = 0; i < reply->field_count; i++)
		if (MHD_add_response_header(response, reply->fields[i].name,
					    reply->fields[i].value) == MHD_NO)
			return MHD_NO;
	if (!add_protection(response))
		return MHD_NO;
	if ((exchange->is_last || exchange->received > HTTP_BODY_MAX) &&
	    MHD_add_response_header(response, "Connection", "close") == MHD_NO)
		return MHD_NO;
	return add_cache(response, &reply->fixed);
}

static struct MHD_Response *response_of(const struct http_reply *reply)
{
	const struct http_fixed *fixed = &reply->fixed;

	if (reply->feed)
		return http_feed_response(reply->feed);
	if (fixed->bytes)
		return MHD_create_response_from_buffer(fixed->length, (void *)fixed->bytes,
						       MHD_RESPMEM_PERSISTENT);
	return reply->body ? MHD_create_response_from_buffer(reply->body_length, reply->body,
							     MHD_RESPMEM_MUST_FREE)
			   : MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result queue(const struct http_exchange *exchange, struct MHD_Response *response)
{
	return MHD_queue_response(exchange->connection, (unsigned int)exchange->reply.status,
				  response);
}

enum MHD_Result http_send(struct http_exchange *exchange)
{
	struct http_reply *reply = &exchange->reply;
	struct http_kept *kept = http_kept_of(exchange);
	struct MHD_Response *response;
	enum MHD_Result result = MHD_NO;

	if (kept && kept->response)
		return queue(exchange, kept->response);
	response = response_of(reply);
	reply->feed = NULL; /* the response has taken it, or it is gone */
	if (!response)
		return MHD_NO;
	reply->body = NULL; /* likewise */
	if (add_headers(response, exchange) == MHD_YES)
		result = queue(exchange, response);
	if (kept && result == MHD_YES)
		kept->response = response;
	else
		MHD_destroy_response(response);
	return result;
}
