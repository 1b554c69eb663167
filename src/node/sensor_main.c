/*
 * amphora-sensor: a battery sensor node. Its command line, the choice of a driver,
 * and a sensor (sensor.h) until SIGTERM or SIGINT.
 */
#include <string.h>

#include "base/log.h"
#include "node/arguments.h"
#include "node/program.h"
#include "node/sensor.h"

struct sensor_node {
	/* as its command line says */
	struct ident node;
	char broker_host[HOST_PORT_MAX];
	uint16_t broker_port;
	const char *broker, *user, *password_file, *key_file;
	struct tls_config tls;
	char coap_address[HOST_PORT_MAX];
	uint16_t coap_port;
	bool is_coap;
	int64_t interval_ms;
	bool is_simulated;
	int64_t seed;
	const char *sysfs_root;
	struct clock clock;

	struct sensor *sensor; /* what runs */
};

static const char help[] =
    "Usage: amphora-sensor --node NAME (--broker HOST:PORT | --coap [ADDRESS:]PORT) [OPTION...]\n"
    "A battery sensor: publishes over MQTT, or answers over CoAP (GET, observe).\n"
    "\n"
    "  --node NAME              how it calls itself\n"
    "  --broker HOST:PORT       the MQTT broker; port 1883, with TLS 8883, where it is left out\n"
    "  --user NAME              at the broker, default anonymous\n"
    "  --password-file FILE     its first line is the password\n"
    "  --tls                    the connection to the broker is encrypted, and its certificate\n"
    "                           must be for HOST\n"
    "  --tls-ca FILE            certificates to trust instead of the system's; implies --tls\n"
    "  --tls-certificate FILE, --tls-key FILE\n"
    "                           our own, where the broker asks for one; imply --tls\n"
    "  --coap [ADDRESS:]PORT    serves /battery there instead; port 0: any\n"
    "  --key-file FILE          over DTLS only, to whoever has the key in the file's first\n"
    "                           line; the identity is the node's name\n"
    "  --interval SECONDS       between two readings, 1 to 3600, default 10\n"
    "  --driver KIND            simulated (default) or sysfs\n"
    "  --seed N                 simulated: another battery\n"
    "  --sysfs-root DIRECTORY   sysfs: default /sys\n"
    "  --clock FACTOR[@ORIGIN]  a faster clock, with the simulated driver only\n"
    "  --help, --version\n";

static const struct option options[] = {
    {"node", required_argument, NULL, 'n'},
    {"broker", required_argument, NULL, 'b'},
    {"user", required_argument, NULL, 'u'},
    {"password-file", required_argument, NULL, 'p'},
    {"tls", no_argument, NULL, 't'},
    {"tls-ca", required_argument, NULL, 'A'},
    {"tls-certificate", required_argument, NULL, 'E'},
    {"tls-key", required_argument, NULL, 'K'},
    {"coap", required_argument, NULL, 'c'},
    {"key-file", required_argument, NULL, 'k'},
    {"interval", required_argument, NULL, 'i'},
    {"driver", required_argument, NULL, 'd'},
    {"seed", required_argument, NULL, 's'},
    {"sysfs-root", required_argument, NULL, 'r'},
    {"clock", required_argument, NULL, 'C'},
    NODE_PROGRAM_OPTIONS,
};

static void take(void *user, int option, const char *flag, const char *value);
static void read_tls_file(struct sensor_node *node, const char *flag, const char *value,
			  char out[PATH_TEXT_MAX]);
static void read_coap(struct sensor_node *node, const char *flag, const char *value);
static void check(void *user);
static bool is_simulated_named(const char *name);
static int start(void *user, uv_loop_t *loop, struct text *error);
static int start_sensor(struct sensor_node *node, uv_loop_t *loop, const struct shared_key *key,
			struct text *error);
static void stop(void *user);

int main(int argc, char **argv)
{
	static const struct node_program program = {
	    .name = "amphora-sensor",
	    .help = help,
	    .options = options,
	    .take = take,
	    .check = check,
	    .start = start,
	    .stop = stop,
	};
	struct sensor_node node = {
	    .coap_address = "0.0.0.0",
	    .interval_ms = SENSOR_INTERVAL_MS,
	    .is_simulated = true,
	    .seed = 1,
	    .sysfs_root = "/sys",
	    .clock = clock_real(),
	};

	return node_program_run(&program, &node, argc, argv);
}

static void take(void *user, int option, const char *flag, const char *value)
{
	struct sensor_node *node = user;

	switch (option) {
	case 'n':
		node->node = argument_node(flag, value);
		break;
	case 'b':
		node->broker = value;
		break;
	case 'u':
		node->user = value;
		break;
	case 'p':
		node->password_file = value;
		break;
	case 't':
		node->tls.is_required = true;
		break;
	case 'A':
		read_tls_file(node, flag, value, node->tls.ca);
		break;
	case 'E':
		read_tls_file(node, flag, value, node->tls.certificate);
		break;
	case 'K':
		read_tls_file(node, flag, value, node->tls.key);
		break;
	case 'c':
		read_coap(node, flag, value);
		break;
	case 'k':
		node->key_file = value;
		break;
	case 'i':
		node->interval_ms =
		    argument_number(flag, value, SENSOR_INTERVAL_MS_MIN / MS_PER_SECOND,
				    SENSOR_INTERVAL_MS_MAX / MS_PER_SECOND) *
		    MS_PER_SECOND;
		break;
	case 'd':
		node->is_simulated = is_simulated_named(value);
		break;
	case 's':
		node->seed = argument_number(flag, value, 0, INT64_MAX);
		break;
	case 'r':
		node->sysfs_root = value;
		break;
	case 'C':
		node->clock = argument_clock(flag, value);
		break;
	}
}

static void read_tls_file(struct sensor_node *node, const char *flag, const char *value,
			  char out[PATH_TEXT_MAX])
{
	struct text path = text_in(out, PATH_TEXT_MAX);

	text_add(&path, "%s", value);
	if (path.is_cut)
		usage_error("%s: the file's name is too long", flag);
	node->tls.is_required = true;
}

static void read_coap(struct sensor_node *node, const char *flag, const char *value)
{
	node->is_coap = true;
	if (strchr(value, ':'))
		argument_listen(flag, value, node->coap_address, &node->coap_port);
	else
		node->coap_port = (uint16_t)argument_number(flag, value, 0, UINT16_MAX);
}

static void check(void *user)
{
	struct sensor_node *node = user;
	bool has_broker = node->broker != NULL;

	/* The port that is left out depends on whether there is TLS. */
	node->broker_port = node->tls.is_required ? MQTTS_PORT : MQTT_PORT;
	if (has_broker)
		argument_host_port("--broker", node->broker, node->broker_host, &node->broker_port);
	if (node->node.text[0] == '\0')
		usage_error("--node NAME is needed");
	if (has_broker == node->is_coap)
		usage_error("one of --broker HOST:PORT and --coap PORT is needed");
	if (node->key_file && !node->is_coap)
		usage_error("--key-file is for --coap PORT");
	if (node->tls.is_required && !has_broker)
		usage_error("--tls is for --broker HOST:PORT");
	if ((node->tls.certificate[0] == '\0') != (node->tls.key[0] == '\0'))
		usage_error("--tls-certificate and --tls-key belong together");
	if (node->password_file && !node->user)
		usage_error("--password-file needs --user NAME");
	if (node->clock.factor != 1 && !node->is_simulated)
		usage_error("--clock with a factor is only for the simulated driver: real "
			    "batteries live in real time");
}

static bool is_simulated_named(const char *name)
{
	if (strcmp(name, "simulated") == 0)
		return true;
	if (strcmp(name, "sysfs") == 0)
		return false;
	usage_error("--driver %s: simulated or sysfs is needed", name);
}

static int start(void *user, uv_loop_t *loop, struct text *error)
{
	struct sensor_node *node = user;
	struct shared_key key = {0};
	int result = 0;

	if (node->key_file)
		result = shared_key_read(&key, node->key_file, node->node.text, error);
	if (result == 0)
		result = start_sensor(node, loop, &key, error);
	explicit_bzero(&key, sizeof(key));
	return result;
}

static int start_sensor(struct sensor_node *node, uv_loop_t *loop, const struct shared_key *key,
			struct text *error)
{
	struct sensor_options sensor = {
	    .node = node->node,
	    .interval_ms = node->interval_ms,
	    .broker_host = node->broker_host,
	    .broker_port = node->broker_port,
	    .user = node->user,
	    .password_file = node->password_file,
	    .tls = node->tls,
	    .coap_address = node->coap_address,
	    .coap_port = node->coap_port,
	    .key = key,
	};
	struct sensor_driver driver;
	int result = node->is_simulated ? sensor_driver_simulated(&driver, (uint64_t)node->seed)
					: sensor_driver_sysfs(&driver, node->sysfs_root, error);

	if (result == 0)
		result = sensor_new(&node->sensor, loop, &node->clock, &sensor, &driver, error);
	if (result == 0 && node->is_simulated)
		log_warning("%s: its battery is simulated; --driver sysfs measures a real one",
			    node->node.text);
	if (result == 0 && node->is_coap)
		log_info("sensor %s listens on %s port %u", node->node.text, node->coap_address,
			 sensor_coap_port(node->sensor));
	return result;
}

static void stop(void *user)
{
	struct sensor_node *node = user;

	sensor_free(node->sensor);
}
