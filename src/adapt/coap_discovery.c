/*
 * Discovery: asks a machine for its /.well-known/core and reports the relays in
 * it. Reading the answer is wire/link_format's; adding a relay is a person's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adapt/coap_hub_parts.h"
#include "wire/link_format.h"

#define URI_MAX 320
#define WELL_KNOWN_CORE ".well-known/core"
#define LINK_TYPE_DIRECTORY "core.rd" /* RFC 9176 */
#define DIRECTORIES_MAX 4

static void read_answered(struct coap_peer *peer, const struct coap_answer *answer);
static void read_failed(struct coap_peer *peer, bool is_refused, const char *detail);
static void report(struct coap_peer *peer, const char *target);
static void end(struct coap_peer *peer, int result);

const struct peer_actions discovery_actions = {.read_answered = read_answered,
					       .read_failed = read_failed};

int coap_hub_discover(struct coap_hub *hub, size_t index, const char *base)
{
	char uri[URI_MAX];
	struct coap_place place;
	const struct shared_key *key;
	int len = (int)strlen(base);

	if (hub->is_discovering)
		return -EBUSY;
	if (len > 0 && base[len - 1] == '/')
		len--;
	len = snprintf(uri, sizeof(uri), "%.*s/" WELL_KNOWN_CORE, len, base);
	if (index >= RELAYS_MAX || len < 0 || (size_t)len >= sizeof(uri) ||
	    coap_place_parse(&place, uri) < 0 || strcmp(place.path, WELL_KNOWN_CORE) != 0)
		return -EINVAL;
	key = &hub->relay_keys[index].key;
	if (place.is_secure != (key->length > 0))
		return -EPERM;
	hub->is_discovering = true;
	return peer_set(&hub->discovery, hub, 0, &discovery_actions, &place, key, false);
}

/* What a resource directory keeps of a node bears the node's type, and is no relay. */
static bool is_entry(const char *target, char directories[][LINK_TARGET_MAX], int count)
{
	for (int i = 0; i < count; i++) {
		size_t length = strlen(directories[i]);

		if (strncmp(target, directories[i], length) == 0 && target[length] == '/')
			return true;
	}
	return false;
}

static void read_answered(struct coap_peer *peer, const struct coap_answer *answer)
{
	char targets[RELAYS_MAX][LINK_TARGET_MAX];
	char directories[DIRECTORIES_MAX][LINK_TARGET_MAX];
	int count =
	    links_find(targets, RELAYS_MAX, LINK_TYPE_RELAY, answer->payload, answer->length);
	int directory_count = links_find(directories, DIRECTORIES_MAX, LINK_TYPE_DIRECTORY,
					 answer->payload, answer->length);

	for (int i = 0; i < count && i < RELAYS_MAX; i++) {
		if (!is_entry(targets[i], directories, directory_count))
			report(peer, targets[i]);
	}
	end(peer, count < 0 ? count : 0);
}

static void read_failed(struct coap_peer *peer, bool is_refused, const char *detail)
{
	(void)detail;
	end(peer, is_refused ? -EPROTO : -ETIMEDOUT);
}

static void report(struct coap_peer *peer, const char *target)
{
	const struct coap_hub_handlers *handlers = &peer->hub->handlers;
	const struct coap_place *place = &peer->place;
	bool is_v6 = strchr(place->host, ':') != NULL;
	char uri[URI_MAX];
	struct text text = text_in(uri, sizeof(uri));

	text_add(&text, "%s://%s%s%s:%u%s", place->is_secure ? "coaps" : "coap", is_v6 ? "[" : "",
		 place->host, is_v6 ? "]" : "", place->port, target);
	if (handlers->on_discovered && !text.is_cut)
		handlers->on_discovered(handlers->user, uri);
}

static void end(struct coap_peer *peer, int result)
{
	const struct coap_hub_handlers *handlers = &peer->hub->handlers;

	peer_read_never(peer);
	peer->hub->is_discovering = false;
	if (handlers->on_discovery_done)
		handlers->on_discovery_done(handlers->user, result);
}
