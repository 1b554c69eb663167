/*
 * What surrounds the batteries: the sun with its clouds, and the house's load.
 * A smooth random process each, repeatable from the seed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "sim/random.h"

struct surroundings {
	double pv_peak_w;   /* at noon without a cloud */
	double load_base_w; /* what always runs */
	double ambient_c;
	/* weather */
	struct random weather;
	double wind;      /* fast part of the clouds' process, mean 0, deviation 1 */
	double cloud;     /* the same, smoothed */
	bool is_overcast; /* the fault: 5 % of the sun */
	/* appliances */
	struct random household;
	double appliance_w; /* of the one that runs, 0 = none */
	double appliance_left_s;
	/* now */
	double pv_w, load_w;
};

void surroundings_init(struct surroundings *surroundings, uint64_t seed);

/*
 * Lets `seconds` pass and sets pv_w and load_w for the time of day
 * `second_of_day`, 0..86399, local.
 */
void surroundings_step(struct surroundings *surroundings, double second_of_day, double seconds);
