/*
 * Where a CoAP resource is, see coap_place.h. Reads URIs and numeric addresses;
 * looking up names is the hub's, since it takes time.
 */
#include "adapt/coap_place.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#define SCHEME "coap://"
#define SECURE_SCHEME "coaps://"

static int split_host(struct coap_place *place, const char *authority, size_t len);
static int split_port(struct coap_place *place, const char *text, size_t len);
static bool path_is_plain(const char *path);

int coap_place_parse(struct coap_place *out, const char *uri)
{
	bool is_secure = strncmp(uri, SECURE_SCHEME, strlen(SECURE_SCHEME)) == 0;
	const char *scheme = is_secure ? SECURE_SCHEME : SCHEME, *authority, *path;
	struct coap_place place = {
	    .is_secure = is_secure,
	    .port = is_secure ? COAPS_DEFAULT_PORT : COAP_DEFAULT_PORT,
	};

	if (strncmp(uri, scheme, strlen(scheme)) != 0)
		return -EINVAL;
	authority = uri + strlen(scheme);
	path = strchrnul(authority, '/');
	if (split_host(&place, authority, (size_t)(path - authority)) < 0)
		return -EINVAL;
	if (*path == '/')
		path++;
	if (strlen(path) >= sizeof(place.path) || !path_is_plain(path))
		return -EINVAL;
	strcpy(place.path, path);
	place.is_resolved = coap_place_numeric(&place.address, place.host, place.port) == 0;
	*out = place;
	return 0;
}

int coap_place_numeric(coap_address_t *out, const char *host, uint16_t port)
{
	coap_address_t address;

	coap_address_init(&address);
	if (inet_pton(AF_INET, host, &address.addr.sin.sin_addr) == 1) {
		address.addr.sin.sin_family = AF_INET;
		address.addr.sin.sin_port = htons(port);
		address.size = sizeof(address.addr.sin);
	} else if (inet_pton(AF_INET6, host, &address.addr.sin6.sin6_addr) == 1) {
		address.addr.sin6.sin6_family = AF_INET6;
		address.addr.sin6.sin6_port = htons(port);
		address.size = sizeof(address.addr.sin6);
	} else {
		return -EINVAL;
	}
	*out = address;
	return 0;
}

void coap_place_resolve(struct coap_place *place, const struct sockaddr *address)
{
	coap_address_init(&place->address);
	if (address->sa_family == AF_INET6) {
		memcpy(&place->address.addr.sin6, address, sizeof(struct sockaddr_in6));
		place->address.size = sizeof(struct sockaddr_in6);
		place->address.addr.sin6.sin6_port = htons(place->port);
	} else {
		memcpy(&place->address.addr.sin, address, sizeof(struct sockaddr_in));
		place->address.size = sizeof(struct sockaddr_in);
		place->address.addr.sin.sin_port = htons(place->port);
	}
	place->is_resolved = true;
}

void coap_place_aim(struct coap_place *place, const struct coap_target *target)
{
	_Static_assert(sizeof(place->path) >= sizeof(target->path), "a target's path fits");

	strcpy(place->path, target->path);
	strcpy(place->query, target->query);
}

static bool add_parts(coap_pdu_t *pdu, coap_option_num_t option, const char *at, char divider)
{
	while (*at) {
		const char *end = strchrnul(at, divider);

		if (!coap_add_option(pdu, option, (size_t)(end - at), (const uint8_t *)at))
			return false;
		at = *end ? end + 1 : end;
	}
	return true;
}

bool coap_place_add_path(const char *path, coap_pdu_t *pdu)
{
	return add_parts(pdu, COAP_OPTION_URI_PATH, path, '/');
}

bool coap_place_add_query(const char *query, coap_pdu_t *pdu)
{
	return add_parts(pdu, COAP_OPTION_URI_QUERY, query, '&');
}

/* `host`, `host:port`, `[v6]` or `[v6]:port`. */
static int split_host(struct coap_place *place, const char *authority, size_t len)
{
	const char *end = authority + len, *host = authority, *host_end;

	if (len > 0 && *authority == '[') {
		host++;
		host_end = memchr(host, ']', (size_t)(end - host));
		if (!host_end)
			return -EINVAL;
		authority = host_end + 1;
	} else {
		host_end = memchr(authority, ':', len);
		if (!host_end)
			host_end = end;
		authority = host_end;
	}
	if (host_end == host || host_end - host >= COAP_HOST_MAX ||
	    memchr(host, '@', (size_t)(host_end - host)))
		return -EINVAL;
	memcpy(place->host, host, (size_t)(host_end - host));
	if (authority == end)
		return 0;
	return *authority == ':' ? split_port(place, authority + 1, (size_t)(end - authority) - 1)
				 : -EINVAL;
}

static int split_port(struct coap_place *place, const char *text, size_t len)
{
	uint32_t port = 0;

	if (len == 0 || len > 5)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -EINVAL;
		port = port * 10 + (uint32_t)(text[i] - '0');
	}
	if (port == 0 || port > UINT16_MAX)
		return -EINVAL;
	place->port = (uint16_t)port;
	return 0;
}

static bool path_is_plain(const char *path)
{
	size_t segments = 1;

	for (; *path; path++) {
		if ((unsigned char)*path <= ' ' || strchr("%?#", *path))
			return false;
		segments += *path == '/';
	}
	return segments <= COAP_PATH_SEGMENTS_MAX;
}
