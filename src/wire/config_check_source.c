/*
 * That a battery's source can be a battery, and a relay's can be switched; and that a device which
 * nothing opens when we are gone is only switched on by the owner's word.
 */
#include "wire/config_check_source.h"

#include <stdio.h>
#include <string.h>

#define PLACE_MAX 48

static struct source *find(struct config_reader *reader, int line, const char *place,
			   const struct ident *id)
{
	int index = sources_find(reader->sources, id->text);

	if (index < 0) {
		if (!reader->sources_are_wrong) /* it may be one of those, which are told of */
			config_error(reader->errors, line, place, "\"%s\" is none of the sources",
				     id->text);
		return NULL;
	}
	return &reader->sources->entries[index];
}

/* Without a uri it comes by registration, for which somebody must listen. */
static void check_address(struct config_reader *reader, int line, const char *place,
			  const struct source *source)
{
	if (source->is_coap && source->uri == NULL && !coap_is_listening(&reader->house->coap))
		config_error(reader->errors, line, place,
			     "\"%s\" has no uri, so its node registers itself: coap.listen is "
			     "needed",
			     source->id.text);
}

/* A key and coaps:// come together, and neither without a uri. */
static void check_key(struct config_reader *reader, int line, const char *place,
		      const struct source *source)
{
	bool is_secure = source->uri != NULL && strncmp(source->uri, "coaps://", 8) == 0;

	if (is_secure && source->key_file == NULL)
		config_error(reader->errors, line, place, "\"%s\" has a coaps:// uri, which needs key_file",
			     source->id.text);
	else if (!is_secure && source->key_file != NULL)
		config_error(reader->errors, line, place,
			     "\"%s\" has key_file, which needs a uri with coaps://", source->id.text);
}

static void check_battery(struct config_reader *reader, size_t index)
{
	const struct battery_config *battery = &reader->house->batteries[index];
	int line = reader->battery_lines[index];
	char place[PLACE_MAX];
	const struct source *source;

	if (battery->source.text[0] == '\0')
		return;
	snprintf(place, sizeof place, "batteries[%zu].sensor.source", index);
	if (battery->topic[0] != '\0' || battery->uri[0] != '\0')
		config_error(reader->errors, line, place,
			     "sensor has source beside topic or uri: only one of them is allowed");
	source = find(reader, line, place, &battery->source);
	if (source == NULL)
		return;
	check_address(reader, line, place, source);
	check_key(reader, line, place, source);
	if (source_slot(source, SOURCE_SOC) < 0)
		config_error(reader->errors, line, place,
			     "\"%s\" reads no soc_pct: a battery needs soc_pct and temp_c",
			     battery->source.text);
	else if (source_slot(source, SOURCE_TEMP) < 0)
		config_error(reader->errors, line, place,
			     "\"%s\" reads no temp_c: a battery without a temperature is not run",
			     battery->source.text);
}

/* Two that are fed by the same device, or switched by it. */
static void check_twice(struct config_reader *reader, int line, const char *place,
			const struct ident *id, const struct ident *other)
{
	if (id->text[0] != '\0' && ident_equal(id, other))
		config_error(reader->errors, line, place,
			     "source \"%s\" is another's already: each needs its own", id->text);
}

static bool opens_by_itself(const struct source *source)
{
	return source->write.lease == SOURCE_LEASE_DEVICE ||
	       source->write.lease == SOURCE_LEASE_REFRESH;
}

static void check_relay(struct config_reader *reader, size_t index)
{
	const struct relay_config *relay = &reader->house->relays[index];
	int line = reader->relay_lines[index];
	char place[PLACE_MAX];
	const struct source *source;

	if (relay->source.text[0] == '\0')
		return;
	snprintf(place, sizeof place, "relays[%zu].source", index);
	if (relay->uri[0] != '\0' || relay->key_file[0] != '\0')
		config_error(reader->errors, line, place,
			     "relay has source beside uri or key_file: only one is allowed");
	source = find(reader, line, place, &relay->source);
	if (source == NULL)
		return;
	check_address(reader, line, place, source);
	check_key(reader, line, place, source);
	if (source->write.on.topic == NULL)
		config_error(reader->errors, line, place,
			     "\"%s\" cannot be switched: it has no write", relay->source.text);
	else if (relay->has_lease && !opens_by_itself(source))
		config_error(reader->errors, line, place,
			     "nothing opens \"%s\" when we are gone. Where it has a timer, its "
			     "profile's keys say so (docs/devices.md); where it has none, this "
			     "relay needs the owner's word: lease: none",
			     relay->source.text);
}

/* ---- what we tell Home Assistant, read as what a device says: it would never be old ---- */

static bool is_told_by_us(const struct home_assistant_config *home, const char *topic)
{
	static const char END[] = "/state";
	size_t base = strlen(home->topic), length = strlen(topic), end = strlen(END);

	return home->is_on && home->is_announced && length > base + end &&
	       strncmp(topic, home->topic, base) == 0 && topic[base] == '/' &&
	       strcmp(topic + length - end, END) == 0;
}

static void check_circle(struct config_reader *reader, size_t index)
{
	const struct source *source = &reader->sources->entries[index];

	for (size_t i = 0; !source->is_coap && i < source->row_count; i++) {
		char place[PLACE_MAX];

		if (!is_told_by_us(&reader->house->home_assistant, source->rows[i].topic))
			continue;
		snprintf(place, sizeof place, "sources[%zu].read", index);
		config_error(reader->errors, reader->sources->lines[index], place,
			     "\"%s\" is where Amphora itself tells Home Assistant what it knows: a circle",
			     source->rows[i].topic);
		return;
	}
}

/* ---- which are in use over CoAP, for who tells what is said in the open ---- */

static void note_used(struct house *house, const struct sources *sources, const struct ident *id)
{
	int index = sources_find(sources, id->text);
	struct coap_source_config *used;

	if (id->text[0] == '\0' || index < 0 || !sources->entries[index].is_coap ||
	    house->coap_source_count == COAP_SOURCES_MAX)
		return;
	for (size_t i = 0; i < house->coap_source_count; i++) {
		if (ident_equal(&house->coap_sources[i].id, id))
			return;
	}
	used = &house->coap_sources[house->coap_source_count++];
	*used = (struct coap_source_config){.id = *id};
	if (sources->entries[index].uri != NULL)
		snprintf(used->uri, sizeof used->uri, "%s", sources->entries[index].uri);
	if (sources->entries[index].key_file != NULL)
		snprintf(used->key_file, sizeof used->key_file, "%s", sources->entries[index].key_file);
}

static void note_all_used(struct house *house, const struct sources *sources)
{
	for (size_t i = 0; i < house->battery_count; i++)
		note_used(house, sources, &house->batteries[i].source);
	for (size_t i = 0; i < house->relay_count; i++)
		note_used(house, sources, &house->relays[i].source);
	for (int kind = 0; kind < METER_COUNT; kind++) {
		for (size_t i = 0; i < house->meters[kind].count; i++)
			note_used(house, sources, &house->meters[kind].names[i]);
	}
}

void config_check_sources(struct config_reader *reader)
{
	const struct house *house = reader->house;

	note_all_used(reader->house, reader->sources);
	for (size_t i = 0; i < reader->sources->count; i++)
		check_circle(reader, i);
	for (size_t i = 0; i < house->battery_count; i++) {
		check_battery(reader, i);
		for (size_t earlier = 0; earlier < i; earlier++)
			check_twice(reader, reader->battery_lines[i], "batteries",
				    &house->batteries[i].source, &house->batteries[earlier].source);
	}
	for (size_t i = 0; i < house->relay_count; i++) {
		check_relay(reader, i);
		for (size_t earlier = 0; earlier < i; earlier++)
			check_twice(reader, reader->relay_lines[i], "relays",
				    &house->relays[i].source, &house->relays[earlier].source);
	}
}
