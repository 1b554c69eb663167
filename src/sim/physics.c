/*
 * The battery's energy and heat. What it is offered and asked for is the
 * world's affair (sim/world.h), who closes its relays is Amphora's.
 */
#include "sim/physics.h"

#include <math.h>

#define SECONDS_PER_HOUR 3600.0
#define SETTLES_S 60.0 /* what is left of the room is filled in that time, or drawn */

struct battery_traits battery_traits(double capacity_wh, double power_w)
{
	const double efficiency = 0.95;
	const double warming_k = 20;

	return (struct battery_traits){
	    .capacity_wh = capacity_wh,
	    .power_w = power_w,
	    .efficiency = efficiency,
	    .taper_soc_pct = 90,
	    .taper_end = 0.05,
	    .standby_w = 0.0005 * power_w,
	    .heat_capacity_j_per_k = 10 * capacity_wh,
	    .heat_loss_w_per_k = power_w * (1 - sqrt(efficiency)) / warming_k,
	};
}

double battery_soc_pct(const struct battery_traits *traits, const struct battery *battery)
{
	return 100 * battery->stored_wh / traits->capacity_wh;
}

double battery_charge_limit_w(const struct battery_traits *traits, const struct battery *battery)
{
	double over = battery_soc_pct(traits, battery) - traits->taper_soc_pct;
	double range = 100 - traits->taper_soc_pct;

	if (over <= 0)
		return traits->power_w;
	return traits->power_w * (1 - (1 - traits->taper_end) * over / range);
}

/* First order, solved exactly, so that no step is too long to be stable. */
static void battery_warm(const struct battery_traits *traits, struct battery *battery,
			 double heat_w, double ambient_c, double seconds)
{
	double settles_at_c = ambient_c + heat_w / traits->heat_loss_w_per_k;
	double time_constant_s = traits->heat_capacity_j_per_k / traits->heat_loss_w_per_k;

	battery->temp_c =
	    settles_at_c + (battery->temp_c - settles_at_c) * exp(-seconds / time_constant_s);
}

struct battery_flow battery_step(const struct battery_traits *traits, struct battery *battery,
				 const struct battery_drive *drive, double seconds)
{
	double hours = seconds / SECONDS_PER_HOUR;
	double settling_h = fmax(seconds, SETTLES_S) / SECONDS_PER_HOUR;
	double one_way = sqrt(traits->efficiency);
	double room_wh = traits->capacity_wh - battery->stored_wh;
	double charge_w = fmin(drive->offer_w, battery_charge_limit_w(traits, battery));
	double discharge_w = fmin(drive->demand_w, traits->power_w);
	double standby_w = fmin(traits->standby_w, battery->stored_wh / hours);
	double left_wh = battery->stored_wh - standby_w * hours;

	charge_w = fmax(0, fmin(charge_w, room_wh / one_way / settling_h));
	discharge_w = fmax(0, fmin(discharge_w, left_wh * one_way / settling_h));

	double gain_w = charge_w * one_way - discharge_w / one_way - standby_w;
	struct battery_flow flow = {
	    .power_w = charge_w - discharge_w,
	    .loss_w = charge_w - discharge_w - gain_w,
	};
	battery->stored_wh =
	    fmin(traits->capacity_wh, fmax(0, battery->stored_wh + gain_w * hours));
	battery_warm(traits, battery, flow.loss_w + drive->extra_heat_w, drive->ambient_c, seconds);
	return flow;
}
