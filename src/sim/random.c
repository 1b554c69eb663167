/*
 * The house's only source of chance. Clouds, appliances and the noise of
 * sensors draw from here, each from a stream of its own, so that one more
 * battery does not change the weather.
 */
#include "sim/random.h"

#define NORMAL_TERMS 12

static uint64_t random_next(struct random *random)
{
	uint64_t mixed = random->state += 0x9e3779b97f4a7c15u;

	mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
	mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
	return mixed ^ (mixed >> 31);
}

struct random random_seeded(uint64_t seed)
{
	return (struct random){seed};
}

double random_fraction(struct random *random)
{
	return (double)(random_next(random) >> 11) * 0x1p-53;
}

double random_normal(struct random *random)
{
	double sum = 0;

	for (int i = 0; i < NORMAL_TERMS; i++)
		sum += random_fraction(random);
	return sum - NORMAL_TERMS / 2.0;
}
