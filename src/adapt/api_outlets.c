/* Where alerts go: how each outlet is, and a test of them all. */
#include "adapt/api_internal.h"

#include <string.h>

static json_t *last_json(const struct outlet_status *status)
{
	if (!status->was_tried)
		return json_null();
	return json_pack("{s:o, s:b, s:s?, s:o}", "at", api_wall(status->at), "ok",
			 status->has_arrived, "detail", status->detail[0] ? status->detail : NULL,
			 "alert", status->alert ? json_integer(status->alert) : json_null());
}

json_t *api_outlets(const struct api *api)
{
	const struct house *house = api->host.house;
	json_t *out = json_array();

	for (size_t i = 0; i < house->outlet_count; i++) {
		const struct outlet_config *config = &house->outlets[i];
		const struct outlet_status *status = &api->host.status->outlets[i];

		json_array_append_new(
		    out, json_pack("{s:s, s:s, s:s, s:o, s:I, s:I}", "name", config->name.text,
				   "kind", outlet_kind_name(config->kind), "minimum",
				   alert_level_name(config->minimum), "last", last_json(status),
				   "waiting", (json_int_t)status->waiting, "lost",
				   (json_int_t)status->lost));
	}
	return out;
}

/* To answer turns the server, which may bring the next who asks: that one waits for a new test. */
static void answer_all(struct api *api, void (*make)(const struct api *, struct http_reply *))
{
	struct http_exchange *testing[ARRAY_LENGTH(api->testing)];
	size_t count = api->testing_count;

	memcpy(testing, api->testing, sizeof(testing));
	api->testing_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct http_reply reply = {0};

		make(api, &reply);
		http_answer(testing[i], reply);
	}
}

static void reply_outcome(const struct api *api, struct http_reply *reply)
{
	api_reply(reply, 200, json_pack("{s:o}", "outlets", api_outlets(api)));
}

static void reply_end(const struct api *api, struct http_reply *reply)
{
	(void)api;
	http_problem_of(reply, 503, "not-now", "the daemon is stopping");
}

void api_outlets_tested(struct api *api)
{
	if (api)
		answer_all(api, reply_outcome);
}

void api_outlets_end(struct api *api)
{
	answer_all(api, reply_end);
}

void api_post_alerts_test(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX] = "";
	struct text error = text_in(buffer, sizeof(buffer));
	int rc = api->host.test_outlets(api->host.user, &error);

	if (rc < 0)
		api_refuse(reply, rc, &error);
	else /* Each holds a connection: there are no more of these than places. */
		api->testing[api->testing_count++] = http_defer(request);
}
