/*
 * Sensors that a person lets in and forgets: what is asked for, what the host makes of it, and
 * the names that workers may know of them, since the house itself changes under their hands.
 */
#include <errno.h>
#include <string.h>

#include "adapt/api_body.h"
#include "adapt/api_internal.h"

/* ---- for workers ---- */

void api_admitted_init(struct api_admitted *admitted, const struct api_host *host)
{
	uv_mutex_init(&admitted->lock);
	api_admitted_follow(admitted, host);
}

void api_admitted_deinit(struct api_admitted *admitted)
{
	uv_mutex_destroy(&admitted->lock);
}

void api_admitted_follow(struct api_admitted *admitted, const struct api_host *host)
{
	const struct house *house = host->house;

	uv_mutex_lock(&admitted->lock);
	admitted->count = 0;
	for (size_t i = host->configured_batteries; i < house->battery_count; i++)
		admitted->names[admitted->count++] = house->batteries[i].id;
	uv_mutex_unlock(&admitted->lock);
}

bool api_is_admitted(struct api *api, const char *name)
{
	struct api_admitted *admitted = &api->admitted;
	bool is_there = false;

	uv_mutex_lock(&admitted->lock);
	for (size_t i = 0; i < admitted->count && !is_there; i++)
		is_there = strcmp(admitted->names[i].text, name) == 0;
	uv_mutex_unlock(&admitted->lock);
	return is_there;
}

int api_configured_battery(const struct api *api, const char *name)
{
	for (size_t i = 0; i < api->host.configured_batteries; i++)
		if (strcmp(api->host.house->batteries[i].id.text, name) == 0)
			return (int)i;
	return -1;
}

bool api_is_configured(struct api *api, const char *name)
{
	if (api_configured_battery(api, name) >= 0 || house_find_relay(api->host.house, name) >= 0)
		return true;
	for (size_t i = 0; i < api->host.configured_batteries; i++)
		if (strcmp(api->host.house->batteries[i].node.text, name) == 0)
			return true;
	return api_is_admitted(api, name);
}

/* ---- asked for ---- */

static void refuse(struct http_reply *reply, int rc, const struct text *error)
{
	if (rc == -EEXIST)
		http_trouble(reply, &(struct http_trouble){.status = 409,
							   .type = "exists-already",
							   .detail = error->data,
							   .pointer = "/node"});
	else
		api_refuse(reply, rc == -ENOBUFS ? -ERANGE : rc, error);
}

static void note(const struct http_request *request, const struct admission *admission)
{
	char words[ADMISSION_TEXT_MAX];
	struct text text = text_in(words, sizeof(words));

	admission_format(admission, &text);
	http_note(request, "let in %s: %s", admission->node.text, words);
}

void api_post_admission(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct admission admission;
	struct api_change change = {.status = 201};
	int rc;

	if (api_is_repeated(api, request, "admission", reply))
		return;
	rc = admission_request_parse(&admission, request->body, request->body_length, &error);
	if (rc == 0) {
		note(request, &admission);
		rc = api->host.admit(api->host.user, &admission, &error);
	}
	if (rc < 0) {
		refuse(reply, rc, &error);
		return;
	}
	change.once = api_once_begin(&api->once, request, "admission", uv_now(api->loop));
	change.body = json_pack("{s:s, s:s, s:s}", "node", admission.node.text, "battery",
				admission.node.text, "logic",
				parameter_get(PARAMETER_LOGIC)->choices[LOGIC_MONITOR]);
	api_reply_when_stored(api, request, reply, &change);
}

void api_delete_admission(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct api_change change = {.status = 204};
	int rc;

	if (api_is_repeated(api, request, "forget", reply))
		return;
	http_note(request, "forget %s", request->segment);
	rc = api->host.forget(api->host.user, request->segment, &error);
	if (rc < 0) {
		refuse(reply, rc, &error);
		return;
	}
	change.once = api_once_begin(&api->once, request, "forget", uv_now(api->loop));
	api_reply_when_stored(api, request, reply, &change);
}
