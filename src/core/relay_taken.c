/*
 * What a relay's acknowledgement means: of one of our own nodes, which says with it
 * how it stands (relay.c), and of one of another make, which says no more than that
 * it took the command. Acknowledged is not confirmed.
 */
#include "core/relay.h"

#include "core/alerts.h"

void relay_tell_lease(const struct turn *turn, size_t index)
{
	if (!turn->house->relays[index].has_lease)
		alerts_relay(turn, index, ALERT_RELAY_NO_LEASE, 0, 0, NULL);
	else
		alerts_relay_clear(turn, index, ALERT_RELAY_NO_LEASE);
}

/*
 * It answers again: what was given up for want of an answer is tried again, and
 * OFF does not wait for a back-off that grew while nobody listened.
 */
void relay_hear_again(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	alerts_relay_clear(turn, index, ALERT_RELAY_TIMEOUT);
	if (!relay->is_silent)
		return;
	relay->is_silent = false;
	if (!relay->wished_on)
		relay->resend_at = turn->now.mono;
	if (relay->wished_on && relay->on_is_given_up && !relay->is_foreign_off)
		relay_wish_anew(relay, turn->now);
	turn_note(turn, NOTE_RELAY, index);
}

void relay_acknowledge(const struct turn *turn, size_t index, uint64_t number)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (relay->renewal_is_pending && number == relay->command.number)
		relay->renewal_is_pending = false;
	else if (relay->has_command && number == relay->wish_number && relay->phase == RELAY_SENT)
		relay_set_phase(turn, index, RELAY_ACKED);
}

/*
 * It can not be read, and took our word: dwell and budget go by what it was told, for
 * want of better. Nothing of it is confirmed, so OFF goes on being sent.
 */
static void take_blindly(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (!relay->is_blind)
		relay_tell_lease(turn, index);
	relay->is_blind = true;
	if (!relay->command.is_on) {
		relay_find_open(turn, index);
		return;
	}
	if (relay->is_open)
		relay_count_closing(turn, index);
	relay->is_open = false;
}

void relay_took(const struct turn *turn, size_t index, const struct event *event)
{
	bool is_of_last = event->relay.number == turn->site->relays[index].command.number;

	relay_hear_again(turn, index);
	if (event->relay.answer == ANSWER_BLIND && is_of_last)
		take_blindly(turn, index);
	relay_acknowledge(turn, index, event->relay.number);
}
