/*
 * What a house says in the open: channels that leave this machine and are not
 * encrypted. A person is told of them at the start and in `amphora status`.
 */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "model/house.h"

#define PLAIN_ADDRESS_MAX (PATH_TEXT_MAX + 16)

enum plain_kind {
	PLAIN_BROKER,
	PLAIN_RELAY,
	PLAIN_SENSOR,
	PLAIN_SOURCE, /* a CoAP node of another make */
	PLAIN_REGISTRATION,
	PLAIN_SERVER,
	PLAIN_WEB,
	PLAIN_OUTLET,
};

struct plain_channel {
	enum plain_kind kind;
	const char *subject; /* the relay's, battery's, source's or outlet's id, "" for the others;
				borrowed */
	char address[PLAIN_ADDRESS_MAX];
};

/*
 * Calls `visit` for each of the channels of `house`, which are borrowed for the call.
 * Loopback addresses and Unix sockets are no such channels. A relay or a source over CoAP
 * without a uri counts if nodes can register in the open.
 */
void plain_channels_visit(const struct house *house,
			  void (*visit)(void *user, const struct plain_channel *channel),
			  void *user);

/* "mqtt", "relay", "sensor", "source", "registration", "server", "web", "outlet" */
const char *plain_kind_name(enum plain_kind kind);

/* One sentence: what goes over it, and what encrypts it. */
void plain_channel_format(const struct plain_channel *channel, struct text *out);

/* Whether `host`, a name or a numeric address without brackets, is this machine itself. */
bool host_is_loopback(const char *host);

/* Whether a url of a web or mail server leads to this machine; false where it is none. */
bool url_is_loopback(const char *text);

/* Whether a CoAP uri leads to this machine; false where it is none. */
bool uri_is_loopback(const char *text);
