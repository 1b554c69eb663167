/*
 * amphora-relay: a relay node. Reads its command line, chooses the driver and runs a
 * relay server (relay_server.h) until SIGTERM or SIGINT, which opens the relay.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/version.h"
#include "node/announce.h"
#include "node/arguments.h"
#include "node/relay_server.h"
#include "node/run.h"
#include "wire/plain_channel.h"

#define ERROR_MAX 512
#define LEASE_S_MAX 86400
#define LINE_MAX_NUMBER 65535
#define COAP_PORT 5683
#define COAPS_PORT 5684

enum driver_kind { DRIVER_SIMULATED, DRIVER_FILE, DRIVER_GPIOD };

struct arguments {
	struct ident node;
	char address[HOST_PORT_MAX];
	uint16_t port;
	enum driver_kind driver;
	const char *file, *chip;
	int64_t line; /* -1: not given */
	int64_t longest_ms;
	const char *listen, *state_path, *collector, *key_file;
	struct clock clock;
};

static const char help[] =
    "Usage: amphora-relay --node NAME [OPTION...]\n"
    "A relay node: a CoAP server that drives a switch, with a lease.\n"
    "\n"
    "  --node NAME              how it calls itself\n"
    "  --listen ADDRESS:PORT    numeric address, default 0.0.0.0:5683, with a key :5684;\n"
    "                           port 0: any\n"
    "  --key-file FILE          answers over DTLS only, to whoever has the key in the file's\n"
    "                           first line; the identity is the node's name\n"
    "  --driver KIND            simulated (default), file or gpiod\n"
    "  --file PATH              file: gets 1 or 0\n"
    "  --chip CHIP --line N     gpiod: the GPIO line\n"
    "  --longest-lease SECONDS  no ON lasts longer, default 90\n"
    "  --state FILE             keeps the switch count and last command number\n"
    "  --register URI           coap://HOST[:PORT] of the collector to announce itself to,\n"
    "                           coaps:// with a key\n"
    "  --clock FACTOR[@ORIGIN]  a faster clock, with the simulated driver only\n"
    "  --help, --version\n";

static struct arguments read_arguments(int argc, char **argv);
static void read_option(struct arguments *arguments, int option, const char *name);
static void check(const struct arguments *arguments);
static enum driver_kind driver_named(const char *name);
static int open_driver(struct relay_driver *out, const struct arguments *arguments,
		       struct text *error);
static int start(struct relay_server **relay, struct announce **announce, uv_loop_t *loop,
		 const struct arguments *arguments, struct text *error);

int main(int argc, char **argv)
{
	struct arguments arguments = read_arguments(argc, argv);
	struct relay_server *relay = NULL;
	struct announce *announce = NULL;
	char message[ERROR_MAX];
	struct text error = text_in(message, sizeof(message));
	uv_loop_t loop;
	int result;

	log_open("amphora-relay", LOG_LEVEL_INFO);
	uv_loop_init(&loop);
	result = start(&relay, &announce, &loop, &arguments, &error);
	if (result < 0)
		log_error("%s", error.length > 0 ? message : strerror(-result));
	else
		result = run_until_signal(&loop);
	announce_free(announce);
	relay_server_free(relay);
	run_out(&loop);
	return result < 0 ? EXIT_FAILED : 0;
}

static struct arguments read_arguments(int argc, char **argv)
{
	static const struct option options[] = {
	    {"node", required_argument, NULL, 'n'},
	    {"listen", required_argument, NULL, 'l'},
	    {"driver", required_argument, NULL, 'd'},
	    {"file", required_argument, NULL, 'f'},
	    {"chip", required_argument, NULL, 'c'},
	    {"line", required_argument, NULL, 'i'},
	    {"longest-lease", required_argument, NULL, 'L'},
	    {"state", required_argument, NULL, 's'},
	    {"key-file", required_argument, NULL, 'k'},
	    {"register", required_argument, NULL, 'r'},
	    {"clock", required_argument, NULL, 'C'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'},
	    {0},
	};
	struct arguments arguments = {
	    .address = "0.0.0.0", .port = COAP_PORT, .line = -1, .clock = clock_real()};
	int option, index = 0;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
		if (option == '?')
			usage_error("%s is unknown or lacks its value", argv[optind - 1]);
		read_option(&arguments, option, options[index].name);
	}
	if (optind < argc)
		usage_error("%s is not an option", argv[optind]);
	check(&arguments);
	if (arguments.key_file)
		arguments.port = COAPS_PORT;
	if (arguments.listen)
		argument_host_port("--listen", arguments.listen, arguments.address,
				   &arguments.port);
	return arguments;
}

static void read_option(struct arguments *arguments, int option, const char *name)
{
	char flag[32];

	snprintf(flag, sizeof(flag), "--%s", name);
	switch (option) {
	case 'n':
		arguments->node = argument_node(flag, optarg);
		break;
	case 'l':
		arguments->listen = optarg;
		break;
	case 'd':
		arguments->driver = driver_named(optarg);
		break;
	case 'f':
		arguments->file = optarg;
		break;
	case 'c':
		arguments->chip = optarg;
		break;
	case 'i':
		arguments->line = argument_number(flag, optarg, 0, LINE_MAX_NUMBER);
		break;
	case 'L':
		arguments->longest_ms =
		    argument_number(flag, optarg, 1, LEASE_S_MAX) * MS_PER_SECOND;
		break;
	case 's':
		arguments->state_path = optarg;
		break;
	case 'k':
		arguments->key_file = optarg;
		break;
	case 'r':
		arguments->collector = optarg;
		break;
	case 'C':
		arguments->clock = argument_clock(flag, optarg);
		break;
	case 'h':
		fputs(help, stdout);
		exit(0);
	default:
		puts("amphora-relay " AMPHORA_VERSION);
		exit(0);
	}
}

static void check(const struct arguments *arguments)
{
	if (arguments->node.text[0] == '\0')
		usage_error("--node NAME is needed");
	if (arguments->driver == DRIVER_FILE && !arguments->file)
		usage_error("--driver file needs --file PATH");
	if (arguments->driver == DRIVER_GPIOD && (!arguments->chip || arguments->line < 0))
		usage_error("--driver gpiod needs --chip CHIP and --line N");
	if (arguments->clock.factor != 1 && arguments->driver != DRIVER_SIMULATED)
		usage_error("--clock with a factor is only for the simulated driver: real "
			    "contacts live in real time");
}

static enum driver_kind driver_named(const char *name)
{
	if (strcmp(name, "simulated") == 0)
		return DRIVER_SIMULATED;
	if (strcmp(name, "file") == 0)
		return DRIVER_FILE;
	if (strcmp(name, "gpiod") == 0)
		return DRIVER_GPIOD;
	usage_error("--driver %s: simulated, file or gpiod is needed", name);
}

static int open_driver(struct relay_driver *out, const struct arguments *arguments,
		       struct text *error)
{
	switch (arguments->driver) {
	case DRIVER_FILE:
		return relay_driver_file(out, arguments->file, error);
	case DRIVER_GPIOD:
		return relay_driver_gpiod(out, arguments->chip, (unsigned int)arguments->line,
					  error);
	default:
		return relay_driver_simulated(out);
	}
}

static int start(struct relay_server **relay, struct announce **announce, uv_loop_t *loop,
		 const struct arguments *arguments, struct text *error)
{
	struct relay_server_options options = {
	    .node = arguments->node,
	    .address = arguments->address,
	    .port = arguments->port,
	    .longest_ms = arguments->longest_ms,
	    .state_path = arguments->state_path,
	};
	struct registration registration = {.node = arguments->node, .type = NODE_RELAY};
	struct shared_key key = {0};
	struct relay_driver driver;
	int result = 0;

	if (arguments->key_file)
		result = shared_key_read(&key, arguments->key_file, arguments->node.text, error);
	options.key = &key;
	if (result == 0)
		result = open_driver(&driver, arguments, error);
	if (result == 0)
		result = relay_server_new(relay, loop, &arguments->clock, &options, &driver, error);
	if (result < 0)
		return result;
	registration.port = relay_server_port(*relay);
	log_info("relay %s is open and listens on %s port %u%s", arguments->node.text,
		 arguments->address, registration.port, key.length > 0 ? " with DTLS" : "");
	if (key.length == 0 && !host_is_loopback(arguments->address))
		log_warning("anyone in reach of %s can command this relay: give it a --key-file",
			    arguments->address);
	if (arguments->collector) {
		result = announce_new(announce, loop, arguments->collector, &registration, &key);
		if (result < 0)
			text_add(error, "--register %s: %s://HOST[:PORT] is needed",
				 arguments->collector, key.length > 0 ? "coaps" : "coap");
	}
	explicit_bzero(&key, sizeof(key));
	return result;
}
