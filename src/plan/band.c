/* The ends of forecasts, one step after each value. */
#include "plan/band.h"

#include <math.h>
#include <stdbool.h>

#include "plan/vector.h"

#define OUTSIDE 0.1f /* of the values, at each end */
#define STEP 0.2f    /* of a forecast that is of the next value */
#define LEAST 0.05f
#define MOST 20.0f
#define NARROW 0.05f /* no end is believed to be nearer than this share of the other */

void band_init(struct band *band, int values)
{
	*band = (struct band){STEP / (float)values, 1, 1};
}

/* By factors, so that one step out is undone by nine in, however large they are. */
static void move(float *factor, float step, float distance, float believed)
{
	bool is_beyond = distance > *factor * believed;
	float moved = is_beyond ? *factor / plan_exp(-step * (1 - OUTSIDE))
				: *factor * plan_exp(-step * OUTSIDE);

	*factor = fminf(fmaxf(moved, LEAST), MOST);
}

static float not_narrow(float believed, float other)
{
	return fmaxf(believed, NARROW * other);
}

void band_take(struct band *band, float middle, float below, float above, float value)
{
	if (below <= 0 && above <= 0)
		return;
	move(&band->low, band->step, middle - value, not_narrow(below, above));
	move(&band->high, band->step, value - middle, not_narrow(above, below));
}

void band_stretch(const struct band *band, float middle, float *low, float *high)
{
	float below = middle - *low, above = *high - middle;

	*low = middle - band->low * not_narrow(below, above);
	*high = middle + band->high * not_narrow(above, below);
}
