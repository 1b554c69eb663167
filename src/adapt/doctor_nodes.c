/* Sensors, batteries and relays as the doctor finds them; see doctor.h. */
#include "adapt/doctor_parts.h"

#include <stdio.h>
#include <string.h>

#include "model/amount.h"

#define UNKNOWN_TOLD_MAX 8

/* What is not there yet so soon after the start may be about to come. */
#define SENSOR_PATIENCE_MS (30 * MS_PER_SECOND)
#define RELAY_PATIENCE_MS (10 * MS_PER_SECOND)
#define QUARTER_S (15 * 60) /* zones differ by so much */
#define NEAR_S 60

/* --- alerts, of which each says what is wrong and what can be done --------- */

static enum doctor_verdict verdict_of(const struct alert *alert)
{
	switch (alert_level(alert->code)) {
	case ALERT_NOTICE:
		return DOCTOR_NOTE;
	case ALERT_WARNING:
		return DOCTOR_WARNING;
	case ALERT_ALARM:
		break;
	}
	return DOCTOR_FAULT;
}

/* Off by whole quarters of an hour it is the zone, not the clock. */
static const char *advice_for_clock(const struct alert *alert)
{
	int64_t off_s = alert->value / MS_PER_SECOND, rest_s;

	off_s = off_s < 0 ? -off_s : off_s;
	rest_s = off_s % QUARTER_S;
	return off_s > QUARTER_S - NEAR_S && (rest_s <= NEAR_S || rest_s >= QUARTER_S - NEAR_S)
		   ? "that is a zone: have it send UTC, or say its zone (`tz:` of its source)"
		   : "let a time service set the node's clock, or have it send no time at all";
}

static void advise(const struct alert *alert, struct text *out)
{
	static const char *const ADVICE[ALERT_COUNT] = {
	    [ALERT_SENSOR_STALE] = "is it powered, and is its network up? the relays open meanwhile",
	    [ALERT_READING_OUT_OF_RANGE] = "see what it sends: mosquitto_sub -v -t '#', and its profile",
	    [ALERT_SENSOR_FROZEN] = "start the node again; its values do not move",
	    [ALERT_SEQUENCE_GAP] = "its network loses messages: QoS 1 at the node, or a better place",
	    [ALERT_INTERVAL_IGNORED] = "the node does not know the command: set its interval there",
	    [ALERT_RELAY_TIMEOUT] = "is it powered, and does its address still hold?",
	    [ALERT_RELAY_MISMATCH] = "is its manual switch in use, or its contact stuck?",
	    [ALERT_RELAY_FOREIGN] = "only one may command it: see what else does",
	    [ALERT_RELAY_IMPOSTOR] = "another node has its address: see its `uri`",
	    [ALERT_RELAY_WELDED] = "cut its power by hand, and replace it",
	    [ALERT_STILL_CHARGING] = "something else charges the battery: look for it before all else",
	    [ALERT_NO_EFFECT] = "is the charger on, and does the relay really switch it?",
	    [ALERT_LOCKED_OUT] = "`amphora explain` says by which limit, and when it ends",
	};
	const char *words = alert->code == ALERT_SENSOR_CLOCK ? advice_for_clock(alert)
							      : ADVICE[alert->code];

	text_add(out, "%s", words ? words : "`amphora explain` says what it does");
	if (!alert->is_acknowledged)
		text_add(out, "; `amphora alerts` acknowledges it");
}

static void say_alert(struct examination *examination, const struct alert *alert)
{
	char buffer[WORDS_MAX], advice_words[WORDS_MAX];
	struct text advice = text_in(advice_words, sizeof(advice_words));
	struct text words = text_in(buffer, sizeof(buffer));

	alert_format(alert, &words);
	advise(alert, &advice);
	doctor_say(examination, verdict_of(alert), buffer, advice_words);
}

static bool is_of_house(enum alert_code code)
{
	return code == ALERT_BROKER_AWAY || code == ALERT_BROKER_TAKEN_OVER ||
	       code == ALERT_BROKER_SESSION_LOST || code == ALERT_MARKER_SILENT ||
	       code == ALERT_STORE_FAILED || code == ALERT_SERVER_AWAY ||
	       code == ALERT_CLOCK_UNTRUSTED || code == ALERT_STORE_NEARLY_FULL ||
	       code == ALERT_CONTROL_AWAY || code == ALERT_WEB_AWAY ||
	       code == ALERT_METER_WRONG || code == ALERT_PRICES_OLD ||
	       code == ALERT_OUTLET_FAILING;
}

/* Those of one battery, sensor or relay. */
static void say_alerts_of(struct examination *examination, const char *subject)
{
	for (size_t i = 0; i < ALERTS_MAX; i++) {
		const struct alert *alert = &examination->look->site->alerts[i];

		if (alert->id != 0 && alert->is_active && !is_of_house(alert->code) &&
		    alert->code != ALERT_RELAY_NO_LEASE && /* examine_lease() says more of it */
		    strcmp(alert->subject.text, subject) == 0)
			say_alert(examination, alert);
	}
}

/* --- sensors and relays ------------------------------------------------------ */

void doctor_examine_battery(struct examination *examination, size_t index)
{
	const struct doctor_look *look = examination->look;
	const struct battery_config *config = &look->house->batteries[index];
	const struct battery_state *battery = &look->site->batteries[index];
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	doctor_begin(examination, "sensor", config->id.text);
	say_alerts_of(examination, config->id.text);
	if (strcmp(config->node.text, config->id.text) != 0)
		say_alerts_of(examination, config->node.text);
	if (!battery->has_reading) {
		text_add(&words, "nothing was heard since the start; it is expected on %s",
			 battery_address(config));
		if (examination->is_well && doctor_is_early(examination, SENSOR_PATIENCE_MS))
			doctor_say(examination, DOCTOR_NOTE, buffer,
				   "we have just started: look again in half a minute");
		else if (examination->is_well)
			doctor_say(examination, DOCTOR_FAULT, buffer,
			    "is the node on, and does it send there? `amphora nodes` shows who is "
			    "heard");
	}
	words = text_in(buffer, sizeof(buffer));
	text_add(&words, "heard ");
	duration_add(&words, mono_since(look->now.mono, battery->arrived_at), 0);
	text_add(&words, " ago");
	if (battery->has_reading)
		doctor_end(examination, buffer);
}

/* Whether a battery is commanded at all. */
void doctor_examine_command(struct examination *examination, size_t index)
{
	const struct house *house = examination->look->house;
	const struct battery_config *config = &house->batteries[index];
	size_t relays = 0;

	for (size_t i = 0; i < house->relay_count; i++)
		relays += house->relays[i].battery == index;
	doctor_begin(examination, "battery", config->id.text);
	if (!battery_is_commanded(config))
		doctor_say(examination, DOCTOR_NOTE,
		    "is only watched: chemistry, capacity or power is not said",
		    "`chemistry`, `capacity_kwh` and `power_kw` of the battery, and it is "
		    "commanded");
	if (relays == 0)
		doctor_say(examination, DOCTOR_NOTE,
		    "has no relay: nothing can charge or discharge it by us",
		    "one under `relays:`, with its battery, role and uri");
	if (examination->look->site->batteries[index].is_locked_out)
		doctor_say(examination, DOCTOR_WARNING, "is locked out by its limits",
		    "`amphora explain` says by which, and when it ends");
	doctor_end(examination, setting(&examination->look->site->settings[index], PARAMETER_LOGIC) ==
					LOGIC_MONITOR
				    ? "is only watched, as its `logic` is monitor"
				    : "is commanded within its limits");
}

/* Adds what its trial has shown, if that was good. */
static void add_proof(struct text *out, const struct relay_config *config,
		      const struct relay_proof *proof, int32_t utc_offset_s)
{
	char day[WALL_TEXT_MAX] = "";

	if (proof == NULL || !proof->is_passed)
		return;
	wall_format(day, proof->at, utc_offset_s);
	text_add(out, "; a trial on %.10s has shown that it %s%s", day,
		 config->has_lease ? "opens by itself" : "follows",
		 config->timer_is_untold ? ", as its timer is set and never told back" : "");
}

static void say_failed(struct examination *examination, const struct relay_proof *proof)
{
	char day[WALL_TEXT_MAX] = "", buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	wall_format(day, proof->at, examination->look->now.utc_offset_s);
	text_add(&words, "did not open by itself when it was tried on %.10s", day);
	doctor_say(examination, DOCTOR_FAULT, buffer,
		   "see its timer, and `amphora relay trial` again: it may stay closed when we are gone");
}

/* Whether something opens it when we are gone. */
static void examine_lease(struct examination *examination, const struct relay_config *config,
			  const struct relay_state *relay, const struct relay_proof *proof)
{
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	text_add(&words, "has no lease: closed, it stays so when we are gone");
	add_proof(&words, config, proof, examination->look->now.utc_offset_s);
	if (!config->has_lease)
		doctor_say(examination, DOCTOR_WARNING, buffer,
		    "docs/devices.md, \"When Amphora is gone\": a device that opens by itself, set up so");
	else if (relay->is_heard && relay->status.is_on && relay->status.lease_left_ms == 0)
		doctor_say(examination, DOCTOR_FAULT, "is closed and says that no lease runs",
		    "open it by hand; then see why its timer did not start");
	if (config->has_lease && proof != NULL && !proof->is_passed)
		say_failed(examination, proof);
	else if (config->timer_is_untold && proof == NULL)
		doctor_say(examination, DOCTOR_WARNING,
			   "its timer is set with each ON and never told back, and no trial has proved it",
			   "`amphora relay trial` with its id, once");
}

/* What to look at of one that is silent, by the way that it is reached. */
static const char *advice_for_silence(const struct relay_config *config)
{
	if (relay_is_over_mqtt(config))
		return "is it powered, and on this broker? docs/devices.md says what its make needs";
	return config->uri[0] ? "is it powered, and does `coap-client -m get` with that address answer?"
			      : "point its registration at `coap: listen:` of this daemon";
}

static void examine_silence(struct examination *examination, const struct relay_config *config)
{
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));
	bool is_early = doctor_is_early(examination, RELAY_PATIENCE_MS);

	if (relay_address(config)[0])
		text_add(&words, "did not answer since the start at %s", relay_address(config));
	else
		text_add(&words, "has not registered since the start");
	doctor_say(examination, is_early ? DOCTOR_NOTE : DOCTOR_FAULT, buffer,
		   is_early ? "we have just started: look again in a moment"
			    : advice_for_silence(config));
}

void doctor_examine_relay(struct examination *examination, size_t index)
{
	const struct doctor_look *look = examination->look;
	const struct relay_config *config = &look->house->relays[index];
	const struct relay_state *relay = &look->site->relays[index];
	const struct relay_proof *proof =
	    relay_proof_find(look->status->proofs, config->id.text);
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	doctor_begin(examination, "relay", config->id.text);
	say_alerts_of(examination, config->id.text);
	if (examination->is_well && !relay->is_heard)
		examine_silence(examination, config);
	examine_lease(examination, config, relay, proof);
	text_add(&words, "%s, and answers", relay->status.is_on ? "on" : "off");
	add_proof(&words, config, proof, look->now.utc_offset_s);
	doctor_end(examination, buffer);
}

void doctor_examine_strangers(struct examination *examination)
{
	int told = 0;

	doctor_begin(examination, "strangers", "");
	for (size_t i = 0; i < UNKNOWN_NODES_MAX && told < UNKNOWN_TOLD_MAX; i++) {
		const struct unknown_node *node = &examination->look->status->unknown[i];

		if (node->name.text[0] == '\0')
			continue;
		told++;
		examination->subject = node->name.text;
		doctor_say(examination, DOCTOR_NOTE, "sends readings and is no battery of this house",
		    "`amphora nodes admit` or the page lets it in, or let it be: it drives nothing");
	}
	for (size_t i = 0; i < UNKNOWN_RELAYS_MAX && told < UNKNOWN_TOLD_MAX; i++) {
		const struct unknown_relay *relay =
		    &examination->look->status->unknown_relays[i];

		if (relay->name.text[0] == '\0')
			continue;
		told++;
		examination->subject = relay->name.text;
		doctor_say(examination, DOCTOR_NOTE, "is a relay, and none of this house",
			   "`amphora nodes admit` or the page lets it in, or let it be: it is not "
			   "commanded");
	}
	doctor_end(examination, "nobody unknown was heard");
}
