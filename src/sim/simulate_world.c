/*
 * The batteries' true state. Between two moments nothing switches, so state of
 * charge and temperature move almost on a straight line, and when a border was
 * crossed is known to the millisecond.
 */
#include <math.h>

#include "sim/simulate_home.h"
#include "sim/simulate_oracle.h"

#define HOT_GOAL_C 70.0
#define HOT_TIME_S 600.0
#define COLD_SNAP_C (-15.0)
#define SIM_STEP_MAX_MS (60 * MS_PER_SECOND)

static double soc_bp(const struct sim_battery *at)
{
	return 100 * battery_soc_pct(&at->traits, &at->battery) + at->gauge_bp;
}

/* The lowest true value that is shown as `limit` or more. */
static double shown_at_least(double limit, double resolution)
{
	return ceil(limit / resolution - 1e-9) * resolution - resolution / 2;
}

/* Everything below it is shown as `limit` or less. */
static double shown_at_most(double limit, double resolution)
{
	return floor(limit / resolution + 1e-9) * resolution + resolution / 2;
}

void sim_world_borders(struct sim_home *home, size_t battery)
{
	struct sim_battery *at = &home->batteries[battery];
	const struct settings *settings = &home->settings[battery];
	static const enum parameter_id cold[] = {PARAMETER_CHARGE_MIN_TEMP,
						 PARAMETER_DISCHARGE_MIN_TEMP};
	static const enum parameter_id hot[] = {PARAMETER_CHARGE_MAX_TEMP,
						PARAMETER_DISCHARGE_MAX_TEMP};

	at->border.ceiling_bp =
	    shown_at_least((double)setting(settings, PARAMETER_CEILING), at->resolution_bp);
	at->border.reserve_bp =
	    shown_at_most((double)setting(settings, PARAMETER_RESERVE), at->resolution_bp);
	for (int role = RELAY_SOURCE; role <= RELAY_LOAD; role++) {
		double least_mc = (double)setting(settings, cold[role]);
		double most_mc = (double)setting(settings, hot[role]);

		/* The coldest is rounded down, the hottest up, to the sensor's steps. */
		at->border.cold_c[role] =
		    (ceil(least_mc / at->resolution_mc) * at->resolution_mc - at->noise_mc) / 1000;
		at->border.hot_c[role] =
		    (floor(most_mc / at->resolution_mc) * at->resolution_mc + at->noise_mc) / 1000 -
		    at->spread_c;
	}
}

/* How far beyond the path's borders it is: > 0 is outside. In % and K, whichever is more. */
static double beyond(const struct sim_battery *at, enum relay_role role)
{
	double soc = role == RELAY_SOURCE ? soc_bp(at) - at->border.ceiling_bp
					  : at->border.reserve_bp - soc_bp(at);
	double cold = at->border.cold_c[role] - at->battery.temp_c;
	double hot = at->battery.temp_c - at->border.hot_c[role];

	return fmax(soc / 100, fmax(cold, hot));
}

bool sim_world_is_outside(const struct sim_battery *at, enum relay_role role)
{
	return beyond(at, role) > 0;
}

/* When between `from` and `to` the border was crossed. */
static int64_t crossed_at(int64_t from, int64_t to, double before, double after)
{
	if (before >= 0 || after <= before)
		return from;
	return from + (int64_t)((double)(to - from) * -before / (after - before));
}

static bool is_closed(const struct sim_home *home, size_t battery, enum relay_role role)
{
	for (size_t i = 0; i < home->house.relay_count; i++) {
		const struct sim_relay *relay = &home->relays[i];

		if (relay->battery == battery && relay->role == role && relay->contact.is_closed)
			return true;
	}
	return false;
}

static void step(struct sim_home *home, size_t battery, int64_t to)
{
	struct sim_battery *at = &home->batteries[battery];
	struct battery_drive drive = {
	    .offer_w = is_closed(home, battery, RELAY_SOURCE) ? at->offer_w : 0,
	    .demand_w = is_closed(home, battery, RELAY_LOAD) ? at->demand_w : 0,
	    .ambient_c = at->ambient_c,
	};
	double before[2] = {beyond(at, RELAY_SOURCE), beyond(at, RELAY_LOAD)};
	int64_t from = at->at;

	if (home->now < at->hot_until)
		drive.extra_heat_w += fmax(0, at->traits.heat_capacity_j_per_k *
						  (HOT_GOAL_C - at->battery.temp_c) / HOT_TIME_S);
	if (home->now < at->cold_until)
		drive.ambient_c = COLD_SNAP_C;
	at->flow =
	    battery_step(&at->traits, &at->battery, &drive, (double)(to - from) / MS_PER_SECOND);
	at->at = to;
	for (int role = RELAY_SOURCE; role <= RELAY_LOAD; role++) {
		double after = beyond(at, (enum relay_role)role);

		sim_oracle_envelope(home, battery, (enum relay_role)role, after > 0,
				    crossed_at(from, to, before[role], after));
	}
}

void sim_world_to_now(struct sim_home *home, size_t battery)
{
	struct sim_battery *at = &home->batteries[battery];

	while (at->at < home->now) {
		int64_t left_ms = home->now - at->at;

		step(home, battery,
		     left_ms < SIM_STEP_MAX_MS ? home->now : at->at + SIM_STEP_MAX_MS);
	}
}

/* Sun, load and air change by fits and starts. */
void sim_world_weather(struct sim_home *home)
{
	for (size_t i = 0; i < home->house.battery_count; i++) {
		struct sim_battery *at = &home->batteries[i];
		double most_w = at->traits.power_w;
		double hour = (double)(home->now % MS_PER_DAY) / MS_PER_HOUR;
		double sun = fmax(0, sin((hour - 6) / 12 * 3.14159265358979));

		sim_world_to_now(home, i);
		at->offer_w = most_w * fmin(1, 2 * sun * random_fraction(&home->weather) +
						   (sim_happens(&home->weather, 0.3) ? 1 : 0));
		at->demand_w = most_w * random_fraction(&home->weather);
		if (sim_happens(&home->weather, 0.2))
			at->demand_w = 0;
		at->ambient_c = at->ambient_mean_c + 6 * sin((hour - 9) / 12 * 3.14159265358979) +
				2 * random_normal(&home->weather);
	}
	sim_after(home, sim_between(&home->weather, 2 * MS_PER_MINUTE, 40 * MS_PER_MINUTE),
		  SIM_EV_WEATHER, 0);
}
