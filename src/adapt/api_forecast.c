/*
 * GET /forecast: where a battery's state of charge and temperature will be, from its own log
 * alone. Runs on a worker.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "adapt/api_internal.h"
#include "model/forecast.h"

#define HOURS_MAX 48

/* To two decimals. */
static json_t *rounded(double value)
{
	return json_real(round(value * 100) / 100);
}

static json_t *columns_json(const struct forecast *forecast, int count)
{
	static const char *const soc_names[] = {"soc_p10_pct", "soc_p50_pct", "soc_p90_pct"};
	static const char *const temp_names[] = {"temp_p10_c", "temp_p50_c", "temp_p90_c"};
	json_t *out = json_object(), *t = json_array();

	for (int i = 0; i < count; i++)
		json_array_append_new(t, json_integer(forecast->from.ms / MS_PER_SECOND +
						      (i + 1) * (int64_t)forecast->step_s));
	json_object_set_new(out, "t", t);
	for (int q = 0; q < FORECAST_QUANTILES; q++) {
		json_t *soc = json_array(), *temp = json_array();

		for (int i = 0; i < count; i++) {
			json_array_append_new(soc, rounded(forecast->steps[i].soc_pct[q]));
			json_array_append_new(temp, rounded(forecast->steps[i].temp_c[q]));
		}
		json_object_set_new(out, soc_names[q], soc);
		json_object_set_new(out, temp_names[q], temp);
	}
	return out;
}

static json_t *forecast_json(const char *battery, const struct forecast *forecast, int hours)
{
	int count = hours * (int)(MS_PER_HOUR / MS_PER_SECOND) / forecast->step_s;
	json_t *needs = json_array();

	if (forecast->count < count)
		count = forecast->count;
	if (count == 0)
		json_array_append_new(needs, json_string("readings"));
	return json_pack("{s:s, s:o, s:i, s:o, s:o, s:o}", "battery", battery, "from",
			 count == 0 ? json_null() : api_wall(forecast->from), "step_s",
			 forecast->step_s, "days_known", rounded(forecast->days), "needs", needs,
			 "columns", columns_json(forecast, count));
}

static void reply_forecast(const struct api *api, const char *battery, const char *node, int hours,
			   struct http_reply *reply)
{
	struct forecast *forecast = malloc(sizeof(*forecast));
	char words[200];
	struct text error = text_in(words, sizeof(words));
	int rc = -ENOMEM;

	if (forecast)
		rc = api->host.foresee(api->host.journal_path, node, clock_wall(api->host.clock),
				       forecast, &error);
	if (rc == 0)
		api_reply(reply, 200, forecast_json(battery, forecast, hours));
	else
		http_problem(reply, rc == -ENOENT ? 503 : 500, words);
	free(forecast);
}

void api_get_forecast(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	const char *battery = http_argument(request, "battery");
	int index = battery ? api_configured_battery(api, battery) : -1;
	uint32_t hours = HOURS_MAX;

	if (!battery) {
		http_problem(reply, 400, "\"battery\" is missing: which one");
		return;
	}
	if (api_read_limit(&hours, http_argument(request, "hours"), HOURS_MAX) < 0) {
		http_problem(reply, 400, "\"hours\" must be within 1..48");
		return;
	}
	if (index < 0 && !api_is_admitted(api, battery)) {
		http_problem_of(reply, 404, "not-found", "no such battery");
		return;
	}
	reply_forecast(api, battery,
		       index < 0 ? battery : api->host.house->batteries[index].node.text,
		       (int)hours, reply);
}
