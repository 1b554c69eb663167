/*
 * Puts the batteries into their surroundings. Between this and Amphora stand
 * real sensors and relays (sim/house.c): only they read and switch it.
 */
#include "sim/world.h"

#include <math.h>

#define HOT_GOAL_C 70.0
#define HOT_TIME_S 600.0

void world_init(struct world *world, const struct world_settings *settings)
{
	*world = (struct world){.settings = *settings};
	surroundings_init(&world->surroundings, settings->seed);
	for (size_t i = 0; i < settings->battery_count; i++) {
		struct world_battery *at = &world->batteries[i];

		at->traits = battery_traits(settings->capacity_wh, settings->power_w);
		at->battery.stored_wh = settings->capacity_wh * settings->soc_pct / 100;
		at->battery.temp_c = world->surroundings.ambient_c + 2;
		at->noise = random_seeded(settings->seed + 1 + i);
	}
}

int32_t world_second_of_day(const struct world *world)
{
	int64_t second = world->settings.start_s + world->elapsed_ms / MS_PER_SECOND;

	return (int32_t)(second % SECONDS_PER_DAY);
}

/* A short inside that heats as an exponential does towards HOT_GOAL_C, never cooling. */
static double fault_heat_w(const struct world_battery *at)
{
	return fmax(0, at->traits.heat_capacity_j_per_k * (HOT_GOAL_C - at->battery.temp_c) /
			   HOT_TIME_S);
}

static void world_step_battery(struct world *world, const struct faults *faults, size_t index,
			       double *sun_left_w, double *load_left_w)
{
	struct world_battery *at = &world->batteries[index];
	struct battery_drive drive = {
	    .offer_w = at->is_closed[RELAY_SOURCE] ? *sun_left_w : 0,
	    .demand_w = at->is_closed[RELAY_LOAD] ? *load_left_w : 0,
	    .ambient_c = world->surroundings.ambient_c,
	};

	if (fault_is_active(faults, FAULT_BATTERY_HOT, index))
		drive.extra_heat_w = fault_heat_w(at);
	at->flow =
	    battery_step(&at->traits, &at->battery, &drive, (double)WORLD_STEP_MS / MS_PER_SECOND);
	*sun_left_w -= fmax(0, at->flow.power_w);
	*load_left_w += fmin(0, at->flow.power_w);
	world->grid_w += at->flow.power_w;
}

void world_step(struct world *world, const struct faults *faults)
{
	struct surroundings *surroundings = &world->surroundings;

	surroundings->is_overcast = fault_is_active(faults, FAULT_CLOUD, 0);
	surroundings_step(surroundings, world_second_of_day(world),
			  (double)WORLD_STEP_MS / MS_PER_SECOND);
	double sun_left_w = surroundings->pv_w;
	double load_left_w = surroundings->load_w;

	world->grid_w = surroundings->load_w - surroundings->pv_w;
	for (size_t i = 0; i < world->settings.battery_count; i++)
		world_step_battery(world, faults, i, &sun_left_w, &load_left_w);
	world->elapsed_ms += WORLD_STEP_MS;
}

struct world_sensed world_sense(struct world *world, size_t battery)
{
	struct world_battery *at = &world->batteries[battery];
	double noise_c = WORLD_NOISE_C * (2 * random_fraction(&at->noise) - 1);

	return (struct world_sensed){
	    .soc_pct = round(100 * battery_soc_pct(&at->traits, &at->battery)) / 100,
	    .temp_c = round(100 * (at->battery.temp_c + noise_c)) / 100,
	    .power_w = round(at->flow.power_w),
	};
}
