/*
 * What a person asks for: settings, acknowledgements; overrides in api_override.c.
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

void api_refuse(struct http_reply *reply, int rc, const struct text *error)
{
	http_problem(reply, status_of(rc), error->length ? error->data : strerror(-rc));
}

uint32_t api_path_number(const struct http_request *request)
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
	api_reply_when_stored(api, request, reply,
			      &(struct api_change){.status = status, .body = body});
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
		api_refuse(reply, rc, &error);
	else
		reply_done(api, request, reply, 200, change_json(api, &change));
}

/* ---- what has a number ---- */

void api_reply_to_number(struct api *api, const struct http_request *request,
			 struct http_reply *reply, int rc, struct text *error, const char *what)
{
	if (rc == -ENOENT)
		text_add(error, "no %s has this id", what);
	if (rc < 0)
		api_refuse(reply, rc, error);
	else
		reply_done(api, request, reply, 204, NULL);
}

void api_acknowledge_alert(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	int rc = api->host.acknowledge(api->host.user, api_path_number(request), &error);

	api_reply_to_number(api, request, reply, rc, &error, "alert");
}
