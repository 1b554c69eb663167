/*
 * When a reader's socket is read and written: one read for as many messages as are
 * there, one write for all that is to be said.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapt/mqtt_reader_parts.h"

#define NAP_MS 1

/* From this many messages in a window on it is a stream: 5,000 a second, five in a nap. */
#define WINDOW_MS 10
#define STREAM_MESSAGES 50

/* --- writing -------------------------------------------------------------- */

/* Hands what is queued to the socket. Returns 0, also where it does not take all, or an errno. */
static int write_queued(struct mqtt_reader *reader)
{
	struct mqtt_outbox *out = &reader->out;
	size_t sent = 0;
	ssize_t result = 1;

	while (sent < out->length && result > 0) {
		result = mqtt_socket_write(&reader->watch->socket, out->bytes + sent,
					   out->length - sent);
		sent += result > 0 ? (size_t)result : 0;
	}
	if (sent > 0) {
		reader->spoke_ms = uv_now(reader->loop);
		out->length -= sent;
		memmove(out->bytes, out->bytes + sent, out->length);
	}
	return result < 0 ? (int)result : 0;
}

/* A failure shows again when the socket next wakes us: then is the time to tell the owner. */
void mqtt_reader_flush(struct mqtt_reader *reader)
{
	if (reader->watch == NULL)
		return;
	(void)write_queued(reader);
	mqtt_reader_arm(reader);
}

/* --- watching the socket -------------------------------------------------- */

static void reader_woken(uv_poll_t *poll, int status, int events);
static void nap_over(uv_timer_t *timer);
static void reader_read(struct mqtt_reader *reader);

static void again(uv_idle_t *idle)
{
	struct mqtt_reader *reader = idle->data;

	uv_idle_stop(idle);
	if (reader->watch != NULL && !reader->is_paused)
		reader_read(reader);
}

/* No timer of 0 ms: in one's callback the next would run in the same turn, before all others. */
void mqtt_reader_read_again(struct mqtt_reader *reader)
{
	uv_idle_start(&reader->again, again);
}

/* Asks libuv for what may happen next, and only when that changed. */
void mqtt_reader_arm(struct mqtt_reader *reader)
{
	struct reader_watch *watch = reader->watch;
	int events = 0;

	if (watch == NULL)
		return;
	if (reader->out.length > 0 || watch->socket.wants_writing)
		events |= UV_WRITABLE;
	if (!reader->is_napping && !reader->is_paused)
		events |= UV_READABLE;
	if (events == watch->armed)
		return;
	if (events == 0)
		uv_poll_stop(&watch->poll);
	else
		uv_poll_start(&watch->poll, events, reader_woken);
	watch->armed = events;
}

int mqtt_reader_watch(struct mqtt_reader *reader, struct mqtt_socket socket)
{
	struct reader_watch *watch = calloc(1, sizeof(*watch));
	int error = watch != NULL ? uv_poll_init(reader->loop, &watch->poll, socket.fd) : -ENOMEM;

	if (error != 0) {
		free(watch);
		mqtt_socket_close(&socket);
		return error;
	}
	watch->socket = socket;
	watch->poll.data = reader;
	reader->watch = watch;
	return 0;
}

static void watch_closed(uv_handle_t *handle)
{
	struct reader_watch *watch = (struct reader_watch *)handle;

	mqtt_socket_close(&watch->socket);
	free(watch);
}

void mqtt_reader_unwatch(struct mqtt_reader *reader)
{
	if (reader->watch != NULL)
		uv_close((uv_handle_t *)&reader->watch->poll, watch_closed);
	reader->watch = NULL;
	uv_timer_stop(&reader->nap);
	uv_idle_stop(&reader->again);
	reader->is_napping = false;
}

/* --- reading -------------------------------------------------------------- */

/*
 * Reads what is there, up to MQTT_READ_MAX bytes, behind what waits to be taken. Returns
 * 0 or a negative errno; `*is_dry`: nothing more is there now.
 */
static int fill(struct mqtt_reader *reader, bool *is_dry)
{
	struct mqtt_socket *socket = &reader->watch->socket;
	size_t room = MQTT_READER_IN - reader->in_length;
	size_t wanted = room < MQTT_READ_MAX ? room : MQTT_READ_MAX;

	while (wanted > 0 && !*is_dry) {
		ssize_t taken = mqtt_socket_read(socket, reader->in + reader->in_length, wanted);

		if (taken < 0)
			return (int)taken;
		/* TLS gives a record at a time. */
		*is_dry = taken == 0 || (socket->session == NULL && (size_t)taken < wanted);
		reader->in_length += (size_t)taken;
		wanted -= (size_t)taken;
		if (taken > 0)
			reader->heard_ms = uv_now(reader->loop);
	}
	return 0;
}

/*
 * Before the connection's end is told, what came before it is taken: it may be the
 * broker's word for why.
 */
static bool take_in(struct mqtt_reader *reader, bool *is_dry)
{
	int error = fill(reader, is_dry);
	bool stands;

	reader->is_busy = true;
	stands = mqtt_reader_take(reader);
	reader->is_busy = false;
	if (reader->is_freed)
		mqtt_reader_destroy(reader);
	else if (stands && error != 0)
		mqtt_reader_failed(reader, error);
	return stands && error == 0;
}

/* Whether what comes is a stream is looked at again each window. */
static void note_stream(struct mqtt_reader *reader)
{
	uint64_t passed_ms = uv_now(reader->loop) - reader->window_ms;

	if (passed_ms < WINDOW_MS)
		return;
	reader->is_stream =
	    reader->messages - reader->window_messages >= STREAM_MESSAGES * passed_ms / WINDOW_MS;
	reader->window_ms += passed_ms;
	reader->window_messages = reader->messages;
}

static void note_burst(struct mqtt_reader *reader, uint32_t messages, bool is_dry)
{
	note_stream(reader);
	if (messages > 0 && !reader->is_bursting) {
		reader->is_bursting = true;
		reader->is_crowd = messages > 1;
	}
	if (is_dry) {
		reader->wants_nap = reader->is_stream && reader->is_bursting && reader->is_crowd;
		reader->is_bursting = false;
	}
}

/*
 * One turn's reading. Where it did not come to the end of what is there it reads again in
 * the next turn, without being woken: what TLS has decrypted shows on no socket, nor does
 * that the last read happened to take all, and then the owner waits to hear of the end.
 */
static void reader_read(struct mqtt_reader *reader)
{
	uint32_t before = reader->messages;
	bool is_dry = false;

	if (!take_in(reader, &is_dry))
		return;
	is_dry = is_dry && !reader->is_paused;
	note_burst(reader, reader->messages - before, is_dry);
	reader->is_busy = true;
	reader->events.on_read(reader->events.user, is_dry);
	reader->is_busy = false;
	if (reader->is_freed) {
		mqtt_reader_destroy(reader);
		return;
	}
	if (!is_dry && !reader->is_paused)
		mqtt_reader_read_again(reader);
	mqtt_reader_flush(reader);
}

static void nap_over(uv_timer_t *timer)
{
	struct mqtt_reader *reader = timer->data;

	reader->is_napping = false;
	if (reader->is_paused)
		mqtt_reader_arm(reader);
	else
		reader_read(reader);
}

/*
 * After a burst in a stream, waits a moment before it reads again: one wake-up and one commit
 * for many messages instead of for each. Where they are fewer a nap would gather one or two,
 * for a millisecond more on the way to the command. What came while we were busy with a
 * message is no burst: it may be the answer to our command, and the next one waits for ours.
 */
static bool naps(struct mqtt_reader *reader)
{
	if (!reader->wants_nap)
		return false;
	reader->wants_nap = false;
	reader->is_napping = true;
	uv_timer_start(&reader->nap, nap_over, NAP_MS, 0);
	mqtt_reader_arm(reader);
	return true;
}

static void reader_woken(uv_poll_t *poll, int status, int events)
{
	struct mqtt_reader *reader = poll->data;

	if (status == 0 && (events & UV_WRITABLE))
		status = write_queued(reader);
	if (status < 0) {
		mqtt_reader_failed(reader, status);
		return;
	}
	if ((events & UV_WRITABLE) && reader->out.length == 0)
		mqtt_reader_has_room(reader);
	if (reader->watch == NULL)
		return;
	if (events & UV_WRITABLE && reader->watch->socket.wants_writing)
		events |= UV_READABLE; /* TLS wrote for the sake of what it reads */
	if ((events & UV_READABLE) && !reader->is_paused && !naps(reader))
		reader_read(reader);
	else
		mqtt_reader_arm(reader);
}
