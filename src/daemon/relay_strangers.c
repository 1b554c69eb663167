/*
 * Strangers among the relays. What registers proves nothing, and is only ever read at the address
 * that it spoke from; a list of UNKNOWN_RELAYS_MAX is kept, of which the one that was silent for
 * longest makes room. That a stranger is open must be fresh when it is let in, so it is read again
 * every READ_AGAIN_MS.
 */
#include "daemon/relay_strangers.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "daemon/admissions.h"
#include "daemon/daemon.h"
#include "wire/plain_channel.h"

#define READ_AGAIN_MS 10000 /* real */
#define READ_LONG_MS 6000   /* real; the hub reports before */
#define NO_ANSWER "no answer"

static bool is_at(const struct unknown_relay *relay, const char *uri)
{
	return relay->uri[0] != '\0' && strcmp(relay->uri, uri) == 0;
}

static bool is_of_house(const struct house *house, const char *uri)
{
	for (size_t i = 0; i < house->relay_count; i++)
		if (strcmp(house->relays[i].uri, uri) == 0)
			return true;
	return false;
}

/* The entry of `uri`; else a free one, or that of the one that was silent for longest. */
static struct unknown_relay *entry_for(struct daemon *daemon, const char *uri)
{
	struct unknown_relay *list = daemon->status.unknown_relays, *oldest = &list[0];

	for (size_t i = 0; i < UNKNOWN_RELAYS_MAX; i++) {
		if (is_at(&list[i], uri))
			return &list[i];
		if (list[i].heard_at.ms < oldest->heard_at.ms)
			oldest = &list[i];
	}
	return oldest;
}

/* Returns whether it is new. */
static bool take(struct daemon *daemon, const struct ident *node, const char *uri)
{
	struct unknown_relay *relay;
	bool is_new;

	if (is_of_house(&daemon->house, uri) || strlen(uri) >= sizeof relay->uri)
		return false;
	relay = entry_for(daemon, uri);
	is_new = !is_at(relay, uri);
	/* What it has answered counts for more than what it registers as. */
	if (is_new || (node != NULL && !relay->is_read && !ident_equal(&relay->name, node))) {
		*relay = (struct unknown_relay){0};
		strcpy(relay->uri, uri);
		if (node != NULL)
			relay->name = *node;
		daemon->relay_strangers.read_at[relay - daemon->status.unknown_relays] = 0;
		daemon->relay_strangers.has_news = true;
	}
	relay->heard_at = clock_mono(&daemon->clock);
	return is_new;
}

void relay_strangers_registered(struct daemon *daemon, const struct ident *node, const char *uri)
{
	if (house_find_relay(&daemon->house, node->text) < 0 && take(daemon, node, uri))
		log_info("relay %s at %s is in no configuration: it may be let in, and drives "
			 "nothing until then",
			 node->text, uri);
}

/* ---- looking ---- */

int relay_strangers_look(struct daemon *daemon, const char *address, struct text *error)
{
	struct relay_look *look = &daemon->status.relay_look;
	int result = -EINVAL;

	/* The demo's nodes never leave this machine. */
	if (daemon->house.demo.house_socket[0] != '\0' && !uri_is_loopback(address)) {
		text_add(error, "a demo looks for relays on this machine only");
		return -EINVAL;
	}
	if (look->state == LOOK_UNDER_WAY)
		result = -EBUSY;
	else if (discovery_is_wanted(address) && strlen(address) < sizeof look->address)
		result = coap_hub_discover(daemon->hub, admissions_free_slot(daemon), address);
	if (result != 0) {
		text_add(error, result == -EBUSY ? "another address is being asked: try again"
						 : "an address is coap://host[:port]");
		return result;
	}
	*look = (struct relay_look){.state = LOOK_UNDER_WAY};
	strcpy(look->address, address);
	daemon->relay_strangers.is_asking = true;
	return 0;
}

void relay_strangers_found(struct daemon *daemon, const char *uri)
{
	daemon->status.relay_look.found += take(daemon, NULL, uri);
}

static void end_look(struct daemon *daemon, enum look_state state, const char *detail)
{
	struct relay_look *look = &daemon->status.relay_look;

	look->state = state;
	(void)snprintf(look->detail, sizeof look->detail, "%s", detail);
}

void relay_strangers_look_over(struct daemon *daemon, int result)
{
	daemon->relay_strangers.is_asking = false;
	if (result != 0)
		end_look(daemon, LOOK_FAILED,
			 result == -ETIMEDOUT ? NO_ANSWER : "it does not say what it has");
}

/* It is over once all that it found have said their names, or did not answer. */
static void follow_look(struct daemon *daemon)
{
	if (daemon->status.relay_look.state != LOOK_UNDER_WAY || daemon->relay_strangers.is_asking)
		return;
	for (size_t i = 0; i < UNKNOWN_RELAYS_MAX; i++) {
		const struct unknown_relay *relay = &daemon->status.unknown_relays[i];

		if (relay->uri[0] != '\0' && relay->name.text[0] == '\0')
			return;
	}
	end_look(daemon, LOOK_DONE, "");
}

/* ---- reading ---- */

static void take_status(struct daemon *daemon, struct unknown_relay *relay,
			const struct relay_status *status)
{
	bool is_news = !relay->is_read || relay->is_on != status->is_on ||
		       relay->trouble[0] != '\0' || !ident_equal(&relay->name, &status->node);

	relay->name = status->node;
	relay->is_read = true;
	relay->is_on = status->is_on;
	relay->trouble[0] = '\0';
	relay->heard_at = clock_mono(&daemon->clock);
	daemon->relay_strangers.has_news |= is_news;
}

static void take_trouble(struct daemon *daemon, struct unknown_relay *relay, const char *detail)
{
	daemon->relay_strangers.has_news |= relay->is_read || relay->trouble[0] == '\0';
	relay->is_read = false;
	(void)snprintf(relay->trouble, sizeof relay->trouble, "%s", detail);
	if (relay->name.text[0] != '\0')
		return;
	/* Of one without a name nobody could say anything. */
	if (daemon->status.relay_look.state == LOOK_UNDER_WAY) {
		daemon->status.relay_look.found--;
		log_info("%s does not answer as a relay: %s", relay->uri, detail);
	}
	relay_strangers_leave(daemon, relay);
}

void relay_strangers_heard(struct daemon *daemon, size_t slot, const struct relay_status *status,
			   const char *detail)
{
	struct relay_strangers *strangers = &daemon->relay_strangers;
	struct unknown_relay *relay = entry_for(daemon, strangers->reading);

	if (!strangers->is_reading || strangers->is_read_over || slot != strangers->slot)
		return;
	strangers->is_read_over = true;
	if (!is_at(relay, strangers->reading))
		return;
	if (status != NULL && status->node.text[0] != '\0')
		take_status(daemon, relay, status);
	else
		take_trouble(daemon, relay, status != NULL ? "it does not say its name" : detail);
}

/* The one whose turn it is, or NULL. */
static struct unknown_relay *next_to_read(struct daemon *daemon)
{
	const struct relay_strangers *strangers = &daemon->relay_strangers;
	struct unknown_relay *list = daemon->status.unknown_relays;
	size_t next = 0;

	for (size_t i = 0; i < UNKNOWN_RELAYS_MAX; i++)
		if (list[i].uri[0] != '\0' &&
		    (list[next].uri[0] == '\0' || strangers->read_at[i] < strangers->read_at[next]))
			next = i;
	return list[next].uri[0] != '\0' &&
		       (strangers->read_at[next] == 0 ||
			uv_now(daemon->loop) - strangers->read_at[next] >= READ_AGAIN_MS)
		   ? &list[next]
		   : NULL;
}

static void read_next(struct daemon *daemon)
{
	struct relay_strangers *strangers = &daemon->relay_strangers;
	struct unknown_relay *relay = next_to_read(daemon);

	if (relay == NULL || daemon->house.relay_count == RELAYS_MAX)
		return;
	strangers->since = uv_now(daemon->loop);
	strangers->read_at[relay - daemon->status.unknown_relays] = strangers->since;
	strangers->slot = admissions_free_slot(daemon);
	strangers->is_read_over = false;
	strcpy(strangers->reading, relay->uri);
	strangers->is_reading = coap_hub_set_relay(daemon->hub, strangers->slot, relay->uri) == 0;
	if (!strangers->is_reading)
		take_trouble(daemon, relay, "its address is not understood");
}

static void end_reading(struct daemon *daemon)
{
	coap_hub_unset_relay(daemon->hub, daemon->relay_strangers.slot);
	daemon->relay_strangers.is_reading = false;
}

struct unknown_relay *relay_strangers_find(struct daemon *daemon, const struct ident *name,
					   const char *uri)
{
	struct unknown_relay *found = NULL;

	for (size_t i = 0; i < UNKNOWN_RELAYS_MAX; i++) {
		struct unknown_relay *relay = &daemon->status.unknown_relays[i];

		if (relay->uri[0] == '\0' || !ident_equal(&relay->name, name) ||
		    (uri[0] != '\0' && strcmp(relay->uri, uri) != 0))
			continue;
		if (found != NULL)
			return NULL;
		found = relay;
	}
	return found;
}

void relay_strangers_leave(struct daemon *daemon, struct unknown_relay *relay)
{
	struct relay_strangers *strangers = &daemon->relay_strangers;

	if (strangers->is_reading && is_at(relay, strangers->reading))
		strangers->is_read_over = true;
	*relay = (struct unknown_relay){0};
}

void relay_strangers_second(struct daemon *daemon)
{
	struct relay_strangers *strangers = &daemon->relay_strangers;

	if (strangers->is_reading && !strangers->is_read_over &&
	    uv_now(daemon->loop) - strangers->since > READ_LONG_MS)
		relay_strangers_heard(daemon, strangers->slot, NULL, NO_ANSWER);
	/* Not while the hub reports it: it may still use what would be let go. */
	if (strangers->is_reading && strangers->is_read_over)
		end_reading(daemon);
	if (!strangers->is_reading)
		read_next(daemon);
	follow_look(daemon);
	if (strangers->has_news)
		api_event_nodes(daemon->api);
	strangers->has_news = false;
}
