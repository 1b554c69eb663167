/* Blocking handlers beside the loop: how many run, who waits, and what closing does to them. */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapt/api_test_client.h"
#include "adapt/http.h"

#define SLOW_CLIENTS 5

struct fixture {
	char directory[64], path[96];
	uv_loop_t loop;
	struct http_server *server;
	bool is_closed;
	sem_t gate; /* each slow handler waits here */
	atomic_int running, most_running;
	pthread_t clients[SLOW_CLIENTS];
	int statuses[SLOW_CLIENTS];
	atomic_int started, finished;
};

static void handle_quickly(void *user, const struct http_request *request, struct http_reply *reply)
{
	(void)user;
	(void)request;
	(void)reply; /* 204 as it begins */
}

static void handle_slowly(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct fixture *fixture = user;
	int running = atomic_fetch_add(&fixture->running, 1) + 1;

	(void)request;
	(void)reply;
	if (running > atomic_load(&fixture->most_running))
		atomic_store(&fixture->most_running, running);
	sem_wait(&fixture->gate);
	atomic_fetch_sub(&fixture->running, 1);
}

static const struct http_route ROUTES[] = {
    {HTTP_GET, "/quick", handle_quickly, false},
    {HTTP_GET, "/slow", handle_slowly, true},
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	char words[256];
	struct text error = text_in(words, sizeof(words));

	strcpy(fixture->directory, "/tmp/amphora-http-XXXXXX");
	assert_non_null(mkdtemp(fixture->directory));
	snprintf(fixture->path, sizeof(fixture->path), "%s/http.sock", fixture->directory);
	assert_int_equal(sem_init(&fixture->gate, 0, 0), 0);
	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	assert_int_equal(http_open(&fixture->server, &fixture->loop, fixture->path, ROUTES,
				   ARRAY_LENGTH(ROUTES), fixture, &error),
			 0);
	*state = fixture;
	return 0;
}

static void on_closed(void *user)
{
	((struct fixture *)user)->is_closed = true;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	if (!fixture->is_closed)
		http_close(fixture->server, on_closed);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_true(fixture->is_closed);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	assert_int_equal(rmdir(fixture->directory), 0);
	sem_destroy(&fixture->gate);
	free(fixture);
	return 0;
}

/* ---- clients that wait for a slow answer ---- */

static void *ask_slowly(void *user)
{
	static const char REQUEST[] = "GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
	struct fixture *fixture = user;
	int *status = &fixture->statuses[atomic_fetch_add(&fixture->started, 1)];
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char answer[512] = "";
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	ssize_t length;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", fixture->path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    send(fd, REQUEST, sizeof(REQUEST) - 1, MSG_NOSIGNAL) > 0) {
		length = recv(fd, answer, sizeof(answer) - 1, 0);
		if (length > 0)
			sscanf(answer, "HTTP/1.1 %d", status);
	}
	close(fd);
	atomic_fetch_add(&fixture->finished, 1);
	return NULL;
}

static void wake(uv_timer_t *timer)
{
	(void)timer; /* only keeps the loop turning while threads move on */
}

/* Turns the loop until `*counter` is `value`. */
static void turn_until(struct fixture *fixture, atomic_int *counter, int value)
{
	uv_timer_t timer;

	assert_int_equal(uv_timer_init(&fixture->loop, &timer), 0);
	assert_int_equal(uv_timer_start(&timer, wake, 1, 1), 0);
	while (atomic_load(counter) != value)
		uv_run(&fixture->loop, UV_RUN_ONCE);
	uv_close((uv_handle_t *)&timer, NULL);
	uv_run(&fixture->loop, UV_RUN_NOWAIT);
}

static void start_clients(struct fixture *fixture)
{
	for (int i = 0; i < SLOW_CLIENTS; i++)
		assert_int_equal(pthread_create(&fixture->clients[i], NULL, ask_slowly, fixture),
				 0);
	turn_until(fixture, &fixture->running, HTTP_READERS_MAX);
}

static void release(struct fixture *fixture)
{
	for (int i = 0; i < SLOW_CLIENTS; i++)
		sem_post(&fixture->gate);
}

static void join_clients(struct fixture *fixture)
{
	turn_until(fixture, &fixture->finished, SLOW_CLIENTS);
	for (int i = 0; i < SLOW_CLIENTS; i++)
		assert_int_equal(pthread_join(fixture->clients[i], NULL), 0);
}

static void http_answers_while_slow_reads_wait_in_order(void **state)
{
	struct fixture *fixture = *state;
	struct client_answer answer;

	start_clients(fixture);
	answer = client_ask(&fixture->loop, fixture->path, "GET", "/quick", NULL);
	assert_int_equal(answer.status, 204);
	client_done(&answer);
	release(fixture);
	join_clients(fixture);
	for (int i = 0; i < SLOW_CLIENTS; i++)
		assert_int_equal(fixture->statuses[i], 204);
	assert_int_equal(fixture->most_running, HTTP_READERS_MAX);
}

static void http_closes_once_the_reads_under_way_have_ended(void **state)
{
	struct fixture *fixture = *state;

	start_clients(fixture);
	http_close(fixture->server, on_closed);
	assert_false(fixture->is_closed);
	assert_int_not_equal(access(fixture->path, F_OK), 0);
	release(fixture);
	join_clients(fixture);
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_true(fixture->is_closed);
	assert_int_equal(fixture->running, 0);
	for (int i = 0; i < SLOW_CLIENTS; i++)
		assert_true(fixture->statuses[i] == 204 || fixture->statuses[i] == 503 ||
			    fixture->statuses[i] == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(http_answers_while_slow_reads_wait_in_order, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(http_closes_once_the_reads_under_way_have_ended, set_up,
					    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
