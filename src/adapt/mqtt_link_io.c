/*
 * When an MQTT connection is read and when it is written.
 *
 * libmosquitto is told that threads are in use, so that whatever it has to send
 * stays in memory until mosquitto_loop_write(): that puts us in charge of the
 * order (mqtt.h says what for). The socket is watched through a duplicate of
 * our own, since the library closes its own in the middle of a call.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapt/mqtt_link_parts.h"

#define READS_PER_WAKE 16
#define NAP_MS 1

/* --- writing -------------------------------------------------------------- */

bool mqtt_link_may_write(const struct mqtt_link *link)
{
	return link->state != LINK_UP || link->events.may_write == NULL ||
	       link->events.may_write(link->events.user);
}

/* Hands all that is queued to the socket; one segment for many acknowledgements. */
static void link_write(struct mqtt_link *link)
{
	int fd = mosquitto_socket(link->client);
	bool is_many = link->messages > 1;
	int on = 1, off = 0, result;

	if (is_many)
		setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	link->is_in_library = true;
	result = mosquitto_loop_write(link->client, 1);
	link->is_in_library = false;
	if (is_many)
		setsockopt(link->watch->fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	link->messages = 0;
	link->is_draining = link->events.may_write != NULL && mosquitto_want_write(link->client);
	if (result != MOSQ_ERR_SUCCESS)
		mqtt_link_failed(link, result);
}

/* --- watching the socket -------------------------------------------------- */

static void link_woken(uv_poll_t *poll, int status, int events);
static void link_nap_over(uv_timer_t *timer);

/*
 * Asks libuv for what may happen next, and only when that changed. What TLS has
 * decrypted already shows on no socket: it is read in the next turn.
 */
static void link_arm(struct mqtt_link *link)
{
	int events = 0;

	if (link->watch == NULL)
		return;
	if (mosquitto_want_write(link->client) && (link->is_draining || mqtt_link_may_write(link)))
		events |= UV_WRITABLE;
	if (!link->is_draining && !link->is_napping && !link->is_paused) {
		if (mqtt_tls_holds_input(link->client)) {
			link->is_napping = true;
			uv_timer_start(&link->nap, link_nap_over, 0, 0);
		} else {
			events |= UV_READABLE;
		}
	}
	if (events == link->watch->armed)
		return;
	if (events == 0)
		uv_poll_stop(&link->watch->poll);
	else
		uv_poll_start(&link->watch->poll, events, link_woken);
	link->watch->armed = events;
}

void mqtt_link_proceed(struct mqtt_link *link)
{
	if (link->state >= LINK_GREETING && mosquitto_want_write(link->client) &&
	    mqtt_link_may_write(link))
		link_write(link);
	link_arm(link);
}

void mqtt_link_flush(struct mqtt_link *link)
{
	if (link->state != LINK_UP || link->is_in_library || !mosquitto_want_write(link->client))
		return;
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
	uv_timer_stop(&link->nap);
	link->is_napping = false;
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

/* Whether nothing is waiting in TLS or the socket; the library keeps no packets itself. */
static bool link_is_dry(const struct mqtt_link *link)
{
	struct pollfd socket = {.fd = mosquitto_socket(link->client), .events = POLLIN};

	return !mqtt_tls_holds_input(link->client) && poll(&socket, 1, 0) == 0;
}

static size_t bytes_waiting(const struct mqtt_link *link)
{
	int bytes = 0;

	return ioctl(mosquitto_socket(link->client), FIONREAD, &bytes) == 0 ? (size_t)bytes : 0;
}

/*
 * Reads up to READS_PER_WAKE packets. A read that brought no message and met
 * EAGAIN means that input ran dry; after the last read the socket is asked, or
 * a batch whose end it happened to be would wait for the next packet.
 */
static void link_read(struct mqtt_link *link)
{
	bool is_dry = false;

	if (link->options.coalesces && !link->is_bursting)
		link->waiting = bytes_waiting(link);
	for (int i = 0; i < READS_PER_WAKE && !is_dry && !link->is_paused; i++) {
		uint32_t before = link->messages;

		if (!link_read_once(link))
			return;
		is_dry = link->messages == before && errno == EAGAIN;
	}
	if (!is_dry && !link->is_paused)
		is_dry = link_is_dry(link);
	if (is_dry) {
		link->wants_nap = link->is_bursting && link->is_crowd;
		link->is_bursting = false;
	}
	if (link->events.on_read != NULL)
		link->events.on_read(link->events.user, is_dry);
	if (link->is_freed)
		return;
	mqtt_link_proceed(link);
}

static void link_nap_over(uv_timer_t *timer)
{
	struct mqtt_link *link = timer->data;

	link->is_napping = false;
	if (link->is_paused || link->is_draining)
		link_arm(link);
	else
		link_read(link);
}

/*
 * After a burst, waits a moment before it reads again: one wake-up and one
 * commit for many messages instead of for each. What came while we were busy
 * with a message is no burst: it may be the answer to our command, and the
 * next one waits for ours.
 */
static bool link_naps(struct mqtt_link *link)
{
	if (!link->wants_nap)
		return false;
	link->wants_nap = false;
	link->is_napping = true;
	uv_timer_start(&link->nap, link_nap_over, NAP_MS, 0);
	link_arm(link);
	return true;
}

static void link_woken(uv_poll_t *poll, int status, int events)
{
	struct mqtt_link *link = poll->data;

	if (status < 0) {
		mqtt_link_failed(link, status);
		return;
	}
	if ((events & UV_WRITABLE) && (link->is_draining || mqtt_link_may_write(link)))
		link_write(link);
	if (link->watch == NULL)
		return;
	if ((events & UV_READABLE) && !link->is_paused && !link->is_draining && !link_naps(link))
		link_read(link);
	else
		link_arm(link);
}
