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

static const char *type_of(int rc)
{
	switch (rc) {
	case -EINVAL:
		return "malformed";
	case -ENOENT:
		return "not-found";
	case -ERANGE:
		return "refused-by-limits";
	case -EAGAIN:
	case -EBUSY:
		return "not-now";
	default:
		return NULL;
	}
}

void api_refuse(struct http_reply *reply, int rc, const struct text *error)
{
	http_problem_of(reply, status_of(rc), type_of(rc),
			error->length ? error->data : strerror(-rc));
}

bool api_is_repeated(struct api *api, const struct http_request *request, const char *what,
		     struct http_reply *reply)
{
	return api_once_answers(&api->once, request, what, uv_now(api->loop), reply);
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
		       struct http_reply *reply, const char *what, int status, json_t *body)
{
	uint64_t once = api_once_begin(&api->once, request, what, uv_now(api->loop));

	api_reply_when_stored(
	    api, request, reply,
	    &(struct api_change){.status = status, .body = body, .once = once});
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

	if (out) {
		char tag[API_ETAG_MAX];

		api_settings_etag(api, tag);
		json_object_set_new(out, "etag", json_string(tag));
	}
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

/* Whether who asks knows what he changes; over the socket he need not say so. */
static bool is_matched(const struct api *api, const struct http_request *request,
		       struct http_reply *reply)
{
	const char *match = http_header(request, "If-Match");
	char tag[API_ETAG_MAX];

	if (!match && request->transport == HTTP_UNIX)
		return true;
	if (!match) {
		http_problem_of(reply, 428, "if-match-needed",
				"say in If-Match which settings are changed: the ETag of "
				"GET /api/v1/settings");
		return false;
	}
	api_settings_etag(api, tag);
	if (strcmp(match, "*") == 0 || (tag[0] && strcmp(match, tag) == 0))
		return true;
	http_problem_of(reply, 412, "changed-meanwhile",
			"the settings were changed meanwhile: look at them again");
	http_reply_header(reply, "ETag", "%s", tag);
	return false;
}

/* Says why: with the parameter's range where it has one. */
static void refuse_setting(struct http_reply *reply, const struct setting_change *change, int rc,
			   const struct text *error)
{
	const struct parameter *parameter = parameter_get(change->parameter);
	struct http_trouble trouble = {
	    .status = 422, .type = "out-of-range", .detail = error->data, .pointer = "/value"};

	if (rc != -ERANGE) {
		api_refuse(reply, rc, error);
		return;
	}
	if (parameter->kind == KIND_NUMBER) {
		trouble.has_range = true;
		trouble.min = (double)parameter->min / parameter->scale;
		trouble.max = (double)parameter->max / parameter->scale;
	}
	http_trouble(reply, &trouble);
}

/* "b1.reserve_pct = 35", "tariff unset" */
static void note(const struct http_request *request, const struct setting_change *change)
{
	char words[HTTP_NOTE_MAX];
	struct text value = text_in(words, sizeof(words));

	text_add(&value, change->is_set ? "= " : "unset");
	if (change->is_set)
		parameter_format(change->parameter, &change->value, &value);
	http_note(request, "%s%s%s %s", change->scope, change->scope[0] ? "." : "",
		  parameter_get(change->parameter)->name, words);
}

void api_patch_settings(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct setting_change change = {0};
	int rc;

	if (api_is_repeated(api, request, "setting", reply) || !is_matched(api, request, reply))
		return;
	rc = setting_change_parse(&change, request->body, request->body_length, &error);
	if (rc == 0)
		note(request, &change);
	if (rc == 0 && change.scope[0] && house_find_battery(api->host.house, change.scope) < 0) {
		text_add(&error, "there is no battery \"%s\"", change.scope);
		rc = -ENOENT;
	}
	if (rc == 0)
		rc = api->host.set(api->host.user, change.scope, change.parameter,
				   change.is_set ? &change.value : NULL, change.is_set, &error);
	if (rc < 0)
		refuse_setting(reply, &change, rc, &error);
	else
		reply_done(api, request, reply, "setting", 200, change_json(api, &change));
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
		reply_done(api, request, reply, what, 204, NULL);
}

static void note_alert(const struct api *api, const struct http_request *request)
{
	uint32_t id = api_path_number(request);

	for (size_t i = 0; i < ALERTS_MAX && id > 0; i++) {
		const struct alert *alert = &api->host.site->alerts[i];

		if (alert->id == id)
			http_note(request, "%s %s", alert_name(alert->code), alert->subject.text);
	}
}

void api_acknowledge_alert(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	int rc;

	if (api_is_repeated(api, request, "alert", reply))
		return;
	note_alert(api, request);
	rc = api->host.acknowledge(api->host.user, api_path_number(request), &error);
	api_reply_to_number(api, request, reply, rc, &error, "alert");
}
