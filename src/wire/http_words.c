/* Headers of requests, see http_words.h. Whatever is not quite right is nothing. */
#include "wire/http_words.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#define HTTP_PORT 80
#define HTTPS_PORT 443

static bool is_host_character(char c, bool is_bracketed)
{
	bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';

	return is_bracketed
		   ? (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9') || c == ':' || c == '.'
		   : is_word || c == '_';
}

/* Copies a host in lower case. */
static int take_host(char out[AUTHORITY_HOST_MAX], const char *text, size_t length,
		     bool is_bracketed)
{
	if (!is_bracketed && length > 1 && text[length - 1] == '.')
		length--;
	if (length == 0 || length >= AUTHORITY_HOST_MAX)
		return -EINVAL;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!is_host_character(c, is_bracketed))
			return -EINVAL;
		out[i] = c;
	}
	out[length] = '\0';
	return 0;
}

/* Reads what follows the host: nothing, or a colon and a port. */
static int take_port(uint16_t *out, const char *text)
{
	uint32_t port = 0;

	*out = 0;
	if (text[0] == '\0')
		return 0;
	if (text[0] != ':' || text[1] == '\0' || strlen(text) > 6)
		return -EINVAL;
	for (text++; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		port = port * 10 + (uint32_t)(*text - '0');
	}
	if (port == 0 || port > UINT16_MAX)
		return -EINVAL;
	*out = (uint16_t)port;
	return 0;
}

int authority_parse(struct authority *out, const char *text)
{
	struct authority authority;
	bool is_bracketed = text[0] == '[';
	const char *host = is_bracketed ? text + 1 : text;
	size_t length = strcspn(host, is_bracketed ? "]" : ":");
	const char *rest = host + length;

	if (is_bracketed && *rest++ != ']')
		return -EINVAL;
	if (take_host(authority.host, host, length, is_bracketed) != 0 ||
	    take_port(&authority.port, rest) != 0)
		return -EINVAL;
	*out = authority;
	return 0;
}

int origin_parse(struct origin *out, const char *text)
{
	struct origin origin = {.is_https = strncasecmp(text, "https://", 8) == 0};

	if (!origin.is_https && strncasecmp(text, "http://", 7) != 0)
		return -EINVAL;
	if (authority_parse(&origin.authority, text + (origin.is_https ? 8 : 7)) != 0)
		return -EINVAL;
	if (origin.authority.port == 0)
		origin.authority.port = origin.is_https ? HTTPS_PORT : HTTP_PORT;
	*out = origin;
	return 0;
}

static size_t copy(char *out, size_t size, const char *text, size_t length)
{
	if (length >= size)
		length = 0;
	memcpy(out, text, length);
	out[length] = '\0';
	return length;
}

size_t cookie_find(char *out, size_t size, const char *header, const char *name)
{
	size_t name_length = strlen(name);

	out[0] = '\0';
	while (*header != '\0') {
		size_t length = strcspn(header, ";");

		if (length > name_length && memcmp(header, name, name_length) == 0 &&
		    header[name_length] == '=')
			return copy(out, size, header + name_length + 1, length - name_length - 1);
		header += length;
		header += strspn(header, "; ");
	}
	return 0;
}

size_t bearer_find(char *out, size_t size, const char *header)
{
	out[0] = '\0';
	if (strncasecmp(header, "Bearer ", 7) != 0)
		return 0;
	header += 7;
	header += strspn(header, " ");
	return copy(out, size, header, strcspn(header, " "));
}

/* Takes one entry of the list, with blanks around it; brackets and a port are not of the address.
 */
static int take_address(char out[ADDRESS_TEXT_MAX], const char *text, size_t length)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	while (length > 0 && (*text == ' ' || *text == '\t'))
		text++, length--;
	while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
		length--;
	if (length > 0 && text[0] == '[') {
		const char *end = memchr(text, ']', length);

		if (!end)
			return -EINVAL;
		text++;
		length = (size_t)(end - text);
	} else if (memchr(text, '.', length) && memchr(text, ':', length) &&
		   memchr(text, ':', length) == memrchr(text, ':', length)) {
		length = (size_t)((const char *)memchr(text, ':', length) - text);
	}
	if (length == 0 || length >= ADDRESS_TEXT_MAX)
		return -EINVAL;
	memcpy(out, text, length);
	out[length] = '\0';
	return inet_pton(AF_INET, out, bytes) == 1 || inet_pton(AF_INET6, out, bytes) == 1
		   ? 0
		   : -EINVAL;
}

int forwarded_for(char out[ADDRESS_TEXT_MAX], const char *header,
		  bool (*is_trusted)(const void *user, const char *address), const void *user)
{
	char address[ADDRESS_TEXT_MAX];
	size_t end = strlen(header);

	for (;;) {
		const char *comma = memrchr(header, ',', end);
		size_t begin = comma ? (size_t)(comma - header) + 1 : 0;

		if (take_address(address, header + begin, end - begin) != 0)
			return -EINVAL;
		if (!comma || !is_trusted(user, address))
			break;
		end = begin - 1;
	}
	memcpy(out, address, sizeof(address));
	return 0;
}
