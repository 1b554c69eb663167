/*
 * Batteries that a person lets in while we run, and forgets again: behind those of the
 * configuration, with the journal as their only home. They are watched (model/admission) until a
 * person says otherwise. One that has a relay (relay_admissions.c) is not forgotten.
 *
 * What stands at an index of a battery moves here and nowhere else; workers look at those of
 * the configuration only, which never move.
 */
#include "daemon/admissions.h"
#include "daemon/home_assistant.h"
#include "daemon/pilot.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "core/step.h"
#include "model/admission.h"
#include "wire/topic.h"

/* Closes the gap at `index` of `array`, which has `daemon->house.battery_count` entries. */
#define CLOSE_GAP(daemon, array, index)                 \
	memmove(&(array)[index], &(array)[(index) + 1], \
		((daemon)->house.battery_count - (index)-1) * sizeof(*(array)))

static bool write_admission(struct daemon *daemon, const struct admission *admission,
			    bool is_forgotten)
{
	struct record record = daemon_new_record(daemon, RECORD_ADMISSION);

	record.admission.admission = *admission;
	record.admission.is_forgotten = is_forgotten;
	return daemon_record(daemon, &record);
}

static struct admission admission_of(const struct battery_config *battery)
{
	return (struct admission){battery->node, battery->chemistry, battery->capacity_wh,
				  battery->power_w};
}

/* Puts the battery behind the last one, where it does not count yet, with nothing known of it. */
static void furnish(struct daemon *daemon, const struct admission *admission)
{
	size_t index = daemon->house.battery_count;
	struct battery_config *battery = &daemon->house.batteries[index];
	struct text topic = text_in(battery->topic, sizeof battery->topic);

	admission_battery(admission, battery);
	topic_build(&topic, TOPIC_BATTERY, battery->node.text);
	daemon->battery_run[index] = (struct parameter_layer){0};
	daemon->intervals[index] = (struct interval_watch){0};
	daemon->status.missing[index] = 0;
	daemon->status.presence[index] = PRESENCE_UNKNOWN;
	daemon->status.intervals[index] = (struct sensor_interval){0};
}

void admissions_restore(struct daemon *daemon, const char *node, const char *text)
{
	struct admission admission;
	char words[128];
	struct text error = text_in(words, sizeof words);

	if (relay_admission_is(text))
		relay_admissions_restore(daemon, node, text);
	else if (admission_parse(&admission, node, text) != 0) {
		log_warning("the journal says that %s was let in as \"%s\", which is not "
			    "understood: it is a stranger again",
			    node, text);
	} else if (admission_check(&admission, &daemon->house, &error) != 0) {
		log_info("%s was let in before, and what the configuration says holds now: %s",
			 node, words);
		write_admission(daemon, &admission, true);
	} else {
		furnish(daemon, &admission);
		daemon->house.battery_count++;
	}
}

void admissions_write_all(struct daemon *daemon)
{
	for (size_t i = daemon->configured_batteries; i < daemon->house.battery_count; i++) {
		struct admission admission = admission_of(&daemon->house.batteries[i]);

		write_admission(daemon, &admission, false);
	}
	relay_admissions_write_all(daemon);
}

static struct unknown_node *find_stranger(struct daemon *daemon, const struct ident *name)
{
	for (size_t i = 0; i < UNKNOWN_NODES_MAX; i++)
		if (ident_equal(&daemon->status.unknown[i].name, name))
			return &daemon->status.unknown[i];
	return NULL;
}

int admissions_not_stored(struct text *error)
{
	text_add(error, "nothing was done, since it could not be stored: the disk is too slow");
	return -EAGAIN;
}

int admissions_admit(struct daemon *daemon, const struct admission *admission, struct text *error)
{
	struct unknown_node *stranger = find_stranger(daemon, &admission->node);
	size_t index = daemon->house.battery_count;
	struct settings settings = {0};
	int result = admission_check(admission, &daemon->house, error);

	if (result != 0)
		return result;
	if (stranger == NULL) {
		text_add(error, "no stranger called \"%s\" has been heard%s", admission->node.text,
			 daemon->house.broker.unknown_nodes_are_stored
			     ? ""
			     : ": mqtt.unknown_nodes is \"refuse\"");
		return -ENOENT;
	}
	furnish(daemon, admission);
	result = settings_of(daemon, index, &settings, error);
	if (result == 0 && !write_admission(daemon, admission, false))
		result = admissions_not_stored(error);
	if (result != 0)
		return result;
	daemon->house.battery_count++;
	core_admit(&daemon->site, index, &settings, daemon_now(daemon));
	*stranger = (struct unknown_node){0};
	trace_copy(&daemon->trace, &daemon->site, daemon_now(daemon));
	home_rehoused(daemon, NULL, BATTERIES_MAX);
	log_info("%s was let in: a battery of its own, which is watched", admission->node.text);
	api_event_node(daemon->api, &admission->node, true);
	return 0;
}

void admissions_end_alerts(struct daemon *daemon, const struct ident *subject)
{
	for (size_t i = 0; i < ALERTS_MAX; i++) {
		const struct alert *alert = &daemon->site.alerts[i];
		struct event event = {.kind = EVENT_CONDITION,
				      .condition = {.code = alert->code, .subject = *subject}};

		if (alert->id != 0 && alert->is_active && ident_equal(&alert->subject, subject))
			daemon_step(daemon, &event);
	}
}

static void take_out(struct daemon *daemon, size_t index)
{
	struct relay_config *relays = daemon->house.relays;

	core_forget(&daemon->site, index, daemon->house.battery_count);
	for (size_t i = 0; i < daemon->house.relay_count; i++)
		relays[i].battery -= relays[i].battery > index;
	CLOSE_GAP(daemon, daemon->house.batteries, index);
	CLOSE_GAP(daemon, daemon->battery_run, index);
	CLOSE_GAP(daemon, daemon->intervals, index);
	CLOSE_GAP(daemon, daemon->status.missing, index);
	CLOSE_GAP(daemon, daemon->status.presence, index);
	CLOSE_GAP(daemon, daemon->status.intervals, index);
	daemon->house.battery_count--;
}

/* Whether no relay rests on it; else the sentence says which. */
static bool has_no_relay(const struct daemon *daemon, size_t battery, struct text *error)
{
	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		if (daemon->house.relays[i].battery != battery)
			continue;
		text_add(error, "relay %s belongs to it: forget that first",
			 daemon->house.relays[i].id.text);
		return false;
	}
	return true;
}

static int not_let_in(const struct daemon *daemon, const char *node, struct text *error)
{
	bool is_ours = house_find_battery(&daemon->house, node) >= 0 ||
		       house_find_relay(&daemon->house, node) >= 0;

	text_add(error,
		 is_ours ? "\"%.64s\" is in the configuration: take it out there"
			 : "no sensor or relay called \"%.64s\" was let in",
		 node);
	return -ENOENT;
}

int admissions_forget(struct daemon *daemon, const char *node, bool is_seen_open,
		      struct text *error)
{
	int index = house_find_battery(&daemon->house, node);
	int relay = house_find_relay(&daemon->house, node);
	struct admission admission;
	char *announced;

	if (relay >= 0 && daemon->house.relays[relay].is_admitted)
		return relay_admissions_forget(daemon, (size_t)relay, is_seen_open, error);
	if (index < 0 || !daemon->house.batteries[index].is_admitted)
		return not_let_in(daemon, node, error);
	if (!has_no_relay(daemon, (size_t)index, error))
		return -ERANGE;
	admission = admission_of(&daemon->house.batteries[index]);
	if (!write_admission(daemon, &admission, true))
		return admissions_not_stored(error);
	pilot_close(daemon); /* it knows its battery by index, and begins again within a second */
	settings_forget(daemon, (size_t)index);
	admissions_end_alerts(daemon, &admission.node);
	announced = home_announced(daemon);
	take_out(daemon, (size_t)index);
	home_rehoused(daemon, announced, (size_t)index);
	trace_copy(&daemon->trace, &daemon->site, daemon_now(daemon));
	log_info("%s is forgotten, and a stranger again", admission.node.text);
	api_event_node(daemon->api, &admission.node, false);
	return 0;
}
