/*
 * The physics by which readings are judged. All integer: the inputs are bounded
 * first, so that no product can overflow, whatever a sensor sends.
 */
#include "core/plausible.h"

#define SOC_TOLERANCE_BP 100
#define TEMP_TOLERANCE_MC 5000
#define ELAPSED_MAX_MS MS_PER_DAY

/* 1.5 x P [W] x t [ms] / (C [Wh] x 3600000 ms/h) x 10000 bp = P t / (C x 240). */
#define SOC_STEP_DIVISOR 240
/* P [W] x t [ms] / (10 J/(K Wh) x C [Wh]) is in mK. */
#define HEAT_J_PER_K_WH 10

#define POWER_APART_MW 50000
#define POWER_APART_PCT 20
#define CELLS_APART_PCT 5

#define VOLTAGE_MAX_MV 100000000  /* 100 kV */
#define CURRENT_MAX_MA 1000000000 /* 1 MA */
#define POWER_MAX_MW (INT64_C(1) << 50)

static int64_t within(int64_t value, int64_t most)
{
	return value > most ? most : value < -most ? -most : value;
}

static int64_t size_of(int64_t value)
{
	return value < 0 ? -value : value;
}

int32_t plausible_soc_reach_bp(int32_t capacity_wh, int32_t power_w, int64_t elapsed_ms)
{
	int64_t by_power;

	if (capacity_wh <= 0 || power_w <= 0)
		return SOC_BP_MAX;
	by_power = (int64_t)power_w * within(elapsed_ms, ELAPSED_MAX_MS) /
		   ((int64_t)capacity_wh * SOC_STEP_DIVISOR);
	return (int32_t)within(by_power, SOC_BP_MAX);
}

int32_t plausible_soc_step_bp(int32_t capacity_wh, int32_t power_w, int64_t elapsed_ms)
{
	int32_t reach_bp = plausible_soc_reach_bp(capacity_wh, power_w, elapsed_ms);

	return (int32_t)within((int64_t)SOC_TOLERANCE_BP + reach_bp, SOC_BP_MAX);
}

int32_t plausible_temp_step_mc(int32_t capacity_wh, int32_t power_w, int64_t elapsed_ms)
{
	int64_t by_power;

	if (capacity_wh <= 0 || power_w <= 0)
		return TEMP_MC_MAX - TEMP_MC_MIN;
	by_power = (int64_t)power_w * within(elapsed_ms, ELAPSED_MAX_MS) /
		   ((int64_t)capacity_wh * HEAT_J_PER_K_WH);
	return (int32_t)within(TEMP_TOLERANCE_MC + by_power, TEMP_MC_MAX - TEMP_MC_MIN);
}

int64_t plausible_time_ms(int32_t capacity_wh, int32_t power_w, int32_t soc_bp)
{
	return (int64_t)capacity_wh * soc_bp * (MS_PER_HOUR / SOC_BP_MAX) / power_w;
}

struct contradiction plausible_power(const struct reading *reading)
{
	struct contradiction found = {0};
	int64_t apart_mw;

	if (!reading->has_voltage || !reading->has_current || !reading->has_power)
		return found;
	found.value = within(reading->voltage_mv, VOLTAGE_MAX_MV) *
		      within(reading->current_ma, CURRENT_MAX_MA) / 1000;
	found.expected = within(reading->power_mw, POWER_MAX_MW);
	apart_mw = size_of(found.value - found.expected);
	found.is_found =
	    apart_mw > POWER_APART_MW && apart_mw > size_of(found.expected) / 100 * POWER_APART_PCT;
	return found;
}

struct contradiction plausible_cells(const struct reading *reading)
{
	struct contradiction found = {0};

	if (!reading->has_voltage || reading->cell_count == 0)
		return found;
	for (size_t i = 0; i < reading->cell_count && i < CELLS_MAX; i++)
		found.value += reading->cell_mv[i];
	found.expected = within(reading->voltage_mv, VOLTAGE_MAX_MV);
	found.is_found =
	    size_of(found.value - found.expected) * 100 > size_of(found.expected) * CELLS_APART_PCT;
	return found;
}
