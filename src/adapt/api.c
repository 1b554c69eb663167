/*
 * The API's table of paths, its life, and the answers that need no more than a line.
 *
 * Each handler stands in the file of its subject: api_state.c shows, api_change.c
 * changes and api_wait.c answers that once it is stored, api_setup.c writes the first configuration, api_trial.c tries relays, api_settings.c lists
 * parameters, api_admission.c lets sensors in, api_history.c and api_export.c read the journal on a
 * worker, api_audit.c writes down who asked for what, api_events.c keeps the ring and api_stream.c
 * tells it live, web_assets.c has the dashboard's files and the description of all this. http.c
 * carries the bytes.
 */
#include "adapt/api.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/http_feed.h"
#include "adapt/journal_read.h"
#include "adapt/web_assets.h"
#include "base/log.h"

#define ROOT "/api/v1/"

static const struct http_route ROUTES[] = {
    {HTTP_GET, "/healthz", api_get_health, HTTP_OPEN},
    {HTTP_GET, ROOT "healthz", api_get_health, HTTP_OPEN},
    {HTTP_GET, ROOT "openapi.json", web_get_description, 0},
    {HTTP_GET, ROOT "version", api_get_version, 0},
    {HTTP_GET, ROOT "state", api_get_state, 0},
    {HTTP_GET, ROOT "nodes", api_get_nodes, 0},
    {HTTP_POST, ROOT "nodes/admissions", api_post_admission, 0},
    {HTTP_DELETE, ROOT "nodes/admissions/*", api_delete_admission, 0},
    {HTTP_GET, ROOT "nodes/looks", api_get_look, 0},
    {HTTP_POST, ROOT "nodes/looks", api_post_look, 0},
    {HTTP_GET, ROOT "relays", api_get_relays, 0},
    {HTTP_GET, ROOT "relays/*/trial", api_get_trial, 0},
    {HTTP_POST, ROOT "relays/*/trial", api_post_trial, 0},
    {HTTP_GET, ROOT "explain", api_get_explain, 0},
    {HTTP_GET, ROOT "events", api_get_events, 0},
    {HTTP_GET, ROOT "series", api_get_series, HTTP_BLOCKS},
    {HTTP_GET, ROOT "decisions", api_get_decisions, HTTP_BLOCKS},
    {HTTP_GET, ROOT "export", api_get_export, HTTP_BLOCKS},
    {HTTP_POST, ROOT "import", api_post_import, 0},
    {HTTP_GET, ROOT "settings", api_get_settings, 0},
    {HTTP_PATCH, ROOT "settings", api_patch_settings, 0},
    {HTTP_GET, ROOT "overrides", api_get_overrides, 0},
    {HTTP_POST, ROOT "overrides", api_post_override, 0},
    {HTTP_DELETE, ROOT "overrides/*", api_delete_override, 0},
    {HTTP_GET, ROOT "battery/health", api_get_battery_health, 0},
    {HTTP_GET, ROOT "doctor", api_get_doctor, 0},
    {HTTP_GET, ROOT "prices", api_get_prices, 0},
    {HTTP_GET, ROOT "forecast/pv", api_get_forecast_pv, 0},
    {HTTP_GET, ROOT "battery/life", api_get_battery_life, HTTP_BLOCKS},
    {HTTP_GET, ROOT "forecast", api_get_forecast, HTTP_BLOCKS},
    {HTTP_GET, ROOT "detections", api_get_detections, 0},
    {HTTP_POST, ROOT "detections", api_post_detection, 0},
    {HTTP_GET, ROOT "setup", api_get_setup, HTTP_CONTROL},
    {HTTP_POST, ROOT "setup", api_post_setup, 0},
    {HTTP_GET, ROOT "plan", api_get_plan, 0},
    {HTTP_GET, ROOT "plan/explain", api_get_plan_explain, 0},
    {HTTP_GET, ROOT "plan/past", api_get_plan_past, HTTP_BLOCKS},
    {HTTP_GET, ROOT "plan/worth", api_get_plan_worth, HTTP_BLOCKS},
    {HTTP_GET, ROOT "plan/past/explain", api_get_plan_then, HTTP_BLOCKS},
    {HTTP_GET, ROOT "plan/what-if", api_get_plan_what_if, 0},
    {HTTP_GET, ROOT "commands/*", api_get_command, 0},
    {HTTP_GET, ROOT "alerts", api_get_alerts, 0},
    {HTTP_POST, ROOT "alerts/test", api_post_alerts_test, 0},
    {HTTP_POST, ROOT "alerts/*/acknowledge", api_acknowledge_alert, 0},
    {HTTP_POST, ROOT "shutdown", api_post_shutdown, 0},
    {HTTP_GET, ROOT "demo/faults", api_get_faults, 0},
    {HTTP_POST, ROOT "demo/faults", api_post_fault, 0},
    {HTTP_GET, ROOT "session", api_get_session, HTTP_OPEN},
    {HTTP_POST, ROOT "session", api_post_session, HTTP_OPEN},
    {HTTP_DELETE, ROOT "session", api_delete_session, HTTP_OPEN},
    {HTTP_POST, ROOT "login-codes", api_post_login_code, 0},
    {HTTP_GET, ROOT "users", api_get_users, HTTP_CONTROL},
    {HTTP_POST, ROOT "users", api_post_user, HTTP_OPEN},
    {HTTP_PATCH, ROOT "users/*", api_patch_user, 0},
    {HTTP_DELETE, ROOT "users/*", api_delete_user, 0},
    {HTTP_GET, ROOT "tokens", api_get_tokens, HTTP_CONTROL},
    {HTTP_POST, ROOT "tokens", api_post_token, 0},
    {HTTP_DELETE, ROOT "tokens/*", api_delete_token, 0},
    {HTTP_GET, ROOT "audit", api_get_audit, HTTP_BLOCKS | HTTP_CONTROL},
    {HTTP_GET, "/metrics", api_get_metrics, 0},
    {HTTP_GET, "/", web_get_page, HTTP_OPEN},
    {HTTP_GET, "/sw.js", web_get_worker, HTTP_OPEN},
    {HTTP_GET, "/manifest.webmanifest", web_get_manifest, HTTP_OPEN},
    {HTTP_GET, "/assets/*", web_get_asset, HTTP_OPEN},
};

static void take_asked(void *user, uint32_t place, const char *text)
{
	struct api *api = user;

	api_once_recall(&api->once, place, text, clock_wall(api->host.clock).ms,
			uv_now(api->loop));
}

/* What was done with an Idempotency-Key before the last start. */
static void recall_asked(struct api *api)
{
	struct journal_reader *reader;

	if (journal_reader_new(&reader, api->host.journal_path) != 0)
		return;
	if (journal_read_asked(reader, take_asked, api) != 0)
		log_warning("%s: which keys were used before is not known: %s",
			    api->host.journal_path, journal_reader_error(reader));
	journal_reader_free(reader);
}

int api_open(struct api **out, uv_loop_t *loop, const struct api_host *host,
	     const char *socket_path, struct text *error)
{
	struct api *api = calloc(1, sizeof(*api));
	char words[API_WORDS_MAX] = "";
	struct text trouble = text_in(words, sizeof(words));
	int rc = api ? access_open(&api->access, loop, host->house, host->journal_path, &trouble)
		     : -ENOMEM;

	if (rc < 0) {
		text_add(error, "out of memory");
		free(api);
		return rc;
	}
	if (words[0])
		log_error("nobody can log in over TCP: %s", words);
	api->host = *host;
	api->loop = loop;
	api_commands_init(&api->commands);
	api_admitted_init(&api->admitted, host);
	recall_asked(api);
	rc = http_open(&api->http, loop, socket_path, ROUTES, ARRAY_LENGTH(ROUTES), api, error);
	if (rc < 0) {
		access_free(api->access);
		api_admitted_deinit(&api->admitted);
		free(api);
		return rc;
	}
	rc = api_stream_open(api);
	if (rc < 0) {
		text_add(error, "out of memory");
		api_close(api);
		return rc;
	}
	http_set_gate(api->http, access_gate(api->access));
	http_set_witness(api->http, api_audit_witness(api));
	*out = api;
	return 0;
}

static void free_when_closed(struct api *api)
{
	if (--api->open_handles > 0)
		return;
	access_free(api->access);
	api_once_deinit(&api->once);
	http_feed_free(api->stream.feed);
	api_forget_state(api);
	api_admitted_deinit(&api->admitted);
	free(api);
}

static void on_server_closed(void *user)
{
	free_when_closed(user);
}

static void on_timer_closed(uv_handle_t *timer)
{
	free_when_closed(timer->data);
}

void api_close(struct api *api)
{
	if (!api)
		return;
	api->is_closing = true;
	api_stored(api, api->durable, UINT64_MAX);
	api_demo_end(api);
	api_detect_end(api);
	api_doctor_end(api);
	api_outlets_end(api);
	access_stop(api->access);
	api->open_handles++;
	api_stream_close(api, on_timer_closed);
	http_close(api->http, on_server_closed);
}

void api_reply(struct http_reply *reply, int status, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;

	json_decref(body);
	if (!text) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	*reply = (struct http_reply){
	    .status = status,
	    .content_type = "application/json",
	    .body = text,
	    .body_length = strlen(text),
	};
}

void api_get_version(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;

	(void)request;
	api_reply(
	    reply, 200,
	    json_pack("{s:s, s:s}", "name", "amphorad", "version", api->host.status->version));
}

void api_get_health(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct daemon_status *status = ((const struct api *)user)->host.status;
	bool is_well = status->journal.is_ok && !status->is_stopping &&
		       (status->broker.is_connected || !status->broker.is_configured);

	(void)request;
	api_reply(reply, 200,
		  json_pack("{s:s, s:b, s:b, s:b}", "status", is_well ? "ok" : "degraded",
			    "journal", status->journal.is_ok, "broker", status->broker.is_connected,
			    "stopping", status->is_stopping));
}
