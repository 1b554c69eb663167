/*
 * Sensors and relays that a person lets in and forgets: what is asked for, what the host makes of it, and
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
	for (size_t i = host->configured_relays; i < house->relay_count; i++)
		admitted->names[admitted->count++] = house->relays[i].id;
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
	if (api_configured_battery(api, name) >= 0)
		return true;
	for (size_t i = 0; i < api->host.configured_relays; i++)
		if (strcmp(api->host.house->relays[i].id.text, name) == 0)
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

static void note(const struct http_request *request, const struct admission_request *asked)
{
	char words[RELAY_ADMISSION_TEXT_MAX];
	struct text text = text_in(words, sizeof(words));

	if (asked->is_relay)
		relay_admission_format(&asked->relay, &text);
	else
		admission_format(&asked->battery, &text);
	http_note(request, "let in %s: %s",
		  asked->is_relay ? asked->relay.node.text : asked->battery.node.text, words);
}

static int admit(struct api *api, const struct admission_request *asked, struct text *error)
{
	return asked->is_relay ? api->host.admit_relay(api->host.user, &asked->relay, error)
			       : api->host.admit(api->host.user, &asked->battery, error);
}

static json_t *admitted_json(const struct admission_request *asked)
{
	if (asked->is_relay)
		return json_pack("{s:s, s:s, s:s, s:s}", "node", asked->relay.node.text, "battery",
				 asked->relay.battery.text, "role",
				 relay_role_name(asked->relay.role), "lease",
				 asked->relay.has_lease ? "own" : "none");
	return json_pack("{s:s, s:s, s:s}", "node", asked->battery.node.text, "battery",
			 asked->battery.node.text, "logic",
			 parameter_get(PARAMETER_LOGIC)->choices[LOGIC_MONITOR]);
}

void api_post_admission(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct admission_request admission;
	struct api_change change = {.status = 201};
	int rc;

	if (api_is_repeated(api, request, "admission", reply))
		return;
	rc = admission_request_parse(&admission, request->body, request->body_length, &error);
	if (rc == 0) {
		note(request, &admission);
		rc = admit(api, &admission, &error);
	}
	if (rc < 0) {
		refuse(reply, rc, &error);
		return;
	}
	change.once = api_once_begin(&api->once, request, "admission", uv_now(api->loop));
	change.body = admitted_json(&admission);
	api_reply_when_stored(api, request, reply, &change);
}

void api_delete_admission(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct api_change change = {.status = 204};
	const char *seen = http_argument(request, "seen_open");
	bool is_seen_open = seen && strcmp(seen, "true") == 0;
	int rc;

	if (seen && !is_seen_open && strcmp(seen, "false") != 0) {
		http_problem(reply, 400, "\"seen_open\" must be true or false");
		return;
	}
	if (api_is_repeated(api, request, "forget", reply))
		return;
	http_note(request, "forget %s%s", request->segment,
		  is_seen_open ? ", which was seen open" : "");
	rc = api->host.forget(api->host.user, request->segment, is_seen_open, &error);
	if (rc < 0) {
		refuse(reply, rc, &error);
		return;
	}
	change.once = api_once_begin(&api->once, request, "forget", uv_now(api->loop));
	api_reply_when_stored(api, request, reply, &change);
}

/* ---- looking for relays ---- */

static json_t *look_json(const struct relay_look *look)
{
	static const char *const STATES[] = {"idle", "looking", "done", "failed"};

	return json_pack("{s:s, s:s?, s:i, s:s?}", "state", STATES[look->state], "address",
			 look->address[0] ? look->address : NULL, "found", look->found, "detail",
			 look->detail[0] ? look->detail : NULL);
}

void api_get_look(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;

	(void)request;
	api_reply(reply, 200, look_json(&api->host.status->relay_look));
}

void api_post_look(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	char address[PATH_TEXT_MAX];
	int rc = look_request_parse(address, request->body, request->body_length, &error);

	if (rc == 0) {
		http_note(request, "look for relays at %s", address);
		rc = api->host.look_for_relays(api->host.user, address, &error);
	}
	if (rc == -EBUSY)
		http_problem_of(reply, 409, "busy", error.data);
	else if (rc < 0)
		api_refuse(reply, rc, &error);
	else
		api_reply(reply, 202, look_json(&api->host.status->relay_look));
}
