/*
 * The discovery message: the table of ha_parts.c, once for each battery and relay of the house.
 *
 * Home Assistant keeps what it was told until it is told otherwise: what was announced once and
 * is not part of the house any more is named with its platform alone, which takes it away.
 * What it was told is in the message that the broker kept, so that this holds over a restart
 * with another configuration, and nothing has to be remembered here.
 */
#include "wire/ha_announce.h"

#include <jansson.h>
#include <string.h>

#include "wire/ha_parts.h"
#include "wire/json_message.h"
#include "wire/json_text.h"
#include "wire/topic.h"

#define KEY_MAX 192 /* of an entity */
#define PLATFORM_MAX 32
#define GONE_MAX 1024 /* entities in one message */

static const struct json_bounds kept_bounds = {.bytes_max = 256 * 1024, .values_max = 16384};

/* An owner's name in an entity's key begins so, for a meter. */
#define METER_KEY "meter-"

static const char *const kind_names[METER_COUNT] = {"grid", "pv", "load"};
static const char *const kind_keys[METER_COUNT] = {METER_KEY "grid", METER_KEY "pv",
						   METER_KEY "load"};

/* ---- topics ---- */

void ha_announce_topic(struct text *out, const struct home_assistant_config *home)
{
	text_add(out, "%s/device/%s/config", home->prefix, home->id.text);
}

void ha_birth_topic(struct text *out, const struct home_assistant_config *home)
{
	text_add(out, "%s/status", home->prefix);
}

void ha_availability_topic(struct text *out, const struct home_assistant_config *home)
{
	text_add(out, "%s/status", home->topic);
}

void ha_battery_topic(struct text *out, const struct house *house, size_t battery)
{
	text_add(out, "%s/%s/state", house->home_assistant.topic,
		 house->batteries[battery].id.text);
}

void ha_relay_topic(struct text *out, const struct house *house, size_t relay)
{
	text_add(out, "%s/relay/%s/state", house->home_assistant.topic,
		 house->relays[relay].id.text);
}

void ha_meter_topic(struct text *out, const struct house *house, enum meter_kind kind)
{
	text_add(out, "%s/energy/%s/state", house->home_assistant.topic, kind_names[kind]);
}

void ha_site_topic(struct text *out, const struct house *house)
{
	text_add(out, "%s/state", house->home_assistant.topic);
}

/* ---- the entities of a house ---- */

static size_t owner_count(const struct house *house, enum ha_owner owner)
{
	switch (owner) {
	case HA_OF_BATTERY:
	case HA_OF_PLAN:
		return house->battery_count;
	case HA_OF_RELAY:
		return house->relay_count;
	case HA_OF_METER:
		return METER_COUNT;
	case HA_OF_SITE:
		break;
	}
	return 1;
}

static const char *owner_name(const struct house *house, enum ha_owner owner, size_t index)
{
	switch (owner) {
	case HA_OF_BATTERY:
	case HA_OF_PLAN:
		return house->batteries[index].id.text;
	case HA_OF_RELAY:
		return house->relays[index].id.text;
	case HA_OF_METER:
		return kind_keys[index];
	case HA_OF_SITE:
		break;
	}
	return "";
}

/* What takes commands is there where they are taken, and where a battery obeys. */
static bool is_part_of(const struct ha_part *part, const struct house *house, size_t index)
{
	if (part->owner == HA_OF_PLAN)
		return house->home_assistant.plan_is_told &&
		       strcmp(house->batteries[index].id.text,
			      house->home_assistant.planned.text) == 0;
	if (part->owner == HA_OF_METER)
		return house->home_assistant.is_metered[index] &&
		       (strcmp(part->suffix, HA_FED) != 0 || index == METER_GRID);
	if (part->level == NULL)
		return true;
	return house->home_assistant.commands_are_taken &&
	       (part->owner != HA_OF_BATTERY || battery_is_commanded(&house->batteries[index]));
}

static void write_key(struct text *out, const struct ha_part *part, const char *owner)
{
	text_add(out, "%s%s%s", owner, owner[0] != '\0' ? "_" : "", part->suffix);
}

/* Whether `key` is that of an entity of the house. */
static bool is_announced(const struct house *house, const char *key)
{
	char room[KEY_MAX];

	for (size_t i = 0; i < ha_part_count(); i++) {
		const struct ha_part *part = ha_part(i);

		for (size_t k = 0; k < owner_count(house, part->owner); k++) {
			struct text text = text_in(room, sizeof room);

			write_key(&text, part, owner_name(house, part->owner, k));
			if (strcmp(room, key) == 0)
				return is_part_of(part, house, k);
		}
	}
	return false;
}

/* ---- writing ---- */

static void write_state_topic(struct text *out, const struct house *house,
			      const struct ha_part *part, size_t index)
{
	switch (part->owner) {
	case HA_OF_BATTERY:
		ha_battery_topic(out, house, index);
		break;
	case HA_OF_RELAY:
		ha_relay_topic(out, house, index);
		break;
	case HA_OF_METER:
		ha_meter_topic(out, house, (enum meter_kind)index);
		break;
	case HA_OF_PLAN:
		ha_plan_topic(out, house, index);
		break;
	case HA_OF_SITE:
		ha_site_topic(out, house);
		break;
	}
}

static void write_command_topic(struct text *out, const struct house *house,
				const struct ha_part *part, const char *owner)
{
	text_add(out, "%s/%s%s%s/set", house->home_assistant.topic, owner,
		 owner[0] != '\0' ? "/" : "", part->level);
}

static void write_entity(struct text *out, const struct house *house, const struct ha_part *part,
			 size_t index)
{
	const char *owner = owner_name(house, part->owner, index);
	char room[KEY_MAX + TOPIC_MAX];
	struct text text = text_in(room, sizeof room);
	struct json_text entity = json_text_open(out);

	json_text_string(&entity, "p", part->platform);
	text_add(&text, "%s_", house->home_assistant.id.text);
	write_key(&text, part, owner);
	json_text_string(&entity, "uniq_id", room);
	text = text_in(room, sizeof room);
	text_add(&text, "%s%s%s", part->owner == HA_OF_METER ? kind_names[index] : owner,
		 owner[0] != '\0' ? " " : "", part->name);
	json_text_string(&entity, "name", room);
	if (part->member != NULL) {
		text = text_in(room, sizeof room);
		write_state_topic(&text, house, part, index);
		json_text_string(&entity, "stat_t", room);
		if (part->owner == HA_OF_PLAN && strcmp(part->suffix, HA_PLAN) == 0)
			json_text_string(&entity, "json_attr_t", room);
		text = text_in(room, sizeof room);
		text_add(&text, "{{ value_json.%s }}", part->member);
		json_text_string(&entity, "val_tpl", room);
	}
	if (part->level != NULL) {
		text = text_in(room, sizeof room);
		write_command_topic(&text, house, part, owner);
		json_text_string(&entity, "cmd_t", room);
	}
	if (part->more[0] != '\0')
		text_add(out, ",%s", part->more);
	json_text_close(&entity);
}

static void write_entities(struct text *out, const struct house *house)
{
	const char *comma = "";

	for (size_t i = 0; i < ha_part_count(); i++) {
		const struct ha_part *part = ha_part(i);

		for (size_t k = 0; k < owner_count(house, part->owner); k++) {
			if (!is_part_of(part, house, k))
				continue;
			text_add(out, "%s\"", comma);
			write_key(out, part, owner_name(house, part->owner, k));
			text_add(out, "\":");
			write_entity(out, house, part, k);
			comma = ",";
		}
	}
}

/* "Amphora", or which one where it has a name of its own. */
static void write_device(struct text *out, const struct home_assistant_config *home,
			 const char *version)
{
	bool is_plain = strcmp(home->id.text, "amphora") == 0;
	struct json_text origin;

	text_add(out, "{\"dev\":{\"ids\":[\"%s\"],\"name\":\"Amphora%s%s\",\"mf\":\"Amphora\"",
		 home->id.text, is_plain ? "" : " ", is_plain ? "" : home->id.text);
	text_add(out, ",\"sw\":\"%s\"},\"o\":", version);
	origin = json_text_open(out);
	json_text_string(&origin, "name", "Amphora");
	json_text_string(&origin, "sw", version);
	json_text_close(&origin);
}

void ha_announce_write(struct text *out, const struct house *house, const char *version,
		       const char *gone)
{
	const struct home_assistant_config *home = &house->home_assistant;
	char room[TOPIC_MAX];
	struct text topic = text_in(room, sizeof room);
	struct json_text escaped = {.to = out, .has_member = true};

	write_device(out, home, version);
	ha_availability_topic(&topic, home);
	json_text_string(&escaped, "avty_t", room);
	text_add(out, ",\"qos\":1,\"cmps\":{");
	write_entities(out, house);
	text_add(out, "%s}}", gone);
}

/* ---- what is gone ---- */

static bool is_platform(const char *text)
{
	size_t length = strspn(text, "abcdefghijklmnopqrstuvwxyz_");

	return length > 0 && length < PLATFORM_MAX && text[length] == '\0';
}

static const char *platform_of(const json_t *component)
{
	const json_t *platform = json_object_get(component, "p");

	if (platform == NULL)
		platform = json_object_get(component, "platform");
	return json_is_string(platform) ? json_string_value(platform) : "";
}

static void write_gone(struct text *out, const char *key, const char *platform)
{
	/* Both are plain words, or could not have come from us. */
	text_add(out, ",\"%s\":{\"p\":\"%s\"}", key, platform);
}

/* Whether it is of what has only not come yet: a meter, or the first plan since the start. */
static bool may_yet_come(const struct house *house, const char *key)
{
	const struct home_assistant_config *home = &house->home_assistant;
	char room[KEY_MAX];

	if (strncmp(key, METER_KEY, strlen(METER_KEY)) == 0)
		return true;
	for (size_t i = 0; i < ha_part_count() && home->planned.text[0] != '\0'; i++) {
		struct text text = text_in(room, sizeof room);

		if (ha_part(i)->owner != HA_OF_PLAN)
			continue;
		write_key(&text, ha_part(i), home->planned.text);
		if (strcmp(room, key) == 0)
			return true;
	}
	return false;
}

static bool is_plain_key(const char *key)
{
	struct ident ident;
	const char *last = strrchr(key, '_');
	size_t length = strlen(key);

	/* OWNER_SUFFIX, or a word of the site's. */
	if (length == 0 || length >= KEY_MAX)
		return false;
	return ident_parse(&ident, key, last != NULL ? (size_t)(last - key) : length) == 0 &&
	       (last == NULL || ident_parse(&ident, last + 1, strlen(last + 1)) == 0);
}

void ha_announce_gone(struct text *out, const struct house *house, const void *payload, size_t len)
{
	json_t *message, *components, *component;
	size_t count = 0;
	const char *key;

	if (json_message_load_within(&message, payload, len, JSON_NUMBERS_AS_REAL, &kept_bounds) !=
	    REFUSAL_NONE)
		return;
	components = json_object_get(message, "cmps");
	json_object_foreach(components, key, component)
	{
		const char *platform = platform_of(component);

		if (count < GONE_MAX && json_object_size(component) > 1 && is_platform(platform) &&
		    is_plain_key(key) && !is_announced(house, key) && !may_yet_come(house, key)) {
			write_gone(out, key, platform);
			count++;
		}
	}
	json_decref(message);
}
