/*
 * Handlers that block, on libuv's workers.
 *
 * It decides how many run at once: HTTP_READERS_MAX, so that long reads of
 * history leave workers for others; the rest wait in the order of arrival. A
 * connection is suspended meanwhile, and the limit of connections is the queue's.
 */
#include "adapt/http_internal.h"

static void start_readers(struct http_server *server);

static void read_on_worker(uv_work_t *work)
{
	struct http_exchange *exchange = work->data;

	exchange->route->handle(exchange->server->user, &exchange->request, &exchange->reply);
}

static void after_reading(uv_work_t *work, int status)
{
	struct http_exchange *exchange = work->data;
	struct http_server *server = exchange->server;
	struct http_listener *listener = exchange->listener;

	if (status < 0)
		http_problem(&exchange->reply, 503, "the daemon is stopping");
	exchange->is_answered = true;
	server->readers--;
	MHD_resume_connection(exchange->connection);
	if (!server->is_closing) {
		start_readers(server);
		http_turn(listener);
	} else if (server->readers == 0) {
		http_stop(server);
	}
}

static void start_readers(struct http_server *server)
{
	while (server->first_waiting && server->readers < HTTP_READERS_MAX) {
		struct http_exchange *exchange = server->first_waiting;

		server->first_waiting = exchange->next;
		exchange->work.data = exchange;
		/* Fails only for a NULL callback. */
		(void)uv_queue_work(server->loop, &exchange->work, read_on_worker, after_reading);
		server->readers++;
	}
}

/* The connections' limit is the queue's. */
void http_wait_for_reader(struct http_exchange *exchange)
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

void http_refuse_waiting(struct http_server *server)
{
	while (server->first_waiting) {
		struct http_exchange *exchange = server->first_waiting;

		server->first_waiting = exchange->next;
		http_refuse(exchange, 503, "the daemon is stopping");
		MHD_resume_connection(exchange->connection);
	}
}
