/*
 * What a relay says, taken in: whether the wish has come true, whether someone
 * else switched it, whether it rebooted or its lease ran out, and whether our
 * command numbers still lead. Sending is relay_drive.c's, counting relay_count.c's.
 */
#include "core/relay.h"

#include "core/alerts.h"
#include "core/foreign.h"

/* A lease may be seen to run out this much early: whole seconds, and the way of the message. */
#define LEASE_SLACK_MS 1000
#define LEASE_SLACK_REAL_MS 100
/* How long an answer may be on its way that was given before our last command. */
#define READ_REAL_MS 2000

void relay_begin(struct relay_state *relay, struct now now)
{
	*relay = (struct relay_state){.phase = RELAY_UNKNOWN,
				      .may_be_on = true,
				      .opened_at = now.mono,
				      .resend_at = now.mono,
				      .renew_at = now.mono};
}

void relay_set_phase(const struct turn *turn, size_t index, enum relay_phase phase)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (relay->phase == phase)
		return;
	relay->phase = phase;
	turn_note(turn, NOTE_RELAY, index);
}

void relay_set_ours(const struct turn *turn, size_t index, bool is_ours)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (relay->is_ours_to_open == is_ours)
		return;
	relay->is_ours_to_open = is_ours;
	turn_note(turn, NOTE_KEEP_RELAY, index);
}

void relay_wish_anew(struct relay_state *relay, struct now now)
{
	relay->has_command = false;
	relay->on_attempts = 0;
	relay->on_is_given_up = false;
	relay->backoff_ms = 0;
	relay->resend_at = now.mono;
	relay->renewal_is_pending = false;
	relay->wish_number = 0;
	relay->is_foreign_off = false;
	relay->has_undone_off = false;
}

/*
 * Open is confirmed only by a status that has seen every ON of ours: by its
 * number, or where the node has none, by no command being on its way. The word
 * of a relay that is taken to be welded counts for nothing.
 */
bool relay_is_confirmed_open(const struct relay_state *relay)
{
	if (!relay->is_heard || relay->status.is_on || relay->is_welded)
		return false;
	/* It is off and its lease runs: a contact that stuck closes when it comes loose. */
	if (relay->status.lease_left_ms > 0)
		return false;
	if (relay->on_number == 0)
		return true;
	if (relay->status.has_number)
		return relay->status.number >= relay->on_number;
	return relay->phase != RELAY_SENT && !relay->renewal_is_pending;
}

/*
 * Whether the status can know of the last command for this wish. Numbers of the
 * time before our epoch is durable are lower than what the relay has heard from us
 * in an earlier life, and tell nothing: then it is old while a read may be on its way.
 */
static bool is_current(const struct turn *turn, const struct relay_state *relay)
{
	int64_t read_ms = READ_REAL_MS * (int64_t)turn_clock_factor(turn);

	if (relay->wish_number == 0)
		return true;
	if (COMMAND_EPOCH(relay->wish_number) == 0)
		return mono_since(turn->now.mono, relay->sent_at) > read_ms;
	if (relay->status.has_number)
		return relay->status.number >= relay->wish_number;
	return relay->phase != RELAY_SENT;
}

static void follow_epoch(const struct turn *turn, const struct relay_state *relay,
			 const struct relay_status *status)
{
	struct site *site = turn->site;
	uint32_t epoch = COMMAND_EPOCH(status->number);

	if (!status->has_number || epoch > EPOCH_MAX ||
	    status->number <= COMMAND_NUMBER(site->epoch, relay->command_count))
		return;
	site->epoch = epoch + 1;
	site->epoch_is_durable = false;
	turn_note(turn, NOTE_EPOCH, 0);
}

static void follow_clock(const struct turn *turn, size_t index, const struct relay_status *status)
{
	int32_t factor = status->clock_factor != 0 ? status->clock_factor : 1;

	if (factor == turn_clock_factor(turn))
		alerts_relay_clear(turn, index, ALERT_RELAY_CLOCK);
	else
		alerts_relay(turn, index, ALERT_RELAY_CLOCK, factor, turn_clock_factor(turn), NULL);
}

static void hear_first(const struct turn *turn, size_t index, const struct relay_status *status)
{
	struct relay_state *relay = &turn->site->relays[index];

	relay_tell_lease(turn, index);
	/* It may have been opened a moment ago, by what we sent before we heard it. */
	relay->is_open = !status->is_on;
	relay->opened_at = turn->now.mono;
	turn_note(turn, NOTE_RELAY, index);
}

/*
 * When it ends at the earliest, so that no renewal closes what opened by itself.
 * A node's word may have been long on its way: the first one about a command
 * counts from when that was sent, and none that comes later, about the same or
 * an earlier one, prolongs anything. The first word of all about an earlier one
 * counts from the first ON of this wish, and one from before that is over.
 * Where the node does not tell, what was asked for counts.
 */
static struct mono_time lease_end(const struct relay_state *relay,
				  const struct relay_status *status, struct now now)
{
	struct mono_time as_said = mono_add(now.mono, status->lease_left_ms);
	bool was_on = relay->is_heard && relay->status.is_on;
	bool is_first = !was_on || relay->status.number < status->number;

	if (!relay->wished_on || !relay->command.has_lease)
		return as_said;
	if (status->lease_left_ms == 0)
		return mono_add(relay->sent_at, relay->command.lease_ms);
	if (!status->has_number || status->number > relay->command.number)
		return as_said;
	if (is_first && status->number == relay->command.number)
		return mono_add(relay->sent_at, status->lease_left_ms);
	if (was_on)
		return relay->lease_ends.ms < as_said.ms ? relay->lease_ends : as_said;
	if (status->number < relay->first_on_number)
		return now.mono;
	return mono_add(relay->first_on_at, status->lease_left_ms);
}

static void keep_status(const struct turn *turn, size_t index, const struct relay_status *status)
{
	struct relay_state *relay = &turn->site->relays[index];
	bool was_on = relay->is_heard && relay->status.is_on;

	if (relay->is_heard && was_on != status->is_on)
		turn_note(turn, NOTE_RELAY, index);
	if (status->has_switches &&
	    (!relay->status.has_switches || relay->status.switches != status->switches))
		turn_note(turn, NOTE_KEEP_RELAY, index);
	if (status->is_on && !was_on)
		relay->on_since = turn->now.mono;
	/* No back-off for what is new: it waits for a relay that stays on. */
	if (relay->is_heard && status->is_on && !was_on && !relay->wished_on) {
		relay->resend_at = turn->now.mono;
		relay->backoff_ms = 0;
	}
	if (status->is_on)
		relay->lease_ends = lease_end(relay, status, turn->now);
	relay->is_heard = true;
	relay->is_blind = false;
	relay->status = *status;
	relay->heard_at = turn->now.mono;
}

int64_t relay_lease_slack_ms(const struct turn *turn)
{
	return LEASE_SLACK_MS + LEASE_SLACK_REAL_MS * (int64_t)turn_clock_factor(turn);
}

bool relay_lease_is_over(const struct relay_state *relay, struct now now)
{
	return relay->command.has_lease && mono_since(now.mono, relay->lease_ends) > 0;
}

int64_t relay_open_for_ms(const struct relay_state *relay, struct now now)
{
	return relay->is_open ? mono_since(now.mono, relay->opened_at) : 0;
}

void relay_find_open(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (!relay->is_open)
		relay->opened_at = turn->now.mono;
	relay->is_open = true;
	relay->closing_is_counted = false;
}

/*
 * Readback beats memory: the wish begins anew, and where the boot has opened it
 * waits for no dwell the first time. Whatever was neither on by its own word nor
 * open may have opened a moment before: by our OFF, or by the lease of an ON of
 * which no answer came.
 */
static void take_reboot(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];
	const struct relay_config *config = &turn->house->relays[index];
	int64_t dwell_ms = setting(&turn->site->settings[config->battery], PARAMETER_DWELL);
	bool is_again =
	    relay->has_rebooted && mono_since(turn->now.mono, relay->rebooted_at) < dwell_ms;
	bool was_confirmed = relay->phase == RELAY_CONFIRMED;
	bool was_on = relay->wished_on && was_confirmed && !relay_lease_is_over(relay, turn->now);
	bool was_open = relay->is_open && !(relay->wished_on && relay->is_ours_to_open);
	int32_t attempts = relay->on_attempts;

	alerts_relay(turn, index, ALERT_RELAY_REBOOTED, 0, 0, NULL);
	relay_wish_anew(relay, turn->now);
	/* One that falls over whenever it closes is not tried for ever, nor without dwell. */
	if (!was_confirmed)
		relay->on_attempts = attempts;
	if (is_again || (!was_on && !was_open))
		relay->opened_at = turn->now.mono;
	relay->has_rebooted = true;
	relay->rebooted_at = turn->now.mono;
	relay->is_open = !relay->status.is_on;
	relay->is_foreign_on = false;
	relay_set_phase(turn, index, RELAY_REQUESTED);
}

static void confirm(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (relay->phase != RELAY_CONFIRMED)
		relay->confirmed++;
	relay->on_is_given_up = false;
	relay->backoff_ms = 0;
	relay->is_foreign_on = false;
	relay->is_foreign_off = false;
	alerts_relay_clear(turn, index, ALERT_RELAY_MISMATCH);
	relay_set_phase(turn, index, RELAY_CONFIRMED);
}

static void confirm_off(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (!relay_is_confirmed_open(relay))
		return;
	relay_find_open(turn, index);
	relay_set_ours(turn, index, false);
	confirm(turn, index);
}

static void find_mismatch(const struct turn *turn, size_t index, const char *detail)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (relay->phase == RELAY_MISMATCH)
		return;
	relay->mismatches++;
	alerts_relay(turn, index, ALERT_RELAY_MISMATCH, relay->mismatches, 0, detail);
	relay_set_phase(turn, index, RELAY_MISMATCH);
}

/* It was confirmed on, and is off without a word from us. */
static void lose_on(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	relay_find_open(turn, index);
	if (relay->command.has_lease &&
	    mono_since(relay->lease_ends, turn->now.mono) <= relay_lease_slack_ms(turn)) {
		relay_wish_anew(relay, turn->now);
		relay_set_phase(turn, index, RELAY_REQUESTED);
		return;
	}
	foreign_take_off(turn, index);
}

/* Off again as someone wanted it, before a renewal of ours undid that. */
static void open_again(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (!relay_is_confirmed_open(relay))
		return;
	relay_find_open(turn, index);
	relay_set_ours(turn, index, false);
	relay->has_undone_off = false;
	relay_set_phase(turn, index, RELAY_MISMATCH);
}

/* Whether it was on for this wish, and has opened since, even if another ON is on its way. */
static bool has_opened_again(const struct relay_state *relay)
{
	return !relay->status.is_on && !relay->is_open && relay->on_attempts > 0 &&
	       relay->status.has_number && relay->status.number >= relay->first_on_number;
}

static void read_while_wished_on(const struct turn *turn, size_t index, bool was_opened)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (relay->has_undone_off) {
		open_again(turn, index);
		return;
	}
	if (!relay->has_command) {
		if (!relay->status.is_on)
			relay_find_open(turn, index);
		return;
	}
	if (!is_current(turn, relay)) {
		if (was_opened || has_opened_again(relay))
			lose_on(turn, index);
		return;
	}
	if (relay->status.is_on)
		confirm(turn, index);
	else if (relay->phase == RELAY_CONFIRMED || !relay->is_open)
		lose_on(turn, index);
	else
		find_mismatch(turn, index, "stays off");
}

static void read_while_wished_off(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (relay->is_welded) {
		relay_set_phase(turn, index, RELAY_MISMATCH);
	} else if (!relay->status.is_on) {
		confirm_off(turn, index);
	} else if (!is_current(turn, relay)) {
		/* It has not seen our OFF yet, or tells of the time before. */
		relay->is_open = false;
	} else if (relay->is_on_trial) {
		relay->is_open = false;
	} else if (relay->is_open) {
		foreign_take_on(turn, index);
	} else if (relay->has_command) {
		find_mismatch(turn, index, "stays on");
	}
}

int64_t relay_longest_lease_ms(const struct relay_state *relay, int64_t stale_after_ms)
{
	return relay->own_longest_ms > 0 && relay->own_longest_ms < stale_after_ms
		   ? relay->own_longest_ms
		   : stale_after_ms;
}

/* A node gives no lease longer than its own longest: to ask again brings no more. */
static void follow_lease(struct relay_state *relay, uint64_t number, struct now now)
{
	const struct relay_command *command = &relay->command;
	int64_t given_ms = relay->status.lease_left_ms;
	int64_t passed_ms = mono_since(now.mono, relay->sent_at);

	if (!command->has_lease || number != command->number || given_ms == 0)
		return;
	if (given_ms + passed_ms + LEASE_SLACK_MS < command->lease_ms)
		relay->own_longest_ms = given_ms;
	else if (command->lease_ms > relay->own_longest_ms + LEASE_SLACK_MS)
		relay->own_longest_ms = 0;
}

static void take_answer(const struct turn *turn, size_t index, uint64_t number)
{
	struct relay_state *relay = &turn->site->relays[index];

	follow_lease(relay, number, turn->now);
	relay_acknowledge(turn, index, number);
	/* It was on, has obeyed, and is off: someone was quicker than the answer. */
	if (relay->wished_on && relay->has_command && !relay->is_open && !relay->status.is_on &&
	    is_current(turn, relay))
		lose_on(turn, index);
}

void relay_heard(const struct turn *turn, size_t index, const struct event *event)
{
	struct relay_state *relay = &turn->site->relays[index];
	const struct relay_status *status = &event->relay.status;
	bool has_rebooted, off_is_undone, was_opened;

	if (event->relay.answer == ANSWER_TAKEN || event->relay.answer == ANSWER_BLIND) {
		relay_took(turn, index, event);
		return;
	}
	if (!ident_equal(&status->node, &turn->house->relays[index].id)) {
		alerts_relay(turn, index, ALERT_RELAY_IMPOSTOR, 0, 0, status->node.text);
		return;
	}
	alerts_relay_clear(turn, index, ALERT_RELAY_IMPOSTOR);
	has_rebooted = relay->is_heard && relay->status.has_boot && status->has_boot &&
		       relay->status.boot != status->boot;
	off_is_undone = foreign_off_is_undone(turn, index, status);
	was_opened = foreign_has_opened(turn, index, status);
	relay_count_closings(turn, index, status);
	if (!relay->is_heard)
		hear_first(turn, index, status);
	relay_hear_again(turn, index);
	follow_clock(turn, index, status);
	follow_epoch(turn, relay, status);
	keep_status(turn, index, status);
	if (has_rebooted)
		take_reboot(turn, index);
	/* From the first word on: the readback may be lost, and the contact open again by then. */
	if (status->is_on && relay->is_ours_to_open)
		relay->is_open = false;
	if (event->relay.answer == ANSWER_READBACK)
		relay->read_at = turn->now.mono;
	if (off_is_undone)
		foreign_take_undone_off(turn, index);
	if (event->relay.answer == ANSWER_COMMAND)
		take_answer(turn, index, event->relay.number);
	else if (relay->wished_on)
		read_while_wished_on(turn, index, was_opened);
	else
		read_while_wished_off(turn, index);
	relay->may_be_on = !relay_is_confirmed_open(relay);
}

static void fail_command(const struct turn *turn, size_t index, const struct event *event)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (relay->renewal_is_pending && event->failed.number == relay->command.number) {
		relay->renewal_is_pending = false;
		relay->renew_at = mono_add(turn->now.mono, BACKOFF_FIRST_MS);
	} else if (relay->has_command && event->failed.number == relay->wish_number) {
		if (event->failed.is_refused)
			find_mismatch(turn, index, event->failed.detail);
		else
			relay_set_phase(turn, index, RELAY_TIMEOUT);
	}
}

void relay_failed(const struct turn *turn, size_t index, const struct event *event)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (!event->failed.is_refused) {
		relay->timeouts++;
		relay->is_silent = true;
		alerts_relay(turn, index, ALERT_RELAY_TIMEOUT, relay->timeouts, 0,
			     event->failed.detail);
	}
	if (event->failed.is_command)
		fail_command(turn, index, event);
	else if (relay->phase == RELAY_ACKED)
		relay_set_phase(turn, index, RELAY_TIMEOUT);
}
