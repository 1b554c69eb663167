#include "adapt/mqtt_dial.h"

#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapt/mqtt_link.h"
#include "base/text.h"

struct mqtt_dial {
	struct mqtt_socket socket;
	char host[MQTT_TEXT_MAX];
	char port[sizeof("65535")];
};

int mqtt_dial_new(struct mqtt_dial **out, const char *host, uint16_t port, SSL *session)
{
	struct mqtt_dial *dial = calloc(1, sizeof(*dial));

	if (dial == NULL)
		return -ENOMEM;
	dial->socket = (struct mqtt_socket){.fd = -1, .session = session};
	(void)snprintf(dial->host, sizeof(dial->host), "%s", host);
	(void)snprintf(dial->port, sizeof(dial->port), "%u", port);
	*out = dial;
	return 0;
}

/* Also bounds connect() itself, and keeps a dead peer from going unnoticed later. */
static void prepare(int fd)
{
	struct timeval limit = {.tv_sec = MQTT_DIAL_S};
	int on = 1, idle_s = 20, every_s = 5, count = 3;

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof(every_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

/* Returns the connected socket or a negative errno. */
static int connect_to(const struct addrinfo *address)
{
	int fd =
	    socket(address->ai_family, address->ai_socktype | SOCK_CLOEXEC, address->ai_protocol);
	int error;

	if (fd < 0)
		return -errno;
	prepare(fd);
	if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
		return fd;
	error = errno == EINPROGRESS ? ETIMEDOUT : errno; /* SO_SNDTIMEO's word */
	close(fd);
	return -error;
}

static int connect_to_any(const struct addrinfo *list)
{
	int result = -EHOSTUNREACH;

	for (const struct addrinfo *each = list; each != NULL && result < 0; each = each->ai_next)
		result = connect_to(each);
	return result;
}

static int dial_run(void *job)
{
	struct mqtt_dial *dial = job;
	struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	int error = getaddrinfo(dial->host, dial->port, &hints, &list), result;

	if (error != 0)
		return error == EAI_SYSTEM ? -errno : MOSQ_ERR_EAI;
	result = connect_to_any(list);
	freeaddrinfo(list);
	if (result < 0)
		return result;
	dial->socket.fd = result;
	result = dial->socket.session != NULL
		     ? mqtt_tls_shake(dial->socket.session, dial->socket.fd)
		     : 0;
	if (result == 0 && fcntl(dial->socket.fd, F_SETFL, O_NONBLOCK) != 0)
		result = -errno;
	return result;
}

static void dial_discard(void *job)
{
	mqtt_dial_free(job);
}

const struct mqtt_attempt_work mqtt_dial_work = {dial_run, dial_discard};

struct mqtt_socket mqtt_dial_take(struct mqtt_dial *dial)
{
	struct mqtt_socket taken = dial->socket;

	dial->socket = (struct mqtt_socket){.fd = -1};
	return taken;
}

void mqtt_dial_free(struct mqtt_dial *dial)
{
	if (dial == NULL)
		return;
	SSL_free(dial->socket.session);
	if (dial->socket.fd >= 0)
		close(dial->socket.fd);
	free(dial);
}
