/*
 * What is known of a battery's health; what is missing is said.
 */
#include "adapt/api_internal.h"

static json_t *limits_json(const struct settings *settings)
{
	/* Each with the hysteresis behind which it releases, upwards (1) or downwards (-1). */
	static const struct {
		enum parameter_id id, hysteresis;
		int sign;
	} LIMITS[] = {
	    {PARAMETER_RESERVE, PARAMETER_SOC_HYSTERESIS, 1},
	    {PARAMETER_CEILING, PARAMETER_SOC_HYSTERESIS, -1},
	    {PARAMETER_CHARGE_MIN_TEMP, PARAMETER_TEMP_HYSTERESIS, 1},
	    {PARAMETER_CHARGE_MAX_TEMP, PARAMETER_TEMP_HYSTERESIS, -1},
	    {PARAMETER_DISCHARGE_MIN_TEMP, PARAMETER_TEMP_HYSTERESIS, 1},
	    {PARAMETER_DISCHARGE_MAX_TEMP, PARAMETER_TEMP_HYSTERESIS, -1},
	};
	json_t *out = json_array();

	for (size_t i = 0; i < ARRAY_LENGTH(LIMITS); i++) {
		enum parameter_id id = LIMITS[i].id;
		struct parameter_value release = settings->value[id];

		release.number += LIMITS[i].sign * setting(settings, LIMITS[i].hysteresis);
		json_array_append_new(
		    out,
		    json_pack("{s:s, s:o, s:o, s:s, s:s}", "name", parameter_get(id)->name, "value",
			      api_parameter_value(id, &settings->value[id]), "release",
			      api_parameter_value(id, &release), "unit", parameter_get(id)->unit,
			      "place", layer_place_name(settings->place[id])));
	}
	return out;
}

static json_t *health_json(const struct api *api, size_t battery)
{
	const struct battery_config *config = &api->host.house->batteries[battery];

	return json_pack(
	    "{s:s, s:o, s:o, s:{s:n, s:s}, s:o}", "battery", config->id.text, "capacity_wh",
	    config->capacity_wh > 0 ? json_integer(config->capacity_wh) : json_null(), "power_w",
	    config->power_w > 0 ? json_integer(config->power_w) : json_null(), "soh", "soh_pct",
	    "needs", "pack current", "limits", limits_json(&api->host.site->settings[battery]));
}

void api_get_battery_health(void *user, const struct http_request *request,
			    struct http_reply *reply)
{
	const struct api *api = user;
	const char *wanted = http_argument(request, "battery");
	int only = wanted ? house_find_battery(api->host.house, wanted) : -1;
	json_t *out;

	if (wanted && only < 0) {
		http_problem_of(reply, 404, "not-found", "no such battery");
		return;
	}
	out = json_array();
	for (size_t i = 0; i < api->host.house->battery_count; i++)
		if (!wanted || (size_t)only == i)
			json_array_append_new(out, health_json(api, i));
	api_reply(reply, 200, json_pack("{s:o}", "batteries", out));
}
