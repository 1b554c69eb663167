/*
 * What the core noted in a step becomes rows in the journal, events for people
 * who watch, and lines in the log.
 */
#include "daemon/daemon.h"

#include "base/log.h"
#include "core/step.h"
#include "model/rollup.h"

static void follow_decision(struct daemon *daemon, size_t battery)
{
	struct record record = daemon_new_record(daemon, RECORD_DECISION);
	char words[320];
	struct text sentence = text_in(words, sizeof words);

	record.decision.battery = daemon->house.batteries[battery].id;
	record.decision.decision = daemon->site.batteries[battery].decision;
	/* Its own time, not that of writing it down: a replay gives it again. */
	record.wall = record.decision.decision.at;
	record.mono = record.decision.decision.at_mono;
	daemon_record(daemon, &record);
	decision_format(&record.decision.decision, daemon->house.batteries[battery].node.text,
			&sentence);
	log_info("%s %s", record.decision.battery.text, words);
}

static void follow_relay(struct daemon *daemon, size_t relay)
{
	const struct relay_config *config = &daemon->house.relays[relay];
	const struct relay_state *state = &daemon->site.relays[relay];
	struct record record = daemon_new_record(daemon, RECORD_RELAY);

	/* Nothing was heard of it yet: there is no state to store. */
	if (!state->is_heard)
		return;
	record.relay.relay = config->id;
	record.relay.battery = daemon->house.batteries[config->battery].id;
	record.relay.role = config->role;
	record.relay.status = state->status;
	record.relay.phase = state->phase;
	record.relay.wished_on = state->wished_on;
	daemon_record(daemon, &record);
}

static void keep_alert(struct daemon *daemon, size_t index)
{
	struct record record = daemon_new_record(daemon, RECORD_ALERT);

	record.alert = daemon->site.alerts[index];
	daemon_record(daemon, &record);
}

static void follow_alert(struct daemon *daemon, size_t index)
{
	const struct alert *alert = &daemon->site.alerts[index];
	char words[320];
	struct text sentence = text_in(words, sizeof words);

	keep_alert(daemon, index);
	outlets_follow(daemon, index);
	/* What the start looks at afresh ends with the run that found it, and is not good again. */
	if (daemon->is_restoring && !alert->is_active)
		return;
	if (alert->is_active)
		alert_format(alert, &sentence);
	else
		alert_format_over(alert, &sentence);
	if (alert->is_active && alert_level(alert->code) >= ALERT_WARNING)
		log_warning("%s", words);
	else
		log_info("%s", words);
}

static void keep_battery(struct daemon *daemon, size_t battery)
{
	struct record record = daemon_new_record(daemon, RECORD_KEPT_BATTERY);

	record.kept_battery.battery = daemon->house.batteries[battery].id;
	record.kept_battery.kept = core_keep_battery(&daemon->site, battery);
	daemon_record(daemon, &record);
}

static void keep_relay(struct daemon *daemon, size_t relay)
{
	struct record record = daemon_new_record(daemon, RECORD_KEPT_RELAY);

	record.kept_relay.relay = daemon->house.relays[relay].id;
	record.kept_relay.kept = core_keep_relay(&daemon->site, relay);
	daemon_record(daemon, &record);
}

static void follow(struct daemon *daemon, const struct note *note)
{
	switch (note->kind) {
	case NOTE_DECISION:
		follow_decision(daemon, note->index);
		break;
	case NOTE_RELAY:
		follow_relay(daemon, note->index);
		break;
	case NOTE_ALERT:
		follow_alert(daemon, note->index);
		break;
	case NOTE_OVERRIDE:
		break; /* its decision and NOTE_KEEP_RELAY say it all */
	case NOTE_KEEP_BATTERY:
		keep_battery(daemon, note->index);
		break;
	case NOTE_KEEP_RELAY:
		keep_relay(daemon, note->index);
		break;
	case NOTE_EPOCH:
		daemon_keep_epoch(daemon, daemon->site.epoch);
		break;
	}
	api_event_note(daemon->api, note);
}

void notes_follow(struct daemon *daemon, const struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->note_count; i++)
		follow(daemon, &outcome->notes[i]);
}

/* So that a gap in the rows, while nobody watched, is not taken for a relay that was on. */
void notes_relays_on(struct daemon *daemon)
{
	struct mono_time mono = clock_mono(&daemon->clock);

	if (mono_since(mono, daemon->relays_noted_at) < ROLLUP_RELAY_NOTED_MS)
		return;
	daemon->relays_noted_at = mono;
	for (size_t i = 0; i < daemon->house.relay_count; i++)
		if (daemon->site.relays[i].is_heard && daemon->site.relays[i].status.is_on)
			follow_relay(daemon, i);
}

void notes_keep_all(struct daemon *daemon)
{
	for (size_t i = 0; i < ALERTS_MAX; i++)
		if (daemon->site.alerts[i].id != 0)
			keep_alert(daemon, i);
	for (size_t i = 0; i < daemon->house.battery_count; i++)
		keep_battery(daemon, i);
	for (size_t i = 0; i < daemon->house.relay_count; i++)
		keep_relay(daemon, i);
}
