/*
 * The demo's faults: a wish from the page becomes a line to amphora-house, on whose
 * control socket the answer is read. Only where `demo.house_socket` is configured.
 *
 * Nothing waits: each request is put aside, has a connection of its own to the house
 * and CALL_MS for it, and is answered from the loop.
 */
#include <stdlib.h>
#include <string.h>

#include "adapt/api_body.h"
#include "adapt/api_internal.h"

#define CALL_MS 2000
#define ANSWER_MAX 4096
#define COMMAND_MAX 96

struct demo_call {
	struct api *api;
	struct demo_call *next;
	struct http_exchange *exchange; /* NULL once answered */
	uv_pipe_t pipe;
	uv_timer_t timer;
	uv_connect_t connect;
	uv_write_t write;
	uv_shutdown_t shutdown;
	int open_handles;
	char line[COMMAND_MAX];
	char answer[ANSWER_MAX];
	size_t received;
};

static void on_closed(uv_handle_t *handle)
{
	struct demo_call *call = handle->data;

	if (--call->open_handles == 0)
		free(call);
}

static void forget(struct demo_call *call)
{
	struct demo_call **place = &call->api->demo_calls;

	while (*place != call)
		place = &(*place)->next;
	*place = call->next;
}

/* Answers, and lets go of the house. */
static void finish(struct demo_call *call, struct http_reply reply)
{
	struct http_exchange *exchange = call->exchange;

	forget(call);
	call->exchange = NULL;
	uv_close((uv_handle_t *)&call->pipe, on_closed);
	uv_close((uv_handle_t *)&call->timer, on_closed);
	http_answer(exchange, reply);
}

static void finish_badly(struct demo_call *call, int status, const char *type, const char *words)
{
	struct http_reply reply = {0};

	http_problem_of(&reply, status, type, words);
	finish(call, reply);
}

static void finish_silent(struct demo_call *call)
{
	finish_badly(call, 503, "not-now", "the demo's house does not answer");
}

/* The last line is what faults there are; one before it says why nothing was done. */
static void finish_heard(struct demo_call *call)
{
	char *end = strchr(call->answer, '\n');
	struct http_reply reply = {0};
	json_t *faults;

	if (end && strncmp(call->answer, "error: ", 7) == 0) {
		*end = '\0';
		finish_badly(call, 422, "refused", call->answer + 7);
		return;
	}
	faults = json_loads(end && end[1] ? end + 1 : call->answer, 0, NULL);
	if (!faults) {
		finish_silent(call);
		return;
	}
	api_reply(&reply, 200, faults);
	finish(call, reply);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct demo_call *call = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(call->answer + call->received,
			      (unsigned int)(ANSWER_MAX - 1 - call->received));
}

static void on_read(uv_stream_t *stream, ssize_t count, const uv_buf_t *buffer)
{
	struct demo_call *call = stream->data;

	(void)buffer;
	if (count > 0)
		call->received += (size_t)count;
	else if (count == UV_EOF)
		finish_heard(call);
	else if (count < 0)
		finish_silent(call);
}

static void on_told(uv_shutdown_t *shutdown, int status)
{
	struct demo_call *call = shutdown->data;

	if (status && call->exchange)
		finish_silent(call);
}

static void on_connected(uv_connect_t *connect, int status)
{
	struct demo_call *call = connect->data;
	uv_stream_t *house = (uv_stream_t *)&call->pipe;
	uv_buf_t line = uv_buf_init(call->line, (unsigned int)strlen(call->line));

	if (!call->exchange)
		return;
	if (status || uv_write(&call->write, house, &line, 1, NULL) ||
	    uv_shutdown(&call->shutdown, house, on_told) || uv_read_start(house, on_room, on_read))
		finish_silent(call);
}

static void on_too_late(uv_timer_t *timer)
{
	finish_silent(timer->data);
}

static struct demo_call *call_new(struct api *api)
{
	struct demo_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	call->api = api;
	uv_timer_init(api->loop, &call->timer);
	uv_pipe_init(api->loop, &call->pipe, 0);
	call->open_handles = 2;
	call->timer.data = call;
	call->pipe.data = call;
	call->connect.data = call;
	call->shutdown.data = call;
	return call;
}

/* `verb` and `fault` are empty where only the list is wanted. */
static void ask_house(struct api *api, const struct http_request *request, struct http_reply *reply,
		      const char *verb, const char *fault)
{
	struct demo_call *call = call_new(api);

	if (!call) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	struct text line = text_in(call->line, sizeof(call->line));

	if (*verb)
		text_add(&line, "%s %s\n", verb, fault);
	text_add(&line, "faults\n");
	call->exchange = http_defer(request);
	call->next = api->demo_calls;
	api->demo_calls = call;
	uv_timer_start(&call->timer, on_too_late, CALL_MS, 0);
	uv_pipe_connect(&call->connect, &call->pipe, api->host.house->demo.house_socket,
			on_connected);
}

static bool is_demo(const struct api *api, struct http_reply *reply)
{
	if (api->host.house->demo.house_socket[0])
		return true;
	http_problem(reply, 404, "these batteries are not simulated: demo.house_socket is not set");
	return false;
}

void api_get_faults(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;

	if (is_demo(api, reply))
		ask_house(api, request, reply, "", "");
}

void api_post_fault(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct fault_request wish;

	if (!is_demo(api, reply))
		return;
	int rc = fault_request_parse(&wish, request->body, request->body_length, &error);

	if (rc == 0)
		http_note(request, "%s %s", wish.fault, wish.is_on ? "on" : "off");
	if (rc < 0)
		api_refuse(reply, rc, &error);
	else
		ask_house(api, request, reply, wish.is_on ? "break" : "mend", wish.fault);
}

void api_demo_end(struct api *api)
{
	while (api->demo_calls)
		finish_badly(api->demo_calls, 503, "not-now", "the daemon is stopping");
}
