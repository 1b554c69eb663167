/*
 * The ring of recent events: what a person who watches would want to see, in order.
 *
 * The daemon calls it for each reading and note; it keeps a small copy and
 * makes words only when somebody asks. The journal, not the ring, is the record.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "adapt/api_internal.h"
#include "model/amount.h"

static struct api_event *next_event(struct api *api, enum api_event_kind kind,
				    const struct ident *subject)
{
	struct api_event *event = &api->events[api->last_event % API_EVENTS_MAX];

	memset(event, 0, sizeof(*event));
	event->number = ++api->last_event;
	event->at = clock_wall(api->host.clock);
	event->kind = kind;
	if (subject)
		event->subject = *subject;
	api_forget_state(api);
	api_stream_wake(api);
	return event;
}

static struct text words_of(struct api_event *event)
{
	return text_in(event->words, sizeof(event->words));
}

void api_event_reading(struct api *api, const struct reading *reading, enum quality quality,
		       bool acts)
{
	struct api_event *event;

	if (!api)
		return;
	event = next_event(api, API_EVENT_READING, &reading->node);
	event->reading.soc_bp = reading->soc_bp;
	event->reading.temp_min_mc = reading->temp_min_mc;
	event->reading.temp_max_mc = reading->temp_max_mc;
	event->reading.quality = quality;
	event->reading.acts = acts;
}

static void add_decision(struct api *api, size_t battery)
{
	struct api_event *event =
	    next_event(api, API_EVENT_DECISION, &api->host.house->batteries[battery].id);
	struct text words = words_of(event);

	decision_format(&api->host.site->batteries[battery].decision,
			api->host.house->batteries[battery].node.text, &words);
}

static void add_relay(struct api *api, size_t index)
{
	const struct relay_state *relay = &api->host.site->relays[index];
	struct api_event *event =
	    next_event(api, API_EVENT_RELAY, &api->host.house->relays[index].id);

	event->relay.phase = relay->phase;
	event->relay.is_heard = relay->is_heard;
	event->relay.is_on = relay->status.is_on;
	event->relay.wished_on = relay->wished_on;
}

static void add_alert(struct api *api, size_t index)
{
	const struct alert *alert = &api->host.site->alerts[index];
	struct api_event *event = next_event(api, API_EVENT_ALERT, &alert->subject);
	struct text words = words_of(event);

	if (!alert->is_active) {
		text_add(&words, "over: ");
		alert_format_over(alert, &words);
		return;
	}
	text_add(&words, "%s: ",
		 alert->is_acknowledged ? "seen" : alert_level_name(alert_level(alert->code)));
	alert_format(alert, &words);
}

static void add_override(struct api *api, size_t relay)
{
	const struct override *override = &api->host.site->relays[relay].override;
	struct api_event *event =
	    next_event(api, API_EVENT_OVERRIDE, &api->host.house->relays[relay].id);
	struct text words = words_of(event);
	struct now now = api->host.now(api->host.user);

	if (!override->is_active) {
		text_add(&words, "override %u ended", (unsigned int) override->id);
		return;
	}
	text_add(&words, "override %u: %s for ", (unsigned int) override->id,
		 override->is_on ? "on" : "off");
	duration_add(&words, mono_since(override->ends, now.mono), 0);
}

void api_event_note(struct api *api, const struct note *note)
{
	if (!api)
		return;
	switch (note->kind) {
	case NOTE_DECISION:
		add_decision(api, note->index);
		break;
	case NOTE_RELAY:
		add_relay(api, note->index);
		break;
	case NOTE_ALERT:
		add_alert(api, note->index);
		break;
	case NOTE_OVERRIDE:
		add_override(api, note->index);
		break;
	case NOTE_KEEP_BATTERY:
	case NOTE_KEEP_RELAY:
	case NOTE_EPOCH:
		return;
	}
	api_commands_look(api);
}

void api_event_command(struct api *api, const struct api_command *command)
{
	struct api_event *event = next_event(api, API_EVENT_COMMAND, NULL);

	event->command.number = command->number;
	event->command.state = command->state;
}

void api_event_setting(struct api *api, const char *scope, enum parameter_id id,
		       const struct parameter_value *value)
{
	struct api_event *event;
	struct text words;

	if (!api)
		return;
	event = next_event(api, API_EVENT_SETTING, NULL);
	if (strlen(scope) <= IDENT_MAX)
		strcpy(event->subject.text, scope);
	words = words_of(event);
	text_add(&words, "%s %s", parameter_get(id)->name, value ? "= " : "unset");
	if (value)
		parameter_format(id, value, &words);
}

void api_event_node(struct api *api, const struct ident *node, bool is_admitted)
{
	struct text words;

	if (!api)
		return;
	words = words_of(next_event(api, API_EVENT_NODE, node));
	text_add(&words, is_admitted ? "was let in: a battery that is watched"
				     : "is forgotten, and a stranger again");
	api_admitted_follow(&api->admitted, &api->host);
	api_stream_renew(api);
}

void api_event_relay(struct api *api, const struct ident *node, bool is_admitted, size_t index)
{
	struct text words;

	if (!api)
		return;
	if (!is_admitted)
		api_commands_forget_relay(&api->commands, index);
	words = words_of(next_event(api, API_EVENT_NODE, node));
	text_add(&words, is_admitted ? "was let in: a relay that begins open"
				     : "is forgotten, and a stranger again");
	api_admitted_follow(&api->admitted, &api->host);
	api_stream_renew(api);
}

void api_event_nodes(struct api *api)
{
	if (!api)
		return;
	api_forget_state(api);
	api_stream_renew(api);
}

void api_event_meter(struct api *api)
{
	if (api)
		api_stream_meter(api);
}

/* ---- GET /events ---- */

static void add_reading_members(json_t *out, const struct api_event *event)
{
	json_object_set_new(out, "soc_pct", api_scaled(event->reading.soc_bp, 100));
	json_object_set_new(out, "temp_c", api_scaled(event->reading.temp_min_mc, 1000));
	json_object_set_new(out, "temp_max_c", api_scaled(event->reading.temp_max_mc, 1000));
	json_object_set_new(out, "quality", json_string(quality_name(event->reading.quality)));
	json_object_set_new(out, "acts", json_boolean(event->reading.acts));
}

static void add_relay_members(json_t *out, const struct api_event *event)
{
	json_object_set_new(out, "phase", json_string(relay_phase_name(event->relay.phase)));
	json_object_set_new(out, "state",
			    event->relay.is_heard ? json_boolean(event->relay.is_on) : json_null());
	json_object_set_new(out, "wished", json_boolean(event->relay.wished_on));
}

static void add_command_members(json_t *out, const struct api_event *event)
{
	json_object_set_new(out, "command", json_integer(event->command.number));
	json_object_set_new(out, "state",
			    json_string(api_command_state_name(event->command.state)));
}

json_t *api_event_json(const struct api_event *event)
{
	static const char *const KINDS[] = {"reading",  "decision", "relay",   "alert",
					    "override", "setting",  "command", "node"};
	json_t *out = json_pack("{s:I, s:o, s:s, s:s}", "number", (json_int_t)event->number, "at",
				api_wall(event->at), "kind", KINDS[event->kind], "subject",
				event->subject.text);

	if (!out)
		return NULL;
	if (event->kind == API_EVENT_READING)
		add_reading_members(out, event);
	else if (event->kind == API_EVENT_RELAY)
		add_relay_members(out, event);
	else if (event->kind == API_EVENT_COMMAND)
		add_command_members(out, event);
	else
		json_object_set_new(out, "words", json_string(event->words));
	return out;
}

/* Reads an argument that is a whole number; `missing` where it is not there. Returns 0 or -EINVAL.
 */
static int whole_argument(uint64_t *out, const struct http_request *request, const char *name,
			  uint64_t missing)
{
	const char *text = http_argument(request, name);
	char *end;

	*out = missing;
	if (!text)
		return 0;
	if (text[0] < '0' || text[0] > '9' || strlen(text) > 18)
		return -EINVAL;
	*out = strtoull(text, &end, 10);
	return *end ? -EINVAL : 0;
}

void api_get_events(void *user, const struct http_request *request, struct http_reply *reply)
{
	struct api *api = user;
	const char *accepted = http_header(request, "Accept");
	uint64_t oldest =
	    api->last_event > API_EVENTS_MAX ? api->last_event - API_EVENTS_MAX + 1 : 1;
	uint64_t after, limit, first;
	json_t *out;

	if (accepted && strstr(accepted, "text/event-stream")) {
		api_stream_join(api, request, reply);
		return;
	}
	if (whole_argument(&after, request, "after", 0) < 0 ||
	    whole_argument(&limit, request, "limit", API_EVENTS_MAX) < 0) {
		http_problem(reply, 400, "after and limit must be whole numbers");
		return;
	}
	first = after >= oldest ? after + 1 : oldest;
	if (api->last_event >= limit && first < api->last_event - limit + 1)
		first = api->last_event - limit + 1;
	out = json_array();
	for (uint64_t number = first; number <= api->last_event; number++)
		json_array_append_new(out, api_event_json(&api->events[(number - 1) % API_EVENTS_MAX]));
	api_reply(reply, 200,
		  json_pack("{s:I, s:I, s:o}", "oldest", (json_int_t)oldest, "last",
			    (json_int_t)api->last_event, "events", out));
}
