/* The ends of forecasts, one step after each value. */
#include "plan/band.h"

#include <math.h>

#define OUTSIDE 0.1f /* of the values, at each end */
#define STEP 0.2f    /* of a forecast that is of the next value */
#define LEAST 0.05f
#define MOST 20.0f
#define NARROW 0.05f /* no end is believed to be nearer than this share of the other */

void band_init(struct band *band, int values)
{
	*band = (struct band){STEP / (float)values, 1, 1};
}

static void move(float *factor, float step, float distance, float believed)
{
	float is_beyond = distance > *factor * believed ? 1 : 0;
	float moved = *factor + step * *factor * (is_beyond - OUTSIDE);

	*factor = fminf(fmaxf(moved, LEAST), MOST);
}

void band_take(struct band *band, float middle, float below, float above, float value)
{
	if (below <= 0 && above <= 0)
		return;
	move(&band->low, band->step, middle - value, fmaxf(below, NARROW * above));
	move(&band->high, band->step, value - middle, fmaxf(above, NARROW * below));
}
