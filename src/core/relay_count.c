/*
 * Counts how often a relay has closed, for the day's budget: by what it says and
 * by its own counter, which also knows of what nobody told us.
 */
#include "core/relay.h"

#define MISSED_SWITCHES_MAX 1000u

/* Its number fell, or it has none: what it has obeyed before the boot it does not know. */
static bool has_forgotten(const struct relay_state *relay, const struct relay_status *status)
{
	return !status->has_number || status->number == 0 || status->number < relay->status.number;
}

/*
 * An ON whose answer was lost has closed it before it rebooted: it was not known
 * to have closed, and has obeyed an ON of this wish that it had not obeyed then.
 * One that has forgotten what it obeyed may have closed by any ON that it was
 * sent: that counts too, since the budget is there for the contact's sake.
 */
static bool closed_before_boot(const struct relay_state *relay, const struct relay_status *status)
{
	if (relay->status.is_on || status->is_on)
		return false;
	if (has_forgotten(relay, status))
		return relay->is_ours_to_open;
	return relay->wished_on && relay->on_attempts > 0 &&
	       status->number >= relay->first_on_number && status->number > relay->status.number;
}

/*
 * The closings since the last look by the node's own counter. It counts changes,
 * which alternate and end in what it says now; those after a boot begin with a
 * closing. One that fell over a boot has begun anew there, or had not kept its
 * last: what it then shows is taken for one closing, not for many.
 */
static int32_t closings_counted(const struct relay_state *relay, const struct relay_status *status,
				bool is_other_boot)
{
	uint32_t changes = status->switches - relay->kept_switches;

	if (!relay->has_kept_switches || !status->has_switches)
		return 0;
	if (status->switches < relay->kept_switches)
		return is_other_boot && status->switches + status->is_on >= 2;
	return (int32_t)((changes < MISSED_SWITCHES_MAX ? changes : MISSED_SWITCHES_MAX) +
			 (status->is_on || is_other_boot)) /
	       2;
}

/*
 * The closings since the last look. The node's own counter also tells of those
 * that nobody told us of, before our start or on a bad line. A boot opens the
 * contact, and what its counter had not kept by then only the number tells.
 */
static int32_t closings_of(const struct relay_state *relay, const struct relay_status *status)
{
	bool is_other_boot = relay->is_heard && relay->status.boot != status->boot;
	bool was_on = relay->is_heard && relay->status.is_on && !is_other_boot;
	int32_t counted = closings_counted(relay, status, is_other_boot);
	int32_t told = is_other_boot && closed_before_boot(relay, status)
			   ? 1
			   : relay->is_heard && status->is_on && !was_on;

	if (relay->has_kept_switches && status->has_switches && !is_other_boot &&
	    status->switches >= relay->kept_switches)
		return counted;
	return counted > told ? counted : told;
}

/* Whether the node's counter has moved since the last look. */
static bool has_moved(const struct relay_state *relay, const struct relay_status *status)
{
	bool is_other_boot = relay->is_heard && relay->status.boot != status->boot;

	return relay->has_kept_switches && status->has_switches && !is_other_boot &&
	       status->switches > relay->kept_switches;
}

static void add(const struct turn *turn, size_t index, int32_t closings, bool is_on)
{
	struct relay_state *relay = &turn->site->relays[index];

	relay->closing_is_counted = is_on;
	relay->switches_today += closings;
	if (!turn->now.wall_is_trusted)
		relay->switches_undated += closings;
	turn_note(turn, NOTE_KEEP_RELAY, index);
}

/* It closed and has opened again, and only its counter tells: when, we do not know. */
static void miss_closing(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	relay->is_open = false;
	relay->opened_at = turn->now.mono;
	if (relay->wished_on && relay->command.is_on)
		relay->lease_ends = mono_add(
		    relay->sent_at, relay_longest_lease_ms(relay, relay->command.lease_ms));
}

/*
 * Counts them against the budget, but for someone else's that was just heard of.
 * One that is over already shows only in the counter: then dwell begins now. So
 * it does where the counter tells of an opening alone: a contact that stuck has
 * closed after all, and opened with its lease.
 */
void relay_count_closings(const struct turn *turn, size_t index, const struct relay_status *status)
{
	struct relay_state *relay = &turn->site->relays[index];
	int32_t closings = closings_of(relay, status);
	bool is_seen = relay->is_heard && status->is_on && !relay->status.is_on;

	if (!status->is_on && has_moved(relay, status))
		relay->opened_at = turn->now.mono;
	if (is_seen && !relay->is_ours_to_open && closings > 0)
		closings--;
	if (!relay->is_heard || relay->status.boot != status->boot || !relay->has_kept_switches ||
	    status->switches > relay->kept_switches)
		relay->kept_switches = status->switches;
	relay->has_kept_switches = status->has_switches;
	if (closings == 0)
		return;
	add(turn, index, closings, status->is_on);
	if (!status->is_on)
		miss_closing(turn, index);
}

void relay_count_closing(const struct turn *turn, size_t index)
{
	add(turn, index, 1, true);
}

void relay_refund(const struct turn *turn, size_t index)
{
	struct relay_state *relay = &turn->site->relays[index];

	if (!relay->closing_is_counted || relay->switches_today == 0)
		return;
	relay->closing_is_counted = false;
	relay->switches_today--;
	if (relay->switches_undated > relay->switches_today)
		relay->switches_undated = relay->switches_today;
	turn_note(turn, NOTE_KEEP_RELAY, index);
}
