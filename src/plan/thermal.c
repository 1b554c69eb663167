/* Recursive least squares over eight numbers, and what they say. */
#include "plan/thermal.h"

#include <math.h>
#include <string.h>

#define AMBIENT 1 /* from here on five numbers of the day's profile */
#define WORK 6
#define QUARTERS 96
#define KEEP (1 - 1.0 / (14 * QUARTERS)) /* a span of two weeks ago counts 1/e */
#define SPREAD_FIRST 10.0                /* a wide guess around "it stays as it is" */
#define SPREAD_MOST 1000.0 /* of all together: what is not seen for long is not forgotten on */
#define SPANS_LEAST (2 * QUARTERS)
#define MIDDLE_C 20.0 /* numbers of about 1 keep the sums well conditioned */
#define UNIT_C 10.0
#define UNIT_PCT 10.0
#define LEAK_LEAST 0.005
#define LEAK_MOST 0.95

/* cos and sin of a quarter's turn of the day: plain products, the same everywhere. */
#define TURN_COS 0.99785892323860350673
#define TURN_SIN 0.06540312923014306682

void thermal_init(struct thermal *thermal)
{
	memset(thermal, 0, sizeof(*thermal));
	for (int i = 0; i < THERMAL_NUMBERS; i++)
		thermal->spread[i][i] = SPREAD_FIRST;
}

static void day_at(int quarter, double *cosine, double *sine)
{
	*cosine = 1;
	*sine = 0;
	for (int i = 0; i < quarter; i++) {
		double next = *cosine * TURN_COS - *sine * TURN_SIN;

		*sine = *cosine * TURN_SIN + *sine * TURN_COS;
		*cosine = next;
	}
}

static void numbers_of(double out[THERMAL_NUMBERS], int quarter, float temp_c,
		       struct thermal_work work)
{
	double cosine, sine;

	day_at(quarter, &cosine, &sine);
	out[0] = -((double)temp_c - MIDDLE_C) / UNIT_C;
	out[AMBIENT] = 1;
	out[AMBIENT + 1] = cosine;
	out[AMBIENT + 2] = sine;
	out[AMBIENT + 3] = cosine * cosine - sine * sine;
	out[AMBIENT + 4] = 2 * sine * cosine;
	out[WORK] = (double)work.moved_pct / UNIT_PCT;
	out[WORK + 1] = (double)work.hard / (UNIT_PCT * UNIT_PCT);
}

static double sum_of(const double *a, const double *b)
{
	double sum = 0;

	for (int i = 0; i < THERMAL_NUMBERS; i++)
		sum += a[i] * b[i];
	return sum;
}

void thermal_take(struct thermal *thermal, int quarter, float before_c, float after_c,
		  struct thermal_work work)
{
	double x[THERMAL_NUMBERS], gain[THERMAL_NUMBERS], share, off, all = 0, keep;

	numbers_of(x, quarter, before_c, work);
	for (int i = 0; i < THERMAL_NUMBERS; i++) {
		gain[i] = sum_of(thermal->spread[i], x);
		all += thermal->spread[i][i];
	}
	keep = all < SPREAD_MOST ? KEEP : 1;
	share = 1 / (keep + sum_of(gain, x));
	off = (double)(after_c - before_c) / UNIT_C - sum_of(thermal->fit, x);
	for (int i = 0; i < THERMAL_NUMBERS; i++)
		thermal->fit[i] += gain[i] * share * off;
	for (int i = 0; i < THERMAL_NUMBERS; i++) {
		for (int j = 0; j <= i; j++) {
			double spread = (thermal->spread[i][j] - gain[i] * gain[j] * share) / keep;

			thermal->spread[i][j] = thermal->spread[j][i] = spread;
		}
	}
	thermal->counted++;
}

bool thermal_is_known(const struct thermal *thermal)
{
	return thermal->counted >= SPANS_LEAST && thermal->fit[0] >= LEAK_LEAST &&
	       thermal->fit[0] <= LEAK_MOST;
}

float thermal_step(const struct thermal *thermal, int quarter, float temp_c,
		   struct thermal_work work)
{
	double x[THERMAL_NUMBERS];

	numbers_of(x, quarter, temp_c, work);
	return temp_c + (float)(UNIT_C * sum_of(thermal->fit, x));
}

float thermal_leak(const struct thermal *thermal)
{
	return (float)thermal->fit[0];
}

float thermal_ambient_c(const struct thermal *thermal, int quarter)
{
	double x[THERMAL_NUMBERS];

	numbers_of(x, quarter, (float)MIDDLE_C, (struct thermal_work){0});
	return (float)(MIDDLE_C + UNIT_C * sum_of(thermal->fit, x) / thermal->fit[0]);
}
