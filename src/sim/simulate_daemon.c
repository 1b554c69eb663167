/*
 * The daemon's part in a simulated home: its clocks, what it hands to the core
 * and what it does with the answer; how it ends and starts.
 */
#include <string.h>

#include "sim/simulate_home.h"
#include "sim/simulate_oracle.h"

#define WALL_ORIGIN_MS INT64_C(1796083200000) /* 2026-12-01T00:00:00Z, as the sensors' clocks */
#define JUMP_MS 1000                          /* daemon/trust.h */
#define STEADY_SECONDS 5

struct now sim_daemon_now(const struct sim_home *home)
{
	const struct sim_daemon *daemon = &home->daemon;

	return (struct now){
	    .mono = {home->now - daemon->mono_base},
	    .wall = {WALL_ORIGIN_MS + home->now + daemon->wall_offset_ms},
	    .wall_is_trusted = daemon->is_trusted,
	    .utc_offset_s = daemon->utc_offset_s,
	    .clock_factor = 1,
	};
}

struct event *sim_daemon_event(struct sim_home *home, enum event_kind kind, size_t index)
{
	home->event.kind = kind;
	home->event.index = index;
	return &home->event;
}

static void send_commands(struct sim_home *home)
{
	/* Sending makes no step, so the outcome stays as it is. */
	for (size_t i = 0; i < home->outcome.command_count; i++) {
		const struct command *command = &home->outcome.commands[i];
		struct sim_watch *watch = &home->relays[command->index].watch;
		bool is_again = watch->was_commanded && !watch->last_sent_on;

		if (command->kind == COMMAND_READ) {
			sim_path_read(home, command->index);
			continue;
		}
		if (home->broken == SIM_BREAK_OFF_ONCE && !command->relay.is_on && is_again)
			continue;
		sim_oracle_command(home, command);
		sim_path_command(home, command);
	}
}

static void plan_tick(struct sim_home *home)
{
	struct sim_daemon *daemon = &home->daemon;
	struct now now = sim_daemon_now(home);
	struct mono_time ticked_at = mono_add(now.mono, daemon->ticked_at - home->now);

	daemon->tick_at = home->now + core_next_due_ms(&home->site, &home->house, now, ticked_at,
						       daemon->tick_most_ms);
}

/* What nobody may do: a lockout ends without a person. */
static void unlock(struct sim_home *home)
{
	for (size_t i = 0; i < ALERTS_MAX; i++) {
		const struct alert *alert = &home->site.alerts[i];

		if (alert->id == 0 || !alert->is_active || alert->code != ALERT_LOCKED_OUT)
			continue;
		sim_daemon_event(home, EVENT_ACKNOWLEDGE, 0)->acknowledge.alert_id = alert->id;
		sim_daemon_step(home);
	}
}

void sim_daemon_step(struct sim_home *home)
{
	sim_oracle_day(home);
	core_step(&home->site, &home->house, &home->event, sim_daemon_now(home), &home->outcome);
	send_commands(home);
	if (home->outcome.note_count > 0)
		sim_journal_follow(home);
	plan_tick(home);
	sim_oracle_step(home);
	if (home->broken == SIM_BREAK_ACKNOWLEDGE)
		unlock(home);
}

/* As daemon/trust.c: a jump is seen at the next look, and trust comes back after a few. */
void sim_daemon_second(struct sim_home *home)
{
	struct sim_daemon *daemon = &home->daemon;
	int64_t jump_ms = daemon->wall_offset_ms - daemon->seen_offset_ms;
	bool was_trusted = daemon->is_trusted;

	if (!daemon->is_up)
		return;
	if (jump_ms > JUMP_MS || jump_ms < -JUMP_MS)
		daemon->steady = 0;
	else
		daemon->steady++;
	daemon->seen_offset_ms = daemon->wall_offset_ms;
	daemon->is_trusted = daemon->steady >= STEADY_SECONDS;
	if (!daemon->is_trusted)
		sim_after(home, MS_PER_SECOND, SIM_EV_SECOND, 0);
	if (daemon->is_trusted != was_trusted) {
		sim_daemon_event(home, EVENT_TICK, 0);
		sim_daemon_step(home);
	}
}

void sim_daemon_start(struct sim_home *home)
{
	struct sim_daemon *daemon = &home->daemon;
	struct settings settings[BATTERIES_MAX];

	for (size_t i = 0; i < home->house.battery_count; i++)
		settings[i] = sim_person_settings(home, i);
	daemon->is_up = true;
	daemon->started_at = home->now;
	daemon->ticked_at = home->now;
	daemon->is_trusted = false;
	daemon->steady = 0;
	daemon->seen_offset_ms = daemon->wall_offset_ms;
	sim_trace(home, "the daemon starts");
	core_init(&home->site, &home->house, settings, sim_daemon_now(home));
	/* An untrusted clock's 24 hours are counted from the start; what was counted goes on. */
	home->daemon.day_since = home->now;
	sim_oracle_start(home);
	sim_journal_restore(home);
	sim_path_read_all(home);
	sim_after(home, sim_between(&home->chance, 0, MS_PER_SECOND), SIM_EV_SECOND, 0);
	/* The session of the broker kept what came meanwhile; the marker's echo follows it. */
	for (size_t i = 0; i < home->house.battery_count; i++)
		if (!home->batteries[i].broker_is_away)
			sim_sensor_flush(home, i, true);
	plan_tick(home);
}

void sim_daemon_stop(struct sim_home *home, bool is_power_loss)
{
	struct sim_daemon *daemon = &home->daemon;

	sim_trace(home, "the daemon is gone");
	daemon->is_up = false;
	daemon->tick_at = SIM_NEVER;
	sim_journal_lose(home, is_power_loss);
	sim_path_forget(home);
	sim_oracle_stop(home);
}
