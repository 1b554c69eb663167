/*
 * The look around, once a real second: whether the clock may be believed, how
 * the connections stand; and what nodes say that drives no relay.
 */
#include "daemon/feeds.h"
#include "daemon/daemon.h"
#include "daemon/pilot.h"
#include "daemon/prices.h"
#include "daemon/home_assistant.h"
#include "daemon/trial.h"

#include <stdio.h>

#include "base/log.h"
#include "wire/node_message.h"

/* Nothing could be acknowledged for longer: the disk is in trouble, and control listens elsewhere.
 */
#define UNRELEASED_LONG_MS 1000

/* The second connection is as a rule back by then. */
#define CONTROL_AWAY_MS 5000

static void judge_clock(struct daemon *daemon)
{
	/* A clock of our own, with a factor, is steady by construction; the system vouches for 1.
	 */
	bool is_synchronised = daemon->clock.factor == 1 && trust_ask_system();
	bool has_changed = trust_check(&daemon->trust, clock_wall(&daemon->clock),
				       clock_mono(&daemon->clock), is_synchronised);

	if (trust_is_news(&daemon->trust, has_changed))
		daemon_condition(daemon, ALERT_CLOCK_UNTRUSTED, !daemon->trust.is_trusted, "");
}

static void watch_store(struct daemon *daemon)
{
	if (daemon->unreleased_since == 0 ||
	    uv_now(daemon->loop) - daemon->unreleased_since < UNRELEASED_LONG_MS)
		return;
	daemon_hold(daemon);
	mqtt_control_listen(daemon->control, true);
}

static void look_at_broker(struct daemon *daemon)
{
	struct broker_status *broker = &daemon->status.broker;
	bool was_connected = broker->is_connected;

	if (daemon->ingest == NULL)
		return;
	broker->is_connected = mqtt_ingest_is_up(daemon->ingest);
	broker->connects += broker->is_connected && !was_connected;
	broker->session_was_present = mqtt_ingest_had_session(daemon->ingest);
	broker->marker_is_awaited = broker->is_connected && !mqtt_ingest_is_live(daemon->ingest);
	broker->is_taken_over = mqtt_ingest_is_taken_over(daemon->ingest);
	broker->retry_ms = mqtt_ingest_retry_ms(daemon->ingest);
	if (daemon_is_shut_out(daemon))
		mqtt_control_listen(daemon->control, true);
}

/* What the connection for commands lacks while the other one stands; it is told once a change. */
static void look_at_control(struct daemon *daemon)
{
	const char *trouble;
	bool is_well;

	if (daemon->control == NULL)
		return;
	trouble = mqtt_control_trouble(daemon->control);
	is_well = trouble[0] == '\0' && mqtt_control_is_up(daemon->control);
	/* Where neither stands, or both are taken from us, the other one's alert says it. */
	if (is_well || !daemon->status.broker.is_connected || daemon->status.broker.is_taken_over)
		daemon->control_well_at = uv_now(daemon->loop);
	if (is_well && daemon->is_control_missed) {
		daemon->is_control_missed = false;
		daemon_condition(daemon, ALERT_CONTROL_AWAY, false, "");
	} else if (trouble[0] != '\0' && !daemon->is_control_missed &&
		   uv_now(daemon->loop) - daemon->control_well_at > CONTROL_AWAY_MS) {
		daemon->is_control_missed = true;
		daemon_condition(daemon, ALERT_CONTROL_AWAY, true, trouble);
	}
}

static void measure_writing(struct daemon *daemon)
{
	struct journal_status *journal = &daemon->status.journal;
	struct mono_time mono = clock_mono(&daemon->clock);

	journal->waiting = journal_pending(daemon->journal);
	journal->written_bytes = journal_written_bytes(daemon->journal);
	written_follow(&daemon->written, mono, journal->written_bytes);
	journal->written_per_day_bytes =
	    written_per_day(&daemon->written, mono, journal->written_bytes);
}

static void count_registrations(struct daemon *daemon)
{
	struct coap_hub_counters counters = coap_hub_counters(daemon->hub);

	daemon->status.registrations = (struct registration_status){
	    .accepted = counters.registrations, .refused = counters.registrations_refused};
}

void surroundings_second(uv_timer_t *timer)
{
	struct daemon *daemon = timer->data;

	judge_clock(daemon);
	meters_second(daemon);
	prices_record(daemon);
	pilot_second(daemon);
	watch_store(daemon);
	measure_writing(daemon);
	api_stored(daemon->api, daemon->commits_done, uv_now(daemon->loop));
	discovery_turn(daemon);
	relay_strangers_second(daemon);
	look_at_broker(daemon);
	look_at_control(daemon);
	count_registrations(daemon);
	upkeep_second(daemon);
	web_second(daemon);
	trial_second(daemon);
	outlets_second(daemon);
	feeds_second(daemon);
	home_second(daemon);
	devices_second(daemon);
	lifecycle_watch_stop(daemon);
}

void surroundings_presence(struct daemon *daemon, const struct ident *node, const void *payload,
			   size_t len)
{
	int battery = house_find_sensor(&daemon->house, node);
	bool is_online;

	if (battery < 0 || presence_message_parse(&is_online, payload, len) != REFUSAL_NONE)
		return;
	daemon->status.presence[battery] = is_online ? PRESENCE_ONLINE : PRESENCE_OFFLINE;
	/* A node that comes back has forgotten its interval, unless it could keep it. */
	if (is_online)
		intervals_tell_anew(daemon, (size_t)battery);
}

void surroundings_unknown(struct daemon *daemon, const struct reading *reading)
{
	struct unknown_node *entry = NULL;

	for (size_t i = 0; i < UNKNOWN_NODES_MAX; i++) {
		struct unknown_node *node = &daemon->status.unknown[i];

		if (ident_equal(&node->name, &reading->node)) {
			entry = node;
			break;
		}
		/* Else a free entry, or the one that was silent for longest. */
		if (entry == NULL || node->heard_at.ms < entry->heard_at.ms)
			entry = node;
	}
	if (!ident_equal(&entry->name, &reading->node)) {
		*entry = (struct unknown_node){.name = reading->node};
		log_info("node %s is in no configuration: its readings are kept and drive nothing",
			 reading->node.text);
	}
	entry->soc_bp = reading->soc_bp;
	entry->temp_min_mc = reading->temp_min_mc;
	entry->heard_at = clock_mono(&daemon->clock);
	entry->readings++;
}

static void raise_server(struct daemon *daemon, const struct server_progress *progress)
{
	struct server_status *status = &daemon->status.server;
	bool is_connected = progress->phase == SERVER_CONNECTED;

	if (is_connected != status->is_connected || status->detail[0] == '\0')
		daemon_condition(daemon, ALERT_SERVER_AWAY, !is_connected, progress->error);
	if (progress->refused > status->refused_rows)
		daemon_condition(daemon, ALERT_SERVER_REFUSED, true, progress->refusal);
}

void surroundings_server(void *user, const struct server_progress *progress)
{
	struct daemon *daemon = user;
	struct server_status *status = &daemon->status.server;

	raise_server(daemon, progress);
	status->is_connected = progress->phase == SERVER_CONNECTED;
	status->unsent_rows = progress->unsent;
	status->refused_rows = progress->refused;
	status->dead_letters = progress->letters;
	snprintf(status->detail, sizeof status->detail, "%s",
		 progress->error[0] != '\0' ? progress->error : server_phase_name(progress->phase));
}
