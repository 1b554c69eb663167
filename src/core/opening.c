/*
 * How a relay is left when we stop. A lease bounds what cannot be confirmed: it
 * ended with the validity of the reading that it was given on, and at most as
 * much later as a repeated ON may arrive (docs/design.md, section 4).
 */
#include "core/step.h"

#define REPEATED_ON_REAL_MS 4000

/* Whether opening it is none of our business: it is only watched, and not ours to undo. */
static bool is_only_watched(const struct site *site, const struct house *house, size_t relay)
{
	size_t battery = house->relays[relay].battery;

	return !battery_is_commanded(&house->batteries[battery]) ||
	       (setting(&site->settings[battery], PARAMETER_LOGIC) == LOGIC_MONITOR &&
		!site->relays[relay].is_ours_to_open);
}

static int64_t lease_left_ms(const struct site *site, const struct house *house, struct now now,
			     size_t relay)
{
	size_t battery = house->relays[relay].battery;
	const struct relay_state *state = &site->relays[relay];
	int64_t factor = now.clock_factor != 0 ? now.clock_factor : 1;
	int64_t ours_ms = setting(&site->settings[battery], PARAMETER_STALE_AFTER) +
			  REPEATED_ON_REAL_MS * factor -
			  mono_since(now.mono, site->batteries[battery].measured_at);
	int64_t said_ms = state->status.lease_left_ms - mono_since(now.mono, state->heard_at);

	/* Someone else may have given it a longer one. */
	return state->status.is_on && said_ms > ours_ms ? said_ms : ours_ms;
}

struct opening core_opening(const struct site *site, const struct house *house, struct now now,
			    size_t relay)
{
	const struct relay_state *state = &site->relays[relay];
	struct opening opening = {.was_heard = state->is_heard};

	if (!state->may_be_on || is_only_watched(site, house, relay))
		return opening;
	opening.by = OPENER_PERSON;
	if (state->is_welded || !house->relays[relay].has_lease)
		return opening;
	opening.within_ms = lease_left_ms(site, house, now, relay);
	opening.by = opening.within_ms > 0 ? OPENER_LEASE : OPENER_NONE;
	return opening;
}
