/* Where a battery will be, as it is told: made by plan/foresight from its log alone. */
#pragma once

#include <stdint.h>

#include "base/time.h"

#define FORECAST_STEPS_MAX 192 /* two days of quarters of an hour */

enum forecast_quantile { FORECAST_P10, FORECAST_P50, FORECAST_P90, FORECAST_QUANTILES };

struct forecast_step {
	double soc_pct[FORECAST_QUANTILES], temp_c[FORECAST_QUANTILES]; /* at its end */
};

struct forecast {
	struct wall_time from; /* where the first step begins */
	int32_t step_s, count; /* 0: the last quarter of an hour was not measured */
	double days;           /* of measuring that it rests on */
	struct forecast_step steps[FORECAST_STEPS_MAX];
};
