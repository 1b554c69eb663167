/*
 * What of a device's message makes a reading, and when a reading is whole.
 *
 * Where all of a reading comes in one message, each message is one. Where it
 * comes in several, it is whole when each part has come anew, and as old as its
 * oldest part; a part alone is given to the core as of a burst: it may open, and
 * neither closes nor renews anything.
 *
 * What queued at the broker while we were away is put together apart from that, and is stored;
 * it changes nothing of what is known of now.
 */
#include <math.h>
#include <stdio.h>

#include "daemon/devices_parts.h"
#include "wire/sensor_message.h"

/* So long between two that any part is of a burst. */
#define PART_INTERVAL_MS ((int64_t)MS_PER_DAY)

static const enum source_field needed[DEVICE_NEEDS] = {SOURCE_SOC, SOURCE_TEMP, SOURCE_TEMP_MAX};

/* What a reading is made of. */
static const enum source_field reading_fields[] = {
    SOURCE_SOC,     SOURCE_TEMP,  SOURCE_TEMP_MAX, SOURCE_VOLTAGE,
    SOURCE_CURRENT, SOURCE_POWER, SOURCE_SOH,
};

static bool is_reading_field(enum source_field field)
{
	for (size_t i = 0; i < ARRAY_LENGTH(reading_fields); i++) {
		if (reading_fields[i] == field)
			return true;
	}
	return false;
}

bool devices_is_one_topic(const struct source *source)
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

static double value_of(const struct source *source, const struct source_state *state,
		       enum source_field field, struct mono_time now)
{
	int64_t age_ms;
	double value;

	return source_value(&value, &age_ms, source, state, field, now) ? value : NAN;
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
					const struct source_state *state, struct mono_time now)
{
	struct reading_received values = {
	    .soc_pct = value_of(source, state, SOURCE_SOC, now),
	    .temp_c = value_of(source, state, SOURCE_TEMP, now),
	    .temp_max_c = value_of(source, state, SOURCE_TEMP_MAX, now),
	    .voltage_v = value_of(source, state, SOURCE_VOLTAGE, now),
	    .current_a = value_of(source, state, SOURCE_CURRENT, now),
	    .power_w = value_of(source, state, SOURCE_POWER, now),
	    .soh_pct = value_of(source, state, SOURCE_SOH, now),
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
	struct reading_received values = received(source, device, &device->state, now.mono);
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

/* ---- what queued while we were away ---- */

/* Made of what came since the last one: only its own time says when that was. */
static void give_queued(struct daemon *daemon, size_t number, bool has_age, const struct arrival *arrival)
{
	const struct source *source = &daemon->devices->sources->entries[number];
	struct device *device = &daemon->devices->list[number];
	struct source_now now = devices_now(daemon);
	struct reading_received values = received(source, device, &device->queued, now.mono);
	struct refusal_detail detail = {.field = "temp_max_c", .value = values.temp_max_c};
	struct reading reading;
	int soc = source_slot(source, SOURCE_SOC);

	if (isnan(values.soc_pct) || isnan(values.temp_c))
		return; /* its other part is still to come */
	if (sensor_reading_make(&reading, arrival->node, &values) != REFUSAL_NONE) {
		readings_refuse(daemon, arrival, REFUSAL_CONTRADICTORY, &detail);
	} else {
		reading.has_time = now.has_wall && has_age;
		reading.measured.ms = now.wall.ms - mono_since(now.mono, device->queued.slots[soc].measured);
		readings_give(daemon, arrival, device->battery, &reading);
	}
	source_state_init(&device->queued, device->queued.slots, source);
}

void devices_take_queued(struct daemon *daemon, size_t number, const struct source_message *message,
			 const struct arrival *arrival)
{
	const struct source *source = &daemon->devices->sources->entries[number];
	struct device *device = &daemon->devices->list[number];
	struct source_message as_live = *message;
	struct arrival queued = *arrival;
	struct source_now now = devices_now(daemon);
	struct refusal_detail detail = {.value = NAN};
	struct source_news news;

	as_live.is_retained = false;
	queued.is_backlog = true;
	source_take(&news, source, &device->queued, &as_live, &now);
	if (is_impossible(&news, &detail)) {
		readings_refuse(daemon, &queued, REFUSAL_OUT_OF_RANGE, &detail);
	} else if (news.why == REFUSAL_UNAVAILABLE) {
		daemon->status.refused[news.why]++;
	} else if (news.why != REFUSAL_NONE) {
		name_field(&detail, &news);
		readings_refuse(daemon, &queued, news.why, &detail);
	} else if (has_new_part(&news)) {
		give_queued(daemon, number, news.has_age, &queued);
	}
}
