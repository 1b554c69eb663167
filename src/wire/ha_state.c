/* The states that Home Assistant is shown: from the site as it is, nothing invented. */
#include <math.h>
#include <string.h>

#include "wire/ha_announce.h"
#include "wire/json_text.h"
#include "wire/letter.h"

static void add_word(struct json_text *object, const char *name, const char *word)
{
	if (word == NULL)
		json_text_null(object, name);
	else
		json_text_string(object, name, word);
}

static void add_switch(struct json_text *object, const char *name, bool is_on)
{
	json_text_string(object, name, is_on ? "ON" : "OFF");
}

static void add_number(struct json_text *object, const char *name, bool is_known, int64_t value,
		       int32_t scale)
{
	if (is_known)
		json_text_scaled(object, name, value, scale);
	else
		json_text_null(object, name);
}

/* A sentence in as many bytes as it may have, and whole characters. */
static void add_words(struct json_text *object, const char *name, const char *words)
{
	char clean[2 * HA_WORDS_MAX], room[HA_WORDS_MAX + 1];
	struct text text = text_in(clean, sizeof clean);
	size_t length;

	letter_add_clean(&text, words);
	length = text.length < HA_WORDS_MAX ? text.length : HA_WORDS_MAX;
	while (length > 0 && length < text.length && (clean[length] & 0xc0) == 0x80)
		length--;
	memcpy(room, clean, length);
	room[length] = '\0';
	json_text_string(object, name, room);
}

/* ---- a battery ---- */

/* Whether what it said last may stand for how it is: young enough, and believed. */
static bool is_live(const struct battery_state *battery, const struct settings *settings,
		    struct now now)
{
	return battery->has_reading && battery->quality == QUALITY_GOOD &&
	       mono_since(now.mono, battery->measured_at) <=
		   setting(settings, PARAMETER_STALE_AFTER);
}

static void add_reading(struct json_text *object, const struct reading *reading, bool is_live)
{
	add_number(object, "soc_pct", is_live, reading->soc_bp, 100);
	add_number(object, "temp_c", is_live, reading->temp_min_mc, 1000);
	add_number(object, "temp_max_c", is_live, reading->temp_max_mc, 1000);
	add_number(object, "power_w", is_live && reading->has_power, reading->power_mw, 1000);
	add_number(object, "voltage_v", is_live && reading->has_voltage, reading->voltage_mv, 1000);
	add_number(object, "current_a", is_live && reading->has_current, reading->current_ma, 1000);
}

/* When the last of its overrides ends; 0: none is in force. */
static struct wall_time taken_over_until(const struct house *house, const struct site *site,
					 size_t battery)
{
	struct wall_time until = {0};

	for (size_t i = 0; i < house->relay_count; i++) {
		const struct override *override = &site->relays[i].override;

		if (house->relays[i].battery == battery && override->is_active &&
		    override->ends_wall.ms > until.ms)
			until = override->ends_wall;
	}
	return until;
}

void ha_battery_state(struct text *out, const struct house *house, const struct site *site,
		      size_t battery, struct now now, int32_t minutes)
{
	const struct battery_state *state = &site->batteries[battery];
	const struct settings *settings = &site->settings[battery];
	const struct parameter *logic = parameter_get(PARAMETER_LOGIC);
	bool is_decided = state->decision.id != 0;
	struct json_text object = json_text_open(out);
	char room[2 * HA_WORDS_MAX];
	struct text words = text_in(room, sizeof room);

	add_reading(&object, &state->reading, is_live(state, settings, now));
	add_word(&object, "action", is_decided ? intent_name(state->decision.intent) : NULL);
	if (is_decided)
		decision_format(&state->decision, house->batteries[battery].node.text, &words);
	add_words(&object, "why", room);
	add_switch(&object, "locked", state->is_locked_out);
	json_text_string(&object, "mode", logic->choices[setting(settings, PARAMETER_LOGIC)]);
	add_switch(&object, "enabled", setting(settings, PARAMETER_LOGIC) != LOGIC_MONITOR);
	json_text_scaled(&object, "reserve_pct", setting(settings, PARAMETER_RESERVE), 100);
	json_text_integer(&object, "minutes", minutes);
	json_text_time(&object, "until", taken_over_until(house, site, battery));
	json_text_close(&object);
}

/* ---- a relay ---- */

/* Whether what it said last still counts: it answers, and no lease of it is over since. */
static bool is_known(const struct relay_state *relay, bool has_lease, struct now now)
{
	bool has_lapsed = has_lease && relay->status.is_on && relay->status.lease_left_ms > 0 &&
			  relay->status.lease_left_ms <= mono_since(now.mono, relay->heard_at);

	return relay->is_heard && !relay->is_silent && relay->phase != RELAY_UNKNOWN &&
	       relay->phase != RELAY_TIMEOUT && !has_lapsed;
}

void ha_relay_state(struct text *out, const struct house *house, const struct site *site,
		    size_t relay, struct now now)
{
	const struct relay_state *state = &site->relays[relay];
	bool has_lease = house->relays[relay].has_lease;
	bool is_there = is_known(state, has_lease, now);
	struct json_text object = json_text_open(out);

	add_word(&object, "state", !is_there ? NULL : state->status.is_on ? "ON" : "OFF");
	/* As it said last: one that counts down would be a message each second. */
	add_number(&object, "lease_s", is_there && has_lease && state->status.is_on,
		   state->status.lease_left_ms / MS_PER_SECOND, 1);
	json_text_string(&object, "phase", relay_phase_name(state->phase));
	json_text_close(&object);
}

/* ---- a meter ---- */

void ha_meter_state(struct text *out, const struct meter_status *meter, enum meter_kind kind)
{
	bool is_known = meter->is_heard && meter->quality != QUALITY_MISSING;
	struct json_text object = json_text_open(out);

	add_number(&object, "power_w", is_known, meter->power_w, 1);
	/* What flowed while it was silent is not in it: then it says no sum. */
	add_number(&object, "energy_kwh", is_known, llround(meter->imported_wh), 1000);
	if (kind == METER_GRID)
		add_number(&object, "fed_kwh", is_known, llround(meter->exported_wh), 1000);
	json_text_close(&object);
}

/* ---- the site ---- */

static bool is_worse(const struct alert *alert, const struct alert *than)
{
	enum alert_level level = alert_level(alert->code);

	if (than == NULL)
		return true;
	return level != alert_level(than->code) ? level > alert_level(than->code)
						: alert->id > than->id;
}

void ha_site_state(struct text *out, const struct site *site, const char *outcome)
{
	const struct alert *worst = NULL;
	struct json_text object = json_text_open(out);
	char room[2 * HA_WORDS_MAX];
	struct text words = text_in(room, sizeof room);
	bool has_problem = false;
	int64_t unseen = 0;

	for (size_t i = 0; i < ALERTS_MAX; i++) {
		const struct alert *alert = &site->alerts[i];

		if (alert->id == 0 || !alert->is_active)
			continue;
		has_problem = has_problem || alert_level(alert->code) >= ALERT_WARNING;
		unseen += !alert->is_acknowledged;
		if (is_worse(alert, worst))
			worst = alert;
	}
	if (worst != NULL)
		alert_format(worst, &words);
	add_switch(&object, "problem", has_problem);
	json_text_integer(&object, "alerts", unseen);
	add_words(&object, "alert", worst != NULL ? room : "none");
	add_words(&object, "outcome", outcome);
	json_text_close(&object);
}
