/* The two ends of a connection, as addresses in text. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "adapt/http_internal.h"

int http_address_write(char out[ADDRESS_TEXT_MAX], const struct sockaddr *address)
{
	const void *bytes;

	out[0] = '\0';
	if (address->sa_family == AF_INET)
		bytes = &((const struct sockaddr_in *)address)->sin_addr;
	else if (address->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)address)->sin6_addr;
	else
		return -EAFNOSUPPORT;
	return inet_ntop(address->sa_family, bytes, out, ADDRESS_TEXT_MAX) ? 0 : -errno;
}

void http_peer_address(struct MHD_Connection *connection, char out[ADDRESS_TEXT_MAX])
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	if (!info || !info->client_addr || http_address_write(out, info->client_addr) < 0)
		out[0] = '\0';
}

int64_t http_peer_uid(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct ucred peer;
	socklen_t length = sizeof(peer);
	int family;
	socklen_t family_length = sizeof(family);

	if (!info ||
	    getsockopt(info->connect_fd, SOL_SOCKET, SO_DOMAIN, &family, &family_length) < 0 ||
	    family != AF_UNIX ||
	    getsockopt(info->connect_fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return -1;
	return peer.uid;
}

int http_local_address(const struct http_request *request, char out[ADDRESS_TEXT_MAX])
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    request->exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	if (!info || getsockname(info->connect_fd, (struct sockaddr *)&address, &length) < 0)
		return -ENOTCONN;
	return http_address_write(out, (const struct sockaddr *)&address);
}
