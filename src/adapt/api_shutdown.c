/*
 * POST /shutdown: answered when the relays have been given their time to open,
 * with those that are not known to be. The host stops at once.
 */
#include "adapt/api_internal.h"

static json_t *opening_json(const struct api *api, size_t relay, const struct opening *opening)
{
	const char *id = api->host.house->relays[relay].id.text;
	char buffer[API_WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));
	bool is_lease = opening->by == OPENER_LEASE;

	opening_format(opening, id, &words);
	return json_pack("{s:s, s:s, s:o, s:s}", "relay", id, "opened_by", opener_name(opening->by),
			 "within_s", is_lease ? api_seconds(opening->within_ms) : json_null(),
			 "words", buffer);
}

static json_t *answer_json(const struct api *api, const struct opening openings[RELAYS_MAX])
{
	json_t *not_open = json_array();

	for (size_t i = 0; i < api->host.house->relay_count; i++) {
		if (openings[i].by != OPENER_NONE)
			json_array_append_new(not_open, opening_json(api, i, &openings[i]));
	}
	return json_pack("{s:b, s:o}", "stopping", true, "not_open", not_open);
}

void api_stopped(struct api *api, const struct opening openings[RELAYS_MAX])
{
	if (!api)
		return;
	for (size_t i = 0; i < api->stopping_count; i++) {
		struct http_reply reply = {0};

		api_reply(&reply, 202, answer_json(api, openings));
		http_answer(api->stopping[i], reply);
	}
	api->stopping_count = 0;
	api_audit_sum_up(api, true);
	api->is_stopped = true;
}

void api_post_shutdown(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;

	(void)reply;
	api_audit_done(api, request, 202, 0);
	/* Each holds a connection: there are no more of these than places. */
	api->stopping[api->stopping_count++] = http_defer(request);
	api->host.shutdown(api->host.user);
}
