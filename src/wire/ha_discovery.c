/*
 * Reading announcements: what names and short names mean, what is shared by a device's
 * entities, what stands for `~`, and what holds where nothing is said.
 *
 * A member of a wrong type spoils its entity and no other.
 */
#include "wire/ha_discovery.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/time.h"
#include "wire/json_message.h"
#include "wire/topic.h"

#define BASE_KEY "~"
#define EXPIRE_MAX_S (366 * 86400.0)

/* An object under its long names and its short ones; what it lacks may be its device's. */
struct members {
	const json_t *own;
	const json_t *shared; /* NULL: none */
};

/* ---- single members ---- */

static const json_t *member(const json_t *object, const char *name, const char *abbreviation)
{
	const json_t *value = json_object_get(object, name);

	return value != NULL ? value : json_object_get(object, abbreviation);
}

/* Home Assistant writes a number or a truth for a text as Python does. */
static enum refusal take_text(char *out, size_t size, const json_t *value)
{
	struct text text = text_in(out, size);

	if (json_is_string(value)) {
		if (strlen(json_string_value(value)) != json_string_length(value))
			return REFUSAL_WRONG_TYPE;
		text_add(&text, "%s", json_string_value(value));
	} else if (json_is_boolean(value)) {
		text_add(&text, "%s", json_is_true(value) ? "True" : "False");
	} else if (json_is_number(value)) {
		text_add(&text, "%.12g", json_number_value(value));
	} else if (value != NULL && !json_is_null(value)) {
		return REFUSAL_WRONG_TYPE;
	}
	return text.is_cut ? REFUSAL_TOO_LARGE : REFUSAL_NONE;
}

/* Notes the first thing that is wrong with an entity. */
static void note(struct ha_entity *entity, enum refusal why)
{
	if (entity->why == REFUSAL_NONE)
		entity->why = why;
}

static void read_text(struct ha_entity *entity, char *out, size_t size, const json_t *value)
{
	note(entity, take_text(out, size, value));
}

#define READ_TEXT(entity, field, value) \
	read_text((entity), (entity)->field, sizeof(entity)->field, (value))

/* What stands for `~`, at the beginning or the end of a topic. */
static const char *base_of(const struct members *members)
{
	const json_t *base = json_object_get(members->own, BASE_KEY);

	if (base == NULL)
		base = json_object_get(members->shared, BASE_KEY);
	return json_is_string(base) ? json_string_value(base) : "";
}

static enum refusal take_topic(char *out, size_t size, const json_t *value, const char *base)
{
	char raw[HA_TOPIC_MAX];
	struct text text = text_in(out, size);
	enum refusal why = take_text(raw, sizeof raw, value);
	size_t length = strlen(raw);

	if (why != REFUSAL_NONE || length == 0)
		return why;
	if (raw[0] == '~')
		text_add(&text, "%s%s", base, raw + 1);
	else if (raw[length - 1] == '~')
		text_add(&text, "%.*s%s", (int)length - 1, raw, base);
	else
		text_add(&text, "%s", raw);
	if (text.is_cut)
		return REFUSAL_TOO_LARGE;
	return topic_is_plain(out) ? REFUSAL_NONE : REFUSAL_NOT_USABLE;
}

/* A member that a device may say once for all its entities. */
static const json_t *shared_member(const struct members *members, const char *name,
				   const char *abbreviation)
{
	const json_t *value = member(members->own, name, abbreviation);

	return value != NULL ? value : member(members->shared, name, abbreviation);
}

/* `~` is that of the object in which the topic stands, or of the device. */
static void read_topic(struct ha_entity *entity, char out[HA_TOPIC_MAX],
		       const struct members *members, const char *name, const char *abbreviation)
{
	const json_t *own = member(members->own, name, abbreviation);
	const struct members device = {members->shared, NULL};

	if (own != NULL)
		note(entity, take_topic(out, HA_TOPIC_MAX, own, base_of(members)));
	else
		note(entity,
		     take_topic(out, HA_TOPIC_MAX, member(members->shared, name, abbreviation),
				base_of(&device)));
}

static void read_template(struct ha_entity *entity, struct ha_template *out, const json_t *value)
{
	*out = ha_template_none();
	if (value == NULL || json_is_null(value))
		return;
	if (!json_is_string(value))
		note(entity, REFUSAL_WRONG_TYPE);
	else if (ha_template_parse(out, json_string_value(value)) != 0)
		note(entity, REFUSAL_TEMPLATE_UNSUPPORTED);
}

/* ---- whether it is there ---- */

static void add_available(struct ha_entity *entity, const json_t *object, const char *topic_name,
			  const char *topic_short, const char *template_name,
			  const char *template_short, const char *base)
{
	struct ha_available *available = &entity->available[entity->available_count];
	const json_t *topic = member(object, topic_name, topic_short);

	if (topic == NULL || json_is_null(topic))
		return;
	if (entity->available_count == HA_AVAILABLE_MAX) {
		note(entity, REFUSAL_TOO_LARGE);
		return;
	}
	snprintf(available->up, sizeof available->up, "online");
	snprintf(available->down, sizeof available->down, "offline");
	note(entity, take_topic(available->topic, sizeof available->topic, topic, base));
	if (available->topic[0] == '\0')
		note(entity, REFUSAL_NOT_USABLE);
	read_template(entity, &available->template, member(object, template_name, template_short));
	if (!ha_template_is_place(&available->template))
		note(entity, REFUSAL_TEMPLATE_UNSUPPORTED);
	if (member(object, "payload_available", "pl_avail") != NULL)
		read_text(entity, available->up, sizeof available->up,
			  member(object, "payload_available", "pl_avail"));
	if (member(object, "payload_not_available", "pl_not_avail") != NULL)
		read_text(entity, available->down, sizeof available->down,
			  member(object, "payload_not_available", "pl_not_avail"));
	entity->available_count++;
}

static void read_available_mode(struct ha_entity *entity, const struct members *members)
{
	static const char *const modes[] = {"latest", "all", "any"};
	const json_t *mode = shared_member(members, "availability_mode", "avty_mode");

	if (mode == NULL)
		return;
	for (int i = 0; i < (int)ARRAY_LENGTH(modes); i++) {
		if (json_is_string(mode) && strcmp(json_string_value(mode), modes[i]) == 0) {
			entity->available_mode = (enum ha_available_mode)i;
			return;
		}
	}
	note(entity, REFUSAL_NOT_USABLE);
}

/* The object that says it, the entity's own or else the device's, with its own `~`. */
static void read_available(struct ha_entity *entity, const struct members *members)
{
	const struct members device = {members->shared, NULL};
	bool is_own = member(members->own, "availability", "avty") != NULL ||
		      member(members->own, "availability_topic", "avty_t") != NULL;
	const json_t *from = is_own ? members->own : members->shared;
	const json_t *list = member(from, "availability", "avty"), *item;
	const char *base = base_of(is_own ? members : &device);
	size_t i;

	read_available_mode(entity, members);
	add_available(entity, from, "availability_topic", "avty_t", "availability_template",
		      "avty_tpl", base);
	if (list != NULL && !json_is_array(list) && !json_is_object(list))
		note(entity, REFUSAL_WRONG_TYPE);
	if (json_is_object(list))
		add_available(entity, list, "topic", "t", "value_template", "val_tpl", base);
	json_array_foreach(list, i, item)
	    add_available(entity, item, "topic", "t", "value_template", "val_tpl", base);
}

/* ---- an entity ---- */

static void read_payloads(struct ha_entity *entity, const struct members *members)
{
	const json_t *on = member(members->own, "payload_on", "pl_on");
	const json_t *off = member(members->own, "payload_off", "pl_off");
	const json_t *state_on = member(members->own, "state_on", "stat_on");
	const json_t *state_off = member(members->own, "state_off", "stat_off");
	const json_t *template = member(members->own, "command_template", "cmd_tpl");
	struct ha_template command;

	snprintf(entity->on, sizeof entity->on, "ON");
	snprintf(entity->off, sizeof entity->off, "OFF");
	if (on != NULL)
		READ_TEXT(entity, on, on);
	if (off != NULL)
		READ_TEXT(entity, off, off);
	memcpy(entity->state_on, entity->on, sizeof entity->state_on);
	memcpy(entity->state_off, entity->off, sizeof entity->state_off);
	if (state_on != NULL)
		READ_TEXT(entity, state_on, state_on);
	if (state_off != NULL)
		READ_TEXT(entity, state_off, state_off);
	read_template(entity, &command, template);
	if (template != NULL && (command.has_path || !ha_template_is_place(&command)))
		note(entity, REFUSAL_TEMPLATE_UNSUPPORTED);
}

static void read_expiry(struct ha_entity *entity, const json_t *value)
{
	double seconds = json_number_value(value);

	if (value == NULL || json_is_null(value))
		return;
	if (!json_is_number(value))
		note(entity, REFUSAL_WRONG_TYPE);
	else if (!(seconds >= 0 && seconds <= EXPIRE_MAX_S))
		note(entity, REFUSAL_OUT_OF_RANGE);
	else
		entity->expire_after_ms = llround(seconds * MS_PER_SECOND);
}

static void read_encoding(struct ha_entity *entity, const struct members *members)
{
	const json_t *encoding = shared_member(members, "encoding", "e");

	if (encoding != NULL &&
	    !(json_is_string(encoding) && strcmp(json_string_value(encoding), "utf-8") == 0))
		note(entity, REFUSAL_NOT_USABLE);
}

static void read_entity(struct ha_entity *entity, const struct members *members)
{
	const json_t *device = shared_member(members, "device", "dev");

	READ_TEXT(entity, unique_id, member(members->own, "unique_id", "uniq_id"));
	READ_TEXT(entity, name, json_object_get(members->own, "name"));
	READ_TEXT(entity, device, json_object_get(device, "name"));
	READ_TEXT(entity, class, member(members->own, "device_class", "dev_cla"));
	READ_TEXT(entity, unit, member(members->own, "unit_of_measurement", "unit_of_meas"));
	READ_TEXT(entity, category, member(members->own, "entity_category", "ent_cat"));
	read_topic(entity, entity->state_topic, members, "state_topic", "stat_t");
	read_topic(entity, entity->command_topic, members, "command_topic", "cmd_t");
	read_template(entity, &entity->value, member(members->own, "value_template", "val_tpl"));
	read_payloads(entity, members);
	read_available(entity, members);
	read_expiry(entity, member(members->own, "expire_after", "exp_aft"));
	read_encoding(entity, members);
	entity->is_enabled = !json_is_false(member(members->own, "enabled_by_default", "en"));
}

static bool template_equal(const struct ha_template *a, const struct ha_template *b)
{
	return a->has_path == b->has_path && strcmp(a->path, b->path) == 0 &&
	       a->scale == b->scale && a->before.rounding == b->before.rounding &&
	       a->before.decimals == b->before.decimals && a->after.rounding == b->after.rounding &&
	       a->after.decimals == b->after.decimals;
}

static bool available_equal(const struct ha_available *a, const struct ha_available *b)
{
	return strcmp(a->topic, b->topic) == 0 && strcmp(a->up, b->up) == 0 &&
	       strcmp(a->down, b->down) == 0 && template_equal(&a->template, &b->template);
}

bool ha_entity_equal(const struct ha_entity *a, const struct ha_entity *b)
{
	const char *const left[] = {a->unique_id,     a->name, a->device,   a->platform,
				    a->class,         a->unit, a->category, a->state_topic,
				    a->command_topic, a->on,   a->off,      a->state_on,
				    a->state_off};
	const char *const right[] = {b->unique_id,     b->name, b->device,   b->platform,
				     b->class,         b->unit, b->category, b->state_topic,
				     b->command_topic, b->on,   b->off,      b->state_on,
				     b->state_off};

	for (size_t i = 0; i < ARRAY_LENGTH(left); i++) {
		if (strcmp(left[i], right[i]) != 0)
			return false;
	}
	for (size_t i = 0; i < a->available_count && i < b->available_count; i++) {
		if (!available_equal(&a->available[i], &b->available[i]))
			return false;
	}
	return a->why == b->why && template_equal(&a->value, &b->value) &&
	       a->available_count == b->available_count && a->available_mode == b->available_mode &&
	       a->expire_after_ms == b->expire_after_ms && a->is_enabled == b->is_enabled;
}

/* ---- messages ---- */

static enum refusal read_component(const struct ha_place *place, const json_t *message,
				   ha_found *found, void *user)
{
	const struct members members = {message, NULL};
	struct ha_entity entity;

	memset(&entity, 0, sizeof entity);
	memcpy(entity.platform, place->platform, sizeof entity.platform);
	read_entity(&entity, &members);
	found(user, "", &entity);
	return REFUSAL_NONE;
}

/* A key that is too long for us could not be found again when it is taken away. */
static bool is_key(const char *key)
{
	size_t length = strlen(key);

	return length > 0 && length < HA_NAME_MAX;
}

static void read_part(const json_t *message, const char *key, const json_t *component,
		      ha_found *found, void *user)
{
	const struct members members = {component, message};
	const json_t *platform = member(component, "platform", "p");
	struct ha_entity entity;

	memset(&entity, 0, sizeof entity);
	if (!is_key(key) || !json_is_object(component))
		return;
	if (platform != NULL && json_object_size(component) == 1) {
		found(user, key, NULL);
		return;
	}
	if (platform == NULL)
		note(&entity, REFUSAL_MISSING_FIELD);
	READ_TEXT(&entity, platform, platform);
	read_entity(&entity, &members);
	if (entity.unique_id[0] == '\0')
		note(&entity, REFUSAL_MISSING_FIELD);
	found(user, key, &entity);
}

static enum refusal read_device(const json_t *message, ha_found *found, void *user)
{
	json_t *components = (json_t *)member(message, "components", "cmps");
	const json_t *device = member(message, "device", "dev");
	const json_t *origin = member(message, "origin", "o");
	json_t *component;
	const char *key;

	if (device == NULL || origin == NULL || components == NULL)
		return REFUSAL_MISSING_FIELD;
	if (!json_is_object(components) || !json_is_object(device) || !json_is_object(origin))
		return REFUSAL_WRONG_TYPE;
	if (json_object_size(components) > HA_COMPONENTS_MAX)
		return REFUSAL_TOO_LARGE;
	json_object_foreach(components, key, component)
	    read_part(message, key, component, found, user);
	return REFUSAL_NONE;
}

enum refusal ha_discovery_read(const struct ha_place *place, const void *payload, size_t len,
			       ha_found *found, void *user)
{
	enum refusal why;
	json_t *message;

	if (len == 0) {
		found(user, NULL, NULL);
		return REFUSAL_NONE;
	}
	why = json_message_load(&message, payload, len, JSON_NUMBERS_AS_REAL);
	if (why != REFUSAL_NONE)
		return why;
	why = place->is_device ? read_device(message, found, user)
			       : read_component(place, message, found, user);
	json_decref(message);
	return why;
}

/* ---- topics ---- */

static bool is_word(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-",
			   text[i]) == NULL)
			return false;
	}
	return length > 0;
}

bool ha_place_of(struct ha_place *out, const char *prefix, const char *topic)
{
	static const char end[] = "/config";
	size_t before = strlen(prefix), length = strlen(topic), platform, object;
	struct ha_place place = {0};
	const char *at, *slash;

	if (length <= before + sizeof end || strncmp(topic, prefix, before) != 0 ||
	    topic[before] != '/' || strcmp(topic + length - (sizeof end - 1), end) != 0)
		return false;
	at = topic + before + 1;
	platform = strcspn(at, "/");
	if (!is_word(at, platform) || platform >= sizeof place.platform)
		return false;
	memcpy(place.platform, at, platform);
	if (at + platform >= topic + length - (sizeof end - 1))
		return false;
	at += platform + 1;
	object = (size_t)(topic + length - (sizeof end - 1) - at);
	if (object == 0 || object >= sizeof place.object)
		return false;
	slash = memchr(at, '/', object);
	if (slash != NULL ? !is_word(at, (size_t)(slash - at)) ||
				!is_word(slash + 1, object - (size_t)(slash + 1 - at))
			  : !is_word(at, object))
		return false;
	memcpy(place.object, at, object);
	place.is_device = strcmp(place.platform, "device") == 0;
	*out = place;
	return true;
}
