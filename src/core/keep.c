/*
 * Overrides, lockouts, trips and switch counts over a restart. Dwell begins
 * anew, latches follow from the first readings, and what was wished is decided
 * anew.
 */
#include "core/keep.h"

#include "core/alerts.h"
#include "core/contact.h"
#include "core/day.h"
#include "core/limits.h"
#include "core/override.h"
#include "core/step.h"

struct kept_battery core_keep_battery(const struct site *site, size_t index)
{
	const struct battery_state *battery = &site->batteries[index];

	return (struct kept_battery){
	    .trips_today = battery->trips_today,
	    .is_locked_out = battery->is_locked_out,
	    .day = site->local_day,
	};
}

struct kept_relay core_keep_relay(const struct site *site, size_t index)
{
	const struct relay_state *relay = &site->relays[index];

	return (struct kept_relay){
	    .switches_today = relay->switches_today,
	    .day = relay->switches_undated > 0 ? DAY_UNKNOWN : relay->day,
	    .has_switches = relay->has_kept_switches,
	    .switches = relay->kept_switches,
	    .is_ours = relay->is_ours_to_open,
	    .override = {.is_active = relay->override.is_active || relay->override.waits_for_clock,
			 .id = relay->override.id,
			 .is_on = relay->override.is_on,
			 .ends_wall = relay->override.ends_wall},
	};
}

/* The newest day of those that were kept names today, until the clock is trusted. */
static void take_day(const struct turn *turn, int64_t day)
{
	if (!turn->now.wall_is_trusted && day > turn->site->local_day)
		turn->site->local_day = day;
}

/* Its alert has been restored before, unless it was lost. */
static void restore_lockout(const struct turn *turn, size_t index, bool is_locked_out)
{
	if (!is_locked_out) {
		alerts_battery_clear(turn, index, ALERT_LOCKED_OUT);
		contact_believe(turn, index);
		return;
	}
	if (!alerts_battery_has(turn, index, ALERT_LOCKED_OUT))
		limits_lock_out(turn, index, "since before the restart");
	turn->site->batteries[index].is_locked_out = true;
	contact_restore(turn, index);
}

void keep_restore_battery(const struct turn *turn, size_t index, const struct kept_battery *kept)
{
	struct battery_state *battery = &turn->site->batteries[index];

	take_day(turn, kept->day);
	battery->trips_today = day_is_today(turn, kept->day) ? kept->trips_today : 0;
	restore_lockout(turn, index, kept->is_locked_out);
}

void keep_restore_relay(const struct turn *turn, size_t index, const struct kept_relay *kept)
{
	struct relay_state *relay = &turn->site->relays[index];
	bool is_today = day_is_today(turn, kept->day);

	take_day(turn, kept->day);
	relay->switches_today = is_today ? kept->switches_today : 0;
	relay->switches_undated =
	    kept->day == DAY_UNKNOWN && !turn->now.wall_is_trusted ? relay->switches_today : 0;
	relay->day = is_today ? kept->day : turn->site->local_day;
	relay->has_kept_switches = is_today && kept->has_switches;
	relay->kept_switches = kept->switches;
	relay->is_ours_to_open = kept->is_ours;
	override_restore(turn, index, &kept->override);
}
