/*
 * The house's control socket: bytes to lines and back. What a line means is the
 * handler's affair (sim/house_main.c).
 */
#include "sim/console.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct peer {
	struct console *console;
	uv_pipe_t pipe;
	uv_shutdown_t shutdown;
	bool is_used;
	size_t length;
	char line[CONSOLE_LINE_MAX];
};

struct console {
	uv_pipe_t listener;
	console_handler *handler;
	void *user;
	bool is_closing;
	size_t open_handles;
	bool peer_waits; /* for a free place */
	struct peer peers[CONSOLE_PEERS_MAX];
	char answer[CONSOLE_ANSWER_MAX];
};

struct reply {
	uv_write_t write;
	char text[];
};

static void on_connection(uv_stream_t *stream, int status);

static void handle_closed(struct console *console)
{
	if (--console->open_handles == 0 && console->is_closing)
		free(console);
}

static void on_peer_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data;
	struct console *console = peer->console;

	peer->is_used = false;
	if (!console->is_closing && console->peer_waits)
		on_connection((uv_stream_t *)&console->listener, 0);
	handle_closed(console);
}

static void peer_close(struct peer *peer)
{
	if (!uv_is_closing((uv_handle_t *)&peer->pipe))
		uv_close((uv_handle_t *)&peer->pipe, on_peer_closed);
}

static void on_shut_down(uv_shutdown_t *request, int status)
{
	(void)status;
	peer_close(request->handle->data);
}

static void on_written(uv_write_t *write, int status)
{
	if (status)
		peer_close(write->handle->data);
	free(write->data);
}

static void peer_answer(struct peer *peer)
{
	struct console *console = peer->console;
	struct text answer = text_in(console->answer, sizeof(console->answer) - 1);

	console->handler(console->user, peer->line, &answer);
	text_add(&answer, "\n");
	struct reply *reply = malloc(sizeof(*reply) + answer.length);

	if (!reply) {
		peer_close(peer);
		return;
	}
	memcpy(reply->text, answer.data, answer.length);
	reply->write.data = reply;
	uv_buf_t buffer = uv_buf_init(reply->text, (unsigned int)answer.length);

	if (uv_write(&reply->write, (uv_stream_t *)&peer->pipe, &buffer, 1, on_written)) {
		free(reply);
		peer_close(peer);
	}
}

/* There is always room for one byte more. */
static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct peer *peer = handle->data;

	(void)suggested;
	*buffer =
	    uv_buf_init(peer->line + peer->length, (unsigned int)(CONSOLE_LINE_MAX - peer->length));
}

static void peer_take_lines(struct peer *peer)
{
	char *end;

	while ((end = memchr(peer->line, '\n', peer->length))) {
		size_t used = (size_t)(end - peer->line) + 1;

		*end = '\0';
		peer_answer(peer);
		peer->length -= used;
		memmove(peer->line, peer->line + used, peer->length);
	}
	if (peer->length == CONSOLE_LINE_MAX)
		peer_close(peer);
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct peer *peer = stream->data;

	(void)buffer;
	if (count > 0) {
		peer->length += (size_t)count;
		peer_take_lines(peer);
	} else if (count == UV_EOF) {
		uv_read_stop(stream);
		if (uv_shutdown(&peer->shutdown, stream, on_shut_down))
			peer_close(peer);
	} else if (count < 0) {
		peer_close(peer);
	}
}

static struct peer *free_peer(struct console *console)
{
	for (size_t i = 0; i < CONSOLE_PEERS_MAX; i++) {
		if (!console->peers[i].is_used)
			return &console->peers[i];
	}
	return NULL;
}

static void on_connection(uv_stream_t *stream, int status)
{
	struct console *console = stream->data;
	struct peer *peer = free_peer(console);

	console->peer_waits = !peer;
	if (status || !peer || uv_pipe_init(stream->loop, &peer->pipe, 0))
		return;
	console->open_handles++;
	peer->is_used = true;
	peer->console = console;
	peer->length = 0;
	peer->pipe.data = peer;
	if (uv_accept(stream, (uv_stream_t *)&peer->pipe) ||
	    uv_read_start((uv_stream_t *)&peer->pipe, on_room, on_read))
		peer_close(peer);
}

static void on_listener_closed(uv_handle_t *handle)
{
	handle_closed(handle->data);
}

static int console_listen(struct console *console, const char *path)
{
	mode_t before = umask(0177);
	int result = uv_pipe_bind(&console->listener, path);

	umask(before);
	return result
		   ? result
		   : uv_listen((uv_stream_t *)&console->listener, CONSOLE_PEERS_MAX, on_connection);
}

/* A socket of an earlier house may go, anything else at `path` stays. */
static void remove_socket(const char *path)
{
	struct stat found;

	if (!lstat(path, &found) && S_ISSOCK(found.st_mode))
		unlink(path);
}

int console_new(struct console **out, uv_loop_t *loop, const char *path, console_handler *handler,
		void *user)
{
	if (strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return UV_ENAMETOOLONG; /* libuv would cut it */
	struct console *console = calloc(1, sizeof(*console));

	if (!console)
		return UV_ENOMEM;
	console->handler = handler;
	console->user = user;
	int result = uv_pipe_init(loop, &console->listener, 0);

	if (result) {
		free(console);
		return result;
	}
	console->listener.data = console;
	console->open_handles = 1;
	remove_socket(path);
	result = console_listen(console, path);
	if (result) {
		console_free(console);
		return result;
	}
	*out = console;
	return 0;
}

void console_free(struct console *console)
{
	if (!console)
		return;
	console->is_closing = true;
	for (size_t i = 0; i < CONSOLE_PEERS_MAX; i++) {
		if (console->peers[i].is_used)
			peer_close(&console->peers[i]);
	}
	uv_close((uv_handle_t *)&console->listener, on_listener_closed);
}
