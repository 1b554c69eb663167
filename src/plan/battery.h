/*
 * The battery as the planner models it, and what a slot may do to it.
 *
 * Energy is measured in the cells, above the floor: 0 is the reserve and
 * `room_kwh` the ceiling. It may lie outside of both, where somebody else
 * emptied or filled the battery: then it only ever moves back (mode.h).
 */
#pragma once

#include "plan/slot.h"

#define PLAN_CELLS 15 /* of the grid on which values of energy are kept */
#define PLAN_POINTS (PLAN_CELLS + 1)

/* The value of having so much energy, at equal steps from the floor to the ceiling. */
struct plan_row {
	_Alignas(16) float at[PLAN_POINTS]; /* as malloc() aligns */
};

/* How the battery is joined to the house. */
enum plan_paths {
	PATHS_CONTINUOUS,  /* an inverter: any power, in and out */
	PATHS_INDEPENDENT, /* relays: in at full power or not, out as the house needs; both at once
			    */
	PATHS_EXCLUSIVE,   /* the same, but never both: what charges does not follow the surplus */
};

/* A battery and its surroundings. All finite but the two grid limits, INFINITY where there is none.
 */
struct plan_battery {
	float capacity_kwh;            /* > 0 */
	float floor_kwh, ceiling_kwh;  /* 0 <= floor < ceiling <= capacity */
	float charge_kw, discharge_kw; /* >= 0, on the house's side */
	float efficiency;              /* one way, 0 < e <= 1 */
	float wear;                    /* per kWh that is given back, >= 0 */
	float cycles_per_day;          /* that it gives at most, of its capacity; 0: no cap */
	float import_max_kw;           /* the house never charges beyond it */
	float export_max_kw;           /* what is above it earns nothing */
	float taper_kwh;               /* from this energy in the cells on, charging slows down */
	float taper_kw;                /* to this at the capacity; taper_kwh >= capacity: none */
	enum plan_paths paths;
	bool always_serves; /* the house hangs on the battery: only charging can be chosen */
};

/* How much of its power the battery has in a slot, 0..1: what a source brings, cold and heat. */
struct plan_share {
	float charge, discharge;
};

#define PLAN_UNLIMITED 1e9f /* kWh, or money: far beyond any, and a number (meson.build) */

/* What can happen to a battery within one slot, in kWh of the cells where not said otherwise. */
struct plan_reach {
	float efficiency, wear;
	float room_kwh, step_kwh;      /* of the grid */
	float charge_kwh[PLAN_POINTS]; /* taken in at most, from each point on */
	float discharge_kwh;           /* given at most */
	float import_kwh, export_kwh;  /* of the grid, at most; PLAN_UNLIMITED: no limit */
	bool sells;                    /* the battery may feed the grid: not by relays */
	float exclusive_kwh; /* what a slot of charging takes, at the meter, surplus or not; 0: it
				follows */
	bool closes_both;    /* relays of both paths at once: what charges feeds the house too */
	bool always_serves;  /* what the house needs is taken from it, whatever is wished */
};

/* What happened in a slot. */
struct plan_flow {
	float move_kwh; /* of the cells: positive while charging */
	float grid_kwh; /* positive while importing */
	float bill;     /* what the grid costs; negative where it pays */
	float wear;     /* what the wear is put at */
};

/* Returns NULL, or what is wrong with the battery in a few words. */
const char *plan_battery_fault(const struct plan_battery *battery);

/*
 * What `battery` can do in a slot of `hours`. Where it is too cold or too hot, `charge_share` and
 * `discharge_share` (0..1) say how much of its power is left.
 */
struct plan_reach plan_reach_of(const struct plan_battery *battery, float hours, float charge_share,
				float discharge_share);

/* The most that goes in from `energy_kwh` on: between the points as on a line. */
float plan_charge_limit(const struct plan_reach *reach, float energy_kwh);

/*
 * What a wish of `move_kwh` comes to: held within power, energy and the grid's limits, and turned
 * round where the import limit demands it; then what that costs with `net_kwh` (load less PV).
 * Adds the move to `energy_kwh`.
 */
struct plan_flow plan_settle(const struct plan_reach *reach, float *energy_kwh, float move_kwh,
			     float net_kwh, struct plan_price price);
