/*
 * GET /prices: what energy costs, slot by slot, and how those do that publish it; GET /forecast/pv:
 * what others foresee.
 */
#include "adapt/api_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define DAYS_USUAL 2 /* today and tomorrow */

/* The midnight of the house that the day of `at_s` begins with, and so many days later. */
static int64_t midnight_s(const struct api *api, int64_t at_s, int days)
{
	rollup_offset *offset_of = api->host.offset_s;
	int64_t local_s = at_s + offset_of((struct wall_time){at_s * MS_PER_SECOND});
	int64_t guess_s;

	local_s += days * (int64_t)86400;
	local_s -= local_s % 86400;
	guess_s = local_s - offset_of((struct wall_time){(local_s - 86400) * MS_PER_SECOND});
	return local_s - offset_of((struct wall_time){guess_s * MS_PER_SECOND});
}

static json_t *price_json(double price)
{
	return isnan(price) ? json_null() : json_real(price);
}

static json_t *slots_json(const struct price_slot *slots, size_t count)
{
	json_t *t = json_array(), *length = json_array(), *buy = json_array(), *sell = json_array(),
	       *assumed = json_array();

	for (size_t i = 0; i < count; i++) {
		json_array_append_new(t, json_integer(slots[i].from_s));
		json_array_append_new(length, json_integer(slots[i].length_s));
		json_array_append_new(buy, price_json(slots[i].buy));
		json_array_append_new(sell, price_json(slots[i].sell));
		json_array_append_new(assumed, json_boolean(slots[i].mark == PRICE_ASSUMED));
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:o}", "t", t, "length_s", length, "buy", buy,
			 "sell", sell, "assumed", assumed);
}

static json_t *source_json(const struct price_source_view *view)
{
	json_t *age, *until;

	if (view->kind == NULL)
		return json_null();
	age = view->has_age ? json_integer(view->age_s) : json_null();
	until = view->known_until_s != 0
		    ? api_wall((struct wall_time){view->known_until_s * MS_PER_SECOND})
		    : json_null();
	return json_pack("{s:s, s:o, s:b, s:o, s:s}", "kind", view->kind, "age_s", age, "ok",
			 view->is_ok, "known_until", until, "words", view->words);
}

json_t *api_price_sources(const struct api *api)
{
	static const char *const names[PRICE_SOURCES] = {"import", "export", "pv"};
	struct price_source_view views[PRICE_SOURCES] = {0};
	json_t *out = json_object();

	if (api->host.price_sources != NULL)
		api->host.price_sources(api->host.user, views);
	for (int i = 0; i < PRICE_SOURCES; i++)
		json_object_set_new(out, names[i], source_json(&views[i]));
	return out;
}

static json_t *prices_json(const struct api *api, int64_t from_s, int64_t to_s)
{
	const struct prices_config *config = &api->host.house->prices;
	struct price_slot *slots = calloc(PRICE_SLOTS_MAX, sizeof(*slots));
	size_t count = 0;
	json_t *out;

	if (slots == NULL)
		return NULL;
	if (api->host.prices != NULL)
		count = api->host.prices(api->host.user, from_s, to_s, slots, PRICE_SLOTS_MAX);
	out = json_pack("{s:o, s:o, s:o}", "currency",
			config->is_on ? json_string(config->currency) : json_null(), "slots",
			slots_json(slots, count), "sources", api_price_sources(api));
	free(slots);
	return out;
}

/* The time that is asked for. Returns whether it can be; has replied where not. */
static bool read_span(const struct api *api, const struct http_request *request,
		      struct http_reply *reply, struct wall_time *from_out,
		      struct wall_time *to_out)
{
	int64_t now_s = clock_wall(api->host.clock).ms / MS_PER_SECOND;
	struct wall_time from = {midnight_s(api, now_s, 0) * MS_PER_SECOND}, to;

	if (api_read_time(&from, http_argument(request, "from")) != 0) {
		http_problem(reply, 400, "\"from\" is no time: ISO 8601 with a zone, or ms");
		return false;
	}
	to.ms = midnight_s(api, from.ms / MS_PER_SECOND, DAYS_USUAL) * MS_PER_SECOND;
	if (api_read_time(&to, http_argument(request, "to")) != 0) {
		http_problem(reply, 400, "\"to\" is no time: ISO 8601 with a zone, or ms");
		return false;
	}
	if (to.ms <= from.ms ||
	    to.ms - from.ms > (PRICE_SLOTS_MAX - 1) * (int64_t)PRICE_STEP_MIN_S * MS_PER_SECOND) {
		http_problem(reply, 400, "\"to\" must be after \"from\", by 20 days at most");
		return false;
	}
	*from_out = from;
	*to_out = to;
	return true;
}

void api_get_prices(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	struct wall_time from, to;

	if (read_span(api, request, reply, &from, &to))
		api_reply(reply, 200,
			  prices_json(api, from.ms / MS_PER_SECOND, to.ms / MS_PER_SECOND));
}

static json_t *forecast_json(const struct api *api, int64_t from_s, int64_t to_s)
{
	struct price_source_view views[PRICE_SOURCES] = {0};
	struct feed_slot *slots = calloc(FEED_SLOTS_MAX, sizeof(*slots));
	json_t *t = json_array(), *length = json_array(), *power = json_array();
	size_t count = 0;

	if (api->host.price_sources != NULL)
		api->host.price_sources(api->host.user, views);
	if (slots != NULL && api->host.pv_forecast != NULL)
		count = api->host.pv_forecast(api->host.user, from_s, to_s, slots, FEED_SLOTS_MAX);
	for (size_t i = 0; i < count; i++) {
		json_array_append_new(t, json_integer(slots[i].from_s));
		json_array_append_new(length, json_integer(slots[i].length_s));
		json_array_append_new(power, json_real(slots[i].value));
	}
	free(slots);
	return json_pack("{s:{s:{s:o, s:o, s:o}, s:o}}", "pv", "slots", "t", t, "length_s", length,
			 "power_w", power, "source", source_json(&views[PRICE_SOURCE_PV]));
}

void api_get_forecast_pv(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	struct wall_time from, to;

	if (read_span(api, request, reply, &from, &to))
		api_reply(reply, 200,
			  forecast_json(api, from.ms / MS_PER_SECOND, to.ms / MS_PER_SECOND));
}
