/* What the nodes' command lines have in common: how values are read and errors told. */
#pragma once

#include <stdint.h>
#include <stdnoreturn.h>

#include "base/result.h"
#include "base/time.h"
#include "model/ident.h"

#define HOST_PORT_MAX 256

enum { EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Says one line on standard error and where help is, and exits with EXIT_USAGE. */
noreturn void usage_error(const char *format, ...) PRINTF_LIKE(1, 2);

/* These exit with a usage error that names `option` where `text` is not as it should be. */
struct ident argument_node(const char *option, const char *text);
int64_t argument_number(const char *option, const char *text, int64_t least, int64_t most);
struct clock argument_clock(const char *option, const char *text);

/* As argument_host_port(), but the host must be a numeric address, of ours. */
void argument_listen(const char *option, const char *text, char address[HOST_PORT_MAX],
		     uint16_t *port);

/* Splits `HOST:PORT`, `HOST`, `[V6]:PORT` or `:PORT` (the port alone where `host` has a default).
 */
void argument_host_port(const char *option, const char *text, char host[HOST_PORT_MAX],
			uint16_t *port);
