/* POST /relays/ID/trial closes a relay for a moment to see whether it opens; GET tells what came of it. */
#include <errno.h>

#include "adapt/api_internal.h"

static json_t *trial_json(const struct api *api, size_t relay)
{
	struct api_trial trial;

	api->host.trial(api->host.user, relay, &trial);
	return json_pack("{s:s, s:s, s:o, s:s?, s:s?}", "relay", api->host.house->relays[relay].id.text,
			 "state", trial.is_running ? "running" : trial.is_over ? "done" : "none",
			 "passed", trial.is_over ? json_boolean(trial.is_passed) : json_null(), "result",
			 trial.result, "words", trial.words);
}

/* The relay of the path; -1 after it has replied. */
static int relay_of(const struct api *api, const struct http_request *request,
		    struct http_reply *reply)
{
	int relay = house_find_relay(api->host.house, request->segment);

	if (relay < 0)
		http_problem(reply, 404, "no relay has that id");
	return relay;
}

void api_get_trial(void *user, const struct http_request *request, struct http_reply *reply)
{
	int relay = relay_of(user, request, reply);

	if (relay >= 0)
		api_reply(reply, 200, trial_json(user, (size_t)relay));
}

void api_post_trial(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	int relay = relay_of(api, request, reply), rc;

	if (relay < 0)
		return;
	http_note(request, "trial of %s", request->segment);
	rc = api->host.try_relay(api->host.user, (size_t)relay, &error);
	if (rc == -EBUSY)
		http_problem_of(reply, 409, "busy", error.data);
	else if (rc < 0)
		api_refuse(reply, rc, &error);
	else
		api_reply(reply, 202, trial_json(api, (size_t)relay));
}
