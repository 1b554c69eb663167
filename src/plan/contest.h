/*
 * Simple forecasters beside each other, for one quantity at one lead. What each was off by in the
 * last days is its weight, and what their mean was off by, at that time of the day, is how wide
 * the outcome is believed to be; a band (band.h) puts that right.
 */
#pragma once

#include "plan/band.h"

#define CONTEST_MOST 5
#define CONTEST_BLOCKS 8 /* of the day, three hours each */

enum contest_quantile { CONTEST_P10, CONTEST_P50, CONTEST_P90, CONTEST_QUANTILES };

/* A mean that forgets: what there is in `weight` of it. */
struct contest_mean {
	float sum, weight;
};

struct contest {
	int count;    /* of forecasters, up to CONTEST_MOST */
	int resort;   /* one that counts only where no other can say; -1: none */
	float forget; /* what is kept of a mean after each value */
	float unit;   /* an error that is hardly one */
	struct contest_mean error[CONTEST_MOST];
	struct contest_mean spread, spread_of[CONTEST_BLOCKS];
	struct band band;
};

/*
 * `first` is what to expect of an error before there was any, `ahead` how many values the lead is,
 * `values_a_day` how many come in a day.
 */
void contest_init(struct contest *contest, int count, int ahead, int values_a_day, float first,
		  float unit);

/* The mean of `guess`, of which those that are NaN cannot say; NaN where none can. */
float contest_mix(const struct contest *contest, const float *guess);

/* How far from the mean a tenth of the outcomes is believed to lie, before the band. */
float contest_width(const struct contest *contest, int block);

/* The quantiles around `middle` where that is believed. */
void contest_quantiles(const struct contest *contest, float middle, float width,
		       float out[CONTEST_QUANTILES]);

/* What came of it: `guess`, `middle` and `width` are what had been said for `block`. */
void contest_take(struct contest *contest, const float *guess, float middle, float width, int block,
		  float value);

/* What forecaster `index` was off by in the last days. */
float contest_error(const struct contest *contest, int index);
