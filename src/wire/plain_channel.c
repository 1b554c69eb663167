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

static bool leads_to_loopback(const struct coap_uri *uri)
{
	char room[HOST_MAX];
	struct text host = text_in(room, sizeof room);

	text_add(&host, "%.*s", (int)uri->host_length, uri->host);
	return host_is_loopback(room);
}

bool uri_is_loopback(const char *text)
{
	struct coap_uri uri;

	return coap_uri_parse(&uri, text) == 0 && leads_to_loopback(&uri);
}

static bool uri_leaves_in_the_open(const char *text)
{
	struct coap_uri uri;

	return coap_uri_parse(&uri, text) == 0 && !uri.is_secure && !leads_to_loopback(&uri);
}

bool url_is_loopback(const char *text)
{
	char room[HOST_MAX];
	struct text host = text_in(room, sizeof room);
	struct service_url url;

	if (service_url_parse(&url, text) != 0)
		return false;
	text_add(&host, "%.*s", (int)url.host_length, url.host);
	return host_is_loopback(room);
}

/* Mail without tls: required may go without; what is encrypted from the first byte never does. */
static bool outlet_is_open(const struct outlet_config *outlet)
{
	struct service_url url;

	return service_url_parse(&url, outlet->url) == 0 && outlet->tls == OUTLET_TLS_OFF &&
	       (url.scheme == URL_HTTP || url.scheme == URL_SMTP) && !url_is_loopback(outlet->url);
}

struct visitor {
	void (*visit)(void *user, const struct plain_channel *channel);
	void *user;
};

static void tell(const struct visitor *visitor, enum plain_kind kind, const char *subject,
		 const char *address)
{
	struct plain_channel channel = {.kind = kind, .subject = subject};
	struct text text = text_in(channel.address, sizeof channel.address);

	text_add(&text, "%s", address);
	visitor->visit(visitor->user, &channel);
}

static void tell_host(const struct visitor *visitor, enum plain_kind kind, const char *host,
		      unsigned port)
{
	char room[PLAIN_ADDRESS_MAX];
	struct text address = text_in(room, sizeof room);
	bool is_v6 = strchr(host, ':') != NULL;

	text_add(&address, "%s%s%s:%u", is_v6 ? "[" : "", host, is_v6 ? "]" : "", port);
	tell(visitor, kind, "", room);
}

static void visit_coap(const struct house *house, const struct visitor *visitor)
{
	const struct listen_config *listen = &house->coap.listen;
	bool registers_in_the_open =
	    listen->address[0] != '\0' && !host_is_loopback(listen->address);

	for (size_t i = 0; i < house->relay_count; i++) {
		const struct relay_config *relay = &house->relays[i];

		if (uri_leaves_in_the_open(relay->uri))
			tell(visitor, PLAIN_RELAY, relay->id.text, relay->uri);
		else if (relay->uri[0] == '\0' && !relay_is_over_mqtt(relay) &&
			 relay->key_file[0] == '\0' && registers_in_the_open)
			tell(visitor, PLAIN_RELAY, relay->id.text, "where it registers");
	}
	for (size_t i = 0; i < house->battery_count; i++) {
		const struct battery_config *battery = &house->batteries[i];

		if (uri_leaves_in_the_open(battery->uri))
			tell(visitor, PLAIN_SENSOR, battery->id.text, battery->uri);
	}
	for (size_t i = 0; i < house->coap_source_count; i++) {
		const struct coap_source_config *source = &house->coap_sources[i];

		if (uri_leaves_in_the_open(source->uri))
			tell(visitor, PLAIN_SOURCE, source->id.text, source->uri);
		else if (source->uri[0] == '\0' && registers_in_the_open)
			tell(visitor, PLAIN_SOURCE, source->id.text, "where it registers");
	}
	if (registers_in_the_open)
		tell_host(visitor, PLAIN_REGISTRATION, listen->address, listen->port);
}

/* The host alone: a path is as good as a password with ntfy and many a webhook. */
static void tell_outlet(const struct visitor *visitor, const struct outlet_config *outlet)
{
	char room[PLAIN_ADDRESS_MAX];
	struct text address = text_in(room, sizeof room);
	struct service_url url;

	if (service_url_parse(&url, outlet->url) != 0)
		return;
	text_add(&address, "%.*s", (int)url.host_length, url.host);
	tell(visitor, PLAIN_OUTLET, outlet->name.text, room);
}

void plain_channels_visit(const struct house *house,
			  void (*visit)(void *user, const struct plain_channel *channel),
			  void *user)
{
	const struct visitor visitor = {visit, user};
	const struct broker_config *broker = &house->broker;
	const struct server_config *server = &house->store.server;
	const struct web_config *web = &house->web;

	if (broker->host[0] != '\0' && !broker->tls.is_required && !host_is_loopback(broker->host))
		tell_host(&visitor, PLAIN_BROKER, broker->host, broker->port);
	visit_coap(house, &visitor);
	if (server->is_configured && server->socket[0] == '\0' && !server->tls_is_required &&
	    !host_is_loopback(server->host))
		tell_host(&visitor, PLAIN_SERVER, server->host, server->port);
	if (web->listen.address[0] != '\0' && web->certificate[0] == '\0' &&
	    !host_is_loopback(web->listen.address))
		tell_host(&visitor, PLAIN_WEB, web->listen.address, web->listen.port);
	for (size_t i = 0; i < house->outlet_count; i++)
		if (outlet_is_open(&house->outlets[i]))
			tell_outlet(&visitor, &house->outlets[i]);
}

const char *plain_kind_name(enum plain_kind kind)
{
	static const char *const names[] = {
	    [PLAIN_BROKER] = "mqtt",   [PLAIN_RELAY] = "relay",
	    [PLAIN_SENSOR] = "sensor", [PLAIN_SOURCE] = "source",
	    [PLAIN_REGISTRATION] = "registration",
	    [PLAIN_SERVER] = "server", [PLAIN_WEB] = "web",
	    [PLAIN_OUTLET] = "outlet",
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
	case PLAIN_SOURCE:
		text_add(out,
			 "not encrypted: source %s (%s) is read and commanded in the open, and "
			 "anybody can answer in its place; keep it in a network of its own",
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
	case PLAIN_WEB:
		text_add(out,
			 "not encrypted: passwords and commands go to and from %s in the open; "
			 "web.certificate and web.key encrypt them",
			 channel->address);
		break;
	case PLAIN_OUTLET:
		text_add(
		    out,
		    "not encrypted: alerts and the password of outlet %s go to %s in the open; "
		    "https:// or tls: required encrypts them",
		    channel->subject, channel->address);
		break;
	}
}
