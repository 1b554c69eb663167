/*
 * libcoap's sockets share their address with whoever asks for it too: a relay on
 * a port that the kernel chose could find another process on the same one, which
 * it had given to it later. So the house chooses below those, and asks first.
 */
#include "sim/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#define COUNT (FREE_PORT_LAST - FREE_PORT_FIRST + 1)
#define STRIDE 64 /* between two processes of following numbers: more than relays of a house */

/* Bound without sharing, which fails also where the other one would share. */
static bool is_free(uint16_t port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				      .sin_port = htons(port)};
	int socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_bound;

	if (socket_fd < 0)
		return false;
	is_bound = bind(socket_fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
	close(socket_fd);
	return is_bound;
}

uint16_t free_port_next(uint16_t *last)
{
	if (*last < FREE_PORT_FIRST || *last > FREE_PORT_LAST)
		*last = (uint16_t)(FREE_PORT_FIRST + (uint32_t)getpid() * STRIDE % COUNT);
	for (int i = 0; i < COUNT; i++) {
		*last = *last == FREE_PORT_LAST ? FREE_PORT_FIRST : (uint16_t)(*last + 1);
		if (is_free(*last))
			return *last;
	}
	return 0;
}
