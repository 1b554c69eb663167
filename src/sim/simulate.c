/*
 * A simulated home from its first to its last moment: takes what happens next
 * and hands it to the part that it concerns.
 */
#include "sim/simulate.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/simulate_home.h"
#include "sim/simulate_oracle.h"

/* One stream for each kind of chance, so that one more draw of one changes no other. */
#define STREAM(seed, number) random_seeded((seed)*UINT64_C(0x9e3779b97f4a7c15) + (number))

static const char *const fault_names[SIM_FAULT_COUNT] = {
    [SIM_READING_LOST] = "reading-lost",
    [SIM_READING_LATE] = "reading-late",
    [SIM_READING_DOUBLED] = "reading-doubled",
    [SIM_READING_REFUSED] = "reading-refused",
    [SIM_READING_ABSURD] = "reading-absurd",
    [SIM_READING_RETAINED] = "reading-retained",
    [SIM_SENSOR_SILENT] = "sensor-silent",
    [SIM_SENSOR_FROZEN] = "sensor-frozen",
    [SIM_SENSOR_RESTART] = "sensor-restart",
    [SIM_SENSOR_CLOCK] = "sensor-clock",
    [SIM_GAUGE_JUMP] = "gauge-jump",
    [SIM_BROKER_AWAY] = "broker-away",
    [SIM_PATH_LOSSY] = "path-lossy",
    [SIM_PATH_DEAD] = "path-dead",
    [SIM_RELAY_STUCK] = "relay-stuck",
    [SIM_RELAY_WELDED] = "relay-welded",
    [SIM_RELAY_LYING] = "relay-lying",
    [SIM_RELAY_FAILING] = "relay-failing",
    [SIM_RELAY_REBOOT] = "relay-reboot",
    [SIM_RELAY_FORGETS] = "relay-forgets",
    [SIM_RELAY_FOREIGN] = "relay-foreign",
    [SIM_RESTART] = "restart",
    [SIM_POWER_LOSS] = "power-loss",
    [SIM_SLOW_DISK] = "slow-disk",
    [SIM_CLOCK_STEP] = "clock-step",
    [SIM_BATTERY_HOT] = "battery-hot",
    [SIM_COLD_SNAP] = "cold-snap",
};

static const char *const rule_names[SIM_RULE_COUNT] = {
    "outside", "stale",  "bad", "both",  "explained", "lease",
    "dwell",   "budget", "off", "alarm", "lockout", "plan",
};

static const char *const break_names[SIM_BREAK_COUNT] = {
    "nothing", "stale",   "ceiling",   "reserve",     "cold",       "hot",      "hysteresis",
    "refused", "backlog", "exclusive", "lease",       "lease-long", "off-once", "dwell",
    "budget",  "kept",    "power",     "acknowledge", "plan",
    "frozen",
};

const char *sim_fault_name(enum sim_fault fault)
{
	return fault_names[fault];
}

const char *sim_rule_name(enum sim_rule rule)
{
	return rule_names[rule];
}

const char *sim_break_name(enum sim_break what)
{
	return break_names[what];
}

int sim_break_find(enum sim_break *out, const char *name)
{
	for (int i = 0; i < SIM_BREAK_COUNT; i++) {
		if (strcmp(break_names[i], name) == 0) {
			*out = (enum sim_break)i;
			return 0;
		}
	}
	return -ENOENT;
}

bool sim_happens(struct random *random, double chance)
{
	return random_fraction(random) < chance;
}

int64_t sim_between(struct random *random, int64_t from, int64_t to)
{
	return from + (int64_t)(random_fraction(random) * (double)(to - from + 1));
}

int64_t sim_gap(struct random *random, double mean_ms)
{
	return 1 + (int64_t)(-mean_ms * log(1 - random_fraction(random)));
}

void sim_after(struct sim_home *home, int64_t ms, enum sim_event_kind kind, size_t index)
{
	sim_queue_add(
	    &home->queue,
	    (struct sim_event){.at = home->now + ms, .kind = kind, .index = (uint32_t)index});
}

void sim_trace(const struct sim_home *home, const char *format, ...)
{
	va_list arguments;

	if (!home->is_traced)
		return;
	fprintf(stderr, "%8lld.%03lld s  ", (long long)(home->now / MS_PER_SECOND),
		(long long)(home->now % MS_PER_SECOND));
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
}

void sim_count_fault(struct sim_home *home, enum sim_fault fault)
{
	sim_trace(home, "fault: %s", sim_fault_name(fault));
	home->tally->faults++;
	home->tally->by_fault[fault]++;
}

int32_t sim_message_new(struct sim_home *home)
{
	for (int32_t i = 0; i < SIM_MESSAGES_MAX; i++) {
		if (home->messages[i].is_used)
			continue;
		home->messages[i].is_used = true;
		return i;
	}
	return -1;
}

static void broker_is_back(struct sim_home *home, size_t battery)
{
	struct sim_battery *at = &home->batteries[battery];

	at->broker_is_away = false;
	if (home->daemon.is_up)
		sim_sensor_flush(home, battery, at->comes_as_backlog);
}

static void late_reading(struct sim_home *home, const struct sim_event *event)
{
	struct sim_message *message = &home->messages[event->slot];

	message->is_used = false;
	sim_sensor_arrive(home, event->index, &message->reading, false, false);
}

static void happen(struct sim_home *home, const struct sim_event *event)
{
	switch (event->kind) {
	case SIM_EV_SENSOR:
		sim_sensor_measure(home, event->index);
		break;
	case SIM_EV_READING:
		late_reading(home, event);
		break;
	case SIM_EV_BROKER_BACK:
		broker_is_back(home, event->index);
		break;
	case SIM_EV_SENSOR_MENDED:
		sim_fault_mend_sensor(home, event->index);
		break;
	case SIM_EV_LEASE:
		sim_relay_lease(home, event->index, event->number);
		break;
	case SIM_EV_RELAY_MENDED:
		sim_relay_mend(home, event->index);
		break;
	case SIM_EV_BOOTED:
		sim_relay_booted(home, event->index);
		break;
	case SIM_EV_COMMITTED:
		sim_journal_committed(home, event->number);
		break;
	case SIM_EV_START:
		sim_daemon_start(home);
		break;
	case SIM_EV_SECOND:
		sim_daemon_second(home);
		break;
	case SIM_EV_WEATHER:
		sim_world_weather(home);
		break;
	case SIM_EV_FAULT:
		sim_fault_strike(home);
		break;
	case SIM_EV_PERSON:
		sim_person_acts(home);
		break;
	case SIM_EV_PLAN:
		sim_plan_comes(home);
		break;
	default:
		sim_path_event(home, event);
		break;
	}
}

static void begin(struct sim_home *home, uint64_t seed, enum sim_break broken)
{
	struct sim_tally *tally = home->tally;
	bool is_traced = home->is_traced;

	memset(home, 0, sizeof(*home));
	home->seed = seed;
	home->broken = broken;
	home->tally = tally;
	home->is_traced = is_traced;
	home->draws = STREAM(seed, 1);
	home->chance = STREAM(seed, 2);
	home->weather = STREAM(seed, 3);
	home->people = STREAM(seed, 4);
	home->network = STREAM(seed, 5);
	home->disk = STREAM(seed, 6);
	home->plans = STREAM(seed, 7);
	sim_draw(home);
	for (size_t i = 0; i < home->house.relay_count; i++)
		sim_relay_begin(home, i);
	for (size_t i = 0; i < home->house.battery_count; i++) {
		sim_world_borders(home, i);
		sim_after(home, sim_between(&home->chance, 0, home->batteries[i].interval_ms),
			  SIM_EV_SENSOR, i);
	}
	if (broken == SIM_BREAK_EXCLUSIVE)
		for (size_t i = 0; i < home->house.battery_count; i++)
			home->house.batteries[i].paths_are_independent = true;
	sim_after(home, 0, SIM_EV_WEATHER, 0);
	sim_after(home, 1, SIM_EV_START, 0);
	sim_after(home, sim_gap(&home->chance, home->fault_gap_ms), SIM_EV_FAULT, 0);
	sim_after(home, sim_gap(&home->people, home->person_gap_ms), SIM_EV_PERSON, 0);
	sim_after(home, sim_gap(&home->plans, MS_PER_HOUR), SIM_EV_PLAN, 0);
	home->daemon.tick_at = SIM_NEVER;
}

static void tick(struct sim_home *home)
{
	home->now = home->daemon.tick_at;
	home->daemon.ticked_at = home->now;
	sim_daemon_event(home, EVENT_TICK, 0);
	sim_daemon_step(home);
}

void sim_home_play(struct sim_home *home, uint64_t seed, int32_t days, enum sim_break broken,
		   struct sim_tally *tally)
{
	struct sim_event event;

	home->tally = tally;
	begin(home, seed, broken);
	home->ends = days * MS_PER_DAY;
	sim_queue_add(&home->queue, (struct sim_event){.at = home->ends, .kind = SIM_EV_END});
	for (;;) {
		while (home->daemon.tick_at < home->queue.heap[0].at)
			tick(home);
		event = sim_queue_take(&home->queue);
		home->now = event.at;
		if (event.kind == SIM_EV_END)
			break;
		happen(home, &event);
	}
	tally->homes++;
	tally->days += (uint64_t)days;
}

struct sim_home *sim_home_new(void)
{
	return calloc(1, sizeof(struct sim_home));
}

void sim_home_trace(struct sim_home *home)
{
	home->is_traced = true;
}

void sim_home_free(struct sim_home *home)
{
	free(home);
}

void sim_tally_init(struct sim_tally *tally)
{
	*tally = (struct sim_tally){0};
}

void sim_tally_add(struct sim_tally *tally, const struct sim_tally *other)
{
	tally->days += other->days;
	tally->homes += other->homes;
	tally->readings += other->readings;
	tally->faults += other->faults;
	tally->switches += other->switches;
	tally->unsafe += other->unsafe;
	tally->unavoidable += other->unavoidable;
	for (int i = 0; i < SIM_FAULT_COUNT; i++)
		tally->by_fault[i] += other->by_fault[i];
	for (int i = 0; i < SIM_RULE_COUNT; i++)
		tally->by_rule[i] += other->by_rule[i];
	for (uint32_t i = 0; i < other->finding_count; i++)
		if (tally->finding_count < SIM_FINDINGS_MAX)
			tally->findings[tally->finding_count++] = other->findings[i];
}
