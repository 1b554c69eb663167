/*
 * The client of the API's tests: a plain socket, so that a test can send what no
 * decent library would.
 */
#include "adapt/api_test_client.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct exchange {
	const char *path;
	const char *request;
	size_t length;
	char *answer; /* CLIENT_ANSWER_MAX bytes */
	size_t received;
	bool is_done;
};

static void talk(uv_work_t *work)
{
	struct exchange *exchange = work->data;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t sent = 0;
	ssize_t rc;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", exchange->path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return;
	}
	while (sent < exchange->length) {
		rc = send(fd, exchange->request + sent, exchange->length - sent, MSG_NOSIGNAL);
		if (rc <= 0)
			break;
		sent += (size_t)rc;
	}
	while (exchange->received < CLIENT_ANSWER_MAX - 1) {
		rc = read(fd, exchange->answer + exchange->received,
			  CLIENT_ANSWER_MAX - 1 - exchange->received);
		if (rc <= 0)
			break;
		exchange->received += (size_t)rc;
	}
	exchange->answer[exchange->received] = '\0';
	close(fd);
}

static void after_talk(uv_work_t *work, int status)
{
	struct exchange *exchange = work->data;

	(void)status;
	exchange->is_done = true;
}

static struct client_answer read_answer(const char *text)
{
	struct client_answer answer = {0};
	const char *end = strstr(text, "\r\n\r\n");

	if (!end || sscanf(text, "HTTP/1.1 %d", &answer.status) != 1)
		return answer;
	snprintf(answer.head, sizeof(answer.head), "%.*s", (int)(end - text), text);
	answer.body = json_loads(end + 4, 0, NULL);
	return answer;
}

struct client_answer client_send(uv_loop_t *loop, const char *path, const char *request,
				 size_t length)
{
	struct exchange exchange = {.path = path, .request = request, .length = length};
	struct client_answer answer;
	uv_work_t work = {.data = &exchange};

	exchange.answer = calloc(1, CLIENT_ANSWER_MAX);
	if (!exchange.answer || uv_queue_work(loop, &work, talk, after_talk) < 0)
		abort();
	while (!exchange.is_done)
		uv_run(loop, UV_RUN_ONCE);
	answer = read_answer(exchange.answer);
	free(exchange.answer);
	return answer;
}

struct client_answer client_ask(uv_loop_t *loop, const char *path, const char *method,
				const char *target, const char *body)
{
	char request[4096];
	int length = snprintf(request, sizeof(request),
			      "%s %s HTTP/1.1\r\nHost: amphora\r\nConnection: close\r\n"
			      "Content-Length: %zu\r\n\r\n%s",
			      method, target, body ? strlen(body) : 0, body ? body : "");

	return client_send(loop, path, request, (size_t)length);
}

void client_done(struct client_answer *answer)
{
	json_decref(answer->body);
	answer->body = NULL;
}
