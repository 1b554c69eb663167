/*
 * What is sent to a relay, and when: OFF at once and again with back-off until
 * it is confirmed open, ON a few times and then no more, renewals of the lease
 * while it is on. The gate has been asked before (decide.c).
 */
#include "core/relay.h"

#include "core/alerts.h"

static void send(const struct turn *turn, size_t index, bool is_on, int64_t lease_ms,
		 bool is_renewal)
{
	struct relay_state *relay = &turn->site->relays[index];

	relay->command = (struct relay_command){
	    .is_on = is_on,
	    .has_lease = is_on && lease_ms > 0,
	    .lease_ms = is_on ? lease_ms : 0,
	    .has_number = true,
	    .number = COMMAND_NUMBER(turn->site->epoch, ++relay->command_count),
	};
	relay->commands++;
	relay->sent_at = turn->now.mono;
	relay->renewal_is_pending = is_renewal;
	if (is_on) {
		relay->on_number = relay->command.number;
		relay_set_ours(turn, index, true);
	}
	if (!is_renewal) {
		relay->has_command = true;
		relay->wish_number = relay->command.number;
		relay_set_phase(turn, index, RELAY_SENT);
	}
	turn_send(turn, index, &relay->command, is_renewal);
}

/* When it may be sent again: 1, 2, 4 .. 60 s. */
static void back_off(struct relay_state *relay, struct now now)
{
	relay->backoff_ms = relay->backoff_ms == 0 ? BACKOFF_FIRST_MS : relay->backoff_ms * 2;
	if (relay->backoff_ms > BACKOFF_MAX_MS)
		relay->backoff_ms = BACKOFF_MAX_MS;
	relay->resend_at = mono_add(now.mono, relay->backoff_ms);
}

static void send_off(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (mono_since(turn->now.mono, relay->resend_at) < 0)
		return;
	send(turn, index, false, 0, false);
	back_off(relay, turn->now);
}

static void drive_off(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (relay_is_confirmed_open(relay)) {
		relay_set_ours(turn, index, false);
		relay_set_phase(turn, index, RELAY_CONFIRMED);
		return;
	}
	send_off(turn, index);
}

/* Whether its word that it is on is of this very moment. */
static bool has_just_been_read(const struct turn *turn, const struct relay_state *relay)
{
	return mono_since(turn->now.mono, relay->read_at) == 0;
}

static void ask(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (mono_since(turn->now.mono, relay->ask_at) < 0)
		return;
	relay->ask_at = mono_add(turn->now.mono, BACKOFF_FIRST_MS);
	turn_read(turn, index);
}

static void send_on(const struct turn *turn, size_t index, int64_t lease_ms)
{
	struct relay_state *relay = &turn->site->relays[index];

	send(turn, index, true, lease_ms, false);
	if (relay->on_attempts++ == 0) {
		relay->first_on_at = turn->now.mono;
		relay->first_on_number = relay->command.number;
	}
	back_off(relay, turn->now);
}

/*
 * Renewing is due when less than half of the longest lease is left, and worth
 * it when the new lease is longer than what is left by a quarter. It comes too
 * late when the contact may have opened meanwhile: it would close it again,
 * without dwell. And someone may have opened it of whom we were not told, so the
 * relay is read first, and its lease renewed upon its word.
 */
static void renew(const struct turn *turn, size_t index, int64_t lease_ms, int64_t stale_after_ms)
{
	struct relay_state *relay = &turn->site->relays[index];
	int64_t left_ms = mono_since(relay->lease_ends, turn->now.mono);
	int64_t longest_ms = relay_longest_lease_ms(relay, stale_after_ms);
	int64_t gets_ms = lease_ms < longest_ms ? lease_ms : longest_ms;

	if (lease_ms == 0 || relay->renewal_is_pending ||
	    mono_since(turn->now.mono, relay->renew_at) < 0 ||
	    left_ms <= relay_lease_slack_ms(turn) || left_ms * 2 >= longest_ms ||
	    gets_ms * 4 <= left_ms * 5)
		return;
	if (has_just_been_read(turn, relay))
		send(turn, index, true, lease_ms, true);
	else
		ask(turn, index);
}

static void try_again(const struct turn *turn, size_t index, int64_t lease_ms)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (mono_since(turn->now.mono, relay->resend_at) < 0)
		return;
	if (relay->on_attempts < ON_ATTEMPTS_MAX) {
		send_on(turn, index, lease_ms);
		return;
	}
	relay->on_is_given_up = true;
	if (relay->phase == RELAY_MISMATCH)
		alerts_relay(turn, index, ALERT_RELAY_MISMATCH, relay->mismatches, 0,
			     "ON is not sent again");
	turn_note(turn, NOTE_RELAY, index);
}

/* It was on, its lease is over and it does not answer: so it has opened by itself. */
static bool is_beyond_its_lease(const struct relay_state *relay, struct now now)
{
	bool is_unheard = relay->phase == RELAY_TIMEOUT || relay->phase == RELAY_MISMATCH ||
			  (relay->phase == RELAY_CONFIRMED && relay->is_silent);

	return is_unheard && !relay->is_open && relay_lease_is_over(relay, now);
}

/* What is on by its own word, from before this wish, is taken over as a lease is renewed. */
static void begin_on(const struct turn *turn, size_t index, int64_t lease_ms)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (relay->status.is_on && !has_just_been_read(turn, relay))
		ask(turn, index);
	else
		send_on(turn, index, lease_ms);
}

static void drive_on(const struct turn *turn, size_t index, int64_t lease_ms,
		     int64_t stale_after_ms)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (relay->has_undone_off)
		send_off(turn, index);
	if (relay->on_is_given_up || !turn->site->epoch_is_durable)
		return;
	/* To close it again is for the gate, which knows of dwell and budget. */
	if (is_beyond_its_lease(relay, turn->now)) {
		relay_wish_anew(relay, turn->now);
		relay_set_phase(turn, index, RELAY_REQUESTED);
		return;
	}
	if (!relay->has_command)
		begin_on(turn, index, lease_ms);
	else if (relay->phase == RELAY_CONFIRMED)
		renew(turn, index, lease_ms, stale_after_ms);
	else if (relay->phase == RELAY_TIMEOUT || relay->phase == RELAY_MISMATCH)
		try_again(turn, index, lease_ms);
}

void relay_drive(const struct turn *turn, size_t index, enum relay_wish wish, int64_t lease_ms,
		 int64_t stale_after_ms)
{
	struct relay_state *relay = &turn->site->relays[index];
	bool is_on = wish == RELAY_CLOSE;

	if (wish == RELAY_LEAVE)
		return;
	if (is_on != relay->wished_on) {
		relay->wished_on = is_on;
		relay_wish_anew(relay, turn->now);
		relay_set_phase(turn, index, RELAY_REQUESTED);
	}
	if (is_on)
		drive_on(turn, index, lease_ms, stale_after_ms);
	else
		drive_off(turn, index);
	relay->may_be_on = !relay_is_confirmed_open(relay);
}
