/*
 * When an MQTT connection is read and when it is written.
 *
 * libmosquitto is told that threads are in use, so that whatever it has to send
 * stays in memory until mosquitto_loop_write(), where we have many packets to
 * write at once. The socket is watched through a duplicate of our own, since the
 * library closes its own in the middle of a call.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapt/mqtt_link_parts.h"

#define READS_PER_WAKE 16

/* --- writing -------------------------------------------------------------- */

/* Hands all that is queued to the socket. */
static void link_write(struct mqtt_link *link)
{
	int result;

	link->is_in_library = true;
	result = mosquitto_loop_write(link->client, 1);
	link->is_in_library = false;
	if (result != MOSQ_ERR_SUCCESS)
		mqtt_link_failed(link, result);
}

/* --- watching the socket -------------------------------------------------- */

static void link_woken(uv_poll_t *poll, int status, int events);

/* Asks libuv for what may happen next, and only when that changed. */
static void link_arm(struct mqtt_link *link)
{
	int events = UV_READABLE;

	if (link->watch == NULL)
		return;
	if (mosquitto_want_write(link->client))
		events |= UV_WRITABLE;
	if (events == link->watch->armed)
		return;
	uv_poll_start(&link->watch->poll, events, link_woken);
	link->watch->armed = events;
}

void mqtt_link_proceed(struct mqtt_link *link)
{
	if (link->state >= LINK_GREETING && mosquitto_want_write(link->client))
		link_write(link);
	link_arm(link);
}

/* Keeps a dead peer from going unnoticed where the keepalive is long. */
static void watch_probe(int fd)
{
	int on = 1, idle_s = 20, every_s = 5, count = 3;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof(every_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
}

int mqtt_link_watch(struct mqtt_link *link)
{
	struct link_watch *watch = calloc(1, sizeof(*watch));
	int error;

	if (watch == NULL)
		return -ENOMEM;
	watch->fd = fcntl(mosquitto_socket(link->client), F_DUPFD_CLOEXEC, 0);
	if (watch->fd < 0) {
		free(watch);
		return -EMFILE;
	}
	error = uv_poll_init(link->loop, &watch->poll, watch->fd);
	if (error != 0) {
		close(watch->fd);
		free(watch);
		return error;
	}
	watch_probe(watch->fd);
	watch->poll.data = link;
	link->watch = watch;
	return 0;
}

static void watch_closed(uv_handle_t *handle)
{
	struct link_watch *watch = (struct link_watch *)handle;

	close(watch->fd);
	free(watch);
}

void mqtt_link_unwatch(struct mqtt_link *link)
{
	if (link->watch != NULL) {
		shutdown(link->watch->fd, SHUT_RDWR);
		uv_close((uv_handle_t *)&link->watch->poll, watch_closed);
	}
	link->watch = NULL;
}

/* --- reading -------------------------------------------------------------- */

/* Whether one read left the connection as it was; else the link is down now. */
static bool link_read_once(struct mqtt_link *link)
{
	int result;

	link->is_in_library = true;
	errno = 0;
	result = mosquitto_loop_read(link->client, 1);
	link->is_in_library = false;
	if (link->is_freed)
		mqtt_link_destroy(link);
	else if (result != MOSQ_ERR_SUCCESS || mosquitto_socket(link->client) < 0)
		mqtt_link_failed(link, result != MOSQ_ERR_SUCCESS ? result : MOSQ_ERR_CONN_LOST);
	else
		return true;
	return false;
}

/*
 * Reads up to READS_PER_WAKE packets, and on to the end of what TLS has decrypted, which
 * shows on no socket.
 */
static void link_read(struct mqtt_link *link)
{
	bool is_dry = false;

	for (int i = 0; (i < READS_PER_WAKE && !is_dry) || mqtt_tls_holds_input(link->client);
	     i++) {
		if (!link_read_once(link))
			return;
		is_dry = errno == EAGAIN;
	}
	mqtt_link_proceed(link);
}

static void link_woken(uv_poll_t *poll, int status, int events)
{
	struct mqtt_link *link = poll->data;

	if (status < 0) {
		mqtt_link_failed(link, status);
		return;
	}
	if (events & UV_WRITABLE)
		link_write(link);
	if (link->watch == NULL)
		return;
	if (events & UV_READABLE)
		link_read(link);
	else
		link_arm(link);
}
