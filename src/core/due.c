/*
 * When time alone will change something: for a timer in place of polling. Too
 * early costs a tick, too late would cost safety, so whatever may be due is
 * counted.
 */
#include "core/relay.h"
#include "core/step.h"

/* The nearest moment so far. */
struct due {
	struct now now;
	struct mono_time ticked_at; /* what was due by then is done */
	int64_t ms;
};

static void at_latest(struct due *due, struct mono_time at)
{
	int64_t ms = mono_since(at, due->now.mono);

	if (mono_since(at, due->ticked_at) > 0 && ms < due->ms)
		due->ms = ms;
}

static void battery_due(struct due *due, const struct battery_state *battery,
			const struct settings *settings)
{
	at_latest(due,
		  mono_add(battery->measured_at, setting(settings, PARAMETER_STALE_AFTER) + 1));
	if (battery->plan.number != 0)
		at_latest(due, battery->plan.until);
}

static void relay_due(struct due *due, const struct relay_state *relay,
		      const struct settings *settings)
{
	int64_t longest_ms;

	at_latest(due, relay->resend_at);
	if (relay->override.is_active)
		at_latest(due, relay->override.ends);
	at_latest(due, mono_add(relay->opened_at, setting(settings, PARAMETER_DWELL)));
	if (!relay->wished_on)
		return;
	longest_ms = relay_longest_lease_ms(relay, setting(settings, PARAMETER_STALE_AFTER));
	at_latest(due, relay->renew_at);
	at_latest(due, relay->ask_at);
	at_latest(due, mono_add(relay->lease_ends, 1 - longest_ms / 2));
	at_latest(due, mono_add(relay->lease_ends, 1));
}

int64_t core_next_due_ms(const struct site *site, const struct house *house, struct now now,
			 struct mono_time ticked_at, int64_t most_ms)
{
	struct due due = {.now = now, .ticked_at = ticked_at};

	due.ms = mono_since(mono_add(ticked_at, most_ms), now.mono);
	for (size_t i = 0; i < house->battery_count; i++)
		battery_due(&due, &site->batteries[i], &site->settings[i]);
	for (size_t i = 0; i < house->relay_count; i++)
		if (house->relays[i].battery < house->battery_count)
			relay_due(&due, &site->relays[i],
				  &site->settings[house->relays[i].battery]);
	return due.ms > 1 ? due.ms : 1;
}
