/*
 * What a battery can do and what it cannot: pure arithmetic on its size and
 * power. Says whether a reading is believable; what follows is intake.h's.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/house.h"
#include "model/reading.h"

/* 1.5 times what `power_w` moves in `capacity_wh` in `elapsed_ms` (>= 0), in basis points. */
int32_t plausible_soc_reach_bp(int32_t capacity_wh, int32_t power_w, int64_t elapsed_ms);

/* How far the SoC may move in that time: the same, and 1 % for the sensor's resolution. */
int32_t plausible_soc_step_bp(int32_t capacity_wh, int32_t power_w, int64_t elapsed_ms);

/*
 * How far the temperature may move in `elapsed_ms`, in mK: 5 K for draughts
 * and resolution, and what all of `power_w` would heat the cells by. Assumes
 * about 100 Wh/kg and 1 kJ/(kg K), so 10 J/(K Wh): cells of 90..160 Wh/kg and
 * 0.9..1.1 kJ/(kg K) (Maleki et al., J. Electrochem. Soc. 146 (1999) 947) need
 * no more than the 5 K to spare.
 */
int32_t plausible_temp_step_mc(int32_t capacity_wh, int32_t power_w, int64_t elapsed_ms);

/* The time in which `power_w` moves `soc_bp` of `capacity_wh`, in ms. Both > 0. */
int64_t plausible_time_ms(int32_t capacity_wh, int32_t power_w, int32_t soc_bp);

/* Two numbers that contradict each other: mW, or mV. */
struct contradiction {
	bool is_found;
	int64_t value, expected;
};

/* V x A against W: more than 20 % and 50 W apart. */
struct contradiction plausible_power(const struct reading *reading);

/* The cells' sum against V: more than 5 % apart. */
struct contradiction plausible_cells(const struct reading *reading);
