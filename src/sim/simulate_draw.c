/* What a simulated home is like: batteries, sensors, relays, settings. All of it from its seed. */
#include <math.h>
#include <stdio.h>

#include "sim/simulate_home.h"

#define WH_MIN 2000
#define WH_MAX 20000

static double between(struct random *random, double from, double to)
{
	return from + (to - from) * random_fraction(random);
}

/* What a person sets of a battery, over what its chemistry says. */
struct wishes {
	struct random *random;
	struct settings preset;
	struct parameter_layer layer;
};

static void set(struct wishes *wishes, enum parameter_id id, int64_t number)
{
	wishes->layer.is_set[id] = true;
	wishes->layer.value[id].number = number;
}

static int64_t value_of(const struct wishes *wishes, enum parameter_id id)
{
	return wishes->layer.is_set[id] ? wishes->layer.value[id].number
					: setting(&wishes->preset, id);
}

/* A step of `step` in [from, to]. */
static int64_t stepped(struct random *random, int64_t from, int64_t to, int64_t step)
{
	return from + step * sim_between(random, 0, (to - from) / step);
}

/* Moves a limit by up to `most` (inwards), three times of ten. */
static void narrow(struct wishes *wishes, enum parameter_id id, int64_t most, int64_t step)
{
	int64_t by = stepped(wishes->random, 0, most < 0 ? -most : most, step);

	if (sim_happens(wishes->random, 0.3))
		set(wishes, id, value_of(wishes, id) + (most < 0 ? -by : by));
}

static void wish_envelope(struct wishes *wishes)
{
	narrow(wishes, PARAMETER_CEILING, -2500, 250);
	narrow(wishes, PARAMETER_RESERVE, 1500, 250);
	narrow(wishes, PARAMETER_CHARGE_MAX_TEMP, -12000, 1000);
	narrow(wishes, PARAMETER_CHARGE_MIN_TEMP, 6000, 500);
	narrow(wishes, PARAMETER_DISCHARGE_MIN_TEMP, 20000, 500);
	set(wishes, PARAMETER_SOC_HYSTERESIS, stepped(wishes->random, 50, 400, 50));
	set(wishes, PARAMETER_TEMP_HYSTERESIS, stepped(wishes->random, 500, 4000, 500));
}

/* Thresholds beyond the envelope too: then the gate has the last word. */
static void wish_thresholds(struct wishes *wishes)
{
	struct random *random = wishes->random;
	int64_t reserve_bp = value_of(wishes, PARAMETER_RESERVE);
	int64_t below_bp = reserve_bp + stepped(random, 0, 4000, 100);
	int64_t until_bp = below_bp + stepped(random, 200, 4000, 100);
	int64_t discharge_until_bp = reserve_bp + stepped(random, -500, 2500, 100);

	discharge_until_bp = discharge_until_bp < 0 ? 0 : discharge_until_bp;
	set(wishes, PARAMETER_CHARGE_BELOW, below_bp);
	set(wishes, PARAMETER_CHARGE_UNTIL, until_bp > SOC_BP_MAX ? SOC_BP_MAX : until_bp);
	set(wishes, PARAMETER_DISCHARGE_UNTIL, discharge_until_bp);
	set(wishes, PARAMETER_DISCHARGE_ABOVE,
	    discharge_until_bp + stepped(random, 100, 2000, 100));
}

static void wish_schedule(struct wishes *wishes)
{
	struct random *random = wishes->random;
	double logic = random_fraction(random);
	struct schedule schedule = {.count = (uint8_t)sim_between(random, 1, 6)};

	for (size_t i = 0; i < schedule.count; i++)
		schedule.windows[i] = (struct schedule_window){
		    .intent = sim_happens(random, 0.5) ? INTENT_CHARGE : INTENT_DISCHARGE,
		    .start_s = (int32_t)sim_between(random, 0, SECONDS_PER_DAY - 1),
		    .end_s = (int32_t)sim_between(random, 0, SECONDS_PER_DAY - 1),
		};
	wishes->layer.is_set[PARAMETER_SCHEDULE] = true;
	wishes->layer.value[PARAMETER_SCHEDULE].schedule = schedule;
	set(wishes, PARAMETER_LOGIC,
	    logic < 0.05   ? LOGIC_MONITOR
	    : logic < 0.45 ? LOGIC_THRESHOLD
	    : logic < 0.7  ? LOGIC_SCHEDULE
			   : LOGIC_PLAN);
}

static void wish_limits(struct wishes *wishes, int64_t interval_ms)
{
	struct random *random = wishes->random;

	set(wishes, PARAMETER_DWELL,
	    sim_happens(random, 0.2) ? 0 : stepped(random, 10000, 900000, 10000));
	set(wishes, PARAMETER_SWITCHES_PER_DAY,
	    sim_happens(random, 0.3) ? sim_between(random, 1, 5) : sim_between(random, 6, 60));
	set(wishes, PARAMETER_TRIPS_PER_DAY, sim_between(random, 2, 12));
	set(wishes, PARAMETER_INTERVAL, interval_ms);
	set(wishes, PARAMETER_STALE_AFTER, 2 * interval_ms + stepped(random, 0, 120000, 1000));
}

void sim_draw_settings(struct sim_home *home, struct random *random, size_t battery)
{
	enum chemistry chemistry = home->house.batteries[battery].chemistry;
	struct wishes wishes;
	char words[256];
	struct text error;
	int result;

	/* What does not hold together a person is told, and tries again. */
	do {
		error = text_in(words, sizeof(words));
		wishes = (struct wishes){.random = random};
		result =
		    settings_resolve(&wishes.preset, chemistry, NULL, NULL, NULL, NULL, &error);
		wish_envelope(&wishes);
		wish_thresholds(&wishes);
		wish_schedule(&wishes);
		wish_limits(&wishes, home->batteries[battery].interval_ms);
		result = settings_resolve(&home->settings[battery], chemistry, NULL, NULL,
					  &wishes.layer, NULL, &error);
	} while (result != 0);
}

static void draw_sensor(struct random *random, struct sim_battery *at,
			struct battery_config *config)
{
	static const double soc_steps[] = {1, 10, 50, 100};
	static const double temp_steps[] = {10, 62.5, 100, 500};

	at->interval_ms = sim_happens(random, 0.7) ? stepped(random, 30000, 60000, 1000)
						   : stepped(random, 5000, 30000, 1000);
	at->has_stamp = sim_happens(random, 0.5);
	at->has_sequence = sim_happens(random, 0.5);
	at->has_interval = sim_happens(random, 0.3);
	at->resolution_bp = soc_steps[sim_between(random, 0, 3)];
	at->resolution_mc = temp_steps[sim_between(random, 0, 3)];
	at->noise_mc = sim_happens(random, 0.5) ? 50 : 0;
	at->spread_c = sim_happens(random, 0.3) ? between(random, 0, 3) : 0;
	at->sequence = 1;
	at->wire.node = config->node;
	at->wire.has_time = at->has_stamp;
	at->wire.has_sequence = at->has_sequence;
	at->wire.has_interval = at->has_interval;
	at->wire.interval_ms = at->interval_ms;
}

static void draw_battery(struct sim_home *home, size_t index)
{
	struct sim_battery *at = &home->batteries[index];
	struct battery_config *config = &home->house.batteries[index];
	struct random *random = &home->draws;
	double hours = between(random, 0.8, 8);

	snprintf(config->id.text, sizeof(config->id.text), "b%zu", index + 1);
	config->node = config->id;
	config->chemistry = (enum chemistry)sim_between(random, CHEMISTRY_LFP, CHEMISTRY_CUSTOM);
	config->capacity_wh = (int32_t)between(random, WH_MIN, WH_MAX);
	config->power_w = (int32_t)(config->capacity_wh / hours);
	config->paths_are_independent = sim_happens(random, 0.25);
	at->is_exclusive = !config->paths_are_independent;
	if (sim_happens(random, 0.02))
		config->chemistry = CHEMISTRY_NONE;
	at->traits = battery_traits(config->capacity_wh, config->power_w);
	at->battery.stored_wh = config->capacity_wh * between(random, 0.05, 0.98);
	at->ambient_mean_c =
	    sim_happens(random, 0.5) ? between(random, 12, 26) : between(random, -8, 40);
	at->ambient_c = at->ambient_mean_c;
	at->battery.temp_c = at->ambient_c;
	at->noise = random_seeded(home->seed ^ (0x6e6f697365 + index));
	draw_sensor(random, at, config);
	at->trouble_at = -MS_PER_DAY;
	sim_draw_settings(home, random, index);
}

static void draw_relay(struct sim_home *home, size_t battery, enum relay_role role)
{
	size_t index = home->house.relay_count++;
	struct relay_config *config = &home->house.relays[index];
	struct sim_relay *relay = &home->relays[index];
	struct random *random = &home->draws;

	snprintf(config->id.text, sizeof(config->id.text), "r%zu", index + 1);
	config->battery = battery;
	config->role = role;
	config->has_lease = sim_happens(random, 0.93);
	relay->home = home;
	relay->index = (uint32_t)index;
	relay->battery = battery;
	relay->role = role;
	relay->contact.closing_was_told = true;
	relay->contact.measures = sim_happens(random, 0.4);
	relay->watch.outside_since = relay->watch.outside_told = relay->watch.both_since =
	    SIM_NEVER;
	relay->contact.opened_at = relay->path.trouble_at = -MS_PER_DAY;
	relay->keeps_memory = sim_happens(random, 0.7);
}

void sim_draw(struct sim_home *home)
{
	struct random *random = &home->draws;

	house_init(&home->house);
	home->house.battery_count = sim_happens(random, 0.2) ? 2 : 1;
	home->house.relay_count = 0;
	for (size_t i = 0; i < home->house.battery_count; i++) {
		double kind = random_fraction(random);

		draw_battery(home, i);
		if (kind > 0.05)
			draw_relay(home, i, RELAY_SOURCE);
		if (kind > 0.9)
			draw_relay(home, i, RELAY_SOURCE);
		if (kind < 0.05 || kind > 0.12)
			draw_relay(home, i, RELAY_LOAD);
	}
	home->fault_gap_ms = MS_PER_HOUR * exp2(between(random, -1, 4.5));
	home->person_gap_ms = MS_PER_HOUR * between(random, 2, 24);
	home->daemon.utc_offset_s = (int32_t)stepped(random, -8 * 3600, 12 * 3600, 3600);
	home->daemon.tick_most_ms =
	    sim_happens(random, 0.02) ? CORE_DUE_MAX_MS : 30 * MS_PER_SECOND;
	home->journal.is_synced = sim_happens(random, 0.6);
}
