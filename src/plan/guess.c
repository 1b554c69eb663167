/*
 * Forecasters that each fit a few lines. They look at the same time of the last
 * days, all of them or those that are like today, and at what is left by then
 * of how far today is from them.
 */
#include "plan/guess.h"

#include <math.h>
#include <string.h>

#include "plan/slot.h"
#include "plan/vector.h"

#define FORGET_DAYS 10.0f
#define OTHER_TYPE 0.5f  /* what a weekend counts on a working day, and the other way round */
#define ALIKE_WIDTH 0.4f /* of the kernel, in mean distances of the days from today */
#define ALIKE_LEAST_PCT 1.0f
#define CARRY_FIRST 25.0f /* %² or K²: as if that much had been seen of nothing left */

/* ---- days ---- */

static int64_t on_day(const struct guess_view *view, int64_t quarter, int day)
{
	(void)view;
	return quarter - (int64_t)day * DIARY_QUARTERS;
}

static bool is_measured(const struct diary *diary, int64_t quarter)
{
	return !isnan(diary_soc(diary, quarter)) && !isnan(diary_temp(diary, quarter));
}

static float weigh_age(int64_t newest, int day)
{
	int32_t today = diary_day(newest);
	bool is_same = plan_is_weekend(today) == plan_is_weekend(today - day);

	return plan_exp(-(float)day / FORGET_DAYS) * (is_same ? 1 : OTHER_TYPE);
}

/* What the state of charge did in the hour before; 0 where that is not known. */
static float slope(const struct diary *diary, int64_t quarter)
{
	float change = diary_soc(diary, quarter) - diary_soc(diary, quarter - GUESS_HOUR);

	return isnan(change) ? 0 : change;
}

static void weigh_days(struct guess_view *view, const struct diary *diary)
{
	float level[DIARY_DAYS + 1], trend[DIARY_DAYS + 1], levels = 0, trends = 0;
	int count = 0;

	for (int day = 1; day <= DIARY_DAYS; day++) {
		int64_t then = on_day(view, view->newest, day);

		view->age[day] = view->alike[day] = 0;
		if (!is_measured(diary, then))
			continue;
		view->age[day] = weigh_age(view->newest, day);
		level[day] = fabsf(diary_soc(diary, then) - view->soc_pct);
		trend[day] = fabsf(slope(diary, then) - slope(diary, view->newest));
		levels += level[day];
		trends += trend[day];
		count++;
	}
	for (int day = 1; day <= DIARY_DAYS && count > 0; day++) {
		float wide = fmaxf(ALIKE_WIDTH * levels / (float)count, ALIKE_LEAST_PCT);
		float steep = fmaxf(ALIKE_WIDTH * trends / (float)count, ALIKE_LEAST_PCT);

		if (view->age[day] > 0)
			view->alike[day] =
			    view->age[day] * plan_exp(-level[day] / wide - trend[day] / steep);
	}
}

static void find_bounds(struct guess_view *view, const struct diary *diary)
{
	view->low_pct = view->high_pct = view->soc_pct;
	for (int i = 0; i < DIARY_DAYS * DIARY_QUARTERS; i++) {
		float soc_pct = diary_soc(diary, view->newest - i);

		if (!isnan(soc_pct)) {
			view->low_pct = fminf(view->low_pct, soc_pct);
			view->high_pct = fmaxf(view->high_pct, soc_pct);
		}
	}
}

/* A mean over days of what was at `ahead`, and of what was at this time. */
struct two_means {
	float then, now;
};

static struct two_means mean_of(const struct guess_view *view, const struct diary *diary,
				const float *weight, int ahead,
				float (*value)(const struct diary *, int64_t))
{
	float then = 0, now = 0, sum = 0;
	int first = (ahead + DIARY_QUARTERS - 1) / DIARY_QUARTERS;

	for (int day = first; day <= DIARY_DAYS; day++) {
		float later = value(diary, on_day(view, view->newest + ahead, day));

		if (weight[day] <= 0 || isnan(later))
			continue;
		then += weight[day] * later;
		now += weight[day] * value(diary, on_day(view, view->newest, day));
		sum += weight[day];
	}
	return sum > 0 ? (struct two_means){then / sum, now / sum} : (struct two_means){NAN, NAN};
}

/* ---- warmth ---- */

bool guess_work(const struct diary *diary, int64_t quarter, struct thermal_work *work)
{
	*work = (struct thermal_work){0};
	for (int i = 1; i <= GUESS_HOUR; i++) {
		float move = diary_soc(diary, quarter + i) - diary_soc(diary, quarter + i - 1);

		if (isnan(move))
			return false;
		work->moved_pct += fabsf(move);
		work->hard += move * move;
	}
	return true;
}

/* What other days did in the hour after `ahead`, weighed by how alike they are. */
static struct thermal_work expected_work(const struct guess_view *view, const struct diary *diary,
					 int ahead)
{
	struct thermal_work sum = {0}, work;
	float weights = 0;
	int last = ahead + GUESS_HOUR;

	for (int day = (last + DIARY_QUARTERS - 1) / DIARY_QUARTERS; day <= DIARY_DAYS; day++) {
		float weight = view->alike[day];

		if (weight <= 0 ||
		    !guess_work(diary, on_day(view, view->newest + ahead, day), &work))
			continue;
		sum.moved_pct += weight * work.moved_pct;
		sum.hard += weight * work.hard;
		weights += weight;
	}
	if (weights <= 0)
		return (struct thermal_work){0};
	return (struct thermal_work){sum.moved_pct / weights, sum.hard / weights};
}

static void warm(struct guess_view *view, const struct foresight *foresight)
{
	view->is_warm = thermal_is_known(&foresight->thermal);
	view->warm_c[0] = view->temp_c;
	for (int hour = 0; hour < FORESIGHT_HOURS && view->is_warm; hour++) {
		int ahead = hour * GUESS_HOUR;

		view->warm_c[hour + 1] =
		    thermal_step(&foresight->thermal, diary_place(view->newest + ahead + 1),
				 view->warm_c[hour], expected_work(view, &foresight->diary, ahead));
		view->is_warm = thermal_can_be(view->warm_c[hour + 1]);
	}
}

static float warmth_at(const struct guess_view *view, int ahead)
{
	int hour = ahead / GUESS_HOUR, rest = ahead % GUESS_HOUR;
	float from = view->warm_c[hour];

	if (!view->is_warm)
		return NAN;
	if (rest == 0)
		return from;
	return from + (view->warm_c[hour + 1] - from) * (float)rest / GUESS_HOUR;
}

/* ---- all of them ---- */

void guess_look(struct guess_view *view, const struct foresight *foresight)
{
	const struct diary *diary = &foresight->diary;

	memset(view, 0, sizeof(*view));
	view->newest = diary->newest;
	view->soc_pct = diary_soc(diary, view->newest);
	view->temp_c = diary_temp(diary, view->newest);
	if (isnan(view->soc_pct) || isnan(view->temp_c))
		return;
	weigh_days(view, diary);
	find_bounds(view, diary);
	warm(view, foresight);
}

/* The mean, and what is left by then of how far now is from it. */
static float carried(struct foresight_guess *guess, enum foresight_carried which,
		     const struct foresight_carry *carry, struct two_means mean, float now)
{
	guess->mean[which] = mean.then;
	guess->off[which] = now - mean.now;
	return mean.then + guess->off[which] * carry->both / (carry->square + CARRY_FIRST);
}

void guess_at(const struct guess_view *view, const struct foresight *foresight,
	      const struct foresight_carry carry[CARRIES], int ahead, struct foresight_guess *guess)
{
	const struct diary *diary = &foresight->diary;
	int days = (ahead + DIARY_QUARTERS - 1) / DIARY_QUARTERS;
	int64_t before = on_day(view, view->newest + ahead, days);
	struct two_means all = mean_of(view, diary, view->age, ahead, diary_soc);
	struct two_means alike = mean_of(view, diary, view->alike, ahead, diary_soc);
	struct two_means warm = mean_of(view, diary, view->age, ahead, diary_temp);
	struct two_means warm_alike = mean_of(view, diary, view->alike, ahead, diary_temp);
	float changed = view->soc_pct + all.then - all.now;

	guess->soc[SOC_STAYS] = view->soc_pct;
	guess->soc[SOC_YESTERDAY] = diary_soc(diary, before);
	guess->soc[SOC_PROFILE] = carried(guess, CARRY_SOC, &carry[CARRY_SOC], all, view->soc_pct);
	guess->soc[SOC_CHANGES] =
	    isnan(changed) ? NAN : fminf(fmaxf(changed, view->low_pct), view->high_pct);
	guess->soc[SOC_ALIKE] =
	    carried(guess, CARRY_SOC_ALIKE, &carry[CARRY_SOC_ALIKE], alike, view->soc_pct);
	guess->temp[TEMP_STAYS] = view->temp_c;
	guess->temp[TEMP_YESTERDAY] = diary_temp(diary, before);
	guess->temp[TEMP_PROFILE] =
	    carried(guess, CARRY_TEMP, &carry[CARRY_TEMP], warm, view->temp_c);
	guess->temp[TEMP_ALIKE] =
	    carried(guess, CARRY_TEMP_ALIKE, &carry[CARRY_TEMP_ALIKE], warm_alike, view->temp_c);
	guess->temp[TEMP_THERMAL] = warmth_at(view, ahead);
}
