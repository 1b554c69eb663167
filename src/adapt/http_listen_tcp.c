/* Makes the TCP socket for the API; what may be done over it is decided elsewhere. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapt/http_listen.h"

#define BACKLOG 64

union place {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Returns the length of what is at `out`, or 0 where `address` is not numeric. */
static socklen_t read_address(union place *out, const char *address, uint16_t port)
{
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, address, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		return sizeof(out->v4);
	}
	if (inet_pton(AF_INET6, address, &out->v6.sin6_addr) == 1) {
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_port = htons(port);
		return sizeof(out->v6);
	}
	return 0;
}

static int port_of(int fd)
{
	union place place;
	socklen_t length = sizeof(place);

	if (getsockname(fd, &place.any, &length) < 0)
		return -errno;
	return ntohs(place.any.sa_family == AF_INET6 ? place.v6.sin6_port : place.v4.sin_port);
}

static int bind_and_listen(int fd, const union place *place, socklen_t length)
{
	const int on = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    (place->any.sa_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on)) < 0) ||
	    bind(fd, &place->any, length) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	return port_of(fd);
}

int http_listen_tcp(const char *address, uint16_t port, uint16_t *got, struct text *error)
{
	bool is_v6 = strchr(address, ':') != NULL;
	union place place;
	socklen_t length = read_address(&place, address, port);
	int fd = -1, rc = -EINVAL;

	if (length > 0) {
		fd = socket(place.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		rc = fd < 0 ? -errno : bind_and_listen(fd, &place, length);
	}
	if (rc < 0) {
		text_add(error, "cannot listen on %s%s%s:%u: %s", is_v6 ? "[" : "", address,
			 is_v6 ? "]" : "", port, strerror(-rc));
		if (fd >= 0)
			close(fd);
		return rc;
	}
	*got = (uint16_t)rc;
	return fd;
}
