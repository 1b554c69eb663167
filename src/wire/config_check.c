/*
 * What no single key can tell: names that are given twice, a sensor with two
 * addresses, limits wider than the chemistry allows.
 */
#include "wire/config_check.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "wire/config_value.h"
#include "wire/plain_channel.h"
#include "wire/topic.h"

#define ENTRY_PLACE_MAX 32

/* Where something stands in the file: `batteries[2]`. */
struct entry_place {
	char text[ENTRY_PLACE_MAX];
};

static struct entry_place entry_place(const char *list, size_t index)
{
	struct entry_place place;

	snprintf(place.text, sizeof place.text, "%s[%zu]", list, index);
	return place;
}

/* The key that a uri asks for, and the uri that a key asks for. */
static void check_key_file(struct config_reader *reader, int line, const char *place,
			   const char *uri, const char *key_file, const char *identity)
{
	struct coap_uri parsed;
	bool is_parsed = uri[0] != '\0' && coap_uri_parse(&parsed, uri) == 0;

	if (is_parsed && parsed.is_secure && key_file[0] == '\0')
		config_error(reader->errors, line, place, "a coaps:// uri needs key_file");
	else if (is_parsed && !parsed.is_secure && key_file[0] != '\0')
		config_error(reader->errors, line, place,
			     "has key_file, and a uri that does not use it: coaps:// is needed");
	else if (identity[0] != '\0' && key_file[0] == '\0')
		config_error(reader->errors, line, place, "has identity without key_file");
}

static void complete_battery(struct battery_config *battery)
{
	struct text topic;

	if (battery->uri[0] != '\0')
		battery->transport = SENSOR_COAP;
	else if (battery->source.text[0] != '\0')
		battery->transport = SENSOR_SOURCE;
	if (battery->node.text[0] == '\0')
		battery->node = battery->id;
	if (battery->identity[0] == '\0')
		memcpy(battery->identity, battery->node.text, sizeof battery->identity);
	if (battery->transport == SENSOR_COAP || battery->transport == SENSOR_SOURCE ||
	    battery->topic[0] != '\0')
		return; /* where Home Assistant tells it, that is the entity's name */
	topic = text_in(battery->topic, sizeof battery->topic);
	topic_build(&topic, TOPIC_BATTERY, battery->node.text);
}

/* Two of the same kind with the same `what`. */
static void note_taken(struct config_reader *reader, const char *list, const int *lines,
		       size_t index, size_t earlier, const char *what, const char *value)
{
	struct entry_place at = entry_place(list, index), other = entry_place(list, earlier);

	config_error(reader->errors, lines[index], at.text,
		     "%s \"%s\" is taken by %s on line %d: each needs its own", what, value,
		     other.text, lines[earlier]);
}

static void compare_batteries(struct config_reader *reader, size_t index, size_t earlier)
{
	const struct battery_config *battery = &reader->house->batteries[index];
	const struct battery_config *other = &reader->house->batteries[earlier];
	const int *lines = reader->battery_lines;

	if (battery->id.text[0] == '\0' || other->id.text[0] == '\0')
		return; /* has been told */
	if (ident_equal(&battery->id, &other->id))
		note_taken(reader, "batteries", lines, index, earlier, "id", battery->id.text);
	else if (ident_equal(&battery->node, &other->node))
		note_taken(reader, "batteries", lines, index, earlier, "sensor.node",
			   battery->node.text);
	else if (battery->topic[0] != '\0' && strcmp(battery->topic, other->topic) == 0)
		note_taken(reader, "batteries", lines, index, earlier, "sensor.topic",
			   battery->topic);
	else if (battery->uri[0] != '\0' && coap_uri_equal(battery->uri, other->uri))
		note_taken(reader, "batteries", lines, index, earlier, "sensor.uri", battery->uri);
}

/* Limits and thresholds as they will hold at the start; `battery` is NULL for a house without. */
static void check_settings(struct config_reader *reader, const struct battery_config *battery,
			   int line, const char *place)
{
	enum chemistry chemistry = battery != NULL ? battery->chemistry : CHEMISTRY_NONE;
	char words[CONFIG_ERROR_MAX];
	struct text error = text_in(words, sizeof words);
	struct settings settings;

	if (settings_resolve(&settings, chemistry, &reader->house->layer, NULL,
			     battery != NULL ? &battery->layer : NULL, NULL, &error) != 0)
		config_error(reader->errors, line, "", "%s.%s", place, words);
}

static void check_battery(struct config_reader *reader, size_t index)
{
	struct battery_config *battery = &reader->house->batteries[index];
	struct entry_place at = entry_place("batteries", index);

	if (battery->topic[0] != '\0' && battery->uri[0] != '\0')
		config_error(reader->errors, reader->battery_lines[index], at.text,
			     "sensor has both topic and uri: only one of them is allowed");
	if (battery->topic[0] != '\0' && battery->key_file[0] != '\0')
		config_error(reader->errors, reader->battery_lines[index], at.text,
			     "sensor has key_file, which is for a uri, and topic");
	check_key_file(reader, reader->battery_lines[index], at.text, battery->uri,
		       battery->key_file, battery->identity);
	complete_battery(battery);
	for (size_t earlier = 0; earlier < index; earlier++)
		compare_batteries(reader, index, earlier);
	check_settings(reader, battery, reader->battery_lines[index], at.text);
}

static void check_relay(struct config_reader *reader, size_t index)
{
	struct relay_config *relay = &reader->house->relays[index];
	struct entry_place at = entry_place("relays", index);

	check_key_file(reader, reader->relay_lines[index], at.text, relay->uri, relay->key_file,
		       relay->identity);
	if (relay->identity[0] == '\0')
		memcpy(relay->identity, relay->id.text, sizeof relay->identity);
}

static void compare_relays(struct config_reader *reader, size_t index, size_t earlier)
{
	const struct relay_config *relay = &reader->house->relays[index];
	const struct relay_config *other = &reader->house->relays[earlier];

	if (relay->id.text[0] != '\0' && ident_equal(&relay->id, &other->id))
		note_taken(reader, "relays", reader->relay_lines, index, earlier, "id",
			   relay->id.text);
	else if (relay->uri[0] != '\0' && coap_uri_equal(relay->uri, other->uri))
		note_taken(reader, "relays", reader->relay_lines, index, earlier, "uri",
			   relay->uri);
}

static void check_server(struct config_reader *reader)
{
	struct server_config *server = &reader->house->store.server;

	if (!server->is_configured) {
		*server = (struct server_config){0};
		return;
	}
	if ((server->host[0] == '\0') == (server->socket[0] == '\0'))
		config_error(reader->errors, reader->server_line, "store.server",
			     "%s: one of host and socket is needed",
			     server->host[0] == '\0' ? "has neither host nor socket"
						     : "has both host and socket");
	if (server->socket[0] != '\0')
		server->tls_is_required = false; /* never leaves this machine */
}

static void check_broker(struct config_reader *reader)
{
	struct broker_config *broker = &reader->house->broker;
	const struct tls_config *tls = &broker->tls;
	bool has_files = tls->ca[0] != '\0' || tls->certificate[0] != '\0' || tls->key[0] != '\0';

	if (has_files && !tls->is_required)
		config_error(reader->errors, reader->broker_line, "mqtt",
			     "has files for TLS, which is off: tls: required is needed");
	else if ((tls->certificate[0] == '\0') != (tls->key[0] == '\0'))
		config_error(reader->errors, reader->broker_line, "mqtt",
			     "tls_certificate and tls_key belong together: one of them is missing");
	if (broker->port == 0)
		broker->port = tls->is_required ? MQTTS_PORT : MQTT_PORT;
}

static void check_coap(struct config_reader *reader)
{
	const struct coap_config *coap = &reader->house->coap;

	if ((coap->pairing_is_open || coap->allowed_count > 0) && !coap_is_listening(coap))
		config_error(reader->errors, reader->coap_line, "coap",
			     "has neither listen nor listen_secure, so that no node can register");
}

/* Whether it is reached from beyond this machine with nothing that protects what is said. */
static bool is_in_the_open(const struct web_config *web)
{
	return web->listen.address[0] != '\0' && !host_is_loopback(web->listen.address) &&
	       web->certificate[0] == '\0' && web->proxy_count == 0 && !web->is_insecure;
}

static void check_web(struct config_reader *reader)
{
	const struct web_config *web = &reader->house->web;
	unsigned char bytes[sizeof(struct in6_addr)];

	if ((web->certificate[0] == '\0') != (web->key[0] == '\0'))
		config_error(reader->errors, reader->web_line, "web",
			     "certificate and key belong together: one of them is missing");
	for (size_t i = 0; i < web->proxy_count; i++)
		if (inet_pton(AF_INET, web->proxies[i].text, bytes) != 1 &&
		    inet_pton(AF_INET6, web->proxies[i].text, bytes) != 1)
			config_error(reader->errors, reader->web_line, "web.proxy",
				     "\"%.40s\" is not allowed: a numeric address",
				     web->proxies[i].text);
	if (is_in_the_open(web))
		config_error(reader->errors, reader->web_line, "web",
			     "listen %s is reached from beyond this machine in the open: "
			     "certificate and key, a proxy, or insecure: true is needed",
			     web->listen.address);
}

/* Faults on command are for simulated nodes, and these never leave the machine. */
static void check_demo(struct config_reader *reader)
{
	static const char words[] = "demo.house_socket is for simulated nodes on this machine only";
	const struct house *house = reader->house;

	if (house->demo.house_socket[0] == '\0')
		return;
	if (house->broker.host[0] != '\0' && !host_is_loopback(house->broker.host))
		config_error(reader->errors, reader->broker_line, "mqtt", "%s", words);
	for (size_t i = 0; i < house->relay_count; i++) {
		if (!relay_is_over_mqtt(&house->relays[i]) &&
		    !uri_is_loopback(house->relays[i].uri))
			config_error(reader->errors, reader->relay_lines[i],
				     entry_place("relays", i).text, "%s", words);
	}
	for (size_t i = 0; i < house->battery_count; i++) {
		if (house->batteries[i].uri[0] != '\0' && !uri_is_loopback(house->batteries[i].uri))
			config_error(reader->errors, reader->battery_lines[i],
				     entry_place("batteries", i).text, "%s", words);
	}
}

void config_check(struct config_reader *reader)
{
	const struct house *house = reader->house;

	check_broker(reader);
	check_coap(reader);
	check_web(reader);
	check_demo(reader);
	check_server(reader);
	config_check_notify(reader);
	config_check_home(reader);
	config_check_prices(reader);
	if (house->battery_count == 0)
		check_settings(reader, NULL, reader->settings_line, "settings");
	for (size_t i = 0; i < house->battery_count; i++)
		check_battery(reader, i);
	for (size_t i = 0; i < house->relay_count; i++) {
		check_relay(reader, i);
		for (size_t earlier = 0; earlier < i; earlier++)
			compare_relays(reader, i, earlier);
	}
}
