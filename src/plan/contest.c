/* Weights by what each was off by. */
#include "plan/contest.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "plan/vector.h"

#define FORGET_DAYS 14.0f
#define SHARPNESS 0.05f        /* an error by that share above the least counts 1/e */
#define FIRST_WEIGHT 3.0f      /* leads that the first guess counts as */
#define BLOCK_WEIGHT 12.0f     /* values that the whole day counts as within a block */
#define TENTH_OF_ABSOLUTE 1.6f /* where a tenth lies beyond, in mean absolute errors (normal) */

void contest_init(struct contest *contest, int count, int ahead, int values_a_day, float first,
		  float unit)
{
	float weight = FIRST_WEIGHT * (float)ahead;

	memset(contest, 0, sizeof(*contest));
	contest->count = count;
	contest->resort = -1;
	contest->forget = 1 - 1 / (FORGET_DAYS * (float)values_a_day);
	contest->unit = unit;
	for (int i = 0; i < count; i++)
		contest->error[i] = (struct contest_mean){first * weight, weight};
	contest->spread = (struct contest_mean){first * weight, weight};
	band_init(&contest->band, ahead);
}

static void follow(struct contest_mean *mean, float value, float keep)
{
	mean->sum = mean->sum * keep + value;
	mean->weight = mean->weight * keep + 1;
}

float contest_error(const struct contest *contest, int index)
{
	return contest->error[index].sum / contest->error[index].weight;
}

static bool may_say(const struct contest *contest, const float *guess, int index)
{
	return index != contest->resort && !isnan(guess[index]);
}

float contest_mix(const struct contest *contest, const float *guess)
{
	float least = INFINITY, sum = 0, weights = 0;

	for (int i = 0; i < contest->count; i++) {
		if (may_say(contest, guess, i))
			least = fminf(least, contest_error(contest, i));
	}
	for (int i = 0; i < contest->count; i++) {
		float weight;

		if (!may_say(contest, guess, i))
			continue;
		weight = plan_exp((least - contest_error(contest, i)) /
				  (SHARPNESS * least + contest->unit));
		sum += weight * guess[i];
		weights += weight;
	}
	if (weights > 0)
		return sum / weights;
	return contest->resort >= 0 ? guess[contest->resort] : NAN;
}

float contest_width(const struct contest *contest, int block)
{
	const struct contest_mean *own = &contest->spread_of[block];
	float all = contest->spread.sum / contest->spread.weight;

	return TENTH_OF_ABSOLUTE * (own->sum + BLOCK_WEIGHT * all) / (own->weight + BLOCK_WEIGHT);
}

void contest_quantiles(const struct contest *contest, float middle, float width,
		       float out[CONTEST_QUANTILES])
{
	out[CONTEST_P10] = middle - contest->band.low * width;
	out[CONTEST_P50] = middle;
	out[CONTEST_P90] = middle + contest->band.high * width;
}

void contest_take(struct contest *contest, const float *guess, float middle, float width, int block,
		  float value)
{
	for (int i = 0; i < contest->count; i++)
		if (!isnan(guess[i]))
			follow(&contest->error[i], fabsf(value - guess[i]), contest->forget);
	band_take(&contest->band, middle, width, width, value);
	follow(&contest->spread, fabsf(value - middle), contest->forget);
	follow(&contest->spread_of[block], fabsf(value - middle), contest->forget);
}
