/*
 * Answers that are made once and sent to all who ask: the page's files, and what many ask for
 * at the same time. Making one costs more than sending it, most of all its headers.
 */
#include <stdlib.h>

#include "adapt/http_internal.h"

struct http_kept *http_kept_new(void)
{
	return calloc(1, sizeof(struct http_kept));
}

void http_kept_free(struct http_kept *kept)
{
	if (!kept)
		return;
	if (kept->response)
		MHD_destroy_response(kept->response);
	free(kept);
}

bool http_kept_is_made(const struct http_kept *kept)
{
	return kept->response != NULL;
}

/* The place of a file's answer, which is known by where its bytes are. NULL: there is none. */
static struct http_kept *place_of(struct http_server *server, const struct http_reply *reply)
{
	for (size_t i = 0; i < HTTP_KEPT_MAX; i++) {
		struct http_kept_file *file = &server->files[i];

		if (!file->bytes) {
			file->bytes = reply->fixed.bytes;
			file->status = reply->status;
		}
		if (file->bytes == reply->fixed.bytes && file->status == reply->status)
			return &file->kept;
	}
	return NULL;
}

struct http_kept *http_kept_of(struct http_exchange *exchange)
{
	const struct http_reply *reply = &exchange->reply;

	if (reply->kept)
		return reply->kept;
	return reply->fixed.bytes && reply->field_count == 0 && !exchange->is_last
		   ? place_of(exchange->server, reply)
		   : NULL;
}

void http_kept_end(struct http_server *server)
{
	for (size_t i = 0; i < HTTP_KEPT_MAX; i++) {
		if (server->files[i].kept.response)
			MHD_destroy_response(server->files[i].kept.response);
		server->files[i] = (struct http_kept_file){0};
	}
}
