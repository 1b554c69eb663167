#include "adapt/doctor.h"

#include <stdio.h>
#include <string.h>

#include "model/amount.h"
#include "wire/plain_channel.h"

#define WORDS_MAX 512
#define UNKNOWN_TOLD_MAX 8

/* One examination: to whom it goes, and what was said of the part that is looked at. */
struct examination {
	const struct doctor_look *look;
	doctor_tell *tell;
	void *user;
	const char *check, *subject;
	bool is_well;
};

const char *doctor_verdict_name(enum doctor_verdict verdict)
{
	static const char *const NAMES[] = {"ok", "note", "warning", "fault"};

	return NAMES[verdict];
}

static void begin(struct examination *examination, const char *check, const char *subject)
{
	examination->check = check;
	examination->subject = subject;
	examination->is_well = true;
}

static void say(struct examination *examination, enum doctor_verdict verdict, const char *words,
		const char *advice)
{
	examination->is_well = examination->is_well && verdict == DOCTOR_OK;
	examination->tell(examination->user,
			  &(struct doctor_finding){.check = examination->check,
						   .subject = examination->subject,
						   .verdict = verdict,
						   .words = words,
						   .advice = advice});
}

/* The part's good word, unless something was found. */
static void end(struct examination *examination, const char *words)
{
	if (examination->is_well)
		say(examination, DOCTOR_OK, words, "");
}

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

static void say_alert(struct examination *examination, const struct alert *alert)
{
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	alert_format(alert, &words);
	say(examination, verdict_of(alert), buffer,
	    alert->is_acknowledged ? "" : "`amphora alerts` has it, and acknowledges it");
}

static bool is_of_house(enum alert_code code)
{
	return code == ALERT_BROKER_AWAY || code == ALERT_BROKER_TAKEN_OVER ||
	       code == ALERT_BROKER_SESSION_LOST || code == ALERT_MARKER_SILENT ||
	       code == ALERT_STORE_FAILED || code == ALERT_SERVER_AWAY ||
	       code == ALERT_CLOCK_UNTRUSTED || code == ALERT_STORE_NEARLY_FULL ||
	       code == ALERT_CONTROL_AWAY || code == ALERT_WEB_AWAY ||
	       code == ALERT_METER_WRONG || code == ALERT_PRICES_OLD;
}

/* Those of one battery, sensor or relay. */
static void say_alerts_of(struct examination *examination, const char *subject)
{
	for (size_t i = 0; i < ALERTS_MAX; i++) {
		const struct alert *alert = &examination->look->site->alerts[i];

		if (alert->id != 0 && alert->is_active && !is_of_house(alert->code) &&
		    strcmp(alert->subject.text, subject) == 0)
			say_alert(examination, alert);
	}
}

/* --- the house's surroundings ---------------------------------------------- */

static void examine_clock(struct examination *examination)
{
	const struct doctor_look *look = examination->look;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	begin(examination, "clock", "");
	if (!look->now.wall_is_trusted)
		say(examination, DOCTOR_WARNING,
		    "is not believed yet: no schedule runs, and rows are marked",
		    "let a time service set it (systemd-timesyncd, chrony), and wait a minute");
	if (look->clock->factor != 1) {
		text_add(&words, "runs %d times as fast as the world: this is a demonstration",
			 (int)look->clock->factor);
		say(examination, DOCTOR_NOTE, buffer, "never with a real battery");
	}
	end(examination, "is set and runs steadily");
	begin(examination, "zone", look->house->zone);
	if (strcmp(look->house->zone, "UTC") == 0)
		say(examination, DOCTOR_NOTE, "days and schedules are those of UTC",
		    "say where the house is: `zone: Europe/Rome` in the configuration");
	end(examination, "days and schedules are the house's");
}

static void examine_session(struct examination *examination)
{
	const struct broker_status *broker = &examination->look->status->broker;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	if (broker->marker_is_awaited) {
		text_add(
		    &words,
		    "let our user publish and read amphora/%s/marker (the broker's access rules)",
		    examination->look->house->collector.text);
		say(examination, DOCTOR_WARNING,
		    "our own marker has not come back yet: readings are stored and not acted on",
		    buffer);
	}
	if (broker->connects > 1 && !broker->session_was_present)
		say(examination, DOCTOR_WARNING,
		    "the broker did not keep our session: what was sent while we were away is lost",
		    "`persistence true` in mosquitto.conf, and no shorter "
		    "persistent_client_expiration than 7d");
}

static void examine_broker(struct examination *examination)
{
	const struct broker_status *broker = &examination->look->status->broker;
	const struct broker_config *config = &examination->look->house->broker;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	begin(examination, "broker", config->host);
	if (!broker->is_configured) {
		say(examination, DOCTOR_NOTE, "none is configured: only CoAP sensors are heard",
		    "`mqtt: {host: …}` in the configuration");
		return;
	}
	if (broker->is_taken_over) {
		text_add(&words, "another client uses our id %s", config->client_id.text);
		say(examination, DOCTOR_FAULT, buffer,
		    "give this daemon an `mqtt: client_id` of its own, or stop the other one");
	} else if (!broker->is_connected) {
		text_add(&words, "not connected to port %d%s%s", (int)config->port,
			 broker->detail[0] ? ": " : "", broker->detail);
		say(examination, DOCTOR_FAULT, buffer,
		    "is it running there, and do host, port, user and password_file under `mqtt:` "
		    "fit?");
	} else {
		examine_session(examination);
	}
	text_add(&words, "connected, session %s", broker->session_was_present ? "resumed" : "new");
	end(examination, buffer);
}

static void examine_refused(struct examination *examination)
{
	const struct daemon_status *status = examination->look->status;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));
	uint64_t count = status->refused[REFUSAL_RETAINED_COMMAND];

	begin(examination, "retained", "");
	if (count > 0) {
		text_add(&words, "%llu retained commands came and were not obeyed",
			 (unsigned long long)count);
		say(examination, DOCTOR_WARNING, buffer,
		    "clear each on the broker: mosquitto_pub -r -n -t TOPIC");
	}
	for (size_t i = 0; i < examination->look->house->battery_count; i++) {
		uint32_t ignored = examination->look->site->batteries[i].ignored;

		if (ignored == 0)
			continue;
		words = text_in(buffer, sizeof(buffer));
		examination->subject = examination->look->house->batteries[i].id.text;
		text_add(&words,
			 "%u messages were retained, queued or older than what is known, and drove "
			 "nothing",
			 (unsigned)ignored);
		say(examination, DOCTOR_NOTE, buffer,
		    "a sensor publishes its readings without the retain flag");
	}
	end(examination, "no retained command came");
}

static void say_unencrypted(void *user, const struct plain_channel *channel)
{
	struct examination *examination = user;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	plain_channel_format(channel, &words);
	examination->subject =
	    channel->subject[0] ? channel->subject : plain_kind_name(channel->kind);
	say(examination, DOCTOR_WARNING, buffer, "");
}

static void examine_encryption(struct examination *examination)
{
	begin(examination, "encryption", "");
	plain_channels_visit(examination->look->house, say_unencrypted, examination);
	end(examination, "nothing leaves this machine in the open");
}

static void examine_web(struct examination *examination)
{
	const struct web_config *config = &examination->look->house->web;
	const struct web_status *status = &examination->look->status->web;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	begin(examination, "web", "");
	if (config->listen.address[0] && status->port == 0)
		say(examination, DOCTOR_FAULT,
		    status->detail[0] ? status->detail : "is not served yet",
		    "see `web:` in the configuration; the port may be another program's");
	if (config->is_insecure)
		say(examination, DOCTOR_WARNING,
		    "is served beyond this machine without encryption (insecure: true)",
		    "`web: {certificate: …, key: …}`, or a proxy with TLS before it");
	if (config->listen.address[0])
		text_add(&words, "the page is served on port %d", (int)status->port);
	else
		text_add(&words, "no page is served (web: listen: off)");
	end(examination, buffer);
}

/* --- sensors and relays ------------------------------------------------------ */

static void examine_battery(struct examination *examination, size_t index)
{
	const struct doctor_look *look = examination->look;
	const struct battery_config *config = &look->house->batteries[index];
	const struct battery_state *battery = &look->site->batteries[index];
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	begin(examination, "sensor", config->id.text);
	say_alerts_of(examination, config->id.text);
	if (strcmp(config->node.text, config->id.text) != 0)
		say_alerts_of(examination, config->node.text);
	if (!battery->has_reading) {
		text_add(&words, "nothing was heard since the start; it is expected on %s",
			 battery_address(config));
		if (examination->is_well)
			say(examination, DOCTOR_FAULT, buffer,
			    "is the node on, and does it send there? `amphora nodes` shows who is "
			    "heard");
	}
	words = text_in(buffer, sizeof(buffer));
	text_add(&words, "heard ");
	duration_add(&words, mono_since(look->now.mono, battery->arrived_at), 0);
	text_add(&words, " ago");
	if (battery->has_reading)
		end(examination, buffer);
}

/* Whether a battery is commanded at all. */
static void examine_command(struct examination *examination, size_t index)
{
	const struct house *house = examination->look->house;
	const struct battery_config *config = &house->batteries[index];
	size_t relays = 0;

	for (size_t i = 0; i < house->relay_count; i++)
		relays += house->relays[i].battery == index;
	begin(examination, "battery", config->id.text);
	if (!battery_is_commanded(config))
		say(examination, DOCTOR_NOTE,
		    "is only watched: chemistry, capacity or power is not said",
		    "`chemistry`, `capacity_kwh` and `power_kw` of the battery, and it is "
		    "commanded");
	if (relays == 0)
		say(examination, DOCTOR_NOTE,
		    "has no relay: nothing can charge or discharge it by us",
		    "one under `relays:`, with its battery, role and uri");
	if (examination->look->site->batteries[index].is_locked_out)
		say(examination, DOCTOR_WARNING, "is locked out by its limits",
		    "`amphora explain` says by which, and when it ends");
	end(examination, "is commanded within its limits");
}

static void examine_lease(struct examination *examination, const struct relay_config *config,
			  const struct relay_state *relay)
{
	if (!config->has_lease)
		say(examination, DOCTOR_WARNING,
		    "has no lease: it stays closed where it is when we are gone",
		    "a device that opens by itself, set up so (`lease:` of the relay)");
	else if (relay->is_heard && relay->status.is_on && relay->status.lease_left_ms == 0)
		say(examination, DOCTOR_FAULT, "is closed and says that no lease runs",
		    "open it by hand; then see why its timer did not start");
}

static void examine_relay(struct examination *examination, size_t index)
{
	const struct doctor_look *look = examination->look;
	const struct relay_config *config = &look->house->relays[index];
	const struct relay_state *relay = &look->site->relays[index];
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	begin(examination, "relay", config->id.text);
	say_alerts_of(examination, config->id.text);
	if (examination->is_well && !relay->is_heard) {
		if (config->uri[0])
			text_add(&words, "did not answer since the start at %s", config->uri);
		else
			text_add(&words, "has not registered since the start");
		say(examination, DOCTOR_FAULT, buffer,
		    config->uri[0]
			? "is it powered, and does `coap-client -m get` with that address answer?"
			: "point its registration at `coap: listen:` of this daemon");
	}
	examine_lease(examination, config, relay);
	words = text_in(buffer, sizeof(buffer));
	text_add(&words, "%s, and answers", relay->status.is_on ? "on" : "off");
	end(examination, buffer);
}

static void examine_strangers(struct examination *examination)
{
	int told = 0;

	begin(examination, "strangers", "");
	for (size_t i = 0; i < UNKNOWN_NODES_MAX && told < UNKNOWN_TOLD_MAX; i++) {
		const struct unknown_node *node = &examination->look->status->unknown[i];

		if (node->name.text[0] == '\0')
			continue;
		told++;
		examination->subject = node->name.text;
		say(examination, DOCTOR_NOTE, "sends readings and is no battery of this house",
		    "add it under `batteries:`, or let it be: it drives nothing");
	}
	end(examination, "nobody unknown was heard");
}

/* --- where it is stored -------------------------------------------------------- */

static void examine_journal(struct examination *examination)
{
	const struct journal_status *journal = &examination->look->status->journal;

	begin(examination, "journal", "");
	if (!journal->is_ok)
		say(examination, DOCTOR_FAULT,
		    journal->detail[0] ? journal->detail : "is not written",
		    "see to the disk; the broker keeps what comes, and it goes on by itself");
	if (journal->is_nearly_full)
		say(examination, DOCTOR_WARNING, "the disk or `store: max_mb` is nearly used up",
		    "make room, or let rows go sooner (`store: keep_d`)");
	if (journal->dropped > 0)
		say(examination, DOCTOR_WARNING, "rows were dropped while the disk was away",
		    "no reading is among them; the log of that time says more");
	if (journal->trace_gaps > 0)
		say(examination, DOCTOR_NOTE, "what replay reads has a gap since the start",
		    "`amphora replay` says where; a full or slow disk makes them");
	end(examination, "is written");
}

static void examine_server(struct examination *examination)
{
	const struct server_status *server = &examination->look->status->server;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	begin(examination, "server", "");
	if (!server->is_configured) {
		end(examination, "none is configured; the journal has all");
		return;
	}
	if (!server->is_connected) {
		text_add(&words, "not connected, %llu rows wait%s%s",
			 (unsigned long long)server->unsent_rows, server->detail[0] ? ": " : "",
			 server->detail);
		say(examination, DOCTOR_WARNING, buffer,
		    "rows wait in the journal and follow; `amphora db migrate` makes the tables");
	}
	if (server->dead_letters > 0) {
		words = text_in(buffer, sizeof(buffer));
		text_add(&words, "refused %llu rows, which are among its dead letters",
			 (unsigned long long)server->dead_letters);
		say(examination, DOCTOR_WARNING, buffer,
		    "docs/database.md says what to do with them");
	}
	end(examination, "takes all rows");
}

static void examine_outlets(struct examination *examination)
{
	const struct house *house = examination->look->house;

	begin(examination, "outlets", "");
	if (house->outlet_count == 0)
		say(examination, DOCTOR_NOTE,
		    "alerts stay in this machine: nobody is told elsewhere",
		    "`notify:` in the configuration, see docs/notify.md");
	for (size_t i = 0; i < house->outlet_count; i++) {
		const struct outlet_status *outlet = &examination->look->status->outlets[i];

		if (!outlet->was_tried || outlet->has_arrived)
			continue;
		examination->subject = house->outlets[i].name.text;
		say(examination, DOCTOR_FAULT, outlet->detail,
		    "`amphora alerts test` tries it again");
	}
	end(examination, "what was sent has arrived");
}

void doctor_examine(const struct doctor_look *look, doctor_tell *tell, void *user)
{
	struct examination examination = {.look = look, .tell = tell, .user = user};

	examine_clock(&examination);
	examine_broker(&examination);
	for (size_t i = 0; i < look->house->battery_count; i++) {
		examine_battery(&examination, i);
		examine_command(&examination, i);
	}
	for (size_t i = 0; i < look->house->relay_count; i++)
		examine_relay(&examination, i);
	examine_strangers(&examination);
	examine_refused(&examination);
	examine_journal(&examination);
	examine_server(&examination);
	examine_web(&examination);
	examine_encryption(&examination);
	examine_outlets(&examination);
}
