/*
 * The state machine of a relay: what we wish of it, what it was sent, what it
 * says. relay.c takes in what it says, relay_drive.c sends.
 *
 * requested -> sent -> acked -> confirmed, or mismatch or timeout. ON is sent
 * at most ON_ATTEMPTS_MAX times for a wish; OFF with back-off and without end
 * until the relay is confirmed open.
 */
#pragma once

#include "core/turn.h"

#define ON_ATTEMPTS_MAX 3
#define BACKOFF_FIRST_MS (int64_t) MS_PER_SECOND
#define BACKOFF_MAX_MS (60 * (int64_t)MS_PER_SECOND)

/* The highest epoch that leaves room for one after it in COMMAND_NUMBER_MAX. */
#define EPOCH_MAX 0x7ffffffeu

/* What is wished of a relay. */
enum relay_wish {
	RELAY_LEAVE, /* send nothing: monitor, or someone else's switching that is safe */
	RELAY_OPEN,
	RELAY_CLOSE,
};

/* The relay as we start: unread, so it may be on; dwell begins. */
void relay_begin(struct relay_state *relay, struct now now);

/* The relay `index` answered a command or was read. */
void relay_heard(const struct turn *turn, size_t index, const struct event *event);

/* It took a command, and how it stands is not said with it: ANSWER_TAKEN, ANSWER_BLIND. */
void relay_took(const struct turn *turn, size_t index, const struct event *event);

/* The command `number` was taken. */
void relay_acknowledge(const struct turn *turn, size_t index, uint64_t number);

/* It answers, after whatever silence. */
void relay_hear_again(const struct turn *turn, size_t index);

/* Raises or clears the alert that it has no lease. */
void relay_tell_lease(const struct turn *turn, size_t index);

/* A command or read of the relay `index` got no answer, or an error. */
void relay_failed(const struct turn *turn, size_t index, const struct event *event);

/*
 * Sends what `wish` asks for now, if anything. `lease_ms` is the gate's, for
 * RELAY_CLOSE; `stale_after_ms` says when a renewal is due.
 */
void relay_drive(const struct turn *turn, size_t index, enum relay_wish wish, int64_t lease_ms,
		 int64_t stale_after_ms);

/*
 * The longest lease that it can be given where readings are valid for
 * `stale_after_ms`: its own longest may be shorter.
 */
int64_t relay_longest_lease_ms(const struct relay_state *relay, int64_t stale_after_ms);

/* Counts the closings that `status` tells of; to be asked before the status is kept. */
void relay_count_closings(const struct turn *turn, size_t index, const struct relay_status *status);

/* Counts one closing of a relay that can not be read, which has taken an ON. */
void relay_count_closing(const struct turn *turn, size_t index);

/* A sensor's fault opens it: the closing of ours that this undoes costs no budget. */
void relay_refund(const struct turn *turn, size_t index);

/* Whether it is known to be open, and nothing that we sent can still close it. */
bool relay_is_confirmed_open(const struct relay_state *relay);

/* How much earlier than known a lease may run out at the node. */
int64_t relay_lease_slack_ms(const struct turn *turn);

/* Whether the lease of what was sent last has run out, as far as we know. */
bool relay_lease_is_over(const struct relay_state *relay, struct now now);

/* For how long it is known to be open, in ms; 0 while that is not confirmed. */
int64_t relay_open_for_ms(const struct relay_state *relay, struct now now);

/* It is known to be open now; dwell begins unless it was so before. */
void relay_find_open(const struct turn *turn, size_t index);

/* Sets the phase and notes the change. */
void relay_set_phase(const struct turn *turn, size_t index, enum relay_phase phase);

/* Whether it is ours to open: an ON of ours may hold it. Kept over a restart. */
void relay_set_ours(const struct turn *turn, size_t index, bool is_ours);

/* Begins the wish anew: nothing sent, nothing given up. */
void relay_wish_anew(struct relay_state *relay, struct now now);
