/*
 * A sensor that resolves 1 % stands still for hours beside an idle house, and
 * is right. So what counts is the energy that went through the closed relays
 * since the values moved last: it must be worth more than one step of the
 * sensor before standing still tells. The step is the smallest that the sensor
 * has shown. Where a relay measures its power that is counted; elsewhere the
 * least that is to be expected of its path, and where both paths are closed
 * only what one surely has more than the other. It tells with the next reading that is
 * still the same, not before. All of this is between one good
 * reading and the next: what is suspect neither moves anything nor shows a step.
 */
#include "core/frozen.h"

#include "core/alerts.h"

#define STILL_LEAST_MS (10 * (int64_t)MS_PER_MINUTE)
#define STEPS_DUE 2

/* As long as the sensor has shown no step; and the largest that is taken for one. */
#define STEP_FIRST_BP 100
#define STEP_MOST_BP 500

/*
 * Of the battery's power: a source that gives less than a fifth is without
 * effect (watch.c); a house may idle.
 */
#define SOURCE_LEAST_PCT 20
#define LOAD_LEAST_PCT 2

#define MW_PER_W 1000

#define PAUSE_MAX_MS (int64_t) MS_PER_MINUTE
#define ENERGY_MAX_UJ (INT64_C(1) << 60)

/* 3,600,000,000 uJ in a Wh, 10,000 basis points in a battery. */
#define UJ_PER_WH_BP 360000

/* Through one path; what is not measured is only known to be between. */
struct flow {
	int64_t least_mw, most_mw;
};

/* How the relays use the battery. */
struct use {
	bool is_on;
	struct mono_time since; /* the first of those that are on */
	int64_t power_mw;       /* that is certain; + = charging */
};

static int64_t size_of(int64_t value)
{
	return value < 0 ? -value : value;
}

static int64_t lesser_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool has_moved(const struct battery_state *battery, const struct reading *reading)
{
	return reading->soc_bp != battery->shown_soc_bp ||
	       reading->temp_min_mc != battery->shown_temp_mc ||
	       reading->temp_max_mc != battery->shown_temp_max_mc;
}

static void learn_step(struct battery_state *battery, int32_t soc_bp)
{
	int32_t moved_bp = (int32_t)size_of(soc_bp - battery->shown_soc_bp);

	if (moved_bp == 0 || moved_bp > STEP_MOST_BP)
		return;
	if (battery->soc_step_bp == 0 || moved_bp < battery->soc_step_bp)
		battery->soc_step_bp = moved_bp;
}

void frozen_follow(struct battery_state *battery, const struct reading *reading,
		   struct mono_time measured_at)
{
	if (battery->has_shown && !has_moved(battery, reading))
		return;
	if (battery->has_shown)
		learn_step(battery, reading->soc_bp);
	battery->has_shown = true;
	battery->shown_soc_bp = reading->soc_bp;
	battery->shown_temp_mc = reading->temp_min_mc;
	battery->shown_temp_max_mc = reading->temp_max_mc;
	battery->is_found_frozen = false;
	battery->still_since = measured_at;
	battery->still_summed_at = measured_at;
	battery->still_energy_uj = 0;
}

/* What flows through a relay that is on, at the least and at the most. */
static struct flow flow_of(const struct relay_state *relay, enum relay_role role, int32_t most_w)
{
	int32_t least_pct = role == RELAY_SOURCE ? SOURCE_LEAST_PCT : LOAD_LEAST_PCT;
	int64_t most_mw = (int64_t)most_w * MW_PER_W, measured_mw;

	if (!relay->status.has_power)
		return (struct flow){most_mw * least_pct / 100, most_mw};
	measured_mw = lesser_of(size_of(relay->status.power_mw), most_mw);
	return (struct flow){measured_mw, measured_mw};
}

/* What the battery is charged with for certain; negative: discharged; 0: it may be neither. */
static int64_t certain_mw(struct flow in, struct flow out)
{
	if (in.least_mw > out.most_mw)
		return in.least_mw - out.most_mw;
	if (out.least_mw > in.most_mw)
		return in.most_mw - out.least_mw;
	return 0;
}

static struct use use_of(const struct turn *turn, size_t battery)
{
	int32_t most_w = turn->house->batteries[battery].power_w;
	struct flow flows[] = {[RELAY_SOURCE] = {0}, [RELAY_LOAD] = {0}};
	struct use use = {0};

	for (size_t i = 0; i < turn->house->relay_count; i++) {
		const struct relay_config *config = &turn->house->relays[i];
		const struct relay_state *relay = &turn->site->relays[i];
		struct flow flow;

		if (config->battery != battery || !relay->is_heard || !relay->status.is_on)
			continue;
		if (!use.is_on || relay->on_since.ms < use.since.ms)
			use.since = relay->on_since;
		use.is_on = true;
		flow = flow_of(relay, config->role, most_w);
		flows[config->role].least_mw += flow.least_mw;
		flows[config->role].most_mw += flow.most_mw;
	}
	use.power_mw = certain_mw(flows[RELAY_SOURCE], flows[RELAY_LOAD]);
	return use;
}

static void sum_energy(struct battery_state *battery, const struct use *use, struct now now)
{
	int64_t elapsed_ms = mono_since(now.mono, battery->still_summed_at);

	battery->still_summed_at = now.mono;
	if (!use->is_on)
		battery->still_energy_uj = 0;
	else if (size_of(battery->still_energy_uj) < ENERGY_MAX_UJ)
		battery->still_energy_uj += use->power_mw * lesser_of(elapsed_ms, PAUSE_MAX_MS);
}

void frozen_count(const struct turn *turn, size_t index)
{
	struct use use = use_of(turn, index);

	sum_energy(&turn->site->batteries[index], &use, turn->now);
}

static int64_t due_uj(const struct battery_config *config, int32_t step_bp)
{
	return (int64_t)STEPS_DUE * (step_bp != 0 ? step_bp : STEP_FIRST_BP) * config->capacity_wh *
	       UJ_PER_WH_BP;
}

static void find_frozen(const struct turn *turn, size_t index, int64_t still_ms)
{
	struct battery_state *battery = &turn->site->batteries[index];
	int64_t missed_bp = size_of(battery->still_energy_uj) / UJ_PER_WH_BP /
			    turn->house->batteries[index].capacity_wh;
	char detail[ALERT_DETAIL_MAX];
	struct text text = text_in(detail, sizeof(detail));

	battery->is_found_frozen = true;
	battery->quality = QUALITY_FROZEN;
	battery->good_in_a_row = 0;
	text_add_scaled(&text, missed_bp, 100);
	text_add(&text, " %%");
	alerts_battery(turn, index, ALERT_SENSOR_FROZEN, still_ms, 0, detail);
}

void frozen_watch(const struct turn *turn, size_t index)
{
	struct battery_state *battery = &turn->site->batteries[index];
	struct use use = use_of(turn, index);
	int64_t still_ms;

	if (!battery->is_found_frozen)
		alerts_battery_clear(turn, index, ALERT_SENSOR_FROZEN);
	sum_energy(battery, &use, turn->now);
	/* Who says nothing repeats nothing: a silence within stale_after_s is not standing still. */
	if (battery->quality != QUALITY_GOOD || !use.is_on ||
	    mono_since(turn->now.mono, battery->heard_at) > 0)
		return;
	still_ms = lesser_of(mono_since(turn->now.mono, use.since),
			     mono_since(turn->now.mono, battery->still_since));
	if (still_ms >= STILL_LEAST_MS &&
	    size_of(battery->still_energy_uj) >=
		due_uj(&turn->house->batteries[index], battery->soc_step_bp))
		find_frozen(turn, index, still_ms);
}
