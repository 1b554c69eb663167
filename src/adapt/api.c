/*
 * The API's table of paths, its life, and the answers that need no more than a line.
 *
 * Each handler stands in the file of its subject: api_state.c shows, api_change.c
 * changes and api_wait.c answers that once it is stored, api_settings.c lists
 * parameters, api_history.c and api_export.c read the journal on a worker,
 * api_events.c keeps the ring, web_assets.c has the dashboard's files. http.c carries the bytes.
 */
#include "adapt/api.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/web_assets.h"

#define ROOT "/api/v1/"

static const struct http_route ROUTES[] = {
    {HTTP_GET, "/healthz", api_get_health, false},
    {HTTP_GET, ROOT "healthz", api_get_health, false},
    {HTTP_GET, ROOT "version", api_get_version, false},
    {HTTP_GET, ROOT "state", api_get_state, false},
    {HTTP_GET, ROOT "nodes", api_get_nodes, false},
    {HTTP_GET, ROOT "relays", api_get_relays, false},
    {HTTP_GET, ROOT "explain", api_get_explain, false},
    {HTTP_GET, ROOT "events", api_get_events, false},
    {HTTP_GET, ROOT "series", api_get_series, true},
    {HTTP_GET, ROOT "decisions", api_get_decisions, true},
    {HTTP_GET, ROOT "export", api_get_export, true},
    {HTTP_POST, ROOT "import", api_post_import, false},
    {HTTP_GET, ROOT "settings", api_get_settings, false},
    {HTTP_PATCH, ROOT "settings", api_patch_settings, false},
    {HTTP_GET, ROOT "overrides", api_get_overrides, false},
    {HTTP_POST, ROOT "overrides", api_post_override, false},
    {HTTP_DELETE, ROOT "overrides/*", api_delete_override, false},
    {HTTP_GET, ROOT "alerts", api_get_alerts, false},
    {HTTP_POST, ROOT "alerts/*/acknowledge", api_acknowledge_alert, false},
    {HTTP_POST, ROOT "shutdown", api_post_shutdown, false},
    {HTTP_GET, ROOT "demo/faults", api_get_faults, false},
    {HTTP_POST, ROOT "demo/faults", api_post_fault, false},
    {HTTP_GET, "/", web_get_page, false},
    {HTTP_GET, "/sw.js", web_get_worker, false},
    {HTTP_GET, "/manifest.webmanifest", web_get_manifest, false},
    {HTTP_GET, "/assets/*", web_get_asset, false},
};

int api_open(struct api **out, uv_loop_t *loop, const struct api_host *host,
	     const char *socket_path, struct text *error)
{
	struct api *api = calloc(1, sizeof(*api));
	int rc;

	if (!api) {
		text_add(error, "out of memory");
		return -ENOMEM;
	}
	api->host = *host;
	api->loop = loop;
	rc = http_open(&api->http, loop, socket_path, ROUTES, ARRAY_LENGTH(ROUTES), api, error);
	if (rc < 0) {
		free(api);
		return rc;
	}
	*out = api;
	return 0;
}

void api_close(struct api *api)
{
	if (!api)
		return;
	api->is_closing = true;
	api_stored(api, api->durable, UINT64_MAX);
	api_demo_end(api);
	http_close(api->http, free);
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
