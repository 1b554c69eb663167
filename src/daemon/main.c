/* amphorad: reads its options and its file, then runs the daemon. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "adapt/config_files.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/check.h"
#include "daemon/daemon.h"
#include "daemon/files.h"
#include "daemon/prices.h"
#include "wire/config.h"

#define EXIT_USAGE 2
#define DEFAULT_CONFIG "/etc/amphora/amphora.yaml"

static const char usage[] =
    "Usage: amphorad [OPTION]...\n"
    "Runs home batteries: listens to sensors over MQTT and CoAP, commands relays over CoAP.\n"
    "\n"
    "  -c, --config FILE   the configuration (default: " DEFAULT_CONFIG " if there is one,\n"
    "                      else amphora.yaml beside the journal, which the page's setup writes;\n"
    "                      without any it watches the broker on this machine and commands "
    "nothing)\n"
    "      --check-config  say what is wrong with the configuration and the files that it\n"
    "                      names, and end; run it as the user who runs amphorad\n"
    "      --help-config   print every key of the configuration\n"
    "      --clock FACTOR[@ORIGIN]\n"
    "                      run on a faster clock from ORIGIN (ms since 1970) on; for simulated\n"
    "                      nodes only: relays on another clock are not commanded\n"
    "  -v, --verbose       say more on standard error\n"
    "  -h, --help          print this and end\n"
    "  -V, --version       print the version and end\n"
    "\n"
    "Stop it with SIGTERM or `amphora shutdown`: relays open first. See amphorad(8).\n";

enum option_code { OPTION_CHECK = 256, OPTION_HELP_CONFIG, OPTION_CLOCK };

struct invocation {
	const char *config; /* NULL: the default place, if there is a file */
	bool only_checks;
	struct daemon_options options;
};

static int print_keys(void)
{
	static char room[CONFIG_KEYS_TEXT_MAX];
	struct text keys = text_in(room, sizeof room);

	config_write_keys(&keys);
	fputs(room, stdout);
	return EXIT_SUCCESS;
}

/* Reads the options. Returns -1 to go on, or an exit status. */
static int read_options(struct invocation *invocation, int argc, char **argv)
{
	static const struct option options[] = {
	    {"config", required_argument, NULL, 'c'},
	    {"check-config", no_argument, NULL, OPTION_CHECK},
	    {"help-config", no_argument, NULL, OPTION_HELP_CONFIG},
	    {"clock", required_argument, NULL, OPTION_CLOCK},
	    {"verbose", no_argument, NULL, 'v'},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	int code;

	while ((code = getopt_long(argc, argv, "c:vhV", options, NULL)) != -1) {
		switch (code) {
		case 'c':
			invocation->config = optarg;
			break;
		case OPTION_CHECK:
			invocation->only_checks = true;
			break;
		case OPTION_HELP_CONFIG:
			return print_keys();
		case OPTION_CLOCK:
			if (clock_parse(&invocation->options.clock, optarg) != 0) {
				log_error("--clock: \"%s\" is not FACTOR[@ORIGIN], FACTOR 1 to %d",
					  optarg, CLOCK_FACTOR_MAX);
				return EXIT_USAGE;
			}
			break;
		case 'v':
			log_open("amphorad", LOG_LEVEL_DEBUG);
			break;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		case 'V':
			puts("amphorad " AMPHORA_VERSION);
			return EXIT_SUCCESS;
		default:
			fputs("(amphorad --help says more)\n", stderr);
			return EXIT_USAGE;
		}
	}
	if (optind < argc) {
		log_error("\"%s\" is not expected here; see amphorad --help", argv[optind]);
		return EXIT_USAGE;
	}
	return -1;
}

/*
 * Without --config: the system's file, else what was set up on the page, beside the journal. False
 * where there is neither; then the house is the empty one, and that is where its file would be.
 */
static bool find_config(struct invocation *invocation)
{
	struct daemon_options *options = &invocation->options;
	struct text place = text_in(options->config, sizeof options->config);
	const char *slash;

	house_init(&options->house);
	if (access(DEFAULT_CONFIG, F_OK) == 0) {
		invocation->config = DEFAULT_CONFIG;
		return true;
	}
	files_default_places(&options->house);
	slash = strrchr(options->house.store.path, '/');
	text_add(&place, "%.*s/amphora.yaml", (int)(slash - options->house.store.path),
		 options->house.store.path);
	if (access(options->config, F_OK) != 0)
		return false;
	invocation->config = options->config;
	return true;
}

/* Reads the file into the options' house. Returns whether that went well; says what did not. */
static bool read_config(struct invocation *invocation)
{
	static char bytes[CONFIG_BYTES_MAX + 1], room[CONFIG_ERRORS_TEXT_MAX];
	static char absolute[PATH_MAX];
	struct text errors = text_in(room, sizeof room);
	size_t len;

	if (invocation->config == NULL && !find_config(invocation)) {
		log_info("no configuration: watching the broker on this machine, commanding "
			 "nothing; `amphora setup` or the page (`amphora open`) makes one");
		return true;
	}
	if (invocation->config != invocation->options.config &&
	    realpath(invocation->config, absolute) != NULL)
		snprintf(invocation->options.config, sizeof invocation->options.config, "%.*s",
			 (int)sizeof invocation->options.config - 1, absolute);
	if (files_read(invocation->config, bytes, sizeof bytes, &len, &errors) != 0) {
		log_error("%s", room);
		return false;
	}
	if (config_files_parse(&invocation->options.house, &invocation->options.sources,
				      invocation->config, bytes, len, &errors) != 0) {
		fputs(room, stderr);
		return false;
	}
	return true;
}

static int check(const struct invocation *invocation)
{
	static char room[CONFIG_ERRORS_TEXT_MAX];
	struct text errors = text_in(room, sizeof room);
	const struct house *house = &invocation->options.house;

	if (!check_is_startable(house, &errors)) {
		for (char *line = strtok(room, "\n"); line != NULL; line = strtok(NULL, "\n"))
			log_error("%s", line);
		return EXIT_FAILURE;
	}
	if (!files_directory_is_there(house->store.path))
		log_info("the directory of %s is not there yet: the start makes it",
			 house->store.path);
	prices_print(house, clock_wall(&invocation->options.clock).ms / MS_PER_SECOND);
	printf("%s: ok\n",
	       invocation->config != NULL ? invocation->config : "no configuration file");
	return EXIT_SUCCESS;
}

/*
 * With the configuration that was just written, as the same process, whoever has started it. `zone`
 * is what TZ was then, or NULL: by now it is the house's.
 */
static int start_again(char **argv, const char *zone)
{
	if ((zone != NULL ? setenv("TZ", zone, 1) : unsetenv("TZ")) != 0)
		log_warning("TZ: %s", strerror(errno));
	log_info("starting again with the new configuration");
	close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
	execv("/proc/self/exe", argv);
	log_error("cannot start again: %s; start amphorad by hand", strerror(errno));
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static struct invocation invocation;
	const char *started_in = getenv("TZ");
	char *zone = started_in != NULL ? strdup(started_in) : NULL;
	bool starts_again = false;
	int status;

	log_open("amphorad", LOG_LEVEL_INFO);
	invocation.options.clock = clock_real();
	status = read_options(&invocation, argc, argv);
	if (status >= 0)
		return status;
	if (!read_config(&invocation))
		return EXIT_FAILURE;
	if (invocation.config != NULL)
		check_warn(&invocation.options.house);
	status = invocation.only_checks ? check(&invocation)
					: daemon_run(&invocation.options, &starts_again);
	sources_deinit(&invocation.options.sources);
	if (starts_again)
		status = start_again(argv, zone);
	free(zone);
	return status;
}
