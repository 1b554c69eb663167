/*
 * Someone else's switching, as it shows in what a relay says. A renewal is only
 * sent upon the relay's word that it is on (relay_drive.c), so it can undo a
 * person's off only while it is on its way; the relay's counter tells of that.
 */
#include "core/foreign.h"

#include "core/alerts.h"
#include "core/relay.h"

#define OFF_AND_ON 2 /* changes of the contact */

void foreign_take_off(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	relay->is_foreign_off = true;
	relay->on_is_given_up = true;
	alerts_relay(turn, index, ALERT_RELAY_FOREIGN, 0, 0, "off");
	relay_set_phase(turn, index, RELAY_MISMATCH);
}

void foreign_take_on(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	relay_wish_anew(relay, turn->now);
	relay->is_open = false;
	relay->is_foreign_on = true;
	alerts_relay(turn, index, ALERT_RELAY_FOREIGN, 1, 0, "on");
	relay_set_phase(turn, index, RELAY_MISMATCH);
}

void foreign_trial(const struct turn *turn, size_t index, bool is_under_way)
{
	struct relay_state *relay = &turn->site->relays[index];
	bool is_over = relay->is_on_trial && !is_under_way;

	relay->is_on_trial = is_under_way;
	if (is_over && relay->is_heard && relay->status.is_on && !relay->wished_on)
		foreign_take_on(turn, index);
}

/* Whether `status` is the first that can know of the renewal sent last. */
static bool is_word_about_renewal(const struct relay_state *relay,
				  const struct relay_status *status)
{
	uint64_t number = relay->command.number;

	if (!relay->wished_on || number == relay->wish_number)
		return false;
	if (status->has_number && relay->status.has_number)
		return status->number >= number && relay->status.number < number;
	return relay->renewal_is_pending;
}

/* Had its lease run out instead, it would have opened by itself. */
static bool is_within_lease(const struct turn *turn, const struct relay_state *relay)
{
	return mono_since(relay->lease_ends, turn->now.mono) > relay_lease_slack_ms(turn);
}

/* The ON that was on its way when someone opened it has come after all: its number tells. */
static bool is_closed_by_late_on(const struct relay_state *relay, const struct relay_status *status)
{
	const struct relay_status *last = &relay->status;

	return relay->wished_on && relay->is_foreign_off && !last->is_on && status->is_on &&
	       last->has_number && status->has_number && status->number > last->number;
}

bool foreign_off_is_undone(const struct turn *turn, size_t index, const struct relay_status *status)
{
	const struct relay_state *relay = &turn->site->relays[index];
	const struct relay_status *last = &relay->status;

	if (!relay->is_heard || !status->is_on || last->boot != status->boot)
		return false;
	if (is_closed_by_late_on(relay, status))
		return true;
	return last->is_on && last->has_switches && status->has_switches &&
	       status->switches >= last->switches + OFF_AND_ON &&
	       is_word_about_renewal(relay, status) && is_within_lease(turn, relay);
}

bool foreign_has_opened(const struct turn *turn, size_t index, const struct relay_status *status)
{
	const struct relay_state *relay = &turn->site->relays[index];
	const struct relay_status *last = &relay->status;

	return relay->is_heard && last->is_on && !status->is_on && last->boot == status->boot &&
	       last->has_number && status->has_number && last->number == status->number;
}

void foreign_take_undone_off(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	relay->has_undone_off = true;
	relay->resend_at = turn->now.mono;
	relay->backoff_ms = 0;
	foreign_take_off(turn, index);
}
