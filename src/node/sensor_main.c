/*
 * amphora-sensor: a battery sensor node. Reads its command line, chooses the driver
 * and runs a sensor (sensor.h) until SIGTERM or SIGINT.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/version.h"
#include "node/arguments.h"
#include "node/run.h"
#include "node/sensor.h"

#define ERROR_MAX 512

struct arguments {
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

static struct arguments read_arguments(int argc, char **argv);
static void read_option(struct arguments *arguments, int option, const char *name);
static void read_tls_file(struct arguments *arguments, const char *name, char out[PATH_TEXT_MAX]);
static void read_broker(struct arguments *arguments);
static void read_coap(struct arguments *arguments, const char *name, const char *text);
static void check(const struct arguments *arguments);
static bool is_simulated_named(const char *name);
static int start(struct sensor **sensor, uv_loop_t *loop, const struct arguments *arguments,
		 struct text *error);

int main(int argc, char **argv)
{
	struct arguments arguments = read_arguments(argc, argv);
	struct sensor *sensor = NULL;
	char message[ERROR_MAX];
	struct text error = text_in(message, sizeof(message));
	uv_loop_t loop;
	int result;

	log_open("amphora-sensor", LOG_LEVEL_INFO);
	uv_loop_init(&loop);
	result = start(&sensor, &loop, &arguments, &error);
	if (result < 0)
		log_error("%s", error.length > 0 ? message : strerror(-result));
	else
		result = run_until_signal(&loop);
	sensor_free(sensor);
	run_out(&loop);
	return result < 0 ? EXIT_FAILED : 0;
}

static struct arguments read_arguments(int argc, char **argv)
{
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
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'},
	    {0},
	};
	struct arguments arguments = {
	    .coap_address = "0.0.0.0",
	    .interval_ms = SENSOR_INTERVAL_MS,
	    .is_simulated = true,
	    .seed = 1,
	    .sysfs_root = "/sys",
	    .clock = clock_real(),
	};
	int option, index = 0;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, &index)) != -1) {
		if (option == '?')
			usage_error("%s is unknown or lacks its value", argv[optind - 1]);
		read_option(&arguments, option, options[index].name);
	}
	if (optind < argc)
		usage_error("%s is not an option", argv[optind]);
	read_broker(&arguments);
	check(&arguments);
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
	case 'b':
		arguments->broker = optarg;
		break;
	case 'u':
		arguments->user = optarg;
		break;
	case 'p':
		arguments->password_file = optarg;
		break;
	case 't':
		arguments->tls.is_required = true;
		break;
	case 'A':
		read_tls_file(arguments, flag, arguments->tls.ca);
		break;
	case 'E':
		read_tls_file(arguments, flag, arguments->tls.certificate);
		break;
	case 'K':
		read_tls_file(arguments, flag, arguments->tls.key);
		break;
	case 'c':
		read_coap(arguments, flag, optarg);
		break;
	case 'k':
		arguments->key_file = optarg;
		break;
	case 'i':
		arguments->interval_ms =
		    argument_number(flag, optarg, SENSOR_INTERVAL_MS_MIN / MS_PER_SECOND,
				    SENSOR_INTERVAL_MS_MAX / MS_PER_SECOND) *
		    MS_PER_SECOND;
		break;
	case 'd':
		arguments->is_simulated = is_simulated_named(optarg);
		break;
	case 's':
		arguments->seed = argument_number(flag, optarg, 0, INT64_MAX);
		break;
	case 'r':
		arguments->sysfs_root = optarg;
		break;
	case 'C':
		arguments->clock = argument_clock(flag, optarg);
		break;
	case 'h':
		fputs(help, stdout);
		exit(0);
	default:
		puts("amphora-sensor " AMPHORA_VERSION);
		exit(0);
	}
}

static void read_tls_file(struct arguments *arguments, const char *name, char out[PATH_TEXT_MAX])
{
	struct text path = text_in(out, PATH_TEXT_MAX);

	text_add(&path, "%s", optarg);
	if (path.is_cut)
		usage_error("%s: the file's name is too long", name);
	arguments->tls.is_required = true;
}

/* The port that is left out depends on whether there is TLS. */
static void read_broker(struct arguments *arguments)
{
	arguments->broker_port = arguments->tls.is_required ? MQTTS_PORT : MQTT_PORT;
	if (arguments->broker)
		argument_host_port("--broker", arguments->broker, arguments->broker_host,
				   &arguments->broker_port);
}

static void read_coap(struct arguments *arguments, const char *name, const char *text)
{
	arguments->is_coap = true;
	if (strchr(text, ':'))
		argument_host_port(name, text, arguments->coap_address, &arguments->coap_port);
	else
		arguments->coap_port = (uint16_t)argument_number(name, text, 0, UINT16_MAX);
}

static void check(const struct arguments *arguments)
{
	bool has_broker = arguments->broker_host[0] != '\0';

	if (arguments->node.text[0] == '\0')
		usage_error("--node NAME is needed");
	if (has_broker == arguments->is_coap)
		usage_error("one of --broker HOST:PORT and --coap PORT is needed");
	if (arguments->key_file && !arguments->is_coap)
		usage_error("--key-file is for --coap PORT");
	if (arguments->tls.is_required && !has_broker)
		usage_error("--tls is for --broker HOST:PORT");
	if ((arguments->tls.certificate[0] == '\0') != (arguments->tls.key[0] == '\0'))
		usage_error("--tls-certificate and --tls-key belong together");
	if (arguments->password_file && !arguments->user)
		usage_error("--password-file needs --user NAME");
	if (arguments->clock.factor != 1 && !arguments->is_simulated)
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

static int start(struct sensor **sensor, uv_loop_t *loop, const struct arguments *arguments,
		 struct text *error)
{
	struct sensor_options options = {
	    .node = arguments->node,
	    .interval_ms = arguments->interval_ms,
	    .broker_host = arguments->broker_host,
	    .broker_port = arguments->broker_port,
	    .user = arguments->user,
	    .password_file = arguments->password_file,
	    .tls = arguments->tls,
	    .coap_address = arguments->coap_address,
	    .coap_port = arguments->coap_port,
	};
	struct shared_key key = {0};
	struct sensor_driver driver;
	int result = 0;

	if (arguments->key_file)
		result = shared_key_read(&key, arguments->key_file, arguments->node.text, error);
	options.key = &key;
	if (result == 0)
		result = arguments->is_simulated
			     ? sensor_driver_simulated(&driver, (uint64_t)arguments->seed)
			     : sensor_driver_sysfs(&driver, arguments->sysfs_root, error);
	if (result == 0)
		result = sensor_new(sensor, loop, &arguments->clock, &options, &driver, error);
	explicit_bzero(&key, sizeof(key));
	if (result == 0 && arguments->is_coap)
		log_info("sensor %s listens on %s port %u", arguments->node.text,
			 arguments->coap_address, sensor_coap_port(*sensor));
	return result;
}
