/* See web_client.h; what is asked and what an answer means is the programs' affair. */
#include "web_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int web_client_open(struct web_client *client, uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int one = 1;

	*client = (struct web_client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
				      .buffer = malloc(WEB_BUFFER + 1)};
	if (client->fd < 0 || !client->buffer ||
	    connect(client->fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)) < 0) {
		int error = errno;

		web_client_close(client);
		return -error;
	}
	client->buffer[0] = '\0';
	return 0;
}

void web_client_close(struct web_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	free(client->buffer);
	*client = (struct web_client){.fd = -1};
}

int web_client_say(struct web_client *client, const char *text)
{
	size_t length = strlen(text);
	ssize_t sent = send(client->fd, text, length, MSG_NOSIGNAL);

	return sent == (ssize_t)length ? 0 : sent < 0 ? -errno : -EIO;
}

int web_client_take(struct web_client *client)
{
	ssize_t got = recv(client->fd, client->buffer + client->used, WEB_BUFFER - client->used,
			   MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR ? -EAGAIN : -errno;
	client->used += (size_t)got;
	client->buffer[client->used] = '\0';
	return (int)got;
}

void web_client_drop(struct web_client *client, size_t length)
{
	client->used -= length;
	memmove(client->buffer, client->buffer + length, client->used + 1);
}
