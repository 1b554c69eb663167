/*
 * Relays of the hub: a command goes out at once and ends in one report; how the
 * relay really stands comes by observation, by a read after each command that
 * observation has not confirmed, and by a read every now and then. What follows
 * from a report is the core's (core/relay).
 */
#include <errno.h>
#include <string.h>

#include "adapt/coap_hub_parts.h"
#include "wire/relay_message.h"

#define READ_AGAIN_MS 10000 /* at most, after a read that failed */
#define LEASE_WORTH_MS 1000 /* what is left of a shorter one is not worth a switch */

static struct coap_relay *relay_at(struct coap_hub *hub, size_t index);
static void read_answered(struct coap_peer *peer, const struct coap_answer *answer);
static void read_failed(struct coap_peer *peer, bool is_refused, const char *detail);
static void write_answered(struct coap_peer *peer, const struct coap_answer *answer);
static void write_failed(struct coap_peer *peer, bool is_refused, const char *detail);
static bool compose(struct coap_peer *peer, struct peer_message *out);
static bool parse(struct coap_peer *peer, const struct coap_answer *answer,
		  struct relay_status *status);

const struct peer_actions relay_actions = {
    .read_answered = read_answered,
    .read_failed = read_failed,
    .write_answered = write_answered,
    .write_failed = write_failed,
    .compose = compose,
};

int coap_hub_set_relay(struct coap_hub *hub, size_t index, const char *uri)
{
	struct coap_place place;
	const struct shared_key *key;

	if (index >= RELAYS_MAX || coap_place_parse(&place, uri) < 0)
		return -EINVAL;
	key = &hub->relay_keys[index].key;
	if (place.is_secure != (key->length > 0))
		return -EPERM;
	return peer_set(&hub->relays[index].peer, hub, index, &relay_actions, &place, key, true);
}

void coap_hub_unset_relay(struct coap_hub *hub, size_t index)
{
	if (index < RELAYS_MAX)
		peer_leave(&hub->relays[index].peer);
}

void coap_hub_set_readback(struct coap_hub *hub, uint64_t readback_ms)
{
	hub->readback_ms = readback_ms;
	for (size_t i = 0; i < RELAYS_MAX; i++) {
		if (hub->relays[i].peer.is_set)
			peer_read_within(&hub->relays[i].peer, readback_ms);
	}
}

int coap_hub_command(struct coap_hub *hub, size_t index, const struct relay_command *command,
		     uint64_t tag)
{
	struct coap_relay *relay = relay_at(hub, index);

	if (!relay)
		return -EINVAL;
	hub->counters.commands++;
	hub->counters.superseded += relay->peer.write.is_open;
	relay->tag = tag;
	relay->wanted_on = command->is_on;
	relay->command = *command;
	relay->commanded_at_ms = peer_now_ms(&relay->peer);
	relay->is_confirmed = false;
	peer_write(&relay->peer);
	/* What a read under way will say may be older than this command. */
	if (relay->peer.read.is_open && !relay->peer.read_is_registration) {
		peer_abandon_read(&relay->peer);
		peer_read_after(&relay->peer, COAP_CONFIRM_MS);
	}
	return 0;
}

void coap_hub_read_relay(struct coap_hub *hub, size_t index)
{
	struct coap_relay *relay = relay_at(hub, index);

	if (relay)
		peer_read_within(&relay->peer, 0);
}

static struct coap_relay *relay_at(struct coap_hub *hub, size_t index)
{
	if (index >= RELAYS_MAX || !hub->relays[index].peer.is_set ||
	    hub->relays[index].peer.place.host[0] == '\0')
		return NULL;
	return &hub->relays[index];
}

static void read_answered(struct coap_peer *peer, const struct coap_answer *answer)
{
	struct coap_relay *relay = (struct coap_relay *)peer;
	struct relay_status status;

	peer_read_after(peer, peer->hub->readback_ms);
	if (!parse(peer, answer, &status)) {
		relay_report_failure(relay, false, true, "its answer is not a relay's");
		return;
	}
	if (status.is_on == relay->wanted_on && answer->is_notification)
		relay->is_confirmed = true;
	relay_report(relay, ANSWER_READBACK, &status, 0);
}

static void read_failed(struct coap_peer *peer, bool is_refused, const char *detail)
{
	uint64_t again_ms = peer->hub->readback_ms;

	peer_read_after(peer, again_ms < READ_AGAIN_MS ? again_ms : READ_AGAIN_MS);
	relay_report_failure((struct coap_relay *)peer, false, is_refused, detail);
}

/*
 * A device of another make may acknowledge without saying how it stands: that
 * confirms nothing, and it is read at once.
 */
static void write_answered(struct coap_peer *peer, const struct coap_answer *answer)
{
	struct coap_relay *relay = (struct coap_relay *)peer;
	struct relay_status status = {.clock_factor = 1};

	if (answer->length > 0 && !parse(peer, answer, &status)) {
		write_failed(peer, true, "its answer is not a relay's");
		return;
	}
	if (answer->length == 0)
		peer_read_within(peer, 0);
	else if (!relay->is_confirmed)
		peer_read_within(peer, COAP_CONFIRM_MS);
	relay_report(relay, answer->length == 0 ? ANSWER_TAKEN : ANSWER_COMMAND, &status,
		     relay->tag);
}

static void write_failed(struct coap_peer *peer, bool is_refused, const char *detail)
{
	if (is_refused)
		peer->hub->counters.refusals++;
	else
		peer->hub->counters.timeouts++;
	relay_report_failure((struct coap_relay *)peer, true, is_refused, detail);
}

/*
 * A lease ends when it was meant to end, however long its command has waited for a
 * secure session: it is shorter by that, and an ON without any left is not sent.
 */
bool relay_command_now(const struct coap_relay *relay, struct relay_command *out)
{
	const struct coap_peer *peer = &relay->peer;
	struct relay_command command = relay->command;
	uint64_t waited_ms = peer_now_ms(peer) - relay->commanded_at_ms;

	if (command.is_on && command.has_lease && waited_ms > 0) {
		command.lease_ms -= (int64_t)(waited_ms * peer->hub->clock_factor);
		if (command.lease_ms < LEASE_WORTH_MS)
			return false;
	}
	*out = command;
	return true;
}

static bool compose(struct coap_peer *peer, struct peer_message *out)
{
	struct relay_command command;

	if (!relay_command_now((struct coap_relay *)peer, &command))
		return false;
	relay_request_format(&out->payload, FORMAT_JSON, &command);
	return true;
}

static bool parse(struct coap_peer *peer, const struct coap_answer *answer,
		  struct relay_status *status)
{
	enum message_format format = answer->is_text ? FORMAT_TEXT : FORMAT_JSON;

	if (relay_status_parse(status, format, answer->payload, answer->length, NULL) ==
	    REFUSAL_NONE)
		return true;
	peer->hub->counters.bad_answers++;
	return false;
}

void relay_report(struct coap_relay *relay, enum relay_answer answer,
		  const struct relay_status *status, uint64_t tag)
{
	const struct coap_hub_handlers *handlers = &relay->peer.hub->handlers;

	if (handlers->on_relay_status)
		handlers->on_relay_status(handlers->user, relay->peer.index, answer, status, tag);
}

void relay_report_failure(struct coap_relay *relay, bool is_command, bool is_refused,
			  const char *detail)
{
	const struct coap_hub_handlers *handlers = &relay->peer.hub->handlers;

	if (handlers->on_relay_failed)
		handlers->on_relay_failed(handlers->user, relay->peer.index, is_command,
					  is_command ? relay->tag : 0, is_refused, detail);
}
