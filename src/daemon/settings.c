/*
 * Parameters at run time: checked as a whole before anything changes, then
 * stored, then applied. The file's layers are in the house.
 */
#include "daemon/daemon.h"

#include <errno.h>

/* The run-time layer of `scope` (empty: the house), or NULL where there is no such battery. */
static struct parameter_layer *layer_of(struct daemon *daemon, const char *scope)
{
	int battery;

	if (scope[0] == '\0')
		return &daemon->house_run;
	battery = house_find_battery(&daemon->house, scope);
	return battery < 0 ? NULL : &daemon->battery_run[battery];
}

int settings_restore(struct daemon *daemon, const char *battery, enum parameter_id id,
		     const struct parameter_value *value)
{
	struct parameter_layer *layer = layer_of(daemon, battery);

	if (layer == NULL)
		return -ENOENT;
	layer->is_set[id] = true;
	layer->value[id] = *value;
	return 0;
}

int settings_of(struct daemon *daemon, size_t battery, struct settings *out, struct text *error)
{
	const struct battery_config *config = &daemon->house.batteries[battery];

	return settings_resolve(out, config->chemistry, &daemon->house.layer, &daemon->house_run,
				&config->layer, &daemon->battery_run[battery], error);
}

static bool write_setting(struct daemon *daemon, const char *scope, enum parameter_id id,
			  const struct parameter_value *value, bool is_set)
{
	struct record record = daemon_new_record(daemon, RECORD_SETTING);
	struct text battery =
	    text_in(record.setting.battery.text, sizeof record.setting.battery.text);

	text_add(&battery, "%s", scope);
	record.setting.parameter = id;
	record.setting.is_set = is_set;
	if (is_set)
		record.setting.value = *value;
	return daemon_record(daemon, &record);
}

static void write_layer(struct daemon *daemon, const char *scope,
			const struct parameter_layer *layer)
{
	for (int id = 0; id < PARAMETER_COUNT; id++) {
		if (layer->is_set[id])
			write_setting(daemon, scope, (enum parameter_id)id, &layer->value[id],
				      true);
	}
}

void settings_write_all(struct daemon *daemon)
{
	write_layer(daemon, "", &daemon->house_run);
	for (size_t i = 0; i < daemon->house.battery_count; i++)
		write_layer(daemon, daemon->house.batteries[i].id.text, &daemon->battery_run[i]);
}

void settings_forget(struct daemon *daemon, size_t battery)
{
	struct parameter_layer *layer = &daemon->battery_run[battery];

	for (int id = 0; id < PARAMETER_COUNT; id++) {
		if (layer->is_set[id])
			write_setting(daemon, daemon->house.batteries[battery].id.text,
				      (enum parameter_id)id, NULL, false);
	}
}

/* Whether every battery's settings would still hold together; else says which one's do not. */
static int check_all(struct daemon *daemon, struct text *error)
{
	struct settings settings;

	for (size_t i = 0; i < daemon->house.battery_count; i++) {
		int result = settings_of(daemon, i, &settings, error);

		if (result == 0)
			continue;
		text_add(error, " (battery %s)", daemon->house.batteries[i].id.text);
		return result;
	}
	return 0;
}

static void apply_all(struct daemon *daemon)
{
	char room[8];
	struct text none = text_in(room, sizeof room);

	for (size_t i = 0; i < daemon->house.battery_count; i++) {
		struct event event = {.kind = EVENT_SETTINGS, .index = i};

		if (settings_of(daemon, i, &event.settings.settings, &none) != 0)
			continue; /* cannot be: check_all() passed */
		daemon_step(daemon, &event);
		intervals_tell(daemon, i);
	}
}

int settings_set(struct daemon *daemon, const char *scope, enum parameter_id id,
		 const struct parameter_value *value, bool is_set, struct text *error)
{
	struct parameter_layer *layer = layer_of(daemon, scope);
	bool was_set;
	struct parameter_value before;
	int result;

	if (layer == NULL)
		return -ENOENT;
	was_set = layer->is_set[id];
	before = layer->value[id];
	layer->is_set[id] = is_set;
	if (is_set)
		layer->value[id] = *value;
	result = check_all(daemon, error);
	if (result == 0 && !write_setting(daemon, scope, id, value, is_set)) {
		text_add(error,
			 "nothing was done, since it could not be stored: the disk is too slow");
		result = -EAGAIN;
	}
	if (result != 0) {
		layer->is_set[id] = was_set;
		layer->value[id] = before;
		return result;
	}
	apply_all(daemon);
	api_event_setting(daemon->api, scope, id, is_set ? value : NULL);
	return 0;
}
