/*
 * The quantities that sources can bring, whoever brings them: names, ranges and
 * units as in docs/devices.md. Charging and import are positive.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

enum source_field {
	/* a battery */
	SOURCE_SOC,
	SOURCE_SOH,
	SOURCE_TEMP, /* the coldest sensor */
	SOURCE_TEMP_MAX,
	SOURCE_VOLTAGE,
	SOURCE_CURRENT,
	SOURCE_POWER,
	SOURCE_REMAINING,
	SOURCE_MAX_CHARGE,
	SOURCE_MAX_DISCHARGE,
	SOURCE_CHARGE_LIMIT,
	SOURCE_DISCHARGE_LIMIT,
	SOURCE_CHARGE_ALLOWED,
	SOURCE_DISCHARGE_ALLOWED,
	SOURCE_CHARGE_REQUEST,
	SOURCE_ALARM,
	/* a plug or relay */
	SOURCE_STATE,
	SOURCE_FAULT,
	SOURCE_LEASE_LEFT,
	SOURCE_LEASE_SET,
	SOURCE_ORIGIN,
	SOURCE_ACKED,   /* the number of a request that was taken: not the state */
	SOURCE_REFUSED, /* a request was not taken */
	SOURCE_EVENT,
	SOURCE_AC_VOLTAGE,
	SOURCE_AC_CURRENT,
	SOURCE_AC_POWER,
	SOURCE_DC_VOLTAGE,
	SOURCE_DC_CURRENT,
	SOURCE_DC_POWER,
	SOURCE_DEVICE_TEMP,
	/* a house */
	SOURCE_GRID,
	SOURCE_GRID_L1, /* told by phase, grid_w is their sum: source_phases.h */
	SOURCE_GRID_L2,
	SOURCE_GRID_L3,
	SOURCE_PV,
	SOURCE_LOAD,
	SOURCE_ENERGY,
	SOURCE_ENERGY_IN,
	SOURCE_ENERGY_OUT,
	SOURCE_FIELD_COUNT
};

enum source_field_kind {
	SOURCE_IS_NUMBER,
	SOURCE_IS_WHOLE,
	SOURCE_IS_FLAG,  /* yes or no */
	SOURCE_IS_STATE, /* on or off */
	SOURCE_IS_WORD,  /* one of the words that the map has; others are passed over */
};

enum source_dimension {
	SOURCE_RATIO,
	SOURCE_TEMPERATURE,
	SOURCE_VOLTS,
	SOURCE_AMPERES,
	SOURCE_WATTS,
	SOURCE_ENERGIES,
	SOURCE_CHARGES,
	SOURCE_TIMES,
	SOURCE_NO_DIMENSION,
};

struct source_field_info {
	const char *name;
	enum source_field_kind kind;
	enum source_dimension dimension;
	double min, max;    /* both allowed */
	bool is_last_known; /* retained it is the last state known; else it is refused */
};

/* Static. */
const struct source_field_info *source_field_info(enum source_field field);

/* Returns 0, or -ENOENT and leaves `out` alone. */
int source_field_find(enum source_field *out, const char *name) MUST_CHECK;

enum source_unit {
	SOURCE_UNIT_OURS, /* that of the field's name */
	SOURCE_UNIT_PERCENT,
	SOURCE_UNIT_FRACTION,
	SOURCE_UNIT_PERMILLE,
	SOURCE_UNIT_C,
	SOURCE_UNIT_F,
	SOURCE_UNIT_K,
	SOURCE_UNIT_V,
	SOURCE_UNIT_MV,
	SOURCE_UNIT_A,
	SOURCE_UNIT_MA,
	SOURCE_UNIT_W,
	SOURCE_UNIT_MW,
	SOURCE_UNIT_KW,
	SOURCE_UNIT_WH,
	SOURCE_UNIT_KWH,
	SOURCE_UNIT_AH,
	SOURCE_UNIT_MAH,
	SOURCE_UNIT_S,
	SOURCE_UNIT_MS,
	SOURCE_UNIT_PULSETIME, /* of Tasmota: tenths of a second up to 111, from 112 on s + 100 */
	SOURCE_UNIT_COUNT
};

/* "%", "frac", …; NULL for SOURCE_UNIT_OURS. */
const char *source_unit_name(enum source_unit unit);

/* Returns 0, or -ENOENT and leaves `out` alone. */
int source_unit_find(enum source_unit *out, const char *name) MUST_CHECK;

/* What `unit` measures; SOURCE_NO_DIMENSION for SOURCE_UNIT_OURS. */
enum source_dimension source_unit_dimension(enum source_unit unit);

/* `value` of `unit` in the field's own unit. */
double source_unit_convert(enum source_unit unit, double value);
