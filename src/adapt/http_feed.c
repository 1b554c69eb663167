/*
 * A body without an end, for many readers. See http_feed.h.
 *
 * A reader that has got everything is suspended, so that the library does not ask
 * it again and again; the next flush resumes it. The library closes a connection
 * only when it fails, so that of a reader that is to be cut off is shut down.
 */
#include "adapt/http_feed.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapt/http_internal.h"

#define PIECE_BYTES ((size_t)16 * 1024)

struct http_feed_reader {
	struct http_feed *feed;
	struct http_listener *listener;
	struct MHD_Connection *connection;
	char *first; /* its own beginning; NULL once it is sent */
	size_t first_length, first_sent;
	uint64_t place; /* bytes of the feed that it has got, and those from before it came */
	uint64_t pass;  /* of the gate; 0: it needs none */
	bool is_suspended, is_cut;
};

struct http_feed {
	struct http_feed_reader *readers[HTTP_FEED_READERS_MAX];
	size_t reader_count;
	uint64_t written; /* bytes, ever */
	bool is_ended;
	char ring[HTTP_FEED_BYTES];
};

struct http_feed *http_feed_new(void)
{
	return calloc(1, sizeof(struct http_feed));
}

void http_feed_free(struct http_feed *feed)
{
	free(feed);
}

size_t http_feed_readers(const struct http_feed *feed)
{
	return feed->reader_count;
}

/* ---- a reader ---- */

static ssize_t give_first(struct http_feed_reader *reader, char *buffer, size_t room)
{
	size_t left = reader->first_length - reader->first_sent;
	size_t length = left < room ? left : room;

	memcpy(buffer, reader->first + reader->first_sent, length);
	reader->first_sent += length;
	if (reader->first_sent == reader->first_length) {
		free(reader->first);
		reader->first = NULL;
	}
	return (ssize_t)length;
}

static bool is_admitted(const struct http_feed_reader *reader)
{
	const struct http_gate *gate = &reader->listener->server->gate;

	return reader->pass == 0 || !gate->is_valid || gate->is_valid(gate->user, reader->pass);
}

static ssize_t give(void *user, uint64_t position, char *buffer, size_t room)
{
	struct http_feed_reader *reader = user;
	struct http_feed *feed = reader->feed;
	size_t at = (size_t)(reader->place % HTTP_FEED_BYTES);
	uint64_t left = feed->written - reader->place;
	size_t length = HTTP_FEED_BYTES - at;

	(void)position;
	if (!is_admitted(reader))
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (reader->is_cut || left > HTTP_FEED_BYTES)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (reader->first)
		return give_first(reader, buffer, room);
	if (left == 0 && feed->is_ended)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (left == 0) {
		reader->is_suspended = true;
		MHD_suspend_connection(reader->connection);
		return 0;
	}
	if (length > left)
		length = (size_t)left;
	if (length > room)
		length = room;
	memcpy(buffer, feed->ring + at, length);
	reader->place += length;
	return (ssize_t)length;
}

static void leave(void *user)
{
	struct http_feed_reader *reader = user;
	struct http_feed *feed = reader->feed;

	for (size_t i = 0; i < feed->reader_count; i++) {
		if (feed->readers[i] == reader) {
			feed->readers[i] = feed->readers[--feed->reader_count];
			break;
		}
	}
	free(reader->first);
	free(reader);
}

int http_feed_join(struct http_feed *feed, const struct http_request *request,
		   struct http_reply *reply, char *first, size_t length)
{
	struct http_feed_reader *reader;

	if (feed->reader_count == HTTP_FEED_READERS_MAX) {
		free(first);
		return -EBUSY;
	}
	reader = calloc(1, sizeof(*reader));
	if (!reader) {
		free(first);
		return -ENOMEM;
	}
	*reader = (struct http_feed_reader){
	    .feed = feed,
	    .listener = request->exchange->listener,
	    .connection = request->exchange->connection,
	    .pass = request->pass,
	    .first = length > 0 ? first : NULL,
	    .first_length = length,
	    .place = feed->written,
	};
	if (length == 0)
		free(first);
	feed->readers[feed->reader_count++] = reader;
	reply->status = 200;
	reply->feed = reader;
	return 0;
}

struct MHD_Response *http_feed_response(struct http_feed_reader *reader)
{
	struct MHD_Response *response = MHD_create_response_from_callback(
	    MHD_SIZE_UNKNOWN, PIECE_BYTES, give, reader, leave);

	if (!response)
		leave(reader);
	return response;
}

void http_feed_leave(struct http_feed_reader *reader)
{
	if (reader)
		leave(reader);
}

/* ---- all of them ---- */

void http_feed_write(struct http_feed *feed, const char *data, size_t length)
{
	size_t at = (size_t)(feed->written % HTTP_FEED_BYTES);
	size_t until_end = HTTP_FEED_BYTES - at;

	if (length > HTTP_FEED_BYTES / 2)
		return;
	memcpy(feed->ring + at, data, length < until_end ? length : until_end);
	if (length > until_end)
		memcpy(feed->ring, data + until_end, length - until_end);
	feed->written += length;
}

static void cut(struct http_feed_reader *reader)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(reader->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	reader->is_cut = true;
	if (info)
		shutdown(info->connect_fd, SHUT_RDWR);
}

static void wake(struct http_feed_reader *reader)
{
	if (!reader->is_suspended)
		return;
	reader->is_suspended = false;
	MHD_resume_connection(reader->connection);
}

void http_feed_flush(struct http_feed *feed)
{
	struct http_listener *listeners[HTTP_PLACES];
	size_t count = 0;

	for (size_t i = 0; i < feed->reader_count; i++) {
		struct http_feed_reader *reader = feed->readers[i];
		size_t known = 0;

		if (!reader->is_cut && feed->written - reader->place > HTTP_FEED_BYTES)
			cut(reader);
		wake(reader);
		while (known < count && listeners[known] != reader->listener)
			known++;
		if (known == count)
			listeners[count++] = reader->listener;
	}
	/* Readers may leave in the turns: none is looked at after this. */
	for (size_t i = 0; i < count; i++)
		http_turn(listeners[i]);
}

void http_feed_end(struct http_feed *feed)
{
	if (!feed)
		return;
	feed->is_ended = true;
	http_feed_flush(feed);
}
