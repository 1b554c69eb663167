/* The house's surroundings, and the frame of it all; sensors and relays are doctor_nodes.c's. */
#include "adapt/doctor_parts.h"

#include <stdio.h>
#include <string.h>

#include "wire/plain_channel.h"

/* What is not there yet so soon after the start may be about to come. */
#define CLOCK_PATIENCE_MS (75 * MS_PER_SECOND)
#define BROKER_PATIENCE_MS (5 * MS_PER_SECOND)
#define MARKER_PATIENCE_MS (15 * MS_PER_SECOND)

const char *doctor_verdict_name(enum doctor_verdict verdict)
{
	static const char *const NAMES[] = {"ok", "note", "warning", "fault"};

	return NAMES[verdict];
}

void doctor_begin(struct examination *examination, const char *check, const char *subject)
{
	examination->check = check;
	examination->subject = subject;
	examination->is_well = true;
}

void doctor_say(struct examination *examination, enum doctor_verdict verdict, const char *words,
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
void doctor_end(struct examination *examination, const char *words)
{
	if (examination->is_well)
		doctor_say(examination, DOCTOR_OK, words, "");
}

bool doctor_is_early(const struct examination *examination, int64_t ms)
{
	const struct doctor_look *look = examination->look;

	return mono_since(look->now.mono, look->status->started) < ms * look->clock->factor;
}

/* --- the house's surroundings ---------------------------------------------- */

static void examine_clock(struct examination *examination)
{
	const char *machine = examination->look->status->machine_zone;
	char zone_words[WORDS_MAX];
	struct text zone = text_in(zone_words, sizeof(zone_words));
	const struct doctor_look *look = examination->look;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	doctor_begin(examination, "clock", "");
	if (!look->now.wall_is_trusted && doctor_is_early(examination, CLOCK_PATIENCE_MS))
		doctor_say(examination, DOCTOR_NOTE,
			   "is watched for its first minute before a schedule may run by it",
			   "nothing; look again in a minute");
	else if (!look->now.wall_is_trusted)
		doctor_say(examination, DOCTOR_WARNING,
		    "is not believed yet: no schedule runs, and rows are marked",
		    "let a time service set it (systemd-timesyncd, chrony), and wait a minute");
	if (look->clock->factor != 1) {
		text_add(&words, "runs %d times as fast as the world: this is a demonstration",
			 (int)look->clock->factor);
		doctor_say(examination, DOCTOR_NOTE, buffer, "never with a real battery");
	}
	doctor_end(examination, "is set and runs steadily");
	doctor_begin(examination, "zone", look->house->zone);
	text_add(&zone, "days and schedules are those of %s", look->house->zone);
	if (machine[0] && strcmp(machine, look->house->zone) != 0)
		text_add(&zone, "; this machine's zone is %s, by which nothing goes", machine);
	if (strcmp(look->house->zone, "UTC") == 0 && machine[0] && strcmp(machine, "UTC") != 0)
		doctor_say(examination, DOCTOR_WARNING, zone_words,
			   "say where the house is: `zone: Europe/Rome` in the configuration");
	else if (strcmp(look->house->zone, "UTC") == 0)
		doctor_say(examination, DOCTOR_NOTE, "days and schedules are those of UTC",
		    "say where the house is: `zone: Europe/Rome` in the configuration");
	doctor_end(examination, zone_words);
}

static void examine_session(struct examination *examination)
{
	const struct broker_status *broker = &examination->look->status->broker;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	if (broker->marker_is_awaited && doctor_is_early(examination, MARKER_PATIENCE_MS)) {
		doctor_say(examination, DOCTOR_NOTE,
			   "our own marker is on its way: what comes before it is stored and not acted on",
			   "look again in a moment");
	} else if (broker->marker_is_awaited) {
		text_add(
		    &words,
		    "let our user publish and read amphora/%s/marker (the broker's access rules)",
		    examination->look->house->collector.text);
		doctor_say(examination, DOCTOR_WARNING,
		    "our own marker has not come back yet: readings are stored and not acted on",
		    buffer);
	}
	if (broker->connects > 1 && !broker->session_was_present)
		doctor_say(examination, DOCTOR_WARNING,
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

	doctor_begin(examination, "broker", config->host);
	if (!broker->is_configured) {
		doctor_say(examination, DOCTOR_NOTE, "none is configured: only CoAP sensors are heard",
		    "`mqtt: {host: …}` in the configuration");
		return;
	}
	if (broker->is_taken_over) {
		text_add(&words, "another client uses our id %s", config->client_id.text);
		doctor_say(examination, DOCTOR_FAULT, buffer,
		    "give this daemon an `mqtt: client_id` of its own, or stop the other one");
	} else if (!broker->is_connected && doctor_is_early(examination, BROKER_PATIENCE_MS)) {
		doctor_say(examination, DOCTOR_NOTE, "is being connected to: we have just started",
			   "look again in a moment");
	} else if (!broker->is_connected) {
		text_add(&words, "not connected to port %d%s%s", (int)config->port,
			 broker->detail[0] ? ": " : "", broker->detail);
		doctor_say(examination, DOCTOR_FAULT, buffer,
		    "is it running there, and do host, port, user and password_file under `mqtt:` "
		    "fit?");
	} else {
		examine_session(examination);
	}
	text_add(&words, "connected, session %s", broker->session_was_present ? "resumed" : "new");
	doctor_end(examination, buffer);
}

static void examine_refused(struct examination *examination)
{
	const struct daemon_status *status = examination->look->status;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));
	uint64_t count = status->refused[REFUSAL_RETAINED_COMMAND];

	doctor_begin(examination, "retained", "");
	if (count > 0) {
		text_add(&words, "%llu retained commands came and were not obeyed",
			 (unsigned long long)count);
		doctor_say(examination, DOCTOR_WARNING, buffer,
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
		doctor_say(examination, DOCTOR_NOTE, buffer,
		    "a sensor publishes its readings without the retain flag");
	}
	doctor_end(examination, "no retained command came");
}

static void say_unencrypted(void *user, const struct plain_channel *channel)
{
	struct examination *examination = user;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	plain_channel_format(channel, &words);
	examination->subject =
	    channel->subject[0] ? channel->subject : plain_kind_name(channel->kind);
	doctor_say(examination, DOCTOR_WARNING, buffer, "");
}

static void examine_encryption(struct examination *examination)
{
	doctor_begin(examination, "encryption", "");
	plain_channels_visit(examination->look->house, say_unencrypted, examination);
	doctor_end(examination, "nothing leaves this machine in the open");
}

static void examine_web(struct examination *examination)
{
	const struct web_config *config = &examination->look->house->web;
	const struct web_status *status = &examination->look->status->web;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	doctor_begin(examination, "web", "");
	if (config->listen.address[0] && status->port == 0)
		doctor_say(examination, DOCTOR_FAULT,
		    status->detail[0] ? status->detail : "is not served yet",
		    "see `web:` in the configuration; the port may be another program's");
	if (config->is_insecure)
		doctor_say(examination, DOCTOR_WARNING,
		    "is served beyond this machine without encryption (insecure: true)",
		    "`web: {certificate: …, key: …}`, or a proxy with TLS before it");
	if (config->listen.address[0])
		text_add(&words, "the page is served on port %d", (int)status->port);
	else
		text_add(&words, "no page is served (web: listen: off)");
	doctor_end(examination, buffer);
}

/* --- where it is stored -------------------------------------------------------- */

static void examine_journal(struct examination *examination)
{
	const struct journal_status *journal = &examination->look->status->journal;

	doctor_begin(examination, "journal", "");
	if (!journal->is_ok)
		doctor_say(examination, DOCTOR_FAULT,
		    journal->detail[0] ? journal->detail : "is not written",
		    "see to the disk; the broker keeps what comes, and it goes on by itself");
	if (journal->is_nearly_full)
		doctor_say(examination, DOCTOR_WARNING, "the disk or `store: max_mb` is nearly used up",
		    "make room, or let rows go sooner (`store: keep_d`)");
	if (journal->dropped > 0)
		doctor_say(examination, DOCTOR_WARNING, "rows were dropped while the disk was away",
		    "no reading is among them; the log of that time says more");
	if (journal->trace_gaps > 0)
		doctor_say(examination, DOCTOR_NOTE, "what replay reads has a gap since the start",
		    "`amphora replay` says where; a full or slow disk makes them");
	doctor_end(examination, "is written");
}

static void examine_server(struct examination *examination)
{
	const struct server_status *server = &examination->look->status->server;
	char buffer[WORDS_MAX];
	struct text words = text_in(buffer, sizeof(buffer));

	doctor_begin(examination, "server", "");
	if (!server->is_configured) {
		doctor_end(examination, "none is configured; the journal has all");
		return;
	}
	if (!server->is_connected) {
		text_add(&words, "not connected, %llu rows wait%s%s",
			 (unsigned long long)server->unsent_rows, server->detail[0] ? ": " : "",
			 server->detail);
		doctor_say(examination, DOCTOR_WARNING, buffer,
		    "rows wait in the journal and follow; `amphora db migrate` makes the tables");
	}
	if (server->dead_letters > 0) {
		words = text_in(buffer, sizeof(buffer));
		text_add(&words, "refused %llu rows, which are among its dead letters",
			 (unsigned long long)server->dead_letters);
		doctor_say(examination, DOCTOR_WARNING, buffer,
		    "docs/database.md says what to do with them");
	}
	doctor_end(examination, "takes all rows");
}

static void examine_outlets(struct examination *examination)
{
	const struct house *house = examination->look->house;

	doctor_begin(examination, "outlets", "");
	if (house->outlet_count == 0)
		doctor_say(examination, DOCTOR_NOTE,
		    "alerts stay in this machine: nobody is told elsewhere",
		    "`notify:` in the configuration, see docs/notify.md");
	for (size_t i = 0; i < house->outlet_count; i++) {
		const struct outlet_status *outlet = &examination->look->status->outlets[i];

		if (!outlet->was_tried || outlet->has_arrived)
			continue;
		examination->subject = house->outlets[i].name.text;
		doctor_say(examination, DOCTOR_FAULT, outlet->detail,
		    "`amphora alerts test` tries it again");
	}
	doctor_end(examination, "what was sent has arrived");
}

void doctor_examine(const struct doctor_look *look, doctor_tell *tell, void *user)
{
	struct examination examination = {.look = look, .tell = tell, .user = user};

	examine_clock(&examination);
	examine_broker(&examination);
	for (size_t i = 0; i < look->house->battery_count; i++) {
		doctor_examine_battery(&examination, i);
		doctor_examine_command(&examination, i);
	}
	for (size_t i = 0; i < look->house->relay_count; i++)
		doctor_examine_relay(&examination, i);
	doctor_examine_strangers(&examination);
	examine_refused(&examination);
	examine_journal(&examination);
	examine_server(&examination);
	examine_web(&examination);
	examine_encryption(&examination);
	examine_outlets(&examination);
}
