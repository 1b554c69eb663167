/*
 * Meters held against each other: what comes from the grid is what the load takes, less
 * the sun's, plus what charges the battery. Where that is never so, but would be if one meter's
 * sign were turned or its watts were kilowatts, that meter is named. It is a word to
 * people and a mark on values: nothing is corrected, and nothing acts on it.
 */
#pragma once

#include <stdbool.h>

#include "base/text.h"
#include "base/time.h"
#include "model/meter.h"

/* For so long it must be so. */
#define METER_CHECK_MS (10 * MS_PER_MINUTE)

enum meter_fault {
	METER_FAULT_NONE,
	METER_GRID_IS_TURNED,
	METER_GRID_IS_KW,
	METER_PV_IS_KW,
	METER_LOAD_IS_KW,
	METER_FAULT_COUNT
};

/* Sums over the time that is looked at; all 0 is none yet. */
struct meter_check {
	int64_t looked_ms;
	double error_w_ms[METER_FAULT_COUNT]; /* of the balance, if that fault is mended */
	double size_w_ms;                     /* of the greatest power in it */
	double power_w_ms[METER_COUNT], balance_w_ms;
	enum meter_fault fault;  /* the verdict, until the next */
	bool is_judged, is_off;  /* there is one; it does not balance, and none of the faults is why */
	double says_w, should_w; /* of the meter at fault, on the mean */
};

/*
 * All of these held for `took_ms`; a battery's power is known, or there is none. Returns whether
 * there is a new verdict. Pure.
 */
bool meter_check_add(struct meter_check *check, const double power_w[METER_COUNT], double battery_w,
		     int64_t took_ms);

/* Which meter it is; METER_COUNT: none. */
enum meter_kind meter_fault_kind(enum meter_fault fault);

/* "grid: its sign is turned: it says -800 W, the others come to 800 W". Nothing for none. */
void meter_check_format(const struct meter_check *check, struct text *out);
