/*
 * What is: the answers that show the site, its nodes and relays, and why each
 * battery does what it does. Runs on the loop and reads the host's structures;
 * changes nothing.
 */
#include <string.h>

#include "adapt/api_internal.h"
#include "wire/plain_channel.h"

#define STATE_KEPT_MS 10 /* of the daemon's clock */

/* ---- the daemon ---- */

json_t *api_broker(const struct api *api)
{
	const struct broker_status *broker = &api->host.status->broker;
	const struct broker_config *config = &api->host.house->broker;

	return json_pack(
	    "{s:b, s:s, s:i, s:s, s:b, s:b, s:o, s:s, s:b, s:I, s:I, s:s?}", "configured",
	    broker->is_configured, "host", config->host, "port", (int)config->port, "client_id",
	    config->client_id.text, "connected", broker->is_connected, "taken_over",
	    broker->is_taken_over, "retry_s",
	    broker->retry_ms > 0 ? json_integer((broker->retry_ms + 999) / 1000) : json_null(),
	    "session", broker->session_was_present ? "resumed" : "new", "marker_awaited",
	    broker->marker_is_awaited, "backlog", (json_int_t)broker->backlog, "connects",
	    (json_int_t)broker->connects, "detail", broker->detail[0] ? broker->detail : NULL);
}

json_t *api_store(const struct api *api)
{
	const struct journal_status *journal = &api->host.status->journal;
	const struct server_status *server = &api->host.status->server;
	json_t *server_json =
	    server->is_configured
		? json_pack("{s:b, s:I, s:I, s:s?}", "connected", server->is_connected,
			    "unsent_rows", (json_int_t)server->unsent_rows, "dead_letters",
			    (json_int_t)server->dead_letters, "detail",
			    server->detail[0] ? server->detail : NULL)
		: json_null();

	json_t *per_day = journal->written_per_day_bytes < 0
			      ? json_null()
			      : json_integer((json_int_t)journal->written_per_day_bytes);

	return json_pack(
	    "{s:{s:b, s:s, s:I, s:I, s:I, s:I, s:o, s:i, s:I, s:I, s:o, s:s?}, s:o}", "journal",
	    "ok", journal->is_ok, "path", api->host.journal_path, "rows", (json_int_t)journal->rows,
	    "dropped_records", (json_int_t)journal->dropped, "trace_gaps",
	    (json_int_t)journal->trace_gaps, "written_bytes", (json_int_t)journal->written_bytes,
	    "written_per_day_bytes", per_day, "commit_delay_s",
	    (int)api->host.house->store.commit_delay_s, "used_bytes",
	    (json_int_t)journal->used_bytes, "max_bytes", (json_int_t)journal->max_bytes,
	    "rolled_up_to", journal->rolled_up.ms > 0 ? api_wall(journal->rolled_up) : json_null(),
	    "detail", journal->detail[0] ? journal->detail : NULL, "server", server_json);
}

json_t *api_counters(const struct api *api)
{
	const struct daemon_status *status = api->host.status;
	json_t *refused = json_object();
	int64_t missing = 0;

	for (size_t i = 0; i < api->host.house->battery_count; i++)
		missing += status->missing[i] < INT64_MAX - missing ? status->missing[i] : 0;

	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
		if (status->refused[i])
			json_object_set_new(refused, refusal_name((enum refusal)i),
					    json_integer((json_int_t)status->refused[i]));
	}
	return json_pack("{s:I, s:I, s:I, s:o}", "accepted", (json_int_t)status->accepted,
			 "duplicates", (json_int_t)status->duplicates, "missing",
			 (json_int_t)missing, "refused", refused);
}

static void add_unencrypted(void *user, const struct plain_channel *channel)
{
	char buffer[API_WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	plain_channel_format(channel, &words);
	json_array_append_new(user, json_pack("{s:s, s:s?, s:s, s:s}", "channel",
					      plain_kind_name(channel->kind), "subject",
					      channel->subject[0] ? channel->subject : NULL,
					      "address", channel->address, "words", buffer));
}

/* Channels that leave the machine in the open, each with a sentence. */
static json_t *unencrypted_json(const struct api *api)
{
	json_t *out = json_array();

	plain_channels_visit(api->host.house, add_unencrypted, out);
	return out;
}

json_t *api_daemon(const struct api *api, struct now now)
{
	const struct daemon_status *status = api->host.status;

	return json_pack(
	    "{s:s, s:s, s:o, s:b, s:i, s:s, s:i, s:b, s:o, s:b, s:o, s:o, s:o, s:o, s:{s:I, s:I}}",
	    "version", status->version, "collector", api->host.house->collector.text, "time",
	    api_wall(now.wall), "wall_trusted", now.wall_is_trusted, "utc_offset_s",
	    (int)now.utc_offset_s, "zone", api->host.house->zone, "clock_factor",
	    (int)api->host.clock->factor, "demo", api->host.house->demo.house_socket[0] != '\0',
	    "uptime_s", api_seconds(mono_since(now.mono, status->started)), "stopping",
	    status->is_stopping, "broker", api_broker(api), "store", api_store(api), "readings",
	    api_counters(api), "unencrypted", unencrypted_json(api), "registrations", "accepted",
	    (json_int_t)status->registrations.accepted, "refused",
	    (json_int_t)status->registrations.refused);
}

/* ---- lists ---- */

static json_t *batteries(const struct api *api, struct now now)
{
	json_t *out = json_array();

	for (size_t i = 0; i < api->host.house->battery_count; i++)
		json_array_append_new(out, api_battery(api, i, now));
	return out;
}

static json_t *relays(const struct api *api, struct now now)
{
	json_t *out = json_array();

	for (size_t i = 0; i < api->host.house->relay_count; i++)
		json_array_append_new(out, api_relay(api, i, now));
	return out;
}

json_t *api_alerts(const struct api *api, bool active_only)
{
	json_t *out = json_array();

	for (size_t i = 0; i < ALERTS_MAX; i++) {
		const struct alert *alert = &api->host.site->alerts[i];

		if (alert->id != 0 && (alert->is_active || !active_only))
			json_array_append_new(out, api_alert(alert));
	}
	return out;
}

json_t *api_state(const struct api *api, struct now now)
{
	json_t *out = api_daemon(api, now);

	if (out) {
		json_object_set_new(out, "web", api_web(api));
		json_object_set_new(out, "batteries", batteries(api, now));
		json_object_set_new(out, "relays", relays(api, now));
		json_object_set_new(out, "meters", api_meters(api, now));
		json_object_set_new(out, "overrides", api_overrides(api, 0, now));
		json_object_set_new(out, "alerts", api_alerts(api, true));
		json_object_set_new(out, "last_event", json_integer((json_int_t)api->last_event));
	}
	return out;
}

void api_forget_state(struct api *api)
{
	http_kept_free(api->known_state.kept);
	api->known_state.kept = NULL;
}

/*
 * Who asks many times in 10 ms, or with others at once, is told the same: it says in `time` when
 * that was. A change or an event in between ends it.
 */
static bool may_say_again(const struct api *api, struct now now)
{
	const struct http_kept *kept = api->known_state.kept;

	return kept && http_kept_is_made(kept) &&
	       mono_since(now.mono, api->known_state.made_at) <= STATE_KEPT_MS;
}

void api_get_state(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	struct now now = api->host.now(api->host.user);

	(void)request;
	if (may_say_again(api, now)) {
		*reply = (struct http_reply){.status = 200, .kept = api->known_state.kept};
		return;
	}
	api_forget_state(api);
	api_reply(reply, 200, api_state(api, now));
	if (reply->status != 200)
		return;
	api->known_state.kept = http_kept_new();
	api->known_state.made_at = now.mono;
	reply->kept = api->known_state.kept;
}

void api_get_relays(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;

	(void)request;
	api_reply(reply, 200,
		  json_pack("{s:o}", "relays", relays(api, api->host.now(api->host.user))));
}

void api_get_alerts(void *user, const struct http_request *request, struct http_reply *reply)
{
	const char *active = http_argument(request, "active");
	bool active_only = active && strcmp(active, "true") == 0;

	if (active && !active_only && strcmp(active, "false") != 0)
		http_problem(reply, 400, "\"active\" must be true or false");
	else
		api_reply(reply, 200,
			  json_pack("{s:o, s:o}", "alerts", api_alerts(user, active_only),
				    "outlets", api_outlets(user)));
}

/* Whether the alert is about this battery, its sensor or one of its relays. */
static bool concerns(const struct house *house, const struct alert *alert, size_t battery)
{
	int relay = house_find_relay(house, alert->subject.text);

	return ident_equal(&alert->subject, &house->batteries[battery].id) ||
	       ident_equal(&alert->subject, &house->batteries[battery].node) ||
	       (relay >= 0 && house->relays[relay].battery == battery);
}

/* The decision, and what its relays and alerts say: a command is not an effect. */
json_t *api_explain(const struct api *api, size_t battery, struct now now)
{
	const struct house *house = api->host.house;
	json_t *out = api_explanation(api, battery);
	json_t *its_relays = json_array(), *its_alerts = json_array();

	for (size_t i = 0; i < house->relay_count; i++) {
		if (house->relays[i].battery == battery)
			json_array_append_new(its_relays, api_relay(api, i, now));
	}
	for (size_t i = 0; i < ALERTS_MAX; i++) {
		const struct alert *alert = &api->host.site->alerts[i];

		if (alert->id != 0 && alert->is_active && concerns(house, alert, battery))
			json_array_append_new(its_alerts, api_alert(alert));
	}
	json_object_set_new(out, "relays", its_relays);
	json_object_set_new(out, "alerts", its_alerts);
	return out;
}

void api_get_explain(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;
	const char *wanted = http_argument(request, "battery");
	struct now now = api->host.now(api->host.user);
	json_t *out;

	if (wanted && house_find_battery(api->host.house, wanted) < 0) {
		http_problem(reply, 404, "no such battery");
		return;
	}
	out = json_array();
	for (size_t i = 0; i < api->host.house->battery_count; i++) {
		if (!wanted || house_find_battery(api->host.house, wanted) == (int)i)
			json_array_append_new(out, api_explain(api, i, now));
	}
	api_reply(reply, 200, json_pack("{s:o}", "batteries", out));
}

/* ---- nodes ---- */

static json_t *seconds_or_null(int64_t ms)
{
	return ms ? api_seconds(ms) : json_null();
}

static json_t *seconds_ago(bool is_heard, struct mono_time at, struct now now)
{
	return is_heard ? api_seconds(mono_since(now.mono, at)) : json_null();
}

/* What was set, what it says, what it does; null where nothing is known. */
static void add_interval(json_t *out, const struct sensor_interval *interval)
{
	char buffer[API_WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	sensor_interval_format(interval, &words);
	json_object_set_new(out, "interval", words.length ? json_string(buffer) : json_null());
	json_object_set_new(out, "interval_s", seconds_or_null(interval->seen_ms));
	json_object_set_new(out, "interval_says_s", seconds_or_null(interval->says_ms));
	json_object_set_new(out, "interval_set_s", seconds_or_null(interval->set_ms));
	json_object_set_new(out, "interval_confirmed",
			    interval->set_ms ? json_boolean(interval->is_confirmed) : json_null());
}

json_t *api_sensor_node(const struct api *api, size_t index, struct now now)
{
	static const char *const PRESENCE[] = {"unknown", "online", "offline"};
	const struct battery_config *config = &api->host.house->batteries[index];
	const struct battery_state *battery = &api->host.site->batteries[index];
	json_t *out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "node", config->node.text,
				"kind", "sensor", "battery", config->id.text, "transport",
				battery_transport(config), "address", battery_address(config),
				"presence", PRESENCE[api->host.status->presence[index]], "age_s",
				seconds_ago(battery->has_reading, battery->measured_at, now));

	if (out) {
		add_interval(out, &api->host.status->intervals[index]);
		json_object_set_new(out, "admitted", json_boolean(config->is_admitted));
		json_object_set_new(out, "missing_readings",
				    json_integer((json_int_t)api->host.status->missing[index]));
	}
	return out;
}

static json_t *relay_node(const struct api *api, size_t index, struct now now)
{
	const struct relay_config *config = &api->host.house->relays[index];
	const struct relay_state *relay = &api->host.site->relays[index];
	const char *presence = !relay->is_heard                ? "unknown"
			       : relay->phase == RELAY_TIMEOUT ? "offline"
							       : "online";

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:n, s:b}", "node",
			 relay->is_heard ? relay->status.node.text : config->id.text, "kind",
			 "relay", "battery", api->host.house->batteries[config->battery].id.text,
			 "transport", relay_transport(config), "address",
			 relay_address(config), "presence", presence, "age_s",
			 seconds_ago(relay->is_heard, relay->heard_at, now), "interval_s",
			 "admitted", config->is_admitted);
}

/* A relay that may be let in: only while it says that it is open. */
static json_t *unknown_relay(const struct unknown_relay *relay, struct now now)
{
	return json_pack(
	    "{s:s, s:s, s:n, s:s, s:s, s:s, s:o, s:n, s:o, s:s?}", "node", relay->name.text, "kind",
	    "unknown-relay", "battery", "transport", "coap", "address", relay->uri, "presence",
	    relay->trouble[0] ? "offline" : relay->is_read ? "online" : "unknown", "age_s",
	    seconds_ago(true, relay->heard_at, now), "interval_s", "on",
	    relay->is_read ? json_boolean(relay->is_on) : json_null(), "trouble",
	    relay->trouble[0] ? relay->trouble : NULL);
}

static json_t *unknown_node(const struct unknown_node *node, struct now now)
{
	return json_pack(
	    "{s:s, s:s, s:n, s:s, s:n, s:s, s:o, s:n, s:o, s:o, s:I}", "node", node->name.text,
	    "kind", "unknown", "battery", "transport", "mqtt", "address", "presence", "unknown",
	    "age_s", seconds_ago(true, node->heard_at, now), "interval_s", "soc_pct",
	    api_scaled(node->soc_bp, 100), "temp_c", api_scaled(node->temp_min_mc, 1000),
	    "readings", (json_int_t)node->readings);
}

json_t *api_stranger(const struct api *api, const char *name, struct now now)
{
	for (size_t i = 0; i < UNKNOWN_NODES_MAX; i++) {
		const struct unknown_node *node = &api->host.status->unknown[i];

		if (node->name.text[0] && strcmp(node->name.text, name) == 0)
			return unknown_node(node, now);
	}
	return NULL;
}

json_t *api_nodes(const struct api *api, struct now now)
{
	json_t *out = json_array();

	for (size_t i = 0; i < api->host.house->battery_count; i++)
		json_array_append_new(out, api_sensor_node(api, i, now));
	for (size_t i = 0; i < api->host.house->relay_count; i++)
		json_array_append_new(out, relay_node(api, i, now));
	for (size_t i = 0; i < UNKNOWN_NODES_MAX; i++) {
		const struct unknown_node *node = &api->host.status->unknown[i];

		if (node->name.text[0])
			json_array_append_new(out, unknown_node(node, now));
	}
	for (size_t i = 0; i < UNKNOWN_RELAYS_MAX; i++) {
		const struct unknown_relay *relay = &api->host.status->unknown_relays[i];

		if (relay->uri[0] && relay->name.text[0])
			json_array_append_new(out, unknown_relay(relay, now));
	}
	return out;
}

void api_get_nodes(void *user, const struct http_request *request, struct http_reply *reply)
{
	const struct api *api = user;

	(void)request;
	api_reply(reply, 200,
		  json_pack("{s:o}", "nodes", api_nodes(api, api->host.now(api->host.user))));
}
