/*
 * Sun and load. The sky is a clear-sky half-sine from six to six, dimmed by an
 * Ornstein-Uhlenbeck process that is smoothed once more, so that clouds come
 * and go without a step. Appliances arrive as a Poisson process, one at a time.
 */
#include "sim/surroundings.h"

#include <math.h>

#define PI 3.14159265358979323846
#define SUNRISE_S (6 * 3600.0)
#define SUNSET_S (18 * 3600.0)
#define WIND_TIME_S 900.0
#define CLOUD_TIME_S 180.0
#define OVERCAST 0.05
#define APPLIANCE_EVERY_S 1200.0

/* Two streams from one seed. */
#define WEATHER_STREAM 0x77656174686572u
#define HOUSEHOLD_STREAM 0x686f757365u

void surroundings_init(struct surroundings *surroundings, uint64_t seed)
{
	*surroundings = (struct surroundings){
	    .pv_peak_w = 6000,
	    .load_base_w = 400,
	    .ambient_c = 20,
	    .weather = random_seeded(seed ^ WEATHER_STREAM),
	    .household = random_seeded(seed ^ HOUSEHOLD_STREAM),
	};
}

static double clear_sky(double second_of_day)
{
	if (second_of_day <= SUNRISE_S || second_of_day >= SUNSET_S)
		return 0;
	return sin(PI * (second_of_day - SUNRISE_S) / (SUNSET_S - SUNRISE_S));
}

/* The part of the sun that comes through, 0..1; 0.9 in the middle. */
static double transmittance(double cloud)
{
	return 1 / (1 + exp(-2.2 - 2 * cloud));
}

static void clouds_step(struct surroundings *surroundings, double seconds)
{
	double keep = exp(-seconds / WIND_TIME_S);
	double kick = random_normal(&surroundings->weather);

	surroundings->wind = surroundings->wind * keep + sqrt(1 - keep * keep) * kick;
	surroundings->cloud +=
	    (surroundings->wind - surroundings->cloud) * (1 - exp(-seconds / CLOUD_TIME_S));
}

static void appliances_step(struct surroundings *surroundings, double seconds)
{
	double chance = random_fraction(&surroundings->household);
	double size = random_fraction(&surroundings->household);
	double length = random_fraction(&surroundings->household);

	if (surroundings->appliance_left_s > 0) {
		surroundings->appliance_left_s -= seconds;
	} else if (chance < seconds / APPLIANCE_EVERY_S) {
		surroundings->appliance_w = 800 + 2200 * size;
		surroundings->appliance_left_s = 120 + 780 * length;
	} else {
		surroundings->appliance_w = 0;
	}
}

/* Breakfast and the evening stand out of the base. */
static double habits(double second_of_day)
{
	double hour = second_of_day / 3600;

	return exp(-pow((hour - 7.5) / 1.2, 2)) + 2 * exp(-pow((hour - 19.5) / 2.0, 2));
}

void surroundings_step(struct surroundings *surroundings, double second_of_day, double seconds)
{
	clouds_step(surroundings, seconds);
	appliances_step(surroundings, seconds);
	surroundings->pv_w = surroundings->pv_peak_w * clear_sky(second_of_day) *
			     transmittance(surroundings->cloud) *
			     (surroundings->is_overcast ? OVERCAST : 1);
	surroundings->load_w =
	    surroundings->load_base_w * (1 + habits(second_of_day)) + surroundings->appliance_w;
}
