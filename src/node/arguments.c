/*
 * Values of the nodes' command lines, see arguments.h. A node that is started
 * wrongly says what to do and does not run.
 */
#include "node/arguments.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

noreturn void usage_error(const char *format, ...)
{
	va_list arguments;

	fprintf(stderr, "%s: ", program_invocation_short_name);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, " (see %s --help)\n", program_invocation_short_name);
	exit(EXIT_USAGE);
}

struct ident argument_node(const char *option, const char *text)
{
	struct ident node;

	if (ident_parse(&node, text, strlen(text)) < 0)
		usage_error("%s %s: a name is 1 to %d letters, digits, '.', '_', '-' or ':', "
			    "beginning with a letter or digit",
			    option, text, IDENT_MAX);
	return node;
}

int64_t argument_number(const char *option, const char *text, int64_t least, int64_t most)
{
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || number < least || number > most)
		usage_error("%s %s: a whole number from %" PRId64 " to %" PRId64 " is needed",
			    option, text, least, most);
	return number;
}

struct clock argument_clock(const char *option, const char *text)
{
	struct clock clock;

	if (clock_parse(&clock, text) < 0)
		usage_error("%s %s: FACTOR or FACTOR@ORIGIN is needed, FACTOR from 1 to %d", option,
			    text, CLOCK_FACTOR_MAX);
	return clock;
}

void argument_host_port(const char *option, const char *text, char host[HOST_PORT_MAX],
			uint16_t *port)
{
	const char *colon = strrchr(text, ':');
	size_t len = colon ? (size_t)(colon - text) : strlen(text);

	/* A bare IPv6 address has several colons and no port. */
	if (colon && text[0] != '[' && memchr(text, ':', len)) {
		len = strlen(text);
		colon = NULL;
	}
	if (text[0] == '[' && len >= 2 && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= HOST_PORT_MAX || (len == 0 && !colon))
		usage_error("%s %s: HOST:PORT is needed", option, text);
	if (len > 0) {
		memcpy(host, text, len);
		host[len] = '\0';
	}
	if (colon)
		*port = (uint16_t)argument_number(option, colon + 1, 0, UINT16_MAX);
}

void argument_listen(const char *option, const char *text, char address[HOST_PORT_MAX],
		     uint16_t *port)
{
	struct in6_addr bytes;

	argument_host_port(option, text, address, port);
	if (inet_pton(AF_INET, address, &bytes) != 1 && inet_pton(AF_INET6, address, &bytes) != 1)
		usage_error("%s %s: a numeric address of this machine is needed, as 0.0.0.0",
			    option, text);
}
