/*
 * Taking back what the journal kept. A setting that cannot be read is no
 * reason to go on with the default: the start fails and names it.
 */
#include "daemon/restore.h"

#include <errno.h>
#include <stdlib.h>

#include "adapt/journal_read.h"
#include "base/log.h"
#include "core/step.h"
#include "daemon/admissions.h"
#include "daemon/meters_energy.h"
#include "daemon/proofs.h"

struct restoring {
	struct daemon *daemon;
	struct text *error;
	bool is_unreadable;
	struct now began; /* the core, of which we restore the state */
	struct journal_restored kept;
	struct event batteries[BATTERIES_MAX], relays[RELAYS_MAX]; /* kind 0 = nothing kept */
	size_t alert_count;
	struct event alerts[ALERTS_MAX];
};

static void take_admission(void *user, const char *node, const char *text)
{
	struct restoring *restoring = user;

	admissions_restore(restoring->daemon, node, text);
}

static void take_setting(void *user, const char *battery, enum parameter_id id,
			 const struct parameter_value *value)
{
	struct restoring *restoring = user;

	if (settings_restore(restoring->daemon, battery, id, value) != 0)
		log_warning("%s is set for battery %s, which is configured no more",
			    parameter_get(id)->name, battery);
}

static void take_unreadable(void *user, const char *battery, const char *name, const char *value)
{
	struct restoring *restoring = user;

	if (!restoring->is_unreadable)
		text_add(
		    restoring->error,
		    "the journal keeps the setting %s%s%s = %s, which this version cannot read: "
		    "unset it with the version that set it",
		    battery, battery[0] != '\0' ? "." : "", name, value);
	restoring->is_unreadable = true;
}

static void take_battery(void *user, const char *battery, const struct kept_battery *kept)
{
	struct restoring *restoring = user;
	int index = house_find_battery(&restoring->daemon->house, battery);

	if (index >= 0)
		restoring->batteries[index] =
		    (struct event){.kind = EVENT_RESTORE,
				   .index = (size_t)index,
				   .restore = {.has_battery = true, .battery = *kept}};
}

static void take_relay(void *user, const char *relay, const struct kept_relay *kept)
{
	struct restoring *restoring = user;
	int index = house_find_relay(&restoring->daemon->house, relay);

	if (index >= 0)
		restoring->relays[index] =
		    (struct event){.kind = EVENT_RESTORE,
				   .index = (size_t)index,
				   .restore = {.has_relay = true, .relay = *kept}};
}

static void take_note(void *user, const char *name, const char *text)
{
	struct restoring *restoring = user;

	if (!meters_energy_recall(restoring->daemon, name, text))
		(void)proofs_recall(restoring->daemon, name, text);
}

static bool take_alert(void *user, int64_t row, struct wall_time wall, const struct alert *alert)
{
	struct restoring *restoring = user;

	(void)row;
	(void)wall;
	/* Of a newer version, perhaps: nobody here could end it. */
	if (alert->code != ALERT_NONE)
		restoring->alerts[restoring->alert_count++] = (struct event){
		    .kind = EVENT_RESTORE, .restore = {.has_alert = true, .alert = *alert}};
	return restoring->alert_count < ALERTS_MAX;
}

static void take_message(void *user, uint16_t message_id, uint64_t payload_hash)
{
	struct restoring *restoring = user;

	redelivery_add(&restoring->daemon->redelivery, message_id, payload_hash);
}

static bool take_row(void *user, const struct journal_reading *row)
{
	struct restoring *restoring = user;

	readings_restore(restoring->daemon, row);
	return true;
}

/*
 * The newest rows: a reading that comes again is told by them. The broker may bring any of the
 * last again, and one with a time of its own is told by this alone.
 */
static int read_newest(struct restoring *restoring)
{
	struct journal_reader *reader;
	int result = journal_reader_new(&reader, restoring->daemon->house.store.path);

	if (result != 0)
		return result;
	result = journal_read_newest_readings(reader, KNOWN_READINGS_MAX - REDELIVERY_MAX,
					      REDELIVERY_MAX, take_row, restoring);
	if (result != 0)
		text_add(restoring->error, "%s: %s", restoring->daemon->house.store.path,
			 journal_reader_error(reader));
	journal_reader_free(reader);
	return result;
}

static int read_journal(struct restoring *restoring)
{
	const struct journal_restore_visit visit = {
	    .user = restoring,
	    .on_admission = take_admission,
	    .on_setting = take_setting,
	    .on_unreadable = take_unreadable,
	    .on_battery = take_battery,
	    .on_relay = take_relay,
	    .on_message = take_message,
	};
	struct journal_reader *reader;
	int64_t readings_last = 0, relays_last;
	int result = journal_reader_new(&reader, restoring->daemon->house.store.path);

	if (result == 0) {
		result = journal_restore(reader, &restoring->kept, &visit);
		if (result == 0)
			result = journal_read_active_alerts(reader, take_alert, restoring);
		if (result == 0)
			result = journal_read_notes(reader, take_note, restoring);
		if (result == 0)
			result = journal_read_last(reader, &readings_last, &relays_last);
		if (result != 0)
			text_add(restoring->error, "%s: %s", restoring->daemon->house.store.path,
				 journal_reader_error(reader));
		journal_reader_free(reader);
	} else {
		text_add(restoring->error, "%s: cannot be read back",
			 restoring->daemon->house.store.path);
	}
	restoring->daemon->status.journal.rows = (uint64_t)readings_last;
	return result == 0 && restoring->is_unreadable ? -EINVAL : result;
}

static int begin_site(struct daemon *daemon, struct restoring *restoring)
{
	struct settings *settings = calloc(BATTERIES_MAX, sizeof *settings);
	int result = 0;

	if (settings == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < daemon->house.battery_count && result == 0; i++) {
		result = settings_of(daemon, i, &settings[i], restoring->error);
		if (result != 0)
			text_add(restoring->error,
				 " (battery %s, from the file and what was set at run time)",
				 daemon->house.batteries[i].id.text);
	}
	if (result == 0) {
		restoring->began = daemon_now(daemon);
		core_init(&daemon->site, &daemon->house, settings, restoring->began);
	}
	free(settings);
	return result;
}

static void send_kept(struct daemon *daemon, const struct restoring *restoring)
{
	daemon->site.next_decision_id = restoring->kept.last_decision_id + 1;
	daemon->site.next_alert_id = restoring->kept.last_alert_id + 1;
	trace_begin(&daemon->trace, &daemon->house, &daemon->site, restoring->began);
	for (size_t i = 0; i < restoring->alert_count; i++)
		daemon_step(daemon, &restoring->alerts[i]);
	for (size_t i = 0; i < daemon->house.battery_count; i++) {
		if (restoring->batteries[i].kind == EVENT_RESTORE)
			daemon_step(daemon, &restoring->batteries[i]);
	}
	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		if (restoring->relays[i].kind == EVENT_RESTORE)
			daemon_step(daemon, &restoring->relays[i]);
	}
	daemon_keep_epoch(daemon, restoring->kept.epoch + 1);
}

int restore_site(struct daemon *daemon, struct text *error)
{
	struct restoring *restoring = calloc(1, sizeof *restoring);
	int result;

	if (restoring == NULL)
		return -ENOMEM;
	restoring->daemon = daemon;
	restoring->error = error;
	result = read_journal(restoring);
	trust_init(&daemon->trust, restoring->kept.newest);
	if (result == 0)
		result = begin_site(daemon, restoring);
	if (result == 0)
		result = read_newest(restoring);
	if (result == 0) {
		daemon->expects_session = restoring->kept.has_rows;
		daemon->session_is_kept = restoring->kept.has_session;
		daemon->is_restoring = true;
		send_kept(daemon, restoring);
		daemon->is_restoring = false;
	}
	free(restoring);
	return result;
}
