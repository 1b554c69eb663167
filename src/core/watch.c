/*
 * Watches a battery over time. What opens its relays is elsewhere: a sensor that
 * stands still (frozen.c), a contact that is not open (contact.c). Charging that
 * brings far less than it should is only reported, since the sun may be away.
 */
#include "core/watch.h"

#include "core/alerts.h"
#include "core/contact.h"
#include "core/frozen.h"
#include "core/plausible.h"

/* The SoC move that tells, and the least time to wait for it. */
#define TELLING_SOC_BP 500
#define EFFECT_LEAST_MS (15 * (int64_t)MS_PER_MINUTE)
#define EFFECT_LEAST_PCT 20

static int64_t later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* How long a move of TELLING_SOC_BP takes at full power, at least EFFECT_LEAST_MS. */
static int64_t effect_window_ms(const struct battery_config *config)
{
	return later_of(EFFECT_LEAST_MS,
			plausible_time_ms(config->capacity_wh, config->power_w, TELLING_SOC_BP));
}

/* What charging at full power brings in that time. */
static int64_t full_gain_bp(const struct battery_config *config, int64_t elapsed_ms)
{
	int64_t step_ms = plausible_time_ms(config->capacity_wh, config->power_w, TELLING_SOC_BP);

	return elapsed_ms * TELLING_SOC_BP / later_of(1, step_ms);
}

static bool is_effect(int64_t gained_bp, int64_t expected_bp)
{
	return gained_bp * 100 >= expected_bp * EFFECT_LEAST_PCT;
}

/* From here on its readings tell what charging brings. */
static void begin_span(struct battery_state *battery, struct mono_time at)
{
	battery->is_effect_watched = true;
	battery->effect_seen_at = at;
	battery->effect_soc_bp = battery->reading.soc_bp;
}

/*
 * A contact that flickers, or a lease that lapses, opens for a moment: what was closed
 * before counts on, or such a relay would never be found to lie. What was open for longer
 * than it takes to tell is another charge.
 */
static void resume_effect(struct battery_state *battery, struct mono_time now)
{
	if (mono_since(now, battery->effect_seen_at) > EFFECT_LEAST_MS) {
		battery->effect_ms = 0;
		battery->effect_gained_bp = 0;
	}
	begin_span(battery, now);
}

/* Adds what came since the reading before, with the source closed all the while. */
static void sum_effect(struct battery_state *battery)
{
	int64_t passed_ms = mono_since(battery->measured_at, battery->effect_seen_at);

	if (passed_ms < 0)
		return;
	battery->effect_ms += passed_ms;
	battery->effect_gained_bp += battery->reading.soc_bp - battery->effect_soc_bp;
	begin_span(battery, battery->measured_at);
}

static void watch_effect(const struct turn *turn, size_t index)
{
	struct battery_state *battery = &turn->site->batteries[index];
	const struct battery_config *config = &turn->house->batteries[index];
	int64_t window_ms = effect_window_ms(config);
	int64_t expected_bp;

	/* What the house takes meanwhile hides what comes in. */
	if (!turn_path_is_on(turn, index, RELAY_SOURCE) ||
	    (config->paths_are_independent && turn_path_is_on(turn, index, RELAY_LOAD))) {
		battery->is_effect_watched = false;
		return;
	}
	if (battery->quality != QUALITY_GOOD)
		return;
	if (!battery->is_effect_watched) {
		resume_effect(battery, turn->now.mono);
		return;
	}
	sum_effect(battery);
	/* it may be full before the time is over: what is enough for all of it ends the alert */
	if (is_effect(battery->effect_gained_bp, full_gain_bp(config, window_ms)))
		alerts_battery_clear(turn, index, ALERT_NO_EFFECT);
	if (battery->effect_ms < window_ms)
		return;
	expected_bp = full_gain_bp(config, battery->effect_ms);
	if (!is_effect(battery->effect_gained_bp, expected_bp))
		alerts_battery(turn, index, ALERT_NO_EFFECT, battery->effect_gained_bp, expected_bp,
			       NULL);
	battery->effect_ms = 0;
	battery->effect_gained_bp = 0;
}

void watch_battery(const struct turn *turn, size_t index)
{
	if (!battery_is_commanded(&turn->house->batteries[index]))
		return;
	frozen_watch(turn, index);
	watch_effect(turn, index);
	contact_watch(turn, index);
}

void watch_anew(struct battery_state *battery)
{
	battery->is_effect_watched = false;
	battery->effect_ms = 0;
	battery->effect_gained_bp = 0;
	battery->rise_count = 0;
}

void watch_silence(const struct turn *turn, size_t index)
{
	struct battery_state *battery = &turn->site->batteries[index];
	int64_t allowed_ms = setting(&turn->site->settings[index], PARAMETER_STALE_AFTER);
	int64_t age_ms = turn_age_ms(turn, battery);

	if (age_ms <= allowed_ms)
		return;
	battery->good_in_a_row = 0;
	if (!alerts_battery_has(turn, index, ALERT_SENSOR_STALE))
		alerts_battery(turn, index, ALERT_SENSOR_STALE, age_ms, allowed_ms, NULL);
}
