/*
 * What is opened in which order, and closed in the order that loses nothing:
 * relays to the safe state, the last readings into the journal, the journal to
 * the server, then the connections.
 */
#include "daemon/daemon.h"
#include "daemon/feeds.h"
#include "daemon/pilot.h"
#include "daemon/home_assistant.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "core/step.h"
#include "daemon/files.h"
#include "daemon/restore.h"
#include "daemon/proofs.h"
#include "daemon/trial.h"
#include "base/zone.h"

/* How long relays may take to be confirmed open when we stop; their leases end it in any case. */
#define STOP_RELAYS_MS 4000
#define STOP_JOURNAL_MS 5000
#define ERROR_TEXT_MAX 512
#define OPENING_TEXT_MAX 160

/* Relays are read at least this often by our clock, and no oftener than this in the real world. */
#define READBACK_MS (30 * MS_PER_SECOND)
#define READBACK_REAL_MIN_MS 500

/* --- opening ---------------------------------------------------------------- */

static int open_journal(struct daemon *daemon, struct text *error)
{
	struct journal_options options = {
	    .path = daemon->house.store.path,
	    .sync = daemon->house.store.sync,
	    .collector = daemon->house.collector.text,
	    .events = daemon_journal_events,
	};
	char set_aside[PATH_TEXT_MAX + 32];
	int result;

	files_make_directory_of(options.path, NO_GROUP);
	options.events.user = daemon;
	upkeep_options(daemon, &options);
	result = journal_open(&daemon->journal, daemon->loop, &options, set_aside, error);
	if (result != 0)
		return -EIO;
	daemon->status.journal.is_ok = true;
	result = restore_site(daemon, error);
	if (result == 0)
		outlets_restored(daemon);
	if (result == 0 && set_aside[0] != '\0')
		daemon_condition(daemon, ALERT_JOURNAL_SET_ASIDE, true, set_aside);
	return result;
}

static void set_readback(struct daemon *daemon)
{
	uint64_t real_ms = clock_real_ms(&daemon->clock, READBACK_MS);

	coap_hub_set_readback(daemon->hub,
			      real_ms > READBACK_REAL_MIN_MS ? real_ms : READBACK_REAL_MIN_MS);
}

/* Reads the key of a node where it has one; else `out` has no length. */
static int read_key(struct shared_key *out, const char *path, const char *identity,
		    struct text *error)
{
	*out = (struct shared_key){0};
	return path[0] != '\0' ? shared_key_read(out, path, identity, error) : 0;
}

static int open_relay(struct daemon *daemon, size_t index, struct text *error)
{
	const struct relay_config *relay = &daemon->house.relays[index];
	struct shared_key key;
	int result = read_key(&key, relay->key_file, relay->identity, error);

	if (result == 0)
		result = coap_hub_set_relay_key(daemon->hub, index, &relay->id, &key);
	explicit_bzero(&key, sizeof key);
	if (result != 0 || relay->uri[0] == '\0' || discovery_is_wanted(relay->uri))
		return result;
	result = coap_hub_set_relay(daemon->hub, index, relay->uri);
	if (result != 0)
		text_add(error, "relay %s: %s is no CoAP address", relay->id.text, relay->uri);
	return result;
}

static int open_sensor(struct daemon *daemon, size_t index, struct text *error)
{
	const struct battery_config *battery = &daemon->house.batteries[index];
	struct shared_key key;
	int result = read_key(&key, battery->key_file, battery->identity, error);

	if (result == 0)
		result = coap_hub_set_sensor_key(daemon->hub, index, &battery->node, &key);
	explicit_bzero(&key, sizeof key);
	if (result != 0 || battery->transport != SENSOR_COAP || battery->uri[0] == '\0')
		return result;
	result = coap_hub_set_sensor(daemon->hub, index, battery->uri);
	if (result != 0)
		text_add(error, "sensor of %s: %s is no CoAP address", battery->id.text,
			 battery->uri);
	return result;
}

static int open_registration(struct daemon *daemon, struct text *error)
{
	const struct coap_config *coap = &daemon->house.coap;
	int port;

	if (!coap_is_listening(coap))
		return 0;
	port = coap_hub_listen(daemon->hub, coap);
	if (port < 0)
		text_add(error,
			 "nodes cannot register: coap.listen %s:%u, coap.listen_secure %s:%u: %s",
			 coap->listen.address, coap->listen.port, coap->listen_secure.address,
			 coap->listen_secure.port, strerror(-port));
	return port < 0 ? port : 0;
}

static int open_relays_and_sensors(struct daemon *daemon, struct text *error)
{
	struct coap_hub_handlers handlers = daemon_hub_handlers;
	int result;

	handlers.user = daemon;
	result = coap_hub_new(&daemon->hub, daemon->loop, &handlers);
	if (result != 0)
		return result;
	set_readback(daemon);
	coap_hub_set_clock_factor(daemon->hub, daemon->clock.factor);
	for (size_t i = 0; result == 0 && i < daemon->house.relay_count; i++)
		result = open_relay(daemon, i, error);
	for (size_t i = 0; result == 0 && i < daemon->house.battery_count; i++)
		result = open_sensor(daemon, i, error);
	return result == 0 ? open_registration(daemon, error) : result;
}

static int open_server(struct daemon *daemon, struct text *error)
{
	const struct server_config *server = &daemon->house.store.server;

	daemon->status.server.is_configured = server->is_configured;
	if (!server->is_configured)
		return 0;
	return server_new(&daemon->server, daemon->loop, server, daemon->house.store.path,
			  surroundings_server, daemon, error);
}

static int open_api(struct daemon *daemon, struct text *error)
{
	struct api_host host = requests_host(daemon);
	const struct api_config *config = &daemon->house.api;
	gid_t group;
	int result = files_find_group(&group, config->group, error);

	if (result != 0)
		return result;
	files_make_directory_of(config->socket, group);
	result = api_open(&daemon->api, daemon->loop, &host, config->socket, error);
	return result == 0 ? files_give_to_group(config->socket, group, error) : result;
}

static void on_signal(uv_signal_t *signal, int number)
{
	log_info("%s: stopping", number == SIGINT ? "interrupted" : "asked to stop");
	daemon_stop(signal->data);
}

static void on_due(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;
	struct event event = {.kind = EVENT_TICK};

	daemon->ticked_at = daemon_now(daemon).mono;
	daemon_step(daemon, &event);
}

/* The end of a turn: what was noted is committed, and the next deadline set. */
static void on_turn(uv_prepare_t *prepare)
{
	struct daemon *daemon = prepare->data;
	int64_t due_ms = core_next_due_ms(&daemon->site, &daemon->house, daemon_now(daemon),
					  daemon->ticked_at, CORE_DUE_MAX_MS);
	uint64_t wait_ms = clock_real_ms(&daemon->clock, due_ms);
	uint64_t commit_ms = daemon_commit_in_ms(daemon);

	if (commit_ms == 0 && (!daemon->is_bursting || journal_is_full(daemon->journal)))
		daemon_commit(daemon);
	else if (commit_ms > 0 && commit_ms < wait_ms)
		wait_ms = commit_ms;
	uv_timer_start(&daemon->due, on_due, wait_ms, 0);
}

static void open_handles(struct daemon *daemon)
{
	uv_prepare_init(daemon->loop, &daemon->turn);
	uv_timer_init(daemon->loop, &daemon->due);
	uv_timer_init(daemon->loop, &daemon->second);
	uv_signal_init(daemon->loop, &daemon->interrupt);
	uv_signal_init(daemon->loop, &daemon->terminate);
	daemon->turn.data = daemon->due.data = daemon->second.data = daemon;
	daemon->interrupt.data = daemon->terminate.data = daemon;
	uv_prepare_start(&daemon->turn, on_turn);
	uv_timer_start(&daemon->second, surroundings_second, 0, MS_PER_SECOND);
	uv_signal_start(&daemon->interrupt, on_signal, SIGINT);
	uv_signal_start(&daemon->terminate, on_signal, SIGTERM);
}

int daemon_open(struct daemon *daemon, const struct daemon_options *options)
{
	static int (*const steps[])(struct daemon *, struct text *) = {
	    outlets_open, open_journal, open_relays_and_sensors, home_open, devices_open, proofs_open, feeds_open, broker_open, home_take_open, open_server, open_api,
	};
	char words[ERROR_TEXT_MAX];
	struct text error = text_in(words, sizeof words), zone;
	int result;

	zone = text_in(daemon->status.machine_zone, sizeof daemon->status.machine_zone);
	zone_of_machine(&zone);
	daemon->config = options->config;
	daemon->house = options->house;
	daemon->configured_batteries = options->house.battery_count;
	daemon->configured_relays = options->house.relay_count;
	for (size_t i = 0; i < RELAYS_MAX; i++)
		daemon->relay_slots[i] = i;
	daemon->sources = options->sources;
	daemon->clock = options->clock;
	daemon->status.version = AMPHORA_VERSION;
	daemon->status.started = clock_mono(&daemon->clock);
	daemon->discovering = -1;
	daemon->offset_quarter = -1;
	redelivery_init(&daemon->redelivery);
	daemon->trace.keep = daemon_keep_trace;
	daemon->trace.user = daemon;
	meters_open(daemon);
	result = zone_take(daemon->house.zone, &error);
	/* Outlets come before what may raise an alert, the hub before what may step, and the
	 * journal before what must be recorded. */
	for (size_t i = 0; result == 0 && i < ARRAY_LENGTH(steps); i++)
		result = steps[i](daemon, &error);
	if (result == 0) {
		open_handles(daemon);
		web_open(daemon);
	} else {
		log_error("%s", words[0] != '\0' ? words : strerror(-result));
	}
	return result;
}

/* --- stopping ----------------------------------------------------------------- */

void daemon_stop(struct daemon *daemon)
{
	struct event event = {.kind = EVENT_STOP};

	if (daemon->phase != DAEMON_RUNS) {
		daemon->phase = DAEMON_IS_STOPPED;
		uv_stop(daemon->loop);
		return;
	}
	daemon->phase = DAEMON_OPENS_RELAYS;
	daemon->stop_since = uv_now(daemon->loop);
	daemon->status.is_stopping = true;
	daemon_step(daemon, &event);
}

/* Whether there is no relay left that may yet answer that it has opened. */
static bool relays_are_open(struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		struct opening opening =
		    core_opening(&daemon->site, &daemon->house, daemon_now(daemon), i);

		if (opening.was_heard && opening.by != OPENER_NONE)
			return false;
	}
	return true;
}

/* Says of each relay that is not known to be open what opens it. */
static void tell_openings(struct daemon *daemon)
{
	struct opening openings[RELAYS_MAX];

	for (size_t i = 0; i < daemon->house.relay_count; i++) {
		char words[OPENING_TEXT_MAX];
		struct text sentence = text_in(words, sizeof words);

		openings[i] = core_opening(&daemon->site, &daemon->house, daemon_now(daemon), i);
		opening_format(&openings[i], daemon->house.relays[i].id.text, &sentence);
		if (sentence.length > 0)
			log_warning("%s", words);
	}
	api_stopped(daemon->api, openings);
}

/* Whether who asked for the stop can be told that he did: it is written down, or cannot be. */
static bool asker_is_stored(const struct daemon *daemon)
{
	return daemon->commits_done >= daemon->stop_commit || !daemon->status.journal.is_ok;
}

void lifecycle_watch_stop(struct daemon *daemon)
{
	if (daemon->phase != DAEMON_OPENS_RELAYS)
		return;
	if (!(relays_are_open(daemon) && asker_is_stored(daemon)) &&
	    uv_now(daemon->loop) - daemon->stop_since < STOP_RELAYS_MS)
		return;
	daemon->phase = DAEMON_IS_STOPPED;
	uv_stop(daemon->loop);
}

static void close_handle(uv_handle_t *handle)
{
	if (handle->data != NULL && !uv_is_closing(handle))
		uv_close(handle, NULL);
}

static void close_handles(struct daemon *daemon)
{
	close_handle((uv_handle_t *)&daemon->turn);
	close_handle((uv_handle_t *)&daemon->due);
	close_handle((uv_handle_t *)&daemon->second);
	close_handle((uv_handle_t *)&daemon->interrupt);
	close_handle((uv_handle_t *)&daemon->terminate);
}

/* Returns 0, or -EIO when something is not known to be stored. */
static int close_journal(struct daemon *daemon)
{
	size_t lost;
	int result = journal_close(daemon->journal, STOP_JOURNAL_MS, &lost);

	if (result == -EIO) {
		log_error("%zu records could not be written within %d s; the broker keeps what it "
			  "was not acknowledged",
			  lost, STOP_JOURNAL_MS / MS_PER_SECOND);
		return result;
	}
	if (result == -ETIMEDOUT)
		log_warning("the disk did not let go of the journal within %d s; all is stored, "
			    "and the next start tidies it up",
			    JOURNAL_END_MS / MS_PER_SECOND);
	api_stored(daemon->api, daemon->commits_begun + 1, uv_now(daemon->loop));
	return 0;
}

int daemon_close(struct daemon *daemon)
{
	uint64_t unsent;
	int result;

	close_handles(daemon);
	pilot_compare_close(daemon);
	pilot_close(daemon);
	trial_close(daemon);
	home_close(daemon);
	home_take_close(daemon);
	mqtt_ingest_free(daemon->ingest);
	mqtt_control_free(daemon->control);
	devices_close(daemon);
	trace_flush(&daemon->trace);
	if (daemon->journal != NULL)
		meters_end(daemon);
	result = close_journal(daemon);
	if (daemon->server != NULL) {
		unsent = server_stop(daemon->server,
				     daemon->house.store.drain_s * (int64_t)MS_PER_SECOND);
		if (unsent > 0)
			log_info("%llu rows are not at the server yet; the journal keeps them",
				 (unsigned long long)unsent);
	}
	api_close(daemon->api);
	daemon->api = NULL;
	outlets_close(daemon);
	feeds_close(daemon);
	coap_hub_free(daemon->hub);
	/* What was closed above is freed as the loop turns. */
	uv_run(daemon->loop, UV_RUN_DEFAULT);
	feeds_free(daemon);
	return result;
}

int daemon_run(const struct daemon_options *options, bool *starts_again)
{
	struct daemon *daemon = calloc(1, sizeof *daemon);
	uv_loop_t loop;
	int result;

	if (daemon == NULL || uv_loop_init(&loop) != 0) {
		log_error("no memory to start");
		free(daemon);
		return EXIT_FAILURE;
	}
	daemon->loop = &loop;
	result = daemon_open(daemon, options);
	if (result == 0) {
		log_info("running; journal %s, socket %s%s", daemon->house.store.path,
			 daemon->house.api.socket,
			 daemon->clock.factor != 1 ? ", on a faster clock" : "");
		uv_run(&loop, UV_RUN_DEFAULT);
		tell_openings(daemon);
	}
	if (daemon_close(daemon) != 0 && result == 0)
		result = -EIO;
	if (result == 0)
		log_info("stopped");
	*starts_again = daemon->starts_again;
	uv_loop_close(&loop);
	free(daemon);
	return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
