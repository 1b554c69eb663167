/*
 * Where a battery has lived: hours at each state of charge and temperature, and how much it
 * was cycled, as far as the state of charge alone tells. Made of its rollups of a quarter of an
 * hour, one after the other. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/rollup.h"

#define LIFE_SOC_STEP_PCT 5
#define LIFE_TEMP_STEP_C 2
#define LIFE_TEMP_MIN_C (-60) /* the coldest and hottest that a reading may say */
#define LIFE_TEMP_MAX_C 150
#define LIFE_SOC_BINS (100 / LIFE_SOC_STEP_PCT)
#define LIFE_TEMP_BINS ((LIFE_TEMP_MAX_C - LIFE_TEMP_MIN_C) / LIFE_TEMP_STEP_C)

/* What a state of charge moves by noise, in %. */
#define LIFE_NOISE_PCT 0.3

/* All zero is the beginning. */
struct life {
	int64_t ms[LIFE_SOC_BINS][LIFE_TEMP_BINS]; /* the hottest bin has what is hotter, too */
	int64_t measured_ms;
	bool has_last;
	double last_soc_pct;      /* at the end of the newest span */
	double moved_pct;         /* between the ends of spans, beyond noise */
	double low_pct, high_pct; /* at the least and most: noise taken off; with what went to and
				     fro within a span */
};

/* Adds a span, later than those before. One without SoC or temperature is no measured time. */
void life_add(struct life *life, struct rollup_span span, const struct rollup_readings *readings);

/*
 * Equivalent full cycles: 100 % out and 100 % in are one. `low` and `high` are what surely was
 * and what may have been; swings that fit between two readings are in neither.
 */
struct life_cycles {
	double efc, low, high;
};

struct life_cycles life_cycles(const struct life *life);
