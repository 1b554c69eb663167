/*
 * The simulated battery of a lone sensor: slow waves, the same for the same seed.
 * A battery that answers to its relays is the virtual house's (sim/).
 */
#include "node/sensor_driver.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define CYCLE_MS (6.0 * MS_PER_HOUR)
#define SOC_MEAN_PCT 55.0
#define SOC_SWING_PCT 30.0
#define TEMP_MEAN_C 21.0
#define TEMP_SWING_C 4.0
#define VOLTAGE_EMPTY_V 48.0
#define VOLTAGE_RANGE_V 6.0
#define NOISE_TEMP_C 0.1

struct waves {
	uint64_t state; /* of the noise */
	double phase;   /* radians */
};

static int measure(void *user, struct wall_time at, struct reading_received *out);
static double next_fraction(struct waves *waves);
static double rounded(double value, double steps);

int sensor_driver_simulated(struct sensor_driver *out, uint64_t seed)
{
	struct waves *waves = calloc(1, sizeof(*waves));

	if (!waves)
		return -ENOMEM;
	waves->state = seed;
	waves->phase = 2 * M_PI * next_fraction(waves);
	*out = (struct sensor_driver){
	    .user = waves, .is_simulated = true, .measure = measure, .close = free};
	return 0;
}

static int measure(void *user, struct wall_time at, struct reading_received *out)
{
	struct waves *waves = user;
	double turn = 2 * M_PI * fmod((double)at.ms, CYCLE_MS) / CYCLE_MS + waves->phase;
	double soc_pct = SOC_MEAN_PCT + SOC_SWING_PCT * sin(turn);
	double noise_c = NOISE_TEMP_C * (2 * next_fraction(waves) - 1);
	double temp_c = TEMP_MEAN_C + TEMP_SWING_C * sin(turn / 2) + noise_c;

	*out = (struct reading_received){
	    .soc_pct = rounded(soc_pct, 100),
	    .temp_c = rounded(temp_c, 10),
	    .temp_max_c = NAN,
	    .voltage_v = rounded(VOLTAGE_EMPTY_V + VOLTAGE_RANGE_V * soc_pct / 100, 100),
	    .current_a = NAN,
	    .power_w = NAN,
	    .soh_pct = NAN,
	    .interval_s = NAN,
	};
	return 0;
}

/* 0..1, by SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
 */
static double next_fraction(struct waves *waves)
{
	uint64_t z = waves->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (double)((z ^ z >> 31) >> 11) / 9007199254740992.0;
}

static double rounded(double value, double steps)
{
	return round(value * steps) / steps;
}
