/*
 * Follows the values with the six latches and counts trips. The gate
 * (safety.c) compares the raw values too: a latch only ever adds to it.
 */
#include "core/limits.h"

#include "core/alerts.h"
#include "core/planned.h"

#define LIMIT_COUNT 6

/* One latch: where it is, what trips and what releases it. */
struct limit {
	bool *latch;
	enum relay_role role;
	bool is_tripping, is_releasing;
	enum reason_code code;
	int64_t value, limit;
};

struct gate_limits limits_of(const struct battery_config *config, const struct settings *settings)
{
	return (struct gate_limits){
	    .stale_after_ms = setting(settings, PARAMETER_STALE_AFTER),
	    .reserve_bp = (int32_t)setting(settings, PARAMETER_RESERVE),
	    .ceiling_bp = (int32_t)setting(settings, PARAMETER_CEILING),
	    .charge_min_mc = (int32_t)setting(settings, PARAMETER_CHARGE_MIN_TEMP),
	    .charge_max_mc = (int32_t)setting(settings, PARAMETER_CHARGE_MAX_TEMP),
	    .discharge_min_mc = (int32_t)setting(settings, PARAMETER_DISCHARGE_MIN_TEMP),
	    .discharge_max_mc = (int32_t)setting(settings, PARAMETER_DISCHARGE_MAX_TEMP),
	    .soc_hysteresis_bp = (int32_t)setting(settings, PARAMETER_SOC_HYSTERESIS),
	    .temp_hysteresis_mc = (int32_t)setting(settings, PARAMETER_TEMP_HYSTERESIS),
	    .paths_are_independent = config->paths_are_independent,
	    .dwell_ms = setting(settings, PARAMETER_DWELL),
	    .switches_per_day = (int32_t)setting(settings, PARAMETER_SWITCHES_PER_DAY),
	};
}

/* The latch of a limit and where it releases; REASON_NONE for any other reason. */
static struct reason latch_of(enum reason_code code, const struct gate_limits *limits)
{
	int64_t soc_h = limits->soc_hysteresis_bp, temp_h = limits->temp_hysteresis_mc;

	switch (code) {
	case REASON_CEILING: /* below it, all others at it */
		return (struct reason){REASON_CEILING_LATCHED, 0, limits->ceiling_bp - soc_h};
	case REASON_RESERVE:
		return (struct reason){REASON_RESERVE_LATCHED, 0, limits->reserve_bp + soc_h};
	case REASON_CHARGE_COLD:
		return (struct reason){REASON_CHARGE_COLD_LATCHED, 0,
				       limits->charge_min_mc + temp_h};
	case REASON_CHARGE_HOT:
		return (struct reason){REASON_CHARGE_HOT_LATCHED, 0,
				       limits->charge_max_mc - temp_h};
	case REASON_DISCHARGE_COLD:
		return (struct reason){REASON_DISCHARGE_COLD_LATCHED, 0,
				       limits->discharge_min_mc + temp_h};
	case REASON_DISCHARGE_HOT:
		return (struct reason){REASON_DISCHARGE_HOT_LATCHED, 0,
				       limits->discharge_max_mc - temp_h};
	default:
		return (struct reason){REASON_NONE, 0, 0};
	}
}

struct reason limits_flip(struct reason reason, const struct gate_limits *limits)
{
	struct reason latch = latch_of(reason.code, limits);

	latch.value = reason.value;
	return latch.code != REASON_NONE ? latch : reason;
}

static struct limit below(bool *latch, enum relay_role role, enum reason_code code, int32_t value,
			  int32_t least, const struct gate_limits *limits)
{
	bool is_releasing = value >= latch_of(code, limits).limit;

	return (struct limit){latch, role, value < least, is_releasing, code, value, least};
}

static struct limit above(bool *latch, enum relay_role role, enum reason_code code, int32_t value,
			  int32_t most, const struct gate_limits *limits)
{
	bool is_releasing = value <= latch_of(code, limits).limit;

	return (struct limit){latch, role, value > most, is_releasing, code, value, most};
}

/* A state of charge trips at its limit already, a temperature beyond it. */
static struct limit ceiling(bool *latch, int32_t soc_bp, const struct gate_limits *limits)
{
	return (struct limit){
	    .latch = latch,
	    .role = RELAY_SOURCE,
	    .is_tripping = soc_bp >= limits->ceiling_bp,
	    .is_releasing = soc_bp < latch_of(REASON_CEILING, limits).limit,
	    .code = REASON_CEILING,
	    .value = soc_bp,
	    .limit = limits->ceiling_bp,
	};
}

static struct limit reserve(bool *latch, int32_t soc_bp, const struct gate_limits *limits)
{
	bool is_tripping = soc_bp <= limits->reserve_bp;

	return (struct limit){
	    .latch = latch,
	    .role = RELAY_LOAD,
	    .is_tripping = is_tripping,
	    .is_releasing = !is_tripping && soc_bp >= latch_of(REASON_RESERVE, limits).limit,
	    .code = REASON_RESERVE,
	    .value = soc_bp,
	    .limit = limits->reserve_bp,
	};
}

static void limits_for(struct limit out[LIMIT_COUNT], struct battery_state *battery,
		       const struct gate_limits *limits, struct limit_values at)
{
	out[0] = ceiling(&battery->ceiling_latch, at.soc_bp, limits);
	out[1] = reserve(&battery->reserve_latch, at.soc_bp, limits);
	out[2] = below(&battery->charge_cold_latch, RELAY_SOURCE, REASON_CHARGE_COLD,
		       at.temp_min_mc, limits->charge_min_mc, limits);
	out[3] = above(&battery->charge_hot_latch, RELAY_SOURCE, REASON_CHARGE_HOT, at.temp_max_mc,
		       limits->charge_max_mc, limits);
	out[4] = below(&battery->discharge_cold_latch, RELAY_LOAD, REASON_DISCHARGE_COLD,
		       at.temp_min_mc, limits->discharge_min_mc, limits);
	out[5] = above(&battery->discharge_hot_latch, RELAY_LOAD, REASON_DISCHARGE_HOT,
		       at.temp_max_mc, limits->discharge_max_mc, limits);
}

static void count_trip(const struct turn *turn, size_t index, const struct limit *limit)
{
	struct battery_state *battery = &turn->site->batteries[index];
	int64_t allowed = setting(&turn->site->settings[index], PARAMETER_TRIPS_PER_DAY);
	struct reason reason = {limit->code, limit->value, limit->limit};
	char detail[ALERT_DETAIL_MAX];
	struct text text = text_in(detail, sizeof(detail));

	reason_format(&reason, NULL, &text);
	alerts_battery(turn, index, ALERT_LIMIT_TRIPPED, limit->value, limit->limit, detail);
	battery->trips_today++;
	turn_note(turn, NOTE_KEEP_BATTERY, index);
	if (battery->trips_today < allowed || battery->is_locked_out)
		return;
	text = text_in(detail, sizeof(detail));
	text_add(&text, "%d trips today, %lld allowed", battery->trips_today, (long long)allowed);
	limits_lock_out(turn, index, detail);
}

static bool has_latch(const struct battery_state *battery)
{
	return battery->ceiling_latch || battery->reserve_latch || battery->charge_cold_latch ||
	       battery->charge_hot_latch || battery->discharge_cold_latch ||
	       battery->discharge_hot_latch;
}

void limits_follow(const struct turn *turn, size_t index, struct limit_values values,
		   bool may_release)
{
	struct battery_state *battery = &turn->site->batteries[index];
	struct gate_limits limits =
	    limits_of(&turn->house->batteries[index], &turn->site->settings[index]);
	struct limit all[LIMIT_COUNT];
	const struct limit *trip = NULL;

	limits_for(all, battery, &limits, values);
	for (size_t i = 0; i < LIMIT_COUNT; i++) {
		if (all[i].is_tripping && !*all[i].latch) {
			*all[i].latch = true;
			if (trip == NULL && turn_path_is_on(turn, index, all[i].role))
				trip = &all[i];
		} else if (all[i].is_releasing && may_release) {
			*all[i].latch = false;
		}
	}
	if (trip != NULL)
		count_trip(turn, index, trip);
	if (!has_latch(battery))
		alerts_battery_clear(turn, index, ALERT_LIMIT_TRIPPED);
}

void limits_lock_out(const struct turn *turn, size_t index, const char *cause)
{
	turn->site->batteries[index].is_locked_out = true;
	planned_void(turn, index, REASON_PLAN_LOCKED);
	alerts_battery(turn, index, ALERT_LOCKED_OUT, 0, 0, cause);
	turn_note(turn, NOTE_KEEP_BATTERY, index);
}

void limits_end_lockout(const struct turn *turn, size_t index)
{
	struct battery_state *battery = &turn->site->batteries[index];

	if (!battery->is_locked_out)
		return;
	battery->is_locked_out = false;
	battery->trips_today = 0;
	alerts_battery_clear(turn, index, ALERT_LOCKED_OUT);
	turn_note(turn, NOTE_KEEP_BATTERY, index);
}
