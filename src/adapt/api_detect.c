/*
 * POST /detections listens to the house's own broker for a while, GET /detections tells
 * what was found. One at a time, and the last one's result is kept.
 */
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/detect_json.h"
#include "adapt/detect_session.h"
#include "adapt/password.h"

#define SECONDS_DEFAULT 15
#define PASSWORD_TEXT_MAX 128

static void on_done(void *user, struct detect *detect, const char *trouble)
{
	struct api *api = user;

	json_decref(api->detection.found);
	api->detection.found = trouble[0] ? json_pack("{s:s}", "detail", trouble)
					  : detect_json(detect);
	api->detection.has_failed = trouble[0] != '\0' || !api->detection.found;
	detect_session_free(api->detection.session);
	api->detection.session = NULL;
}

void api_detect_end(struct api *api)
{
	detect_session_free(api->detection.session);
	api->detection.session = NULL;
	json_decref(api->detection.found);
	api->detection.found = NULL;
}

static int begin(struct api *api, uint32_t seconds, struct text *error)
{
	char password[PASSWORD_TEXT_MAX];
	const struct broker_config *broker = &api->host.house->broker;
	struct detect_session_options options = {
	    .broker = broker, .password = password, .seconds = seconds};
	struct detect_session_events events = {.user = api, .on_done = on_done};
	int rc = password_read(password, sizeof(password), broker->password_file, error);

	if (rc == 0) {
		rc = detect_session_new(&api->detection.session, api->loop, &options, &events);
		if (rc < 0)
			text_add(error, "%s", strerror(-rc));
	}
	explicit_bzero(password, sizeof(password));
	return rc;
}

static json_t *state_json(const struct api *api)
{
	const char *state = api->detection.session       ? "listening"
			    : api->detection.has_failed ? "failed"
			    : api->detection.found      ? "done"
							: "none";
	json_t *out = json_pack("{s:s, s:n, s:n, s:n, s:[]}", "state", state, "detail", "topics",
				"left_out", "devices");

	if (out && !api->detection.session)
		json_object_update(out, api->detection.found);
	return out;
}

void api_get_detections(void *user, const struct http_request *request, struct http_reply *reply)
{
	(void)request;
	api_reply(reply, 200, state_json(user));
}

/* How long it is wished for; false after it has replied. */
static bool seconds_of(const struct http_request *request, struct http_reply *reply, uint32_t *out)
{
	const char *wanted = http_argument(request, "seconds");
	double number = SECONDS_DEFAULT;

	if (wanted && (number_parse(&number, wanted, strlen(wanted)) != 0 || number < 1 ||
		       number > DETECT_SECONDS_MAX)) {
		http_problem_of(reply, 422, "out-of-range", "\"seconds\" must be 1..300");
		return false;
	}
	*out = (uint32_t)number;
	return true;
}

void api_post_detection(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	uint32_t seconds;
	int rc;

	if (!seconds_of(request, reply, &seconds))
		return;
	http_note(request, "for %u s", (unsigned)seconds);
	if (api->host.house->broker.host[0] == '\0') {
		http_problem_of(reply, 404, "not-found", "no broker is configured");
	} else if (api->detection.session) {
		http_problem_of(reply, 409, "busy", "somebody listens already; GET tells when it is over");
	} else {
		rc = begin(api, seconds, &error);
		if (rc < 0)
			api_refuse(reply, rc, &error);
		else
			api_reply(reply, 202, state_json(api));
	}
}
