/*
 * GET /events as a stream (server-sent events, WHATWG HTML section 9.2): a
 * snapshot, then each event of the ring with the parts of the state that it
 * touches as they are now, and a heartbeat. docs/api.md has the fields.
 *
 * Each change is made once for all who read. What comes in a burst is told with
 * delay, and of the readings of one battery only the last, so that no number of
 * messages or readers keeps the loop from control.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/http_feed.h"

#define APART_MS 10        /* between two tellings */
#define AFTER_MS 1         /* what happened: at once, readers took the processor its relay needs */
#define BURST_APART_MS 250 /* after one of many events */
#define BURST_EVENTS 32
#define HEARTBEAT_MS 5000
#define METERS_APART_MS 1000
#define SUBJECTS_MAX BATTERIES_MAX

/* ---- what a change touches ---- */

static void set_part(json_t *parts, const char *kind, const char *name, json_t *value)
{
	json_t *group = json_object_get(parts, kind);

	if (!group) {
		group = json_object();
		json_object_set_new(parts, kind, group);
	}
	json_object_set_new(group, name, value);
}

/* With its relays: that one was read back, or its lease renewed, is no event of its own. */
static void set_battery(const struct api *api, json_t *parts, int battery, struct now now)
{
	const struct house *house = api->host.house;
	const char *id;

	if (battery < 0 || (size_t)battery >= house->battery_count)
		return;
	id = house->batteries[battery].id.text;
	set_part(parts, "batteries", id, api_battery(api, (size_t)battery, now));
	set_part(parts, "explain", id, api_explain(api, (size_t)battery, now));
	for (size_t i = 0; i < house->relay_count; i++)
		if (house->relays[i].battery == (size_t)battery)
			set_part(parts, "relays", house->relays[i].id.text, api_relay(api, i, now));
}

static void set_relay(const struct api *api, json_t *parts, int relay, struct now now)
{
	if (relay >= 0)
		set_battery(api, parts, (int)api->host.house->relays[relay].battery, now);
}

static void set_reading(const struct api *api, json_t *parts, const char *node, struct now now)
{
	const struct house *house = api->host.house;
	json_t *stranger = api_stranger(api, node, now);

	for (size_t i = 0; i < house->battery_count; i++) {
		if (strcmp(house->batteries[i].node.text, node) != 0)
			continue;
		set_battery(api, parts, (int)i, now);
		set_part(parts, "sensors", node, api_sensor_node(api, i, now));
	}
	if (stranger)
		set_part(parts, "nodes", node, stranger);
}

static void set_alert(const struct api *api, json_t *parts, const char *subject, struct now now)
{
	json_object_set_new(parts, "alerts", api_alerts(api, true));
	json_object_set_new(parts, "broker", api_broker(api));
	json_object_set_new(parts, "store", api_store(api));
	set_relay(api, parts, house_find_relay(api->host.house, subject), now);
	set_battery(api, parts, house_find_battery(api->host.house, subject), now);
	set_reading(api, parts, subject, now);
}

/* A parameter of the house may change what any battery does. */
static void set_setting(const struct api *api, json_t *parts, const char *scope, struct now now)
{
	char etag[API_ETAG_MAX];

	api_settings_etag(api, etag);
	json_object_set_new(parts, "settings_etag", json_string(etag));
	if (scope[0]) {
		set_battery(api, parts, house_find_battery(api->host.house, scope), now);
		return;
	}
	for (size_t i = 0; i < api->host.house->battery_count; i++)
		set_battery(api, parts, (int)i, now);
}

static json_t *parts_of(const struct api *api, const struct api_event *event, struct now now)
{
	const struct house *house = api->host.house;
	const char *subject = event->subject.text;
	json_t *parts = json_object();

	switch (event->kind) {
	case API_EVENT_READING:
		set_reading(api, parts, subject, now);
		break;
	case API_EVENT_DECISION:
		set_battery(api, parts, house_find_battery(house, subject), now);
		break;
	case API_EVENT_RELAY:
		set_relay(api, parts, house_find_relay(house, subject), now);
		break;
	case API_EVENT_OVERRIDE:
		json_object_set_new(parts, "overrides", api_overrides(api, 0, now));
		set_relay(api, parts, house_find_relay(house, subject), now);
		break;
	case API_EVENT_COMMAND:
		json_object_set_new(parts, "overrides", api_overrides(api, 0, now));
		break;
	case API_EVENT_ALERT:
		set_alert(api, parts, subject, now);
		break;
	case API_EVENT_SETTING:
		set_setting(api, parts, subject, now);
		break;
	case API_EVENT_NODE:
		break; /* api_stream_renew() has told all */
	}
	return parts;
}

/* ---- one event on the wire ---- */

/* The text of an event, from malloc; `data` is taken. Without `number` it has no id. NULL: memory. */
static char *frame(const struct api *api, const char *name, uint64_t number, json_t *data,
		   size_t *length)
{
	char *json = data ? json_dumps(data, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
	char id[sizeof(api->stream.key) + 32] = "";
	size_t room = json ? strlen(json) + sizeof(id) + 64 : 0;
	char *out = json ? malloc(room) : NULL;
	struct text text = text_in(out, room);
	struct text id_text = text_in(id, sizeof(id));

	json_decref(data);
	if (number > 0)
		text_add(&id_text, "id: %s-%" PRIu64 "\n", api->stream.key, number);
	if (out) {
		text_add(&text, "event: %s\n%sdata: %s\n\n", name, id, json);
		*length = text.length;
	}
	free(json);
	return out;
}

static void tell(struct api *api, const char *name, uint64_t number, json_t *data)
{
	size_t length;
	char *text = frame(api, name, number, data, &length);

	if (text)
		http_feed_write(api->stream.feed, text, length);
	free(text);
}

static json_t *change_json(const struct api *api, const struct api_event *event, struct now now)
{
	json_t *out = api_event_json(event);

	if (out)
		json_object_set_new(out, "parts", parts_of(api, event, now));
	return out;
}

static json_t *snapshot_json(const struct api *api, struct now now)
{
	json_t *explain = json_array();
	char etag[API_ETAG_MAX];

	api_settings_etag(api, etag);
	for (size_t i = 0; i < api->host.house->battery_count; i++)
		json_array_append_new(explain, api_explain(api, i, now));
	return json_pack("{s:I, s:s, s:o, s:o, s:o}", "number", (json_int_t)api->last_event, "settings_etag", etag, "state",
			 api_state(api, now), "nodes", api_nodes(api, now), "explain", explain);
}

static json_t *heartbeat_json(const struct api *api, struct now now)
{
	return json_pack("{s:o, s:o, s:i, s:o, s:o}", "time", api_wall(now.wall), "uptime_s",
			 api_seconds(mono_since(now.mono, api->host.status->started)),
			 "clock_factor", (int)api->host.clock->factor, "broker", api_broker(api),
			 "readings", api_counters(api));
}

/* ---- telling ---- */

static const struct api_event *event_of(const struct api *api, uint64_t number)
{
	return &api->events[(number - 1) % API_EVENTS_MAX];
}

static bool is_seen(struct ident *seen, size_t *count, const struct ident *subject)
{
	for (size_t i = 0; i < *count; i++)
		if (ident_equal(&seen[i], subject))
			return true;
	if (*count < SUBJECTS_MAX)
		seen[(*count)++] = *subject;
	return false;
}

/* Marks which events after `first` are to be told: of a battery's readings the last one. */
static void choose(const struct api *api, uint64_t first, bool is_told[API_EVENTS_MAX])
{
	struct ident seen[SUBJECTS_MAX];
	size_t count = 0;

	for (uint64_t number = api->last_event; number >= first; number--) {
		const struct api_event *event = event_of(api, number);

		is_told[(number - 1) % API_EVENTS_MAX] =
		    event->kind != API_EVENT_READING || !is_seen(seen, &count, &event->subject);
	}
}

static uint64_t first_after(const struct api *api, uint64_t number)
{
	uint64_t oldest =
	    api->last_event > API_EVENTS_MAX ? api->last_event - API_EVENTS_MAX + 1 : 1;

	return number + 1 > oldest ? number + 1 : oldest;
}

static void tell_events(struct api *api)
{
	struct now now = api->host.now(api->host.user);
	uint64_t first = first_after(api, api->stream.told);
	bool is_told[API_EVENTS_MAX];

	choose(api, first, is_told);
	for (uint64_t number = first; number <= api->last_event; number++)
		if (is_told[(number - 1) % API_EVENTS_MAX])
			tell(api, "change", number, change_json(api, event_of(api, number), now));
	api->stream.was_burst = api->last_event - api->stream.told > BURST_EVENTS;
	api->stream.told = api->last_event;
}

/* Meters have no numbers: they would push everything else out of the ring. */
static void tell_meters(struct api *api, uint64_t now_ms)
{
	struct now now = api->host.now(api->host.user);

	api->stream.has_meters = false;
	api->stream.meters_told_at = now_ms;
	tell(api, "change", 0,
	     json_pack("{s:I, s:o, s:s, s:s, s:{s:o}}", "number", (json_int_t)api->last_event, "at",
		       api_wall(now.wall), "kind", "meter", "subject", "", "parts", "meters",
		       api_meters(api, now)));
}

static uint64_t wait_until(uint64_t at_ms, uint64_t now_ms)
{
	return at_ms > now_ms ? at_ms - now_ms : 0;
}

static void on_soon(uv_timer_t *timer)
{
	struct api *api = timer->data;
	struct api_stream *stream = &api->stream;
	uint64_t now_ms = uv_now(api->loop);

	if (http_feed_readers(stream->feed) == 0)
		return;
	if (stream->told < api->last_event)
		tell_events(api);
	if (stream->has_meters && now_ms - stream->meters_told_at >= METERS_APART_MS)
		tell_meters(api, now_ms);
	stream->told_at = now_ms;
	http_feed_flush(stream->feed);
	if (stream->has_meters && !uv_is_active((uv_handle_t *)&stream->soon))
		uv_timer_start(&stream->soon, on_soon,
			       wait_until(stream->meters_told_at + METERS_APART_MS, now_ms), 0);
}

static void on_heartbeat(uv_timer_t *timer)
{
	struct api *api = timer->data;
	struct now now = api->host.now(api->host.user);

	if (http_feed_readers(api->stream.feed) == 0) {
		uv_timer_stop(timer);
		return;
	}
	tell(api, "heartbeat", 0, heartbeat_json(api, now));
	http_feed_flush(api->stream.feed);
}

void api_stream_wake(struct api *api)
{
	struct api_stream *stream = &api->stream;
	uint64_t now_ms = uv_now(api->loop), wait_ms;

	if (http_feed_readers(stream->feed) == 0 || api->is_closing)
		return;
	wait_ms = wait_until(stream->told_at + (stream->was_burst ? BURST_APART_MS : APART_MS), now_ms);
	if (wait_ms < AFTER_MS)
		wait_ms = AFTER_MS;
	/* A timer that waits for meters may wait for too long. */
	if (!uv_is_active((uv_handle_t *)&stream->soon) ||
	    uv_timer_get_due_in(&stream->soon) > wait_ms)
		uv_timer_start(&stream->soon, on_soon, wait_ms, 0);
}

void api_stream_meter(struct api *api)
{
	api->stream.has_meters = true;
	api_forget_state(api);
	api_stream_wake(api);
}

static void renew_key(struct api *api)
{
	struct text key = text_in(api->stream.key, sizeof(api->stream.key));

	text_add(&key, "%" PRIx64,
		 (uint64_t)clock_wall(api->host.clock).ms + api->stream.renewals++);
}

void api_stream_renew(struct api *api)
{
	struct now now = api->host.now(api->host.user);

	/* What is to be told of before goes out first, by the old names. */
	if (http_feed_readers(api->stream.feed) > 0)
		tell_events(api);
	renew_key(api);
	tell(api, "snapshot", api->last_event, snapshot_json(api, now));
	http_feed_flush(api->stream.feed);
}

/* ---- readers ---- */

/* The number of a Last-Event-ID of ours, of which all later events are in the ring; else 0. */
static uint64_t resumed_at(const struct api *api, const struct http_request *request)
{
	const char *id = http_header(request, "Last-Event-ID");
	size_t length = strlen(api->stream.key);
	uint64_t number = 0;

	if (!id)
		id = http_argument(request, "last_event_id");
	if (!id || strncmp(id, api->stream.key, length) != 0 || id[length] != '-')
		return 0;
	for (id += length + 1; *id >= '0' && *id <= '9' && number < UINT64_MAX / 20; id++)
		number = number * 10 + (uint64_t)(*id - '0');
	return *id == '\0' && number <= api->last_event && first_after(api, number) == number + 1
		   ? number
		   : 0;
}

/* Appends `more`, which is taken; on failure all is given up. */
static char *append(char *to, size_t *length, char *more, size_t more_length)
{
	char *out = more && to ? realloc(to, *length + more_length) : NULL;

	if (out) {
		memcpy(out + *length, more, more_length);
		*length += more_length;
	} else {
		free(to);
	}
	free(more);
	return out;
}

/* What a reader gets that comes again: all that it has missed. */
static char *missed(const struct api *api, uint64_t number, struct now now, size_t *length)
{
	char *out = frame(api, "heartbeat", 0, heartbeat_json(api, now), length);
	bool is_told[API_EVENTS_MAX];

	choose(api, number + 1, is_told);
	for (number++; out && number <= api->last_event; number++) {
		size_t more_length = 0;
		char *more;

		if (!is_told[(number - 1) % API_EVENTS_MAX])
			continue;
		more = frame(api, "change", number, change_json(api, event_of(api, number), now),
			     &more_length);
		out = append(out, length, more, more_length);
	}
	return out;
}

static char *snapshot(const struct api *api, struct now now, size_t *length)
{
	/* An id even before the first event: where there is none the number is 0, and no event is. */
	return frame(api, "snapshot", api->last_event, snapshot_json(api, now), length);
}

void api_stream_join(struct api *api, const struct http_request *request, struct http_reply *reply)
{
	struct api_stream *stream = &api->stream;
	struct now now = api->host.now(api->host.user);
	uint64_t number = resumed_at(api, request);
	size_t length = 0;
	char *first;
	int rc;

	/* Who reads already is told first what this one has in its beginning. */
	if (http_feed_readers(stream->feed) > 0 && stream->told < api->last_event)
		tell_events(api);
	stream->told = api->last_event;
	first = number > 0 ? missed(api, number, now, &length) : snapshot(api, now, &length);
	rc = first ? http_feed_join(stream->feed, request, reply, first, length) : -ENOMEM;
	if (rc == -EBUSY) {
		http_problem(reply, 503, "too many are watching; close other pages or try again");
		http_reply_header(reply, "Retry-After", "30");
		return;
	}
	if (rc < 0) {
		http_problem(reply, 500, "out of memory");
		return;
	}
	reply->content_type = "text/event-stream";
	http_reply_header(reply, "X-Accel-Buffering", "no"); /* nginx hands it on at once */
	if (!uv_is_active((uv_handle_t *)&stream->heartbeat))
		uv_timer_start(&stream->heartbeat, on_heartbeat, HEARTBEAT_MS, HEARTBEAT_MS);
	api_stream_wake(api); /* lets out what was told above */
}

/* ---- its life ---- */

int api_stream_open(struct api *api)
{
	struct api_stream *stream = &api->stream;

	stream->feed = http_feed_new();
	uv_timer_init(api->loop, &stream->soon);
	uv_timer_init(api->loop, &stream->heartbeat);
	stream->soon.data = stream->heartbeat.data = api;
	api->open_handles += 2;
	renew_key(api);
	return stream->feed ? 0 : -ENOMEM;
}

void api_stream_close(struct api *api, uv_close_cb closed)
{
	struct api_stream *stream = &api->stream;

	http_feed_end(stream->feed);
	uv_close((uv_handle_t *)&stream->soon, closed);
	uv_close((uv_handle_t *)&stream->heartbeat, closed);
}
