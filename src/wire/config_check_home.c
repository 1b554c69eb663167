/* Whether `home_assistant` can be: a broker, topics of its own, a name that may stand in them. */
#include <string.h>

#include "wire/config_check.h"
#include "wire/topic.h"

#define PLACE_MAX 40

static void note(struct config_reader *reader, const char *key, const char *words)
{
	config_error(reader->errors, reader->home_line, key, "%s", words);
}

/* What Home Assistant takes as the name of a device in a topic. */
static bool is_home_name(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "_-")] == '\0';
}

/* Whether our states and its commands would come to us as what sensors and meters say. */
static bool is_listened_to(const char *base)
{
	char room[TOPIC_MAX];
	struct text topic = text_in(room, sizeof room);

	text_add(&topic, "%s/status", base);
	return topic_classify(room, NULL) != TOPIC_IS_OTHER;
}

/* ---- what is taken over ---- */

static void note_take(struct config_reader *reader, size_t index, const char *words)
{
	char room[PLACE_MAX];
	struct text place = text_in(room, sizeof room);

	text_add(&place, "home_assistant.take[%zu]", index);
	config_error(reader->errors, reader->take_lines[index], room, "%s", words);
}

/* Our own states, told to us as a sensor's: a circle. */
static bool is_ours(const struct house *house, const char *entity)
{
	for (size_t i = 0; i < house->battery_count; i++) {
		char room[3 * IDENT_MAX];
		struct text prefix = text_in(room, sizeof room);

		text_add(&prefix, "%s_%s_", house->home_assistant.id.text,
			 house->batteries[i].id.text);
		if (strncmp(entity, room, prefix.length) == 0)
			return true;
	}
	return false;
}

static void check_entities(struct config_reader *reader, size_t index)
{
	const struct home_take_config *take = &reader->house->home_assistant.takes[index];
	const char *const entities[] = {take->soc,     take->temp,    take->temp_max,
					take->voltage, take->current, take->power};

	for (size_t i = 0; i < ARRAY_LENGTH(entities); i++) {
		if (is_ours(reader->house, entities[i])) {
			note_take(reader, index, "names an entity that Amphora announces itself");
			return;
		}
	}
}

/* The battery has no other sensor then, and `topic` is for people. */
static void take_over(struct config_reader *reader, size_t index)
{
	const struct home_take_config *take = &reader->house->home_assistant.takes[index];
	struct battery_config *battery = &reader->house->batteries[take->battery];
	struct text topic;

	if (battery->transport == SENSOR_HOME) {
		note_take(reader, index, "takes a battery that an entry above has already");
		return;
	}
	if (battery->topic[0] != '\0' || battery->uri[0] != '\0') {
		note_take(reader, index,
			  "takes a battery whose sensor has a topic or uri of its own");
		return;
	}
	battery->transport = SENSOR_HOME;
	topic = text_in(battery->topic, sizeof battery->topic);
	text_add(&topic, "entity %s", take->soc);
}

static void check_takes(struct config_reader *reader)
{
	const struct home_assistant_config *home = &reader->house->home_assistant;

	for (size_t i = 0; i < home->take_count; i++) {
		const struct home_take_config *take = &home->takes[i];
		bool is_directed = take->current[0] != '\0' || take->power[0] != '\0';

		if (take->battery >= reader->house->battery_count)
			continue; /* has been told */
		if (is_directed && take->positive == HOME_POSITIVE_UNSAID)
			note_take(reader, i,
				  "has current or power, which have no sign of their own in Home "
				  "Assistant: positive is missing, charge or discharge");
		check_entities(reader, i);
		take_over(reader, i);
	}
}

/* ---- switches ---- */

static void note_relay(struct config_reader *reader, size_t index, const char *words)
{
	char room[PLACE_MAX];
	struct text place = text_in(room, sizeof room);

	text_add(&place, "relays[%zu].entity", index);
	config_error(reader->errors, reader->relay_lines[index], room, "%s", words);
}

static void check_switches(struct config_reader *reader)
{
	const struct house *house = reader->house;

	for (size_t i = 0; i < house->relay_count; i++) {
		const struct relay_config *relay = &house->relays[i];

		if (relay->entity[0] == '\0')
			continue;
		if (!house->home_assistant.is_on)
			note_relay(reader, i, "needs home_assistant, which is not there");
		if (relay->uri[0] != '\0' || relay->source.text[0] != '\0' ||
		    relay->key_file[0] != '\0')
			note_relay(reader, i,
				   "relay has entity beside uri, source or key_file: only one is "
				   "allowed");
		if (relay->has_lease)
			note_relay(
			    reader, i,
			    "nothing in Home Assistant opens a switch when we are gone: this "
			    "relay needs the owner's word: lease: none");
		for (size_t k = 0; k < i; k++)
			if (strcmp(house->relays[k].entity, relay->entity) == 0)
				note_relay(reader, i,
					   "is another relay's already: each needs its own");
	}
}

void config_check_home(struct config_reader *reader)
{
	struct home_assistant_config *home = &reader->house->home_assistant;

	check_switches(reader);
	if (reader->home_line > 0 && !home->is_on)
		note(reader, "home_assistant", "is empty: {} turns it on with all defaults");
	if (!home->is_on)
		return;
	if (home->id.text[0] == '\0')
		home->id = reader->house->collector;
	if (reader->house->broker.host[0] == '\0')
		note(reader, "home_assistant", "needs a broker: mqtt.host is empty");
	if (!is_home_name(home->id.text))
		note(reader, "home_assistant.id",
		     "only letters, digits, _ and - can stand in Home Assistant's topics; without "
		     "it the collector is taken");
	if (is_listened_to(home->topic))
		note(reader, "home_assistant.topic", "is where sensors and meters publish");
	check_takes(reader);
}
