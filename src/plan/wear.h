/*
 * What cycling does to a battery, counted and modelled.
 *
 * Rainflow counting (ASTM E1049-85, 5.4.4) turns a course of energy into
 * cycles of different depth: what ageing models are given. It goes on with
 * time, in bounded memory: turning points that close no cycle yet are kept,
 * and those beyond the most that fit are counted as halves.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define WEAR_POINTS_MAX 64
#define WEAR_DEPTHS 20 /* of 5 % each */

struct wear_count {
	int count;
	float points[WEAR_POINTS_MAX]; /* turning points, as shares of the capacity */
	double cycles[WEAR_DEPTHS];    /* full cycles by depth */
	double ways[WEAR_DEPTHS];      /* the sum of them, each times its depth */
	double middles[WEAR_DEPTHS];   /* and each times the middle of its ends */
	double efc;                    /* the sum of all cycles, each times its depth */
	double hours, high_hours;      /* seen; of them above WEAR_HIGH */
	double mean;                   /* sum of share times hours */
};

#define WEAR_HIGH 0.8f /* of the capacity: standing above it ages */

/* The battery stands at `share` (0..1 of its capacity) for `hours`; an empty count is zero. */
void wear_take(struct wear_count *count, float share, float hours);

/* The same, with what has not closed yet counted as half cycles, as at a record's end. */
struct wear_count wear_close(const struct wear_count *count);
