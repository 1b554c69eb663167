/*
 * From the words of the command line to the house's options. Every number is
 * checked against its range here, once; house_main.c runs what comes out.
 */
#include "sim/house_options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "model/schedule.h"

#define BROKER_PORT 1883
#define STALE_AFTER_S 90

const char house_options_usage[] =
    "usage: amphora-house [OPTION...]\n"
    "A virtual house: batteries, sun and load behind real MQTT sensors and CoAP relays.\n"
    "\n"
    "  --broker HOST[:PORT]    where the sensors publish (default 127.0.0.1:1883)\n"
    "  --clock FACTOR[@MS]     a faster clock, from the real time MS since 1970\n"
    "  --seed N                of clouds, load and noise (default 1)\n"
    "  --batteries N           1..32, called b1, b2, … (default 1)\n"
    "  --capacity-wh WH        of each battery (default 5000)\n"
    "  --power-w W             of each battery, either way (default 5000)\n"
    "  --soc PCT               at the start (default 35)\n"
    "  --start HH:MM           time of day at which the house begins (default 10:00)\n"
    "  --interval S            between two readings (default 10)\n"
    "  --stale-after S         as the daemon has it (default 90)\n"
    "  --envelope LIST         reserve,ceiling,charge min,max,discharge min,max in % and °C\n"
    "                          (default: LFP, 10,95,5,45,-20,50)\n"
    "  --hold                  sensors wait for `start` on the control socket\n"
    "  --fault NAME[:B]@S      breaks something S seconds after the start; also clear@S\n"
    "  --account FILE          writes what truly happened, at the end and on SIGUSR1\n"
    "  --control SOCKET        takes commands, one a line: a fault's name, mend NAME, clear,\n"
    "                          faults, state, account, start, stop, quit\n"
    "  --gate                  another way to the broker, which broker-gone closes\n"
    "  --ports-file FILE       writes the ports of the relays and of the gate\n"
    "  --help, --version\n"
    "\n"
    "faults: sensor-silent sensor-frozen relay-stuck relay-lying relay-welded battery-hot\n"
    "        broker-gone cloud meters-silent\n";

static const struct option LONG_OPTIONS[] = {
    {"broker", required_argument, NULL, 'b'},
    {"clock", required_argument, NULL, 'k'},
    {"seed", required_argument, NULL, 's'},
    {"batteries", required_argument, NULL, 'n'},
    {"capacity-wh", required_argument, NULL, 'c'},
    {"power-w", required_argument, NULL, 'p'},
    {"soc", required_argument, NULL, 'o'},
    {"start", required_argument, NULL, 't'},
    {"interval", required_argument, NULL, 'i'},
    {"stale-after", required_argument, NULL, 'a'},
    {"envelope", required_argument, NULL, 'e'},
    {"hold", no_argument, NULL, 'H'},
    {"gate", no_argument, NULL, 'g'},
    {"fault", required_argument, NULL, 'f'},
    {"account", required_argument, NULL, 'A'},
    {"control", required_argument, NULL, 'C'},
    {"ports-file", required_argument, NULL, 'F'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'v'},
    {NULL, 0, NULL, 0},
};

/* A whole number within bounds, or -EINVAL. */
static int whole(int64_t *out, const char *text, int64_t min, int64_t max)
{
	double value;

	if (number_parse(&value, text, strlen(text)) || value < (double)min ||
	    value > (double)max || value != (double)(int64_t)value)
		return -EINVAL;
	*out = (int64_t)value;
	return 0;
}

static int real(double *out, const char *text, double min, double max)
{
	double value;

	if (number_parse(&value, text, strlen(text)) || value < min || value > max)
		return -EINVAL;
	*out = value;
	return 0;
}

static int parse_broker(struct house_options *options, const char *text)
{
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : strlen(text);
	int64_t port = BROKER_PORT;

	if (!length || length >= sizeof(options->broker_host) ||
	    (colon && whole(&port, colon + 1, 1, UINT16_MAX)))
		return -EINVAL;
	memcpy(options->broker_host, text, length);
	options->broker_host[length] = '\0';
	options->house.broker_port = (uint16_t)port;
	return 0;
}

/* Six numbers with commas between them. */
static int parse_envelope(struct envelope *out, const char *text)
{
	struct envelope envelope;
	int32_t *fields[] = {
	    &envelope.reserve_bp,    &envelope.ceiling_bp,       &envelope.charge_min_mc,
	    &envelope.charge_max_mc, &envelope.discharge_min_mc, &envelope.discharge_max_mc,
	};

	for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
		size_t length = strcspn(text, ",");
		bool is_last = i + 1 == ARRAY_LENGTH(fields);
		double value;

		if (number_parse(&value, text, length) || value < -60 || value > 150 ||
		    (text[length] == '\0') != is_last)
			return -EINVAL;
		*fields[i] = (int32_t)(value * (i < 2 ? 100 : 1000));
		text += length + 1;
	}
	*out = envelope;
	return 0;
}

static int parse_start(int32_t *out, const char *text)
{
	return time_of_day_parse(out, text, strlen(text));
}

/* What must wait until the number of batteries is known. */
struct fault_words {
	size_t count;
	const char *words[FAULT_PLANS_MAX];
};

static int keep_fault(struct fault_words *faults, const char *text)
{
	if (faults->count == FAULT_PLANS_MAX)
		return -EINVAL;
	faults->words[faults->count++] = text;
	return 0;
}

static int parse_world(struct world_settings *world, int option, const char *text)
{
	int64_t number = 0;
	int result = -EINVAL;

	switch (option) {
	case 's':
		result = whole(&number, text, 0, INT64_C(1) << 53);
		world->seed = (uint64_t)number;
		break;
	case 'n':
		result = whole(&number, text, 1, BATTERIES_MAX);
		world->battery_count = (size_t)number;
		break;
	case 'c':
		return real(&world->capacity_wh, text, 10, 10e6);
	case 'p':
		return real(&world->power_w, text, 1, 10e6);
	case 'o':
		return real(&world->soc_pct, text, 0, 100);
	case 't':
		return parse_start(&world->start_s, text);
	}
	return result;
}

static int parse_seconds(int64_t *out, const char *text)
{
	return whole(out, text, 1, 3600);
}

static int parse_option(struct house_options *options, struct fault_words *faults, int option,
			const char *text)
{
	int64_t number = 0;
	int result = 0;

	switch (option) {
	case 'b':
		return parse_broker(options, text);
	case 'k':
		return clock_parse(&options->clock, text);
	case 'i':
		result = parse_seconds(&number, text);
		options->house.interval_s = (int32_t)number;
		return result;
	case 'a':
		result = parse_seconds(&number, text);
		options->house.stale_after_ms = number * MS_PER_SECOND;
		return result;
	case 'e':
		return parse_envelope(&options->house.envelope, text);
	case 'H':
		options->house.is_held = true;
		return 0;
	case 'g':
		options->house.has_gate = true;
		return 0;
	case 'f':
		return keep_fault(faults, text);
	case 'A':
		options->account_path = text;
		return 0;
	case 'C':
		options->control_path = text;
		return 0;
	case 'F':
		options->ports_path = text;
		return 0;
	}
	return parse_world(&options->house.world, option, text);
}

static void set_defaults(struct house_options *options)
{
	*options = (struct house_options){
	    .house =
		{
		    .broker_port = BROKER_PORT,
		    .world =
			{
			    .seed = 1,
			    .battery_count = 1,
			    .capacity_wh = 5000,
			    .power_w = 5000,
			    .soc_pct = 35,
			    .start_s = 10 * 3600,
			},
		    .interval_s = 10,
		    .envelope = chemistry_preset(CHEMISTRY_LFP)->usual,
		    .stale_after_ms = STALE_AFTER_S * (int64_t)MS_PER_SECOND,
		},
	    .broker_host = "127.0.0.1",
	    .clock = clock_real(),
	};
}

static int plan_faults(struct virtual_house_options *house, const struct fault_words *faults,
		       struct text *error)
{
	for (size_t i = 0; i < faults->count; i++) {
		if (fault_plan_parse(&house->plans[i], faults->words[i], house->world.battery_count,
				     error))
			return -EINVAL;
	}
	house->plan_count = faults->count;
	return 0;
}

int house_options_parse(struct house_options *out, int argc, char **argv, struct text *error)
{
	struct fault_words faults = {0};
	int option, place = 0;

	set_defaults(out);
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "", LONG_OPTIONS, &place)) != -1) {
		if (option == 'h')
			return HOUSE_OPTIONS_HELP;
		if (option == 'v')
			return HOUSE_OPTIONS_VERSION;
		if (option == '?') {
			text_add(error, "%s: unknown, or without its value; see --help",
				 argv[optind - 1]);
			return -EINVAL;
		}
		if (parse_option(out, &faults, option, optarg)) {
			text_add(error, "--%s: %s is not allowed; see --help",
				 LONG_OPTIONS[place].name, optarg);
			return -EINVAL;
		}
	}
	if (optind < argc) {
		text_add(error, "%s: only options are expected; see --help", argv[optind]);
		return -EINVAL;
	}
	out->house.broker_host = out->broker_host;
	return plan_faults(&out->house, &faults, error);
}
