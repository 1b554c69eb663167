/* From an entity to a source of one field: what class and unit allow, and the words of its states.
 */
#include "wire/ha_binding.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* ---- units ---- */

static const struct ha_unit {
	const char *name;
	enum source_unit unit;
} units[] = {
    {"%", SOURCE_UNIT_PERCENT}, {"°C", SOURCE_UNIT_C},    {"℃", SOURCE_UNIT_C},
    {"°F", SOURCE_UNIT_F},      {"K", SOURCE_UNIT_K},     {"V", SOURCE_UNIT_V},
    {"mV", SOURCE_UNIT_MV},     {"A", SOURCE_UNIT_A},     {"mA", SOURCE_UNIT_MA},
    {"W", SOURCE_UNIT_W},       {"mW", SOURCE_UNIT_MW},   {"kW", SOURCE_UNIT_KW},
    {"Wh", SOURCE_UNIT_WH},     {"kWh", SOURCE_UNIT_KWH},
};

static const struct ha_unit *unit_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_LENGTH(units); i++) {
		if (strcmp(units[i].name, name) == 0)
			return &units[i];
	}
	return NULL;
}

/* ---- what an entity may be ---- */

/* The class that an entity of that dimension has. */
static const char *class_of(enum source_dimension dimension, const char *class)
{
	switch (dimension) {
	case SOURCE_TEMPERATURE:
		return "temperature";
	case SOURCE_VOLTS:
		return "voltage";
	case SOURCE_AMPERES:
		return "current";
	case SOURCE_WATTS:
		return "power";
	case SOURCE_ENERGIES:
		return strcmp(class, "energy_storage") == 0 ? class : "energy";
	default:
		return "battery";
	}
}

/* Home Assistant knows one unit of a battery; of all else there are several. */
static bool has_fitting_unit(const struct ha_entity *entity, enum source_dimension dimension)
{
	const struct ha_unit *unit = unit_named(entity->unit);

	if (entity->unit[0] == '\0')
		return dimension == SOURCE_RATIO && strcmp(entity->class, "battery") == 0;
	return unit != NULL && source_unit_dimension(unit->unit) == dimension;
}

static enum refusal number_suits(const struct ha_entity *entity, enum source_field field)
{
	enum source_dimension dimension = source_field_info(field)->dimension;
	bool has_class = entity->class[0] != '\0';

	if (strcmp(entity->platform, "sensor") != 0 && strcmp(entity->platform, "number") != 0)
		return REFUSAL_NOT_USABLE;
	/* The health of a battery has no class of its own. */
	if (has_class && field != SOURCE_SOH &&
	    strcmp(entity->class, class_of(dimension, entity->class)) != 0)
		return REFUSAL_NOT_USABLE;
	return has_fitting_unit(entity, dimension) ? REFUSAL_NONE : REFUSAL_NOT_USABLE;
}

static enum refusal state_suits(const struct ha_entity *entity)
{
	bool is_switch = strcmp(entity->platform, "switch") == 0 ||
			 strcmp(entity->platform, "binary_sensor") == 0;

	/* In a command of ours `$` begins a word that is filled in. */
	if (!is_switch || strchr(entity->on, '$') != NULL || strchr(entity->off, '$') != NULL)
		return REFUSAL_NOT_USABLE;
	return ha_template_is_place(&entity->value) ? REFUSAL_NONE : REFUSAL_TEMPLATE_UNSUPPORTED;
}

enum refusal ha_entity_suits(const struct ha_entity *entity, enum source_field field, bool is_named)
{
	enum source_field_kind kind = source_field_info(field)->kind;

	if (entity->why != REFUSAL_NONE)
		return entity->why;
	if (entity->state_topic[0] == '\0')
		return REFUSAL_NO_READBACK;
	if (!is_named && entity->category[0] != '\0')
		return REFUSAL_NOT_USABLE;
	switch (kind) {
	case SOURCE_IS_NUMBER:
		return number_suits(entity, field);
	case SOURCE_IS_STATE:
	case SOURCE_IS_FLAG:
		return state_suits(entity);
	default:
		return REFUSAL_NOT_USABLE;
	}
}

/* ---- the source ---- */

#define MAP_WORDS 4

static struct source_map *new_map(void)
{
	struct source_map *map;

	return calloc(1, sizeof(*map) + MAP_WORDS * sizeof(map->words[0]));
}

static void add_word(struct source_map *map, const char *from, const char *to)
{
	map->words[map->count].from = from;
	map->words[map->count++].to = to;
}

/* JSON's truth is written as Python does where a template takes it out of a message. */
static void add_state(struct source_map *map, const char *from, const char *to, bool is_templated)
{
	add_word(map, from, to);
	if (is_templated && strcmp(from, "True") == 0)
		add_word(map, "true", to);
	else if (is_templated && strcmp(from, "False") == 0)
		add_word(map, "false", to);
}

static const char *path_of(const struct ha_template *template)
{
	return template->has_path ? template->path : NULL;
}

static int make_row(struct ha_binding *out, enum source_field field)
{
	const struct ha_entity *entity = &out->entity;
	const struct ha_unit *unit = unit_named(entity->unit);
	bool is_number = source_field_info(field)->kind == SOURCE_IS_NUMBER;

	out->row = (struct source_row){
	    .field = field,
	    .topic = entity->state_topic,
	    .path = path_of(&entity->value),
	    .before = entity->value.before,
	    .after = entity->value.after,
	    .scale = entity->value.scale,
	    .unit = is_number && unit != NULL ? unit->unit : SOURCE_UNIT_OURS,
	};
	out->source.rows = &out->row;
	out->source.row_count = 1;
	out->source.field_count = 1;
	out->source.fields[0] = (uint8_t)field;
	if (is_number)
		return 0;
	out->state = new_map();
	if (out->state == NULL)
		return -ENOMEM;
	add_state(out->state, entity->state_on, "on", entity->value.has_path);
	add_state(out->state, entity->state_off, "off", entity->value.has_path);
	out->row.map = out->state;
	return 0;
}

static int make_available(struct ha_binding *out)
{
	static const enum source_available_mode modes[] = {
	    [HA_AVAILABLE_LATEST] = SOURCE_AVAILABLE_LATEST,
	    [HA_AVAILABLE_ALL] = SOURCE_AVAILABLE_ALL,
	    [HA_AVAILABLE_ANY] = SOURCE_AVAILABLE_ANY,
	};

	out->source.available_count = out->entity.available_count;
	out->source.available_mode = modes[out->entity.available_mode];
	for (size_t i = 0; i < out->entity.available_count; i++) {
		const struct ha_available *available = &out->entity.available[i];

		out->up[i] = new_map();
		if (out->up[i] == NULL)
			return -ENOMEM;
		add_state(out->up[i], available->up, "up", available->template.has_path);
		add_state(out->up[i], available->down, "down", available->template.has_path);
		out->source.available[i] = (struct source_available){
		    .topic = available->topic,
		    .path = path_of(&available->template),
		    .words = out->up[i],
		};
	}
	return 0;
}

/* Its announcement knows of no timer: nothing that it says opens it when we are gone. */
static void make_write(struct ha_binding *out)
{
	const struct ha_entity *entity = &out->entity;

	out->source.write.lease = SOURCE_LEASE_UNSUPPORTED;
	if (entity->command_topic[0] == '\0' || strcmp(entity->platform, "switch") != 0)
		return;
	out->source.write.on = (struct source_message_out){entity->command_topic, entity->on};
	out->source.write.off = (struct source_message_out){entity->command_topic, entity->off};
}

int ha_binding_make(struct ha_binding *out, const struct ha_entity *entity, enum source_field field,
		    bool is_named, int64_t stale_after_ms)
{
	int result;

	if (ha_entity_suits(entity, field, is_named) != REFUSAL_NONE)
		return -EINVAL;
	memset(out, 0, sizeof *out);
	out->entity = *entity;
	out->source.stale_after_ms = stale_after_ms;
	if (entity->expire_after_ms > 0 && entity->expire_after_ms < stale_after_ms)
		out->source.stale_after_ms = entity->expire_after_ms;
	result = make_row(out, field);
	if (result == 0)
		result = make_available(out);
	if (result == 0 && source_field_info(field)->kind == SOURCE_IS_STATE)
		make_write(out);
	if (result != 0)
		ha_binding_deinit(out);
	return result;
}

void ha_binding_deinit(struct ha_binding *binding)
{
	if (binding == NULL)
		return;
	free(binding->state);
	for (size_t i = 0; i < HA_AVAILABLE_MAX; i++)
		free(binding->up[i]);
	memset(binding, 0, sizeof *binding);
}
