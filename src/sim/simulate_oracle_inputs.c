/*
 * What the core was given, kept by the design's rules: which readings count,
 * since when, and why a command to close may not rest on them.
 */
#include <math.h>
#include <string.h>

#include "sim/simulate_oracle.h"

#define STAMP_OLDEST_MS MS_PER_DAY
#define STAMP_AHEAD_MS (int64_t) MS_PER_MINUTE
#define GOOD_NEEDED 2
#define REORDER_MAX 4

enum { BY_SOC, BY_COLD, BY_HOT, LIMITS };

/*
 * Which limits of the path the shown values are beyond, or not back from by
 * their hysteresis.
 */
static void find_beyond(const struct sim_home *home, size_t battery, enum relay_role role,
			bool with_hysteresis, bool beyond[LIMITS])
{
	const struct settings *settings = &home->settings[battery];
	const struct sim_known *known = &home->batteries[battery].known;
	int64_t soc_bp = with_hysteresis ? setting(settings, PARAMETER_SOC_HYSTERESIS) : 0;
	int64_t temp_mc = with_hysteresis ? setting(settings, PARAMETER_TEMP_HYSTERESIS) : 0;
	bool charges = role == RELAY_SOURCE;

	if (charges)
		beyond[BY_SOC] = known->soc_bp + soc_bp >= setting(settings, PARAMETER_CEILING);
	else
		beyond[BY_SOC] = known->soc_bp <= setting(settings, PARAMETER_RESERVE) ||
				 known->soc_bp - soc_bp < setting(settings, PARAMETER_RESERVE);
	beyond[BY_COLD] =
	    known->temp_min_mc - temp_mc <
	    setting(settings, charges ? PARAMETER_CHARGE_MIN_TEMP : PARAMETER_DISCHARGE_MIN_TEMP);
	beyond[BY_HOT] =
	    known->temp_max_mc + temp_mc >
	    setting(settings, charges ? PARAMETER_CHARGE_MAX_TEMP : PARAMETER_DISCHARGE_MAX_TEMP);
}

static bool is_beyond(const struct sim_home *home, size_t battery, enum relay_role role)
{
	bool beyond[LIMITS];

	find_beyond(home, battery, role, false, beyond);
	return beyond[BY_SOC] || beyond[BY_COLD] || beyond[BY_HOT];
}

static void follow_latches(struct sim_home *home, size_t battery)
{
	struct sim_known *known = &home->batteries[battery].known;

	for (int role = RELAY_SOURCE; role <= RELAY_LOAD; role++) {
		bool trips[LIMITS], holds[LIMITS];

		find_beyond(home, battery, (enum relay_role)role, false, trips);
		find_beyond(home, battery, (enum relay_role)role, true, holds);
		for (int i = 0; i < LIMITS; i++)
			known->latched[role][i] = trips[i] || (known->latched[role][i] && holds[i]);
	}
}

void sim_oracle_limits(struct sim_home *home, size_t battery)
{
	struct sim_known *known = &home->batteries[battery].known;

	if (!known->has_good || known->is_bad)
		return;
	follow_latches(home, battery);
	for (size_t i = 0; i < home->house.relay_count; i++) {
		struct sim_watch *watch = &home->relays[i].watch;
		enum relay_role role = home->relays[i].role;

		if (home->relays[i].battery != battery)
			continue;
		if (watch->outside_since != SIM_NEVER && watch->outside_told == SIM_NEVER &&
		    is_beyond(home, battery, role))
			watch->outside_told = home->now;
	}
}

/* How old a message says it is, or 0 where its arrival counts. */
static int64_t stated_age_ms(const struct sim_home *home, const struct sim_battery *at,
			     const struct sim_reading *reading, bool *is_own)
{
	struct now now = sim_daemon_now(home);
	int64_t age_ms = now.wall.ms - reading->stamp_ms;

	*is_own = at->has_stamp && now.wall_is_trusted && age_ms <= STAMP_OLDEST_MS &&
		  age_ms >= -STAMP_AHEAD_MS;
	return *is_own && age_ms > 0 ? age_ms : 0;
}

enum order { OLDER, NEWER, RESTARTED };

/* A number up to 4 below was overtaken; one that fell further begins anew where the next goes on.
 */
static enum order by_sequence(const struct sim_known *known, int64_t sequence)
{
	if (sequence > known->held_sequence)
		return NEWER;
	if (known->has_restarted && sequence > known->restarted_sequence &&
	    sequence <= known->restarted_sequence + REORDER_MAX)
		return NEWER;
	return sequence < known->held_sequence - REORDER_MAX ? RESTARTED : OLDER;
}

static enum order order_of(const struct sim_home *home, size_t battery,
			   const struct sim_reading *reading, bool is_own)
{
	const struct sim_battery *at = &home->batteries[battery];
	const struct sim_known *known = &at->known;
	bool is_stale =
	    home->now - known->measured > setting(&home->settings[battery], PARAMETER_STALE_AFTER);
	bool follows = at->has_sequence && reading->sequence > known->held_sequence;

	if (!known->has_held)
		return NEWER;
	if (is_own && known->held_has_own_time) {
		if (reading->stamp_ms != known->held_stamp_ms)
			return reading->stamp_ms < known->held_stamp_ms ? OLDER : NEWER;
		return follows ? NEWER : OLDER;
	}
	if (!at->has_sequence || is_stale)
		return NEWER;
	return by_sequence(known, reading->sequence);
}

static void hold(struct sim_home *home, struct sim_battery *at, const struct sim_reading *reading,
		 bool is_own)
{
	struct sim_known *known = &at->known;

	known->has_held = true;
	known->held_at = home->now;
	known->held_id = reading->id;
	known->held_sequence = reading->sequence;
	known->held_stamp_ms = reading->stamp_ms;
	known->held_has_own_time = is_own;
	known->has_restarted = false;
}

static void spoil(struct sim_home *home, struct sim_battery *at)
{
	struct sim_known *known = &at->known;

	at->trouble_at = home->now;
	sim_trace(home, "%s: a message that could not be meant",
		  home->house.batteries[at - home->batteries].id.text);
	if (!known->is_bad)
		known->bad_since = home->now;
	known->is_bad = true;
	known->good_run = 0;
	known->truthful_run = 0;
}

/* More than the battery can have done since the last reading. */
static bool is_leap(const struct sim_home *home, size_t battery, int32_t soc_bp)
{
	const struct battery_config *config = &home->house.batteries[battery];
	const struct sim_known *known = &home->batteries[battery].known;
	double hours = (double)(home->now - known->good_at) / MS_PER_HOUR;
	double most_bp = 100 + SOC_BP_MAX * hours * config->power_w / config->capacity_wh;

	return fabs((double)soc_bp - known->soc_bp) > most_bp;
}

static void follow_frozen(struct sim_known *known, const struct sim_reading *reading)
{
	known->since_frozen++;
	if (!reading->is_frozen)
		return;
	known->since_frozen = 0;
	known->frozen_soc_bp = reading->soc_bp;
	known->frozen_min_mc = reading->temp_min_mc;
	known->frozen_max_mc = reading->temp_max_mc;
}

static void take_good(struct sim_home *home, size_t battery, const struct sim_reading *reading,
		      int64_t measured)
{
	struct sim_battery *at = &home->batteries[battery];
	struct sim_known *known = &at->known;
	int64_t stale_ms = setting(&home->settings[battery], PARAMETER_STALE_AFTER);

	if (known->has_good && home->now - known->measured > stale_ms)
		known->good_run = 0;
	if (is_leap(home, battery, reading->soc_bp))
		known->leapt_at = home->now;
	known->good_run++;
	known->truthful_run++;
	follow_frozen(known, reading);
	known->is_bad = false;
	known->measured = measured;
	known->good_at = home->now;
	if (!reading->is_frozen)
		known->measured_true = measured;
	if (!known->has_good || reading->soc_bp != known->soc_bp ||
	    reading->temp_min_mc != known->temp_min_mc ||
	    reading->temp_max_mc != known->temp_max_mc)
		sim_oracle_moved(home, battery);
	known->has_good = true;
	known->soc_bp = reading->soc_bp;
	known->temp_min_mc = reading->temp_min_mc;
	known->temp_max_mc = reading->temp_max_mc;
}

void sim_oracle_reading(struct sim_home *home, size_t battery, const struct sim_reading *reading,
			bool is_old)
{
	struct sim_battery *at = &home->batteries[battery];
	bool is_own, is_burst;
	int64_t age_ms = stated_age_ms(home, at, reading, &is_own);
	enum order order = order_of(home, battery, reading, is_own);

	memcpy(at->known.latched_before, at->known.latched, sizeof(at->known.latched));
	if (reading->is_refused) {
		if (!is_old)
			spoil(home, at);
		return;
	}
	/* Its clock went back: what it says is older than what is known, as if it were silent. */
	if (order == OLDER && at->known.has_held && reading->id > at->known.held_id)
		at->trouble_at = home->now;
	if ((is_old && !is_own) || order == OLDER)
		return;
	is_burst =
	    at->known.has_held && !is_own && home->now - at->known.held_at < at->interval_ms / 2;
	if (reading->is_absurd) {
		/* The same one again, at once, tells nothing: not even when a message came last. */
		if (!is_burst || reading->id != at->known.held_id)
			hold(home, at, reading, is_own);
		spoil(home, at);
		return;
	}
	if (order == RESTARTED) {
		at->known.has_restarted = true;
		at->known.restarted_sequence = reading->sequence;
		at->known.held_at = home->now;
	}
	if (is_burst || order == RESTARTED)
		return;
	hold(home, at, reading, is_own);
	take_good(home, battery, reading, home->now - age_ms);
	sim_oracle_limits(home, battery);
}

void sim_oracle_status(struct sim_relay *relay, const struct relay_status *status, int64_t made_at)
{
	struct sim_watch *watch = &relay->watch;
	bool is_unaware =
	    !status->is_on && (status->number < watch->last_on_number || status->lease_left_ms > 0);

	if (watch->has_said && made_at < watch->said_at)
		return;
	if (relay->home->is_traced)
		sim_trace(relay->home, "%s: says %s, n %llx, lease left %lld, %lld mW",
			  relay->home->house.relays[relay->index].id.text,
			  status->is_on ? "on" : "off", (unsigned long long)status->number,
			  (long long)status->lease_left_ms,
			  status->has_power ? (long long)status->power_mw : -1);
	/* An off that has not seen our last ON, or may yet close by it, says nothing of now. */
	if (!watch->has_said || watch->said_on != status->is_on || is_unaware ||
	    watch->said_unaware)
		watch->said_since = relay->home->now;
	watch->said_unaware = is_unaware;
	watch->has_said = true;
	watch->said_on = status->is_on;
	watch->said_at = made_at;
	if (status->is_on && watch->told_on == SIM_NEVER && made_at >= relay->contact.closed_at)
		watch->told_on = relay->home->now;
	sim_oracle_leak(relay, status);
}

/* The budget is the local day's: of the day that the daemon takes it for, and never twice. */
void sim_oracle_day(struct sim_home *home)
{
	struct sim_daemon *daemon = &home->daemon;
	struct now now = sim_daemon_now(home);
	int64_t day = (now.wall.ms + now.utc_offset_s * (int64_t)MS_PER_SECOND) / MS_PER_DAY;
	bool is_new = now.wall_is_trusted ? daemon->day != 0 && day > daemon->day
					  : home->now - daemon->day_since >= MS_PER_DAY;

	if (is_new) {
		daemon->day_since = home->now;
		for (size_t i = 0; i < home->house.relay_count; i++)
			home->relays[i].watch.closings_today = 0;
	}
	if (now.wall_is_trusted)
		daemon->day = day;
	else if (is_new)
		daemon->day++;
}

const char *sim_oracle_unexplained(const struct sim_home *home, const struct sim_relay *relay)
{
	const struct sim_known *known = &home->batteries[relay->battery].known;
	const struct settings *settings = &home->settings[relay->battery];

	if (!battery_is_commanded(&home->house.batteries[relay->battery]))
		return "its battery is only watched";
	if (!known->has_good)
		return "no reading counts yet";
	if (home->now - known->measured > setting(settings, PARAMETER_STALE_AFTER))
		return "the last reading that counts is too old";
	if (known->is_bad)
		return "the last message could not be meant";
	if (known->good_run < GOOD_NEEDED)
		return "it is the first good reading";
	if (is_beyond(home, relay->battery, relay->role))
		return "the last reading forbids it";
	if (known->latched[relay->role][BY_SOC] || known->latched[relay->role][BY_COLD] ||
	    known->latched[relay->role][BY_HOT])
		return "a limit that tripped was not left by its hysteresis";
	return NULL;
}

void sim_oracle_acknowledged(struct sim_home *home, const struct alert *alert)
{
	int battery = house_find_battery(&home->house, alert->subject.text);

	if (battery < 0)
		return;
	sim_trace(home, "somebody acknowledges %s of %s", alert_name(alert->code), alert->subject.text);
	if (alert->code == ALERT_LOCKED_OUT)
		home->batteries[battery].known.is_locked_out = false;
	else
		home->batteries[battery].known.truthful_run = 0;
	sim_oracle_anew(home, (size_t)battery);
}
