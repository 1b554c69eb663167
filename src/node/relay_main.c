/*
 * amphora-relay: a relay node. Its command line, the choice of a driver, and a relay
 * server (relay_server.h) until SIGTERM or SIGINT, which opens the relay.
 */
#include <string.h>

#include "base/log.h"
#include "node/announce.h"
#include "node/arguments.h"
#include "node/program.h"
#include "node/relay_server.h"
#include "wire/plain_channel.h"

#define LEASE_S_MAX 86400
#define LINE_MAX_NUMBER 65535
#define COAP_PORT 5683
#define COAPS_PORT 5684

enum driver_kind { DRIVER_SIMULATED, DRIVER_FILE, DRIVER_GPIOD };

struct relay_node {
	/* as its command line says */
	struct ident node;
	char address[HOST_PORT_MAX];
	uint16_t port;
	enum driver_kind driver;
	const char *file, *chip;
	int64_t line; /* -1: not given */
	int64_t longest_ms;
	const char *listen, *state_path, *collector, *key_file;
	struct clock clock;

	/* what runs */
	struct relay_server *server;
	struct announce *announce;
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

static const struct option options[] = {
    {"node", required_argument, NULL, 'n'},          {"listen", required_argument, NULL, 'l'},
    {"driver", required_argument, NULL, 'd'},        {"file", required_argument, NULL, 'f'},
    {"chip", required_argument, NULL, 'c'},          {"line", required_argument, NULL, 'i'},
    {"longest-lease", required_argument, NULL, 'L'}, {"state", required_argument, NULL, 's'},
    {"key-file", required_argument, NULL, 'k'},      {"register", required_argument, NULL, 'r'},
    {"clock", required_argument, NULL, 'C'},         NODE_PROGRAM_OPTIONS,
};

static void take(void *user, int option, const char *flag, const char *value);
static void check(void *user);
static enum driver_kind driver_named(const char *name);
static int open_driver(struct relay_driver *out, const struct relay_node *node, struct text *error);
static int start(void *user, uv_loop_t *loop, struct text *error);
static int start_server(struct relay_node *node, uv_loop_t *loop, const struct shared_key *key,
			struct text *error);
static int start_announcing(struct relay_node *node, uv_loop_t *loop, const struct shared_key *key);
static void stop(void *user);

int main(int argc, char **argv)
{
	static const struct node_program program = {
	    .name = "amphora-relay",
	    .help = help,
	    .options = options,
	    .take = take,
	    .check = check,
	    .start = start,
	    .stop = stop,
	};
	struct relay_node node = {.address = "0.0.0.0", .line = -1, .clock = clock_real()};

	return node_program_run(&program, &node, argc, argv);
}

static void take(void *user, int option, const char *flag, const char *value)
{
	struct relay_node *node = user;

	switch (option) {
	case 'n':
		node->node = argument_node(flag, value);
		break;
	case 'l':
		node->listen = value;
		break;
	case 'd':
		node->driver = driver_named(value);
		break;
	case 'f':
		node->file = value;
		break;
	case 'c':
		node->chip = value;
		break;
	case 'i':
		node->line = argument_number(flag, value, 0, LINE_MAX_NUMBER);
		break;
	case 'L':
		node->longest_ms = argument_number(flag, value, 1, LEASE_S_MAX) * MS_PER_SECOND;
		break;
	case 's':
		node->state_path = value;
		break;
	case 'k':
		node->key_file = value;
		break;
	case 'r':
		node->collector = value;
		break;
	case 'C':
		node->clock = argument_clock(flag, value);
		break;
	}
}

static void check(void *user)
{
	struct relay_node *node = user;
	const char *scheme = node->key_file ? "coaps" : "coap";

	if (node->node.text[0] == '\0')
		usage_error("--node NAME is needed");
	if (node->driver == DRIVER_FILE && !node->file)
		usage_error("--driver file needs --file PATH");
	if (node->driver == DRIVER_GPIOD && (!node->chip || node->line < 0))
		usage_error("--driver gpiod needs --chip CHIP and --line N");
	if (node->clock.factor != 1 && node->driver != DRIVER_SIMULATED)
		usage_error("--clock with a factor is only for the simulated driver: real "
			    "contacts live in real time");
	if (node->collector && announce_check(node->collector, node->key_file != NULL) < 0)
		usage_error("--register %s: %s://HOST[:PORT] is needed", node->collector, scheme);
	/* The port that is left out depends on whether there is a key. */
	node->port = node->key_file ? COAPS_PORT : COAP_PORT;
	if (node->listen)
		argument_listen("--listen", node->listen, node->address, &node->port);
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

static int open_driver(struct relay_driver *out, const struct relay_node *node, struct text *error)
{
	switch (node->driver) {
	case DRIVER_FILE:
		return relay_driver_file(out, node->file, error);
	case DRIVER_GPIOD:
		return relay_driver_gpiod(out, node->chip, (unsigned int)node->line, error);
	default:
		return relay_driver_simulated(out);
	}
}

static int start(void *user, uv_loop_t *loop, struct text *error)
{
	struct relay_node *node = user;
	struct shared_key key = {0};
	int result = 0;

	if (node->key_file)
		result = shared_key_read(&key, node->key_file, node->node.text, error);
	if (result == 0)
		result = start_server(node, loop, &key, error);
	if (result == 0 && node->collector)
		result = start_announcing(node, loop, &key);
	explicit_bzero(&key, sizeof(key));
	return result;
}

static int start_server(struct relay_node *node, uv_loop_t *loop, const struct shared_key *key,
			struct text *error)
{
	struct relay_server_options server = {
	    .node = node->node,
	    .address = node->address,
	    .port = node->port,
	    .longest_ms = node->longest_ms,
	    .state_path = node->state_path,
	    .key = key,
	};
	struct relay_driver driver;
	int result = open_driver(&driver, node, error);

	if (result == 0)
		result =
		    relay_server_new(&node->server, loop, &node->clock, &server, &driver, error);
	if (result < 0)
		return result;
	if (node->driver == DRIVER_SIMULATED)
		log_warning(
		    "relay %s has a simulated contact; --driver file or gpiod moves a real one",
		    node->node.text);
	log_info("relay %s is open and listens on %s port %u%s", node->node.text, node->address,
		 relay_server_port(node->server), key->length > 0 ? " with DTLS" : "");
	if (key->length == 0 && !host_is_loopback(node->address))
		log_warning("anyone in reach of %s can command this relay: give it a --key-file",
			    node->address);
	return 0;
}

static int start_announcing(struct relay_node *node, uv_loop_t *loop, const struct shared_key *key)
{
	struct registration registration = {
	    .node = node->node,
	    .type = NODE_RELAY,
	    .port = relay_server_port(node->server),
	};

	return announce_new(&node->announce, loop, node->collector, &registration, key);
}

static void stop(void *user)
{
	struct relay_node *node = user;

	announce_free(node->announce);
	relay_server_free(node->server);
}
