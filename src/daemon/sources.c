/*
 * Devices of other makes on their way in: which there are, and whose a message is. What of it makes a
 * reading is source_readings.c's.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/devices_parts.h"
#include "wire/sensor_message.h"
#include "wire/source_command.h"

struct source_now devices_now(struct daemon *daemon)
{
	struct now now = daemon_now(daemon);

	return (struct source_now){
	    .mono = now.mono, .has_wall = now.wall_is_trusted, .wall = now.wall};
}

/* ---- opening ---- */

static int battery_of(const struct house *house, const struct source *source)
{
	for (size_t i = 0; i < house->battery_count; i++) {
		if (ident_equal(&house->batteries[i].source, &source->id))
			return (int)i;
	}
	return -1;
}

static void open_device(struct daemon *daemon, size_t number, struct source_slot *slots)
{
	const struct source *source = &daemon->devices->sources->entries[number];
	struct device *device = &daemon->devices->list[number];

	device->slots = slots;
	device->battery = battery_of(&daemon->house, source);
	if (device->battery >= 0)
		daemon->house.batteries[device->battery].source_is_coap = source->is_coap;
	device->is_read = !source->is_coap && source_slot(source, SOURCE_SOC) >= 0 &&
			  source_slot(source, SOURCE_TEMP) >= 0;
	device->is_one_topic = devices_is_one_topic(source);
	device_meters_open(daemon, source, device);
	source_state_init(&device->state, slots, source);
	source_state_init(&device->queued, slots + source->field_count, source);
}

static int make(struct devices *devices, const struct sources *sources)
{
	size_t slots = 1;

	devices->sources = sources;
	for (size_t i = 0; i < sources->count; i++)
		slots += 2 * sources->entries[i].field_count;
	devices->list = calloc(sources->count, sizeof(*devices->list));
	devices->slots = calloc(slots, sizeof(*devices->slots));
	if (devices->list == NULL || devices->slots == NULL)
		return -ENOMEM;
	return source_index_new(&devices->index, sources);
}

int devices_open(struct daemon *daemon, struct text *error)
{
	const struct sources *sources = &daemon->sources;
	size_t slots = 0;

	if (sources->count == 0)
		return 0;
	daemon->devices = calloc(1, sizeof(*daemon->devices));
	if (daemon->devices == NULL || make(daemon->devices, sources) != 0) {
		text_add(error, "no memory for %zu sources", sources->count);
		return -ENOMEM;
	}
	for (size_t i = 0; i < sources->count; i++) {
		open_device(daemon, i, daemon->devices->slots + slots);
		slots += 2 * sources->entries[i].field_count;
	}
	device_relays_open(daemon);
	return coap_devices_open(daemon, error);
}

static void dispose(uv_handle_t *handle)
{
	struct devices *devices = handle->data;

	source_index_free(devices->index);
	free(devices->list);
	free(devices->slots);
	free(devices);
}

void devices_close(struct daemon *daemon)
{
	if (daemon->devices == NULL)
		return;
	daemon->devices->timer.data = daemon->devices;
	uv_close((uv_handle_t *)&daemon->devices->timer, dispose);
	daemon->devices = NULL;
}

int devices_add_topics(const struct daemon *daemon, const char ***topics, size_t *count)
{
	const struct devices *devices = daemon->devices;
	const struct source_topic *list;
	const char **all;
	size_t more;

	if (devices == NULL)
		return 0;
	list = source_index_topics(devices->index, &more);
	all = realloc(*topics, (*count + more) * sizeof(*all));
	if (all == NULL)
		return -ENOMEM;
	*topics = all;
	for (size_t i = 0; i < more; i++) {
		bool is_read = false;

		for (size_t k = 0; k < list[i].count; k++)
			is_read |= devices->list[list[i].sources[k]].is_read ||
				   devices->list[list[i].sources[k]].is_any_meter;
		if (is_read)
			all[(*count)++] = list[i].topic;
	}
	return 0;
}

/* ---- messages ---- */

static void take(struct daemon *daemon, size_t number, const struct mqtt_message *message,
		 bool is_stored)
{
	const struct source *source = &daemon->devices->sources->entries[number];
	struct device *device = &daemon->devices->list[number];
	struct source_now now = devices_now(daemon);
	/* What queued while we were away is no word on the present: there it counts as retained. */
	struct source_message taken = {
	    .topic = message->topic,
	    .payload = message->payload,
	    .length = message->length,
	    .is_retained = message->is_retained || message->is_backlog,
	};
	bool is_queued = message->is_backlog && !message->is_retained && !source->takes_timed_retained;
	struct arrival arrival = {
	    .topic = message->topic,
	    .node =
		device->battery >= 0 ? &daemon->house.batteries[device->battery].node : &source->id,
	    .payload = message->payload,
	    .length = message->length,
	    .message_id = message->id,
	    .payload_hash = message->payload_hash,
	    .may_be_redelivered = message->may_be_redelivered,
	    .is_duplicate = message->is_duplicate,
	    .is_of_source = true,
	    .is_stored = is_stored,
	};
	struct source_news news;

	if ((!device->is_read && !device->is_any_meter) || readings_are_known(daemon, &arrival))
		return;
	if (is_queued && device->is_read && is_stored) {
		devices_take_queued(daemon, number, &taken, &arrival);
		return;
	}
	source_take(&news, source, &device->state, &taken, &now);
	devices_take_news(daemon, number, &news, &arrival);
}

bool devices_take(struct daemon *daemon, const struct mqtt_message *message, bool is_stored)
{
	const struct source_topic *topic;

	if (daemon->devices == NULL)
		return false;
	topic = source_index_find(daemon->devices->index, message->topic);
	if (topic == NULL)
		return false;
	for (size_t i = 0; i < topic->count; i++)
		take(daemon, topic->sources[i], message, is_stored);
	return true;
}

/* ---- what keeps them talking ---- */

/* All values are asked for well within stale_after: those that do not change come only then. */
static void keep_talking(struct daemon *daemon, const struct source *source, struct device *device,
			 struct mono_time now)
{
	int64_t since_all_ms = mono_since(now, device->asked_all_at);
	bool is_first =
	    !device->is_kept || since_all_ms + SOURCE_KEEPALIVE_MS >= source->stale_after_ms / 2;
	struct source_command command;

	if (device->is_kept && mono_since(now, device->kept_at) < SOURCE_KEEPALIVE_MS)
		return;
	if (!source_keepalive(&command, source, is_first) ||
	    mqtt_control_publish(daemon->control, command.topic, command.payload,
				 strlen(command.payload), 0, false) != 0)
		return;
	device->is_kept = true;
	device->kept_at = now;
	if (is_first)
		device->asked_all_at = now;
}

void devices_second(struct daemon *daemon)
{
	struct devices *devices = daemon->devices;
	struct mono_time now = clock_mono(&daemon->clock);

	if (devices == NULL || daemon->control == NULL)
		return;
	for (size_t i = 0; i < devices->sources->count; i++) {
		if (devices->sources->entries[i].hook != SOURCE_HOOK_NONE)
			keep_talking(daemon, &devices->sources->entries[i], &devices->list[i], now);
	}
	device_relays_turn(daemon);
}
