/*
 * Which keys the configuration has. Nothing is read here: config_read.c walks
 * a file by this table, config_reference.c writes it out for people.
 */
#include "wire/config_table.h"

#include <string.h>

static const char *const unknown_node_words[] = {"refuse", "store", NULL};
static const char *const pairing_words[] = {"closed", "open", NULL};
static const char *const chemistry_words[] = {"none", "lfp", "nmc", "lead-acid", "custom", NULL};
static const char *const path_words[] = {"exclusive", "independent", NULL};
static const char *const role_words[] = {"source", "load", NULL};
static const char *const lease_words[] = {"none", "device", NULL};
static const char *const action_words[] = {"charge", "discharge", NULL};

static const struct config_key broker_keys[] = {
    {.name = "host",
     .kind = KEY_HOST,
     FIELD(struct broker_config, host),
     .max = PATH_TEXT_MAX - 1,
     .preset = "127.0.0.1",
     .help = "The MQTT broker; \"\" for none."},
    {.name = "port",
     .kind = KEY_NUMBER,
     FIELD(struct broker_config, port),
     .min = 1,
     .max = UINT16_MAX,
     .scale = 1,
     .preset = "1883, with tls 8883",
     .help = "Its port."},
    {.name = "user",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct broker_config, user),
     .preset = "anonymous",
     .help = "The user to log in as."},
    {.name = "password_file",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct broker_config, password_file),
     .help = "A file whose first line is the password."},
    {.name = "client_id",
     .kind = KEY_NAME,
     FIELD(struct broker_config, client_id),
     .preset = "amphora",
     .help = "The MQTT client id; no other client may use it."},
    {.name = "unknown_nodes",
     .kind = KEY_CHOICE,
     FIELD(struct broker_config, unknown_nodes_are_stored),
     .choices = unknown_node_words,
     .preset = "store",
     .help = "What happens to readings of nodes that no battery names; they never control."},
    {.name = "tls",
     .kind = KEY_CHOICE,
     FIELD(struct broker_config, tls.is_required),
     .choices = config_tls_words,
     .preset = "off",
     .help =
	 "Whether the connection must be encrypted, to a broker whose certificate is for host."},
    {.name = "tls_ca",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct broker_config, tls.ca),
     .preset = "the system's certificates",
     .help = "A file with the certificates to trust."},
    {.name = "tls_certificate",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct broker_config, tls.certificate),
     .help = "Our own certificate, where the broker asks for one."},
    {.name = "tls_key",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct broker_config, tls.key),
     .help = "The private key of tls_certificate, in a file with mode 0600."},
};
static const struct config_section broker_section = {SECTION(broker_keys)};

static const struct config_key coap_keys[] = {
    {.name = "listen",
     .kind = KEY_LISTEN,
     FIELD(struct coap_config, listen),
     .help = "Where nodes can register themselves, in the open: those without a key."},
    {.name = "listen_secure",
     .kind = KEY_LISTEN,
     FIELD(struct coap_config, listen_secure),
     .help = "The same over DTLS, for nodes that have a key_file; coaps:// has port 5684."},
    {.name = "pairing",
     .kind = KEY_CHOICE,
     FIELD(struct coap_config, pairing_is_open),
     .choices = pairing_words,
     .preset = "closed",
     .help = "open: accept the registration of any node; closed: only of those allowed."},
    {.name = "allow",
     .kind = KEY_NAMES,
     FIELD(struct coap_config, allowed),
     .count_offset = offsetof(struct coap_config, allowed_count),
     .max = ALLOWED_NODES_MAX,
     .preset = "[]",
     .help = "Nodes that may register."},
};
static const struct config_section coap_section = {SECTION(coap_keys)};

static const struct config_key api_keys[] = {
    {.name = "socket",
     .kind = KEY_TEXT,
     FIELD(struct api_config, socket),
     .min = 1,
     .max = 107,
     .preset = "/run/amphora/amphora.sock",
     .help = "The Unix socket that `amphora` talks to."},
    {.name = "group",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct api_config, group),
     .preset = "the group of the process",
     .help = "The group whose members may use the socket."},
};
static const struct config_section api_section = {SECTION(api_keys)};

static const struct config_key demo_keys[] = {
    {.name = "house_socket",
     .kind = KEY_TEXT,
     FIELD(struct demo_config, house_socket),
     .min = 1,
     .max = 107,
     .help = "The control socket of amphora-house, whose faults can then be switched on the page. "
	     "Refused unless broker and nodes are on this machine; every screen says \"demo\"."},
};
static const struct config_section demo_section = {SECTION(demo_keys)};

static const struct config_section settings_section = {.has_parameters = true};

static const struct config_key sensor_keys[] = {
    {.name = "node",
     .kind = KEY_NODE,
     FIELD(struct battery_config, node),
     .preset = "the battery's id",
     .help = "How the sensor calls itself."},
    {.name = "topic",
     .kind = KEY_TOPIC,
     TEXT_FIELD(struct battery_config, topic),
     .preset = "amphora/<node>/battery",
     .help = "Where it publishes."},
    {.name = "uri",
     .kind = KEY_URI,
     TEXT_FIELD(struct battery_config, uri),
     .help = "Where a CoAP sensor is asked, instead of topic."},
    {.name = "source",
     .kind = KEY_NAME,
     FIELD(struct battery_config, source),
     .help = "The id of one of the sources, instead of topic."},
    {.name = "key_file",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct battery_config, key_file),
     .help = "The sensor's key for coaps://, the first line of a file with mode 0600."},
    {.name = "identity",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct battery_config, identity),
     .preset = "the sensor's node",
     .help = "What the sensor calls the owner of that key."},
};
static const struct config_section sensor_section = {SECTION(sensor_keys)};

static const struct config_key battery_keys[] = {
    {.name = "id",
     .kind = KEY_NODE,
     FIELD(struct battery_config, id),
     .is_required = true,
     .help = "Its name."},
    {.name = "chemistry",
     .kind = KEY_CHOICE,
     FIELD(struct battery_config, chemistry),
     .choices = chemistry_words,
     .preset = "none",
     .help = "What its limits start from. Without chemistry, capacity and power a battery is "
	     "watched, never commanded."},
    {.name = "capacity_kwh",
     .kind = KEY_NUMBER,
     FIELD(struct battery_config, capacity_wh),
     .min = 10,
     .max = 10 * 1000 * 1000,
     .scale = 1000,
     .unit = "kWh",
     .help = "What it holds."},
    {.name = "power_kw",
     .kind = KEY_NUMBER,
     FIELD(struct battery_config, power_w),
     .min = 1,
     .max = 10 * 1000 * 1000,
     .scale = 1000,
     .unit = "kW",
     .help = "The most that it charges or discharges with."},
    {.name = "paths",
     .kind = KEY_CHOICE,
     FIELD(struct battery_config, paths_are_independent),
     .choices = path_words,
     .preset = "exclusive",
     .help = "independent: the hardware lets source and load share the battery."},
    {.name = "wear_per_kwh",
     .kind = KEY_NUMBER,
     FIELD(struct battery_config, wear_micros_per_kwh),
     .max = 1000 * 1000,
     .scale = 1000 * 1000,
     .preset = "0",
     .help = "What the plan puts on each kWh that the battery gives, in the currency of the "
	     "prices: what pays less is not cycled."},
    {.name = "cycles_per_day",
     .kind = KEY_NUMBER,
     FIELD(struct battery_config, cycles_per_100_days),
     .max = 100 * 100,
     .scale = 100,
     .preset = "no cap",
     .help = "How often its capacity the plan lets the battery give in a day at most."},
    {.name = "sensor",
     .kind = KEY_MAPPING,
     .offset = 0,
     .size = sizeof(struct battery_config),
     .section = &sensor_section,
     .help = "Where its readings come from."},
};
static const struct config_section battery_section = {
    SECTION(battery_keys),
    .has_parameters = true,
    .layer_offset = offsetof(struct battery_config, layer),
};

static void relay_init(void *entry)
{
	((struct relay_config *)entry)->has_lease = true;
}

static const struct config_key relay_keys[] = {
    {.name = "id",
     .kind = KEY_NAME,
     FIELD(struct relay_config, id),
     .is_required = true,
     .help = "How the relay calls itself."},
    {.name = "battery",
     .kind = KEY_BATTERY,
     FIELD(struct relay_config, battery),
     .is_required = true,
     .help = "The battery that it belongs to."},
    {.name = "role",
     .kind = KEY_CHOICE,
     FIELD(struct relay_config, role),
     .choices = role_words,
     .is_required = true,
     .help = "source: closing it lets the battery charge; load: closing it lets the battery feed "
	     "the house."},
    {.name = "uri",
     .kind = KEY_PLACE,
     TEXT_FIELD(struct relay_config, uri),
     .preset = "comes by registration",
     .help = "Where it is commanded; a host alone is asked for the relay that it offers."},
    {.name = "source",
     .kind = KEY_NAME,
     FIELD(struct relay_config, source),
     .help = "The id of one of the sources, which is commanded over MQTT, instead of uri."},
    {.name = "entity",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct relay_config, entity),
     .help = "The unique_id of a switch that others announced to Home Assistant, instead of uri. "
	     "Nothing there opens it when we are gone: it needs lease: none."},
    {.name = "key_file",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct relay_config, key_file),
     .help = "Its key for coaps://, the first line of a file with mode 0600; a relay that has one "
	     "is never commanded without it."},
    {.name = "identity",
     .kind = KEY_TEXT,
     TEXT_FIELD(struct relay_config, identity),
     .preset = "the relay's id",
     .help = "What the relay calls the owner of that key."},
    {.name = "lease",
     .kind = KEY_CHOICE,
     FIELD(struct relay_config, has_lease),
     .choices = lease_words,
     .preset = "device",
     .help = "none: the relay stays closed when we are gone. Every screen shows it."},
};
static const struct config_section relay_section = {SECTION(relay_keys), .init = relay_init};

static const struct config_key window_keys[] = {
    {.name = "action",
     .kind = KEY_CHOICE,
     FIELD(struct schedule_window, intent),
     .choices = action_words,
     .min = INTENT_CHARGE,
     .is_required = true,
     .help = "What to do between start and end."},
    {.name = "start",
     .kind = KEY_TIME,
     FIELD(struct schedule_window, start_s),
     .is_required = true,
     .help = "Local time."},
    {.name = "end",
     .kind = KEY_TIME,
     FIELD(struct schedule_window, end_s),
     .is_required = true,
     .help = "Local time; at or before start it is of the next day."},
};
const struct config_section config_window = {SECTION(window_keys)};

/* In the order in which they are read: relays refer to batteries. */
static const struct config_key root_keys[] = {
    {.name = "collector",
     .kind = KEY_NODE,
     FIELD(struct house, collector),
     .preset = "amphora",
     .help = "Names this daemon in topics and in the server's rows."},
    {.name = "zone",
     .kind = KEY_ZONE,
     TEXT_FIELD(struct house, zone),
     .preset = "UTC",
     .help = "The house's time zone."},
    {.name = "mqtt",
     .kind = KEY_MAPPING,
     FIELD(struct house, broker),
     .section = &broker_section,
     .help = "The broker that sensors publish to."},
    {.name = "coap",
     .kind = KEY_MAPPING,
     FIELD(struct house, coap),
     .section = &coap_section,
     .help = "Lets nodes register themselves."},
    {.name = "store",
     .kind = KEY_MAPPING,
     FIELD(struct house, store),
     .section = &config_store,
     .help = "Where everything is kept."},
    {.name = "api",
     .kind = KEY_MAPPING,
     FIELD(struct house, api),
     .section = &api_section,
     .help = "Where the command line reaches the daemon."},
    {.name = "web",
     .kind = KEY_MAPPING,
     FIELD(struct house, web),
     .section = &config_web,
     .help = "Where browsers reach the daemon, and who may do what there."},
    {.name = "meters",
     .kind = KEY_MAPPING,
     FIELD(struct house, meters),
     .section = &config_meters,
     .help = "The meters that are waited for, where there are several of a kind."},
    {.name = "prices",
     .kind = KEY_MAPPING,
     FIELD(struct house, prices),
     .section = &config_prices,
     .help = "What energy costs, for the plan: docs/prices.md."},
    {.name = "forecast",
     .kind = KEY_MAPPING,
     FIELD(struct house, forecast),
     .section = &config_forecast,
     .help = "What others foresee: docs/prices.md."},
    {.name = "demo",
     .kind = KEY_MAPPING,
     FIELD(struct house, demo),
     .section = &demo_section,
     .help = "For the demo: the batteries are simulated."},
    {.name = "settings",
     .kind = KEY_MAPPING,
     FIELD(struct house, layer),
     .section = &settings_section,
     .help = "Parameters of all batteries."},
    {.name = "profiles",
     .kind = KEY_PATHS,
     FIELD(struct house, profile_paths),
     .count_offset = offsetof(struct house, profile_path_count),
     .max = PROFILE_PATHS_MAX,
     .help = "Profiles of one's own: files NAME.yaml, or directories of them; docs/devices.md."},
    {.name = "sources",
     .kind = KEY_SOURCES,
     .help = "Devices of other makes, by profile or by where their values stand: docs/devices.md."},
    {.name = "batteries",
     .kind = KEY_LIST,
     .offset = offsetof(struct house, batteries),
     .size = sizeof(struct battery_config),
     .count_offset = offsetof(struct house, battery_count),
     .max = BATTERIES_MAX,
     .section = &battery_section,
     .help = "The batteries, each with parameters of its own."},
    {.name = "relays",
     .kind = KEY_LIST,
     .offset = offsetof(struct house, relays),
     .size = sizeof(struct relay_config),
     .count_offset = offsetof(struct house, relay_count),
     .max = RELAYS_MAX,
     .section = &relay_section,
     .help = "The relays."},
    {.name = "home_assistant",
     .kind = KEY_MAPPING,
     FIELD(struct house, home_assistant),
     .section = &config_home_assistant,
     .help = "Where it is there, even empty ({}), Home Assistant is told over the broker."},
    {.name = "notify",
     .kind = KEY_LIST,
     .offset = offsetof(struct house, outlets),
     .size = sizeof(struct outlet_config),
     .count_offset = offsetof(struct house, outlet_count),
     .max = OUTLETS_MAX,
     .section = &config_outlet,
     .help = "Where alerts go, besides the page and the command line. Their words leave the house "
	     "then."},
};
const struct config_section config_root = {SECTION(root_keys)};

const struct config_key *config_key_find(const struct config_section *section, const char *name)
{
	for (size_t i = 0; i < section->key_count; i++) {
		if (strcmp(section->keys[i].name, name) == 0)
			return &section->keys[i];
	}
	return NULL;
}

static void number_allowed(const struct config_key *key, struct text *out)
{
	text_add_scaled(out, key->min, key->scale);
	text_add(out, " to ");
	text_add_scaled(out, key->max, key->scale);
	if (key->unit != NULL)
		text_add(out, " %s", key->unit);
	if (key->scale == 1)
		text_add(out, ", whole");
	else
		text_add(out, ", in steps of 1/%d", (int)key->scale);
}

static void choice_allowed(const struct config_key *key, struct text *out)
{
	text_add(out, "one of ");
	for (size_t i = 0; key->choices[i] != NULL; i++)
		text_add(out, "%s%s", i > 0 ? ", " : "", key->choices[i]);
}

void config_key_allowed(const struct config_key *key, struct text *out)
{
	static const char *const words[] = {
	    [KEY_HOST] = "a host's name or address",
	    [KEY_NAME] =
		"a name of at most 63 letters, digits and . _ - :, a letter or digit first",
	    [KEY_NODE] = "a name of at most 63 letters, digits and . _ - :, a letter or digit "
			 "first, other than meter",
	    [KEY_TIME] = "a time of day HH:MM or HH:MM:SS",
	    [KEY_ZONE] = "the name of a time zone, such as Europe/Rome",
	    [KEY_TOPIC] = "an MQTT topic without + and #",
	    [KEY_URI] = "coap://host[:port]/path or coaps://host[:port]/path",
	    [KEY_PLACE] = "coap://host[:port][/path] or coaps://host[:port][/path]",
	    [KEY_URL] = "scheme://host[:port][/path], scheme http, https, smtp or smtps, without "
			"a user in it",
	    [KEY_ADDRESS] = "one mail address, such as anna@example.org",
	    [KEY_LISTEN] = "address:port, such as 0.0.0.0:5683",
	    [KEY_WEB] = "a numeric address:port, port 0 for any that is free, or off",
	    [KEY_BATTERY] = "the id of one of the batteries",
	    [KEY_MAPPING] = "a mapping",
	    [KEY_SOURCES] = "a list of at most 4096 mappings",
	    [KEY_PRICE] = "a price per kWh, -10000 to 10000, or a mapping that says where it comes "
			  "from",
	    [KEY_HOURS] = "hours HH:MM-HH:MM, past midnight too, such as 16:00-21:00",
	    [KEY_DAYS] = "days such as mon-fri or \"sat, sun\"",
	    [KEY_MONTHS] = "months such as jun-sep or \"jan, jul\"",
	};

	switch (key->kind) {
	case KEY_NUMBER:
		number_allowed(key, out);
		break;
	case KEY_DURATION:
		text_add(out, "a duration such as 90s, 15min, 1h or 1d, %d s to %d s",
			 (int)key->min, (int)key->max);
		break;
	case KEY_DECIMAL:
		text_add(out, "%d to %d", (int)key->min, (int)key->max);
		break;
	case KEY_CHOICE:
		choice_allowed(key, out);
		break;
	case KEY_TEXT:
		text_add(out, "text of %d to %d bytes", (int)key->min, (int)key->max);
		break;
	case KEY_NAMES:
		text_add(out, "a list of at most %d names", (int)key->max);
		break;
	case KEY_HOSTS:
		text_add(out, "a list of at most %d hosts", (int)key->max);
		break;
	case KEY_PATHS:
		text_add(out, "a list of at most %d files and directories", (int)key->max);
		break;
	case KEY_LIST:
		text_add(out, "a list of at most %d mappings", (int)key->max);
		break;
	default:
		text_add(out, "%s", words[key->kind]);
		break;
	}
}
