/*
 * Overrides: listed, asked for, ended. Each is a person's word on one relay;
 * those that were asked for together share their id.
 *
 * What an answer says of others that ended is what has ended by then: nobody
 * else knows what a new one replaces than the core, which decides it.
 */
#include <errno.h>
#include <string.h>

#include "adapt/api_body.h"
#include "adapt/api_internal.h"

static bool is_given(const struct override *override)
{
	return override->is_active || override->waits_for_clock;
}

static json_t *held_by(const struct override *override)
{
	char buffer[API_WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	if (override->waits_for_clock)
		return json_string("it waits until the time of day is trusted. It would go on then.");
	if (override->held_by.reason.code == REASON_NONE)
		return json_null();
	hindrance_format(&override->held_by, NULL, &words);
	return json_string(buffer);
}

/* The same as a code with its numbers, for who says it in another language. */
static json_t *held_reason(const struct override *override)
{
	const struct hindrance *held_by = &override->held_by;

	if (override->waits_for_clock || held_by->reason.code == REASON_NONE)
		return json_null();
	return api_reason(&held_by->reason, &held_by->flip, NULL);
}

static json_t *override_json(const struct api *api, size_t relay, const struct override *override,
			     struct now now)
{
	const struct house *house = api->host.house;
	const struct relay_config *config = &house->relays[relay];

	return json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id", (json_int_t) override->id,
			 "battery", house->batteries[config->battery].id.text, "relay",
			 config->id.text, "state", override->is_on ? "on" : "off", "left_s",
			 override->is_active ? api_seconds(mono_since(override->ends, now.mono))
					     : json_null(),
			 "ends", api_wall(override->ends_wall), "held_by", held_by(override), "held",
			 held_reason(override));
}

json_t *api_override(const struct api *api, size_t relay, struct now now)
{
	const struct override *override = &api->host.site->relays[relay].override;

	return is_given(override) ? override_json(api, relay, override, now) : json_null();
}

json_t *api_overrides(const struct api *api, uint32_t id, struct now now)
{
	json_t *out = json_array();

	for (size_t i = 0; i < api->host.house->relay_count; i++) {
		const struct override *override = &api->host.site->relays[i].override;

		if (is_given(override) && (id == 0 || override->id == id))
			json_array_append_new(out, override_json(api, i, override, now));
	}
	return out;
}

void api_get_overrides(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;

	(void)request;
	api_reply(
	    reply, 200,
	    json_pack("{s:o}", "overrides", api_overrides(api, 0, api->host.now(api->host.user))));
}

/* ---- asked for ---- */

/* Finds what `request` names. Returns its battery, or -ENOENT with a sentence. */
static int find_subject(const struct api *api, const struct override_request *request,
			struct override_wish *wish, struct text *error)
{
	const struct house *house = api->host.house;
	int index = request->is_by_relay ? house_find_relay(house, request->id)
					 : house_find_battery(house, request->id);

	if (index < 0) {
		text_add(error, "there is no %s \"%s\"", request->is_by_relay ? "relay" : "battery",
			 request->id);
		return -ENOENT;
	}
	*wish = (struct override_wish){
	    .is_by_relay = request->is_by_relay,
	    .index = (size_t)index,
	    .is_on = request->is_on,
	    .intent = request->intent,
	    .duration_ms = request->duration_ms,
	};
	return request->is_by_relay ? (int)house->relays[index].battery : index;
}

/* Those of `before` that are over, or have given way to another. */
static json_t *replaced(const struct api *api, const struct override before[RELAYS_MAX],
			struct now now)
{
	json_t *out = json_array();

	for (size_t i = 0; i < api->host.house->relay_count; i++) {
		const struct override *after = &api->host.site->relays[i].override;

		if (is_given(&before[i]) && (!is_given(after) || after->id != before[i].id))
			json_array_append_new(out, override_json(api, i, &before[i], now));
	}
	return out;
}

static json_t *answer_json(const struct api *api, size_t battery, uint32_t command, uint32_t id,
			   const struct override before[RELAYS_MAX])
{
	struct now now = api->host.now(api->host.user);
	json_t *out = api_command_json(api, command);
	json_t *more = json_pack("{s:I, s:s, s:o, s:o, s:b, s:o}", "id", (json_int_t)id, "battery",
				 api->host.house->batteries[battery].id.text, "overrides",
				 api_overrides(api, id, now), "replaced",
				 replaced(api, before, now), "stored", true, "decision",
				 api_decision(&api->host.site->batteries[battery].decision,
					      api->host.house->batteries[battery].node.text));

	json_object_update(out, more);
	json_decref(more);
	return out;
}

/* Says why `rc`; a duration that cannot be has its range, and a stranger's name its place. */
static void refuse(struct http_reply *reply, const struct override_request *asked, bool is_read,
		   int rc, const struct text *error, const struct hindrance *refusal)
{
	struct http_trouble trouble = {.detail = error->data};

	if (rc == -ERANGE && !is_read)
		trouble = (struct http_trouble){.status = 422,
						.type = "out-of-range",
						.detail = error->data,
						.pointer = "/duration_s",
						.has_range = true,
						.min = 1,
						.max = OVERRIDE_MAX_MS / MS_PER_SECOND};
	else if (refusal->reason.code != REASON_NONE)
		trouble = (struct http_trouble){.status = 422,
						.type = "refused-by-limits",
						.detail = error->data,
						.reason = api_reason(&refusal->reason,
								     &refusal->flip, NULL)};
	else if (rc == -ENOENT && is_read)
		trouble = (struct http_trouble){.status = 404,
						.type = "not-found",
						.detail = error->data,
						.pointer =
						    asked->is_by_relay ? "/relay" : "/battery"};
	if (trouble.status)
		http_trouble(reply, &trouble);
	else
		api_refuse(reply, rc, error);
}

static void note(const struct http_request *request, const struct override_request *asked)
{
	http_note(request, "%s %s %s for %lld s", asked->is_by_relay ? "relay" : "battery",
		  asked->id,
		  !asked->is_by_relay ? intent_name(asked->intent)
		  : asked->is_on      ? "on"
				      : "off",
		  (long long)(asked->duration_ms / MS_PER_SECOND));
}

void api_post_override(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct override_request asked;
	struct override_wish wish;
	struct override before[RELAYS_MAX];
	struct api_change change = {.status = 202};
	struct api_command command;
	struct hindrance refusal = {0};
	bool is_read;
	uint32_t id = 0;
	int battery = 0;
	int rc;

	if (api_is_repeated(api, request, "override", reply))
		return;
	rc = override_request_parse(&asked, request->body, request->body_length, &error);
	is_read = rc == 0;
	if (is_read) {
		note(request, &asked);
		rc = battery = find_subject(api, &asked, &wish, &error);
	}
	for (size_t i = 0; i < RELAYS_MAX; i++)
		before[i] = api->host.site->relays[i].override;
	if (rc >= 0)
		rc = api->host.override(api->host.user, &wish, &id, &refusal, &error);
	if (rc < 0) {
		refuse(reply, &asked, is_read, rc, &error, &refusal);
		return;
	}
	command = api_command_of(api->host.house, api->host.site, id, false);
	change.command = api_command_add(&api->commands, &command);
	change.once = api_once_begin(&api->once, request, "override", uv_now(api->loop));
	change.body = answer_json(api, (size_t)battery, change.command, id, before);
	change.is_off = !override_wish_asks_on(&wish);
	api_reply_when_stored(api, request, reply, &change);
}

void api_delete_override(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	struct api_change change = {.status = 202, .is_of_part = true};
	struct api_command command;
	uint32_t id = api_path_number(request);
	int rc;

	if (api_is_repeated(api, request, "cancel", reply))
		return;
	/* About the relays as they stand before. */
	command = api_command_of(api->host.house, api->host.site, id, true);
	rc = api->host.override_cancel(api->host.user, id, &error);
	if (rc == -ENOENT)
		text_add(&error, "no active override has this id");
	if (rc < 0) {
		api_refuse(reply, rc, &error);
		return;
	}
	change.command = api_command_add(&api->commands, &command);
	change.once = api_once_begin(&api->once, request, "cancel", uv_now(api->loop));
	change.body = api_command_json(api, change.command);
	api_reply_when_stored(api, request, reply, &change);
}
