/*
 * What breaks in a simulated home, and when it is mended. Everything that is
 * random here comes from the home's own stream of chance.
 */
#include "sim/simulate_home.h"
#include "sim/simulate_oracle.h"

/* How often each kind befalls a home, against the others. */
static const uint8_t weights[SIM_FAULT_COUNT] = {
    [SIM_READING_LOST] = 10,   [SIM_READING_LATE] = 8,   [SIM_READING_DOUBLED] = 6,
    [SIM_READING_REFUSED] = 5, [SIM_READING_ABSURD] = 6, [SIM_READING_RETAINED] = 2,
    [SIM_SENSOR_SILENT] = 6,   [SIM_SENSOR_FROZEN] = 5,  [SIM_SENSOR_RESTART] = 2,
    [SIM_SENSOR_CLOCK] = 2,    [SIM_GAUGE_JUMP] = 2,     [SIM_BROKER_AWAY] = 4,
    [SIM_PATH_LOSSY] = 10,     [SIM_PATH_DEAD] = 6,      [SIM_RELAY_STUCK] = 2,
    [SIM_RELAY_WELDED] = 2,    [SIM_RELAY_LYING] = 2,    [SIM_RELAY_FAILING] = 2,
    [SIM_RELAY_REBOOT] = 5,    [SIM_RELAY_FORGETS] = 1,  [SIM_RELAY_FOREIGN] = 8,
    [SIM_RESTART] = 5,         [SIM_POWER_LOSS] = 2,     [SIM_SLOW_DISK] = 2,
    [SIM_CLOCK_STEP] = 3,      [SIM_BATTERY_HOT] = 3,    [SIM_COLD_SNAP] = 2,
};

static int64_t pick(struct sim_home *home, int64_t from_s, int64_t to_s)
{
	return sim_between(&home->chance, from_s * MS_PER_SECOND, to_s * MS_PER_SECOND);
}

static enum sim_fault draw(struct sim_home *home)
{
	int64_t sum = 0, at;
	int fault = 0;

	for (int i = 0; i < SIM_FAULT_COUNT; i++)
		sum += weights[i];
	at = sim_between(&home->chance, 0, sum - 1);
	while (at >= weights[fault])
		at -= weights[fault++];
	return (enum sim_fault)fault;
}

static void reading_fault(struct sim_home *home, enum sim_fault fault, size_t battery)
{
	struct sim_battery *at = &home->batteries[battery];

	switch (fault) {
	case SIM_READING_LOST:
		at->lose = sim_between(&home->chance, 1, 4);
		break;
	case SIM_READING_LATE:
		at->late_ms = pick(home, 1, 180);
		break;
	case SIM_READING_DOUBLED:
		at->double_one = sim_between(&home->chance, 1, 3);
		break;
	case SIM_READING_REFUSED:
		at->refuse = sim_between(&home->chance, 1, 3);
		break;
	case SIM_READING_ABSURD:
		at->absurd = 1;
		break;
	default:
		if (at->measured > 0)
			sim_sensor_arrive(home, battery, &at->last, false, true);
		break;
	}
}

static void sensor_fault(struct sim_home *home, enum sim_fault fault, size_t battery)
{
	struct sim_battery *at = &home->batteries[battery];
	int64_t lasts_ms = pick(home, 30, 7200);

	at->trouble_at = home->now;
	switch (fault) {
	case SIM_SENSOR_SILENT:
		at->is_silent = true;
		at->silent_until = home->now + lasts_ms;
		sim_after(home, lasts_ms, SIM_EV_SENSOR_MENDED, battery);
		break;
	case SIM_SENSOR_FROZEN:
		if (at->measured == 0)
			break;
		at->is_frozen = true;
		at->frozen_until = home->now + lasts_ms;
		sim_after(home, lasts_ms, SIM_EV_SENSOR_MENDED, battery);
		break;
	case SIM_SENSOR_RESTART:
		at->sequence = 1;
		break;
	case SIM_SENSOR_CLOCK:
		at->stamp_offset_ms = pick(home, -200000, 200000);
		if (sim_happens(&home->chance, 0.5))
			at->stamp_offset_ms = 0;
		break;
	case SIM_GAUGE_JUMP:
		sim_world_to_now(home, battery);
		at->gauge_bp = (double)sim_between(&home->chance, -1500, 1500);
		sim_oracle_gauge(home, battery);
		break;
	default:
		at->broker_is_away = true;
		at->comes_as_backlog = sim_happens(&home->chance, 0.5);
		sim_after(home, lasts_ms / 4, SIM_EV_BROKER_BACK, battery);
		break;
	}
}

void sim_fault_mend_sensor(struct sim_home *home, size_t battery)
{
	struct sim_battery *at = &home->batteries[battery];

	at->trouble_at = home->now;
	if (home->now >= at->silent_until)
		at->is_silent = false;
	if (home->now >= at->frozen_until)
		at->is_frozen = false;
}

static void foreign_switch(struct sim_relay *relay)
{
	struct relay_command command = {.is_on = !relay->contact.is_closed};

	if (relay->is_down || relay->contact.hardware != SIM_SOUND)
		return;
	if (!relay->home->house.relays[relay->index].has_lease) {
		command.has_lease = command.is_on;
		command.lease_ms = LEASE_LONGEST_MS;
	}
	sim_relay_obey(relay, &command, true);
}

static void path_fault(struct sim_home *home, enum sim_fault fault, struct sim_path *path)
{
	path->trouble_at = home->now;
	if (fault == SIM_PATH_DEAD) {
		path->dead_until = home->now + pick(home, 5, 1800);
		return;
	}
	path->lossy_until = home->now + pick(home, 60, 7200);
	path->loss = 0.7 * random_fraction(&home->chance);
	path->slow = 0.5 * random_fraction(&home->chance);
}

static void relay_fault(struct sim_home *home, enum sim_fault fault, size_t index)
{
	static const enum sim_hardware hardware[] = {SIM_STUCK, SIM_WELDED, SIM_LYING, SIM_FAILING};
	struct sim_relay *relay = &home->relays[index];

	switch (fault) {
	case SIM_PATH_LOSSY:
	case SIM_PATH_DEAD:
		path_fault(home, fault, &relay->path);
		break;
	case SIM_RELAY_REBOOT:
	case SIM_RELAY_FORGETS:
		sim_relay_reboot(home, index, fault == SIM_RELAY_FORGETS);
		break;
	case SIM_RELAY_FOREIGN:
		foreign_switch(relay);
		break;
	default:
		if (relay->contact.hardware != SIM_SOUND)
			break;
		sim_relay_break(relay, hardware[fault - SIM_RELAY_STUCK]);
		sim_after(home, pick(home, 120, 6 * 3600), SIM_EV_RELAY_MENDED, index);
		break;
	}
}

static void end_daemon(struct sim_home *home, bool is_power_loss)
{
	int64_t down_ms =
	    sim_happens(&home->chance, 0.7) ? pick(home, 1, 20) : pick(home, 20, 1200);

	if (!home->daemon.is_up)
		return;
	sim_daemon_stop(home, is_power_loss);
	if (is_power_loss) /* the monotonic clock begins anew */
		home->daemon.mono_base = home->now + down_ms - pick(home, 5, 60);
	sim_after(home, down_ms, SIM_EV_START, 0);
}

static void step_clock(struct sim_home *home)
{
	static const int64_t sizes_ms[] = {1500, 30000, 90000, MS_PER_HOUR, 2 * MS_PER_DAY};
	int64_t most_ms = sizes_ms[sim_between(&home->chance, 0, 4)];

	home->daemon.wall_offset_ms += sim_between(&home->chance, -most_ms, most_ms);
	if (sim_happens(&home->chance, 0.4))
		home->daemon.wall_offset_ms = 0;
	sim_after(home, sim_between(&home->chance, 0, MS_PER_SECOND), SIM_EV_SECOND, 0);
}

static void world_fault(struct sim_home *home, enum sim_fault fault, size_t battery)
{
	struct sim_battery *at = &home->batteries[battery];
	int64_t lasts_ms = pick(home, 120, 5400);

	sim_world_to_now(home, battery);
	if (fault == SIM_BATTERY_HOT)
		at->hot_until = home->now + lasts_ms;
	else
		at->cold_until = home->now + 6 * lasts_ms;
}

void sim_fault_strike(struct sim_home *home)
{
	enum sim_fault fault = draw(home);
	size_t battery =
	    (size_t)sim_between(&home->chance, 0, (int64_t)home->house.battery_count - 1);
	size_t relay = (size_t)sim_between(&home->chance, 0, (int64_t)home->house.relay_count - 1);

	sim_after(home, sim_gap(&home->chance, home->fault_gap_ms), SIM_EV_FAULT, 0);
	sim_count_fault(home, fault);
	if (fault <= SIM_READING_RETAINED)
		reading_fault(home, fault, battery);
	else if (fault <= SIM_BROKER_AWAY)
		sensor_fault(home, fault, battery);
	else if (fault <= SIM_RELAY_FOREIGN)
		relay_fault(home, fault, relay);
	else if (fault == SIM_RESTART || fault == SIM_POWER_LOSS)
		end_daemon(home, fault == SIM_POWER_LOSS);
	else if (fault == SIM_SLOW_DISK)
		home->journal.slow_until = home->now + pick(home, 60, 3600);
	else if (fault == SIM_CLOCK_STEP)
		step_clock(home);
	else
		world_fault(home, fault, battery);
}
