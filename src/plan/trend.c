/*
 * Ridge regression in its plainest form: standardised inputs, a Cholesky
 * factor of a matrix of at most six rows.
 */
#include "plan/trend.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "plan/vector.h"

#define TREND_DAYS 90
#define FORGET_DAYS 45
#define DAYS_LEAST 8
#define RIDGE 30
#define INPUTS 6
#define CLIP 3     /* of a standardised input: beyond it nothing was learned */
#define SHARE 0.3f /* of the departure that is believed; the whole is worse than none */

struct sample {
	float input[INPUTS], output, weight;
};

struct regression {
	int inputs, count;
	struct sample samples[TREND_DAYS];
	int row_of_day[LATTICE_LOADS]; /* -1: not there */
	float mean[INPUTS], scale[INPUTS], slope[INPUTS];
};

/* What is known at `place` of `day`, before that slot, of load or PV. Returns whether enough is. */
static bool inputs_at(const struct plan_past *past, int32_t day, int32_t place, const float *trait,
		      bool is_sun, float *input)
{
	const struct plan_moment *yesterday = plan_past_at(past, day - 1, place);
	const struct plan_moment *week = plan_past_at(past, day - 7, place);
	float before =
	    yesterday ? (is_sun ? yesterday->pv_ahead_kwh : yesterday->load_ahead_kwh) : NAN;
	float long_ago = week ? week->load_ahead_kwh : NAN;

	if (isnan(before))
		return false;
	if (is_sun) {
		input[0] = trait[TRAIT_SUN];
		input[1] = trait[TRAIT_SUN_LAST];
		input[2] = before;
		input[3] = trait[TRAIT_SUN_LONG];
		return true;
	}
	input[0] = trait[TRAIT_LOAD];
	input[1] = trait[TRAIT_LOAD_LONG];
	input[2] = trait[TRAIT_LOAD_SHORT];
	input[3] = before;
	input[4] = isnan(long_ago) ? before : long_ago;
	input[5] = plan_is_weekend(place + 1 < past->slots_per_day ? day : day + 1);
	return true;
}

static void gather(struct regression *fit, const struct plan_past *past, struct plan_when now,
		   bool is_sun)
{
	fit->inputs = is_sun ? 4 : 6;
	fit->count = 0;
	for (int d = 1; d <= TREND_DAYS; d++) {
		const struct plan_moment *moment = plan_past_at(past, now.day - d, now.place);
		struct sample *sample = &fit->samples[fit->count];
		float output =
		    moment ? (is_sun ? moment->pv_ahead_kwh : moment->load_ahead_kwh) : NAN;

		if (d <= LATTICE_LOADS)
			fit->row_of_day[d - 1] = -1;
		if (isnan(output) ||
		    !inputs_at(past, now.day - d, now.place, moment->trait, is_sun, sample->input))
			continue;
		sample->output = output;
		sample->weight = plan_exp(-(float)d / FORGET_DAYS);
		if (d <= LATTICE_LOADS)
			fit->row_of_day[d - 1] = fit->count;
		fit->count++;
	}
}

static void standardise(struct regression *fit)
{
	float sum = 0;

	for (int q = 0; q < fit->count; q++)
		sum += fit->samples[q].weight;
	for (int f = 0; f < fit->inputs; f++) {
		float mean = 0, spread = 0;

		for (int q = 0; q < fit->count; q++)
			mean += fit->samples[q].weight * fit->samples[q].input[f];
		mean /= sum;
		for (int q = 0; q < fit->count; q++) {
			float d = fit->samples[q].input[f] - mean;

			spread += fit->samples[q].weight * d * d;
		}
		fit->mean[f] = mean;
		fit->scale[f] = 1 / (sqrtf(spread / sum) + 1e-3f);
		for (int q = 0; q < fit->count; q++)
			fit->samples[q].input[f] =
			    (fit->samples[q].input[f] - mean) * fit->scale[f];
	}
}

/* Solves the normal equations in place: a = l l', then forward and back. */
static void solve(int n, double a[INPUTS][INPUTS], double b[INPUTS])
{
	for (int i = 0; i < n; i++) {
		for (int j = 0; j <= i; j++) {
			double sum = a[i][j];

			for (int k = 0; k < j; k++)
				sum -= a[i][k] * a[j][k];
			a[i][j] = i == j ? sqrt(sum) : sum / a[j][j];
		}
	}
	for (int i = 0; i < n; i++) {
		for (int k = 0; k < i; k++)
			b[i] -= a[i][k] * b[k];
		b[i] /= a[i][i];
	}
	for (int i = n - 1; i >= 0; i--) {
		for (int k = i + 1; k < n; k++)
			b[i] -= a[k][i] * b[k];
		b[i] /= a[i][i];
	}
}

static void fit_slopes(struct regression *fit)
{
	double a[INPUTS][INPUTS] = {{0}}, b[INPUTS] = {0};
	float sum = 0, mean = 0;

	for (int q = 0; q < fit->count; q++) {
		sum += fit->samples[q].weight;
		mean += fit->samples[q].weight * fit->samples[q].output;
	}
	mean /= sum;
	for (int q = 0; q < fit->count; q++) {
		const struct sample *s = &fit->samples[q];

		for (int f = 0; f < fit->inputs; f++) {
			float weighed = s->weight * s->input[f];

			b[f] += weighed * (s->output - mean);
			for (int g = 0; g <= f; g++)
				a[f][g] += weighed * s->input[g];
		}
	}
	for (int f = 0; f < fit->inputs; f++)
		a[f][f] += RIDGE;
	solve(fit->inputs, a, b);
	for (int f = 0; f < fit->inputs; f++)
		fit->slope[f] = (float)b[f];
}

/* How far today's prediction lies from each day's own. */
static void depart(const struct regression *fit, const float *today, float *shift)
{
	float now = 0;

	for (int f = 0; f < fit->inputs; f++) {
		float z = (today[f] - fit->mean[f]) * fit->scale[f];

		now += fit->slope[f] * fminf(fmaxf(z, -CLIP), CLIP);
	}
	for (int j = 0; j < LATTICE_LOADS; j++) {
		float then = 0;

		if (fit->row_of_day[j] < 0)
			continue;
		for (int f = 0; f < fit->inputs; f++)
			then += fit->slope[f] * fit->samples[fit->row_of_day[j]].input[f];
		shift[j] = SHARE * (now - then);
	}
}

static void shift_of(const struct plan_past *past, struct plan_when now, bool is_sun, float *shift)
{
	struct regression fit;
	float today[INPUTS];

	memset(shift, 0, sizeof(*shift) * LATTICE_LOADS);
	gather(&fit, past, now, is_sun);
	if (fit.count < DAYS_LEAST ||
	    !inputs_at(past, now.day, now.place, past->trait, is_sun, today))
		return;
	standardise(&fit);
	fit_slopes(&fit);
	depart(&fit, today, shift);
}

void trend_shift(const struct plan_past *past, struct plan_when now, struct lattice_shift *shift)
{
	shift_of(past, now, false, shift->load);
	shift_of(past, now, true, shift->sun);
}
