/*
 * Devices of other makes on their way in: whose message it is, what of it makes a
 * reading, and when a reading is whole.
 *
 * Where all of a reading comes in one message, each message is one. Where it
 * comes in several, it is whole when each part has come anew, and as old as its
 * oldest part; a part alone is given to the core as of a burst: it may open, and
 * neither closes nor renews anything.
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

/* So long between two that any part is of a burst. */
#define PART_INTERVAL_MS ((int64_t)MS_PER_DAY)

static const enum source_field needed[DEVICE_NEEDS] = {SOURCE_SOC, SOURCE_TEMP, SOURCE_TEMP_MAX};

/* What a reading is made of. */
static const enum source_field reading_fields[] = {
    SOURCE_SOC,     SOURCE_TEMP,  SOURCE_TEMP_MAX, SOURCE_VOLTAGE,
    SOURCE_CURRENT, SOURCE_POWER, SOURCE_SOH,
};

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

static bool is_reading_field(enum source_field field)
{
	for (size_t i = 0; i < ARRAY_LENGTH(reading_fields); i++) {
		if (reading_fields[i] == field)
			return true;
	}
	return false;
}

static bool is_one_topic(const struct source *source)
{
	const char *topic = NULL;

	for (size_t i = 0; i < source->row_count; i++) {
		const struct source_row *row = &source->rows[i];

		if (!is_reading_field(row->field))
			continue;
		if (topic != NULL && strcmp(topic, row->topic) != 0)
			return false;
		topic = row->topic;
	}
	return true;
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
	device->is_one_topic = is_one_topic(source);
	device_meters_open(daemon, source, device);
	source_state_init(&device->state, slots, source);
}

static int make(struct devices *devices, const struct sources *sources)
{
	size_t slots = 1;

	devices->sources = sources;
	for (size_t i = 0; i < sources->count; i++)
		slots += sources->entries[i].field_count;
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
		slots += sources->entries[i].field_count;
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

/* ---- readings ---- */

static double value_of(const struct source *source, const struct device *device,
		       enum source_field field, struct mono_time now)
{
	int64_t age_ms;
	double value;

	return source_value(&value, &age_ms, source, &device->state, field, now) ? value : NAN;
}

/* Whether each part that it needs has come since the last whole one; `oldest` then is of these. */
static bool is_whole(const struct source *source, const struct device *device,
		     struct mono_time *oldest)
{
	bool is_any = false;

	for (size_t i = 0; i < DEVICE_NEEDS; i++) {
		int slot = source_slot(source, needed[i]);
		struct mono_time measured;

		if (slot < 0 || !device->slots[slot].is_set) /* the last of them may never come */
			continue;
		measured = device->slots[slot].measured;
		if (device->has_given && mono_since(measured, device->given[i]) <= 0)
			return false;
		if (!is_any || mono_since(*oldest, measured) > 0)
			*oldest = measured;
		is_any = true;
	}
	return true;
}

static void note_given(const struct source *source, struct device *device)
{
	device->has_given = true;
	for (size_t i = 0; i < DEVICE_NEEDS; i++) {
		int slot = source_slot(source, needed[i]);

		if (slot >= 0)
			device->given[i] = device->slots[slot].measured;
	}
}

/* What is held, in plain units. Parts that came apart say nothing about each other. */
static struct reading_received received(const struct source *source, const struct device *device,
					struct mono_time now)
{
	struct reading_received values = {
	    .soc_pct = value_of(source, device, SOURCE_SOC, now),
	    .temp_c = value_of(source, device, SOURCE_TEMP, now),
	    .temp_max_c = value_of(source, device, SOURCE_TEMP_MAX, now),
	    .voltage_v = value_of(source, device, SOURCE_VOLTAGE, now),
	    .current_a = value_of(source, device, SOURCE_CURRENT, now),
	    .power_w = value_of(source, device, SOURCE_POWER, now),
	    .soh_pct = value_of(source, device, SOURCE_SOH, now),
	    .interval_s = NAN,
	};

	if (!device->is_one_topic && !isnan(values.voltage_v) && !isnan(values.current_a))
		values.power_w = NAN;
	return values;
}

/* The reading that `device` holds now, given on where it is of use. */
static void give(struct daemon *daemon, size_t number, const struct source_news *news,
		 const struct arrival *arrival)
{
	const struct source *source = &daemon->devices->sources->entries[number];
	struct device *device = &daemon->devices->list[number];
	struct source_now now = devices_now(daemon);
	struct reading_received values = received(source, device, now.mono);
	struct refusal_detail detail = {.field = "temp_max_c", .value = values.temp_max_c};
	struct mono_time oldest = now.mono;
	bool is_given_whole = is_whole(source, device, &oldest);
	struct reading reading;

	if (isnan(values.soc_pct) || isnan(values.temp_c) ||
	    (!is_given_whole && !device->has_given))
		return;
	if (sensor_reading_make(&reading, arrival->node, &values) != REFUSAL_NONE) {
		readings_refuse(daemon, arrival, REFUSAL_CONTRADICTORY, &detail);
		return;
	}
	if (is_given_whole) {
		note_given(source, device);
		reading.has_time = now.has_wall && (news->has_age || !device->is_one_topic);
		reading.measured.ms = now.wall.ms - mono_since(now.mono, oldest);
	} else {
		reading.has_interval = true;
		reading.interval_ms = PART_INTERVAL_MS;
	}
	readings_give(daemon, arrival, device->battery, &reading);
}

/* A value of a reading that is there and cannot be: the whole message is a reason to open. */
static bool is_impossible(const struct source_news *news, struct refusal_detail *detail)
{
	for (size_t i = 0; i < ARRAY_LENGTH(reading_fields); i++) {
		enum source_field field = reading_fields[i];

		if ((news->missing & SOURCE_BIT(field)) == 0 ||
		    news->reason[field] != REFUSAL_OUT_OF_RANGE)
			continue;
		(void)!refusal_with(detail, REFUSAL_OUT_OF_RANGE, source_field_info(field)->name,
				    news->refused_value, news->refused_limit);
		return true;
	}
	return false;
}

static void name_field(struct refusal_detail *detail, const struct source_news *news)
{
	const char *name =
	    news->field < SOURCE_FIELD_COUNT ? source_field_info(news->field)->name : "";

	(void)!refusal_with(detail, news->why, name, news->refused_value, news->refused_limit);
}

static bool has_new_part(const struct source_news *news)
{
	for (size_t i = 0; i < DEVICE_NEEDS; i++) {
		if ((news->got & SOURCE_BIT(needed[i])) != 0)
			return true;
	}
	return false;
}

/* Its will, or its gateway, says how the battery's device stands: what it said before is over. */
static void take_presence(struct daemon *daemon, int battery, enum source_presence presence)
{
	struct event event = {.kind = EVENT_READING_REFUSED,
			      .index = (size_t)battery,
			      .refused = {.refusal = REFUSAL_UNAVAILABLE, .value = NAN}};
	bool was_offline = daemon->status.presence[battery] == PRESENCE_OFFLINE;

	daemon->status.presence[battery] =
	    presence == SOURCE_UP ? PRESENCE_ONLINE : PRESENCE_OFFLINE;
	if (presence == SOURCE_UP || was_offline)
		return;
	snprintf(event.refused.field, sizeof event.refused.field, "its device");
	daemon_step(daemon, &event);
}

/* What a message of a device that makes readings leads to. */
static void follow(struct daemon *daemon, size_t number, const struct source_news *news,
		   const struct arrival *arrival)
{
	struct refusal_detail detail = {.value = NAN};

	if (is_impossible(news, &detail)) {
		readings_refuse(daemon, arrival, REFUSAL_OUT_OF_RANGE, &detail);
	} else if (news->why == REFUSAL_RETAINED || news->why == REFUSAL_UNAVAILABLE) {
		daemon->status.refused[news->why]++; /* and is no news to anybody */
	} else if (news->why != REFUSAL_NONE) {
		name_field(&detail, news);
		readings_refuse(daemon, arrival, news->why, &detail);
	} else if (has_new_part(news)) {
		give(daemon, number, news, arrival);
	}
}

void devices_take_news(struct daemon *daemon, size_t number, const struct source_news *news,
		       const struct arrival *arrival)
{
	const struct source *source = &daemon->devices->sources->entries[number];
	struct device *device = &daemon->devices->list[number];

	if (news->available != SOURCE_UNTOLD && device->battery >= 0)
		take_presence(daemon, device->battery, news->available);
	if (device->is_any_meter)
		device_meters_take(daemon, source, device, news);
	if (device->is_read || device->battery >= 0)
		follow(daemon, number, news, arrival);
	else if (news->why != REFUSAL_NONE)
		daemon->status.refused[news->why]++;
}

static void take(struct daemon *daemon, size_t number, const struct mqtt_message *message,
		 bool is_stored)
{
	const struct source *source = &daemon->devices->sources->entries[number];
	struct device *device = &daemon->devices->list[number];
	struct source_now now = devices_now(daemon);
	/* What queued while we were away is as what is retained: of use by a time of its own. */
	struct source_message taken = {
	    .topic = message->topic,
	    .payload = message->payload,
	    .length = message->length,
	    .is_retained = message->is_retained || message->is_backlog,
	};
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
