/*
 * Commands and answers on their way between the daemon and a relay node, as
 * adapt/coap_relay.c and libcoap have it: three attempts within four seconds, a
 * newer command replaces an unanswered one, notifications, a read after each
 * command that none has confirmed, and a read every now and then.
 */
#include "sim/simulate_home.h"
#include "sim/simulate_oracle.h"

#define ATTEMPTS 3
#define DEADLINE_MS 4000
#define CONFIRM_MS 250
#define READBACK_MS (30 * MS_PER_SECOND)
#define READ_AGAIN_MS (10 * MS_PER_SECOND)
#define QUICK_MS 30   /* a datagram's way, at the most */
#define LATE_MS 20000 /* a late one's */

static const int64_t attempt_after_ms[ATTEMPTS] = {0, 1000, 3000};

/* How long a datagram takes now, or -1: it is lost. Whatever is not quick is trouble. */
static int64_t way_ms(struct sim_relay *relay)
{
	struct sim_home *home = relay->home;
	struct sim_path *path = &relay->path;
	bool is_lossy = home->now < path->lossy_until;

	if (home->now < path->dead_until || relay->is_down ||
	    (is_lossy && sim_happens(&home->network, path->loss))) {
		path->trouble_at = home->now > path->trouble_at ? home->now : path->trouble_at;
		return -1;
	}
	if (is_lossy && sim_happens(&home->network, path->slow)) {
		int64_t ms = sim_between(&home->network, QUICK_MS, LATE_MS);

		if (home->now + ms > path->trouble_at)
			path->trouble_at = home->now + ms;
		return ms;
	}
	return sim_between(&home->network, 1, QUICK_MS);
}

static void send(struct sim_relay *relay, enum sim_event_kind kind, int64_t ms,
		 const struct sim_message *message)
{
	int32_t slot = sim_message_new(relay->home);

	if (slot < 0) {
		relay->path.trouble_at = relay->home->now;
		return;
	}
	relay->home->messages[slot] = *message;
	relay->home->messages[slot].is_used = true;
	relay->home->messages[slot].made_at = relay->home->now;
	sim_queue_add(&relay->home->queue, (struct sim_event){.at = relay->home->now + ms,
							      .kind = kind,
							      .index = relay->index,
							      .slot = slot});
}

static void read_in(struct sim_relay *relay, int64_t ms)
{
	relay->hub.failing_till = 0;
	sim_queue_add(&relay->home->queue, (struct sim_event){.at = relay->home->now + ms,
							      .kind = SIM_EV_READ,
							      .index = relay->index,
							      .number = ++relay->hub.read});
}

/* The next attempt, or the deadline, unless an answer comes before. */
static void plan_next(struct sim_relay *relay, const struct sim_message *message)
{
	struct sim_message next = *message;
	int64_t passed_ms = relay->home->now - relay->hub.sent_at;

	int64_t after_ms = ++next.attempt < ATTEMPTS ? attempt_after_ms[next.attempt] : DEADLINE_MS;

	send(relay, next.attempt < ATTEMPTS ? SIM_EV_ATTEMPT : SIM_EV_GIVE_UP,
	     after_ms > passed_ms ? after_ms - passed_ms : 0, &next);
}

static void attempt(struct sim_relay *relay, const struct sim_message *message)
{
	int64_t ms = way_ms(relay);

	if (ms >= 0)
		send(relay, SIM_EV_REQUEST, ms, message);
	/* A late copy arrives as well as the one that was sent again. */
	if (ms < 0 || ms > QUICK_MS)
		plan_next(relay, message);
	else if (relay->home->now < relay->path.lossy_until &&
		 sim_happens(&relay->home->network, relay->path.slow))
		send(relay, SIM_EV_REQUEST, sim_between(&relay->home->network, 1, LATE_MS),
		     message);
}

void sim_path_command(struct sim_home *home, const struct command *command)
{
	struct sim_relay *relay = &home->relays[command->index];
	struct sim_hub *hub = &relay->hub;
	struct sim_message message = {.exchange = ++hub->exchange, .command = command->relay};

	hub->is_open = true;
	hub->sent_at = home->now;
	hub->tag = command->relay.number;
	hub->wanted_on = command->relay.is_on;
	hub->is_confirmed = false;
	if (home->broken == SIM_BREAK_LEASE_LONG && message.command.has_lease)
		message.command.lease_ms += 5000;
	attempt(relay, &message);
}

static bool is_waited_for(const struct sim_relay *relay, const struct sim_message *message)
{
	return relay->home->daemon.is_up && relay->hub.is_open &&
	       relay->hub.exchange == message->exchange;
}

static void request_arrives(struct sim_relay *relay, const struct sim_message *message)
{
	struct sim_message answer = *message;
	int64_t ms;

	if (relay->is_down)
		return;
	answer.is_refused = sim_relay_obey(relay, &message->command, false) < 0;
	answer.status = sim_relay_status(relay);
	ms = way_ms(relay);
	if (ms >= 0)
		send(relay, SIM_EV_ANSWER, ms, &answer);
	if ((ms < 0 || ms > QUICK_MS) && is_waited_for(relay, message))
		plan_next(relay, message);
}

static void report_failure(struct sim_relay *relay, bool is_command, bool is_refused)
{
	struct event *event = sim_daemon_event(relay->home, EVENT_RELAY_FAILED, relay->index);

	event->failed.is_command = is_command;
	event->failed.number = is_command ? relay->hub.tag : 0;
	event->failed.is_refused = is_refused;
	event->failed.detail[0] = '\0';
	sim_daemon_step(relay->home);
}

static void report(struct sim_relay *relay, enum relay_answer answer,
		   const struct relay_status *status, int64_t made_at, uint64_t tag)
{
	struct event *event = sim_daemon_event(relay->home, EVENT_RELAY_STATUS, relay->index);

	event->relay.answer = answer;
	event->relay.status = *status;
	event->relay.number = tag;
	sim_oracle_status(relay, status, made_at);
	sim_daemon_step(relay->home);
}

static void answer_arrives(struct sim_relay *relay, const struct sim_message *message)
{
	struct sim_hub *hub = &relay->hub;

	if (!is_waited_for(relay, message))
		return;
	hub->is_open = false;
	if (message->is_refused) {
		report_failure(relay, true, true);
		return;
	}
	if (!hub->is_confirmed)
		read_in(relay, CONFIRM_MS);
	report(relay, ANSWER_COMMAND, &message->status, message->made_at, hub->tag);
}

void sim_path_notify(struct sim_relay *relay)
{
	struct sim_message notice = {0};
	int64_t ms;

	if (!relay->home->daemon.is_up || !relay->hub.is_observed)
		return;
	notice.exchange = relay->hub.exchange;
	notice.status = sim_relay_status(relay);
	ms = way_ms(relay);
	/* libcoap 4.3.1 forgets an observer with one lost acknowledgement. */
	relay->hub.is_observed = ms >= 0;
	if (ms >= 0)
		send(relay, SIM_EV_NOTICE, ms + 5, &notice);
}

static void notice_arrives(struct sim_relay *relay, const struct sim_message *message)
{
	if (!relay->home->daemon.is_up || relay->watch.said_at > message->made_at)
		return;
	if (message->status.is_on == relay->hub.wanted_on)
		relay->hub.is_confirmed = true;
	report(relay, ANSWER_READBACK, &message->status, message->made_at, 0);
}

/* The way there and back in one: nothing of it is acted on in between. */
static void read_relay(struct sim_relay *relay)
{
	struct relay_status status;
	int64_t ms = way_ms(relay);

	if (ms < 0 || ms > DEADLINE_MS) {
		relay->hub.failing_till = relay->home->now + DEADLINE_MS;
		sim_queue_add(&relay->home->queue, (struct sim_event){.at = relay->hub.failing_till,
								      .kind = SIM_EV_READ_FAILED,
								      .index = relay->index,
								      .number = relay->hub.read});
		return;
	}
	relay->hub.is_observed = true;
	read_in(relay, READBACK_MS);
	status = sim_relay_status(relay);
	report(relay, ANSWER_READBACK, &status, relay->home->now, 0);
}

void sim_path_read(struct sim_home *home, size_t index)
{
	struct sim_relay *relay = &home->relays[index];

	if (home->now >= relay->hub.failing_till)
		read_in(relay, sim_between(&home->network, 1, QUICK_MS));
}

static void read_fails(struct sim_relay *relay)
{
	read_in(relay, READ_AGAIN_MS);
	report_failure(relay, false, false);
}

static void command_fails(struct sim_relay *relay, const struct sim_message *message)
{
	if (!is_waited_for(relay, message))
		return;
	relay->hub.is_open = false;
	report_failure(relay, true, false);
}

static void message_event(struct sim_relay *relay, const struct sim_event *event)
{
	struct sim_message *slot = &relay->home->messages[event->slot];
	struct sim_message message = *slot;

	slot->is_used = false;
	switch (event->kind) {
	case SIM_EV_REQUEST:
		request_arrives(relay, &message);
		break;
	case SIM_EV_ATTEMPT:
		if (is_waited_for(relay, &message))
			attempt(relay, &message);
		break;
	case SIM_EV_GIVE_UP:
		command_fails(relay, &message);
		break;
	case SIM_EV_ANSWER:
		answer_arrives(relay, &message);
		break;
	default:
		notice_arrives(relay, &message);
		break;
	}
}

void sim_path_event(struct sim_home *home, const struct sim_event *event)
{
	struct sim_relay *relay = &home->relays[event->index];

	if (event->kind != SIM_EV_READ && event->kind != SIM_EV_READ_FAILED) {
		message_event(relay, event);
		return;
	}
	if (!home->daemon.is_up || event->number != relay->hub.read)
		return;
	if (event->kind == SIM_EV_READ)
		read_relay(relay);
	else
		read_fails(relay);
}

void sim_path_forget(struct sim_home *home)
{
	for (size_t i = 0; i < home->house.relay_count; i++) {
		home->relays[i].hub.exchange++;
		home->relays[i].hub.is_open = false;
		home->relays[i].hub.is_observed = false;
		home->relays[i].hub.read++;
		home->relays[i].hub.failing_till = 0;
	}
}

void sim_path_read_all(struct sim_home *home)
{
	for (size_t i = 0; i < home->house.relay_count; i++)
		read_in(&home->relays[i], sim_between(&home->network, 1, QUICK_MS));
}
