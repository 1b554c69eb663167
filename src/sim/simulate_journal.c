/*
 * What of the core's state is durable, as daemon/storing.c and daemon/restore.c
 * have it: kept states, alerts and the epoch are committed at once, which takes
 * the disk a moment. A kill loses what was not committed; where the journal is
 * not synced, losing power loses what was committed last.
 */
#include <string.h>

#include "sim/simulate_home.h"
#include "sim/simulate_oracle.h"

#define COMMIT_MS 40
#define SLOW_COMMIT_MS 15000
#define SAFE_AFTER_MS \
	(30 * MS_PER_SECOND) /* the kernel has written by itself what was not synced */

/* Where the alert with that id is, or may be put. */
static struct alert *alert_row(struct sim_journal *journal, uint32_t id)
{
	struct alert *room = &journal->alerts[0];

	for (size_t i = 0; i < ALERTS_MAX; i++) {
		if (journal->alerts[i].id == id)
			return &journal->alerts[i];
		if (!journal->alerts[i].is_active)
			room = &journal->alerts[i];
	}
	return room;
}

/* The row becomes part of what a restart finds. */
static void fold(struct sim_journal *journal, const struct sim_row *row)
{
	switch (row->kind) {
	case NOTE_KEEP_BATTERY:
		journal->batteries[row->index] = row->battery;
		journal->has_battery[row->index] = true;
		break;
	case NOTE_KEEP_RELAY:
		journal->relays[row->index] = row->relay;
		journal->has_relay[row->index] = true;
		break;
	case NOTE_ALERT:
		*alert_row(journal, row->alert.id) = row->alert;
		if (row->alert.id > journal->last_alert_id)
			journal->last_alert_id = row->alert.id;
		break;
	default:
		journal->epoch = row->epoch;
		break;
	}
}

static void fold_first(struct sim_journal *journal)
{
	fold(journal, &journal->rows[0]);
	journal->count--;
	memmove(&journal->rows[0], &journal->rows[1], journal->count * sizeof(journal->rows[0]));
}

static void add(struct sim_home *home, struct sim_row *row)
{
	struct sim_journal *journal = &home->journal;
	int64_t most_ms = home->now < journal->slow_until ? SLOW_COMMIT_MS : COMMIT_MS;

	while (journal->count > 0 &&
	       (journal->count == SIM_ROWS_MAX || journal->rows[0].safe_at <= home->now))
		fold_first(journal);
	row->durable_at = home->now + sim_between(&home->disk, 1, most_ms);
	/* One commit after the other. */
	if (journal->count > 0 && journal->rows[journal->count - 1].durable_at > row->durable_at)
		row->durable_at = journal->rows[journal->count - 1].durable_at;
	row->safe_at = row->durable_at + (journal->is_synced ? 0 : SAFE_AFTER_MS);
	journal->rows[journal->count++] = *row;
}

static void keep_epoch(struct sim_home *home, uint32_t epoch)
{
	struct sim_row row = {.kind = NOTE_EPOCH, .epoch = epoch};
	struct sim_journal *journal = &home->journal;

	add(home, &row);
	journal->epoch_written = epoch;
	sim_queue_add(&home->queue,
		      (struct sim_event){.at = journal->rows[journal->count - 1].durable_at,
					 .kind = SIM_EV_COMMITTED,
					 .number = epoch});
}

static void follow(struct sim_home *home, const struct note *note)
{
	struct sim_row row = {.kind = note->kind, .index = (uint32_t)note->index};

	switch (note->kind) {
	case NOTE_KEEP_BATTERY:
		row.battery = core_keep_battery(&home->site, note->index);
		break;
	case NOTE_KEEP_RELAY:
		row.relay = core_keep_relay(&home->site, note->index);
		break;
	case NOTE_ALERT:
		row.alert = home->site.alerts[note->index];
		break;
	case NOTE_EPOCH:
		keep_epoch(home, home->site.epoch);
		return;
	default:
		return;
	}
	add(home, &row);
}

void sim_journal_follow(struct sim_home *home)
{
	for (size_t i = 0; i < home->outcome.note_count; i++)
		follow(home, &home->outcome.notes[i]);
}

void sim_journal_committed(struct sim_home *home, uint64_t epoch)
{
	struct event *event;

	if (!home->daemon.is_up || home->journal.epoch_written != epoch)
		return;
	event = sim_daemon_event(home, EVENT_EPOCH_DURABLE, 0);
	event->epoch.epoch = (uint32_t)epoch;
	sim_daemon_step(home);
}

void sim_journal_lose(struct sim_home *home, bool is_power_loss)
{
	struct sim_journal *journal = &home->journal;
	size_t kept = 0;

	while (kept < journal->count &&
	       (is_power_loss ? journal->rows[kept].safe_at : journal->rows[kept].durable_at) <=
		   home->now)
		fold(journal, &journal->rows[kept++]);
	journal->count = 0;
	journal->epoch_written = 0;
}

static void give_back(struct sim_home *home, const struct event *event)
{
	home->event = *event;
	sim_daemon_step(home);
}

/* Alerts first, as daemon/restore.c. */
void sim_journal_restore(struct sim_home *home)
{
	struct sim_journal *journal = &home->journal;

	home->site.next_alert_id = journal->last_alert_id + 1;
	if (home->broken == SIM_BREAK_KEPT) {
		keep_epoch(home, journal->epoch + 1);
		return;
	}
	for (size_t i = 0; i < ALERTS_MAX; i++)
		if (journal->alerts[i].id != 0 && journal->alerts[i].is_active)
			give_back(home, &(struct event){.kind = EVENT_RESTORE,
							.restore = {.has_alert = true,
								    .alert = journal->alerts[i]}});
	for (size_t i = 0; i < home->house.battery_count; i++)
		if (journal->has_battery[i])
			give_back(home,
				  &(struct event){.kind = EVENT_RESTORE,
						  .index = i,
						  .restore = {.has_battery = true,
							      .battery = journal->batteries[i]}});
	for (size_t i = 0; i < home->house.relay_count; i++)
		if (journal->has_relay[i])
			give_back(home, &(struct event){.kind = EVENT_RESTORE,
							.index = i,
							.restore = {.has_relay = true,
								    .relay = journal->relays[i]}});
	keep_epoch(home, journal->epoch + 1);
}
