/*
 * The list of parameters: what each is, what is set where, and what holds for
 * each battery. Changing one is api_change.c's affair.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"

/* What is set at a place, or null. */
static json_t *layer_json(const struct api *api, enum layer_place place, size_t battery,
			  enum parameter_id id)
{
	const struct parameter_layer *layer = api->host.layer(api->host.user, place, battery);

	if (!layer || !layer->is_set[id])
		return json_null();
	return api_parameter_value(id, &layer->value[id]);
}

static json_t *battery_json(const struct api *api, size_t battery, enum parameter_id id)
{
	const struct settings *settings = &api->host.site->settings[battery];

	return json_pack("{s:s, s:o, s:s, s:o, s:o}", "battery",
			 api->host.house->batteries[battery].id.text, "value",
			 api_parameter_value(id, &settings->value[id]), "place",
			 layer_place_name(settings->place[id]), "file",
			 layer_json(api, LAYER_BATTERY_FILE, battery, id), "set",
			 layer_json(api, LAYER_BATTERY_RUN, battery, id));
}

static void add_allowed(json_t *out, const struct parameter *parameter)
{
	json_t *choices;

	if (parameter->kind == KIND_NUMBER) {
		json_object_set_new(out, "min", api_scaled(parameter->min, parameter->scale));
		json_object_set_new(out, "max", api_scaled(parameter->max, parameter->scale));
		return;
	}
	if (parameter->kind != KIND_CHOICE)
		return;
	choices = json_array();
	for (size_t i = 0; parameter->choices[i]; i++)
		json_array_append_new(choices, json_string(parameter->choices[i]));
	json_object_set_new(out, "choices", choices);
}

static json_t *parameter_json(const struct api *api, enum parameter_id id)
{
	static const char *const KINDS[] = {"number", "choice", "schedule"};
	const struct parameter *parameter = parameter_get(id);
	const struct parameter_value preset = {.number = parameter->preset};
	json_t *batteries = json_array();
	json_t *out = json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "name", parameter->name,
				"kind", KINDS[parameter->kind], "unit", parameter->unit, "help",
				parameter->help, "default", api_parameter_value(id, &preset),
				"file", layer_json(api, LAYER_HOUSE_FILE, 0, id), "set",
				layer_json(api, LAYER_HOUSE_RUN, 0, id));

	for (size_t i = 0; i < api->host.house->battery_count; i++)
		json_array_append_new(batteries, battery_json(api, i, id));
	if (!out) {
		json_decref(batteries);
		return NULL;
	}
	add_allowed(out, parameter);
	json_object_set_new(out, "batteries", batteries);
	return out;
}

static json_t *settings_json(const struct api *api)
{
	json_t *out = json_array();

	for (int id = 0; id < PARAMETER_COUNT; id++)
		json_array_append_new(out, parameter_json(api, (enum parameter_id)id));
	return out;
}

static void write_etag(char out[API_ETAG_MAX], const json_t *settings)
{
	char *words = settings ? json_dumps(settings, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
	struct text text = text_in(out, API_ETAG_MAX);

	if (words)
		text_add(&text, "\"%016" PRIx64 "\"", hash_bytes(words, strlen(words)));
	free(words);
}

void api_settings_etag(const struct api *api, char out[API_ETAG_MAX])
{
	json_t *settings = settings_json(api);

	write_etag(out, settings);
	json_decref(settings);
}

void api_get_settings(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	json_t *settings = settings_json(api);
	char tag[API_ETAG_MAX];

	(void)request;
	write_etag(tag, settings);
	api_reply(reply, 200, json_pack("{s:o, s:s}", "settings", settings, "etag", tag));
	if (tag[0])
		http_reply_header(reply, "ETag", "%s", tag);
}
