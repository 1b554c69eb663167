/* Which channels of a house are not encrypted, see plain_channel.h; from its words alone. */
#include "wire/plain_channel.h"

#include <string.h>

#include "wire/config_value.h"

#define HOST_MAX 256

bool host_is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
	       strncmp(host, "127.", 4) == 0;
}

static bool uri_leaves_in_the_open(const char *text)
{
	char room[HOST_MAX];
	struct text host = text_in(room, sizeof room);
	struct coap_uri uri;

	if (coap_uri_parse(&uri, text) != 0 || uri.is_secure)
		return false;
	text_add(&host, "%.*s", (int)uri.host_length, uri.host);
	return !host_is_loopback(room);
}

static struct plain_channel *add(struct plain_channel *out, size_t *count, enum plain_kind kind,
				 const char *subject)
{
	struct plain_channel *channel = &out[(*count)++];

	*channel = (struct plain_channel){.kind = kind, .subject = subject};
	return channel;
}

static void set_address(struct plain_channel *channel, const char *host, unsigned port)
{
	struct text address = text_in(channel->address, sizeof channel->address);
	bool is_v6 = strchr(host, ':') != NULL;

	text_add(&address, "%s%s%s:%u", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
}

static void set_uri(struct plain_channel *channel, const char *uri)
{
	struct text address = text_in(channel->address, sizeof channel->address);

	text_add(&address, "%s", uri);
}

static bool registers_in_the_open(const struct coap_config *coap)
{
	return coap->listen.address[0] != '\0' && !host_is_loopback(coap->listen.address);
}

static void add_coap(struct plain_channel *out, size_t *count, const struct house *house)
{
	bool is_open = registers_in_the_open(&house->coap);

	for (size_t i = 0; i < house->relay_count; i++) {
		const struct relay_config *relay = &house->relays[i];

		if (uri_leaves_in_the_open(relay->uri))
			set_uri(add(out, count, PLAIN_RELAY, relay->id.text), relay->uri);
		else if (relay->uri[0] == '\0' && relay->key_file[0] == '\0' && is_open)
			set_uri(add(out, count, PLAIN_RELAY, relay->id.text), "where it registers");
	}
	for (size_t i = 0; i < house->battery_count; i++) {
		const struct battery_config *battery = &house->batteries[i];

		if (uri_leaves_in_the_open(battery->uri))
			set_uri(add(out, count, PLAIN_SENSOR, battery->id.text), battery->uri);
	}
	if (is_open)
		set_address(add(out, count, PLAIN_REGISTRATION, ""), house->coap.listen.address,
			    house->coap.listen.port);
}

size_t plain_channels(struct plain_channel out[PLAIN_CHANNELS_MAX], const struct house *house)
{
	const struct broker_config *broker = &house->broker;
	const struct server_config *server = &house->store.server;
	size_t count = 0;

	if (broker->host[0] != '\0' && !broker->tls.is_required && !host_is_loopback(broker->host))
		set_address(add(out, &count, PLAIN_BROKER, ""), broker->host, broker->port);
	add_coap(out, &count, house);
	if (server->is_configured && server->socket[0] == '\0' && !server->tls_is_required &&
	    !host_is_loopback(server->host))
		set_address(add(out, &count, PLAIN_SERVER, ""), server->host, server->port);
	return count;
}

const char *plain_kind_name(enum plain_kind kind)
{
	static const char *const names[] = {
	    [PLAIN_BROKER] = "mqtt",
	    [PLAIN_RELAY] = "relay",
	    [PLAIN_SENSOR] = "sensor",
	    [PLAIN_REGISTRATION] = "registration",
	    [PLAIN_SERVER] = "server",
	};

	return names[kind];
}

void plain_channel_format(const struct plain_channel *channel, struct text *out)
{
	switch (channel->kind) {
	case PLAIN_BROKER:
		text_add(out,
			 "not encrypted: readings and the password go to and from the broker %s in "
			 "the open; mqtt.tls: required encrypts them",
			 channel->address);
		break;
	case PLAIN_RELAY:
		text_add(out,
			 "not encrypted: relay %s (%s) obeys whoever reaches it; a key_file and "
			 "coaps:// encrypt its commands",
			 channel->subject, channel->address);
		break;
	case PLAIN_SENSOR:
		text_add(out,
			 "not encrypted: the sensor of battery %s is read at %s in the open; a "
			 "key_file and coaps:// encrypt that",
			 channel->subject, channel->address);
		break;
	case PLAIN_REGISTRATION:
		text_add(out,
			 "not encrypted: nodes register at %s in the open, and a name is all that "
			 "they show; coap.listen_secure asks for their keys",
			 channel->address);
		break;
	case PLAIN_SERVER:
		text_add(out,
			 "not encrypted: readings and the password go to the database server %s in "
			 "the open; store.server.tls: required encrypts them",
			 channel->address);
		break;
	}
}
