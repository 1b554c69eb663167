/*
 * Watches a battery over time. A sensor that stands still while the battery is
 * in use is frozen, which opens its relays; charging that brings far less than
 * it should is only reported, since the sun may be away.
 */
#include "core/watch.h"

#include "core/alerts.h"
#include "core/contact.h"
#include "core/plausible.h"

/* The SoC move that tells, and the least time to wait for it. */
#define TELLING_SOC_BP 500
#define FROZEN_LEAST_MS (10 * (int64_t)MS_PER_MINUTE)
#define EFFECT_LEAST_MS (15 * (int64_t)MS_PER_MINUTE)
#define EFFECT_LEAST_PCT 20

static int64_t later_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Since when a relay of the battery has been on; the longest. False if none is. */
static bool in_use_since(const struct turn *turn, size_t index, bool only_source,
			 struct mono_time *out)
{
	bool is_found = false;

	for (size_t i = 0; i < turn->house->relay_count; i++) {
		const struct relay_config *config = &turn->house->relays[i];
		const struct relay_state *relay = &turn->site->relays[i];

		if (config->battery != index || (only_source && config->role != RELAY_SOURCE) ||
		    !relay->is_heard || !relay->status.is_on)
			continue;
		if (!is_found || relay->on_since.ms < out->ms)
			*out = relay->on_since;
		is_found = true;
	}
	return is_found;
}

/* How long a move of TELLING_SOC_BP takes at full power, at least `least_ms`. */
static int64_t telling_ms(const struct battery_config *config, int64_t least_ms)
{
	return later_of(least_ms,
			plausible_time_ms(config->capacity_wh, config->power_w, TELLING_SOC_BP));
}

static void watch_frozen(const struct turn *turn, size_t index)
{
	struct battery_state *battery = &turn->site->batteries[index];
	int64_t allowed_ms = telling_ms(&turn->house->batteries[index], FROZEN_LEAST_MS);
	struct mono_time since;
	int64_t still_ms;

	if (battery->quality != QUALITY_FROZEN)
		alerts_battery_clear(turn, index, ALERT_SENSOR_FROZEN);
	if (battery->quality != QUALITY_GOOD || !in_use_since(turn, index, false, &since))
		return;
	since.ms = later_of(since.ms, battery->still_since.ms);
	still_ms = mono_since(turn->now.mono, since);
	if (still_ms < allowed_ms)
		return;
	battery->quality = QUALITY_FROZEN;
	battery->good_in_a_row = 0;
	alerts_battery(turn, index, ALERT_SENSOR_FROZEN, still_ms, allowed_ms, NULL);
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

static void begin_effect(struct battery_state *battery, struct mono_time at)
{
	battery->is_effect_watched = true;
	battery->effect_since = at;
	battery->effect_soc_bp = battery->reading.soc_bp;
}

static void watch_effect(const struct turn *turn, size_t index)
{
	struct battery_state *battery = &turn->site->batteries[index];
	const struct battery_config *config = &turn->house->batteries[index];
	int64_t window_ms = telling_ms(config, EFFECT_LEAST_MS);
	int64_t elapsed_ms, expected_bp, gained_bp;
	struct mono_time since;

	if (!in_use_since(turn, index, true, &since)) {
		battery->is_effect_watched = false;
		return;
	}
	if (battery->quality != QUALITY_GOOD)
		return;
	if (!battery->is_effect_watched) {
		begin_effect(battery, turn->now.mono);
		return;
	}
	elapsed_ms = mono_since(turn->now.mono, battery->effect_since);
	gained_bp = battery->reading.soc_bp - battery->effect_soc_bp;
	/* it may be full before the time is over: what is enough for all of it ends the alert */
	if (is_effect(gained_bp, full_gain_bp(config, window_ms)))
		alerts_battery_clear(turn, index, ALERT_NO_EFFECT);
	if (elapsed_ms < window_ms)
		return;
	expected_bp = full_gain_bp(config, elapsed_ms);
	if (!is_effect(gained_bp, expected_bp))
		alerts_battery(turn, index, ALERT_NO_EFFECT, gained_bp, expected_bp, NULL);
	begin_effect(battery, turn->now.mono);
}

void watch_battery(const struct turn *turn, size_t index)
{
	if (!battery_is_commanded(&turn->house->batteries[index]))
		return;
	watch_frozen(turn, index);
	watch_effect(turn, index);
	contact_watch(turn, index);
}

void watch_anew(struct battery_state *battery)
{
	battery->is_effect_watched = false;
	battery->is_rise_watched = false;
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
