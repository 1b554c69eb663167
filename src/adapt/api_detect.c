/*
 * POST /detections listens to the house's own broker for a while, or to the one that the body
 * names, which is then tried by that; GET /detections tells what was found. One at a time, and the last one's result is kept.
 */
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/detect_json.h"
#include "adapt/detect_session.h"
#include "adapt/password.h"
#include "adapt/relay_trial.h"
#include "adapt/setup_body.h"

#define SECONDS_DEFAULT 15
#define PASSWORD_TEXT_MAX SETUP_PASSWORD_MAX

/* Whether the relay that is switched by `source` was tried and did not open by itself. */
static bool has_failed_trial(const struct api *api, const char *source)
{
	const struct relay_proof *proofs = api->host.status->proofs;
	const char *stays = relay_trial_result_name(TRIAL_STAYS);

	for (size_t i = 0; i < RELAYS_MAX && proofs[i].relay.text[0] != '\0'; i++) {
		int relay = house_find_relay(api->host.house, proofs[i].relay.text);

		if (relay >= 0 && strcmp(api->host.house->relays[relay].source.text, source) == 0)
			return strcmp(proofs[i].result, stays) == 0;
	}
	return false;
}

/* A timer that failed its trial is none, whatever the profile says. */
static void mark_failed_trials(const struct api *api, json_t *devices)
{
	json_t *device;
	size_t i;

	json_array_foreach(devices, i, device)
	{
		json_t *opens = json_object_get(device, "opens_by_itself");

		if (json_is_true(opens) &&
		    has_failed_trial(api, json_string_value(json_object_get(device, "id"))))
			json_object_set_new(device, "opens_by_itself", json_false());
	}
}

static void on_done(void *user, struct detect *detect, const char *trouble)
{
	struct api *api = user;

	json_decref(api->detection.found);
	api->detection.found = trouble[0] ? json_pack("{s:s}", "detail", trouble)
					  : detect_json(detect);
	mark_failed_trials(api, json_object_get(api->detection.found, "devices"));
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

/* The broker of the house where none, or the same without its password, was named. */
static int choose_broker(const struct api *api, const struct setup_broker *said, bool is_said,
			 struct broker_config *out, char password[PASSWORD_TEXT_MAX],
			 struct text *error)
{
	const struct broker_config *own = &api->host.house->broker;

	if (!is_said || (!said->has_password && strcmp(said->host, own->host) == 0 &&
			 said->port == own->port && strcmp(said->user, own->user) == 0)) {
		*out = *own;
		return password_read(password, PASSWORD_TEXT_MAX, own->password_file, error);
	}
	*out = (struct broker_config){.port = said->port};
	memcpy(out->host, said->host, sizeof(out->host));
	memcpy(out->user, said->user, sizeof(out->user));
	memcpy(password, said->password, sizeof(said->password));
	return 0;
}

static int begin(struct api *api, uint32_t seconds, const struct setup_broker *said, bool is_said,
		 struct text *error)
{
	char password[PASSWORD_TEXT_MAX];
	struct broker_config broker;
	struct detect_session_options options = {
	    .broker = &broker, .password = password, .seconds = seconds};
	struct detect_session_events events = {.user = api, .on_done = on_done};
	int rc = choose_broker(api, said, is_said, &broker, password, error);

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
	bool is_up = api->detection.session ? detect_session_is_up(api->detection.session)
					    : api->detection.found && !api->detection.has_failed;
	json_t *out = json_pack("{s:s, s:b, s:n, s:n, s:n, s:[]}", "state", state, "connected", is_up,
				"detail", "topics", "left_out", "devices");

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

/* The broker that the body names; false after it has replied. */
static bool broker_of(const struct http_request *request, struct http_reply *reply,
		      struct setup_broker *out, bool *is_said)
{
	char buffer[API_WORDS_MAX], pointer[SETUP_POINTER_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	int rc = setup_broker_parse(out, is_said, request->body, request->body_length, pointer,
				    &error);

	if (rc < 0)
		http_trouble(reply, &(struct http_trouble){
					.status = rc == -ERANGE ? 422 : 400,
					.type = rc == -ERANGE ? "out-of-range" : "malformed",
					.detail = error.data,
					.pointer = pointer[0] ? pointer : NULL});
	return rc == 0;
}

static void listen_to(struct api *api, const struct http_request *request, uint32_t seconds,
		      const struct setup_broker *broker, bool is_said, struct http_reply *reply)
{
	char buffer[API_WORDS_MAX];
	struct text error = text_in(buffer, sizeof(buffer));
	int rc;

	http_note(request, "for %u s%s%s", (unsigned)seconds, is_said ? ", broker " : "",
		  broker->host);
	if (!is_said && api->host.house->broker.host[0] == '\0') {
		http_problem_of(reply, 404, "not-found", "no broker is configured");
	} else if (api->detection.session) {
		http_problem_of(reply, 409, "busy",
				"somebody listens already; GET tells when it is over");
	} else {
		rc = begin(api, seconds, broker, is_said, &error);
		if (rc < 0)
			api_refuse(reply, rc, &error);
		else
			api_reply(reply, 202, state_json(api));
	}
}

void api_post_detection(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct setup_broker broker;
	bool is_said;
	uint32_t seconds;

	if (seconds_of(request, reply, &seconds) && broker_of(request, reply, &broker, &is_said))
		listen_to(user, request, seconds, &broker, is_said, reply);
	explicit_bzero(&broker, sizeof(broker));
}
