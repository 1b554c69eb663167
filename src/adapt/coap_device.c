/*
 * Devices of other makes over CoAP, as their sources say: relays that take a path, a
 * query and a body, and say how they stand in a resource of their own or not at all;
 * and the resources that values are read from. Their bytes are wire/source_coap's.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "adapt/coap_hub_parts.h"
#include "wire/source_command.h"

#define READ_AGAIN_MS 5000 /* after a read that failed */

static void relay_read_answered(struct coap_peer *peer, const struct coap_answer *answer);
static void relay_read_failed(struct coap_peer *peer, bool is_refused, const char *detail);
static void relay_write_answered(struct coap_peer *peer, const struct coap_answer *answer);
static void relay_write_failed(struct coap_peer *peer, bool is_refused, const char *detail);
static bool relay_compose(struct coap_peer *peer, struct peer_message *out);
static void part_answered(struct coap_peer *peer, const struct coap_answer *answer);
static void part_failed(struct coap_peer *peer, bool is_refused, const char *detail);

static const struct peer_actions device_relay_actions = {
    .read_answered = relay_read_answered,
    .read_failed = relay_read_failed,
    .write_answered = relay_write_answered,
    .write_failed = relay_write_failed,
    .compose = relay_compose,
};

static const struct peer_actions part_actions = {.read_answered = part_answered,
						 .read_failed = part_failed};

/* ---- where ---- */

/* IPSO's resources have numbers, and formats of their own. */
static bool is_plain_text(const struct source_row *row)
{
	bool has_number = row->topic[1] >= '0' && row->topic[1] <= '9';

	return row->path == NULL && row->name == NULL && !has_number;
}

static int place_of(struct coap_place *out, const char *uri, const char *path,
		    const struct shared_key *key)
{
	struct coap_target target;

	if (coap_place_parse(out, uri) < 0 || coap_target_parse(&target, path) < 0)
		return -EINVAL;
	if (out->is_secure != (key->length > 0))
		return -EPERM;
	coap_place_aim(out, &target);
	return 0;
}

static const struct source_row *state_row(const struct source *source)
{
	for (size_t i = 0; i < source->row_count && !source->write.is_blind; i++) {
		if (source->rows[i].field == SOURCE_STATE)
			return &source->rows[i];
	}
	return NULL;
}

/* ---- relays ---- */

int coap_hub_set_device_relay(struct coap_hub *hub, size_t index, const struct ident *id,
			      const struct source *source, const char *uri)
{
	const struct source_row *state = state_row(source);
	struct coap_relay *relay = &hub->relays[index];
	const struct shared_key *key = &hub->relay_keys[index].key;
	struct coap_place place;
	int result;

	if (index >= RELAYS_MAX || source->write.on.topic == NULL)
		return -EINVAL;
	result = place_of(&place, uri, state != NULL ? state->topic : source->write.on.topic,
			  key);
	if (result < 0)
		return result;
	place.asks_for_text = state != NULL && is_plain_text(state);
	relay->source = source;
	relay->id = *id;
	relay->path = state != NULL ? state->topic : NULL;
	relay->peer.is_write_only = state == NULL;
	return peer_set(&relay->peer, hub, index, &device_relay_actions, &place, key,
			state != NULL);
}

static bool relay_compose(struct coap_peer *peer, struct peer_message *out)
{
	struct coap_relay *relay = (struct coap_relay *)peer;
	struct source source = *relay->source;
	struct relay_command command;
	struct source_command said;
	enum source_command_answer answer;

	if (!relay_command_now(relay, &command))
		return false;
	/* Who asks for none has the owner's word: config_check_source.c. */
	if (!command.has_lease)
		source.write.lease = SOURCE_LEASE_NONE;
	answer = command.is_on ? source_command_on(&said, &source, command.lease_ms, command.number)
			       : source_command_off(&said, &source, command.number);
	if (answer != SOURCE_COMMAND_GOOD || coap_target_parse(&relay->target, said.topic) < 0)
		return false;
	out->path = relay->target.path;
	out->query = relay->target.query;
	out->is_post = relay->target.method == COAP_METHOD_POST;
	out->is_text = said.payload[0] != '{' && said.payload[0] != '[';
	text_add(&out->payload, "%s", said.payload);
	return !out->payload.is_cut;
}

/* Any 2.xx, whatever is in it. */
static void relay_write_answered(struct coap_peer *peer, const struct coap_answer *answer)
{
	struct coap_relay *relay = (struct coap_relay *)peer;
	const struct relay_status nothing = {.clock_factor = 1};

	(void)answer;
	if (relay->path != NULL)
		peer_read_within(peer, 0);
	relay_report(relay, relay->path != NULL ? ANSWER_TAKEN : ANSWER_BLIND, &nothing,
		     relay->tag);
}

static void relay_write_failed(struct coap_peer *peer, bool is_refused, const char *detail)
{
	relay_actions.write_failed(peer, is_refused, detail);
}

static struct source_coap_answer taken(const char *path, const struct coap_answer *answer)
{
	return (struct source_coap_answer){.path = path,
					   .has_format = answer->has_format,
					   .format = answer->format,
					   .payload = answer->payload,
					   .length = answer->length};
}

static void relay_read_answered(struct coap_peer *peer, const struct coap_answer *answer)
{
	struct coap_relay *relay = (struct coap_relay *)peer;
	struct source_coap_answer said = taken(relay->path, answer);
	struct source_slot slots[SOURCE_FIELD_COUNT];
	struct source_now now = {.mono = {(int64_t)peer_now_ms(peer)}};
	struct relay_status status = {.node = relay->id};
	struct source_state state;
	struct source_news news;
	char detail[PEER_DETAIL_MAX];

	peer_read_after(peer, peer->hub->readback_ms);
	source_state_init(&state, slots, relay->source);
	source_coap_take(&news, relay->source, &state, &said, &now);
	if ((news.got & SOURCE_BIT(SOURCE_STATE)) == 0) {
		peer->hub->counters.bad_answers++;
		snprintf(detail, sizeof detail, "its answer says no state: %s",
			 refusal_name(news.why));
		relay_report_failure(relay, false, true, detail);
		return;
	}
	status.is_on = news.value[SOURCE_STATE] != 0;
	/* One without a timer has no clock that could go otherwise than ours. */
	status.clock_factor = relay->source->write.lease == SOURCE_LEASE_DEVICE
				  ? 1
				  : (int32_t)peer->hub->clock_factor;
	relay_report(relay, ANSWER_READBACK, &status, 0);
}

static void relay_read_failed(struct coap_peer *peer, bool is_refused, const char *detail)
{
	relay_actions.read_failed(peer, is_refused, detail);
}

/* ---- values ---- */

/* Whether the row is of a value, and no earlier one of the same resource. */
static bool is_part(const struct source *source, size_t row)
{
	if (source->rows[row].field == SOURCE_STATE)
		return false;
	for (size_t i = 0; i < row; i++) {
		if (source->rows[i].field != SOURCE_STATE &&
		    strcmp(source->rows[i].topic, source->rows[row].topic) == 0)
			return false;
	}
	return true;
}

static struct coap_source_part *part_of(struct coap_hub *hub, size_t number, const char *path)
{
	for (size_t i = 0; i < hub->part_count; i++) {
		if (hub->parts[i].number == number && strcmp(hub->parts[i].path, path) == 0)
			return &hub->parts[i];
	}
	return hub->part_count < COAP_SOURCE_PARTS_MAX ? &hub->parts[hub->part_count] : NULL;
}

static int set_part(struct coap_hub *hub, size_t number, const struct source *source,
		    const struct source_row *row, const char *uri, const struct shared_key *key)
{
	struct coap_source_part *part = part_of(hub, number, row->topic);
	struct coap_place place;
	int result = place_of(&place, uri, row->topic, key);

	if (result < 0)
		return result;
	if (part == NULL)
		return -E2BIG;
	place.asks_for_text = is_plain_text(row);
	part->source = source;
	part->number = number;
	part->path = row->topic;
	part->key = *key;
	result = peer_set(&part->peer, hub, (size_t)(part - hub->parts), &part_actions, &place,
			  &part->key, true);
	if (result == 0 && part == &hub->parts[hub->part_count])
		hub->part_count++;
	return result;
}

int coap_hub_set_source(struct coap_hub *hub, size_t number, const struct source *source,
			const char *uri, const struct shared_key *key)
{
	int result = 0;

	for (size_t i = 0; i < source->row_count && result == 0; i++) {
		if (is_part(source, i))
			result = set_part(hub, number, source, &source->rows[i], uri, key);
	}
	return result;
}

static void part_answered(struct coap_peer *peer, const struct coap_answer *answer)
{
	struct coap_source_part *part = (struct coap_source_part *)peer;
	const struct coap_hub_handlers *handlers = &peer->hub->handlers;
	int64_t factor = (int64_t)peer->hub->clock_factor;
	struct source_coap_answer said = taken(part->path, answer);

	said.fresh_for_ms = answer->max_age_s * (int64_t)MS_PER_SECOND * factor;
	peer_read_after(peer, (uint64_t)coap_read_again_ms(answer->max_age_s,
							   part->source->stale_after_ms / factor));
	if (handlers->on_source)
		handlers->on_source(handlers->user, part->number, &said);
}

static void part_failed(struct coap_peer *peer, bool is_refused, const char *detail)
{
	struct coap_source_part *part = (struct coap_source_part *)peer;
	const struct coap_hub_handlers *handlers = &peer->hub->handlers;

	(void)is_refused;
	peer_read_after(peer, READ_AGAIN_MS);
	if (handlers->on_source_failed)
		handlers->on_source_failed(handlers->user, part->number, part->path, detail);
}
