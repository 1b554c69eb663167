/*
 * Relays of other makes in the daemon: what the core commands goes to the one
 * whose source the relay names, and what it reports goes to the core.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/devices_parts.h"

static int publish(void *user, const char *topic, const char *payload)
{
	struct daemon *daemon = user;

	if (daemon->control == NULL)
		return -ENOTCONN;
	return mqtt_control_publish(daemon->control, topic, payload, strlen(payload), 0, false);
}

/* The next look at them is when the first of them is due. */
static void plan_turn(struct daemon *daemon);

static void on_timer(uv_timer_t *timer)
{
	device_relays_turn(timer->data);
}

void device_relays_turn(struct daemon *daemon)
{
	struct mono_time now = clock_mono(&daemon->clock);

	if (daemon->control == NULL)
		return;
	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		if (daemon->devices->relays[i].source != NULL)
			source_relay_turn(&daemon->devices->relays[i], now);
	}
	plan_turn(daemon);
}

static void plan_turn(struct daemon *daemon)
{
	struct mono_time now = clock_mono(&daemon->clock);
	int64_t due_ms = SOURCE_RELAY_READ_MS;

	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		const struct source_relay *relay = &daemon->devices->relays[i];
		int64_t own_ms = relay->source != NULL ? source_relay_due_ms(relay, now) : due_ms;

		due_ms = own_ms < due_ms ? own_ms : due_ms;
	}
	uv_timer_start(&daemon->devices->timer, on_timer, clock_real_ms(&daemon->clock, due_ms), 0);
}

void device_relays_open(struct daemon *daemon)
{
	struct devices *devices = daemon->devices;
	struct mono_time now = clock_mono(&daemon->clock);

	uv_timer_init(daemon->loop, &devices->timer);
	devices->timer.data = daemon;
	devices->handlers = (struct source_relay_handlers){
	    .user = daemon,
	    .publish = publish,
	    .on_status = daemon_hub_handlers.on_relay_status,
	    .on_failed = daemon_hub_handlers.on_relay_failed,
	};
	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		struct relay_config *relay = &daemon->house.relays[i];
		int source = sources_find(devices->sources, relay->source.text);

		relay->source_is_coap = relay->source.text[0] != '\0' && source >= 0 &&
					devices->sources->entries[source].is_coap;
		if (relay->source.text[0] != '\0' && source >= 0 && !relay->source_is_coap)
			source_relay_init(&devices->relays[i], i, &relay->id,
					  &devices->sources->entries[source], &devices->handlers,
					  now);
		relay->timer_is_untold = devices->relays[i].source != NULL && relay->has_lease &&
					 source_slot(devices->relays[i].source, SOURCE_LEASE_SET) < 0;
	}
}

static bool speaks_on(const struct devices *devices, const struct source_topic *topic)
{
	for (size_t i = 0; i < RELAYS_MAX; i++) {
		if (devices->relays[i].source != NULL &&
		    source_has_topic(devices->relays[i].source, topic->topic))
			return true;
	}
	return false;
}

int device_relays_add_topics(const struct daemon *daemon, const char ***topics, size_t *count)
{
	const struct source_topic *list;
	const char **all;
	size_t more;

	if (daemon->devices == NULL)
		return 0;
	list = source_index_topics(daemon->devices->index, &more);
	all = realloc(*topics, (*count + more) * sizeof(*all));
	if (all == NULL)
		return -ENOMEM;
	*topics = all;
	for (size_t i = 0; i < more; i++) {
		if (speaks_on(daemon->devices, &list[i]))
			all[(*count)++] = list[i].topic;
	}
	return 0;
}

bool device_relays_command(struct daemon *daemon, const struct command *command)
{
	struct source_relay *relay =
	    daemon->devices != NULL ? &daemon->devices->relays[command->index] : NULL;
	struct mono_time now = clock_mono(&daemon->clock);

	if (relay == NULL || relay->source == NULL)
		return false;
	if (command->kind == COMMAND_READ)
		source_relay_read(relay, now);
	else
		source_relay_command(relay, &command->relay, command->relay.number, now);
	plan_turn(daemon);
	return true;
}

void device_relays_heard(struct daemon *daemon, const struct mqtt_message *message)
{
	const struct source_message taken = {.topic = message->topic,
					     .payload = message->payload,
					     .length = message->length,
					     .is_retained = message->is_retained};
	struct source_now now;

	if (daemon->devices == NULL)
		return;
	now = devices_now(daemon);
	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		struct source_relay *relay = &daemon->devices->relays[i];

		if (relay->source != NULL && source_has_topic(relay->source, message->topic))
			source_relay_take(relay, &taken, &now);
	}
	plan_turn(daemon);
}

void device_relays_up(struct daemon *daemon, bool is_up)
{
	struct mono_time now = clock_mono(&daemon->clock);

	for (size_t i = 0; daemon->devices != NULL && i < daemon->house.relay_count; i++) {
		if (daemon->devices->relays[i].source != NULL)
			source_relay_up(&daemon->devices->relays[i], is_up, now);
	}
	if (daemon->devices != NULL)
		plan_turn(daemon);
}
