/*
 * Asks for one path over and over, on several connections at once, each with its
 * next request as soon as the answer before it is whole.
 *
 *     bench_web_load PORT PATH CONNECTIONS SECONDS
 *
 * Prints {"answers":N,"seconds":S,"bytes":B} of what came with status 200; any other ends it.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "samples.h"
#include "web_client.h"

#define CONNECTIONS_MAX 64
#define NS_PER_S INT64_C(1000000000)

static struct web_client clients[CONNECTIONS_MAX];
static struct pollfd polls[CONNECTIONS_MAX];
static char request[1024];
static long answers, bytes;

/* The length of the answer at the beginning of `text`, or 0 while its head is not whole. */
static size_t answer_length(const char *text)
{
	const char *end = strstr(text, "\r\n\r\n");
	const char *length = end ? strcasestr(text, "\r\nContent-Length:") : NULL;

	if (!length || length > end)
		return 0;
	return (size_t)(end + 4 - text) + strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
}

static int hear(struct web_client *client)
{
	int result = web_client_take(client);
	size_t length;

	if (result == -EAGAIN)
		return 0;
	if (result <= 0)
		return result < 0 ? result : -ECONNRESET;
	length = answer_length(client->buffer);
	if (length == 0 || client->used < length)
		return 0;
	if (strncmp(client->buffer, "HTTP/1.1 200 ", 13) != 0)
		return -EPROTO;
	answers++;
	bytes += (long)length;
	web_client_drop(client, length);
	return web_client_say(client, request);
}

static int run(size_t count, int64_t until)
{
	int result = 0;

	while (result == 0 && now_ns() < until) {
		if (poll(polls, count, 100) < 0)
			return -errno;
		for (size_t i = 0; i < count && result == 0; i++)
			if (polls[i].revents)
				result = hear(&clients[i]);
	}
	return result;
}

int main(int argc, char **argv)
{
	size_t count = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
	int64_t start;
	int result = 0;

	if (count == 0 || count > CONNECTIONS_MAX)
		return 2;
	snprintf(request, sizeof(request),
		 "GET %s HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n", argv[2]);
	for (size_t i = 0; i < count && result == 0; i++) {
		result = web_client_open(&clients[i], (uint16_t)atoi(argv[1]));
		polls[i] = (struct pollfd){.fd = clients[i].fd, .events = POLLIN};
	}
	start = now_ns();
	for (size_t i = 0; i < count && result == 0; i++)
		result = web_client_say(&clients[i], request);
	if (result == 0)
		result = run(count, start + (int64_t)(atof(argv[4]) * (double)NS_PER_S));
	if (result < 0) {
		fprintf(stderr, "web_load: errno %d\n", -result);
		return 1;
	}
	printf("{\"answers\":%ld,\"seconds\":%.6f,\"bytes\":%ld}\n", answers,
	       (double)(now_ns() - start) / (double)NS_PER_S, bytes);
	return 0;
}
