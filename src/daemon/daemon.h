/*
 * The daemon: everything that it holds, and what its files ask of each other.
 *
 *   main.c          options, files, then daemon_run()
 *   check.c         what --check-config looks at beyond the file itself
 *   daemon.c        the pipeline on one page: message, decision, command, record
 *   storing.c       what is written, and when it is acknowledged
 *   broker.c        the broker's connections and their topics
 *   lifecycle.c     what is opened in which order, and closed
 *   trace.c        all that the core is given, for replay
 *   restore.c       what the journal kept over a restart
 *   files.c         files that are read, and where things lie
 *   readings.c      a sensor's message becomes an event and a row
 *   sources.c       devices of other makes: their messages become readings
 *   source_relays.c and their relays are commanded over MQTT
 *   coap_devices.c  the same over CoAP, and nodes that register
 *   numbers.c       each reading once, and which numbers never came
 *   notes.c         what the core noted becomes rows, events and messages
 *   settings.c      parameters at run time
 *   admissions.c    batteries that a person lets in, and forgets
 *   relay_admissions.c, relay_strangers.c   the same of relays, and who they are
 *   intervals.c     sensors are told how often to send, and held to it
 *   upkeep.c        how large the journal is, and what may go from it
 *   meters.c        what meters say, and what their minutes came to
 *   prices.c        what energy costs, now and ahead
 *   feeds.c         those who publish it: by url, file and topic
 *   feeds_kept.c    what they said, over a restart
 *   pilot*.c       the plan: from what, when anew, and what of it reaches the core
 *   surroundings.c  clock, other nodes, the state of the connections
 *   discovery.c     relays that are named by host alone
 *   outlets.c       alerts leave the house
 *   outlets_kept.c  what of them waits, over a restart
 *   home.c          what Home Assistant is told over the broker
 *   home_command.c  what it asks for there
 *   home_take.c     what others told it, taken over as a battery's sensor
 *   home_switch.c   and as a relay
 *   web.c           browsers' way to us, opened again where that failed
 *   imports.c       rows of the past that a person brings back
 *   first_run.c     the configuration is written from the page's answers
 *   trial.c         a relay is tried at its commissioning
 *   requests.c      what a person asks through the API
 *
 * All of it runs on one loop; threads are within the adapters.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "adapt/api.h"
#include "adapt/coap_hub.h"
#include "adapt/journal.h"
#include "adapt/journal_read.h"
#include "adapt/mqtt.h"
#include "adapt/redelivery.h"
#include "adapt/server.h"
#include "base/result.h"
#include "base/text.h"
#include "base/time.h"
#include "base/version.h"
#include "daemon/interval_watch.h"
#include "daemon/meters.h"
#include "daemon/numbers.h"
#include "daemon/relay_strangers.h"
#include "daemon/trace.h"
#include "daemon/trust.h"
#include "daemon/written.h"
#include "model/event.h"
#include "model/house.h"
#include "model/site.h"
#include "model/status.h"
#include "wire/source_read.h"

enum daemon_phase {
	DAEMON_RUNS,
	DAEMON_OPENS_RELAYS, /* asked to stop: all relays to the safe state */
	DAEMON_IS_STOPPED,
};

struct daemon {
	uv_loop_t *loop;
	struct clock clock;
	struct house house;
	size_t configured_batteries, configured_relays; /* the first of the house: of the file */
	size_t relay_slots[RELAYS_MAX]; /* the hub's, of each relay of the house */
	struct relay_strangers relay_strangers;
	struct sources sources; /* of the options */
	struct site site;
	struct outcome outcome;
	struct trace trace;
	bool has_outcome;     /* something that is to be committed came of the core */
	uint64_t trace_since; /* the loop's time of its first entry that is in no batch, 0 = none */

	/* the world */
	struct journal *journal;
	struct mqtt_ingest *ingest;   /* NULL where no broker is configured */
	struct mqtt_control *control; /* likewise */
	struct coap_hub *hub;
	struct server *server; /* NULL where none is configured */
	struct api *api;
	struct outlets *outlets; /* NULL where none is configured */
	struct prices *prices;   /* likewise */
	struct home *home;       /* NULL where Home Assistant is not */
	struct home_take *home_take; /* NULL where nothing is taken over from there */
	struct devices *devices; /* of other makes; NULL where none is configured */
	uv_prepare_t turn; /* the end of each turn of the loop */
	uv_timer_t due;    /* when time alone changes a decision */
	struct mono_time ticked_at; /* and when that was looked at last */
	uv_timer_t second;          /* the look around, once a real second */
	uv_signal_t interrupt, terminate;

	/* storing */
	bool expects_session; /* the journal has rows: the broker should have our session */
	struct redelivery redelivery;
	struct numbers numbers;
	bool session_is_kept;       /* the journal knows where the broker's session begins */
	bool is_bursting;           /* messages came in and more may: no commit yet */
	bool is_urgent;             /* somebody waits for what is in the batch */
	bool has_messages_pending;  /* the broker waits for what is in the batch */
	bool is_stream;             /* the last batch had many messages */
	uint32_t messages_gathered; /* in the batch */
	uint64_t committed_at;      /* the loop's time when the last batch became durable */
	uint64_t gathering_since;   /* the loop's time of the batch's first record, 0 = none */
	uint64_t unreleased_since;  /* of the first commit since the last release, 0 = none */
	uint64_t taken_writing;     /* mqtt_ingest_taken() when the last commit began */
	uint64_t taken_durable;     /* and of the last that ended */
	uint64_t message_at;      /* of the broker's last message */
	uint64_t control_well_at; /* when the connection for commands last stood, or need not */
	bool is_control_missed;   /* and it was told */
	uint64_t held_since;      /* since when the broker is not read, 0 = it is */
	uint32_t epoch_pending;   /* in the batch being filled; 0 = none */
	uint32_t epoch_writing;   /* in the batch being written */
	uint64_t commits_begun, commits_done; /* their numbers, from 1 */
	uint64_t imports_counted;             /* of journal_imported(), in the status */
	bool has_lost_state; /* there was no room for a kept state: all are to be written again */

	/* settings at run time; those of the file are in `house` */
	struct parameter_layer house_run;
	struct parameter_layer battery_run[BATTERIES_MAX];
	struct interval_watch intervals[BATTERIES_MAX];

	struct pilot *pilot; /* NULL: nothing is planned */
	struct comparing *comparing; /* NULL: no plans are compared */

	bool is_restoring; /* what is noted is of before the start */

	/* the surroundings */
	struct daemon_status status;
	struct meters meters;
	struct trust trust;
	struct written written;
	uint64_t web_tried_at;       /* the loop's time */
	bool is_trusted_since_known; /* the clock is trusted, since `trusted_since` */
	struct mono_time trusted_since;
	struct mono_time relays_noted_at; /* when those that are on had a row at last */
	uint8_t likely_batteries[64]; /* by a hash of the topic that they speak on */
	bool holds_now; /* a message is being taken: all that comes of it is of one moment */
	struct now held_now;
	int64_t offset_quarter; /* the quarter of an hour that `offset_s` was looked up for */
	int32_t offset_s;
	uint64_t discover_at; /* the loop's time of the next discovery */
	int discovering;      /* index of the relay that is looked for, -1 = none */

	enum daemon_phase phase;
	uint64_t stop_since;  /* the loop's time */
	const char *config; /* of the options */
	bool starts_again;  /* once it has stopped */
	struct trial *trial; /* of a relay, the last; or NULL */
	uint64_t stop_commit; /* that has who asked for the stop; 0: nobody did through the API */
};

struct daemon_options {
	char config[PATH_TEXT_MAX]; /* the file, absolute; or where the first one would be */
	struct house house;
	struct sources sources; /* borrowed by the daemon for its life */
	struct clock clock;
};

/*
 * Runs until it is told to stop by a signal or through the API. Returns the process's exit status;
 * says on standard error what went wrong. `starts_again`: it was set up anew, and the process is to
 * begin again.
 */
int daemon_run(const struct daemon_options *options, bool *starts_again);

/* --- lifecycle.c --- */

int daemon_open(struct daemon *daemon, const struct daemon_options *options) MUST_CHECK;

/* Closes what is open, in the order that loses nothing. Returns 0, or -EIO when something was lost.
 */
int daemon_close(struct daemon *daemon) MUST_CHECK;

/* Begins a clean stop: relays open first. Calling it again hurries. */
void daemon_stop(struct daemon *daemon);

/* Once a second while stopping: ends the loop when the relays are open, or after a while. */
void lifecycle_watch_stop(struct daemon *daemon);

/* --- broker.c --- */

/* Opens both connections, where a broker is configured. */
int broker_open(struct daemon *daemon, struct text *error) MUST_CHECK;

/* --- daemon.c --- */

struct now daemon_now(struct daemon *daemon);

/* One step of the core, and all that follows from it. */
void daemon_step(struct daemon *daemon, const struct event *event);

/* Begins or ends an alert about the daemon's surroundings. */
void daemon_condition(struct daemon *daemon, enum alert_code code, bool is_active,
		      const char *detail);

extern const struct mqtt_ingest_events daemon_ingest_events;
extern const struct mqtt_control_events daemon_control_events;
extern const struct coap_hub_handlers daemon_hub_handlers;

/* --- storing.c --- */

/* A record of `kind` that happens now; the rest is zero. */
struct record daemon_new_record(struct daemon *daemon, enum record_kind kind);

/*
 * Puts a record into the journal's batch. Returns whether it was taken: what does not fit
 * because the disk has failed is counted in the status.
 */
bool daemon_record(struct daemon *daemon, const struct record *record);

/* Whether another message has room in the batch; begins a commit where that makes some. */
bool daemon_has_room(struct daemon *daemon);

/*
 * Acknowledges to the broker what is durable: all that was read where nothing of it waits,
 * else what was read before the last batch that was committed. Reads on.
 */
void daemon_release(struct daemon *daemon);

/* Hands the batch to the journal; nothing is acknowledged until it is durable. */
void daemon_commit(struct daemon *daemon);

/*
 * How many real ms from now the batch is to be handed over: 0 = now, UINT64_MAX = there is
 * nothing to hand over, or nowhere yet.
 */
uint64_t daemon_commit_in_ms(const struct daemon *daemon);

/* As api_host's store(). */
uint64_t daemon_store(struct daemon *daemon);

/* Notes that what is stored from now on is of the broker's present session. */
void daemon_keep_session(struct daemon *daemon);

/* Keeps the trace, as struct trace's keep(). */
bool daemon_keep_trace(void *user, const struct record *record);

/* Makes `epoch` durable; EVENT_EPOCH_DURABLE follows. */
void daemon_keep_epoch(struct daemon *daemon, uint32_t epoch);

/* Reading the broker stops until the next release: there is no room, or no disk. */
void daemon_hold(struct daemon *daemon);

/* Another client has the id of the storing connection, and we wait to take it back. */
bool daemon_is_shut_out(const struct daemon *daemon);

extern const struct journal_events daemon_journal_events;

/* --- readings.c --- */

/* A sensor's message on its way in; all is borrowed. */
struct arrival {
	const char *topic;        /* or the sensor's URI */
	const struct ident *node; /* that the topic or the configuration names */
	const void *payload;
	size_t length;
	uint16_t message_id;
	uint64_t payload_hash;
	bool is_retained, is_backlog, may_be_redelivered, is_duplicate;
	bool is_of_source; /* it is configured, though no battery may be */
	bool is_stored; /* false: heard on the control connection, will come again to be stored */
};

void readings_take(struct daemon *daemon, const struct arrival *arrival);

/* A reading that was made of a message, of `battery` or of none (-1): decided on, and stored. */
void readings_give(struct daemon *daemon, const struct arrival *arrival, int battery,
		   const struct reading *reading);

/* A message of which nothing is of use: counted, stored, and the battery's relays opened where it
 * could be read. */
void readings_refuse(struct daemon *daemon, const struct arrival *arrival, enum refusal refusal,
		     const struct refusal_detail *detail);

/* Whether the broker brings again what is stored; then it is counted. */
bool readings_are_known(struct daemon *daemon, const struct arrival *arrival);

/* At the start: a row that the journal has, the oldest first. */
void readings_restore(struct daemon *daemon, const struct journal_reading *row);

/* --- sources.c --- */

/* Opens what is configured under `sources`. */
int devices_open(struct daemon *daemon, struct text *error) MUST_CHECK;
void devices_close(struct daemon *daemon);

/*
 * A message of the storing connection, or of the other one while that is not read. Returns whether
 * it is a device's.
 */
bool devices_take(struct daemon *daemon, const struct mqtt_message *message, bool is_stored);

/* The topics to store from are added to a list of `*count`; `*topics` is for free() then. */
int devices_add_topics(const struct daemon *daemon, const char ***topics, size_t *count) MUST_CHECK;

/* Once a second: keeps devices talking that would stop, and ages what they said. */
void devices_second(struct daemon *daemon);

/* --- coap_devices.c --- */

/* What the hub reports of sources (coap_hub.h). */
void coap_devices_answered(void *user, size_t number, const struct source_coap_answer *answer);
void coap_devices_failed(void *user, size_t number, const char *path, const char *detail);
bool coap_devices_registered(void *user, const struct ident *name, const char *address,
			     const char *uri);

/* --- source_relays.c --- */

/* The topics that relays speak on are added, as above. */
int device_relays_add_topics(const struct daemon *daemon, const char ***topics,
			     size_t *count) MUST_CHECK;

/* Whether `relay` is a device's; then it is commanded or read. */
bool device_relays_command(struct daemon *daemon, const struct command *command);

/* A message of the connection for commands; and that connection has come or gone. */
void device_relays_heard(struct daemon *daemon, const struct mqtt_message *message);
void device_relays_up(struct daemon *daemon, bool is_up);

/* --- notes.c --- */

/* Takes what the core noted in the last step to the journal, the API and the log. */
void notes_follow(struct daemon *daemon, const struct outcome *outcome);

/* Writes all kept states and alerts again: into a new journal, or what was lost. */
void notes_keep_all(struct daemon *daemon);

/* Once a second: notes relays that are on anew, each minute. */
void notes_relays_on(struct daemon *daemon);

/* --- settings.c --- */

/* Takes a setting that the journal kept. Returns 0, or -ENOENT where its battery is no more. */
int settings_restore(struct daemon *daemon, const char *battery, enum parameter_id id,
		     const struct parameter_value *value) MUST_CHECK;

/* The settings of `battery` as all layers make them. Returns 0, or -ERANGE with a sentence. */
int settings_of(struct daemon *daemon, size_t battery, struct settings *out,
		struct text *error) MUST_CHECK;

/* Writes all that is set at run time again, into a new journal. */
void settings_write_all(struct daemon *daemon);

/* As api_host's set(). */
int settings_set(struct daemon *daemon, const char *scope, enum parameter_id id,
		 const struct parameter_value *value, bool is_set, struct text *error) MUST_CHECK;

/* Unsets all that is set at run time for `battery` alone; in the journal, as it is to leave. */
void settings_forget(struct daemon *daemon, size_t battery);

/* --- intervals.c --- */

/* Tells the sensor of `battery` its interval if that has been set and it was not told yet. */
void intervals_tell(struct daemon *daemon, size_t battery);

/* The sensor has started again, and forgotten what it was told unless it could keep it. */
void intervals_tell_anew(struct daemon *daemon, size_t battery);

/* A reading of `battery` came, `spacing_ms` after the one before (0 = unknown). */
void intervals_heard(struct daemon *daemon, size_t battery, const struct reading *reading,
		     int64_t spacing_ms);

/* --- meters.c --- */

/* The meters that are waited for. */
void meters_open(struct daemon *daemon);

/* A message on one of the meters' own topics; on any other nothing is taken. */
void meters_take(struct daemon *daemon, const char *topic, const void *payload, size_t len);

/*
 * The meter `name`, one of its kind, says `power_w`, or that it has counted so much energy since
 * it is there: by the latter its power is known too, unless it says it. Returns 0, or -ENOSPC
 * where there are METER_MEMBERS_MAX others of its kind.
 */
int meters_hear(struct daemon *daemon, enum meter_kind kind, const struct ident *name,
		double power_w) MUST_CHECK;
int meters_count(struct daemon *daemon, enum meter_kind kind, const struct ident *name,
		 bool is_export, double energy_wh) MUST_CHECK;

/* Ended minutes into the batch that is being filled: all, or where it is time. */
void meters_flush(struct daemon *daemon);
void meters_join(struct daemon *daemon);
void meters_second(struct daemon *daemon);

/* At a stop: the minute as far as it came. */
void meters_end(struct daemon *daemon);

/* --- surroundings.c --- */

void surroundings_second(uv_timer_t *timer);
void surroundings_presence(struct daemon *daemon, const struct ident *node, const void *payload,
			   size_t len);
void surroundings_unknown(struct daemon *daemon, const struct reading *reading);
void surroundings_server(void *user, const struct server_progress *progress);

/* --- upkeep.c --- */

/* What the journal is opened with for it. */
void upkeep_options(const struct daemon *daemon, struct journal_options *options);
void upkeep_second(struct daemon *daemon);

/* --- discovery.c --- */

/* Whether `uri` names a host and no resource: then the relay is looked for there. */
bool discovery_is_wanted(const char *uri);
void discovery_turn(struct daemon *daemon);
void discovery_found(void *user, const char *uri);
void discovery_done(void *user, int result);

/* --- web.c --- */

/* Opens the TCP port for browsers, where one is configured; tells once where that fails. */
void web_open(struct daemon *daemon);

/* Once a second: tries again after a while. */
void web_second(struct daemon *daemon);

/* --- outlets.c --- */

/* Opens those that are configured; reads their passwords. */
int outlets_open(struct daemon *daemon, struct text *error) MUST_CHECK;
void outlets_close(struct daemon *daemon);

/* An alert of the site began or ended, or was acknowledged. */
void outlets_follow(struct daemon *daemon, size_t index);

/* The site is as the last run left it: tells what that one could not note to be told. */
void outlets_restored(struct daemon *daemon);

/* Once a second: sends what is due, and keeps what waits. */
void outlets_second(struct daemon *daemon);

/* As the connection's on_answered(). */
void outlets_answered(struct daemon *daemon, int id, bool is_taken, const char *reason);

/* As api_host's test_outlets(). */
int outlets_test(struct daemon *daemon, struct text *error) MUST_CHECK;

/* --- requests.c --- */

struct api_host requests_host(struct daemon *daemon);
