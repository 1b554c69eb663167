/* What each simple forecaster of a battery's log says (foresight.h). */
#pragma once

#include "plan/foresight.h"

#define GUESS_HOUR 4 /* quarters */

/* What is worked out once for all quarters ahead. */
struct guess_view {
	int64_t newest;
	float soc_pct, temp_c;             /* now */
	float low_pct, high_pct;           /* of the days that are looked back on */
	float age[DIARY_DAYS + 1];         /* weight of the day that many days ago */
	float alike[DIARY_DAYS + 1];       /* likewise, by how alike it was at this time */
	float warm_c[FORESIGHT_HOURS + 1]; /* by the thermal model, after whole hours */
	bool is_warm;                      /* the model is known */
};

/* How hard the battery worked in the hour after `quarter` ended. False: not all was measured. */
bool guess_work(const struct diary *diary, int64_t quarter, struct thermal_work *work);

void guess_look(struct guess_view *view, const struct foresight *foresight);

/* Of the quarter that ends `ahead` quarters after the newest; NaN where one cannot say. */
void guess_at(const struct guess_view *view, const struct foresight *foresight,
	      const struct foresight_carry carry[CARRIES], int ahead,
	      struct foresight_guess *guess);
