/*
 * The few packets of MQTT 3.1.1 that a publisher needs, see mqtt_publisher.h.
 * When and what to publish is the programs' affair.
 */
#include "mqtt_publisher.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TYPE_CONNECT 0x10
#define TYPE_CONNACK 0x20
#define TYPE_PUBLISH 0x30
#define TYPE_PUBACK 0x40
#define CLEAN_SESSION 0x02
#define PACKET_MAX (PUBLISHER_MESSAGE_MAX + 16)

static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t done = send(fd, data, len, MSG_NOSIGNAL);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		data += done;
		len -= (size_t)done;
	}
	return 0;
}

static uint8_t *put_text(uint8_t *at, const char *text, size_t len)
{
	*at++ = (uint8_t)(len >> 8);
	*at++ = (uint8_t)len;
	memcpy(at, text, len);
	return at + len;
}

/* A length below 16384 in MQTT's seven bits a byte. */
static uint8_t *put_length(uint8_t *at, size_t len)
{
	if (len >= 128) {
		*at++ = (uint8_t)(len % 128 | 128);
		len /= 128;
	}
	*at++ = (uint8_t)len;
	return at;
}

static int greet(struct mqtt_publisher *publisher, const char *client_id)
{
	uint8_t packet[128], *at = packet, answer[4];
	size_t id_len = strlen(client_id);

	if (id_len > 64)
		return -EMSGSIZE;
	*at++ = TYPE_CONNECT;
	at = put_length(at, 10 + 2 + id_len);
	at = put_text(at, "MQTT", 4);
	*at++ = 4; /* version 3.1.1 */
	*at++ = CLEAN_SESSION;
	*at++ = 0; /* no keepalive */
	*at++ = 0;
	at = put_text(at, client_id, id_len);
	if (write_all(publisher->fd, packet, (size_t)(at - packet)) < 0)
		return -EPIPE;
	if (recv(publisher->fd, answer, sizeof(answer), MSG_WAITALL) != sizeof(answer) ||
	    answer[0] != TYPE_CONNACK || answer[3] != 0)
		return -ECONNREFUSED;
	return 0;
}

int mqtt_publisher_open(struct mqtt_publisher *publisher, uint16_t port, const char *client_id)
{
	struct sockaddr_in broker = {.sin_family = AF_INET,
				     .sin_port = htons(port),
				     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1, result;

	*publisher = (struct mqtt_publisher){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	if (publisher->fd < 0)
		return -errno;
	setsockopt(publisher->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	result = connect(publisher->fd, (struct sockaddr *)&broker, sizeof(broker)) < 0
		     ? -errno
		     : greet(publisher, client_id);
	if (result < 0)
		mqtt_publisher_close(publisher);
	return result;
}

void mqtt_publisher_close(struct mqtt_publisher *publisher)
{
	close(publisher->fd);
	publisher->fd = -1;
}

int mqtt_publisher_put(struct mqtt_publisher *publisher, const char *topic, const char *payload,
		       int qos)
{
	size_t topic_len = strlen(topic), len = strlen(payload);
	uint8_t *at;
	int result;

	if (topic_len + len > PUBLISHER_MESSAGE_MAX)
		return -EMSGSIZE;
	if (sizeof(publisher->buffer) - publisher->used < PACKET_MAX) {
		result = mqtt_publisher_flush(publisher);
		if (result < 0)
			return result;
	}
	at = publisher->buffer + publisher->used;
	*at++ = (uint8_t)(TYPE_PUBLISH | qos << 1);
	at = put_length(at, 2 + topic_len + (qos > 0 ? 2 : 0) + len);
	at = put_text(at, topic, topic_len);
	if (qos > 0) {
		publisher->next_id += publisher->next_id == UINT16_MAX ? 2 : 1; /* never 0 */
		*at++ = (uint8_t)(publisher->next_id >> 8);
		*at++ = (uint8_t)publisher->next_id;
		publisher->published++;
	}
	memcpy(at, payload, len);
	publisher->used = (size_t)(at + len - publisher->buffer);
	return 0;
}

int mqtt_publisher_flush(struct mqtt_publisher *publisher)
{
	int result = write_all(publisher->fd, publisher->buffer, publisher->used);

	publisher->used = 0;
	return result;
}

/* A PUBACK is four bytes, and nothing else comes. */
static int count_answers(struct mqtt_publisher *publisher, const uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		publisher->answer[publisher->partial++] = data[i];
		if (publisher->partial < sizeof(publisher->answer))
			continue;
		publisher->partial = 0;
		if (publisher->answer[0] != TYPE_PUBACK)
			return -EPROTO;
		publisher->acknowledged++;
	}
	return 0;
}

int mqtt_publisher_take(struct mqtt_publisher *publisher, int wait_ms)
{
	struct pollfd wait = {.fd = publisher->fd, .events = POLLIN};
	uint8_t data[4096];
	ssize_t len;

	if (wait_ms > 0 && poll(&wait, 1, wait_ms) < 0 && errno != EINTR)
		return -errno;
	len = recv(publisher->fd, data, sizeof(data), MSG_DONTWAIT);
	if (len == 0)
		return -EPIPE;
	if (len < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	return count_answers(publisher, data, (size_t)len);
}
