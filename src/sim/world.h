/*
 * The true state of the house: batteries, the position of their relays, sun and
 * load, moved on second by second. Pure: the same settings, relays and faults
 * give the same course, bit for bit on the same machine.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/house.h"
#include "sim/faults.h"
#include "sim/physics.h"
#include "sim/random.h"
#include "sim/surroundings.h"

#define WORLD_STEP_MS 1000

struct world_settings {
	uint64_t seed;
	size_t battery_count; /* 1..BATTERIES_MAX */
	double capacity_wh, power_w, soc_pct;
	int32_t start_s; /* second of the local day at which it begins */
};

struct world_battery {
	struct battery_traits traits;
	struct battery battery;
	struct battery_flow flow; /* of the last step */
	bool is_closed[2];        /* by relay_role: how the contact truly stands */
	struct random noise;
};

struct world {
	struct world_settings settings;
	int64_t elapsed_ms; /* a multiple of WORLD_STEP_MS */
	struct surroundings surroundings;
	struct world_battery batteries[BATTERIES_MAX];
	double grid_w; /* + = import */
};

void world_init(struct world *world, const struct world_settings *settings);

/*
 * One step of WORLD_STEP_MS. A closed source relay charges with what the sun
 * gives, a closed load relay feeds the load; the batteries share both in order.
 */
void world_step(struct world *world, const struct faults *faults);

/* What a sensor sees. */
struct world_sensed {
	double soc_pct; /* to 0.01 % */
	double temp_c;  /* with noise of up to WORLD_NOISE_C, to 0.01 °C */
	double power_w; /* + = charging, to 1 W */
};

#define WORLD_NOISE_C 0.05
/* How far what a sensor sees may be from the truth, rounding included. */
#define WORLD_SENSED_SOC_PCT 0.005
#define WORLD_SENSED_TEMP_C 0.055

/* What the sensor of `battery` sees; draws from its noise. */
struct world_sensed world_sense(struct world *world, size_t battery);

/* The local second of the day in the house, 0..86399. */
int32_t world_second_of_day(const struct world *world);
