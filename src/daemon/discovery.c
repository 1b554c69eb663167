/*
 * Relays that the configuration names by host alone: what they are called
 * there is asked of the host's /.well-known/core, one host at a time, again
 * and again until it answers.
 */
#include "daemon/daemon.h"

#include <string.h>

#include "base/log.h"

#define DISCOVERY_EVERY_MS 10000 /* real */
#define SCHEME_END "://"

bool discovery_is_wanted(const char *uri)
{
	const char *host = strstr(uri, SCHEME_END), *path;

	if (host == NULL)
		return false;
	path = strchr(host + strlen(SCHEME_END), '/');
	return path == NULL || path[1] == '\0';
}

/* The next relay after the last that was looked for which still has no resource; -1 if none. */
static int next_wanted(const struct daemon *daemon)
{
	size_t count = daemon->house.relay_count;

	for (size_t step = 1; step <= count; step++) {
		size_t i = ((size_t)(daemon->discovering + 1) + step - 1) % count;

		if (discovery_is_wanted(daemon->house.relays[i].uri) &&
		    !daemon->site.relays[i].is_heard)
			return (int)i;
	}
	return -1;
}

void discovery_turn(struct daemon *daemon)
{
	int wanted;

	if (uv_now(daemon->loop) < daemon->discover_at)
		return;
	daemon->discover_at = uv_now(daemon->loop) + DISCOVERY_EVERY_MS;
	wanted = next_wanted(daemon);
	if (wanted < 0)
		return;
	if (coap_hub_discover(daemon->hub, (size_t)wanted, daemon->house.relays[wanted].uri) == 0)
		daemon->discovering = wanted;
}

void discovery_found(void *user, const char *uri)
{
	struct daemon *daemon = user;
	const struct relay_config *relay;

	if (daemon->relay_strangers.is_asking) {
		relay_strangers_found(daemon, uri);
		return;
	}
	/* The first that a host offers; a host with several is configured by resource. */
	if (daemon->discovering < 0 || daemon->site.relays[daemon->discovering].is_heard)
		return;
	relay = &daemon->house.relays[daemon->discovering];
	if (coap_hub_set_relay(daemon->hub, (size_t)daemon->discovering, uri) == 0)
		log_info("relay %s found at %s", relay->id.text, uri);
}

void discovery_done(void *user, int result)
{
	struct daemon *daemon = user;

	if (daemon->relay_strangers.is_asking)
		relay_strangers_look_over(daemon, result);
	else if (result == 0) /* the next one need not wait */
		daemon->discover_at = 0;
}
