/* The empty house, and look-ups in a configured one. */
#include "model/house.h"

#include <stdio.h>
#include <string.h>

#define DRAIN_S 5
#define KEEP_READINGS_D 400 /* this day last year, and a month */
#define KEEP_MINUTES_D 1100
#define KEEP_QUARTERS_D 3660
#define KEEP_TRACE_D 30
#define JOURNAL_MAX_MB 4000

void house_init(struct house *house)
{
	*house = (struct house){
	    .collector = {"amphora"},
	    .zone = "UTC",
	    .api = {.socket = "/run/amphora/amphora.sock"},
	    .web = {.listen = {.address = "127.0.0.1", .port = WEB_PORT}},
	    .broker = {.host = "127.0.0.1",
		       .port = MQTT_PORT,
		       .client_id = {"amphora"},
		       .unknown_nodes_are_stored = true},
	    .store = {.path = "/var/lib/amphora/journal.db",
		      .sync = SYNC_FULL,
		      .drain_s = DRAIN_S,
		      .keep = {.readings_days = KEEP_READINGS_D,
			       .minutes_days = KEEP_MINUTES_D,
			       .quarters_days = KEEP_QUARTERS_D,
			       .trace_days = KEEP_TRACE_D,
			       .max_mb = JOURNAL_MAX_MB}},
	    .home_assistant = {.is_announced = true,
			       .commands_are_taken = true,
			       .prefix = "homeassistant",
			       .topic = "amphora"},
	};
}

bool battery_is_commanded(const struct battery_config *battery)
{
	return battery->chemistry != CHEMISTRY_NONE && battery->capacity_wh > 0 &&
	       battery->power_w > 0;
}

bool coap_is_listening(const struct coap_config *coap)
{
	return coap->listen.address[0] != '\0' || coap->listen_secure.address[0] != '\0';
}

bool coap_admits(const struct coap_config *coap, const struct ident *node)
{
	for (size_t i = 0; i < coap->allowed_count; i++)
		if (ident_equal(&coap->allowed[i], node))
			return true;
	return coap->pairing_is_open;
}

int house_find_battery(const struct house *house, const char *id)
{
	for (size_t i = 0; i < house->battery_count; i++) {
		if (strcmp(house->batteries[i].id.text, id) == 0)
			return (int)i;
	}
	return -1;
}

int house_find_sensor(const struct house *house, const struct ident *node)
{
	for (size_t i = 0; i < house->battery_count; i++) {
		if (ident_equal(&house->batteries[i].node, node))
			return (int)i;
	}
	return -1;
}

int house_find_relay(const struct house *house, const char *id)
{
	for (size_t i = 0; i < house->relay_count; i++) {
		if (strcmp(house->relays[i].id.text, id) == 0)
			return (int)i;
	}
	return -1;
}

const char *battery_address(const struct battery_config *battery)
{
	switch (battery->transport) {
	case SENSOR_COAP:
		return battery->uri;
	case SENSOR_SOURCE:
		return battery->source.text;
	case SENSOR_MQTT:
	default:
		return battery->topic;
	}
}

const char *relay_address(const struct relay_config *relay)
{
	if (relay->entity[0] != '\0')
		return relay->entity;
	return relay->source.text[0] != '\0' ? relay->source.text : relay->uri;
}

bool relay_is_over_mqtt(const struct relay_config *relay)
{
	return relay->source.text[0] != '\0' || relay->entity[0] != '\0';
}

const char *battery_transport(const struct battery_config *battery)
{
	return battery->transport == SENSOR_COAP || battery->source_is_coap ? "coap" : "mqtt";
}

const char *relay_transport(const struct relay_config *relay)
{
	return relay_is_over_mqtt(relay) && !relay->source_is_coap ? "mqtt" : "coap";
}

const char *outlet_kind_name(enum outlet_kind kind)
{
	static const char *const names[] = {
	    [OUTLET_WEBHOOK] = "webhook",
	    [OUTLET_NTFY] = "ntfy",
	    [OUTLET_EMAIL] = "email",
	    [OUTLET_MQTT] = "mqtt",
	};

	return names[kind];
}
