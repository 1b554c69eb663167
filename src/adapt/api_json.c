/*
 * The nouns as JSON: plain units, the unit in the name, and null (with the
 * age) for what is missing or too old: never 0, never the last value as if it
 * were live. Which nouns an answer holds is for the handlers.
 */
#include <string.h>

#include "adapt/api_internal.h"
#include "adapt/coap_hub.h"
#include "adapt/source_relay.h"

json_t *api_scaled(int64_t value, int32_t scale)
{
	return json_real((double)value / scale);
}

json_t *api_seconds(int64_t ms)
{
	return api_scaled(ms, MS_PER_SECOND);
}

json_t *api_wall(struct wall_time at)
{
	char text[WALL_TEXT_MAX];

	return at.ms ? json_string(wall_format(text, at, 0)) : json_null();
}

/* ---- batteries ---- */

bool api_reading_is_live(const struct api *api, size_t index, struct now now)
{
	const struct battery_state *battery = &api->host.site->batteries[index];
	const struct settings *settings = &api->host.site->settings[index];

	return battery->has_reading && mono_since(now.mono, battery->measured_at) <=
					   setting(settings, PARAMETER_STALE_AFTER);
}

static json_t *optional(bool is_there, int64_t value, int32_t scale)
{
	return is_there ? api_scaled(value, scale) : json_null();
}

/* What it said last, whatever its age: for a picture that shows it as old. */
static json_t *last_reading(const struct battery_state *battery)
{
	const struct reading *reading = &battery->reading;

	if (!battery->has_reading)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o}", "soc_pct", api_scaled(reading->soc_bp, 100),
			 "temp_c", api_scaled(reading->temp_min_mc, 1000), "temp_max_c",
			 api_scaled(reading->temp_max_mc, 1000), "power_w",
			 optional(reading->has_power, reading->power_mw, 1000));
}

static void add_reading(json_t *out, const struct battery_state *battery, bool is_live,
			struct now now)
{
	const struct reading *reading = &battery->reading;
	enum quality quality = is_live ? battery->quality : QUALITY_MISSING;

	json_object_set_new(out, "quality", json_string(quality_name(quality)));
	json_object_set_new(out, "age_s",
			    optional(battery->has_reading,
				     mono_since(now.mono, battery->measured_at), MS_PER_SECOND));
	json_object_set_new(out, "soc_pct", optional(is_live, reading->soc_bp, 100));
	json_object_set_new(out, "temp_c", optional(is_live, reading->temp_min_mc, 1000));
	json_object_set_new(out, "temp_max_c", optional(is_live, reading->temp_max_mc, 1000));
	json_object_set_new(out, "power_w",
			    optional(is_live && reading->has_power, reading->power_mw, 1000));
	json_object_set_new(out, "voltage_v",
			    optional(is_live && reading->has_voltage, reading->voltage_mv, 1000));
	json_object_set_new(out, "current_a",
			    optional(is_live && reading->has_current, reading->current_ma, 1000));
	json_object_set_new(out, "last_was_refused", json_boolean(battery->last_was_refused));
	json_object_set_new(out, "last", last_reading(battery));
}

/* What the limits and the age of a reading are held against. */
static void add_limits(json_t *out, const struct settings *settings)
{
	static const struct {
		const char *name;
		enum parameter_id id;
		int32_t scale;
	} LIMITS[] = {
	    {"reserve_pct", PARAMETER_RESERVE, 100},
	    {"ceiling_pct", PARAMETER_CEILING, 100},
	    {"charge_min_c", PARAMETER_CHARGE_MIN_TEMP, 1000},
	    {"charge_max_c", PARAMETER_CHARGE_MAX_TEMP, 1000},
	    {"discharge_min_c", PARAMETER_DISCHARGE_MIN_TEMP, 1000},
	    {"discharge_max_c", PARAMETER_DISCHARGE_MAX_TEMP, 1000},
	    {"stale_after_s", PARAMETER_STALE_AFTER, MS_PER_SECOND},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(LIMITS); i++)
		json_object_set_new(out, LIMITS[i].name,
				    api_scaled(setting(settings, LIMITS[i].id), LIMITS[i].scale));
}

static void add_decision(json_t *out, const struct decision *decision, const char *sensor)
{
	char buffer[API_WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	decision_format(decision, sensor, &words);
	json_object_set_new(out, "intent", json_string(intent_name(decision->intent)));
	json_object_set_new(out, "decision", json_string(buffer));
}

json_t *api_battery(const struct api *api, size_t index, struct now now)
{
	const struct battery_config *config = &api->host.house->batteries[index];
	const struct battery_state *battery = &api->host.site->batteries[index];
	const struct settings *settings = &api->host.site->settings[index];
	const struct chemistry_preset *preset = chemistry_preset(config->chemistry);
	const char *logic =
	    parameter_get(PARAMETER_LOGIC)->choices[setting(settings, PARAMETER_LOGIC)];
	json_t *out =
	    json_pack("{s:s, s:s, s:s?, s:i, s:i, s:b, s:s, s:b, s:i}", "id", config->id.text,
		      "node", config->node.text, "chemistry", preset ? preset->name : NULL,
		      "capacity_wh", config->capacity_wh, "power_max_w", config->power_w,
		      "commanded", battery_is_commanded(config), "logic", logic, "locked_out",
		      battery->is_locked_out, "trips_today", battery->trips_today);

	if (!out)
		return NULL;
	add_reading(out, battery, api_reading_is_live(api, index, now), now);
	add_limits(out, settings);
	add_decision(out, &battery->decision, config->node.text);
	return out;
}

/* ---- relays ---- */

/* Of a relay that was on and has a lease, as it said last: 0 or less when it is over. */
int64_t api_lease_left_ms(const struct relay_state *relay, struct now now)
{
	return relay->status.lease_left_ms - mono_since(now.mono, relay->heard_at);
}

/*
 * Whether it said that it was on with a lease that is over since. One that says so with
 * none left is stuck.
 */
static bool has_lapsed(const struct relay_state *relay, bool is_leased, struct now now)
{
	return is_leased && relay->status.lease_left_ms > 0 && api_lease_left_ms(relay, now) <= 0;
}

/* What it said counts until a read fails or the lease that it told of is over. */
bool api_relay_is_known(const struct api *api, size_t index, struct now now)
{
	const struct relay_state *relay = &api->host.site->relays[index];
	bool is_leased =
	    api->host.house->relays[index].has_lease && relay->is_heard && relay->status.is_on;

	return relay->is_heard && !relay->is_silent && relay->phase != RELAY_UNKNOWN &&
	       relay->phase != RELAY_TIMEOUT && !has_lapsed(relay, is_leased, now);
}

static json_t *lease_left(const struct relay_state *relay, bool is_leased, struct now now)
{
	int64_t left_ms = api_lease_left_ms(relay, now);

	return is_leased ? api_seconds(left_ms > 0 ? left_ms : 0) : json_null();
}

/* Since what holds was sent first; null while nothing was. */
static json_t *asked_age(const struct relay_state *relay, struct now now)
{
	bool is_on = relay->wished_on && relay->on_attempts > 0;

	return optional(relay->has_command,
			mono_since(now.mono, is_on ? relay->first_on_at : relay->sent_at),
			MS_PER_SECOND);
}

json_t *api_deadline_left(const struct api *api, size_t index, struct now now)
{
	const struct relay_state *relay = &api->host.site->relays[index];
	int64_t allowed_ms = relay_is_over_mqtt(&api->host.house->relays[index])
				 ? SOURCE_RELAY_DEADLINE_MS
				 : COAP_COMMAND_DEADLINE_MS * (int64_t)api->host.clock->factor;
	int64_t left_ms = allowed_ms - mono_since(now.mono, relay->sent_at);

	return optional(relay->phase == RELAY_SENT, left_ms > 0 ? left_ms : 0, MS_PER_SECOND);
}

/* Whether a timer opens it when we are gone, and whether it tells of that. */
static const char *timer_word(const struct relay_config *config)
{
	if (!config->has_lease)
		return "none";
	return config->timer_is_untold ? "untold" : "told";
}

/* What its last trial came to. */
static json_t *proof_json(const struct api *api, const struct relay_config *config)
{
	const struct relay_proof *proof =
	    relay_proof_find(api->host.status->proofs, config->id.text);

	return proof ? json_pack("{s:o, s:b, s:s}", "at", api_wall(proof->at), "passed",
				 proof->is_passed, "result", proof->result)
		     : json_null();
}

json_t *api_relay(const struct api *api, size_t index, struct now now)
{
	const struct relay_config *config = &api->host.house->relays[index];
	const struct relay_state *relay = &api->host.site->relays[index];
	bool is_leased = config->has_lease && relay->is_heard && relay->status.is_on;
	bool state_is_known = api_relay_is_known(api, index, now);
	json_t *out = json_pack(
	    "{s:s, s:s, s:s, s:o, s:o, s:s, s:b, s:s, s:o, s:i, s:o, s:s}", "id", config->id.text,
	    "battery", api->host.house->batteries[config->battery].id.text, "role",
	    relay_role_name(config->role), "state",
	    state_is_known ? json_boolean(relay->status.is_on) : json_null(), "last_state",
	    relay->is_heard ? json_boolean(relay->status.is_on) : json_null(), "phase",
	    relay_phase_name(relay->phase), "wished", relay->wished_on, "lease",
	    config->has_lease ? "yes" : "none", "lease_left_s", lease_left(relay, is_leased, now),
	    "switches_today", relay->switches_today, "heard_age_s",
	    optional(relay->is_heard, mono_since(now.mono, relay->heard_at), MS_PER_SECOND), "uri",
	    relay_address(config));

	if (!out)
		return NULL;
	json_object_set_new(
	    out, "power_w",
	    optional(state_is_known && relay->status.has_power, relay->status.power_mw, 1000));
	json_object_set_new(out, "readback", json_string(relay->is_blind ? "none" : "yes"));
	json_object_set_new(out, "timer", json_string(timer_word(config)));
	json_object_set_new(out, "trial", proof_json(api, config));
	json_object_set_new(out, "asked_age_s", asked_age(relay, now));
	json_object_set_new(out, "deadline_left_s", api_deadline_left(api, index, now));
	json_object_set_new(out, "override", api_override(api, index, now));
	json_object_set_new(out, "commands", json_integer(relay->commands));
	json_object_set_new(out, "confirmed", json_integer(relay->confirmed));
	json_object_set_new(out, "mismatches", json_integer(relay->mismatches));
	json_object_set_new(out, "timeouts", json_integer(relay->timeouts));
	return out;
}

/* ---- decisions ---- */

json_t *api_reason(const struct reason *reason, const struct reason *flip_reason,
		   const struct reason_names *names)
{
	char words_buffer[192], flip_buffer[160];
	struct text words = text_in(words_buffer, sizeof(words_buffer));
	struct text flip = text_in(flip_buffer, sizeof(flip_buffer));

	reason_format(reason, names, &words);
	reason_format_flip(flip_reason, names, &flip);
	return json_pack(
	    "{s:s, s:I, s:I, s:s, s:s, s:s, s:I, s:I}", "code", reason_name(reason->code), "value",
	    (json_int_t)reason->value, "limit", (json_int_t)reason->limit, "words", words_buffer,
	    "flip", flip_buffer, "flip_code", reason_name(flip_reason->code),
	    "flip_value", (json_int_t)flip_reason->value, "flip_limit",
	    (json_int_t)flip_reason->limit);
}

/* The losers: everyone who wished and did not win. */
static json_t *losers(const struct decision *decision, const struct reason_names *names)
{
	json_t *out = json_array();

	for (int decider = 0; decider < DECIDER_COUNT; decider++) {
		const struct wish *wish = &decision->wishes[decider];

		if (!wish->is_given || (enum decider)decider == decision->winner)
			continue;
		json_array_append_new(out, json_pack("{s:s, s:s, s:o}", "decider",
						     decider_name((enum decider)decider), "intent",
						     intent_name(wish->intent), "reason",
						     api_reason(&wish->reason, &wish->reason, names)));
	}
	return out;
}

json_t *api_decision(const struct decision *decision, const char *sensor)
{
	const struct reason_names names = decision_names(decision, sensor);
	char buffer[API_WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));
	bool has_seen = decision->quality != QUALITY_MISSING;
	json_t *out;

	if (decision->id == 0)
		return json_null();
	decision_format(decision, sensor, &words);
	out = json_pack(
	    "{s:I, s:o, s:b, s:s, s:s, s:s, s:s, s:o, s:o}", "id", (json_int_t)decision->id, "at",
	    api_wall(decision->at), "wall_trusted", decision->wall_is_trusted, "intent",
	    intent_name(decision->intent), "wanted", intent_name(decision->wanted), "winner",
	    decider_name(decision->winner), "words", buffer, "reason",
	    api_reason(&decision->reason, &decision->flip, &names), "losers",
	    losers(decision, &names));
	if (!out)
		return NULL;
	json_object_set_new(
	    out, "saw",
	    json_pack("{s:s, s:o, s:o, s:o, s:o}", "quality", quality_name(decision->quality),
		      "age_s", optional(has_seen, decision->age_ms, MS_PER_SECOND), "soc_pct",
		      optional(has_seen, decision->soc_bp, 100), "temp_c",
		      optional(has_seen, decision->temp_min_mc, 1000), "temp_max_c",
		      optional(has_seen, decision->temp_max_mc, 1000)));
	return out;
}

json_t *api_explanation(const struct api *api, size_t index)
{
	return json_pack("{s:s, s:o}", "battery", api->host.house->batteries[index].id.text,
			 "decision", api_decision(&api->host.site->batteries[index].decision,
				       api->host.house->batteries[index].node.text));
}

/* ---- the rest ---- */

/* Null where the sentence has no number. */
static json_t *values_json(const struct alert *alert)
{
	struct alert_values values = alert_values(alert);

	if (!values.has_value)
		return json_null();
	return json_pack("{s:f, s:o, s:s}", "value", values.value, "limit",
			 values.has_limit ? json_real(values.limit) : json_null(), "unit",
			 values.unit);
}

json_t *api_alert(const struct alert *alert)
{
	char buffer[API_WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	alert_format(alert, &words);
	return json_pack("{s:I, s:s, s:s, s:s, s:b, s:b, s:I, s:o, s:o, s:s, s:o}", "id",
			 (json_int_t)alert->id, "code", alert_name(alert->code), "level",
			 alert_level_name(alert_level(alert->code)), "subject", alert->subject.text,
			 "active", alert->is_active, "acknowledged", alert->is_acknowledged,
			 "count", (json_int_t)alert->count, "raised", api_wall(alert->raised),
			 "cleared", alert->is_active ? json_null() : api_wall(alert->cleared),
			 "words", buffer, "values", values_json(alert));
}

/* The names of those that are known and silent. */
static json_t *silent_of(const struct meter_group *group, struct mono_time mono)
{
	json_t *out = json_array();

	for (size_t i = 0; i < group->count; i++) {
		if (!meter_member_is_live(&group->members[i], mono))
			json_array_append_new(out, json_string(group->members[i].name.text));
	}
	return out;
}

static json_t *meter_json(const struct meter_status *meter, struct now now)
{
	bool is_live = meter->is_heard && meter->quality != QUALITY_MISSING;

	return json_pack("{s:o, s:o, s:s, s:o, s:I, s:o}", "power_w",
			 optional(is_live, meter->power_w, 1), "last_power_w",
			 optional(meter->is_heard, meter->power_w, 1), "quality",
			 quality_name(is_live ? meter->quality : QUALITY_MISSING), "age_s",
			 optional(meter->is_heard, mono_since(now.mono, meter->heard_at),
				  MS_PER_SECOND),
			 "of", (json_int_t)meter->group.count, "silent",
			 silent_of(&meter->group, now.mono));
}

json_t *api_meters(const struct api *api, struct now now)
{
	static const char *const NAMES[METER_COUNT] = {"grid", "pv", "load"};
	json_t *out = json_object();

	for (int i = 0; i < METER_COUNT; i++)
		json_object_set_new(out, NAMES[i], meter_json(&api->host.status->meters[i], now));
	return out;
}

json_t *api_parameter_value(enum parameter_id id, const struct parameter_value *value)
{
	char buffer[512];
	struct text text = text_in(buffer, sizeof(buffer));

	if (parameter_get(id)->kind == KIND_NUMBER && parameter_get(id)->scale == 1)
		return json_integer(value->number);
	if (parameter_get(id)->kind == KIND_NUMBER)
		return api_scaled(value->number, parameter_get(id)->scale);
	parameter_format(id, value, &text);
	return json_string(buffer);
}
