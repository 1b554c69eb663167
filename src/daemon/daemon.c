/*
 * The pipeline on one page: what arrives becomes an event, the core decides,
 * commands go out at once, records are written after that, and only what is
 * durable is acknowledged (docs/design.md, section 3).
 *
 * Within one turn of the loop:
 *   1. on_message() x n      readings_take(): decode, daemon_step(), record
 *   2. daemon_step()         core_step(), relay commands, then trace and notes
 *   3. the turn's end after on_dry()   daemon_commit(): one transaction, no acknowledgements
 *   4. on_committed()        release(): acknowledgements go out if all that was read is durable
 */
#include "daemon/daemon.h"
#include "daemon/feeds.h"
#include "daemon/admissions.h"
#include "daemon/home_assistant.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "core/step.h"
#include "base/zone.h"
#include "wire/topic.h"

#define QUARTER_MS (15 * MS_PER_MINUTE)

struct now daemon_now(struct daemon *daemon)
{
	struct wall_time wall;

	if (daemon->holds_now)
		return daemon->held_now;
	wall = clock_wall(&daemon->clock);
	/* Offsets change on the quarter of an hour; asking the C library each time is slow. */
	if (wall.ms / QUARTER_MS != daemon->offset_quarter) {
		daemon->offset_quarter = wall.ms / QUARTER_MS;
		daemon->offset_s = zone_offset_s(wall);
	}
	return (struct now){
	    .mono = clock_mono(&daemon->clock),
	    .wall = wall,
	    .wall_is_trusted = daemon->trust.is_trusted,
	    .utc_offset_s = daemon->offset_s,
	    .clock_factor = daemon->clock.factor,
	};
}

static void send_commands(struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->outcome.command_count; i++) {
		const struct command *command = &daemon->outcome.commands[i];

		if (device_relays_command(daemon, command) || home_switch_command(daemon, command))
			continue;
		if (command->kind == COMMAND_READ)
			coap_hub_read_relay(daemon->hub, daemon->relay_slots[command->index]);
		else if (coap_hub_command(daemon->hub, daemon->relay_slots[command->index],
					  &command->relay, command->relay.number) != 0)
			log_error("relay %s has no address to send a command to",
				  daemon->house.relays[command->index].id.text);
	}
}

void daemon_step(struct daemon *daemon, const struct event *event)
{
	struct now now = daemon_now(daemon);

	trace_before_step(&daemon->trace, &daemon->site, event);
	core_step(&daemon->site, &daemon->house, event, now, &daemon->outcome);
	send_commands(daemon);
	if (trace_is_full(&daemon->trace))
		daemon_commit(daemon);
	trace_step(&daemon->trace, &daemon->site, event, now, &daemon->outcome);
	daemon->status.journal.trace_gaps = daemon->trace.gaps;
	if (daemon->trace_since == 0 && daemon->trace.entries > 0)
		daemon->trace_since = uv_now(daemon->loop);
	notes_follow(daemon, &daemon->outcome);
}

void daemon_condition(struct daemon *daemon, enum alert_code code, bool is_active,
		      const char *detail)
{
	struct event event = {.kind = EVENT_CONDITION,
			      .condition = {.code = code, .is_active = is_active}};

	snprintf(event.condition.detail, sizeof event.condition.detail, "%s", detail);
	daemon_step(daemon, &event);
}

/* --- what arrives over MQTT ------------------------------------------------ */

static bool speaks_on(const struct battery_config *battery, const char *topic)
{
	return battery->transport == SENSOR_MQTT && strcmp(battery->topic, topic) == 0;
}

/*
 * The sensor that is configured to speak on `topic`, or NULL. The house is large and each
 * message asks: who spoke on it last is likely, and looked at first.
 */
static const struct ident *configured_node(struct daemon *daemon, const char *topic)
{
	const struct battery_config *batteries = daemon->house.batteries;
	uint8_t *likely = &daemon->likely_batteries[hash_bytes(topic, strlen(topic)) %
						    ARRAY_LENGTH(daemon->likely_batteries)];

	if (*likely < daemon->house.battery_count && speaks_on(&batteries[*likely], topic))
		return &batteries[*likely].node;
	for (size_t i = 0; i < daemon->house.battery_count; i++) {
		if (speaks_on(&batteries[i], topic)) {
			*likely = (uint8_t)i;
			return &batteries[i].node;
		}
	}
	return NULL;
}

static void take_message(struct daemon *daemon, const struct mqtt_message *message, bool is_stored)
{
	const struct ident *configured = configured_node(daemon, message->topic);
	struct ident name;
	enum topic_kind kind = configured != NULL ? TOPIC_IS_BATTERY
						  : topic_classify(message->topic, &name);
	struct arrival arrival = {
	    .topic = message->topic,
	    .node = configured != NULL ? configured : &name,
	    .payload = message->payload,
	    .length = message->length,
	    .message_id = message->id,
	    .payload_hash = message->payload_hash,
	    .is_retained = message->is_retained,
	    .is_backlog = message->is_backlog,
	    .may_be_redelivered = message->may_be_redelivered,
	    .is_duplicate = message->is_duplicate,
	    .is_stored = is_stored,
	};

	if (devices_take(daemon, message, is_stored))
		return;
	if (kind == TOPIC_IS_BATTERY)
		readings_take(daemon, &arrival);
	else if (kind == TOPIC_IS_METER && !message->is_retained && !message->is_backlog)
		meters_take(daemon, message->topic, message->payload, message->length);
	else if (kind == TOPIC_IS_STATUS)
		surroundings_presence(daemon, &name, message->payload, message->length);
}

/* A new session counts its packet ids anew: what was stored under the old ones is no repeat. */
static void on_session(void *user, bool is_kept)
{
	struct daemon *daemon = user;

	daemon->status.broker.backlog = 0;
	/* Before its marker: what control has heard until now comes as backlog. */
	if (daemon->held_since == 0)
		mqtt_control_listen(daemon->control, false);
	if (!is_kept)
		redelivery_init(&daemon->redelivery);
	if (!is_kept || !daemon->session_is_kept)
		daemon_keep_session(daemon);
}

static void on_ingest_message(void *user, const struct mqtt_message *message)
{
	struct daemon *daemon = user;

	daemon->is_bursting = true;
	daemon->message_at = uv_now(daemon->loop);
	daemon->messages_gathered++;
	/* One look at the clocks for all that comes of it: six of them cost as much as deciding. */
	daemon->held_now = daemon_now(daemon);
	daemon->holds_now = true;
	take_message(daemon, message, true);
	daemon->holds_now = false;
	/* After it: what it noted may have handed the batch over and begun another. */
	daemon->has_messages_pending = true;
	/* Behind it a queue waits for acknowledgements, also when the marker's echo follows at once. */
	daemon->is_urgent = daemon->is_urgent || message->is_backlog;
	/* The next one might not fit. */
	if (!daemon_has_room(daemon))
		daemon_hold(daemon);
}

static void on_dry(void *user)
{
	struct daemon *daemon = user;

	daemon->is_bursting = false;
	/* Where nothing is to be stored, as of a meter's message, nothing is waited for. */
	daemon->has_messages_pending = journal_pending(daemon->journal) > 0;
	if (!daemon->has_messages_pending && !journal_is_committing(daemon->journal))
		daemon_release(daemon);
}

static void on_broker_condition(void *user, enum alert_code code, bool is_active,
				const char *detail)
{
	struct daemon *daemon = user;
	struct broker_status *broker = &daemon->status.broker;

	if (code == ALERT_BROKER_AWAY || code == ALERT_BROKER_TAKEN_OVER)
		snprintf(broker->detail, sizeof broker->detail, "%s", is_active ? detail : "");
	/* The reason is the library's; what a person needs is whose name it is. */
	if (code == ALERT_BROKER_TAKEN_OVER)
		detail = daemon->house.broker.client_id.text;
	daemon_condition(daemon, code, is_active, detail);
}

const struct mqtt_ingest_events daemon_ingest_events = {
    .on_session = on_session,
    .on_message = on_ingest_message,
    .on_dry = on_dry,
    .on_condition = on_broker_condition,
};

/*
 * Heard only while the journal is down or another client has our id: it drives
 * control now and is stored later.
 */
static void on_control_message(void *user, const struct mqtt_message *message)
{
	take_message(user, message, false);
}

static void on_control_up(void *user, bool is_up)
{
	struct daemon *daemon = user;

	for (size_t i = 0; is_up && i < daemon->house.battery_count; i++)
		intervals_tell(daemon, i);
	home_up(daemon, is_up);
	device_relays_up(daemon, is_up);
}

static void on_control_standing(void *user, const struct mqtt_message *message)
{
	struct daemon *daemon = user;

	home_heard(daemon, message);
	device_relays_heard(daemon, message);
	feeds_heard(daemon, message);
	if (mqtt_control_is_listening(daemon->control))
		devices_take(daemon, message, false);
}

static void on_control_answered(void *user, int id, bool is_taken, const char *reason)
{
	outlets_answered(user, id, is_taken, reason);
}

const struct mqtt_control_events daemon_control_events = {
    .on_message = on_control_message,
    .on_standing = on_control_standing,
    .on_up = on_control_up,
    .on_answered = on_control_answered,
};

/* --- what arrives over CoAP ------------------------------------------------ */

static void on_relay_status(void *user, size_t slot, enum relay_answer answer,
			    const struct relay_status *status, uint64_t tag)
{
	int index = admissions_relay_of_slot(user, slot);
	struct event event = {.kind = EVENT_RELAY_STATUS,
			      .index = (size_t)index,
			      .relay = {.answer = answer, .status = *status, .number = tag}};

	if (index >= 0)
		daemon_step(user, &event);
	else
		relay_strangers_heard(user, slot, status, "");
}

static void on_relay_failed(void *user, size_t slot, bool is_command, uint64_t tag,
			    bool is_refused, const char *detail)
{
	int index = admissions_relay_of_slot(user, slot);
	struct event event = {
	    .kind = EVENT_RELAY_FAILED,
	    .index = (size_t)index,
	    .failed = {.is_command = is_command, .number = tag, .is_refused = is_refused}};

	if (index < 0) {
		relay_strangers_heard(user, slot, NULL, detail);
		return;
	}
	snprintf(event.failed.detail, sizeof event.failed.detail, "%s", detail);
	daemon_step(user, &event);
}

static void on_sensor(void *user, size_t index, const void *payload, size_t len)
{
	struct daemon *daemon = user;
	const struct battery_config *battery = &daemon->house.batteries[index];
	bool has_room = daemon_has_room(daemon);
	struct arrival arrival = {
	    .topic = battery->uri,
	    .node = &battery->node,
	    .payload = payload,
	    .length = len,
	    .payload_hash = hash_bytes(payload, len),
	    .is_stored = has_room,
	};

	/* No broker keeps it for us: without room it drives control, and is not stored. */
	daemon->status.journal.dropped += !has_room;
	readings_take(daemon, &arrival);
}

static void on_sensor_failed(void *user, size_t index, const char *detail)
{
	struct daemon *daemon = user;

	/* Its reading grows old, which is what decides; this is for whoever looks for the cause. */
	log_debug("sensor %s: %s", daemon->house.batteries[index].uri, detail);
}

/* A registration that changes nothing; a node repeats it, so what is as configured is no news. */
static void tell_unwanted(const struct daemon *daemon, const struct ident *node,
			  enum node_type type, const char *uri)
{
	int relay = house_find_relay(&daemon->house, node->text);
	int battery = house_find_sensor(&daemon->house, node);
	const char *configured = "";

	if (type == NODE_RELAY && relay >= 0)
		configured = daemon->house.relays[relay].uri;
	else if (type == NODE_SENSOR && battery >= 0)
		configured = daemon->house.batteries[battery].uri;
	if (strcmp(configured, uri) == 0)
		log_debug("%s %s registered at its configured address", node_type_name(type),
			  node->text);
	else if (configured[0] != '\0')
		log_info("%s %s registered at %s; its configured address is used: %s",
			 node_type_name(type), node->text, uri, configured);
	else
		log_info("%s %s registered at %s, which no configuration waits for",
			 node_type_name(type), node->text, uri);
}

static void on_registered(void *user, const struct ident *node, enum node_type type,
			  const char *uri)
{
	struct daemon *daemon = user;
	int relay = house_find_relay(&daemon->house, node->text);
	int battery = house_find_sensor(&daemon->house, node);

	if (type == NODE_RELAY && relay >= 0 && daemon->house.relays[relay].uri[0] == '\0' &&
	    !relay_is_over_mqtt(&daemon->house.relays[relay])) {
		if (coap_hub_set_relay(daemon->hub, (size_t)relay, uri) == 0)
			log_info("relay %s registered at %s", node->text, uri);
	} else if (type == NODE_SENSOR && battery >= 0 &&
		   daemon->house.batteries[battery].transport == SENSOR_COAP &&
		   daemon->house.batteries[battery].uri[0] == '\0') {
		if (coap_hub_set_sensor(daemon->hub, (size_t)battery, uri) == 0) {
			log_info("sensor %s registered at %s", node->text, uri);
			intervals_tell_anew(daemon, (size_t)battery);
		}
	} else if (type == NODE_RELAY && relay < 0) {
		relay_strangers_registered(daemon, node, uri);
	} else {
		tell_unwanted(daemon, node, type, uri);
	}
}

/* A node that was in no allow-list: a person may let it in all the same. */
static void on_refused(void *user, const struct ident *node, enum node_type type, const char *uri)
{
	if (type == NODE_RELAY)
		relay_strangers_registered(user, node, uri);
}

const struct coap_hub_handlers daemon_hub_handlers = {
    .on_relay_status = on_relay_status,
    .on_relay_failed = on_relay_failed,
    .on_sensor = on_sensor,
    .on_sensor_failed = on_sensor_failed,
    .on_source = coap_devices_answered,
    .on_source_failed = coap_devices_failed,
    .on_registered = on_registered,
    .on_refused = on_refused,
    .on_stranger = coap_devices_registered,
    .on_discovered = discovery_found,
    .on_discovery_done = discovery_done,
};
