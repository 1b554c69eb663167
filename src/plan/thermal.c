/* Eight numbers of a battery's warmth, and what they say. */
#include "plan/thermal.h"

#define NUMBERS 8
#define AMBIENT 1 /* from here on five numbers of the day's profile */
#define WORK 6
#define QUARTERS 96
#define KEEP (1 - 1.0 / (14 * QUARTERS)) /* a span of two weeks ago counts 1/e */
#define SPANS_LEAST (2 * QUARTERS)
#define MIDDLE_C 20.0 /* numbers of about 1 keep the sums well conditioned */
#define UNIT_C 10.0
#define UNIT_PCT 10.0
#define COLDEST_C (-40)
#define HOTTEST_C 80
#define LEAK_LEAST 0.005
#define LEAK_MOST 0.95

/* cos and sin of a quarter's turn of the day: plain products, the same everywhere. */
#define TURN_COS 0.99785892323860350673
#define TURN_SIN 0.06540312923014306682

void thermal_init(struct thermal *thermal)
{
	rls_init(&thermal->fit, NUMBERS, KEEP);
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

static void numbers_of(double out[NUMBERS], int quarter, float temp_c, struct thermal_work work)
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

void thermal_take(struct thermal *thermal, int quarter, float before_c, float after_c,
		  struct thermal_work work)
{
	double x[NUMBERS];

	numbers_of(x, quarter, before_c, work);
	rls_take(&thermal->fit, x, (double)(after_c - before_c) / UNIT_C);
}

bool thermal_is_known(const struct thermal *thermal)
{
	return thermal->fit.counted >= SPANS_LEAST && thermal->fit.fit[0] >= LEAK_LEAST &&
	       thermal->fit.fit[0] <= LEAK_MOST;
}

float thermal_step(const struct thermal *thermal, int quarter, float temp_c,
		   struct thermal_work work)
{
	double x[NUMBERS];

	numbers_of(x, quarter, temp_c, work);
	return temp_c + (float)(UNIT_C * rls_say(&thermal->fit, x));
}

bool thermal_can_be(float temp_c)
{
	return temp_c >= COLDEST_C && temp_c <= HOTTEST_C;
}

float thermal_leak(const struct thermal *thermal)
{
	return (float)thermal->fit.fit[0];
}

float thermal_ambient_c(const struct thermal *thermal, int quarter)
{
	double x[NUMBERS];

	numbers_of(x, quarter, (float)MIDDLE_C, (struct thermal_work){0});
	return (float)(MIDDLE_C + UNIT_C * rls_say(&thermal->fit, x) / thermal->fit.fit[0]);
}
