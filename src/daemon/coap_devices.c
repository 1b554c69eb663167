/*
 * Devices of other makes over CoAP: where they are, by the configuration or by their own
 * registration, and what they answer. Relays go through the hub as our own do.
 *
 * A registration proves nothing. A source without a uri takes the address of the first node
 * that registers under its id, or from the address that is its id, and keeps it: another
 * address under that name is refused until we start again.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "daemon/devices_parts.h"

#define TELL_AGAIN_MS 10000 /* real: of what strangers do, at most so often */

static int open_relay(struct daemon *daemon, size_t index, size_t number, const char *uri,
		      const struct shared_key *key)
{
	const struct relay_config *relay = &daemon->house.relays[index];
	const struct source *source = &daemon->devices->sources->entries[number];

	if (source->write.is_blind)
		log_warning("relay %s can not be read: what it was told is never confirmed, and "
			    "the battery's other path stays open beside it",
			    relay->id.text);
	if (coap_hub_set_relay_key(daemon->hub, daemon->relay_slots[index], &relay->id, key) != 0)
		return -EINVAL;
	return coap_hub_set_device_relay(daemon->hub, daemon->relay_slots[index], &relay->id, source, uri);
}

/* Everything of source `number` is at `uri`. Returns 0 or a negative errno. */
static int open_at(struct daemon *daemon, size_t number, const char *uri,
		   const struct shared_key *key)
{
	const struct source *source = &daemon->devices->sources->entries[number];
	const struct device *device = &daemon->devices->list[number];
	int result = 0;

	for (size_t i = 0; i < daemon->house.relay_count && result == 0; i++) {
		if (ident_equal(&daemon->house.relays[i].source, &source->id))
			result = open_relay(daemon, i, number, uri, key);
	}
	if (result == 0 && (device->battery >= 0 || device->is_any_meter))
		result = coap_hub_set_source(daemon->hub, number, source, uri, key);
	return result;
}

/* Where it is by the configuration, with its key where it has one. */
static int open_source(struct daemon *daemon, size_t number, struct text *error)
{
	const struct source *source = &daemon->devices->sources->entries[number];
	const char *identity = source->identity != NULL ? source->identity : source->id.text;
	struct shared_key key = {0};
	int result = 0;

	if (source->key_file != NULL)
		result = shared_key_read(&key, source->key_file, identity, error);
	if (result != 0)
		return result;
	result = open_at(daemon, number, source->uri, &key);
	explicit_bzero(&key, sizeof key);
	if (result != 0)
		text_add(error, "source %s: %s: %s", source->id.text, source->uri,
			 strerror(-result));
	return result;
}

int coap_devices_open(struct daemon *daemon, struct text *error)
{
	const struct sources *sources = daemon->devices->sources;
	int result = 0;

	for (size_t i = 0; i < sources->count && result == 0; i++) {
		const struct source *source = &sources->entries[i];

		if (source->is_coap && source->uri != NULL)
			result = open_source(daemon, i, error);
	}
	return result;
}

void coap_devices_answered(void *user, size_t number, const struct source_coap_answer *answer)
{
	struct daemon *daemon = user;
	struct device *device = &daemon->devices->list[number];
	const struct source *source = &daemon->devices->sources->entries[number];
	struct source_now now = devices_now(daemon);
	bool has_room = daemon_has_room(daemon);
	struct arrival arrival = {
	    .topic = source->id.text,
	    .node =
		device->battery >= 0 ? &daemon->house.batteries[device->battery].node : &source->id,
	    .payload = answer->payload,
	    .length = answer->length,
	    .payload_hash = hash_bytes(answer->payload, answer->length),
	    .is_stored = has_room,
	};
	struct source_news news;

	daemon->status.journal.dropped += !has_room;
	source_coap_take(&news, source, &device->state, answer, &now);
	devices_take_news(daemon, number, &news, &arrival);
}

void coap_devices_failed(void *user, size_t number, const char *path, const char *detail)
{
	struct daemon *daemon = user;

	/* Its values grow old, which is what decides; this is for whoever looks for the cause. */
	log_debug("source %s, %s: %s", daemon->devices->sources->entries[number].id.text, path,
		  detail);
}

/* ---- nodes that register ---- */

/* The source without a uri that waits for that name or address, or -1. */
static int waiting_for(const struct devices *devices, const struct ident *name, const char *address)
{
	for (size_t i = 0; i < devices->sources->count; i++) {
		const struct source *source = &devices->sources->entries[i];

		if (source->is_coap && source->uri == NULL &&
		    (ident_equal(&source->id, name) || strcmp(source->id.text, address) == 0))
			return (int)i;
	}
	return -1;
}

/* Whether people are to be told now: whoever registers without end fills no log. */
static bool is_to_be_told(struct daemon *daemon)
{
	struct devices *devices = daemon->devices;
	uint64_t now_ms = uv_now(daemon->loop);

	if (devices == NULL ||
	    (devices->stranger_told_at != 0 && now_ms - devices->stranger_told_at < TELL_AGAIN_MS))
		return false;
	devices->stranger_told_at = now_ms;
	return true;
}

static bool is_anothers(const struct device *device, const char *address)
{
	return device->address[0] != '\0' && strcmp(device->address, address) != 0;
}

static bool refuse(struct daemon *daemon, const struct device *device, const struct ident *name,
		   const char *address)
{
	if (is_to_be_told(daemon))
		log_warning("node %s registered from %s, and is at %s: refused", name->text,
			    address, device->address);
	return false;
}

bool coap_devices_registered(void *user, const struct ident *name, const char *address,
			     const char *uri)
{
	struct daemon *daemon = user;
	int number = daemon->devices != NULL ? waiting_for(daemon->devices, name, address) : -1;
	const struct shared_key no_key = {0};
	struct device *device;

	if (number < 0) {
		if (is_to_be_told(daemon))
			log_info("node \"%s\" registered at %s, which no source without a uri "
				 "waits for",
				 name->text, uri);
		return true;
	}
	device = &daemon->devices->list[number];
	if (strcmp(device->uri, uri) == 0)
		return true;
	if (is_anothers(device, address))
		return refuse(daemon, device, name, address);
	if (open_at(daemon, (size_t)number, uri, &no_key) != 0)
		return false;
	snprintf(device->address, sizeof device->address, "%s", address);
	snprintf(device->uri, sizeof device->uri, "%s", uri);
	log_info("source %s registered at %s", daemon->devices->sources->entries[number].id.text,
		 uri);
	return true;
}
