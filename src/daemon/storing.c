/*
 * Storing: what is written, when it is committed, and when the broker gets its
 * acknowledgements: of each message once it is durable. Nothing here stands
 * before a command; commands have gone out when a record is made.
 */
#include "daemon/admissions.h"
#include "daemon/imports.h"
#include "daemon/meters_energy.h"
#include "daemon/proofs.h"

#include <stdio.h>

/* Half of what the broker may send before it waits for acknowledgements. */
#define UNRELEASED_MAX (MQTT_UNACKNOWLEDGED_MAX / 2)

/* Rows that nobody waits for are gathered this long, real time, for the sake of the disk. */
#define GATHER_MS 200
/* Commits that come one after the other leave the processor and the disk alone between them. */
#define GROUP_MS 5
/*
 * In a stream of messages, longer: each commit takes a processor for as long as some messages
 * take, which may be those that open a relay. But only while the stream flows: a broker that
 * allows few unacknowledged messages is waiting for us when nothing comes.
 */
#define STREAM_GROUP_MS 100
#define STREAM_GROUP_MESSAGES 800 /* and at most so many in one commit, below UNRELEASED_MAX */
#define STREAM_MESSAGES 16        /* the last commit had so many: it is a stream */
#define STREAM_PAUSE_MS 2
/* What the core was given and nothing came of, by the daemon's clock: a page less for each reading.
 */
#define GATHER_TRACE_MS MS_PER_MINUTE

/*
 * What the next start takes back. Somebody may wait for it to be durable; the
 * rest may be gathered for a moment.
 */
static bool is_state(enum record_kind kind)
{
	return kind == RECORD_SETTING || kind == RECORD_EPOCH || kind == RECORD_KEPT_BATTERY ||
	       kind == RECORD_KEPT_RELAY || kind == RECORD_ALERT || kind == RECORD_SESSION ||
	       kind == RECORD_ADMISSION;
}

/* Whether it came in, and not of what the core was given. */
static bool is_message(enum record_kind kind)
{
	return kind == RECORD_READING || kind == RECORD_REFUSED || kind == RECORD_IMPORTED;
}

struct record daemon_new_record(struct daemon *daemon, enum record_kind kind)
{
	struct now now = daemon_now(daemon);

	return (struct record){.kind = kind,
			       .wall = now.wall,
			       .mono = now.mono,
			       .wall_is_trusted = now.wall_is_trusted};
}

bool daemon_record(struct daemon *daemon, const struct record *record)
{
	bool is_kept = journal_append(daemon->journal, record) == 0;

	if (!is_kept) {
		/* Full: hand it over and try the other batch, which is free unless the disk is
		 * slow. */
		daemon_commit(daemon);
		is_kept = journal_append(daemon->journal, record) == 0;
	}
	daemon->status.journal.dropped += !is_kept;
	daemon->is_urgent = daemon->is_urgent || is_state(record->kind);
	daemon->has_outcome = daemon->has_outcome || !is_message(record->kind);
	daemon->has_lost_state = daemon->has_lost_state || (!is_kept && is_state(record->kind));
	if (daemon->gathering_since == 0)
		daemon->gathering_since = uv_now(daemon->loop);
	/* Another message might not fit: none is read before there is room in the other batch. */
	if (journal_is_full(daemon->journal) && journal_is_committing(daemon->journal))
		daemon_hold(daemon);
	return is_kept;
}

bool daemon_has_room(struct daemon *daemon)
{
	if (journal_is_full(daemon->journal))
		daemon_commit(daemon);
	return !journal_is_full(daemon->journal);
}

bool daemon_is_shut_out(const struct daemon *daemon)
{
	return mqtt_ingest_is_taken_over(daemon->ingest) && !mqtt_ingest_is_up(daemon->ingest);
}

void daemon_hold(struct daemon *daemon)
{
	if (daemon->ingest == NULL)
		return;
	daemon->is_bursting = false;
	if (daemon->held_since == 0)
		daemon->held_since = uv_now(daemon->loop);
	mqtt_ingest_hold(daemon->ingest);
}

/* How long the trace may still gather where nothing came of it, real ms. */
static uint64_t trace_left_ms(const struct daemon *daemon)
{
	uint64_t passed_ms = uv_now(daemon->loop) - daemon->trace_since;
	uint64_t gather_ms = clock_real_ms(&daemon->clock, GATHER_TRACE_MS);

	return passed_ms >= gather_ms ? 0 : gather_ms - passed_ms;
}

/* With what came of it in the same transaction; else it gathers. */
static void flush_trace(struct daemon *daemon)
{
	if (!daemon->has_outcome && !trace_is_full(&daemon->trace) && trace_left_ms(daemon) > 0 &&
	    daemon->phase == DAEMON_RUNS)
		return;
	trace_flush(&daemon->trace);
	if (daemon->trace.entries == 0)
		daemon->trace_since = 0;
}

void daemon_commit(struct daemon *daemon)
{
	flush_trace(daemon);
	meters_join(daemon);
	if (!journal_commit(daemon->journal))
		return;
	daemon->commits_begun++;
	daemon->is_urgent = false;
	daemon->has_outcome = false;
	daemon->gathering_since = 0;
	daemon->has_messages_pending = false;
	daemon->is_stream = daemon->messages_gathered >= STREAM_MESSAGES;
	daemon->messages_gathered = 0;
	daemon->epoch_writing = daemon->epoch_pending;
	daemon->epoch_pending = 0;
	if (daemon->ingest == NULL)
		return;
	daemon->taken_writing = mqtt_ingest_taken(daemon->ingest);
	if (daemon->unreleased_since == 0)
		daemon->unreleased_since = uv_now(daemon->loop);
}

/* The shortest time, real ms, after which a battery's silence opens its relays; 0 = no battery. */
static uint64_t shortest_silence_ms(const struct daemon *daemon)
{
	uint64_t shortest = 0;

	for (size_t i = 0; i < daemon->house.battery_count; i++) {
		int64_t stale_ms = setting(&daemon->site.settings[i], PARAMETER_STALE_AFTER);
		uint64_t real_ms = clock_real_ms(&daemon->clock, stale_ms);

		if (shortest == 0 || real_ms < shortest)
			shortest = real_ms;
	}
	return shortest;
}

/*
 * Whether the broker may be waiting for acknowledgements before it sends more: its window is half
 * full, or nothing has come for half the time that a sensor may be silent, as from one that
 * allows fewer than we asked for. Before the marker's echo control waits for what is queued.
 */
static bool broker_may_wait(const struct daemon *daemon)
{
	uint64_t silence_ms = shortest_silence_ms(daemon);
	size_t unacknowledged;

	if (daemon->ingest == NULL || !mqtt_ingest_is_up(daemon->ingest))
		return false;
	unacknowledged = mqtt_ingest_unacknowledged(daemon->ingest);
	return !mqtt_ingest_is_live(daemon->ingest) || unacknowledged >= UNRELEASED_MAX ||
	       (unacknowledged > 0 && silence_ms > 0 &&
		uv_now(daemon->loop) - daemon->message_at >= silence_ms / 2);
}

/*
 * For how long what comes in gathers; 0: `store.commit_delay_s` is not wanted, or not now. It is
 * a little less, or each batch would end just as a sensor whose interval divides it speaks again,
 * and a reading that comes during a commit needs one of its own.
 */
static uint64_t delay_ms(const struct daemon *daemon)
{
	uint64_t delay = (uint64_t)daemon->house.store.commit_delay_s * (MS_PER_SECOND - 25);

	if (delay == 0 || daemon->is_urgent || daemon->phase != DAEMON_RUNS ||
	    broker_may_wait(daemon))
		return 0;
	return delay;
}

static uint64_t left_ms(const struct daemon *daemon, uint64_t since, uint64_t wait_ms)
{
	uint64_t passed_ms = uv_now(daemon->loop) - since;

	return passed_ms >= wait_ms ? 0 : wait_ms - passed_ms;
}

/* For how long what somebody waits for is kept back after the last commit. */
static uint64_t group_ms(const struct daemon *daemon)
{
	uint64_t group = left_ms(daemon, daemon->committed_at, GROUP_MS);
	uint64_t pause, stream;

	if (!daemon->is_stream || daemon->messages_gathered >= STREAM_GROUP_MESSAGES)
		return group;
	stream = left_ms(daemon, daemon->committed_at, STREAM_GROUP_MS);
	pause = left_ms(daemon, daemon->message_at, STREAM_PAUSE_MS);
	stream = stream < pause ? stream : pause;
	return stream > group ? stream : group;
}

/*
 * What somebody waits for is written at once, but not right after another commit, and the rest
 * when it has gathered for a moment; what the core was given and nothing came of is not worth a
 * commit of its own so soon.
 */
uint64_t daemon_commit_in_ms(const struct daemon *daemon)
{
	uint64_t delay = delay_ms(daemon);

	if (journal_is_committing(daemon->journal))
		return UINT64_MAX;
	if (journal_is_full(daemon->journal))
		return 0;
	if (journal_pending(daemon->journal) == 0)
		return daemon->trace_since == 0 ? UINT64_MAX : trace_left_ms(daemon);
	if (delay > 0)
		return left_ms(daemon, daemon->gathering_since, delay);
	if (daemon->is_urgent || daemon->has_messages_pending)
		return group_ms(daemon);
	return left_ms(daemon, daemon->gathering_since, GATHER_MS);
}

uint64_t daemon_store(struct daemon *daemon)
{
	daemon->is_urgent = true;
	return daemon->commits_begun + (journal_pending(daemon->journal) > 0) +
	       daemon->has_lost_state;
}

bool daemon_keep_trace(void *user, const struct record *record)
{
	struct daemon *daemon = user;

	return journal_append(daemon->journal, record) == 0;
}

void daemon_keep_epoch(struct daemon *daemon, uint32_t epoch)
{
	struct record record = daemon_new_record(daemon, RECORD_EPOCH);

	record.epoch = epoch;
	if (daemon_record(daemon, &record))
		daemon->epoch_pending = epoch;
}

void daemon_keep_session(struct daemon *daemon)
{
	struct record record = daemon_new_record(daemon, RECORD_SESSION);

	daemon->session_is_kept = daemon_record(daemon, &record);
}

void daemon_release(struct daemon *daemon)
{
	bool is_committing = journal_is_committing(daemon->journal);
	bool is_all = !is_committing &&
		      (!daemon->has_messages_pending || journal_pending(daemon->journal) == 0);

	daemon->unreleased_since = is_committing ? uv_now(daemon->loop) : 0;
	daemon->held_since = 0;
	mqtt_ingest_release(daemon->ingest,
			    is_all ? mqtt_ingest_taken(daemon->ingest) : daemon->taken_durable);
	mqtt_control_listen(daemon->control, daemon_is_shut_out(daemon));
}

/* All that the next start takes back, as it is in memory now. */
static void write_state(struct daemon *daemon)
{
	daemon->has_lost_state = false;
	if (!daemon->session_is_kept)
		daemon_keep_session(daemon);
	admissions_write_all(daemon);
	settings_write_all(daemon);
	notes_keep_all(daemon);
	proofs_write_all(daemon);
	meters_energy_owe(daemon);
	meters_energy_keep(daemon);
	daemon_keep_epoch(daemon, daemon->site.epoch);
}

static void on_committed(void *user)
{
	struct daemon *daemon = user;

	daemon->commits_done++;
	daemon->taken_durable = daemon->taken_writing;
	daemon->committed_at = uv_now(daemon->loop);
	daemon->status.journal.commits = daemon->commits_done;
	daemon->status.journal.committed_at = clock_mono(&daemon->clock);
	imports_committed(daemon);
	if (daemon->server != NULL)
		server_wake(daemon->server);
	if (daemon->epoch_writing != 0) {
		struct event event = {.kind = EVENT_EPOCH_DURABLE,
				      .epoch = {daemon->epoch_writing}};

		daemon->epoch_writing = 0;
		daemon_step(daemon, &event);
	}
	if (daemon->has_lost_state)
		write_state(daemon);
	if (daemon->trace.has_gap)
		trace_copy(&daemon->trace, &daemon->site, daemon_now(daemon));
	api_stored(daemon->api, daemon->commits_done, uv_now(daemon->loop));
	daemon_has_room(daemon);
	if (daemon->ingest != NULL)
		daemon_release(daemon);
}

static void on_journal_health(void *user, int error, const char *sentence)
{
	struct daemon *daemon = user;

	daemon->status.journal.is_ok = error == 0;
	snprintf(daemon->status.journal.detail, sizeof daemon->status.journal.detail, "%s",
		 error != 0 ? sentence : "");
	daemon_condition(daemon, ALERT_STORE_FAILED, error != 0, sentence);
}

/* What is set and kept lives in memory too: the new file gets it from there. */
static void on_journal_set_aside(void *user, const char *name)
{
	struct daemon *daemon = user;

	daemon_condition(daemon, ALERT_JOURNAL_SET_ASIDE, true, name);
	daemon->session_is_kept = false;
	trace_lose(&daemon->trace);
	write_state(daemon);
}

const struct journal_events daemon_journal_events = {
    .on_committed = on_committed,
    .on_health = on_journal_health,
    .on_set_aside = on_journal_set_aside,
};
