/*
 * Where a battery's state of charge and temperature will be, from its own log alone.
 *
 * It needs no meter and no price: what it learns from is what any sensor says, SoC and
 * temperature. Several simple forecasters look at the last four weeks and compete at each lead
 * (contest.h); temperature is also carried on by a thermal model (thermal.h). Quantiles hold what
 * they say (band.h). Each battery has one; the same readings give the same bits on every machine.
 */
#pragma once

#include "plan/contest.h"
#include "plan/diary.h"
#include "plan/thermal.h"

#define FORESIGHT_HOURS 48
#define FORESIGHT_STEPS (FORESIGHT_HOURS * DIARY_QUARTERS / 24)
#define FORESIGHT_LEADS 7      /* at which forecasters are compared: 1, 2, 3, 6, 12, 24, 48 h */
#define FORESIGHT_PROMISES 384 /* quarters of all leads together */

enum foresight_soc {
	SOC_STAYS,
	SOC_YESTERDAY, /* as at that time of the day before */
	SOC_PROFILE,   /* mean of days, and what is left by then of how far today is from it */
	SOC_CHANGES,   /* as much more as on other days from now on */
	SOC_ALIKE,     /* as PROFILE, of the days that were as full now and moved alike */
	SOC_WAYS
};

enum foresight_temp {
	TEMP_STAYS,
	TEMP_YESTERDAY,
	TEMP_PROFILE,
	TEMP_ALIKE,
	TEMP_THERMAL,
	TEMP_WAYS
};

/* How much of a distance from a mean is left after a lead: a regression through 0. */
struct foresight_carry {
	float both, square;
};

enum foresight_carried { CARRY_SOC, CARRY_SOC_ALIKE, CARRY_TEMP, CARRY_TEMP_ALIKE, CARRIES };

struct foresight_lead {
	struct contest soc, temp;
	struct foresight_carry carry[CARRIES];
};

/* What the forecasters say of one quarter ahead. */
struct foresight_guess {
	float soc[SOC_WAYS], temp[TEMP_WAYS];
	/* What is carried: the mean at that quarter, and how far from it now is. */
	float mean[CARRIES], off[CARRIES];
};

/* A guess that is to be scored once `quarter` is over. */
struct foresight_promise {
	bool is_made;
	int64_t quarter;
	struct foresight_guess guess;
	float soc, soc_width, temp, temp_width;
};

struct foresight {
	struct diary diary;
	struct thermal thermal;
	struct foresight_lead leads[FORESIGHT_LEADS];
	struct foresight_promise promises[FORESIGHT_PROMISES];
	int32_t measured; /* quarters */
};

/* State of charge in % and temperature in °C at the end of a quarter. */
struct foresight_step {
	float soc_pct[CONTEST_QUANTILES], temp_c[CONTEST_QUANTILES];
};

struct foresight_view {
	int64_t from_s; /* local, where the first step begins */
	int count;      /* steps of DIARY_SECONDS; 0: the last quarter was not measured */
	float days;     /* of measuring that it rests on */
	struct foresight_step steps[FORESIGHT_STEPS];
};

/* Begins without a log. Some 0.1 MB. */
void foresight_init(struct foresight *foresight);

/*
 * A reading, in the order of time; `local_s` are seconds since 1970 as the home's clock shows
 * them (UTC and the zone's offset added up). NaN where one of the two was not measured. The last
 * one of a quarter counts. Where the clock goes back, as in autumn, readings are left out until
 * it is as late again; where it goes back by more than two hours all begins anew.
 */
void foresight_take(struct foresight *foresight, int64_t local_s, float soc_pct, float temp_c);

/* What is expected after the last quarter that is over. Reads `foresight` only. */
void foresight_look(const struct foresight *foresight, struct foresight_view *view);

/*
 * The temperature along a course of the state of charge that somebody else plans: writes °C at
 * the end of each of `count` quarters, `soc_pct` at their ends. Returns false, and what it wrote is
 * of no use, while the thermal model is not known, the last quarter was not measured, or the
 * course leads to a temperature that no battery has.
 */
bool foresight_warm(const struct foresight *foresight, const float *soc_pct, int count,
		    float *temp_c);
