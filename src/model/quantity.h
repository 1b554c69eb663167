/*
 * Quantities, their units and their signs: the one place that defines them.
 *
 * The unit is the last part of a name: `soc_bp` (basis points, 0..10000 is
 * 0..100 %), `temp_mc` (milli-degrees Celsius), `power_w`, `energy_wh`,
 * `lease_ms`. Battery power and current are positive while charging, the
 * grid's power is positive while importing, PV and load are never negative.
 * docs/quantities.md is the same for people.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define SOC_BP_MAX 10000
#define TEMP_MC_MIN (-60000)
#define TEMP_MC_MAX 150000

/* How far a value may be trusted. */
enum quality {
	QUALITY_MISSING,  /* nothing has arrived, or it is too old */
	QUALITY_ASSUMED,  /* stands in for something that is missing, and says so */
	QUALITY_FROZEN,   /* stands still although it should move */
	QUALITY_SUSPECT,  /* the battery could not have done that */
	QUALITY_GOOD,
};

/* "missing", "assumed", … */
const char *quality_name(enum quality quality);

/* Suspect or frozen: it came, and what it says may not be so. */
bool quality_is_doubted(enum quality quality);

/* What a battery is to do. */
enum intent {
	INTENT_SAFE, /* both paths open */
	INTENT_CHARGE,
	INTENT_DISCHARGE,
	INTENT_BOTH, /* where paths are independent; the gate is asked for each path */
	INTENT_COUNT
};

/* "idle", "charge", "discharge", "both" */
const char *intent_name(enum intent intent);
