/*
 * What the batteries' sensors say, and how it arrives: at once, late, twice, not
 * at all, or with others when the broker is back.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/simulate_home.h"
#include "sim/simulate_oracle.h"

#define WALL_ORIGIN_MS INT64_C(1796083200000)   /* 2026-12-01T00:00:00Z */
#define ANCHOR_MS (10 * (int64_t)MS_PER_MINUTE) /* what is believed may be compared with older */

static int32_t rounded(double value, double step)
{
	return (int32_t)lround(floor(value / step + 0.5) * step);
}

static int32_t within(int32_t value, int32_t least, int32_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* What a truthful sensor shows of the battery now. */
static void look(struct sim_battery *at, struct sim_reading *out)
{
	double soc_bp = 100 * battery_soc_pct(&at->traits, &at->battery) + at->gauge_bp;
	double temp_mc = 1000 * at->battery.temp_c;
	double step = at->resolution_mc;

	if (at->noise_mc > 0)
		temp_mc += at->noise_mc * (2 * random_fraction(&at->noise) - 1);
	out->soc_bp = within(rounded(soc_bp, at->resolution_bp), 0, SOC_BP_MAX);
	out->temp_min_mc = (int32_t)lround(floor(temp_mc / step) * step);
	out->temp_max_mc = (int32_t)lround(ceil((temp_mc + 1000 * at->spread_c) / step) * step);
}

/*
 * What stood still until a moment ago is what the core believes: what comes near
 * it again could be meant, however far it is from the truth.
 */
static bool is_near_frozen(const struct sim_known *known, const struct sim_reading *reading,
			   double soc_bp, double temp_mc)
{
	return known->since_frozen < SIM_RECENT_RUN &&
	       abs(reading->soc_bp - known->frozen_soc_bp) < soc_bp &&
	       abs(reading->temp_min_mc - known->frozen_min_mc) < temp_mc &&
	       abs(reading->temp_max_mc - known->frozen_max_mc) < temp_mc;
}

/*
 * Bends a reading so far that no battery of that size and power could be meant,
 * whatever good reading of the last ten minutes it is compared with. Returns
 * whether that can be done.
 */
static bool make_absurd(struct sim_home *home, struct sim_battery *at, struct sim_reading *reading)
{
	double since_h = (double)(home->now - at->known.good_at + 2 * ANCHOR_MS) / MS_PER_HOUR;
	double soc_bp =
	    200 + 2.5 * SOC_BP_MAX * at->traits.power_w / at->traits.capacity_wh * since_h;
	double temp_mc =
	    8000 + 1000 * at->traits.power_w * 3600 * since_h / (10 * at->traits.capacity_wh) * 2;

	struct sim_reading truth = *reading;
	int32_t step_mc = (int32_t)temp_mc * (sim_happens(&home->chance, 0.5) ? 1 : -1);
	int32_t bent_mc = within(reading->temp_min_mc + step_mc, TEMP_MC_MIN, TEMP_MC_MAX);

	if (at->known.truthful_run < SIM_RECENT_RUN)
		return false;
	if (reading->soc_bp + soc_bp < SOC_BP_MAX && sim_happens(&home->chance, 0.4)) {
		reading->soc_bp = SOC_BP_MAX;
	} else if (reading->soc_bp - soc_bp > 0 && sim_happens(&home->chance, 0.5)) {
		reading->soc_bp = 0;
	} else if (bent_mc - reading->temp_min_mc == step_mc) {
		reading->temp_min_mc = bent_mc;
		reading->temp_max_mc = bent_mc;
	} else {
		return false;
	}
	if (is_near_frozen(&at->known, reading, soc_bp, temp_mc)) {
		*reading = truth;
		return false;
	}
	reading->is_absurd = true;
	return true;
}

static void spoil(struct sim_home *home, struct sim_battery *at, struct sim_reading *reading)
{
	if (at->refuse > 0) {
		at->refuse--;
		reading->is_refused = true;
	} else if (at->absurd > 0 && !at->is_frozen && make_absurd(home, at, reading)) {
		at->absurd--;
	}
}

static void queue_up(struct sim_battery *at, const struct sim_reading *reading)
{
	/* What cannot be told from the truth when it comes late is not made up. */
	if (reading->is_absurd || reading->is_refused)
		return;
	if (at->backlog_count == SIM_BACKLOG_MAX)
		memmove(&at->backlog[0], &at->backlog[1],
			(SIM_BACKLOG_MAX - 1) * sizeof(at->backlog[0]));
	else
		at->backlog_count++;
	at->backlog[at->backlog_count - 1] = *reading;
}

static void come_later(struct sim_home *home, size_t battery, const struct sim_reading *reading,
		       int64_t ms)
{
	int32_t slot = sim_message_new(home);

	if (slot < 0)
		return;
	home->messages[slot].reading = *reading;
	sim_queue_add(&home->queue, (struct sim_event){.at = home->now + ms,
						       .kind = SIM_EV_READING,
						       .index = (uint32_t)battery,
						       .slot = slot});
}

static void publish(struct sim_home *home, size_t battery, struct sim_reading *reading)
{
	struct sim_battery *at = &home->batteries[battery];

	if (at->broker_is_away || !home->daemon.is_up) {
		queue_up(at, reading);
		return;
	}
	if (at->lose > 0) {
		at->lose--;
		at->trouble_at = home->now;
		return;
	}
	if (at->late_ms > 0) {
		at->trouble_at = home->now + at->late_ms;
		come_later(home, battery, reading, at->late_ms);
		at->late_ms = 0;
		return;
	}
	sim_sensor_arrive(home, battery, reading, false, false);
	if (at->double_one > 0) {
		at->double_one--;
		reading->is_copy = true;
		come_later(home, battery, reading, sim_between(&home->chance, 1, 20000));
	}
}

void sim_sensor_measure(struct sim_home *home, size_t battery)
{
	struct sim_battery *at = &home->batteries[battery];
	struct sim_reading reading = at->last;

	sim_world_to_now(home, battery);
	sim_after(home, at->interval_ms - sim_between(&at->noise, 0, at->interval_ms / 50),
		  SIM_EV_SENSOR, battery);
	home->tally->readings++;
	if (!at->is_frozen)
		look(at, &reading);
	reading.is_frozen = at->is_frozen;
	reading.id = ++at->measured;
	reading.at = home->now;
	reading.sequence = at->sequence++;
	reading.stamp_ms = WALL_ORIGIN_MS + home->now + at->stamp_offset_ms;
	at->last = reading;
	if (at->is_silent)
		return;
	spoil(home, at, &reading);
	publish(home, battery, &reading);
}

static void fill(struct sim_battery *at, const struct sim_reading *reading)
{
	at->wire.soc_bp = reading->soc_bp;
	at->wire.temp_min_mc = reading->temp_min_mc;
	at->wire.temp_max_mc = reading->temp_max_mc;
	at->wire.measured.ms = reading->stamp_ms;
	at->wire.sequence = reading->sequence;
}

void sim_sensor_arrive(struct sim_home *home, size_t battery, const struct sim_reading *reading,
		       bool is_backlog, bool is_retained)
{
	struct sim_battery *at = &home->batteries[battery];
	struct event *event;

	if (!home->daemon.is_up)
		return;
	sim_oracle_reading(home, battery, reading, is_backlog || is_retained);
	if (reading->is_refused) {
		event = sim_daemon_event(home, EVENT_READING_REFUSED, battery);
		event->refused.refusal = REFUSAL_OUT_OF_RANGE;
		event->refused.value = 186;
		strcpy(event->refused.field, "SoC");
		if (home->broken == SIM_BREAK_REFUSED)
			return;
	} else {
		fill(at, reading);
		if (home->broken == SIM_BREAK_FROZEN)
			at->wire.temp_max_mc += (int32_t)(reading->id % 2);
		event = sim_daemon_event(home, EVENT_READING, battery);
		event->reading.reading = at->wire;
		event->reading.is_backlog = is_backlog && home->broken != SIM_BREAK_BACKLOG;
		event->reading.is_retained = is_retained;
	}
	sim_daemon_step(home);
}

void sim_sensor_flush(struct sim_home *home, size_t battery, bool is_backlog)
{
	struct sim_battery *at = &home->batteries[battery];
	size_t count = at->backlog_count;

	at->trouble_at = home->now;
	at->backlog_count = 0;
	for (size_t i = 0; i < count; i++)
		sim_sensor_arrive(home, battery, &at->backlog[i], is_backlog, false);
}
