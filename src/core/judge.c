/*
 * Judges readings by the battery's size and power (plausible.h). They are
 * measured against an anchor, so that a drift that is slow enough to pass from
 * one reading to the next, and too fast for the battery, is seen. The anchor's
 * SoC follows the good readings no faster than power moves it: what is too fast
 * adds up, whenever it began. Its temperature is a good reading that is taken
 * anew every ten minutes, since rooms warm up too; so it is measured against
 * the good reading before as well.
 *
 * A reading that leaves the anchor is suspect; if the next stays with it, the
 * sensor was recalibrated. Once it leaps again within the hour that is no
 * recalibration: then only the anchor's neighbourhood, an hour at one level or
 * a person restores trust.
 */
#include "core/judge.h"

#include "core/plausible.h"

#define TEMP_ANCHOR_MOVES_MS (10 * (int64_t)MS_PER_MINUTE)
/* Often enough to see a drift soon, and so seldom that no part of it is lost in rounding. */
#define SOC_ANCHOR_MOVES_MS (int64_t) MS_PER_MINUTE
/* A gauge of whole percents stands still and then moves at once: for this long it may have. */
#define SOC_STILL_MS (10 * (int64_t)MS_PER_MINUTE)
#define LEAP_MEMORY_MS (int64_t) MS_PER_HOUR
#define DISTRUST_LASTS_MS (int64_t) MS_PER_HOUR
#define DISTRUST_SOC_BP 1000

/* What a DS18B20 sends after power-on, before it has measured (its data sheet, "Operation"). */
#define POWER_ON_TEMP_MC 85000
#define POWER_ON_STEP_MC 5000

#define TREND_BP 300
#define TREND_LEAST_MA 1000
#define TREND_CURRENT_MAX_MA 1000000000
#define TREND_PAUSE_MAX_MS (int64_t) MS_PER_HOUR
/* Times the highest voltage, in watt-seconds and times SOC_BP_MAX it still fits. */
#define TREND_CHARGE_MAX_MAS (INT64_C(1) << 49)
#define TREND_VOLTAGE_MAX_MV 1000000

/* A reading that others are measured against. */
struct mark {
	int32_t soc_bp, temp_min_mc, temp_max_mc;
	struct mono_time soc_at, temp_at;
};

static int32_t apart(int32_t a, int32_t b)
{
	return a > b ? a - b : b - a;
}

static struct verdict good(void)
{
	return (struct verdict){.code = ALERT_NONE};
}

static struct mark anchor_of(const struct battery_state *battery)
{
	return (struct mark){battery->anchor_soc_bp, battery->anchor_temp_mc,
			     battery->anchor_temp_max_mc, battery->anchor_at,
			     battery->anchor_temp_at};
}

static struct mark suspect_of(const struct battery_state *battery)
{
	return (struct mark){battery->suspect_soc_bp, battery->suspect_temp_mc,
			     battery->suspect_temp_max_mc, battery->suspect_at,
			     battery->suspect_at};
}

static int64_t elapsed_ms(struct mono_time now, struct mono_time since)
{
	int64_t ms = mono_since(now, since);

	return ms > 0 ? ms : 0;
}

/* The temperature alone, since an earlier one. */
static struct verdict against_temp(const struct battery_config *config,
				   const struct reading *reading, int32_t from_min_mc,
				   int32_t from_max_mc, int64_t ms)
{
	int32_t step = plausible_temp_step_mc(config->capacity_wh, config->power_w, ms);
	int32_t cold_moved = reading->temp_min_mc - from_min_mc;
	int32_t hot_moved = reading->temp_max_mc - from_max_mc;

	if (apart(cold_moved, 0) > step)
		return (struct verdict){ALERT_TEMP_IMPLAUSIBLE, cold_moved, step, false};
	if (apart(hot_moved, 0) > step)
		return (struct verdict){ALERT_TEMP_IMPLAUSIBLE, hot_moved, step, false};
	return good();
}

/* `reading` against `mark`; the SoC may move `soc_most_bp` at the most, however long it took. */
static struct verdict against(const struct mark *mark, const struct battery_config *config,
			      const struct reading *reading, struct mono_time measured_at,
			      int32_t soc_most_bp)
{
	int32_t soc_moved = reading->soc_bp - mark->soc_bp;
	int32_t soc_step = plausible_soc_step_bp(config->capacity_wh, config->power_w,
						 elapsed_ms(measured_at, mark->soc_at));

	if (soc_step > soc_most_bp)
		soc_step = soc_most_bp;
	if (apart(soc_moved, 0) > soc_step)
		return (struct verdict){ALERT_SOC_IMPLAUSIBLE, soc_moved, soc_step, false};
	return against_temp(config, reading, mark->temp_min_mc, mark->temp_max_mc,
			    elapsed_ms(measured_at, mark->temp_at));
}

/* The temperature against the reading before, where that was good. */
static struct verdict against_last(const struct battery_state *battery,
				   const struct battery_config *config,
				   const struct reading *reading, struct mono_time measured_at)
{
	const struct reading *last = &battery->reading;

	if (!battery->has_anchor || battery->quality == QUALITY_SUSPECT)
		return good();
	return against_temp(config, reading, last->temp_min_mc, last->temp_max_mc,
			    elapsed_ms(measured_at, battery->measured_at));
}

/* The power-on value, unless the battery was about as hot before. */
static struct verdict power_on(const struct mark *mark, const struct reading *reading)
{
	int32_t from_mc = mark == NULL ? 0 : mark->temp_max_mc;

	if (reading->temp_max_mc != POWER_ON_TEMP_MC ||
	    apart(POWER_ON_TEMP_MC, from_mc) <= POWER_ON_STEP_MC)
		return good();
	return (struct verdict){ALERT_TEMP_IMPLAUSIBLE, POWER_ON_TEMP_MC - from_mc,
				POWER_ON_STEP_MC, false};
}

/* The message against itself: no history needed. */
static struct verdict against_itself(const struct reading *reading)
{
	struct contradiction power = plausible_power(reading), cells = plausible_cells(reading);

	if (power.is_found)
		return (struct verdict){ALERT_POWER_CONTRADICTION, power.value, power.expected,
					false};
	if (cells.is_found)
		return (struct verdict){ALERT_CELLS_CONTRADICTION, cells.value, cells.expected,
					false};
	return good();
}

/* Whether `reading` stays with the suspect one, for as long as it takes to be believed. */
static bool is_recalibration(const struct battery_state *battery,
			     const struct battery_config *config, const struct reading *reading,
			     struct mono_time measured_at)
{
	struct mark suspect = suspect_of(battery);

	return battery->has_suspect &&
	       against(&suspect, config, reading, measured_at, SOC_BP_MAX).code == ALERT_NONE &&
	       (!battery->is_distrusted ||
		mono_since(measured_at, battery->suspect_at) >= DISTRUST_LASTS_MS);
}

struct verdict judge_reading(const struct turn *turn, size_t index, const struct reading *reading,
			     struct mono_time measured_at)
{
	const struct battery_state *battery = &turn->site->batteries[index];
	const struct battery_config *config = &turn->house->batteries[index];
	struct mark anchor = anchor_of(battery);
	struct verdict verdict = against_itself(reading);

	if (verdict.code != ALERT_NONE)
		return verdict;
	verdict = power_on(battery->has_anchor ? &anchor : NULL, reading);
	if (verdict.code == ALERT_NONE && battery->has_anchor)
		verdict = against(&anchor, config, reading, measured_at,
				  battery->is_distrusted ? DISTRUST_SOC_BP : SOC_BP_MAX);
	if (verdict.code == ALERT_NONE)
		verdict = against_last(battery, config, reading, measured_at);
	if (verdict.code != ALERT_NONE && is_recalibration(battery, config, reading, measured_at)) {
		verdict = good();
		verdict.is_recalibrated = true;
	}
	return verdict;
}

static void begin_trend(struct battery_state *battery, const struct reading *reading,
			struct mono_time at)
{
	battery->has_trend = true;
	battery->trend_soc_bp = reading->soc_bp;
	battery->trend_charge_mas = 0;
	battery->trend_since = at;
	battery->trend_at = at;
}

/* What the summed charge would have moved the SoC by, where the voltage is known; else 0. */
static int64_t expected_bp(int64_t charge_mas, const struct battery_config *config,
			   const struct reading *reading)
{
	int64_t watt_seconds;

	if (!reading->has_voltage || config->capacity_wh <= 0 ||
	    reading->voltage_mv > TREND_VOLTAGE_MAX_MV ||
	    reading->voltage_mv < -TREND_VOLTAGE_MAX_MV)
		return 0;
	watt_seconds = charge_mas / 1000 * reading->voltage_mv / 1000;
	return watt_seconds * SOC_BP_MAX / ((int64_t)config->capacity_wh * 3600);
}

static void sum_current(struct battery_state *battery, int64_t current_ma, struct mono_time at)
{
	int64_t elapsed_ms = mono_since(at, battery->trend_at);

	if (elapsed_ms <= 0)
		return;
	if (elapsed_ms > TREND_PAUSE_MAX_MS)
		elapsed_ms = TREND_PAUSE_MAX_MS;
	if (current_ma > TREND_CURRENT_MAX_MA)
		current_ma = TREND_CURRENT_MAX_MA;
	if (current_ma < -TREND_CURRENT_MAX_MA)
		current_ma = -TREND_CURRENT_MAX_MA;
	battery->trend_charge_mas += current_ma * elapsed_ms / MS_PER_SECOND;
	if (battery->trend_charge_mas > TREND_CHARGE_MAX_MAS)
		battery->trend_charge_mas = TREND_CHARGE_MAX_MAS;
	if (battery->trend_charge_mas < -TREND_CHARGE_MAX_MAS)
		battery->trend_charge_mas = -TREND_CHARGE_MAX_MAS;
	battery->trend_at = at;
}

struct verdict judge_trend(struct battery_state *battery, const struct battery_config *config,
			   const struct reading *reading, struct mono_time measured_at)
{
	int64_t charge_mas, least_mas;
	int32_t moved_bp;

	if (!reading->has_current || !battery->has_trend) {
		begin_trend(battery, reading, measured_at);
		battery->has_trend = reading->has_current;
		return good();
	}
	sum_current(battery, reading->current_ma, measured_at);
	moved_bp = reading->soc_bp - battery->trend_soc_bp;
	if (apart(moved_bp, 0) < TREND_BP)
		return good();
	charge_mas = battery->trend_charge_mas;
	least_mas = mono_since(measured_at, battery->trend_since) / MS_PER_SECOND * TREND_LEAST_MA;
	if ((moved_bp > 0 && charge_mas < -least_mas) || (moved_bp < 0 && charge_mas > least_mas))
		return (struct verdict){ALERT_SIGN_CONTRADICTION, moved_bp,
					expected_bp(charge_mas, config, reading), false};
	begin_trend(battery, reading, measured_at);
	return good();
}

/* A second leap within the hour, or one out of a leap, is no recalibration. */
static void remember_leap(struct battery_state *battery, struct mono_time at)
{
	if (battery->has_leapt && mono_since(at, battery->leapt_at) < LEAP_MEMORY_MS)
		battery->is_distrusted = true;
	battery->has_leapt = true;
	battery->leapt_at = at;
}

void judge_remember(struct battery_state *battery, const struct battery_config *config,
		    const struct reading *reading, struct mono_time measured_at,
		    enum alert_code code)
{
	struct mark suspect = suspect_of(battery);

	if (code != ALERT_SOC_IMPLAUSIBLE && code != ALERT_TEMP_IMPLAUSIBLE)
		return;
	if (battery->has_suspect &&
	    against(&suspect, config, reading, measured_at, SOC_BP_MAX).code == ALERT_NONE)
		return; /* the level that must last */
	if (code == ALERT_SOC_IMPLAUSIBLE)
		remember_leap(battery, measured_at);
	battery->has_suspect = true;
	battery->suspect_soc_bp = reading->soc_bp;
	battery->suspect_temp_mc = reading->temp_min_mc;
	battery->suspect_temp_max_mc = reading->temp_max_mc;
	battery->suspect_at = measured_at;
}

static void set_temp_anchor(struct battery_state *battery, const struct reading *reading,
			    struct mono_time at)
{
	battery->anchor_temp_mc = reading->temp_min_mc;
	battery->anchor_temp_max_mc = reading->temp_max_mc;
	battery->anchor_temp_at = at;
}

static void follow_soc(struct battery_state *battery, const struct battery_config *config,
		       int32_t soc_bp, struct mono_time at)
{
	int64_t passed_ms = elapsed_ms(at, battery->anchor_at);
	int32_t most = plausible_soc_reach_bp(config->capacity_wh, config->power_w, passed_ms);
	int32_t moved = soc_bp - battery->anchor_soc_bp;

	if (moved == 0 && passed_ms > SOC_STILL_MS)
		battery->anchor_at = mono_add(at, -SOC_STILL_MS);
	if (moved == 0 || passed_ms < SOC_ANCHOR_MOVES_MS)
		return;
	battery->anchor_soc_bp += moved > most ? most : moved < -most ? -most : moved;
	battery->anchor_at = at;
}

void judge_anchor(struct battery_state *battery, const struct battery_config *config,
		  const struct reading *reading, struct mono_time measured_at, bool is_recalibrated)
{
	battery->has_suspect = false;
	if (battery->is_distrusted && mono_since(measured_at, battery->leapt_at) >= LEAP_MEMORY_MS)
		battery->is_distrusted = false;
	if (!battery->has_anchor || is_recalibrated) {
		battery->has_anchor = true;
		battery->anchor_soc_bp = reading->soc_bp;
		battery->anchor_at = measured_at;
		set_temp_anchor(battery, reading, measured_at);
		return;
	}
	follow_soc(battery, config, reading->soc_bp, measured_at);
	if (mono_since(measured_at, battery->anchor_temp_at) >= TEMP_ANCHOR_MOVES_MS)
		set_temp_anchor(battery, reading, measured_at);
}
