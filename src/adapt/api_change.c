/*
 * What a person asks for: settings, overrides, acknowledgements.
 *
 * It reads the wish (api_body.c), hands it to the host, which decides, and says
 * what came of it in HTTP's words: 400 malformed, 404 unknown, 422 refused by
 * limits, 503 not done since it cannot be stored. When it was done, the answer
 * waits for the disk (api_wait.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_body.h"
#include "adapt/api_internal.h"

static int status_of(int rc)
{
	switch (rc) {
	case -EINVAL:
		return 400;
	case -ENOENT:
		return 404;
	case -ERANGE:
		return 422;
	case -EAGAIN:
	case -EBUSY:
		return 503;
	default:
		return 500;
	}
}

static void refuse(struct http_reply *reply, int rc, const struct text *error)
{
	http_problem(reply, status_of(rc), error->length ? error->data : strerror(-rc));
}

/* The number in the path, 0 where it is none: no override or alert has it. */
static uint32_t path_number(const struct http_request *request)
{
	char *end;
	unsigned long number;

	if (request->segment[0] < '0' || request->segment[0] > '9')
		return 0;
	errno = 0;
	number = strtoul(request->segment, &end, 10);
	return *end || errno || number > UINT32_MAX ? 0 : (uint32_t)number;
}

/* Replies once the change is stored; `body` is taken, NULL where memory is out. */
static void reply_done(struct api *api, const struct http_request *request,
		       struct http_reply *reply, int status, json_t *body)
{
	api_reply_when_stored(api, request, reply, &(struct api_change){status, body, false});
}

/* ---- settings ---- */

/* What holds after the change: for the house its own layer, for a battery the outcome. */
static json_t *change_json(const struct api *api, const struct setting_change *change)
{
	int battery = change->scope[0] ? house_find_battery(api->host.house, change->scope) : -1;
	json_t *out = json_pack(
	    "{s:s, s:s, s:b, s:o}", "scope", change->scope, "name",
	    parameter_get(change->parameter)->name, "set", change->is_set, "requested",
	    change->is_set ? api_parameter_value(change->parameter, &change->value) : json_null());

	if (out && battery >= 0) {
		const struct settings *settings = &api->host.site->settings[battery];

		json_object_set_new(
		    out, "value",
		    api_parameter_value(change->parameter, &settings->value[change->parameter]));
		json_object_set_new(
		    out, "place",
		    json_string(layer_place_name(settings->place[change->parameter])));
	}
	return out;
}

void api_patch_settings(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct setting_change change;
	int rc = setting_change_parse(&change, request->body, request->body_length, &error);

	if (rc == 0 && change.scope[0] && house_find_battery(api->host.house, change.scope) < 0) {
		text_add(&error, "there is no battery \"%s\"", change.scope);
		rc = -ENOENT;
	}
	if (rc == 0)
		rc = api->host.set(api->host.user, change.scope, change.parameter,
				   change.is_set ? &change.value : NULL, change.is_set, &error);
	if (rc < 0)
		refuse(reply, rc, &error);
	else
		reply_done(api, request, reply, 200, change_json(api, &change));
}

/* ---- overrides ---- */

/* Turns a wish for one relay into what its battery is to do: off holds both paths open. */
static int find_battery(const struct api *api, const struct override_request *request,
			enum intent *intent, struct text *error)
{
	const struct house *house = api->host.house;
	int relay, battery;

	if (request->is_by_relay) {
		relay = house_find_relay(house, request->id);
		if (relay < 0) {
			text_add(error, "there is no relay \"%s\"", request->id);
			return -ENOENT;
		}
		*intent = !request->is_on                             ? INTENT_SAFE
			  : house->relays[relay].role == RELAY_SOURCE ? INTENT_CHARGE
								      : INTENT_DISCHARGE;
		return (int)house->relays[relay].battery;
	}
	battery = house_find_battery(house, request->id);
	if (battery < 0) {
		text_add(error, "there is no battery \"%s\"", request->id);
		return -ENOENT;
	}
	*intent = request->intent;
	return battery;
}

static json_t *override_json(const struct api *api, size_t battery, uint32_t id)
{
	const struct decision *decision = &api->host.site->batteries[battery].decision;
	struct now now = api->host.now(api->host.user);
	json_t *out = api_override(api, battery, now);

	if (!json_is_object(out)) {
		json_decref(out);
		out = json_pack("{s:I, s:s}", "id", (json_int_t)id, "battery",
				api->host.house->batteries[battery].id.text);
	}
	if (out) {
		json_object_set_new(out, "permitted",
				    json_boolean(decision->intent == decision->wanted));
		json_object_set_new(out, "stored", json_true());
		json_object_set_new(out, "decision", api_decision(decision));
	}
	return out;
}

void api_post_override(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct override_request wish;
	struct api_change change = {.status = 201};
	enum intent intent = INTENT_SAFE;
	uint32_t id = 0;
	int battery;
	int rc = override_request_parse(&wish, request->body, request->body_length, &error);

	if (rc < 0) {
		refuse(reply, rc, &error);
		return;
	}
	battery = find_battery(api, &wish, &intent, &error);
	if (battery < 0) {
		refuse(reply, battery, &error);
		return;
	}
	rc = api->host.override(api->host.user, (size_t)battery, intent, wish.duration_ms, &id,
				&error);
	if (rc < 0) {
		refuse(reply, rc, &error);
		return;
	}
	change.body = override_json(api, (size_t)battery, id);
	change.is_off = intent == INTENT_SAFE;
	api_reply_when_stored(api, request, reply, &change);
}

/* Replies 204, or what kept it from being done; `what` is what nothing with that number is. */
static void reply_to_number(struct api *api, const struct http_request *request,
			    struct http_reply *reply, int rc, struct text *error, const char *what)
{
	if (rc == -ENOENT)
		text_add(error, "no %s has this id", what);
	if (rc < 0)
		refuse(reply, rc, error);
	else
		reply_done(api, request, reply, 204, NULL);
}

void api_delete_override(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	int rc = api->host.override_cancel(api->host.user, path_number(request), &error);

	reply_to_number(api, request, reply, rc, &error, "active override");
}

/* ---- alerts ---- */

void api_acknowledge_alert(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	int rc = api->host.acknowledge(api->host.user, path_number(request), &error);

	reply_to_number(api, request, reply, rc, &error, "alert");
}
