#include "wire/source_field.h"

#include <errno.h>
#include <string.h>

#include "model/quantity.h"

#define TEMP_MIN (TEMP_MC_MIN / 1e3)
#define TEMP_MAX (TEMP_MC_MAX / 1e3)
#define EXACT_MAX 9007199254740992.0 /* 2^53: up to here a double is exact */

/* Generous: what no home has, so that only nonsense is refused. */
static const struct source_field_info fields[SOURCE_FIELD_COUNT] = {
    [SOURCE_SOC] = {"soc_pct", SOURCE_IS_NUMBER, SOURCE_RATIO, 0, 100, false},
    [SOURCE_SOH] = {"soh_pct", SOURCE_IS_NUMBER, SOURCE_RATIO, 0, 120, false},
    [SOURCE_TEMP] = {"temp_c", SOURCE_IS_NUMBER, SOURCE_TEMPERATURE, TEMP_MIN, TEMP_MAX, false},
    [SOURCE_TEMP_MAX] = {"temp_max_c", SOURCE_IS_NUMBER, SOURCE_TEMPERATURE, TEMP_MIN, TEMP_MAX,
			 false},
    [SOURCE_VOLTAGE] = {"voltage_v", SOURCE_IS_NUMBER, SOURCE_VOLTS, 0, 2000, false},
    [SOURCE_CURRENT] = {"current_a", SOURCE_IS_NUMBER, SOURCE_AMPERES, -10e3, 10e3, false},
    [SOURCE_POWER] = {"power_w", SOURCE_IS_NUMBER, SOURCE_WATTS, -10e6, 10e6, false},
    [SOURCE_REMAINING] = {"remaining_ah", SOURCE_IS_NUMBER, SOURCE_CHARGES, 0, 1e6, false},
    [SOURCE_MAX_CHARGE] = {"max_charge_a", SOURCE_IS_NUMBER, SOURCE_AMPERES, 0, 10e3, false},
    [SOURCE_MAX_DISCHARGE] = {"max_discharge_a", SOURCE_IS_NUMBER, SOURCE_AMPERES, 0, 10e3, false},
    [SOURCE_CHARGE_LIMIT] = {"charge_v_limit", SOURCE_IS_NUMBER, SOURCE_VOLTS, 0, 2000, false},
    [SOURCE_DISCHARGE_LIMIT] = {"discharge_v_limit", SOURCE_IS_NUMBER, SOURCE_VOLTS, 0, 2000,
				false},
    [SOURCE_CHARGE_ALLOWED] = {"charge_allowed", SOURCE_IS_FLAG, SOURCE_NO_DIMENSION, 0, 1, false},
    [SOURCE_DISCHARGE_ALLOWED] = {"discharge_allowed", SOURCE_IS_FLAG, SOURCE_NO_DIMENSION, 0, 1,
				  false},
    [SOURCE_CHARGE_REQUEST] = {"charge_request", SOURCE_IS_FLAG, SOURCE_NO_DIMENSION, 0, 1, false},
    [SOURCE_ALARM] = {"alarm", SOURCE_IS_FLAG, SOURCE_NO_DIMENSION, 0, 1, false},
    [SOURCE_STATE] = {"state", SOURCE_IS_STATE, SOURCE_NO_DIMENSION, 0, 1, true},
    [SOURCE_FAULT] = {"fault", SOURCE_IS_WORD, SOURCE_NO_DIMENSION, 0, 0, true},
    [SOURCE_LEASE_LEFT] = {"lease_s", SOURCE_IS_NUMBER, SOURCE_TIMES, 0, 1e9, true},
    [SOURCE_LEASE_SET] = {"lease_set_s", SOURCE_IS_NUMBER, SOURCE_TIMES, 0, 1e9, true},
    [SOURCE_ORIGIN] = {"origin", SOURCE_IS_WORD, SOURCE_NO_DIMENSION, 0, 0, true},
    [SOURCE_ACKED] = {"acked", SOURCE_IS_WHOLE, SOURCE_NO_DIMENSION, 0, EXACT_MAX, true},
    [SOURCE_REFUSED] = {"refused", SOURCE_IS_WORD, SOURCE_NO_DIMENSION, 0, 0, true},
    [SOURCE_EVENT] = {"event", SOURCE_IS_WORD, SOURCE_NO_DIMENSION, 0, 0, true},
    [SOURCE_AC_VOLTAGE] = {"ac_voltage_v", SOURCE_IS_NUMBER, SOURCE_VOLTS, 0, 2000, false},
    [SOURCE_AC_CURRENT] = {"ac_current_a", SOURCE_IS_NUMBER, SOURCE_AMPERES, -10e3, 10e3, false},
    [SOURCE_AC_POWER] = {"ac_power_w", SOURCE_IS_NUMBER, SOURCE_WATTS, -10e6, 10e6, false},
    [SOURCE_DC_VOLTAGE] = {"dc_voltage_v", SOURCE_IS_NUMBER, SOURCE_VOLTS, 0, 2000, false},
    [SOURCE_DC_CURRENT] = {"dc_current_a", SOURCE_IS_NUMBER, SOURCE_AMPERES, -10e3, 10e3, false},
    [SOURCE_DC_POWER] = {"dc_power_w", SOURCE_IS_NUMBER, SOURCE_WATTS, -10e6, 10e6, false},
    [SOURCE_DEVICE_TEMP] = {"device_temp_c", SOURCE_IS_NUMBER, SOURCE_TEMPERATURE, TEMP_MIN,
			    TEMP_MAX, false},
    [SOURCE_GRID] = {"grid_w", SOURCE_IS_NUMBER, SOURCE_WATTS, -10e6, 10e6, false},
    [SOURCE_GRID_L1] = {"grid_l1_w", SOURCE_IS_NUMBER, SOURCE_WATTS, -10e6, 10e6, false},
    [SOURCE_GRID_L2] = {"grid_l2_w", SOURCE_IS_NUMBER, SOURCE_WATTS, -10e6, 10e6, false},
    [SOURCE_GRID_L3] = {"grid_l3_w", SOURCE_IS_NUMBER, SOURCE_WATTS, -10e6, 10e6, false},
    [SOURCE_PV] = {"pv_w", SOURCE_IS_NUMBER, SOURCE_WATTS, -10e6, 10e6, false},
    [SOURCE_LOAD] = {"load_w", SOURCE_IS_NUMBER, SOURCE_WATTS, -10e6, 10e6, false},
    [SOURCE_ENERGY] = {"energy_wh", SOURCE_IS_NUMBER, SOURCE_ENERGIES, 0, 1e15, false},
    [SOURCE_ENERGY_IN] = {"energy_in_wh", SOURCE_IS_NUMBER, SOURCE_ENERGIES, 0, 1e15, false},
    [SOURCE_ENERGY_OUT] = {"energy_out_wh", SOURCE_IS_NUMBER, SOURCE_ENERGIES, 0, 1e15, false},
};

const struct source_field_info *source_field_info(enum source_field field)
{
	return &fields[field];
}

int source_field_find(enum source_field *out, const char *name)
{
	for (size_t i = 0; i < SOURCE_FIELD_COUNT; i++) {
		if (strcmp(fields[i].name, name) == 0) {
			*out = (enum source_field)i;
			return 0;
		}
	}
	return -ENOENT;
}

/* The field's unit is what is read times `factor` plus `offset`. */
static const struct {
	const char *name;
	enum source_dimension dimension;
	double factor, offset;
} units[SOURCE_UNIT_COUNT] = {
    [SOURCE_UNIT_OURS] = {NULL, SOURCE_NO_DIMENSION, 1, 0},
    [SOURCE_UNIT_PERCENT] = {"%", SOURCE_RATIO, 1, 0},
    [SOURCE_UNIT_FRACTION] = {"frac", SOURCE_RATIO, 100, 0},
    [SOURCE_UNIT_PERMILLE] = {"permille", SOURCE_RATIO, 0.1, 0},
    [SOURCE_UNIT_C] = {"C", SOURCE_TEMPERATURE, 1, 0},
    [SOURCE_UNIT_F] = {"F", SOURCE_TEMPERATURE, 1 / 1.8, -32 / 1.8},
    [SOURCE_UNIT_K] = {"K", SOURCE_TEMPERATURE, 1, -273.15},
    [SOURCE_UNIT_V] = {"V", SOURCE_VOLTS, 1, 0},
    [SOURCE_UNIT_MV] = {"mV", SOURCE_VOLTS, 1e-3, 0},
    [SOURCE_UNIT_A] = {"A", SOURCE_AMPERES, 1, 0},
    [SOURCE_UNIT_MA] = {"mA", SOURCE_AMPERES, 1e-3, 0},
    [SOURCE_UNIT_W] = {"W", SOURCE_WATTS, 1, 0},
    [SOURCE_UNIT_MW] = {"mW", SOURCE_WATTS, 1e-3, 0},
    [SOURCE_UNIT_KW] = {"kW", SOURCE_WATTS, 1e3, 0},
    [SOURCE_UNIT_WH] = {"Wh", SOURCE_ENERGIES, 1, 0},
    [SOURCE_UNIT_KWH] = {"kWh", SOURCE_ENERGIES, 1e3, 0},
    [SOURCE_UNIT_AH] = {"Ah", SOURCE_CHARGES, 1, 0},
    [SOURCE_UNIT_MAH] = {"mAh", SOURCE_CHARGES, 1e-3, 0},
    [SOURCE_UNIT_S] = {"s", SOURCE_TIMES, 1, 0},
    [SOURCE_UNIT_MS] = {"ms", SOURCE_TIMES, 1e-3, 0},
    [SOURCE_UNIT_PULSETIME] = {"pulsetime", SOURCE_TIMES, 1, 0},
};

#define PULSETIME_TENTHS_MAX 111
#define PULSETIME_BASE 100

const char *source_unit_name(enum source_unit unit)
{
	return units[unit].name;
}

int source_unit_find(enum source_unit *out, const char *name)
{
	for (size_t i = SOURCE_UNIT_OURS + 1; i < SOURCE_UNIT_COUNT; i++) {
		if (strcmp(units[i].name, name) == 0) {
			*out = (enum source_unit)i;
			return 0;
		}
	}
	return -ENOENT;
}

enum source_dimension source_unit_dimension(enum source_unit unit)
{
	return units[unit].dimension;
}

double source_unit_convert(enum source_unit unit, double value)
{
	if (unit == SOURCE_UNIT_PULSETIME)
		return value <= PULSETIME_TENTHS_MAX ? value / 10 : value - PULSETIME_BASE;
	return value * units[unit].factor + units[unit].offset;
}
