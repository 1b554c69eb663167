/* The configuration: what a file says, and the exact words for every kind of mistake. */
#include "wire/config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct house house; /* large, so that it is not on the stack */
static char error_data[CONFIG_ERRORS_TEXT_MAX];

static int parse_bytes(const char *bytes, size_t len)
{
	struct text errors = text_in(error_data, sizeof error_data);

	return config_parse(&house, "a.yaml", bytes, len, &errors);
}

static int parse(const char *yaml)
{
	return parse_bytes(yaml, strlen(yaml));
}

static void assert_good(const char *yaml)
{
	int result = parse(yaml);

	if (result != 0)
		print_message("# %s", error_data);
	assert_int_equal(result, 0);
	assert_string_equal(error_data, "");
}

static int parse_example(const char *name)
{
	static char bytes[CONFIG_BYTES_MAX];
	char path[512];
	size_t len;
	FILE *file;

	snprintf(path, sizeof path, "%s/examples/%s", SOURCE_ROOT, name);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	return parse_bytes(bytes, len);
}

static void config_without_content_is_the_house_without_a_file(void **state)
{
	static struct house empty;
	(void)state;

	house_init(&empty);
	assert_good("");
	assert_memory_equal(&house, &empty, sizeof house);
	assert_good("# only a comment\n");
	assert_memory_equal(&house, &empty, sizeof house);
	assert_good("batteries:\nrelays:\nsettings:\nmqtt: ~\n");
	assert_memory_equal(&house, &empty, sizeof house);
}

static void config_reads_the_minimal_example(void **state)
{
	(void)state;

	assert_int_equal(parse_example("minimal.yaml"), 0);
	assert_int_equal(house.battery_count, 1);
	assert_int_equal(house.batteries[0].capacity_wh, 10000);
	assert_int_equal(house.batteries[0].power_w, 3000);
	assert_int_equal(house.batteries[0].chemistry, CHEMISTRY_LFP);
	assert_string_equal(house.batteries[0].node.text, "b1");
	assert_string_equal(house.batteries[0].topic, "amphora/b1/battery");
	assert_int_equal(house.relay_count, 2);
	assert_int_equal(house.relays[1].role, RELAY_LOAD);
	assert_true(house.relays[1].has_lease);
	assert_string_equal(house.relays[1].uri, "coap://192.0.2.12/relay");
	assert_true(battery_is_commanded(&house.batteries[0]));
}

static void assert_example_house(void)
{
	assert_string_equal(house.collector.text, "home");
	assert_string_equal(house.zone, "Europe/Rome");
	assert_string_equal(house.broker.user, "amphora");
	assert_false(house.broker.unknown_nodes_are_stored);
	assert_string_equal(house.coap.listen.address, "0.0.0.0");
	assert_int_equal(house.coap.listen.port, 5683);
	assert_false(house.coap.pairing_is_open);
	assert_int_equal(house.coap.allowed_count, 1);
	assert_string_equal(house.coap.allowed[0].text, "r3");
}

static void assert_example_store(void)
{
	assert_int_equal(house.store.sync, SYNC_FULL);
	assert_int_equal(house.store.commit_delay_s, 0);
	assert_int_equal(house.store.drain_s, 5);
	assert_true(house.store.server.is_configured);
	assert_true(house.store.server.tls_is_required);
	assert_string_equal(house.store.server.host, "db.example.net");
	assert_string_equal(house.api.socket, "/run/amphora/amphora.sock");
	assert_string_equal(house.web.listen.address, "127.0.0.1");
	assert_int_equal(house.web.listen.port, WEB_PORT);
	assert_false(house.web.is_insecure);
}

static void assert_example_batteries(void)
{
	const struct battery_config *second = &house.batteries[1];
	const struct schedule *schedule = &second->layer.value[PARAMETER_SCHEDULE].schedule;

	assert_int_equal(house.layer.value[PARAMETER_CHARGE_BELOW].number, 3000);
	assert_int_equal(house.batteries[0].layer.value[PARAMETER_RESERVE].number, 1500);
	assert_false(second->layer.is_set[PARAMETER_RESERVE]);
	assert_int_equal(second->transport, SENSOR_COAP);
	assert_string_equal(second->node.text, "shed");
	assert_string_equal(second->topic, "");
	assert_int_equal(schedule->count, 2);
	assert_int_equal(schedule->windows[0].intent, INTENT_CHARGE);
	assert_int_equal(schedule->windows[0].start_s, 23 * 3600 + 30 * 60);
	assert_int_equal(schedule->windows[1].end_s, 22 * 3600);
	assert_int_equal(house.relays[2].battery, 1);
	assert_false(house.relays[2].has_lease);
}

static void config_reads_the_full_example(void **state)
{
	int result = parse_example("amphora.yaml");
	(void)state;

	if (result != 0)
		print_message("# %s", error_data);
	assert_int_equal(result, 0);
	assert_example_house();
	assert_example_store();
	assert_example_batteries();
}

#define BATTERY "batteries:\n- id: b1\n"

static void config_reads_values_in_each_spelling(void **state)
{
	(void)state;

	assert_good("mqtt: {host: \"\"}\n");
	assert_string_equal(house.broker.host, "");
	assert_good("coap: {listen: \"[::1]:5684\", pairing: open}\n");
	assert_string_equal(house.coap.listen.address, "::1");
	assert_true(house.coap.pairing_is_open);
	assert_good("api: {group: amphora}\n");
	assert_string_equal(house.api.group, "amphora");
	assert_string_equal(house.api.socket, "/run/amphora/amphora.sock");
	assert_good("mqtt: {host: h}\n");
	assert_int_equal(house.broker.port, 1883);
	assert_good("mqtt: {host: h, tls: required}\n");
	assert_int_equal(house.broker.port, 8883);
	assert_good("mqtt: {host: h, port: 1883, tls: required, tls_ca: /ca.pem}\n");
	assert_int_equal(house.broker.port, 1883);
	assert_string_equal(house.broker.tls.ca, "/ca.pem");
	assert_good("coap: {listen_secure: \"0.0.0.0:5684\"}\n");
	assert_string_equal(house.coap.listen_secure.address, "0.0.0.0");
	assert_string_equal(house.coap.listen.address, "");
	assert_good(BATTERY "  sensor: {node: s1, uri: \"coaps://h/battery\", key_file: /k}\n"
			    "relays:\n"
			    "- {id: r1, battery: b1, role: source, uri: \"coaps://h/relay\", "
			    "key_file: /r1}\n"
			    "- {id: r2, battery: b1, role: load, key_file: /r2, identity: me}\n");
	assert_string_equal(house.batteries[0].identity, "s1");
	assert_string_equal(house.relays[0].identity, "r1");
	assert_string_equal(house.relays[1].identity, "me");
	assert_good("store: {server: {socket: /tmp/db.sock}}\n");
	assert_false(house.store.server.tls_is_required);
	assert_string_equal(house.store.server.user, "amphora");
	assert_good(BATTERY "  reserve: 20\n");
	assert_int_equal(house.batteries[0].layer.value[PARAMETER_RESERVE].number, 2000);
	assert_good(BATTERY "  capacity_kwh: \"4.8\"\n  paths: independent\n");
	assert_int_equal(house.batteries[0].capacity_wh, 4800);
	assert_true(house.batteries[0].paths_are_independent);
	assert_int_equal(house.batteries[0].cycles_per_100_days, 0);
	assert_good(BATTERY "  wear_per_kwh: 0.04\n  cycles_per_day: 1.5\n");
	assert_int_equal(house.batteries[0].wear_micros_per_kwh, 40000);
	assert_int_equal(house.batteries[0].cycles_per_100_days, 150);
	assert_good("relays:\n- {id: r1, battery: b1, role: load}\n" BATTERY);
	assert_int_equal(house.relays[0].role, RELAY_LOAD);
}

static void config_reads_times_quoted_or_not(void **state)
{
	static const char *const starts[] = {"10:00", "\"10:00\"", "09:59"};
	char yaml[256];
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(starts); i++) {
		struct text text = text_in(yaml, sizeof yaml);

		text_add(&text, "settings: {schedule: [{action: charge, start: %s, end: 12:00}]}",
			 starts[i]);
		assert_good(yaml);
		assert_int_equal(house.layer.value[PARAMETER_SCHEDULE].schedule.count, 1);
	}
	assert_good("settings: {schedule: \"charge 00:30-04:30\"}");
	assert_int_equal(house.layer.value[PARAMETER_SCHEDULE].schedule.windows[0].end_s, 16200);
}

static const struct {
	const char *yaml;
	const char *errors;
} mistakes[] = {
    {"mqtt: {tls_ca: /ca.pem}\n",
     "a.yaml:1: mqtt: has files for TLS, which is off: tls: required is needed\n"},
    {"mqtt: {tls: required, tls_certificate: /me.pem}\n",
     "a.yaml:1: mqtt: tls_certificate and tls_key belong together: one of them is missing\n"},
    /* keys */
    {"zone: UTC\ncollectr: home\n", "a.yaml:2: collectr: no such key; did you mean collector?\n"},
    {"mqtt: {vhost: x, brokr: y}\n",
     "a.yaml:1: mqtt.brokr: no such key; allowed are host, port, user, password_file, client_id, "
     "unknown_nodes, tls, tls_ca, tls_certificate, tls_key\n"
     "a.yaml:1: mqtt.vhost: no such key; did you mean host?\n"},
    {BATTERY "  reserv_pct: 20\n",
     "a.yaml:3: batteries[0].reserv_pct: no such key; did you mean reserve_pct?\n"},
    {"<<: {zone: UTC}\n", "a.yaml:1: <<: no such key; allowed are collector, zone, mqtt, coap, "
			  "store, api, web, meters, prices, forecast, demo, settings, profiles, sources, batteries, relays, home_assistant, "
			  "notify\n"},
    {"zone: UTC\nzone: Europe/Rome\n", "a.yaml:2: zone: is there twice, first on line 1\n"},
    {BATTERY "  reserve: 20\n  reserve_pct: 20\n",
     "a.yaml:4: batteries[0].reserve_pct: is there twice: it is reserve_pct\n"},
    {"settings:\n  hysteresis: 3\n",
     "a.yaml:2: settings.hysteresis: could be several: hysteresis_pct (%) or hysteresis_c (°C)\n"},
    {"settings:\n  hysteresis_k: 3\n",
     "a.yaml:2: settings.hysteresis_k: no such key; did you mean hysteresis_pct (%) or "
     "hysteresis_c (°C)?\n"},
    {"settings:\n  hysteresis_pct: 3 %\n",
     "a.yaml:2: settings.hysteresis_pct: \"3 %\" is not allowed: 0.5 to 20 %, as a number alone, "
     "with a dot\n"},
    {"settings:\n  hysteresis_c: 3,5\n",
     "a.yaml:2: settings.hysteresis_c: \"3,5\" is not allowed: 0.5 to 20 °C, as a number alone, "
     "with a dot\n"},
    {"hysteresis: 3\n",
     "a.yaml:1: hysteresis: does not belong here, but under settings or in a battery\n"},
    {"mqtt:\n  reserve_pct: 30\n",
     "a.yaml:2: mqtt.reserve_pct: does not belong here, but under settings or in a battery\n"},
    {"settings:\n  reserve_percent: 30\n",
     "a.yaml:2: settings.reserve_percent: no such key; did you mean reserve_pct (%)?\n"},
    {"? [a]\n: b\n", "a.yaml:1: a key must be a plain word\n"},
    /* values */
    {"mqtt:\n  port: 12abc\n",
     "a.yaml:2: mqtt.port: \"12abc\" is not allowed: 1 to 65535, whole\n"},
    {"mqtt: {port: 0}\n", "a.yaml:1: mqtt.port: \"0\" is not allowed: 1 to 65535, whole\n"},
    {"mqtt: {port: 65536}\n", "a.yaml:1: mqtt.port: \"65536\" is not allowed: 1 to 65535, whole\n"},
    {"mqtt: {port: 1.5}\n", "a.yaml:1: mqtt.port: \"1.5\" is not allowed: 1 to 65535, whole\n"},
    {"mqtt: {port: 1883,5}\n", "a.yaml:1: mqtt.5: no such key; allowed are host, port, user, "
			       "password_file, client_id, unknown_nodes, tls, tls_ca, "
			       "tls_certificate, tls_key\n"},
    {"mqtt:\n  port:\n", "a.yaml:2: mqtt.port: is empty: 1 to 65535, whole\n"},
    {"mqtt: {port: [1883]}\n", "a.yaml:1: mqtt.port: a list is not allowed: 1 to 65535, whole\n"},
    {"mqtt: {host: \"a b\"}\n",
     "a.yaml:1: mqtt.host: \"a b\" is not allowed: a host's name or address\n"},
    {"mqtt: {unknown_nodes: yes}\n",
     "a.yaml:1: mqtt.unknown_nodes: \"yes\" is not allowed: one of refuse, store\n"},
    {"zone: ../etc/passwd\n", "a.yaml:1: zone: \"../etc/passwd\" is not allowed: the name of a "
			      "time zone, such as Europe/Rome\n"},
    {"collector: \"my home\"\n",
     "a.yaml:1: collector: \"my home\" is not allowed: a name of at most 63 letters, digits and "
     ". _ - :, a letter or digit first, other than meter\n"},
    {"collector: \"a\\0b\"\n",
     "a.yaml:1: collector: a NUL character is not allowed: a name of at most 63 letters, digits "
     "and . _ - :, a letter or digit first, other than meter\n"},
    {"coap: {listen: 5683}\n", "a.yaml:1: coap.listen: \"5683\" is not allowed: address:port, "
			       "such as 0.0.0.0:5683\n"},
    {"coap: {pairing: open}\n",
     "a.yaml:1: coap: has neither listen nor listen_secure, so that no node can register\n"},
    {"demo: {house_socket: /s}\nmqtt: {host: broker.lan}\n",
     "a.yaml:2: mqtt: demo.house_socket is for simulated nodes on this machine only\n"},
    {"demo: {house_socket: /s}\nbatteries: [{id: b1}]\n"
     "relays: [{id: r1, battery: b1, role: load, uri: \"coap://10.0.0.2/relay\"}]\n",
     "a.yaml:3: relays[0]: demo.house_socket is for simulated nodes on this machine only\n"},
    {"demo: {house_socket: /s}\nbatteries: [{id: b1}]\n"
     "relays: [{id: r1, battery: b1, role: load}]\n",
     "a.yaml:3: relays[0]: demo.house_socket is for simulated nodes on this machine only\n"},
    {"demo: {house_socket: /s}\n"
     "batteries: [{id: b1, sensor: {uri: \"coap://10.0.0.2/battery\"}}]\n",
     "a.yaml:2: batteries[0]: demo.house_socket is for simulated nodes on this machine only\n"},
    {"home_assistant:\n", "a.yaml:1: home_assistant: is empty: {} turns it on with all defaults\n"},
    {"home_assistant: {}\nmqtt: {host: \"\"}\n",
     "a.yaml:1: home_assistant: needs a broker: mqtt.host is empty\n"},
    {"collector: my.home\nhome_assistant: {}\n",
     "a.yaml:2: home_assistant.id: only letters, digits, _ and - can stand in Home Assistant's "
     "topics; without it the collector is taken\n"},
    {BATTERY "sources:\n- {id: plug, profile: tasmote}\nrelays:\n- {id: r1, battery: b1, role: source, source: plug}\n",
     "a.yaml:4: sources[0].profile: no profile \"tasmote\"; there are contiki-ng, course-node, esphome, evcc, lwm2m, "
     "onbattery, opendtu, shelly1, shelly2, solarassistant, tasmota, victron, z2m\n"},
    {BATTERY "relays:\n- {id: r1, battery: b1, role: source, source: plug}\n",
     "a.yaml:4: relays[0].source: \"plug\" is none of the sources\n"},
    {"mqtt: {host: h}\nhome_assistant: {}\nsources:\n- {id: a, read: {soc_pct: {topic: amphora/b1/state, path: /x}}}\n",
     "a.yaml:4: sources[0].read: \"amphora/b1/state\" is where Amphora itself tells Home Assistant what it "
     "knows: a circle\n"},
    {"home_assistant: {topic: amphora/b1}\n",
     "a.yaml:1: home_assistant.topic: is where sensors and meters publish\n"},
    {BATTERY "home_assistant:\n  take: [{battery: b1, soc: s, temp: t, power: p}]\n",
     "a.yaml:4: home_assistant.take[0]: has current or power, which have no sign of their own in "
     "Home Assistant: positive is missing, charge or discharge\n"},
    {BATTERY "home_assistant:\n  take: [{battery: b1, soc: amphora_b1_soc, temp: t}]\n",
     "a.yaml:4: home_assistant.take[0]: names an entity that Amphora announces itself\n"},
    {BATTERY "home_assistant:\n  take:\n  - {battery: b1, soc: s, temp: t}\n"
	     "  - {battery: b1, soc: u, temp: v}\n",
     "a.yaml:6: home_assistant.take[1]: takes a battery that an entry above has already\n"},
    {BATTERY "  sensor: {topic: x/y}\nhome_assistant:\n  take: [{battery: b1, soc: s, temp: t}]\n",
     "a.yaml:5: home_assistant.take[0]: takes a battery whose sensor has a topic or uri of its "
     "own\n"},
    {BATTERY "relays: [{id: r1, battery: b1, role: source, entity: sw, lease: none}]\n",
     "a.yaml:3: relays[0].entity: needs home_assistant, which is not there\n"},
    {BATTERY "relays: [{id: r1, battery: b1, role: source, entity: sw}]\nhome_assistant: {}\n",
     "a.yaml:3: relays[0].entity: nothing in Home Assistant opens a switch when we are gone: this "
     "relay needs the owner's word: lease: none\n"},
    {BATTERY "relays: [{id: r1, battery: b1, role: source, entity: sw, lease: none, uri: "
	     "\"coap://h/relay\"}]\nhome_assistant: {}\n",
     "a.yaml:3: relays[0].entity: relay has entity beside uri, source or key_file: only one is "
     "allowed\n"},
    {BATTERY "home_assistant:\n  take: [{battery: b1, soc: s}]\n",
     "a.yaml:4: home_assistant.take[0].temp: is missing: text of 1 to 95 bytes\n"},
    {"home_assistant: {prefix: \"ha/#\"}\n",
     "a.yaml:1: home_assistant.prefix: \"ha/#\" is not allowed: an MQTT topic without + and #\n"},
    {"home_assistant: {commands: no}\n",
     "a.yaml:1: home_assistant.commands: \"no\" is not allowed: one of refuse, take\n"},
    {"coap: {listen: \"[::]:5683\", allow: r1}\n",
     "a.yaml:1: coap.allow: \"r1\" is not allowed: a list of at most 64 names\n"},
    {"store: {commit_delay_s: 61}\n",
     "a.yaml:1: store.commit_delay_s: \"61\" is not allowed: 0 to 60 s, whole\n"},
    {"store: {drain_s: 301}\n",
     "a.yaml:1: store.drain_s: \"301\" is not allowed: 0 to 300 s, whole\n"},
    {"store: {server: {}}\n",
     "a.yaml:1: store.server: has neither host nor socket: one of host and socket is needed\n"},
    {"store: {server: {host: h, socket: /s}}\n",
     "a.yaml:1: store.server: has both host and socket: one of host and socket is needed\n"},
    {"store: /var/lib/x\n", "a.yaml:1: store: must be a mapping (name: value)\n"},
    {"just words\n", "a.yaml:1: must be a mapping (name: value)\n"},
    /* batteries and their parameters */
    {"batteries: {id: b1}\n",
     "a.yaml:1: batteries: a mapping is not allowed: a list of at most 32 mappings\n"},
    {"batteries: [b1]\n", "a.yaml:1: batteries[0]: must be a mapping (name: value)\n"},
    {"batteries:\n- chemistry: lfp\n",
     "a.yaml:2: batteries[0].id: is missing: a name of at most 63 letters, digits and . _ - :, a "
     "letter or digit first, other than meter\n"},
    {"batteries: [{id: meter}]\n",
     "a.yaml:1: batteries[0].id: \"meter\" is not allowed: a name of at most 63 letters, digits "
     "and . _ - :, a letter or digit first, other than meter\n"},
    {BATTERY "  chemistry: lifepo4\n", "a.yaml:3: batteries[0].chemistry: \"lifepo4\" is not "
				       "allowed: one of none, lfp, nmc, lead-acid, custom\n"},
    {BATTERY "  capacity_kwh: 0\n", "a.yaml:3: batteries[0].capacity_kwh: \"0\" is not allowed: "
				    "0.01 to 10000 kWh, in steps of 1/1000\n"},
    {BATTERY "  capacity_kwh: \"10,5\"\n",
     "a.yaml:3: batteries[0].capacity_kwh: \"10,5\" is not allowed: 0.01 to 10000 kWh, in steps "
     "of 1/1000\n"},
    {BATTERY "  reserve_pct: 120\n", "a.yaml:3: batteries[0].reserve_pct: \"120\" is not allowed: "
				     "0 to 95 %\n"},
    {BATTERY "  reserve_pct: 12abc\n", "a.yaml:3: batteries[0].reserve_pct: \"12abc\" is not "
				       "allowed: 0 to 95 %, as a number alone, with a dot\n"},
    {BATTERY "  reserve_pct:\n", "a.yaml:3: batteries[0].reserve_pct: is empty\n"},
    {BATTERY "  reserve_pct: [20]\n",
     "a.yaml:3: batteries[0].reserve_pct: must be a single value\n"},
    {"settings: {logic: plans}\n", "a.yaml:1: settings.logic: \"plans\" is not allowed: one of "
				   "monitor, threshold, schedule, plan\n"},
    {"settings: {charge_below_pct: 80, charge_until_pct: 30}\n",
     "a.yaml:1: settings.charge_below_pct: 80 % must be below charge_until_pct, which is 30 %\n"},
    {BATTERY "  charge_below_pct: 85\n",
     "a.yaml:2: batteries[0].charge_below_pct: 85 % must be below charge_until_pct, which is 80 "
     "%\n"},
    {"settings:\n  schedule:\n  - {action: charge, start: 600, end: 12:00}\n",
     "a.yaml:3: settings.schedule[0].start: \"600\" is not allowed: a time of day HH:MM or "
     "HH:MM:SS (some YAML writers turn 10:00 into 600: quote it)\n"},
    {"settings:\n  schedule:\n  - {action: idle, start: 10:00, ende: 12:00}\n",
     "a.yaml:3: settings.schedule[0].action: \"idle\" is not allowed: one of charge, discharge\n"
     "a.yaml:3: settings.schedule[0].end: is missing: a time of day HH:MM or HH:MM:SS\n"
     "a.yaml:3: settings.schedule[0].ende: no such key; did you mean end?\n"},
    {"settings: {schedule: charge at night}\n",
     "a.yaml:1: settings.schedule: \"charge at night\" is no window: write `charge 00:30-04:30` "
     "or `discharge 18:00-22:00`\n"},
    {BATTERY "  sensor: {topic: amphora/+/battery}\n",
     "a.yaml:3: batteries[0].sensor.topic: \"amphora/+/battery\" is not allowed: an MQTT topic "
     "without + and #\n"},
    {BATTERY "  sensor: {topic: a/b, uri: \"coap://h/battery\"}\n",
     "a.yaml:2: batteries[0]: sensor has both topic and uri: only one of them is allowed\n"},
    {"batteries:\n- id: b1\n- id: b1\n",
     "a.yaml:3: batteries[1]: id \"b1\" is taken by batteries[0] on line 2: each needs its own\n"},
    {"batteries:\n- id: b1\n- id: b2\n  sensor: {node: b1}\n",
     "a.yaml:3: batteries[1]: sensor.node \"b1\" is taken by batteries[0] on line 2: each needs "
     "its own\n"},
    {"batteries:\n- {id: b1, sensor: {topic: x}}\n- {id: b2, sensor: {topic: x}}\n",
     "a.yaml:3: batteries[1]: sensor.topic \"x\" is taken by batteries[0] on line 2: each needs "
     "its own\n"},
    {"batteries:\n- {id: b1, sensor: {uri: \"coap://h/b\"}}\n"
     "- {id: b2, sensor: {uri: \"coap://H:5683/b\"}}\n",
     "a.yaml:3: batteries[1]: sensor.uri \"coap://H:5683/b\" is taken by batteries[0] on line 2: "
     "each needs its own\n"},
    /* relays */
    {BATTERY "relays:\n- {id: r1, battery: b2, role: source}\n",
     "a.yaml:4: relays[0].battery: \"b2\" is not allowed: the id of one of the batteries\n"},
    {BATTERY "relays:\n- {id: r1, battery: b1}\n",
     "a.yaml:4: relays[0].role: is missing: one of source, load\n"},
    {BATTERY "relays:\n- {id: r1, battery: b1, role: source, uri: \"http://h/relay\"}\n",
     "a.yaml:4: relays[0].uri: \"http://h/relay\" is not allowed: coap://host[:port][/path] "
     "or coaps://host[:port][/path]\n"},
    {BATTERY "relays:\n- {id: r1, battery: b1, role: source, lease: 90}\n",
     "a.yaml:4: relays[0].lease: \"90\" is not allowed: one of none, device\n"},
    {BATTERY
     "relays:\n- {id: r1, battery: b1, role: source}\n- {id: r1, battery: b1, role: load}\n",
     "a.yaml:5: relays[1]: id \"r1\" is taken by relays[0] on line 4: each needs its own\n"},
    {BATTERY "relays:\n- {id: r1, battery: b1, role: source, uri: \"coap://h/relay\"}\n"
	     "- {id: r2, battery: b1, role: load, uri: \"coap://h:5683/relay\"}\n",
     "a.yaml:5: relays[1]: uri \"coap://h:5683/relay\" is taken by relays[0] on line 4: each "
     "needs its own\n"},
    /* keys */
    {BATTERY "relays:\n- {id: r1, battery: b1, role: source, uri: \"coaps://h/relay\"}\n",
     "a.yaml:4: relays[0]: a coaps:// uri needs key_file\n"},
    {BATTERY "relays:\n- {id: r1, battery: b1, role: source, uri: \"coap://h/relay\", "
	     "key_file: /k}\n",
     "a.yaml:4: relays[0]: has key_file, and a uri that does not use it: coaps:// is needed\n"},
    {BATTERY "relays:\n- {id: r1, battery: b1, role: source, identity: me}\n",
     "a.yaml:4: relays[0]: has identity without key_file\n"},
    {BATTERY "  sensor: {uri: \"coaps://h/battery\"}\n",
     "a.yaml:2: batteries[0]: a coaps:// uri needs key_file\n"},
    {BATTERY "  sensor: {topic: a/b, key_file: /k}\n",
     "a.yaml:2: batteries[0]: sensor has key_file, which is for a uri, and topic\n"},
    /* YAML */
    {"zone: &z UTC\n", "a.yaml:1: anchors (&) are not allowed\n"},
    {"zone: *z\n", "a.yaml:1: aliases (*) are not allowed\n"},
    {"zone: !!str UTC\n", "a.yaml:1: tags (!) are not allowed\n"},
    {"zone: UTC\n---\nzone: UTC\n", "a.yaml:2: a second document (---) is not allowed\n"},
    {"zone: UTC\nmqtt: {port: 1883\n", "a.yaml:3: is not YAML: did not find expected ',' or '}'\n"},
    {"zone: UTC\n\tport: 5\n",
     "a.yaml:2: is not YAML: found a tab character that violates indentation\n"},
    {"zone: UTC\n# \xff\n", "a.yaml:2: is not YAML: invalid leading UTF-8 octet\n"},
    {"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]\n",
     "a.yaml:1: is nested too deep: at most 16 levels are allowed\n"},
};

static void config_names_file_line_key_and_what_is_allowed(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LENGTH(mistakes); i++) {
		house.relay_count = 4711;
		assert_int_equal(parse(mistakes[i].yaml), -EINVAL);
		assert_string_equal(error_data, mistakes[i].errors);
		assert_int_equal(house.relay_count, 4711);
	}
}

static void config_takes_a_browser_port_that_is_protected_only(void **state)
{
	(void)state;

	assert_good("web: {listen: \"0.0.0.0:0\", certificate: c, key: k}\n");
	assert_int_equal(house.web.listen.port, 0);
	assert_good("web: {listen: \"0.0.0.0:1\", proxy: [\"::1\"], hosts: [a.example]}\n");
	assert_int_equal(house.web.proxy_count, 1);
	assert_string_equal(house.web.hosts[0].text, "a.example");
	assert_good("web: {listen: \"[::]:1\", insecure: true}\n");
	assert_good("web: {listen: off}\n");
	assert_string_equal(house.web.listen.address, "");
	assert_int_equal(parse("web: {listen: \"[::]:1\"}\n"), -EINVAL);
	assert_string_equal(error_data,
			    "a.yaml:1: web: listen :: is reached from beyond this machine in the "
			    "open: certificate and key, a proxy, or insecure: true is needed\n");
	assert_int_equal(parse("web: {listen: \"127.0.0.1:1\", key: k}\n"), -EINVAL);
	assert_int_equal(parse("web: {proxy: [house]}\n"), -EINVAL);
	assert_int_equal(parse("web: {listen: \"house:1\"}\n"), -EINVAL);
}

static void config_of_home_assistant_is_named_after_the_collector(void **state)
{
	(void)state;

	assert_good("zone: UTC");
	assert_false(house.home_assistant.is_on);
	assert_good("collector: cellar\nhome_assistant: {}");
	assert_true(house.home_assistant.is_on && house.home_assistant.commands_are_taken);
	assert_string_equal(house.home_assistant.id.text, "cellar");
	assert_string_equal(house.home_assistant.prefix, "homeassistant");
	assert_string_equal(house.home_assistant.topic, "amphora");
	assert_good("home_assistant: {id: a-1, prefix: ha, topic: home/cellar, commands: refuse}");
	assert_false(house.home_assistant.commands_are_taken);
	assert_string_equal(house.home_assistant.id.text, "a-1");
}

static void config_takes_entities_of_home_assistant_for_a_sensor(void **state)
{
	(void)state;

	assert_good("batteries: [{id: b0}, {id: b1}]\nhome_assistant: {take: [{battery: b1, soc: s, "
		    "temp: t, current: c, positive: discharge}]}");
	assert_int_equal(house.home_assistant.take_count, 1);
	assert_int_equal(house.home_assistant.takes[0].battery, 1);
	assert_string_equal(house.home_assistant.takes[0].current, "c");
	assert_int_equal(house.home_assistant.takes[0].positive, HOME_POSITIVE_DISCHARGE);
	assert_int_equal(house.batteries[0].transport, SENSOR_MQTT);
	assert_int_equal(house.batteries[1].transport, SENSOR_HOME);
	assert_string_equal(house.batteries[1].topic, "entity s");
}

static void config_of_an_outlet_has_what_its_kind_needs(void **state)
{
	(void)state;

	assert_good("notify:\n- {name: a, kind: webhook, url: \"http://127.0.0.1:1/x?y=z\"}\n"
		    "- {name: b, kind: ntfy, url: \"https://[::1]/t\", minimum: alarm}\n"
		    "- {name: c, kind: mqtt}\n"
		    "- {name: d, kind: email, url: \"smtp://h.example:587\", from: a+b@c.example,\n"
		    "   to: d@e.example, user: u, password_file: /p}\n"
		    "- {name: e, kind: webhook, url: \"http://h\", tls: off}\n");
	assert_int_equal(house.outlet_count, 5);
	assert_int_equal(house.outlets[0].tls, OUTLET_TLS_OFF);
	assert_int_equal(house.outlets[0].minimum, ALERT_WARNING);
	assert_int_equal(house.outlets[1].minimum, ALERT_ALARM);
	assert_string_equal(house.outlets[2].topic, "amphora/alerts");
	assert_int_equal(house.outlets[3].tls, OUTLET_TLS_REQUIRED);
	assert_int_equal(house.outlets[4].tls, OUTLET_TLS_OFF);
}

static void config_of_an_outlet_is_refused_for(const char *entry, const char *words)
{
	char yaml[512];

	snprintf(yaml, sizeof yaml, "notify:\n- {%s}\n", entry);
	assert_int_equal(parse(yaml), -EINVAL);
	if (strstr(error_data, words) == NULL)
		print_message("# %s", error_data);
	assert_non_null(strstr(error_data, words));
}

static void config_of_an_outlet_says_what_does_not_fit(void **state)
{
	static const char *const cases[][2] = {
	    {"name: a", "notify[0].kind: is missing"},
	    {"name: a, kind: webhook", "notify[0]: needs url"},
	    {"name: a, kind: webhook, url: \"http://h/\"", "https:// or tls: off is needed"},
	    {"name: a, kind: ntfy, url: \"smtp://h/\"", "which is for kind: email"},
	    {"name: a, kind: ntfy, url: \"https://u:p@h/\"", "without a user in it"},
	    {"name: a, kind: ntfy, url: \"https://h/a b\"", "is not allowed"},
	    {"name: a, kind: ntfy, url: \"ftp://h/\"", "is not allowed"},
	    {"name: a, kind: ntfy, url: \"https://h:0/\"", "is not allowed"},
	    {"name: a, kind: ntfy, url: \"https:///x\"", "is not allowed"},
	    {"name: a, kind: email, url: \"smtps://h\"", "needs from and to"},
	    {"name: a, kind: email, url: \"https://h\"", "begins with smtps:// or smtp://"},
	    {"name: a, kind: email, to: \"a@b>\"", "one mail address"},
	    {"name: a, kind: email, to: \"a,b@c\"", "one mail address"},
	    {"name: a, kind: email, url: \"smtps://h\", from: a@b, to: a@b, password_file: p",
	     "belongs to a user"},
	    {"name: a, kind: ntfy, url: \"https://h/\", user: u", "needs password_file"},
	    {"name: a, kind: ntfy, url: \"https://h/\", secret_file: /s",
	     "secret_file, which is for kind: webhook"},
	    {"name: a, kind: mqtt, url: \"https://h/\"", "does not use"},
	    {"name: a, kind: mqtt, topic: amphora/b1/battery", "sensors or meters publish to"},
	    {"name: a, kind: mqtt, topic: amphora/meter/grid", "sensors or meters publish to"},
	    {"name: a, kind: mqtt}\nbatteries:\n- {id: b1, sensor: {topic: amphora/alerts}",
	     "sensors or meters publish to"},
	    {"name: a, kind: ntfy, url: \"https://h/\", page: \"smtp://h\"", "is for a browser"},
	    {"name: a, kind: mqtt}\n- {name: a, kind: mqtt", "notify[1]: name is taken"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		config_of_an_outlet_is_refused_for(cases[i][0], cases[i][1]);
	assert_int_equal(parse("mqtt: {host: \"\"}\nnotify: [{name: a, kind: mqtt}]\n"), -EINVAL);
	assert_string_equal(error_data, "a.yaml:2: notify[0]: kind: mqtt needs a broker: mqtt.host "
					"is empty\n");
}

static void config_tells_all_mistakes_at_once_in_the_files_order(void **state)
{
	(void)state;

	assert_int_equal(parse("relays:\n- {id: r1, battery: b9, role: both}\n"
			       "mqtt: {port: x}\nbatteries:\n- {id: b1, reserve_pct: -1}\n"),
			 -EINVAL);
	assert_string_equal(
	    error_data,
	    "a.yaml:2: relays[0].battery: \"b9\" is not allowed: the id of one of the batteries\n"
	    "a.yaml:2: relays[0].role: \"both\" is not allowed: one of source, load\n"
	    "a.yaml:3: mqtt.port: \"x\" is not allowed: 1 to 65535, whole\n"
	    "a.yaml:5: batteries[0].reserve_pct: \"-1\" is not allowed: 0 to 95 %\n");
}

static void config_stops_counting_out_loud_at_20_mistakes(void **state)
{
	char yaml[1024];
	struct text text = text_in(yaml, sizeof yaml);
	size_t lines = 0;
	(void)state;

	for (int i = 0; i < CONFIG_ERRORS_MAX + 3; i++)
		text_add(&text, "zzzzzz%02d: 1\n", i);
	assert_int_equal(parse(yaml), -EINVAL);
	for (const char *at = error_data; (at = strchr(at, '\n')) != NULL; at++)
		lines++;
	assert_int_equal(lines, CONFIG_ERRORS_MAX + 1);
	assert_non_null(strstr(error_data, "a.yaml: and 3 more\n"));
}

static void config_is_read_again_after_a_mistake(void **state)
{
	(void)state;

	assert_good("zone: Europe/Rome\n");
	assert_int_equal(parse("zone: 5 o'clock\n"), -EINVAL);
	assert_string_equal(house.zone, "Europe/Rome");
	assert_good("zone: UTC\n");
	assert_string_equal(house.zone, "UTC");
}

static void config_is_bounded_in_size_and_entries(void **state)
{
	static char bytes[CONFIG_BYTES_MAX + 1];
	struct text text;
	(void)state;

	memset(bytes, '\n', sizeof bytes);
	assert_int_equal(parse_bytes(bytes, CONFIG_BYTES_MAX), 0);
	assert_int_equal(parse_bytes(bytes, CONFIG_BYTES_MAX + 1), -EINVAL);
	assert_string_equal(error_data,
			    "a.yaml:1: is too large: 1048577 bytes, at most 1048576 are allowed\n");
	text = text_in(bytes, sizeof bytes);
	text_add(&text, "batteries:\n");
	for (int i = 0; i < BATTERIES_MAX; i++)
		text_add(&text, "- id: b%d\n", i);
	assert_good(bytes);
	text_add(&text, "- id: more\n");
	assert_int_equal(parse(bytes), -EINVAL);
	assert_string_equal(
	    error_data, "a.yaml:2: batteries: 33 entries are too many: at most 32 are allowed\n");
}

static void config_reference_has_every_key_and_parameter(void **state)
{
	static char data[CONFIG_KEYS_TEXT_MAX];
	struct text text = text_in(data, sizeof data);
	(void)state;

	config_write_keys(&text);
	assert_false(text.is_cut);
	assert_non_null(strstr(data, "unknown_nodes:\n"));
	assert_non_null(strstr(
	    data, "  # Its port. Allowed: 1 to 65535, whole. Default: 1883, with tls 8883.\n"));
	for (int id = 0; id < PARAMETER_COUNT; id++)
		assert_non_null(strstr(data, parameter_get((enum parameter_id)id)->name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(config_without_content_is_the_house_without_a_file),
	    cmocka_unit_test(config_reads_the_minimal_example),
	    cmocka_unit_test(config_reads_the_full_example),
	    cmocka_unit_test(config_reads_values_in_each_spelling),
	    cmocka_unit_test(config_reads_times_quoted_or_not),
	    cmocka_unit_test(config_names_file_line_key_and_what_is_allowed),
	    cmocka_unit_test(config_takes_a_browser_port_that_is_protected_only),
	    cmocka_unit_test(config_of_home_assistant_is_named_after_the_collector),
	    cmocka_unit_test(config_takes_entities_of_home_assistant_for_a_sensor),
	    cmocka_unit_test(config_of_an_outlet_has_what_its_kind_needs),
	    cmocka_unit_test(config_of_an_outlet_says_what_does_not_fit),
	    cmocka_unit_test(config_tells_all_mistakes_at_once_in_the_files_order),
	    cmocka_unit_test(config_stops_counting_out_loud_at_20_mistakes),
	    cmocka_unit_test(config_is_read_again_after_a_mistake),
	    cmocka_unit_test(config_is_bounded_in_size_and_entries),
	    cmocka_unit_test(config_reference_has_every_key_and_parameter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
