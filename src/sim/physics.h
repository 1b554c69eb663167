/*
 * A battery as physics has it: what it stores, what it loses, how warm it gets.
 * Pure functions of their arguments, in floating point: the house is not part of
 * what safety rests on.
 */
#pragma once

#include <stdint.h>

struct battery_traits {
	double capacity_wh;   /* > 0 */
	double power_w;       /* the most at its terminals, either way; > 0 */
	double efficiency;    /* round trip, 0..1; half of the loss falls on each way */
	double taper_soc_pct; /* from here on charging falls linearly ... */
	double taper_end;     /* ... to this part of power_w at 100 % */
	double standby_w;     /* its own electronics, taken from what is stored */
	double heat_capacity_j_per_k;
	double heat_loss_w_per_k; /* to the air around it */
};

/*
 * The traits of a lithium battery of that size: 95 % round trip, taper from
 * 90 %, standby of 0.05 % of the power, 10 J/K per Wh (cells of about 100 Wh/kg
 * and 1 kJ/(kg K)) and a loss that lets it warm up by 20 K at full power.
 */
struct battery_traits battery_traits(double capacity_wh, double power_w);

struct battery {
	double stored_wh; /* 0..capacity_wh */
	double temp_c;
};

double battery_soc_pct(const struct battery_traits *traits, const struct battery *battery);

/* What flowed during one step, as means over it. */
struct battery_flow {
	double power_w; /* at the terminals, + = charging */
	double loss_w;  /* turned into heat, >= 0 */
};

/* What the world does to a battery for a while. */
struct battery_drive {
	double offer_w;      /* what could be charged; >= 0 */
	double demand_w;     /* what is asked of it; >= 0 */
	double extra_heat_w; /* from a fault inside */
	double ambient_c;
};

/* The most that it takes at its terminals at its present SoC, W. */
double battery_charge_limit_w(const struct battery_traits *traits, const struct battery *battery);

/*
 * Lets `seconds` (> 0, short against the time to fill) pass. Stored energy never
 * leaves 0..capacity_wh; what goes in is what is stored and what is lost.
 */
struct battery_flow battery_step(const struct battery_traits *traits, struct battery *battery,
				 const struct battery_drive *drive, double seconds);
