/*
 * Chance that can be had again: the same seed gives the same numbers on every
 * machine. Not for secrets.
 */
#pragma once

#include <stdint.h>

/* SplitMix64 (Steele, Lea, Flood 2014). Any seed is good, also 0. */
struct random {
	uint64_t state;
};

struct random random_seeded(uint64_t seed);

/* Evenly spread in [0, 1). */
double random_fraction(struct random *random);

/*
 * Bell-shaped with mean 0 and standard deviation 1, made of twelve even ones,
 * hence never beyond ±6.
 */
double random_normal(struct random *random);
